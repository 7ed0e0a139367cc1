"""Moments: which step each frame of a film shows, so that it lingers where something happens."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ravine.run import Run
from ravine.view.scales import drawable, finite, scale_of_losses

_LEAP = 0.2  # of the whole way: longer moves don't take more time than this
_OF_A_STEP = 30  # at most so many frames
_SHARES = (0.5, 0.2, 0.3)  # of the time for the way, for the loss, and for the steps on a logarithmic scale


def moments_of(runs: Sequence[Run], frames: int) -> np.ndarray:
    """Return at most so many moments, rising from the start to the last step, [frame].

    Half of the time goes with the length of the ways, the rest with the changes of the loss and with the logarithm of
    the steps. Where a frame passes more than one step it shows a recorded one; else it glides between two.

    Parameters
    ----------
    runs
        Which descend at the same time; all their starts count alike.
    frames
        At least one.
    """
    last = max(int(run.dataset["steps_taken"].values.max()) for run in runs)
    if last < 1 or frames < 2:
        return np.array([float(last)])
    steps = np.unique(np.concatenate([run.dataset["step"].values for run in runs])).astype(float)
    steps = steps[steps <= last]
    seen = np.mean([_interest(run, start, steps) for run in runs for start in range(run.starts)], axis=0)
    eased = _eased(np.linspace(0, 1, min(frames, _OF_A_STEP * (steps.size - 1) + 1)))
    records = np.interp(eased, seen, np.arange(steps.size))
    hurried = np.diff(records, prepend=records[0], append=records[-1])
    records = np.where(np.maximum(hurried[:-1], hurried[1:]) >= 1, np.round(records), records)
    return np.unique(np.interp(records, np.arange(steps.size), steps))


def _interest(run: Run, start: int, steps: np.ndarray) -> np.ndarray:
    """Return how much of what is to be seen has happened by each step, rising from 0 to 1, [step]."""
    path = run.path(start)
    own = path["step"].values.astype(float)
    loss = drawable(path["loss"].values)
    if scale_of_losses(loss) == "log":
        loss = np.log10(loss, where=loss > 0, out=np.full(loss.shape, np.nan))
    columns = (drawable(path["params"].values), loss[:, None])
    moved = [np.interp(steps, own, _way(rows)) for rows in columns]
    parts = [*moved, np.log1p(steps)]
    shares = [share * part / part[-1] for share, part in zip(_SHARES, parts, strict=True) if part[-1] > 0]
    return np.sum(shares, axis=0) / np.sum(shares, axis=0)[-1]


def _way(rows: np.ndarray) -> np.ndarray:
    """Return the length of the way so far, [record], of rows [record, column]; leaps count little."""
    ranges = np.array([np.ptp(finite(column)) if finite(column).size else 0.0 for column in rows.T])
    moves = np.abs(np.diff(rows, axis=0)) / np.where(ranges > 0, ranges, 1.0)
    lengths = np.minimum(np.nan_to_num(np.linalg.norm(moves, axis=1)), _LEAP)
    return np.concatenate([[0.0], np.cumsum(lengths)])


def _eased(share: np.ndarray) -> np.ndarray:
    """Return shares of the time as shares of the way: slow at both ends."""
    return 0.5 * share + 0.5 * share**2 * (3 - 2 * share)
