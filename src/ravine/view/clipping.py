"""Cut paths at the border of a box, so that a diverging descent doesn't blow up the picture."""

from __future__ import annotations

import numpy as np

Box = tuple[tuple[float, float], ...]

_FAR = 1e6


def clip_path(rows: np.ndarray, box: Box) -> np.ndarray:
    """Return the parts of a path that lie inside a box, rows of NaN between them.

    Parameters
    ----------
    rows
        Points of the path, [point, column]. The first columns are the coordinates in the box; the others
        (step, …) are interpolated linearly where the path crosses the border.
    box
        Lower and upper limit of each coordinate; infinite where open.

    References
    ----------
    Y.-D. Liang, B. A. Barsky: A New Concept and Method for Line Clipping (1984),
    https://doi.org/10.1145/357332.357333

    Examples
    --------
    >>> clip_path(np.array([[0.0, 0.0], [4.0, 0.0]]), ((-1, 1), (-1, 1)))
    array([[0., 0.],
           [1., 0.]])
    """
    inside = is_inside(rows, box)
    if inside.all() or len(rows) < 2:
        return rows[inside]
    rows = _brought_near(rows, box)
    first, last = rows[:-1], rows[1:]
    axes = len(box)
    enter, leave = _crossings(first[:, :axes], last[:, :axes], np.array(box, dtype=float))
    visible = (enter <= leave) & np.isfinite(first[:, :axes]).all(1) & np.isfinite(last[:, :axes]).all(1)
    with np.errstate(invalid="ignore", over="ignore"):  # an infinite loss has no value on the way there
        begins = np.where(enter[:, None] > 0, first + enter[:, None] * (last - first), first)
        ends = np.where(leave[:, None] < 1, first + leave[:, None] * (last - first), last)
    joined = visible[:-1] & visible[1:] & (leave[:-1] >= 1) & (enter[1:] <= 0)
    keep = np.stack([visible & ~np.append(False, joined), visible, visible & ~np.append(joined, False)], axis=1)
    pieces = np.stack([begins, ends, np.full_like(begins, np.nan)], axis=1)[keep]
    return pieces[:-1]


def clip_cells(cells: np.ndarray, ceiling: float) -> np.ndarray:
    """Return what of each cell [cell, corner, 3] lies below the ceiling; the last corner of a smaller one is repeated.

    References
    ----------
    I. E. Sutherland, G. W. Hodgman: Reentrant Polygon Clipping (1974), https://doi.org/10.1145/360767.360802

    Examples
    --------
    >>> triangle = np.array([[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 4.0]]])
    >>> clip_cells(triangle, 2.0)[0, :, 2]
    array([0., 0., 2., 2.])
    """
    below, heights = cells[:, :, 2] <= ceiling, cells[:, :, 2]
    crosses = below != np.roll(below, -1, axis=1)
    ways = np.roll(cells, -1, axis=1) - cells
    with np.errstate(all="ignore"):  # edges that don't cross have no place
        places = cells + ((ceiling - heights) / ways[:, :, 2])[:, :, None] * ways
    corners = np.stack([cells, places], axis=2).reshape(len(cells), 2 * cells.shape[1], 3)
    keep = np.stack([below, crosses], axis=2).reshape(corners.shape[:2])
    counts = keep.sum(axis=1)
    kept_first = np.argsort(~keep, axis=1, kind="stable")
    last = np.minimum(np.arange(counts.max(initial=cells.shape[1])), counts[:, None] - 1)
    pieces = np.take_along_axis(corners, np.take_along_axis(kept_first, last, axis=1)[:, :, None], axis=1)
    return pieces[counts > 2]


def is_inside(rows: np.ndarray, box: Box) -> np.ndarray:
    """Tell which rows [point, column] lie in the box by their first columns, [point]."""
    low, high = np.array(box, dtype=float).T
    return ((rows[:, : len(box)] >= low) & (rows[:, : len(box)] <= high)).all(1)


def _brought_near(rows: np.ndarray, box: Box) -> np.ndarray:
    """Bring far points nearer, where differences still have digits; points at infinity have no direction."""
    rows = rows.copy()
    for axis, (low, high) in enumerate(box):
        reach = _FAR * (high - low)
        near = np.clip(rows[:, axis], low - reach, high + reach)
        rows[:, axis] = np.where(np.isfinite(rows[:, axis]), near, np.nan)
    return rows


def _crossings(first: np.ndarray, last: np.ndarray, box: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each segment enters and leaves the box, as shares of its length; enter > leave if it never does."""
    move = last - first
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        at_low, at_high = (box[:, 0] - first) / move, (box[:, 1] - first) / move
    still = move == 0
    within = (first >= box[:, 0]) & (first <= box[:, 1])
    enter = np.where(still, np.where(within, -np.inf, np.inf), np.minimum(at_low, at_high))
    leave = np.where(still, np.where(within, np.inf, -np.inf), np.maximum(at_low, at_high))
    return np.clip(enter.max(1), 0, None), np.clip(leave.min(1), None, 1)
