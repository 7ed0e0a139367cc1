"""Newton: from many places at once down to where they come to rest, inside the bounds.

Steps are −(|H| + μ)⁻¹·g in units of the parameters' scales, with |H| the Hessian made positive (Dauphin and others,
2014), so that saddles repel and minima attract; μ grows when a step doesn't lower the loss, and shrinks when it does.
No step is longer than a radius, at first one scale, which doubles while such steps succeed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ravine.diagnosing.derivatives import Derivatives

_STEPS = 60
_NOTHING = 1e-9  # of the largest curvature: what a direction without any counts as
_FAINT = 1e-7  # square root of a share of the largest curvature
_FARTHEST = 1e6  # scales
_LEAST = 1e-300
_MOST_DAMPING = 1e12
_STILL = 1e-13  # predicted decrease, of the loss


@dataclass(frozen=True, eq=False)
class Places:
    """Rows of parameters [row, param] with loss [row], gradient [row, param] and Hessian [row, param, param]."""

    params: np.ndarray
    loss: np.ndarray
    gradient: np.ndarray
    hessian: np.ndarray

    @classmethod
    def at(cls, derivatives: Derivatives, rows: np.ndarray) -> Places:
        """Evaluate everything at rows [row, param]."""
        return cls(np.asarray(rows, float), *derivatives.at(rows))

    @property
    def is_finite(self) -> np.ndarray:
        """Whether loss, gradient and Hessian are finite, [row]."""
        return np.isfinite(self.loss) & np.isfinite(self.gradient).all(1) & np.isfinite(self.hessian).all((1, 2))

    def take(self, index: np.ndarray | slice | list[int]) -> Places:
        """Return some of the rows."""
        return Places(self.params[index], self.loss[index], self.gradient[index], self.hessian[index])

    def put(self, where: np.ndarray, others: Places) -> Places:
        """Return these with the rows at ``where`` [row] (true or false) replaced by the others' own."""
        pick = where[:, None]
        return Places(
            np.where(pick, others.params, self.params),
            np.where(where, others.loss, self.loss),
            np.where(pick, others.gradient, self.gradient),
            np.where(pick[..., None], others.hessian, self.hessian),
        )


@dataclass(frozen=True, eq=False)
class Frame:
    """Units and limits of the parameters: ``scales``, ``low``, ``high`` [param]."""

    scales: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def free(self, places: Places) -> np.ndarray:
        """Tell which parameters [row, param] no bound keeps from going downhill."""
        at_low, at_high = places.params <= self.low, places.params >= self.high
        return ~((at_low & (places.gradient > 0)) | (at_high & (places.gradient < 0)))

    def scaled(self, places: Places) -> tuple[np.ndarray, np.ndarray]:
        """Return gradients [row, param] and Hessians [row, param, param] in scales, zero for what a bound blocks."""
        unit = np.where(self.free(places), self.scales, 0.0)
        with np.errstate(all="ignore"):
            bend = places.hessian * unit[:, :, None] * unit[:, None, :]
            return np.where(unit > 0, places.gradient * unit, 0.0), np.nan_to_num((bend + bend.swapaxes(1, 2)) / 2)

    def unbounded(self) -> Frame:
        """Return the same units without limits."""
        return Frame(self.scales, np.full_like(self.low, -np.inf), np.full_like(self.high, np.inf))


def settle(derivatives: Derivatives, frame: Frame, rows: np.ndarray, steps: int = _STEPS) -> Places:
    """Go down from rows [row, param] to where they come to rest; never up."""
    here = Places.at(derivatives, np.clip(rows, frame.low, frame.high))
    damping, radius = np.full(len(rows), 1e-3), np.ones(len(rows))
    running = here.is_finite
    for _ in range(steps):
        index = np.flatnonzero(running)
        if not index.size:
            break
        now = here.take(index)
        move, fall, is_cut = _step(frame, now, damping[index], radius[index])
        there = Places.at(derivatives, np.clip(now.params + move, frame.low, frame.high))
        better = there.is_finite & (there.loss < now.loss)
        after = now.put(better, there)
        for name in ("params", "loss", "gradient", "hessian"):
            getattr(here, name)[index] = getattr(after, name)
        damping[index] *= np.where(better, 0.1, 10)
        radius[index] *= np.where(better, np.where(is_cut, 2.0, 1.0), 0.5)
        running[index] = (damping[index] < _MOST_DAMPING) & (fall > _STILL * np.abs(now.loss) + _LEAST)
    return here


def _step(
    frame: Frame, here: Places, damping: np.ndarray, radius: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the step [row, param], by how much it should lower the loss, and whether the radius cut it, [row]."""
    slope, bend = frame.scaled(here)
    bend, own = rounded(bend)  # curvatures along the parameters alike: valleys that lie along them are none
    values, axes = np.linalg.eigh(bend)
    largest = np.abs(values).max(1, keepdims=True)
    along = np.einsum("rpa,rp->ra", axes, slope / own)
    size = np.maximum(np.abs(values), _NOTHING * largest) + damping[:, None] * largest + _LEAST
    steps = -along / size
    move = np.clip(np.einsum("rpa,ra->rp", axes, steps) / own, -_FARTHEST, _FARTHEST)
    length = np.linalg.norm(move, axis=1)
    share = np.minimum(1.0, radius / np.maximum(length, _LEAST))
    return move * share[:, None] * frame.scales, -(slope * move).sum(1) * share, length > radius


def rounded(bend: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Hessians [row, param, param] with a diagonal of ±1, and the units that make it so, [row, param].

    Parameters of next to no curvature keep theirs.
    """
    own = np.sqrt(np.abs(np.diagonal(bend, axis1=1, axis2=2)))
    largest = own.max(1, keepdims=True)
    own = np.where(own > _FAINT * largest, own, np.where(largest > 0, largest, 1.0))
    return bend / own[:, :, None] / own[:, None, :], own
