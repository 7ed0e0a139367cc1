"""Polish: from near a minimum to its last digits, one start at a time.

The batched minimization solves normal equations, which lose half the digits of an ill-conditioned Jacobian. Here each
step is a least-squares problem in J itself, solved by its singular values with scaled columns, so that directions
without effect stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Evaluate = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
_NEGLIGIBLE = 1e-13  # singular values below this share of the largest one have no effect


@dataclass(frozen=True)
class Point:
    """A point with its residuals [residual] and Jacobian [residual, param]."""

    params: np.ndarray
    residual: np.ndarray
    jacobian: np.ndarray

    @property
    def squares(self) -> float:
        """Return Σr², infinite where it isn't finite."""
        found = float(self.residual @ self.residual)
        return found if np.isfinite(found) and np.isfinite(self.jacobian).all() else np.inf


def polish(evaluate: Evaluate, params: np.ndarray, low: np.ndarray, high: np.ndarray, steps: int = 500) -> tuple[Point, bool]:
    """Return the end of a Levenberg–Marquardt descent by singular values, and whether it has settled."""
    here, damping, settled = _at(evaluate, params), 1e-6, False
    for _ in range(steps):
        free = ~_blocked(here, low, high)
        step = _step(here, free, damping)
        there = _at(evaluate, np.clip(here.params + step, low, high))
        length = np.max(np.abs(there.params - here.params) / np.maximum(np.abs(here.params), 1e-300), initial=0.0)
        if there.squares < here.squares:
            small = here.squares - there.squares <= 1e-15 * here.squares
            here, damping = there, max(damping / 10, 1e-20)
            if small and length < 1e-9:
                settled = True
                break
        elif length < 1e-14 or damping > 1e12:
            settled = True
            break
        else:
            damping = max(damping * 10, 1e-16)
    return _gauss_newton(evaluate, here, low, high), settled or _is_flat(here, low, high)


def _gauss_newton(evaluate: Evaluate, here: Point, low: np.ndarray, high: np.ndarray) -> Point:
    """Take full steps while they shrink: the sum of squares is flat to rounding long before the parameters are right."""
    last = np.inf
    for _ in range(10):
        step = _step(here, ~_blocked(here, low, high), 0.0)
        there = _at(evaluate, np.clip(here.params + step, low, high))
        length = float(np.linalg.norm(step / np.maximum(np.abs(here.params), 1e-300)))
        if not length < 0.5 * last or there.squares > here.squares * (1 + 1e-9) or length > 1e-3:
            break
        here, last = there, length
    return here


def _step(here: Point, free: np.ndarray, damping: float) -> np.ndarray:
    scale = np.linalg.norm(here.jacobian, axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    scaled = np.where(free, here.jacobian / scale, 0.0)
    left, values, right = np.linalg.svd(scaled, full_matrices=False)
    keep = values > _NEGLIGIBLE * values.max(initial=0.0)
    factors = np.where(keep, values / np.where(keep, values**2 + damping, 1.0), 0.0)
    return -(right.T @ (factors * (left.T @ here.residual))) / scale


def _blocked(here: Point, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    gradient = here.jacobian.T @ here.residual
    return ((here.params <= low) & (gradient > 0)) | ((here.params >= high) & (gradient < 0))


def _is_flat(here: Point, low: np.ndarray, high: np.ndarray) -> bool:
    """Tell whether the residuals stand at right angles to everything the free parameters can do."""
    norms = np.linalg.norm(here.jacobian, axis=0) * np.linalg.norm(here.residual)
    free = ~_blocked(here, low, high) & (norms > 0)
    cosines = np.abs(here.jacobian.T @ here.residual)[free] / norms[free]
    return bool(np.max(cosines, initial=0.0) < 1e-6)


def _at(evaluate: Evaluate, params: np.ndarray) -> Point:
    with np.errstate(all="ignore"):
        residual, jacobian = evaluate(params[None])
    return Point(params, residual[0], jacobian[0])
