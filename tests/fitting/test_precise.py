import numpy as np

import ravine as rv
from ravine.fitting.polish import polish
from ravine.fitting.precise import sharpen
from ravine.graph import Evaluator

X = np.round(np.arange(0, 1.2, 0.05), 2)


def _polished(problem, start):
    evaluate = Evaluator(problem).residuals_and_jacobians
    return polish(evaluate, np.array(start), *problem.limits())[0], evaluate


def test_decimals_on_a_line_leave_no_residual_at_all():
    problem = rv.Problem("y = a*x + b", {"x": X, "y": np.round(0.1 * X + 0.3, 3)}, loss="sse")
    point, evaluate = _polished(problem, [1.0, 0.0])
    sharp = sharpen(problem, point, evaluate)
    assert sharp.squares < 1e-40
    np.testing.assert_allclose(sharp.params, [0.1, 0.3], rtol=1e-15)


def test_residuals_near_rounding_noise_are_right():
    """±1e-14 in turns on 2·x, at decimal x: the slope that is left is theirs, and so is Σr² ≈ 24·1e-28."""
    signs = np.where(np.arange(X.size) % 2, 1.0, -1.0)
    y = np.array([float(f"{2 * x + 1e-14 * sign:.14f}") for x, sign in zip(X, signs, strict=True)])
    problem = rv.Problem("y = a*x", {"x": X, "y": y}, loss="sse")
    point, evaluate = _polished(problem, [1.0])
    along = X @ signs
    expected = 1e-28 * (signs @ signs - along**2 / (X @ X))
    np.testing.assert_allclose(sharpen(problem, point, evaluate).squares, expected, rtol=0.05)


def test_ordinary_noise_needs_no_more_digits():
    problem = rv.Problem("y = a*x", {"x": X, "y": X + 0.01 * np.cos(9 * X)}, loss="sse")
    point, evaluate = _polished(problem, [1.0])
    assert sharpen(problem, point, evaluate) is point
