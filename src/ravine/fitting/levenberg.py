"""Levenberg–Marquardt for many starts at once, with exact Jacobians.

Every iteration solves (JᵀJ + λD²)·δ = −Jᵀr for each start, where D holds the largest column norms of J met so far, and
accepts δ if the sum of squares falls; λ follows from how well the fall was foretold. A parameter at its bound takes
part only while it wants to leave it inward. Starts that have settled are evaluated no more.

References
----------
D. W. Marquardt (1963), An algorithm for least-squares estimation of nonlinear parameters, Journal of the Society for
Industrial and Applied Mathematics 11 (2), 431–441.
J. J. Moré (1978), The Levenberg–Marquardt algorithm: implementation and theory, in: Numerical Analysis, Springer.
H. B. Nielsen (1999), Damping parameter in Marquardt's method, Technical University of Denmark, IMM-REP-1999-05.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Evaluate = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]

_FIRST_DAMPING = 1e-3
_MOST_DAMPING = 1e12
_PATIENCE, _WORTH = 20, 1e-3  # a start is left when it lowers Σr² by less than this share in so many steps
_TINY = 1e-300


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


@dataclass
class _State:
    """Where the rows are, [row, …]; ``growth`` is the next factor of a damping that proves too small."""

    params: np.ndarray
    squares: np.ndarray
    gradient: np.ndarray
    normal: np.ndarray
    scale: np.ndarray
    damping: np.ndarray
    growth: np.ndarray
    settled: np.ndarray


def minimize(
    evaluate: Evaluate, rows: np.ndarray, low: np.ndarray, high: np.ndarray, steps: int = 200, tolerance: float = 1e-9
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
        Settled when a step with little damping lowers Σr² by a smaller share.

    Examples
    --------
    r = (p − 3, 1) has its minimum at p = 3, where Σr² is 1.

    >>> def evaluate(rows):
    ...     return np.hstack([rows - 3, np.ones_like(rows)]), np.tile([[1.0], [0.0]], (len(rows), 1, 1))
    >>> end = minimize(evaluate, np.array([[0.0]]), np.array([-np.inf]), np.array([np.inf]))
    >>> end.params.round(6).tolist(), end.squares.round(6).tolist()
    ([[3.0]], [1.0])
    """
    with np.errstate(all="ignore"):
        state = _begin(evaluate, np.clip(rows, low, high))
        steps_taken = np.zeros(len(rows), int)
        path = Path([state.params.copy()], [state.squares.copy()], [state.gradient.copy()])
        crawls = np.zeros(len(rows), bool)
        for step in range(steps):
            if step and step % _PATIENCE == 0:
                crawls |= state.squares > (1 - _WORTH) * path.squares[-1 - _PATIENCE]
            running = np.flatnonzero(~(state.settled | crawls))
            if not running.size:
                break
            _advance(evaluate, state, running, (low, high), tolerance)
            steps_taken[running] += 1
            path.params.append(state.params.copy())
            path.squares.append(state.squares.copy())
            path.gradient.append(state.gradient.copy())
    return Descent(state.params, state.squares, state.settled, steps_taken, path)


def _begin(evaluate: Evaluate, params: np.ndarray) -> _State:
    squares, gradient, normal = _summed(*evaluate(params))
    count = len(params)
    return _State(
        params.copy(), squares, gradient, normal, _column_norms(normal),
        np.full(count, _FIRST_DAMPING), np.full(count, 2.0), ~np.isfinite(squares),
    )  # fmt: skip


def _advance(
    evaluate: Evaluate, state: _State, running: np.ndarray, limits: tuple[np.ndarray, np.ndarray], tolerance: float
) -> None:
    """Try one step of the running rows."""
    low, high = limits
    params, squares, gradient = state.params[running], state.squares[running], state.gradient[running]
    scale, damping = state.scale[running], state.damping[running]
    delta = _solve(state.normal[running], gradient, scale, damping, _blocked(params, gradient, low, high))
    trial = np.clip(params + delta, low, high)
    new_squares, new_gradient, new_normal = _summed(*evaluate(trial))
    foretold = (delta * (damping[:, None] * scale**2 * delta - gradient)).sum(1)
    fall = squares - new_squares
    better = fall > 0
    won, lost = running[better], running[~better]
    state.params[won], state.squares[won] = trial[better], new_squares[better]
    state.gradient[won], state.normal[won] = new_gradient[better], new_normal[better]
    state.scale[won] = np.maximum(scale[better], _column_norms(new_normal[better]))
    gain = (fall / np.maximum(foretold, _TINY))[better]
    state.damping[won] = np.maximum(damping[better] * np.clip(1 - (2 * gain - 1) ** 3, 0.1, 2.0), 1e-15)
    state.growth[won] = 2.0
    state.damping[lost] *= state.growth[lost]
    state.growth[lost] *= 2
    little = (fall < tolerance * squares) & (foretold < tolerance * squares) & (damping < 1)
    state.settled[running] = little | (state.damping[running] > _MOST_DAMPING)


def _summed(residual: np.ndarray, jacobian: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return Σr² [row] (infinite where anything isn't finite), Jᵀr [row, param] and JᵀJ [row, param, param]."""
    transposed = np.swapaxes(jacobian, 1, 2)
    squares = np.einsum("ri,ri->r", residual, residual)
    gradient, normal = (transposed @ residual[..., None])[..., 0], transposed @ jacobian
    usable = np.isfinite(squares) & np.isfinite(gradient).all(1) & np.isfinite(normal).all((1, 2))
    return np.where(usable, squares, np.inf), gradient, normal


def _column_norms(normal: np.ndarray) -> np.ndarray:
    norms = np.sqrt(np.diagonal(normal, axis1=1, axis2=2))
    return np.where(np.isfinite(norms) & (norms > 0), norms, 1e-30)


def _blocked(params: np.ndarray, gradient: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return ((params <= low) & (gradient > 0)) | ((params >= high) & (gradient < 0))


def _solve(
    normal: np.ndarray, gradient: np.ndarray, scale: np.ndarray, damping: np.ndarray, blocked: np.ndarray
) -> np.ndarray:
    """Return the step δ [row, param]; blocked parameters stay."""
    moves = np.where(blocked, 0.0, 1 / scale)
    scaled = normal * moves[:, :, None] * moves[:, None, :]
    width = scaled.shape[1]
    scaled[:, np.arange(width), np.arange(width)] += np.maximum(damping, 1e-14)[:, None]
    scaled[:, np.arange(width), np.arange(width)] += blocked
    step = _solved(scaled, -gradient * moves)
    return step * moves


def _solved(matrices: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the solutions [row, param], 0 where there is none."""
    usable = np.asarray(np.isfinite(matrices).all((1, 2)) & np.isfinite(right).all(1))
    matrices, right = (
        np.where(usable[:, None, None], matrices, np.eye(matrices.shape[1])),
        np.where(usable[:, None], right, 0.0),
    )
    try:
        found = np.linalg.solve(matrices, right[..., None])[..., 0]
    except np.linalg.LinAlgError:
        found = (np.linalg.pinv(matrices) @ right[..., None])[..., 0]
    return np.where(np.isfinite(found), found, 0.0)
