"""Words: what is typed after an option."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ravine as rv
from ravine.cli import words

_names = st.text("abcαβ温_", min_size=1, max_size=5)
_finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.dictionaries(_names, _finite, min_size=1))
def test_a_start_is_read_back_to_the_last_digit(start):
    assert words.start(", ".join(f"{name} = {value!r}" for name, value in start.items())) == start


@given(st.dictionaries(_names, st.tuples(st.none() | _finite, st.none() | _finite), min_size=1))
def test_ranges_are_read_back_and_an_empty_side_is_open(ranges):
    def side(value):
        return "" if value is None else repr(value)

    text = ",".join(f"{name}={side(low)}:{side(high)}" for name, (low, high) in ranges.items())
    assert words.ranges("--bounds", text) == ranges


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    for read in (
        words.start,
        words.grid,
        lambda each: words.ranges("--box", each),
        lambda each: words.numbers("--learning-rate", each),
        lambda each: words.random_starts(each, None, 0),
    ):
        try:
            read(text)
        except rv.ProblemError as error:
            assert str(error).endswith(".")


def test_a_grid():
    assert words.grid("a=-2:7:10, b=0:1:2") == {"a": (-2.0, 7.0, 10), "b": (0.0, 1.0, 2)}


def test_random_starts():
    assert words.random_starts("normal:5", None, 3) == rv.Normal(5, seed=3)
    assert words.random_starts("normal:5:0.5", None, 3) == rv.Normal(5, scale=0.5, seed=3)
    assert words.random_starts("uniform:5", "a=0:1", 3) == rv.Uniform(5, {"a": (0, 1)}, 3)


@pytest.mark.parametrize("text", ["", "a", "a=", "=1", "a=1,", "a=1;b=2", "a: 1", "a=1,a=2", "a=one", "a=0x10"])
def test_what_is_no_start_is_refused(text, refuses):
    with refuses(rv.ProblemError, "--start: expected"):
        words.start(text)


@pytest.mark.parametrize("text", ["a=0:1", "a=0:1:-2", "a=0:1:²", "a=0:1:2.5", "a=low:1:2", "a=0:1:2:3"])
def test_what_is_no_grid_is_refused(text, refuses):
    with refuses(rv.ProblemError, "--grid: expected"):
        words.grid(text)


@pytest.mark.parametrize("text", ["", "normal", "normal:", "normal:-3", "normal:3:x", "normal:3:1:1", "nromal:3"])
def test_what_are_no_random_starts_is_refused(text, refuses):
    with refuses(rv.ProblemError, "--random: expected"):
        words.random_starts(text, None, 0)


@pytest.mark.parametrize("box", [None, "a=0:", "a=:"])
def test_uniform_starts_need_a_closed_box(box, refuses):
    with refuses(rv.ProblemError, "--box"):
        words.random_starts("uniform:3", box, 0)


def test_normal_starts_know_no_box(refuses):
    with refuses(rv.ProblemError, "--box", "uniform"):
        words.random_starts("normal:3", "a=0:1", 0)
