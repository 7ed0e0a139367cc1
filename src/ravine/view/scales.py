"""Which scale, limits and levels show most of what there is to see."""

from __future__ import annotations

from typing import Literal

import numpy as np

_DRAWABLE = 1e100
_POSITIVE = 1e-100


def drawable(values: np.ndarray) -> np.ndarray:
    """Return values with NaN in place of what no axis can show: infinities and numbers beyond 1e100.

    Examples
    --------
    >>> drawable(np.array([1.0, np.inf, 1e200]))
    array([ 1., nan, nan])
    """
    values = np.asarray(values, dtype=np.float64)
    return np.where(np.abs(values) <= _DRAWABLE, values, np.nan)


def finite(values: np.ndarray) -> np.ndarray:
    """Return the values an axis can show, [value]."""
    values = drawable(values).ravel()
    return values[~np.isnan(values)]


def scale_of_losses(losses: np.ndarray) -> Literal["linear", "log", "symlog"]:
    """Return ``log`` when losses are never negative and span more than two decades.

    Examples
    --------
    >>> scale_of_losses(np.array([9.0, 0.5, 0.01])), scale_of_losses(np.array([9.0, 1.0]))
    ('log', 'linear')
    """
    values = finite(losses)
    positive = values[values > 0]
    if positive.size == 0 or np.any(values < 0):
        return scale_of_values(values)
    return "log" if positive.max() > 100 * positive.min() else "linear"


def scale_of_values(values: np.ndarray) -> Literal["linear", "symlog"]:
    """Return ``symlog`` when a few values are so large that they would flatten all others.

    Examples
    --------
    >>> scale_of_values(np.array([1.0, -2.0, 3.0])), scale_of_values(np.array([1.0, -2.0, 1e9]))
    ('linear', 'symlog')
    """
    sizes = np.abs(finite(values))
    if sizes.size == 0:
        return "linear"
    return "symlog" if sizes.max() > 1e3 * max(float(np.median(sizes)), 1e-3 * float(sizes.max() > 1)) else "linear"


def spans_decades(losses: np.ndarray) -> bool:
    """Tell whether a surface needs a logarithmic height: its slopes tower 100 times over its lowest quarter.

    Examples
    --------
    >>> spans_decades(np.linspace(1, 2, 100) ** 2), spans_decades(np.logspace(-3, 3, 100))
    (False, True)
    """
    values = finite(losses)
    if values.size == 0 or values.min() < 0 or values.max() == 0:
        return False
    low, quarter, most = np.quantile(values, [0, 0.25, 0.98])
    return bool(most - low > 100 * (quarter - low) and most > 100 * max(quarter, values[values > 0].min()))


def floor_and_ceiling(losses: np.ndarray, path: np.ndarray, *, log: bool) -> tuple[float, float]:
    """Return the heights between which a surface is drawn, so that its valley stays visible.

    A surface that explodes is cut at three times the height (in decades if ``log``) below which three quarters of it
    lie; the path's own losses are kept in sight unless they explode as well.

    Parameters
    ----------
    losses
        The loss on the grid, any shape.
    path
        Losses along the path, [point].
    log
        Whether the height is logarithmic: then the floor is positive.

    Examples
    --------
    >>> low, high = floor_and_ceiling(np.append(np.linspace(0, 1, 1001), 1e9), np.array([2.0]), log=False)
    >>> low, round(high, 2)
    (0.0, 2.25)
    """
    if log:
        low, high = floor_and_ceiling(_decades(losses), _decades(path), log=False)
        return 10.0**low, 10.0**high
    values, seen = finite(losses), finite(path)
    if values.size == 0:
        return 0.0, 1.0
    low, most, high = (float(height) for height in np.quantile(values, [0, 0.75, 1]))
    high = min(high, low + 3 * (most - low)) if most > low else high
    high = max(high, *seen[seen <= low + 3 * (high - low)].tolist(), low)
    if high - low > 1e-9 * max(abs(low), abs(high)) + _POSITIVE:
        return low, high
    margin = max(0.5, abs(low) / 2)
    return low - margin, low + margin


def levels_of(losses: np.ndarray, count: int = 21) -> tuple[float, ...]:
    """Return heights of contour lines, dense in the valleys; none when all losses are equal.

    Half of the spacing is even in height up to a robust ceiling, half in the square root of the share of the
    surface that lies below, which keeps the smallest valley in sight.

    Examples
    --------
    >>> [round(level) for level in levels_of(np.linspace(0, 100, 10001), count=5)]
    [0, 13, 38, 68, 100]
    """
    values = np.sort(finite(losses))
    if values.size == 0:
        return ()
    low, high = floor_and_ceiling(values, values[:1], log=False)
    below = np.sqrt(np.linspace(0, 1, values.size))
    spacing = (below + np.clip((values - low) / (high - low), 0, 1)) / 2
    heights = np.interp(np.linspace(0, 1, count), spacing, values)
    apart = 1e-6 * (heights[-1] - heights[0])
    kept = [float(heights[0])]
    for height in heights[1:]:
        if height - kept[-1] > apart:
            kept.append(float(height))
    return tuple(kept) if len(kept) > 1 else ()


def _decades(losses: np.ndarray) -> np.ndarray:
    values = finite(losses)
    return np.log10(values[values > _POSITIVE])
