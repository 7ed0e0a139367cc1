"""Polish: from near a minimum to its last digits, one start at a time.

The batched minimization solves normal equations, which lose half the digits of an ill-conditioned Jacobian. Here each
step is a least-squares problem in J itself, solved by its singular values with scaled columns, so that directions
without effect stay where they are. The last steps are Newton's: what the residuals' own curvature adds to JᵀJ is
measured once, by differences of exact Jacobians, so that they converge as fast where residuals are large.

References
----------
Å. Björck (1996), Numerical methods for least squares problems, SIAM, chapter 9.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

Evaluate = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]

_NEGLIGIBLE = 1e-13  # singular values below this share of the largest one have no effect
_CHUNK = 2**16  # rows of the Jacobian that are reduced at a time
_DIFFERENCE = 1e-4  # relative step of the differences of Jacobians
_STEPS = 500
_PATIENCE = 20  # steps after which an end that is clearly worse than the best is left


@dataclass(frozen=True)
class Point:
    """A point with its residuals [residual] and Jacobian [residual, param]."""

    params: np.ndarray
    residual: np.ndarray
    jacobian: np.ndarray

    @cached_property
    def squares(self) -> float:
        """Return Σr², infinite where it or the Jacobian isn't finite."""
        with np.errstate(all="ignore"):
            found = float(self.residual @ self.residual)
            usable = np.isfinite(found) and np.isfinite(np.einsum("ip,ip->p", self.jacobian, self.jacobian)).all()
        return found if usable else np.inf

    @cached_property
    def reduced(self) -> tuple[np.ndarray, np.ndarray]:
        """Return J and r turned by one orthogonal matrix into no more than param + 1 rows."""
        width = self.jacobian.shape[1]
        whole: np.ndarray = np.empty((0, width + 1))
        for first in range(0, len(self.residual), _CHUNK):
            part = slice(first, first + _CHUNK)
            both = np.column_stack([self.jacobian[part], self.residual[part]])
            whole = np.asarray(np.linalg.qr(np.concatenate([whole, both]), mode="r"))
        return whole[:, :width], whole[:, width]

    @cached_property
    def gradient(self) -> np.ndarray:
        """Return Jᵀr, half the gradient of Σr², [param]."""
        return self.jacobian.T @ self.residual


@dataclass(frozen=True)
class _Directions:
    """The singular directions of a Jacobian with effect.

    ``outward`` [param, direction] moves the parameters so that the residuals move by 1 along ``left``
    [residual, direction]; ``inward`` [direction, param] is its inverse.
    """

    outward: np.ndarray
    inward: np.ndarray
    left: np.ndarray
    values: np.ndarray


def polish(
    evaluate: Evaluate,
    params: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    *,
    linear: Sequence[int] = (),
    best: float = np.inf,
) -> tuple[Point, bool]:
    """Return the end of a Levenberg–Marquardt descent by singular values, and whether it has settled.

    Parameters
    ----------
    evaluate
        Residuals [row, residual] and their Jacobians [row, residual, param] at rows [row, param].
    params
        Where it starts, [param].
    low, high
        Bounds, [param].
    linear
        Indices of parameters in which the model is jointly linear: they are solved for after every step, which makes
        straight what would be a narrow, bent valley.
    best
        The least Σr² known: what can't reach it at its pace is left as it is.
    """
    with np.errstate(all="ignore"):
        here = _at(evaluate, params)
        if not np.isfinite(here.squares):
            return here, False
        here = _descend(evaluate, here, (low, high), linear, best)
        if here.squares <= best * (1 + 1e-3):
            here = _finish(evaluate, here, low, high)
        return here, _is_flat(here, low, high)


def _descend(
    evaluate: Evaluate, here: Point, limits: tuple[np.ndarray, np.ndarray], linear: Sequence[int], best: float
) -> Point:
    """Take damped steps until they lower Σr² by no more than rounding."""
    damping, growth, before = 1e-6, 4.0, here.squares
    for count in range(1, _STEPS + 1):
        step = _step(here, ~_blocked(here, *limits), damping)
        there = _at(evaluate, np.clip(here.params + step, *limits))
        if len(linear) and np.isfinite(there.squares):
            there = min(there, _solved(evaluate, there, limits, linear), key=lambda point: point.squares)
        if there.squares < here.squares:
            fall = here.squares - there.squares
            here, damping, growth = there, max(damping / 8, 1e-20), 4.0
            if fall <= 1e-13 * here.squares and damping < 1e-3:
                break
        elif damping > 1e10 or np.all(there.params == here.params):
            break
        else:
            damping, growth = max(damping * growth, 1e-16), growth * 2
            if damping < 1e-8 and _is_done(here, step):
                break
        if count % _PATIENCE == 0:
            if here.squares - best > 5 * (before - here.squares):
                break
            before = here.squares
    return here


def _solved(evaluate: Evaluate, here: Point, limits: tuple[np.ndarray, np.ndarray], linear: Sequence[int]) -> Point:
    """Return the point with its linear parameters solved for, the others as they are."""
    is_linear = np.isin(np.arange(len(here.params)), linear)
    return _at(evaluate, np.clip(here.params + _step(here, is_linear, 0.0), *limits))


def _is_done(here: Point, step: np.ndarray) -> bool:
    """Tell whether a step foretells no fall beyond rounding."""
    jacobian, _ = here.reduced
    moved = jacobian @ step
    return bool(moved @ moved <= 1e-14 * here.squares)


def _finish(evaluate: Evaluate, here: Point, low: np.ndarray, high: np.ndarray) -> Point:
    """Take Newton steps while they shrink: Σr² is flat to rounding long before the parameters are right."""
    free = ~_blocked(here, low, high)
    base = _directions(here, free)
    if not base.values.size:
        return here
    curvature = np.eye(base.values.size) + _own_curvature(evaluate, here, base)
    if not np.isfinite(curvature).all() or np.linalg.eigvalsh(curvature).min() < 1e-6:
        return here
    last = np.inf
    for _ in range(12):
        plain = base.inward @ _step(here, free, 0.0)
        turned = np.linalg.solve(curvature, plain)
        step = base.outward @ turned
        length = float(np.linalg.norm(step / np.maximum(np.abs(here.params), 1e-300)))
        there = _at(evaluate, np.clip(here.params + step, low, high))
        if not length < 0.5 * last or not there.squares <= here.squares * (1 + 1e-9):
            break
        here, last = there, length
    return here


def _own_curvature(evaluate: Evaluate, here: Point, base: _Directions) -> np.ndarray:
    """Return Σ r·∂²r along the directions, [direction, direction]: 0 for a linear model or without residuals."""
    spread = np.sqrt(here.squares) * np.linalg.norm(base.outward, axis=1)
    sizes = np.maximum(np.abs(here.params) + spread, 1e-300)
    rows = []
    for direction in base.outward.T:
        reach = _DIFFERENCE / np.max(np.abs(direction) / sizes)
        ahead, behind = (_at(evaluate, here.params + side * reach * direction) for side in (1, -1))
        rows.append((ahead.jacobian.T @ here.residual - behind.jacobian.T @ here.residual) / (2 * reach) @ base.outward)
    found = np.array(rows)
    return (found + found.T) / 2


def _directions(here: Point, free: np.ndarray) -> _Directions:
    jacobian, _ = here.reduced
    scale = np.linalg.norm(jacobian, axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    left, values, right = np.linalg.svd(np.where(free, jacobian / scale, 0.0), full_matrices=False)
    keep = values > _NEGLIGIBLE * values.max(initial=0.0)
    left, values, right = left[:, keep], values[keep], right[keep]
    return _Directions((right / values[:, None] / scale).T, right * values[:, None] * scale, left, values)


def _step(here: Point, free: np.ndarray, damping: float) -> np.ndarray:
    found = _directions(here, free)
    along = found.left.T @ here.reduced[1]
    return -found.outward @ (along * found.values**2 / (found.values**2 + damping))


def _blocked(here: Point, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return ((here.params <= low) & (here.gradient > 0)) | ((here.params >= high) & (here.gradient < 0))


def _is_flat(here: Point, low: np.ndarray, high: np.ndarray) -> bool:
    """Tell whether the residuals stand at right angles to everything the free parameters can do."""
    found = _directions(here, ~_blocked(here, low, high))
    along = np.linalg.norm(found.left.T @ here.reduced[1])
    rounding = 1e-13 * np.max(np.abs(here.reduced[0] * here.params), initial=0.0)
    return bool(along <= max(1e-5 * np.sqrt(here.squares), rounding))


def _at(evaluate: Evaluate, params: np.ndarray) -> Point:
    residual, jacobian = evaluate(params[None])
    return Point(params, residual[0], jacobian[0])
