"""Rays: the sum of squares along rays from a minimum, all parameters that aren't held fitted again at every point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ravine.fitting.refits import holding, refit

if TYPE_CHECKING:
    from ravine.fitting.fitted import Fit

_ROUNDS = 40
_FAR = 1e3  # standard errors beyond which an interval counts as open
_CLOSE = 1e-8  # relative difference of τ from what it should be


def row_of(fit: Fit) -> np.ndarray:
    """Return the free parameters of the answer, [param]."""
    return np.array([fit.params[name].value for name in fit.free])


def axes(fit: Fit, index: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return what is held and the rays along one parameter each, [row, param] both."""
    parts = [rays_of(fit, [i], np.ones((1, 1))) for i in index]
    return np.concatenate([held for held, _ in parts]), np.concatenate([rays for _, rays in parts])


def rays_of(fit: Fit, index: list[int], directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what is held and rays [row, param] on which τ = 1 is one unit away if the formula is linear.

    The parameters that aren't held follow as their covariance with the held ones says.
    """
    matrix = fit.covariance.matrix
    own = matrix[np.ix_(index, index)]
    held = np.zeros((len(directions), len(matrix)), bool)
    held[:, index] = True
    if not bool(np.all(np.isfinite(own))) or not bool(np.all(np.diag(own) > 0)):
        return held, np.full(held.shape, np.nan)
    spread = np.sqrt(np.diag(own))
    values, vectors = np.linalg.eigh(own / np.outer(spread, spread))
    steps = directions @ (vectors * np.sqrt(np.maximum(values, 0.0))).T * spread
    follow = np.nan_to_num(matrix[:, index]) / spread @ np.linalg.pinv(own / np.outer(spread, spread)) / spread
    rays = steps @ follow.T
    rays[:, index] = steps
    return held, rays


def at(fit: Fit, rays: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Return the points at these distances along the rays, [row, param], within the bounds."""
    with np.errstate(invalid="ignore"):
        moved = np.where(rays == 0, 0.0, rays * reach[:, None])
    return np.clip(row_of(fit) + moved, *fit.run.problem.limits())


class Search:
    """Profiles along rays, all rows at once, each continued from where it was fitted last."""

    def __init__(self, fit: Fit, held: np.ndarray, rays: np.ndarray) -> None:
        self.fit, self.held, self.rays = fit, held, rays
        self.low, self.high = fit.run.problem.limits()
        self.evaluate = holding(fit.run.problem, held)
        self.dispersion = fit.dispersion
        self.bend = np.zeros_like(rays)  # how far the others lie off the ray, per square of the distance

    def profile(self, distance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return τ [row] and all parameters [row, param] at these distances."""
        there = at(self.fit, self.rays, distance)
        usable = np.asarray(np.isfinite(there).all(1))
        start = np.where(usable[:, None], there + self.bend * distance[:, None] ** 2, row_of(self.fit))
        found = refit(self.fit.run.problem, self.evaluate, np.clip(start, self.low, self.high))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            bend = np.where(self.held, 0.0, (found.params - there) / distance[:, None] ** 2)
            self.bend = np.nan_to_num(bend, posinf=0.0, neginf=0.0)
            rise = np.maximum(found.squares - self.fit.loss, 0.0) / self.dispersion
        return np.where(usable, np.sqrt(rise), np.nan), np.where(usable[:, None], found.params, np.nan)

    def cross(self, target: float) -> np.ndarray:
        """Return the distances [row] at which τ reaches the target: infinite where it never does, NaN if unknown.

        A ray that meets a bound of what it holds ends there.
        """
        limit = self._room()
        near = _ends(len(self.rays), 0.0, 0.0)
        far = _ends(len(self.rays), np.inf, np.nan)
        distance = np.minimum(np.full(len(self.rays), target), limit)
        done = ~(np.isfinite(self.rays).all(axis=1) & np.isfinite(distance))
        distance[done] = np.nan
        for _ in range(_ROUNDS):
            tau, _ = self.profile(np.where(np.isfinite(distance), distance, 0.0))
            done |= np.abs(tau - target) <= _CLOSE * target
            below = ~done & (tau < target)
            done |= below & (distance >= limit)
            near = np.where(below, np.stack([distance, tau]), near)
            far = np.where(~done & ~below, np.stack([distance, tau]), far)
            open_end = below & (distance > _FAR * target)
            distance, done = np.where(open_end, np.inf, distance), done | open_end
            done |= far[0] - near[0] <= _CLOSE * near[0]
            if done.all():
                break
            distance = np.where(done, distance, np.minimum(_next(near, far, target), limit))
        return distance

    def _room(self) -> np.ndarray:
        """Return how far each ray can go before what it holds meets a bound, [row]."""
        edge = np.where(self.rays > 0, self.high, self.low)
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.where(self.held & (self.rays != 0), (edge - row_of(self.fit)) / self.rays, np.inf)
        return np.nan_to_num(room, nan=np.inf, posinf=np.inf).min(1)


def _ends(rows: int, distance: float, tau: float) -> np.ndarray:
    """Return one end of every bracket: its distance and τ, [2, row]."""
    return np.stack([np.full(rows, distance), np.full(rows, tau)])


def _next(near: np.ndarray, far: np.ndarray, target: float) -> np.ndarray:
    """Return where to look next: the straight line through the bracket, well inside it; further out without one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        beyond = near[0] * np.clip(1.05 * target / near[1], 1.05, 4.0)
        share = (target - near[1]) / (far[1] - near[1])
        share = np.where(np.isfinite(share), np.clip(share, 0.02, 0.98), 0.5)
        return np.where(np.isfinite(far[0]), near[0] + share * (far[0] - near[0]), beyond)
