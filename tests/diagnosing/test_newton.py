"""Newton: derivatives of many rows at once, and descents to where they come to rest."""

import numpy as np
import pytest

import ravine as rv
from ravine.diagnosing import newton
from ravine.diagnosing.derivatives import Derivatives
from ravine.diagnosing.newton import Frame
from ravine.graph import Evaluator


def _frame(width, low=-np.inf, high=np.inf):
    return Frame(np.ones(width), np.full(width, low), np.full(width, high))


def test_derivatives_are_those_of_one_row_at_a_time(two_layer):
    rows = np.random.default_rng(0).normal(size=(5, 2)) * 2
    loss, gradient, hessian = Derivatives(two_layer).at(rows)
    single = Evaluator(two_layer)
    assert loss == pytest.approx(two_layer.losses(rows))
    assert gradient == pytest.approx(np.array([single.loss_and_gradient(row)[1] for row in rows]))
    assert hessian == pytest.approx(np.array([single.hessian(row) for row in rows]))


def test_rosenbrock_is_settled_from_its_valley():
    problem = rv.Problem("(1 - x)**2 + 100*(y - x**2)**2")
    found = newton.settle(Derivatives(problem), _frame(2), np.array([[-1.2, 1.0], [0.3, 0.1], [3.0, 9.0]]))
    assert found.params == pytest.approx(np.ones((3, 2)), abs=1e-6)


def test_bounds_hold():
    problem = rv.Problem("(x - 3)**2 + (y - x)**2")
    found = newton.settle(
        Derivatives(problem), Frame(np.ones(2), np.array([-9.0, -9]), np.array([1.0, 9])), np.zeros((1, 2))
    )
    assert found.params[0] == pytest.approx([1, 1])


def test_a_far_minimum_is_reached_by_growing_steps():
    found = newton.settle(Derivatives(rv.Problem("(x - 5000)**4 + x")), _frame(1), np.array([[0.0]]))
    assert found.params[0, 0] == pytest.approx(5000 - 0.25 ** (1 / 3), abs=1e-3)


def test_loss_never_rises_and_what_is_not_finite_stays():
    problem = rv.Problem("log(x) + x**2")
    rows = np.array([[-1.0], [0.5], [2.0]])
    found = newton.settle(Derivatives(problem), _frame(1), rows, steps=3)
    before = problem.losses(rows)
    assert found.params[0, 0] == -1
    assert (found.loss[1:] <= before[1:]).all()
