"""Overflow: the operation that stopped being finite first is named, with its numbers."""

import numpy as np
import pytest

import ravine as rv
from ravine.diagnosing import overflows
from ravine.diagnosing.tracks import Track
from ravine.run import Status


def _cause(problem, row, loss=np.nan, dtype="float32"):
    row = np.array([row], float)
    track = Track(0, Status.not_finite, row, row * np.nan, np.array([loss]), np.array([0.1]), np.array([7]))
    return overflows.cause(track, problem, dtype)


@pytest.mark.parametrize(
    ("formula", "x", "operation", "filled"),
    [
        ("exp(2*x) + 1", 400.0, "exp(2*x)", "exp(800)"),
        ("sqrt(log(x - 3)) + x", 1.0, "log(x - 3)", "log(-2)"),
        ("1/(x - 2) + x", 2.0, "1/(x - 2)", "1/0"),
        ("sqrt(log(x))", 0.5, "sqrt(log(x))", "sqrt(-0.6931)"),
        ("x**3", 1e20, "x**3", "1e+20**3"),
    ],
)
def test_the_first_operation_is_named(formula, x, operation, filled):
    evidence = _cause(rv.Problem(formula), [x]).evidence
    assert (evidence["operation"], evidence["with_values"], evidence["step"]) == (operation, filled, 7)


def test_the_row_of_the_table_is_named():
    problem = rv.Problem("y = exp(a*x)", {"x": [0.0, 1.0, 2.0], "y": [1.0, 2.0, 3.0]})
    evidence = _cause(problem, [50.0]).evidence
    assert (evidence["row"], evidence["with_values"]) == (3, "exp(100)")
    assert _cause(problem, [50.0], 1.0, "float64").kind == "unknown"


def test_a_branch_that_is_not_taken_is_not_blamed():
    problem = rv.Problem("where(x > 0, log(x), 0) + exp(-100*x)")
    assert _cause(problem, [-1.0]).evidence["operation"] == "exp(-100*x)"


def test_an_infinite_slope_is_named():
    cause = _cause(rv.Problem("sqrt(x) + x**2"), [0.0], loss=0.0)
    assert (cause.kind, cause.evidence["operation"], cause.evidence["with_values"]) == ("slope", "sqrt(x)", "sqrt(0)")


def test_a_loss_that_squares_too_large_a_residual_is_named():
    problem = rv.Problem("y = a*x", {"x": [1.0], "y": [1.0]})
    assert _cause(problem, [1e25], loss=np.inf).kind == "loss"


def test_an_update_out_of_the_numbers_is_named():
    cause = _cause(rv.Problem("x**2 + y"), [np.inf, 1.0])
    assert (cause.kind, cause.evidence["names"]) == ("update", ("x",))
