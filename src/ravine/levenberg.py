"""Levenberg–Marquardt for many starts at once, with exact Jacobians.

Every iteration solves (JᵀJ + λD²)·δ = −Jᵀr for each start, where D holds the largest column norms of J met so far, and
accepts δ if the sum of squares falls. A parameter at its bound takes part only while it wants to leave it inward.

References
----------
D. W. Marquardt (1963), An algorithm for least-squares estimation of nonlinear parameters, Journal of the Society for
Industrial and Applied Mathematics 11 (2), 431–441.
J. J. Moré (1978), The Levenberg–Marquardt algorithm: implementation and theory, in: Numerical Analysis, Springer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Evaluate = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass
class Path:
    """Where the starts have been: ``params`` and ``gradient`` [step][row, param], ``squares`` [step][row]."""

    params: list[np.ndarray]
    squares: list[np.ndarray]
    gradient: list[np.ndarray]


@dataclass(frozen=True)
class Descent:
    """The end of a batched minimization: ``params`` [row, param], Σr² and whether it has settled, [row]."""

    params: np.ndarray
    squares: np.ndarray
    settled: np.ndarray
    steps_taken: np.ndarray
    path: Path


def minimize(
    evaluate: Evaluate, rows: np.ndarray, low: np.ndarray, high: np.ndarray, steps: int = 200, tolerance: float = 1e-12
) -> Descent:
    """Make Σr² small from every row [row, param] at once.

    Parameters
    ----------
    evaluate
        Residuals [row, residual] and their Jacobians [row, residual, param] at rows [row, param].
    rows
        Starts.
    low, high
        Bounds, [param].
    steps
        The most iterations.
    tolerance
        Settled when a step's relative decrease and relative length are below.
    """
    params = np.clip(rows, low, high)
    with np.errstate(all="ignore"):
        residual, jacobian = evaluate(params)
        squares = _squares(residual)
        damping = np.full(len(rows), 1e-3)
        scale = _column_norms(jacobian)
        settled = ~np.isfinite(squares)
        steps_taken = np.zeros(len(rows), int)
        path = Path([params], [squares], [_gradient(residual, jacobian)])
        for step in range(1, steps + 1):
            scale = np.maximum(scale, _column_norms(jacobian))
            gradient = path.gradient[-1]
            delta = _solve(jacobian, gradient, scale, damping, _blocked(params, gradient, low, high))
            trial = np.clip(params + delta, low, high)
            new_residual, new_jacobian = evaluate(trial)
            new_squares = _squares(new_residual)
            better = (new_squares < squares) & np.isfinite(new_jacobian).all((1, 2)) & ~settled
            length = np.abs((trial - params) * scale).max(1) / np.maximum(np.abs(params * scale).max(1), 1e-300)
            decrease = (squares - new_squares) / np.maximum(squares, 1e-300)
            small = (length < tolerance) | (better & (decrease < tolerance) & (length < 1e-6))
            steps_taken = np.where(settled, steps_taken, step)
            settled = settled | small | (damping > 1e16)
            params = np.where(better[:, None], trial, params)
            squares = np.where(better, new_squares, squares)
            residual = np.where(better[:, None], new_residual, residual)
            jacobian = np.where(better[:, None, None], new_jacobian, jacobian)
            damping = np.where(better, np.maximum(damping / 5, 1e-15), damping * 4)
            path.params.append(params)
            path.squares.append(squares)
            path.gradient.append(_gradient(residual, jacobian))
            if settled.all():
                break
    return Descent(params, squares, settled, steps_taken, path)


def _squares(residual: np.ndarray) -> np.ndarray:
    found = (residual * residual).sum(1)
    return np.where(np.isfinite(found), found, np.inf)


def _gradient(residual: np.ndarray, jacobian: np.ndarray) -> np.ndarray:
    return np.einsum("ri,rip->rp", residual, jacobian)


def _column_norms(jacobian: np.ndarray) -> np.ndarray:
    norms = np.sqrt(np.einsum("rip,rip->rp", jacobian, jacobian))
    return np.where(np.isfinite(norms) & (norms > 0), norms, 1e-30)


def _blocked(params: np.ndarray, gradient: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return ((params <= low) & (gradient > 0)) | ((params >= high) & (gradient < 0))


def _solve(
    jacobian: np.ndarray, gradient: np.ndarray, scale: np.ndarray, damping: np.ndarray, blocked: np.ndarray
) -> np.ndarray:
    """Return the step δ [row, param]; blocked parameters stay, rows that can't be solved too."""
    scaled = np.where(blocked[:, None, :], 0.0, jacobian / scale[:, None, :])
    normal = np.einsum("rip,riq->rpq", scaled, scaled)
    width = normal.shape[1]
    normal[:, np.arange(width), np.arange(width)] += damping[:, None]
    right = -np.where(blocked, 0.0, gradient / scale)
    usable = np.isfinite(normal).all((1, 2)) & np.isfinite(right).all(1)
    normal[~usable], right[~usable] = np.eye(width), 0.0
    return np.linalg.solve(normal, right[..., None])[..., 0] / scale
