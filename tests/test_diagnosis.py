"""Diagnosis: what a run warns of, and when it is silent."""

import numpy as np
import pytest

import ravine as rv
from ravine import diagnosis
from ravine.run import Status


def _codes(run):
    return [note.code for note in run.warnings]


def test_a_good_descent_has_no_warnings(line):
    assert rv.descend(line, {"a": 5, "b": 4}, learning_rate=0.1, steps=400).warnings == ()


@pytest.mark.parametrize(
    ("rate", "codes", "advice"),
    [
        (0.9, [], ""), (1.0, ["learning-rate-at-edge"], "such as 0.5"),
        (1.05, ["learning-rate-too-large"], "such as 0.5"), (10.0, ["learning-rate-too-large"], "such as 0.5"),
    ],
)  # fmt: skip
def test_the_edge_of_a_parabola_is_rate_one(rate, codes, advice):
    """On x² the curvature is 2, so that 2/λ = 1."""
    run = rv.descend("x**2", {"x": 3}, learning_rate=rate, steps=100)
    assert _codes(run) == codes
    assert advice in "".join(note.text for note in run.warnings)
    assert all("2/λ = 1," in note.text for note in run.warnings)


@pytest.mark.parametrize("curvature", [1e-3, 0.5, 40.0, 1e4])
def test_the_proposed_rate_converges(curvature):
    """On curvature·(x − 1)²/2; the curvature comes as data, so that all are one compiled loop."""
    problem = rv.Problem("y = s*(x - 1)", {"s": [np.sqrt(curvature / 2)], "y": [0.0]})
    run = rv.descend(problem, {"x": 3}, learning_rate=3 / curvature, steps=50)
    proposed = float(run.warnings[0].text.rpartition("such as ")[2].rstrip("."))
    again = rv.descend(problem, {"x": 3}, learning_rate=proposed, steps=200, stop=rv.Stop(gradient=1e-5 * curvature))
    assert again.status is Status.converged
    assert again.warnings == ()


def test_of_several_rates_only_the_bad_ones_are_named(line):
    run = rv.descend(line, {"a": 5, "b": 4}, learning_rate=[0.1, 1, 1.2], steps=400)
    assert {code for code in _codes(run) if code.startswith("learning")} == {
        "learning-rate-at-edge", "learning-rate-too-large",
    }  # fmt: skip
    text = " ".join(note.text for note in run.warnings)
    assert "rate 1 " in text
    assert "rate 1.2 " in text
    assert "rate 0.1 " not in text


def test_the_bound_is_not_claimed_for_other_methods(line):
    for optimizer in ("momentum", "adam"):
        run = rv.descend(line, {"a": 5, "b": 4}, optimizer, learning_rate=5, steps=30)
        assert not any("2/λ" in note.text for note in run.warnings)


def test_a_loss_that_rose_is_told():
    run = rv.descend("x**2", {"x": 0.001}, "adam", learning_rate=5, steps=3)
    assert _codes(run) == ["loss-rose"]


def test_a_better_minimum_is_told_with_its_start(two_layer, three_starts):
    run = rv.descend(two_layer, three_starts, learning_rate=0.1, steps=400)
    assert _codes(run) == ["better-minimum"]
    text = run.warnings[0].text
    assert text.startswith("A better minimum is known: start 0 ended at loss 1.012, start 1 ended at loss 0.5")
    assert "but start 2 reached 0.009" in text


def test_many_worse_starts_are_counted(two_layer):
    run = rv.descend(two_layer, rv.Normal(40, scale=4, seed=1), learning_rate=0.1, steps=400)
    assert "of 40 starts" in run.warnings[-1].text


def test_starts_that_reach_the_same_minimum_are_not_compared(cubic, three_starts):
    assert rv.descend(cubic, three_starts, learning_rate=1, steps=400).warnings == ()


def test_starts_of_a_convex_problem_that_ran_out_are_not_said_to_miss_a_minimum(line):
    run = rv.descend(line, [{"a": 1.2, "b": 2.5}, {"a": 90, "b": 90}], learning_rate=0.01, steps=20)
    assert "better-minimum" not in _codes(run)


def test_years_in_float32_are_told():
    data = {"year": 2000 + np.arange(20) / 1000, "y": np.arange(20.0)}
    problem = rv.Problem("y = a*(year - 2000)", data)
    run = rv.descend(problem, {"a": 1}, learning_rate=0.1, steps=3)
    assert "float32-resolution" in _codes(run)
    assert "year" in run.warnings[0].text
    assert "float32-resolution" not in _codes(rv.descend(problem, {"a": 1}, steps=3, dtype="float64"))


def test_a_parameter_named_e_is_told():
    run = rv.descend("(e - 1)**2 + a**2", {"e": 0, "a": 1}, learning_rate=0.25, steps=100)
    assert _codes(run) == ["constant-name"]


@pytest.mark.parametrize("text", ["log(x)", "exp(x**2)", "1/x"])
@pytest.mark.parametrize("x", [-1.0, 0.0, 30.0])
def test_no_outcome_breaks_the_diagnosis(text, x):
    rv.descend(text, [{"x": x}, {"x": x + 0.5}], learning_rate=0.5, steps=40)


def test_curvature_along_a_straight_way_is_its_rayleigh_quotient():
    matrix = np.array([[3.0, 1.0], [1.0, 2.0]])
    params = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    assert diagnosis.curvature_along(params, params @ matrix).tolist() == [3.0, 2.0, 3.5]


def test_curvature_along_a_rest_is_zero():
    still = np.ones((4, 2))
    assert diagnosis.curvature_along(still, still).tolist() == [0.0] * 3
