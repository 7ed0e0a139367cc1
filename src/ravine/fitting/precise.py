"""Precise: residuals in 40 digits, for fits so close that their residuals are rounding noise in 16.

A float64 of a table stands for the decimal that people wrote, which is its shortest text: 0.05, not
0.05000000000000000277.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ravine.fitting.polish import Evaluate, Point
from ravine.formula import math_sympy
from ravine.formula.tree import Call, walk
from ravine.model import Tree
from ravine.problem import Problem

_DIGITS = 40
_CLOSE = 1e-7  # residuals below this share of the observations deserve more digits
_MOST_CALLS = 100_000  # functions of one number; a million of them take about a second
_STEPS = 8


def sharpen(problem: Problem, point: Point, evaluate: Evaluate) -> Point:
    """Return the point after Gauss–Newton steps with precise residuals, if its own are close to rounding noise.

    The last step is too short for the parameters to notice, but not for the residuals, which are corrected by it.

    Parameters
    ----------
    problem
        Other than readable formulas come back as they are.
    point
        A polished end inside its bounds.
    evaluate
        Residuals [row, residual] and their Jacobians [row, residual, param] at rows [row, param].
    """
    if not _is_worth_it(problem, point):
        return point
    try:
        residuals = _residuals(problem)
        return _iterate(residuals, point, evaluate)
    except (TypeError, ValueError, ArithmeticError, NameError, AttributeError):
        return point  # a function that has no precise values


def _is_worth_it(problem: Problem, point: Point) -> bool:
    if not isinstance(problem.model, Tree) or problem.observed is None or not problem.model.formula.names:
        return False
    calls = problem.points * sum(isinstance(node, Call) for node in walk(problem.model.formula.model))
    low, high = problem.limits()
    is_inside = bool(((low < point.params) & (point.params < high)).all())
    observed = problem.observed if problem.sigma is None else problem.observed / problem.sigma
    return is_inside and calls <= _MOST_CALLS and point.squares < _CLOSE**2 * float(observed @ observed)


def _iterate(residuals: Callable[[np.ndarray], np.ndarray], point: Point, evaluate: Evaluate) -> Point:
    params, jacobian = point.params, point.jacobian
    for _ in range(_STEPS):
        residual = residuals(params)
        step = _gauss_newton(jacobian, residual)
        if np.all(np.abs(step) <= 4e-16 * np.abs(params)):
            break
        params = params + step
        jacobian = evaluate(params[None])[1][0]
    residual = residuals(params)
    found = Point(params, residual + jacobian @ _gauss_newton(jacobian, residual), jacobian)
    return found if np.isfinite(found.squares) else point


def _gauss_newton(jacobian: np.ndarray, residual: np.ndarray) -> np.ndarray:
    scale = np.linalg.norm(jacobian, axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    return np.linalg.lstsq(jacobian / scale, -residual, rcond=1e-13)[0] / scale


def _residuals(problem: Problem) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from parameters [param] to (prediction − observation)/σ, [residual]."""
    import mpmath
    import sympy

    assert isinstance(problem.model, Tree) and problem.observed is not None
    model = problem.model.formula.model
    known = math_sympy.symbols(model)
    names = [*problem.names, *problem.variables]
    predict = sympy.lambdify([known[name] for name in names], math_sympy.express(model), "mpmath")
    with mpmath.workdps(_DIGITS):
        columns = [_decimals(problem.columns[name]) for name in problem.variables]
        observed = _decimals(problem.observed)
    sigma = np.ones(problem.points) if problem.sigma is None else problem.sigma

    def residuals(params: np.ndarray) -> np.ndarray:
        with mpmath.workdps(_DIGITS):
            exact = [mpmath.mpf(float(value)) for value in params]
            rows = zip(*columns, strict=True) if columns else ((),) * len(observed)
            found = [float(predict(*exact, *row) - own) for row, own in zip(rows, observed, strict=True)]
        return np.array(found) / sigma

    return residuals


def _decimals(column: np.ndarray) -> list:
    import mpmath

    return [mpmath.mpf(repr(float(value))) for value in column]
