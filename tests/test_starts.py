"""Starts: given, on a grid, random, suggested."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ravine as rv
from ravine import starts


@pytest.fixture
def problem():
    return rv.Problem("(a - 1)**2 + b**2")


def _rows(problem, start):
    return starts.resolve(problem, start)[1]


def test_one_start_is_one_row(problem):
    assert _rows(problem, {"b": 4, "a": 2}).shape == (1, 2)


def test_several_starts_are_rows_in_their_order(problem):
    problem, rows = starts.resolve(problem, [{"a": 1, "b": 2}, {"b": 4, "a": 3}])
    assert problem.names == ("a", "b")
    assert rows.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_a_frame_has_a_start_in_every_row(problem):
    assert _rows(problem, pd.DataFrame({"a": [1, 3], "b": [2, 4]})).tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_a_grid_is_the_product_of_its_axes(problem):
    rows = _rows(problem, rv.Grid({"a": (0, 1, 2), "b": (0, 2, 3)}))
    assert rows.tolist() == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]


def test_normal_starts_have_their_center_and_scale():
    rows = rv.Normal(20_000, {"a": 3.0}, {"b": 2.0}, seed=1).draw(("a", "b"))
    np.testing.assert_allclose(rows.mean(0), [3, 0], atol=0.06)
    np.testing.assert_allclose(rows.std(0), [1, 2], rtol=0.03)


def test_one_number_is_center_and_scale_of_all():
    assert (rv.Normal(5, 7.0, 0.0).draw(("a", "b")) == 7).all()


@settings(max_examples=20, deadline=None)
@given(low=st.floats(-1e3, 1e3), width=st.floats(0, 1e3), seed=st.integers(0, 2**32))
def test_uniform_starts_lie_in_their_box(low, width, seed):
    rows = rv.Uniform(50, {"a": (low, low + width)}, seed).draw(("a",))
    assert rows.shape == (50, 1)
    assert ((rows >= low) & (rows <= low + width)).all()


@pytest.mark.parametrize("kind", [rv.Normal(4, seed=3), rv.Uniform(4, {"a": (0, 1), "b": (0, 1)}, seed=3)])
def test_same_seed_same_starts(kind):
    other = type(kind)(**{**vars(kind), "seed": 4})
    first = kind.draw(("a", "b"))
    np.testing.assert_array_equal(first, kind.draw(("a", "b")))
    assert not np.array_equal(first, other.draw(("a", "b")))


def test_an_array_start_gives_its_parameter_a_shape(classes):
    problem = rv.Problem(lambda x, w, b: x @ w + b, classes)
    problem, rows = starts.resolve(problem, {"w": np.ones((4, 3)), "b": np.zeros(3)})
    assert problem.shapes == {"w": (4, 3), "b": (3,)}
    assert rows.tolist() == [[1.0] * 12 + [0.0] * 3]


def test_defaults_are_the_start_of_a_callable():
    def bowl(a=3.0, b=4.0):
        return a * a + b * b

    assert _rows(rv.Problem(bowl), None).tolist() == [[3.0, 4.0]]
    assert _rows(rv.Problem(bowl), {"b": 1.0}).tolist() == [[3.0, 1.0]]


# -- suggestions ----------------------------------------------------------------------------------------------


def test_suggested_starts_are_few_apart_and_better_than_the_crowd(two_layer):
    suggested = starts.suggest(two_layer)
    rows = np.array([two_layer.row(one) for one in suggested])
    assert len(rows) == 3
    assert all(np.abs(one - other).max() > 0.5 for i, one in enumerate(rows) for other in rows[:i])
    crowd = two_layer.losses(np.random.default_rng(5).standard_normal((100, 2)))
    assert two_layer.losses(rows).max() <= np.median(crowd)


def test_suggested_starts_lie_within_the_bounds():
    problem = rv.Problem("(a - 1)**2 + b**2", bounds={"a": (10, 11), "b": (None, -5)})
    for one in starts.suggest(problem):
        assert 10 < one["a"] < 11
        assert one["b"] < -5


def test_suggested_starts_avoid_where_the_loss_is_not_finite():
    suggested = starts.suggest(rv.Problem("log(x) + 1/x"))
    assert all(one["x"] > 0 for one in suggested)


def test_suggestion_is_the_same_every_time(two_layer):
    assert starts.suggest(two_layer) == starts.suggest(two_layer)


# -- refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "fragment"),
    [
        ({"a": 1}, "got none for b"), ({"a": 1, "b": 2, "c": 3}, "'c'"), ({"a": np.nan, "b": 0}, "nan"),
        ({"a": np.inf, "b": 0}, "inf"), ({"a": "x", "b": 0}, "'x'"), ([], "empty list"), (3, "got 3"), ("a=1", "'a=1'"),
        ({"a": [1, 2], "b": 0}, "'a'"), ([{"a": 1, "b": 1}, {"a": 1}], "got none for b"),
        ({"a": 1j, "b": 0}, "1j"), ({"a": None, "b": 0}, "None"), ([1, 2], "[1, 2]"),
    ],
)  # fmt: skip
def test_unusable_start_is_refused(problem, start, fragment, refuses):
    with refuses(rv.ProblemError, fragment):
        starts.resolve(problem, start)


def test_a_misspelled_parameter_gets_a_hint(refuses):
    with refuses(rv.ProblemError, "'rat'", "Did you mean 'rate'?"):
        starts.resolve(rv.Problem("rate**2"), {"rat": 1})


@pytest.mark.parametrize(
    ("kind", "given", "fragment"),
    [
        (rv.Grid, [{"a": (0, 1)}], "(0, 1)"), (rv.Grid, [{"a": (0, 1, 0)}], "(0, 1, 0)"),
        (rv.Grid, [{"a": (0, np.inf, 3)}], "inf"), (rv.Grid, [{"a": (0, 1, 2.5)}], "2.5"),
        (rv.Grid, [{"a": (0, 1, 10**4), "b": (0, 1, 10**4)}], "100,000,000"),
        (rv.Grid, [{"a": ("0", "one", 3)}], "'a'"), (rv.Grid, [{"a": (0, 1, "three")}], "three"),
        (rv.Normal, [0], "got 0"), (rv.Normal, [2.5], "2.5"), (rv.Normal, ["two"], "two"),
        (rv.Normal, [3, 0.0, 1.0, -1], "-1"), (rv.Uniform, [3, {"a": (0, 1)}, 0.5], "0.5"),
        (rv.Uniform, [10**9, {"a": (0, 1)}], "1,000,000,000"), (rv.Uniform, [3, {"a": (1, 0)}], "(1, 0)"),
        (rv.Uniform, [3, {"a": (0, np.nan)}], "nan"), (rv.Uniform, [3, {"a": ("x", 1)}], "'x'"),
        (rv.Uniform, [3, {"a": 5}], "5"),
    ],
)  # fmt: skip
def test_unusable_kind_of_starts_is_refused(kind, given, fragment, refuses):
    with refuses(rv.ProblemError, fragment):
        kind(*given)


@pytest.mark.parametrize(
    ("start", "fragment"),
    [
        (rv.Normal(3, scale=-1), "-1"), (rv.Normal(3, {"c": 1}), "'c'"), (rv.Uniform(3, {"a": (0, 1)}), "'b'"),
        (rv.Grid({"a": (0, 1, 2)}), "'b'"), (rv.Grid({"a": (0, 1, 2), "b": (0, 1, 2), "c": (0, 1, 2)}), "'c'"),
        (rv.Normal(3, center=np.nan), "nan"), (rv.Normal(3, scale={"a": np.inf}), "inf"), (rv.Grid({}), "'a'"),
    ],
)  # fmt: skip
def test_starts_that_do_not_fit_the_problem_are_refused(problem, start, fragment, refuses):
    with refuses(rv.ProblemError, fragment):
        starts.resolve(problem, start)


def test_a_start_outside_the_bounds_is_refused(refuses):
    problem = rv.Problem("a**2", bounds={"a": (1, 2)})
    with refuses(rv.ProblemError, "a within its bounds [1, 2]", "got 3"):
        starts.resolve(problem, [{"a": 1.5}, {"a": 3}])


def test_rows_of_different_lengths_are_no_array(refuses):
    with refuses(rv.ProblemError, "'w'"):
        rv.descend(lambda w: w, {"w": [[1, 2], [3]]})


def test_a_descent_may_go_on_from_the_flat_parameters_of_another(classes):
    problem = rv.Problem(lambda x, w: x @ w, classes)
    first = rv.descend(problem, {"w": np.ones((4, 3))}, learning_rate=0.1, steps=3)
    again = rv.descend(first.problem, first.params, steps=0)
    np.testing.assert_array_equal(again.dataset["params"][0, 0], first.dataset["params"][0, -1])
