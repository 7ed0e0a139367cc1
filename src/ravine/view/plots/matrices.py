"""Matrices as labeled heat maps: a Jacobian, a Hessian, or any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ravine.derivatives import Derivatives
from ravine.errors import ProblemError
from ravine.view.palette import INK, WHITE
from ravine.view.scales import finite
from ravine.view.scene import Axis, Mark, Panel, Raster, Scene, Tags

_HALF = 100  # shades on either side of zero
_NEGATIVE, _POSITIVE = (33, 102, 172), (178, 24, 43)
_DARK = 0.55  # share of the deepest color from which words are white
_WRITTEN = 400  # cells in which a number fits


def matrix(
    values: Derivatives | Any,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    *,
    point: int = 0,
    title: str = "",
) -> Scene:
    """Show a matrix as a heat map: red above zero, blue below, white at it, a number in each cell.

    Parameters
    ----------
    values
        Derivatives of `ravine.derive` (the Hessian if there is one, else the Jacobian), or numbers [row, column].
    rows, columns
        What they are called; of derivatives the outputs and variables.
    point
        Which point of derivatives.
    title
        Of the picture; of derivatives the formula.

    Raises
    ------
    ProblemError
        If it is no matrix, or the names don't fit.

    Examples
    --------
    >>> scene = matrix([[2.0, 0.0], [0.0, -1.0]], ["a", "b"], ["a", "b"], title="Hessian")
    >>> [mark.words for mark in scene.panels[0].marks[1:]]
    [('2',), ('0', '0', '−1')]
    """
    subtitle = ""
    if isinstance(values, Derivatives):
        values, rows, columns, title, subtitle = _of(values, point, title)
    cells = np.asarray(values, float)
    if cells.ndim != 2 or not cells.size:
        raise ProblemError(f"plots.matrix: expected numbers [row, column], got shape {list(cells.shape)}.")
    for what, names, size in (("rows", rows, cells.shape[0]), ("columns", columns, cells.shape[1])):
        if len(names) not in (0, size):
            raise ProblemError(f"plots.matrix: expected {size} names of {what}, got {len(names)}.")
    return Scene(title, (_panel(cells, rows, columns),), subtitle)


def _of(found: Derivatives, point: int, title: str) -> tuple[np.ndarray, list[str], list[str], str, str]:
    if not 0 <= point < found.points:
        raise ProblemError(f"plots.matrix: expected a point from 0 to {found.points - 1}, got {point}.")
    where = ", ".join(f"{name} = {column[point]:.4g}" for name, column in found.at.items())
    several = len(found.names) > 1
    if found.order == 2 and len(found.formulas) == 1 and several:
        rows, cells, kind = list(found.names), found.hessian[point], "Hessian"
    else:
        rows, cells = list(found.formulas), found.jacobian[point]
        kind = "Jacobian" if len(rows) > 1 else "Gradient"
        rows = rows if max(map(len, rows)) <= 12 else [f"f{index + 1}" for index in range(len(rows))]
    title = title or (f"{kind} of {found.formulas[0]}" if len(found.formulas) == 1 else kind)
    return cells, rows, list(found.names), title, f"at {where}"


def _panel(cells: np.ndarray, rows: Sequence[str], columns: Sequence[str]) -> Panel:
    height, width = cells.shape
    known = np.abs(finite(cells))
    largest = float(known.max()) if known.size and known.max() > 0 else 1.0
    with np.errstate(invalid="ignore"):
        share = np.clip(np.nan_to_num(cells, posinf=largest, neginf=-largest) / largest, -1, 1)
    kind = np.where(np.isnan(cells), -1, np.round(share * _HALF) + _HALF)[::-1]
    edges = ((0.5, width + 0.5), (0.5, height + 0.5))
    marks: list[Mark] = [Raster(*edges, kind, _colors(), np.full(cells.shape, np.nan), hover={"value": cells[::-1]})]
    if cells.size <= _WRITTEN:
        marks += _words(cells, np.abs(share))
    x = Axis(limits=edges[0], ticks=_ticks(columns, width, rising=True), whole=True)
    y = Axis(limits=edges[1], ticks=_ticks(rows, height, rising=False), whole=True)
    return Panel(x, y, tuple(marks))


def _colors() -> tuple[str, ...]:
    """Return the colors from the deepest blue over white to the deepest red."""
    shares = np.abs(np.linspace(-1, 1, 2 * _HALF + 1)) ** 0.8
    ends = [_NEGATIVE] * _HALF + [_POSITIVE] * (_HALF + 1)
    mixed = [np.round(255 + share * (np.array(end) - 255)).astype(int) for share, end in zip(shares, ends, strict=True)]
    return tuple("#{:02X}{:02X}{:02X}".format(*color) for color in mixed)


def _words(cells: np.ndarray, share: np.ndarray) -> list[Mark]:
    """Return the numbers in the cells, white on deep colors."""
    height, width = cells.shape
    column, row = np.meshgrid(np.arange(1, width + 1), np.arange(height, 0, -1))
    size = float(np.clip(130 / max(width, height, 4), 6.0, 17.0))
    marks: list[Mark] = []
    for chosen, color in ((share > _DARK, WHITE), (share <= _DARK, INK)):
        if chosen.any():
            words = tuple(_short(value) for value in cells[chosen])
            marks.append(Tags(column[chosen], row[chosen], words, color=color, size=size))
    return marks


def _short(value: float) -> str:
    return "NaN" if np.isnan(value) else f"{value + 0.0:.3g}".replace("inf", "∞").replace("-", "−")


def _ticks(names: Sequence[str], count: int, *, rising: bool) -> tuple[tuple[float, str], ...]:
    names = list(names) or [str(index + 1) for index in range(count)]
    return tuple((float(index + 1 if rising else count - index), name) for index, name in enumerate(names))
