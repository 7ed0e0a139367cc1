"""What is asked of parameters: positive ones, and lmfit's words over several sets."""

import lmfit
import numpy as np
import pytest

import ravine as rv
from ravine.fitting.parameters import from_lmfit, names_of

_X = np.linspace(0, 5, 40)
_Y = 2 * np.exp(-_X) - 0.3 + 0.01 * np.random.default_rng(0).standard_normal(40)
_DATA = {"x": _X, "y": _Y}
_FORMULA = "y = a*exp(-b*x) + c"


def _sets():
    """Two runs whose a is twice their b: a = 2, b = 1 and a = 4, b = 2."""
    random = np.random.default_rng(1)
    y = [2 * b * np.exp(-b * _X) + 0.001 * random.standard_normal(40) for b in (1, 2)]
    return {"run": ["p"] * 40 + ["q"] * 40, "x": np.tile(_X, 2), "y": np.concatenate(y)}


def test_a_parameter_that_would_be_negative_ends_at_zero_and_says_so():
    fit = rv.fit(_FORMULA, _DATA, positive="c")
    assert fit.values["c"] == 0
    assert fit.params["c"].asked.min == 0
    assert any(note.code == "at-bound" and "'c'" in note.text for note in fit.warnings)
    assert rv.fit(_FORMULA, _DATA).values["c"] == pytest.approx(-0.3, abs=0.02)


def test_positive_chooses_among_twins():
    x = np.linspace(-3, 3, 31)
    fit = rv.fit(
        "y = a*exp(-(x/w)**2)", {"x": x, "y": 2 * np.exp(-((x / 0.8) ** 2))}, {"a": 1, "w": 0.5}, positive=["w"]
    )
    assert fit.values == pytest.approx({"a": 2, "w": 0.8})


def test_positive_and_bounds_go_together():
    fit = rv.fit(_FORMULA, _DATA, bounds={"c": (-1, 0.5), "a": (1, 3)}, positive=["a", "c"])
    assert (fit.params["c"].min, fit.params["c"].max) == (0, 0.5)
    assert (fit.params["a"].min, fit.params["a"].max) == (1, 3)


def test_positive_means_the_copies_of_every_set():
    data = _sets()
    fit = rv.fit(_FORMULA, data, by="run", shared="b", positive=("a", "c_q"))
    assert {name: each.min for name, each in fit.params.items()} == {
        "a_p": 0, "a_q": 0, "b": -np.inf, "c_p": -np.inf, "c_q": 0,
    }  # fmt: skip
    assert fit.values["c_q"] >= 0


@pytest.mark.parametrize("asked", ["a_p", "words", "lmfit"])
def test_expressions_follow_the_copies_of_the_same_set(asked):
    words = {"a": {"expr": "2*b"}, "b": {"value": 1.5, "min": 0}}
    if asked == "a_p":
        words = {"a_p": {"expr": "2*b_p"}, "a_q": {"expr": "2*b_q"}, **words}
    if asked == "lmfit":
        parameters = lmfit.Parameters()
        parameters.add("b", value=1.5, min=0)
        parameters.add("a", expr="2*b")
        words = parameters
    fit = rv.fit("y = a*exp(-b*x)", _sets(), by="run", params=words)
    assert fit.free == ("b_p", "b_q")
    assert fit.values == pytest.approx({"a_p": 2, "a_q": 4, "b_p": 1, "b_q": 2}, abs=0.01)
    assert fit.params["a_q"].expr == "2*b_q"
    assert fit.params["b_q"].min == 0


def test_an_expression_of_all_gives_way_to_what_is_said_of_one_copy():
    fit = rv.fit("y = a*exp(-b*x)", _sets(), by="run", params={"a": {"expr": "2*b"}, "a_q": {"value": 3}})
    assert fit.free == ("a_q", "b_p", "b_q")
    assert fit.values["a_q"] == pytest.approx(4, abs=0.01)


@pytest.mark.parametrize(
    ("options", "fragments"),
    [
        ({"positive": "c", "bounds": {"c": (-3, -1)}}, ("'c'", "(-3, -1)")),
        ({"positive": "c", "bounds": {"c": (-3, 0)}}, ("'c'", "(-3, 0)")),
        ({"positive": "a", "start": {"a": 0}}, ("above 0", "'a'", "got 0")),
        ({"positive": ["a"], "fixed": {"a": -2}}, ("above 0", "'a'", "got -2")),
        ({"positive": "a", "ties": {"a": "2*b"}}, ("'a'", "2*b")),
        ({"positive": "aa"}, ("a, b, c", "'aa'")),
        ({"positive": 3}, ("names", "got 3")),
        ({"positive": [1]}, ("names", "got [1]")),
    ],
)
def test_contradictions_are_one_sentence(refuses, options, fragments):
    with refuses(rv.ProblemError, "positive", *fragments):
        rv.fit(_FORMULA, _DATA, **options)


def test_one_name_is_a_list_of_one():
    assert names_of("positive", "ab") == ["ab"]


def test_lmfits_words_are_read_from_numbers_mappings_and_objects():
    assert from_lmfit("a", 2) == rv.Parameter(2.0)
    assert from_lmfit("a", lmfit.Parameter("a", 2, min=0)) == from_lmfit("a", {"value": 2, "min": 0})
