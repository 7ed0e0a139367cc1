"""Differences: derivatives from values alone, with an estimate of their error, and where a function has a corner.

Ridders' method: central differences over steps that shrink from wide to narrow, extrapolated to step 0; the best entry
of the tableau is the one that its neighbors agree with. Wide steps lose to the function's bends, narrow ones to
rounding.

References
----------
C. J. F. Ridders: Accurate computation of F′(x) and F′(x)F″(x), Advances in Engineering Software 4, 75 (1982),
https://doi.org/10.1016/S0141-1195(82)80057-0
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

Values = Mapping[str, np.ndarray]
Function = Callable[[Values], np.ndarray]
"""From values by name, [point] each, to outputs, [output, point]."""

_SHRINK = 1.7
_ROWS = 12
_SAFETY = 4  # times the rounding of one difference, which extrapolation amplifies
_WIDEST = 0.2  # of the size of a variable
_NEAR = 1e-5  # of the size of a variable: where the two sides are compared


def difference(function: Function, at: Values, path: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return a derivative and its estimated error, [output, point] each.

    Parameters
    ----------
    function
        What is differentiated.
    at
        Where.
    path
        With respect to what, one name for each order.

    Examples
    --------
    >>> found, error = difference(lambda at: np.sin(at["x"])[None], {"x": np.array([0.0, 1.0])}, ["x"])
    >>> bool(np.all(np.abs(found - np.cos([0.0, 1.0])) <= error)), bool(error.max() < 1e-9)
    (True, True)
    """
    with np.errstate(all="ignore"):  # wide steps may leave the domain: narrower ones then decide
        return _ridders(function, at, Counter(path))


def _ridders(function: Function, at: Values, counts: Mapping[str, int]) -> tuple[np.ndarray, np.ndarray]:
    scales = {name: _WIDEST * np.maximum(np.abs(at[name]), 1.0) for name in counts}
    before: list[np.ndarray] = []
    best = error = np.array(np.nan)
    for index in range(_ROWS):
        widths = {name: _exact(at[name], scale / _SHRINK**index) for name, scale in scales.items()}
        first, rounding = _central(function, at, counts, widths)
        row = [first]
        for order, above in enumerate(before, start=1):
            weight = _SHRINK ** (2 * order)
            row.append((weight * row[-1] - above) / (weight - 1))
            off = np.maximum(np.abs(row[-1] - row[-2]), np.abs(row[-1] - above)) + _SAFETY * rounding
            better = np.isfinite(off) & ~(error <= off)
            best, error = np.where(better, row[-1], best), np.where(better, off, error)
        before = row
    return best, error


def _exact(x: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Return a width that x + width − x gives back."""
    return (x + width) - x


def _central(
    function: Function, at: Values, counts: Mapping[str, int], widths: Values
) -> tuple[np.ndarray, np.ndarray]:
    """Return the central difference over these widths, and about how much rounding blurs it."""
    total, size = np.array(0.0), np.array(0.0)
    for picks in itertools.product(*(range(count + 1) for count in counts.values())):
        moved, weight = dict(at), 1.0
        for (name, count), pick in zip(counts.items(), picks, strict=True):
            moved[name] = at[name] + (count / 2 - pick) * widths[name]
            weight *= (-1) ** pick * math.comb(count, pick)
        values = function(moved)
        total = total + weight * values
        size = size + np.abs(weight * values)
    divisor = math.prod(widths[name] ** count for name, count in counts.items())
    return total / divisor, np.finfo(float).eps * size / np.abs(divisor)


def corners(function: Function, at: Values, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Look at both sides of every point.

    Returns
    -------
    jumps, kinks
        Whether the function jumps there, or its slope does, [output, point].
    left, right
        The slopes on both sides, [output, point].

    Examples
    --------
    >>> jumps, kinks, left, right = corners(lambda at: np.abs(at["x"])[None], {"x": np.array([0.0, 1.0])}, "x")
    >>> kinks.tolist(), left.round(6).tolist(), right.round(6).tolist()
    ([[True, False]], [[-1.0, 1.0]], [[1.0, 1.0]])
    """
    x = at[name]
    middle = function(at)

    def sides(width: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        up, down = function({**at, name: x + width}), function({**at, name: x - width})
        return (middle - down) / width, (up - middle) / width

    wide = _exact(x, _NEAR * np.maximum(np.abs(x), 1.0))
    narrow = _exact(x, wide / 8)
    with np.errstate(invalid="ignore", over="ignore"):
        (left, right), (near_left, near_right) = sides(wide), sides(narrow)
        gap, near_gap = np.abs(right - left), np.abs(near_right - near_left)
        noise = 1e3 * np.finfo(float).eps * np.abs(middle) / narrow
        slope = np.maximum(np.abs(near_left), np.abs(near_right))
        jumps = (slope > 4 * np.maximum(np.abs(left), np.abs(right))) & (slope > 1e3 * noise) & (slope * narrow > 1e-9)
        # Of a bend the gap shrinks with the width; of a vertical slope it grows.
        kinks = ~jumps & (near_gap > 0.7 * gap) & (near_gap < 1.5 * gap) & (near_gap > 1e-3 * slope + noise)
    return jumps, kinks, near_left, near_right
