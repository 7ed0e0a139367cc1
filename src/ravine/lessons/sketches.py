"""Sketches: arrows in a plane, and matrices as colored cells with their numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ravine.lessons.wording import number
from ravine.view.palette import AREAS, INK
from ravine.view.scene import Axis, Line, Panel, Raster, Tags

_BARB = np.radians(152.0)
_DARKEST = 0.45  # beyond it dark words can't be read on the cell


def arrows(
    tails: np.ndarray, vectors: np.ndarray, *, color: str = INK, width: float = 1.6, head: float, label: str = ""
) -> Line:
    """Return arrows from ``tails`` along ``vectors``, [arrow, 2] each, as one line.

    Parameters
    ----------
    tails, vectors
        In the units of axes that are equally long.
    color, width, label
        As of a `Line`.
    head
        Length of the two strokes of each head; at most a third of its arrow.

    Examples
    --------
    >>> arrows(np.zeros((1, 2)), np.array([[1.0, 0.0]]), head=0.1).x[:2].tolist()
    [0.0, 1.0]
    """
    tails, vectors = np.asarray(tails, float), np.asarray(vectors, float)
    lengths = np.hypot(*vectors.T)[:, None]
    strokes = vectors / np.where(lengths > 0, lengths, 1.0) * np.minimum(head, lengths / 3)
    tips, nothing = tails + vectors, np.full_like(tails, np.nan)
    left, right = tips + _turned(strokes, _BARB), tips + _turned(strokes, -_BARB)
    x, y = np.stack([tails, tips, nothing, left, tips, right, nothing], axis=1).reshape(-1, 2).T
    return Line(x, y, color=color, width=width, halo=True, label=label)


def matrix(
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    title: str = "",
    axes: tuple[str, str] = ("", ""),
) -> Panel:
    """Return ``values`` [row, column] as cells: blue above 0, orange below, the darker the larger, numbers written in.

    Parameters
    ----------
    values
        The numbers.
    rows, columns
        What stands beside and beneath them.
    title
        Of the panel.
    axes
        What the columns and the rows are.
    """
    values = np.asarray(values, float)[::-1]  # the first row of a picture is its lowest
    down, across = values.shape
    size = np.abs(values)
    cells = Raster(
        (-0.5, across - 0.5), (-0.5, down - 0.5), np.where(size > 0, (values < 0).astype(int), -1), AREAS[:2],
        _DARKEST * size / max(size.max(), 1e-300),
    )  # fmt: skip
    y, x = (place.ravel() for place in np.mgrid[:down, :across])
    words = tuple(number(value, 3) for value in values.ravel())
    x_axis, y_axis = (
        Axis(label, limits=(-0.5, count - 0.5), ticks=tuple(enumerate(names)))
        for label, count, names in zip(axes, (across, down), (columns, list(rows)[::-1]), strict=True)
    )
    return Panel(x_axis, y_axis, (cells, Tags(x, y, words)), title=title)


def _turned(vectors: np.ndarray, angle: float) -> np.ndarray:
    cos, sin = np.cos(angle), np.sin(angle)
    return vectors @ np.array([[cos, sin], [-sin, cos]])
