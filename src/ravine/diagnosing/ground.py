"""Ground: the loss under a run, its units, and where each start stands on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ravine.diagnosing import newton
from ravine.diagnosing.derivatives import Derivatives
from ravine.diagnosing.newton import Frame, Places
from ravine.diagnosing.tracks import Track
from ravine.problem import Problem

_SHARE = 1e-4  # of the loss's fall that may be left without data; with them between the next two
_LEAST_SHARE, _MOST_SHARE = 1e-5, 1e-3
_OF_FLOOR = 0.05  # of the loss that no parameters could avoid
_GRAIN = 1e-12
_STUCK = 0.25  # of what a direction added to the loss at the start
_RESTING = 1e-2  # of what is to be gained: a slope that promises less is none


@dataclass(frozen=True, eq=False)
class Ground:
    """The loss of a problem, evaluated in float64, and the units of its parameters."""

    problem: Problem
    derivatives: Derivatives
    frame: Frame

    @classmethod
    def under(cls, problem: Problem, tracks: list[Track]) -> Ground:
        """Return the ground under these tracks; the scale of a parameter is how large it is or how far it went."""
        low, high = problem.limits()
        ends = np.array([track.params[track.good] for track in tracks if track.good is not None])
        begins = np.array([track.params[0] for track in tracks if track.good is not None])
        sizes = [np.abs(ends), np.abs(begins), np.abs(ends - begins)] if len(ends) else [np.ones((1, len(low)))]
        scales = np.median(np.max(sizes, axis=0), axis=0)
        scales = np.where(scales > 0, scales, 1.0)
        return cls(problem, Derivatives(problem), Frame(np.minimum(scales, high - low), low, high))

    def settle(self, rows: np.ndarray, steps: int = 60) -> Places:
        """Go down from rows [row, param] to where they come to rest."""
        return newton.settle(self.derivatives, self.frame, rows, steps)

    def allowed(self, spread: float, floor: float) -> float:
        """Return how far above the minimum a loss may stay and still count as arrived.

        Parameters
        ----------
        spread
            By how much the loss fell, or could fall, from the start.
        floor
            The loss at the minimum: 5 % more of it is seen in a fit.
        """
        share = _SHARE
        if self.problem.has_data:
            of_floor = _OF_FLOOR * abs(floor) / spread if spread > 0 else np.inf
            share = float(np.clip(of_floor, _LEAST_SHARE, _MOST_SHARE))
        return share * max(spread, 0.0) + _GRAIN * abs(floor)


@dataclass(frozen=True, eq=False)
class Standing:
    """Where one start stands: its last good place, and the place of rest below it.

    Parameters
    ----------
    track
        Its record.
    here, rest
        One row each.
    ground
        Under it.
    """

    track: Track
    here: Places
    rest: Places
    ground: Ground = field(repr=False)

    @cached_property
    def gap(self) -> float:
        """How much lower the place of rest is."""
        return float(self.here.loss[0] - self.rest.loss[0])

    @cached_property
    def spread(self) -> float:
        """How much lower the place of rest is than the start."""
        begin = self.track.loss[0] if np.isfinite(self.track.loss[0]) else self.here.loss[0]
        return float(max(begin, self.here.loss[0]) - self.rest.loss[0])

    @property
    def allowed(self) -> float:
        """How much may be left of it."""
        return self.ground.allowed(self.spread, float(self.rest.loss[0]))

    @property
    def target(self) -> float:
        """How far above the place of rest a start that has not arrived is to come: within a tenth of its distance."""
        return min(self.allowed, 0.01 * self.gap) if self.gap <= self.allowed else self.allowed

    @cached_property
    def has_arrived(self) -> bool:
        """Whether what is left is too little to matter, and no direction has most of its way to go."""
        return self.gap <= self.allowed and not self._is_stuck_along_an_axis()

    def _is_stuck_along_an_axis(self) -> bool:
        """Tell whether a direction of little curvature is where it was, however far the loss fell along others."""
        values, axes, excess = self.modes
        begin = np.maximum(values, 0) * (axes.T @ (self.track.params[0] - self.rest.params[0])) ** 2 / 2
        floor = abs(float(self.rest.loss[0]))
        if self.ground.problem.has_data:
            matters = max(_OF_FLOOR * floor, _GRAIN * self.spread)
        else:
            matters = max(_LEAST_SHARE * self.spread, _GRAIN * floor)
        return bool(((excess > matters) & (excess > _STUCK * begin)).any())

    @cached_property
    def distance(self) -> np.ndarray:
        """From the place of rest to here, [param]."""
        return self.here.params[0] - self.rest.params[0]

    @cached_property
    def is_resting(self) -> bool:
        """Whether the slope here promises next to nothing of what there is to be gained."""
        slope = self.here.gradient[0] * self.ground.frame.free(self.here)[0]
        reach = np.maximum(self.ground.frame.scales, np.abs(self.distance))
        return bool((np.abs(slope) * reach).sum() <= _RESTING * self.gap)

    @cached_property
    def modes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Curvatures [mode] at the place of rest, its axes [param, mode], and the loss that each adds here, [mode]."""
        values, axes = self._eigen(self.rest)
        excess = np.maximum(values, 0) * (axes.T @ self.distance) ** 2 / 2
        total = excess.sum()
        return values, axes, excess * (max(self.gap, 0.0) / total) if total > 0 else excess

    @cached_property
    def steepest(self) -> float:
        """The largest curvature here or at the place of rest, among what no bound blocks."""
        return float(max(self._eigen(self.here)[0][-1], self._eigen(self.rest)[0][-1], 0.0))

    def _eigen(self, places: Places) -> tuple[np.ndarray, np.ndarray]:
        free = self.ground.frame.free(places)[0]
        bend = np.where(np.outer(free, free), places.hessian[0], 0.0)
        if not np.isfinite(bend).all():
            return np.zeros(len(free)), np.eye(len(free))
        values, axes = np.linalg.eigh((bend + bend.T) / 2)
        return values, axes
