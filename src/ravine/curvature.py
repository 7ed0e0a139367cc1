"""Curvature: whether a place is at rest, which kind it is, and Newton's steps to its last digits.

All of it in widths of a box: with u = params/widths the slope is ∇f·widths, the curvature widths·∇²f·widths, so that
parameters of different units can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ravine import graph
from ravine.problem import Problem

_BLOCK = 1024  # rows that TensorFlow evaluates at a time: one shape, one graph
_AFFORDABLE = 3e8  # evaluations of the model at one point
_STEPS = 60
_ZERO = 1e-13  # of the box: a parameter that is zero but for rounding, and so its square of the loss's spread
_NOTHING = 1e-7  # of the largest curvature: what counts as none
_FLAT = 1e-9  # of the loss's spread: a curvature that counts as none
_PASSING = 1e-7  # of the loss's spread: a slope down from a ridge that is more than rounding
_LEVEL = 1e-6  # of the loss's spread: a slope that would not change it across the whole box
_LOOSE = 1e-3  # of the loss's spread: a curvature that may turn out to be none


@dataclass(frozen=True)
class Settled:
    """A place at rest: parameters [param], loss, and kind (minimum, flat, saddle or maximum).

    ``stays`` is false where the descent was only passing a saddle.
    """

    params: np.ndarray
    loss: float
    kind: str
    stays: bool


@dataclass(frozen=True, eq=False)
class Landscape:
    """The loss of a problem, and the lengths and heights by which it is judged.

    Parameters
    ----------
    problem
        What is evaluated.
    widths
        Of the box, [param].
    spread
        By how much the loss varies over the box.
    """

    problem: Problem
    widths: np.ndarray
    spread: float

    @cached_property
    def evaluator(self) -> graph.Evaluator:
        """Gradients and Hessians in float64."""
        return graph.Evaluator(self.problem, "float64")

    @property
    def affordable(self) -> int:
        """How many rows it takes a moment to look at."""
        width = len(self.widths)
        return max(1, int(_AFFORDABLE / ((1 + width + width**2) * max(1, self.problem.points))))

    def losses(self, rows: np.ndarray) -> np.ndarray:
        """Return the loss [row] of rows [row, param] in float64."""
        if self.problem.is_readable:
            return self.problem.losses(rows)
        filled = np.concatenate([rows, np.repeat(rows[-1:], -len(rows) % _BLOCK, axis=0)])
        parts = [self.evaluator.losses(filled[first : first + _BLOCK]) for first in range(0, len(filled), _BLOCK)]
        return np.concatenate(parts)[: len(rows)]

    def are_at_rest(self, rows: np.ndarray, step: float) -> np.ndarray:
        """Tell where Newton's step, by differences of the loss over ``step``, is no longer than that, [row].

        Not on a saddle, where a descent only lingers.
        """
        slope, bend, curvature = self._eigen(*self._differences(rows.astype(float), step))
        known = np.isfinite(slope).all(1)
        near = (np.abs(slope) <= step * np.abs(curvature)) | (np.abs(slope) <= _LEVEL * self.spread)
        return known & near.all(1) & (curvature.min(1) >= -1e-3 * bend)

    def are_flat(self, rows: np.ndarray, step: float) -> np.ndarray:
        """Tell where the loss may be flat in some direction, by differences over ``step``, [row]."""
        *_, curvature = self._eigen(*self._differences(rows.astype(float), step))
        return np.abs(curvature).min(1) <= _LOOSE * self.spread

    def curvatures(self, row: np.ndarray, step: float) -> np.ndarray:
        """Return the curvatures along their axes, by differences over ``step``, [param]."""
        return self._eigen(*self._differences(row[None], step))[2][0]

    def blocked(self, row: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """Tell which parameters [param] sit on a bound that keeps them from going downhill."""
        low, high = self.problem.limits()
        return ((row <= low) & (gradient > 0)) | ((row >= high) & (gradient < 0))

    def _differences(self, rows: np.ndarray, step: float) -> tuple[np.ndarray, np.ndarray]:
        """Return slopes [row, param] and curvatures [row, param, param], by differences over ``step``."""
        width = rows.shape[1]
        moves = step * np.diag(self.widths)
        low, high = self.problem.limits()

        def at(move: np.ndarray | float) -> np.ndarray:
            return self.losses(np.clip(rows + move, low, high))

        here, ahead, behind = at(0.0), [at(move) for move in moves], [at(-move) for move in moves]
        bends = np.empty((len(rows), width, width))
        with np.errstate(all="ignore"):
            slopes = np.stack([(ahead[i] - behind[i]) / (2 * step) for i in range(width)], axis=1)
            for i in range(width):
                bends[:, i, i] = (ahead[i] + behind[i] - 2 * here) / step**2
                for j in range(i):
                    both = at(moves[i] + moves[j]) + at(-moves[i] - moves[j])
                    bends[:, i, j] = (both - ahead[i] - behind[i] - ahead[j] - behind[j] + 2 * here) / (2 * step**2)
                    bends[:, j, i] = bends[:, i, j]
            free = 1.0 - (((rows <= low) & (slopes > 0)) | ((rows >= high) & (slopes < 0)))
            return slopes * free, bends * free[:, :, None] * free[:, None, :]

    def _eigen(self, slopes: np.ndarray, bends: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return slopes along the axes of curvature [row, param], the largest curvature [row], and all [row, param]."""
        known = np.asarray(np.isfinite(bends).all((1, 2)))
        values, axes = np.linalg.eigh(np.where(known[:, None, None], bends, 0.0))
        along = np.einsum("rpa,rp->ra", axes, np.where(known[:, None], slopes, np.nan))
        return along, np.abs(values).max(1), values


def settle(land: Landscape, row: np.ndarray, reach: float, step: float) -> Settled:
    """Go on by Newton's steps while they bring the slope nearer to zero, and say what kind of place it is.

    Parameters
    ----------
    land
        The loss.
    row
        Where it begins, [param].
    reach
        How far it may go, in widths of the box.
    step
        The length over which differences tell a kink from a plain, where the derivatives are no help.
    """
    begin = here = _Point.at(land, row)
    low, high = land.problem.limits()
    for _ in range(_STEPS):
        if not here.is_finite:
            break
        there = _Point.at(land, np.clip(here.row + here.step * land.widths, low, high))
        if not there.size < here.size or np.abs((there.row - begin.row) / land.widths).max() > reach:
            break
        here = there
    kind = _kind(here.curvatures, land.spread) if here.is_finite else "flat"
    if kind == "flat" and (land.curvatures(here.row, step) > _LOOSE * land.spread).all():
        kind = "minimum"  # a kink
    row = np.where(np.abs(here.row) <= _ZERO * land.widths, 0.0, here.row)
    loss = 0.0 if abs(here.loss) <= _ZERO**2 * land.spread else here.loss
    return Settled(row, loss, kind, kind in ("minimum", "flat") or not _is_passing(begin, here, land.spread))


def _is_passing(begin: _Point, top: _Point, spread: float) -> bool:
    """Tell whether the slope where the descent ended leads on, down from the ridge."""
    values, axes = np.linalg.eigh(top.bend)
    down = axes[:, values < -_NOTHING * np.abs(values).max()]
    return bool(np.abs(down.T @ begin.slope).max() > _PASSING * spread)


@dataclass(frozen=True, eq=False)
class _Point:
    """A row [param] with its loss, and slope and curvature in widths, none of what a bound blocks."""

    row: np.ndarray
    loss: float
    slope: np.ndarray
    bend: np.ndarray
    is_free: np.ndarray

    @classmethod
    def at(cls, land: Landscape, row: np.ndarray) -> _Point:
        loss, gradient = land.evaluator.loss_and_gradient(row)
        free = np.where(land.blocked(row, gradient), 0.0, land.widths)
        with np.errstate(all="ignore"):
            bend = land.evaluator.hessian(row) * np.outer(free, free)
            return cls(row, loss, gradient * free, (bend + bend.T) / 2, free > 0)

    @property
    def is_finite(self) -> bool:
        return bool(np.isfinite(self.slope).all() and np.isfinite(self.bend).all())

    @property
    def size(self) -> float:
        """The length of the slope; infinite where anything isn't finite, so that no step leads there."""
        return float(np.linalg.norm(self.slope)) if self.is_finite else np.inf

    @property
    def curvatures(self) -> np.ndarray:
        """Along its axes, rising, [free param]."""
        return np.linalg.eigvalsh(self.bend[np.ix_(self.is_free, self.is_free)])

    @property
    def step(self) -> np.ndarray:
        """Newton's step in widths, none along directions without curvature."""
        values, axes = np.linalg.eigh(self.bend)
        used = np.abs(values) > _NOTHING * np.abs(values).max()
        along = np.divide(axes.T @ self.slope, values, where=used, out=np.zeros_like(values))
        return -axes @ along


def _kind(curvatures: np.ndarray, spread: float) -> str:
    largest = np.abs(curvatures).max(initial=0)  # none at all where bounds block everything
    nothing = max(_NOTHING * largest, _FLAT * spread)
    if (curvatures < -nothing).any():
        return "maximum" if (curvatures < -nothing).all() else "saddle"
    return "minimum" if (curvatures > nothing).all() else "flat"
