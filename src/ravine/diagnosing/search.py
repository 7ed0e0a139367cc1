"""Search: places to look at around a run, and the deepest minimum that can be found from them in a moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ravine.diagnosing.ground import Ground
from ravine.diagnosing.newton import Places

_MOST, _FEWEST = 512, 32
_EVALUATIONS = 2e7  # of the model at one point
_SPREADS = (0.3, 1.0, 2.0, 4.0, 8.0)  # of the scales
_CHOSEN, _LEAST_CHOSEN = 24, 4
_EFFORT = 2e8  # evaluations of the model at one point, derivatives included
_APART = 0.2  # scales
_REACH = 100.0  # scales: a minimum farther away is none that anybody looks for
_STEPS = 40


@dataclass(frozen=True, eq=False)
class Known:
    """The deepest minimum known, where it is known from, and the start that came to it (None for other sources)."""

    place: Places
    source: str
    start: int | None = None

    @property
    def loss(self) -> float:
        """Its loss."""
        return float(self.place.loss[0])


def probes(ground: Ground, centers: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return rows [row, param] around the centers [row, param], near and far, inside the bounds."""
    random = np.random.default_rng(seed)
    count = int(np.clip(_EVALUATIONS / max(1, ground.problem.points), _FEWEST, _MOST))
    if not ground.problem.is_readable:
        count = min(count, _FEWEST)
    around = centers[random.integers(len(centers), size=count)]
    around = np.where(random.uniform(size=(count, 1)) < 0.25, 0.0, around)
    # A parameter that is next to 0 tells nothing of its scale: every other row looks at least as far as 1.
    units = np.where(random.uniform(size=(count, 1)) < 0.5, ground.frame.scales, _widest(ground))
    spread = np.array(_SPREADS)[np.arange(count) % len(_SPREADS), None] * units
    rows = around + spread * random.standard_normal(around.shape)
    return np.clip(rows, ground.frame.low, ground.frame.high)


def _widest(ground: Ground) -> np.ndarray:
    """Return the scales [param], 1 at least, but no more than the bounds leave."""
    return np.minimum(np.maximum(ground.frame.scales, 1.0), ground.frame.high - ground.frame.low)


def minima(ground: Ground, rows: np.ndarray) -> Places:
    """Return the places of rest below the most promising of these rows [row, param]."""
    most = int(np.clip(_EFFORT / (_STEPS * ground.derivatives.effort), _LEAST_CHOSEN, _CHOSEN))
    loss = ground.derivatives.losses(rows)
    order = [int(index) for index in np.argsort(np.where(np.isfinite(loss), loss, np.inf)) if np.isfinite(loss[index])]
    chosen: list[int] = []
    for index in order:
        apart = np.abs((rows[chosen] - rows[index]) / ground.frame.scales).max(1, initial=0.0)
        if (apart > _APART).all() and len(chosen) < most:
            chosen.append(index)
    if not chosen:
        return ground.settle(rows[:1], 0)
    return ground.settle(rows[chosen], _STEPS)


def are_minima(ground: Ground, places: Places, center: np.ndarray) -> np.ndarray:
    """Tell which places [row] are at rest in a minimum that isn't out of reach of the center [param]."""
    slope, bend = ground.frame.scaled(places)
    finite = places.is_finite & np.isfinite(slope).all(1)
    values, axes = np.linalg.eigh(np.where(finite[:, None, None], bend, 0.0))
    along = np.einsum("rpa,rp->ra", axes, np.where(finite[:, None], slope, 0.0))
    largest = np.abs(values).max(1, keepdims=True)
    with np.errstate(all="ignore"):
        promised = (along**2 / np.maximum(np.abs(values), 1e-9 * largest + 1e-300)).sum(1) / 2
    is_near = (np.abs(places.params - center) <= _REACH * _widest(ground)).all(1)
    at_rest = promised <= 1e-6 * (np.abs(places.loss) + largest[:, 0])
    return finite & is_near & at_rest & (values.min(1) >= -1e-6 * largest[:, 0]) & (largest[:, 0] > 0)
