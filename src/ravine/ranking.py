"""Ranking: which end is lower, and which differences of losses mean nothing. NumPy only."""

from __future__ import annotations

import numpy as np

#: What is left of the way down when a descent counts as arrived: a millionth of it.
SHARE = 1e-6


def tolerance(begin: np.ndarray, lowest: np.ndarray, dtype: str) -> np.ndarray:
    """Return how far above the lowest loss still counts as there, [start].

    A millionth of the way down, so that neither the unit nor the zero of the loss matters; no less than what the
    number format can tell apart.

    Parameters
    ----------
    begin, lowest
        The loss at the start and the lowest one known, [start].
    dtype
        ``"float32"`` or ``"float64"``.

    Examples
    --------
    >>> tolerance(np.array([5.0]), np.array([1.0]), "float64")
    array([4.e-06])
    """
    with np.errstate(invalid="ignore"):
        way = SHARE * np.abs(begin - lowest)
    return np.maximum(np.where(np.isfinite(way), way, 0.0), 4 * np.finfo(dtype).eps * np.abs(lowest))


def middle(loss: np.ndarray) -> np.ndarray:
    """Return the median over the last axis, where what isn't finite counts as infinite.

    Examples
    --------
    >>> middle(np.array([[1.0, 2.0, np.nan], [1.0, np.nan, np.nan]]))
    array([ 2., inf])
    """
    ordered = np.sort(np.where(np.isfinite(loss), loss, np.inf), axis=-1)
    count = ordered.shape[-1]
    return (ordered[..., (count - 1) // 2] + ordered[..., count // 2]) / 2


def best_of(loss: np.ndarray, steps: np.ndarray, near: float) -> int:
    """Return the index of the learning rate with the lowest median loss; of equal ones the quickest.

    Parameters
    ----------
    loss
        Final losses, [rate, start]; infinite where a descent failed.
    steps
        Steps taken, [rate, start].
    near
        Differences of losses that mean nothing.

    Examples
    --------
    The last two end equally low, the last one sooner.

    >>> best_of(np.array([[4.0], [1.0], [1.0 + 1e-9]]), np.array([[9], [9], [5]]), 1e-6)
    2
    """
    medians, counts = middle(loss), np.median(steps, axis=-1)
    if not np.isfinite(medians).any():
        return 0
    equal = medians <= medians.min() + near
    order = np.lexsort((medians, counts, ~equal))
    return int(order[0])
