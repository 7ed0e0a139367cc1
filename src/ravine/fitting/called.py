"""Called: the fit of a function that can't be read as a formula. It is called as it is, row by row.

From the start and from others around it, with central differences unless there is a Jacobian, and with residuals
whitened by a covariance matrix if there is one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import solve_triangular

from ravine.errors import ProblemError
from ravine.fitting import levenberg
from ravine.fitting.polish import Point, polish

_STARTS = 16


@dataclass(frozen=True)
class Asked:
    """What is to be fitted, checked.

    ``names`` of the parameters, ``start`` [param] or None, bounds [param]; ``sigma`` holds standard deviations [point]
    or the Cholesky factor of a covariance matrix [point, point].
    """

    function: Callable[..., Any]
    x: Any
    y: np.ndarray
    names: tuple[str, ...]
    start: np.ndarray | None
    low: np.ndarray
    high: np.ndarray
    jacobian: Callable[..., Any] | None
    points: int = 0
    sigma: np.ndarray | None = None


@dataclass(frozen=True)
class Answer:
    """Where the fit ended, whether it came to rest, what to warn of, and how often the function was asked."""

    point: Point
    settled: bool
    said: tuple[str, ...]
    calls: int


def fit_called(asked: Asked) -> Answer:
    """Fit a function that can only be called: from the start and from others around it, by central differences."""
    counted = _Counted(asked)
    own = first(asked)
    random = np.random.default_rng(0)
    around = own * np.exp(random.normal(0, 0.7, (_STARTS, own.size))) + random.normal(0, 0.3, (_STARTS, own.size))
    rows = np.clip(np.concatenate([own[None], around]), asked.low, asked.high)
    descent = levenberg.minimize(counted, rows, asked.low, asked.high, steps=100)
    order = np.argsort(descent.squares, kind="stable")
    if not np.isfinite(descent.squares[order[0]]):
        raise ProblemError("curve_fit: expected finite residuals near the start, got none. Residuals are not finite in "
                           "the initial point. Give another p0.")  # fmt: skip
    ends = [polish(counted, descent.params[index], asked.low, asked.high) for index in dict.fromkeys([0, *order[:3]])]
    best = min(ends, key=lambda end: end[0].squares)
    rounding = 1e-20 * float(asked.y.ravel() @ asked.y.ravel())
    if ends[0][0].squares <= best[0].squares * (1 + 1e-6) + rounding:
        return Answer(*ends[0], (), counted.calls)
    said = f"p0 leads to another valley, with Σr² = {ends[0][0].squares:.6g}; this one has {best[0].squares:.6g}."
    return Answer(*best, (said,), counted.calls)


class _Counted:
    """Residuals and Jacobians of a function that is called row by row."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.calls = 0

    def __call__(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return residuals [row, point] and Jacobians [row, point, param]."""
        found = [self._one(row) for row in rows]
        return np.stack([residual for residual, _ in found]), np.stack([jacobian for _, jacobian in found])

    def _one(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        residual = self._whiten(self._ask(row))
        if self.asked.jacobian is not None:
            given = np.asarray(self.asked.jacobian(self.asked.x, *row), float)
            return residual, self._whiten(given.reshape(residual.size, row.size))
        columns = [self._slope(row, index) for index in range(row.size)]
        return residual, self._whiten(np.stack(columns, 1))

    def _slope(self, row: np.ndarray, index: int) -> np.ndarray:
        step = np.finfo(float).eps ** (1 / 3) * max(abs(row[index]), 1e-3)
        up, down = row.copy(), row.copy()
        up[index] = min(row[index] + step, self.asked.high[index])
        down[index] = max(row[index] - step, self.asked.low[index])
        return (self._ask(up) - self._ask(down)) / (up[index] - down[index])

    def _ask(self, row: np.ndarray) -> np.ndarray:
        self.calls += 1
        with np.errstate(all="ignore"):
            return call(self.asked, row)

    def _whiten(self, values: np.ndarray) -> np.ndarray:
        sigma = self.asked.sigma
        if sigma is None:
            return values
        if sigma.ndim == 2:
            return solve_triangular(sigma, values, lower=True, check_finite=False)
        return values / (sigma if values.ndim == 1 else sigma[:, None])


def call(asked: Asked, row: np.ndarray) -> np.ndarray:
    """Return f − y, flat."""
    with np.errstate(all="ignore"):
        return np.atleast_1d(np.asarray(asked.function(asked.x, *row), float) - asked.y).ravel()


def first(asked: Asked) -> np.ndarray:
    """Return p0, or what SciPy takes without one: ones, or a place between the bounds."""
    if asked.start is not None:
        return asked.start
    low, high = asked.low, asked.high
    both = np.isfinite(low) & np.isfinite(high)
    middle = 0.5 * (np.where(both, low, 0.0) + np.where(both, high, 0.0))
    one_side = np.where(
        np.isfinite(low), np.where(np.isfinite(low), low, 0.0) + 1, np.where(np.isfinite(high), high, 2.0) - 1
    )
    return np.where(both, middle, one_side)
