"""What a picture can show of a table: its only input, its data sets, and as many points as eyes can use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ravine.errors import ProblemError
from ravine.run import Run
from ravine.view.palette import BLUE, RED, SERIES
from ravine.view.scales import drawable, finite
from ravine.view.scene import Axis, Dots

_GRID = 500
_FEW = 25
_MANY = 2000
SHOWN = 20_000
_FARTHEST = 200


@dataclass(frozen=True)
class Group:
    """Points that are drawn alike: those of one data set, or all.

    Parameters
    ----------
    rows
        Indices of its points.
    label
        The name of the set, empty for all points.
    color, dots
        Of its curve and its points.
    """

    rows: np.ndarray
    label: str = ""
    color: str = RED
    dots: str = BLUE


def observed_of(run: Run, where: str) -> np.ndarray:
    """Return what was observed.

    Raises
    ------
    ProblemError
        If the problem has no table.
    """
    observed = run.problem.observed
    if not run.problem.has_data or observed is None:
        raise ProblemError(
            f"{where}: expected a run with a table, got the formula '{run.problem.title}' without one. "
            "Use plots.contour, plots.curve or plots.loss."
        )
    return np.asarray(observed, dtype=np.float64)


def only_input(run: Run) -> str | None:
    """Return the only column that varies, if there is exactly one and it holds a number per point.

    Columns that say which set a point belongs to don't count.
    """
    columns = run.problem.columns
    if any(column.ndim != 1 for column in columns.values()) or observed_of(run, "plots").ndim != 1:
        return None
    varying = [name for name, column in columns.items() if column.size and np.any(column != column[0])]
    varying = [name for name in varying if name not in _indicators(run)] or list(columns)[:1]
    return varying[0] if len(varying) == 1 else None


def groups_of(run: Run) -> list[Group]:
    """Return the data sets that indicator columns tell apart, a color each; else one group of all points."""
    names = _indicators(run)
    if not names:
        return [Group(np.arange(observed_of(run, "plots").size))]
    colors = [SERIES[index % len(SERIES)] for index in range(len(names))]
    rows = [np.flatnonzero(run.problem.columns[name]) for name in names]
    return [Group(*each) for each in zip(rows, names, colors, colors, strict=True) if each[0].size]


def _indicators(run: Run) -> list[str]:
    """Return the columns of zeros and ones of which each point has exactly one, if they are more than one.

    Such columns are what `fit` makes of ``by``; whoever wrote them into a formula means the same.
    """
    flags = {
        name: column
        for name, column in run.problem.columns.items()
        if column.ndim == 1 and column.any() and bool(((column == 0) | (column == 1)).all())
    }
    others = len(run.problem.columns) > len(flags)
    if len(flags) < 2 or not others:
        return []
    return list(flags) if bool((np.sum(list(flags.values()), axis=0) == 1).all()) else []


def grid_over(run: Run, name: str, group: Group | None = None) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return a fine grid over one column, and all columns on it (the others don't vary in a group)."""
    rows = slice(None) if group is None else group.rows
    column = finite(run.problem.columns[name][rows])
    low, high = float(column.min()), float(column.max())
    margin = 0.02 * (high - low) or 0.5
    grid = np.unique(np.concatenate([np.linspace(low - margin, high + margin, _GRID), column[:_GRID]]))
    grid = grid[(grid >= min(low, low + margin)) & (grid <= high)] if low >= 0 and low - margin < 0 else grid
    others = {
        other: np.full(grid.size, values[rows][0]) for other, values in run.problem.columns.items() if other != name
    }
    return grid, {**others, name: grid}


def x_axis(run: Run, name: str, grid: np.ndarray) -> Axis:
    """Return the axis of a column."""
    margin = 0.01 * float(grid[-1] - grid[0])
    return Axis(run.problem.label(name), limits=(float(grid[0]) - margin, float(grid[-1]) + margin))


def shown_of(rows: np.ndarray, left_over: np.ndarray, count: int = SHOWN) -> np.ndarray:
    """Return at most so many of the rows, evenly chosen, those farthest from the curve among them.

    Examples
    --------
    >>> left_over = np.zeros(100_000)
    >>> left_over[12_345] = 9.0
    >>> shown = shown_of(np.arange(100_000), left_over)
    >>> len(shown) <= 20_000, 12_345 in shown
    (True, True)
    """
    if rows.size <= count:
        return rows
    far = min(_FARTHEST, count // 2)
    size = np.nan_to_num(np.abs(drawable(left_over[rows])), nan=np.inf)
    even = np.linspace(0, rows.size - 1, count - far).astype(int)
    return rows[np.union1d(even, np.argpartition(size, -far)[-far:])]


def data_dots(x: np.ndarray, y: np.ndarray, rows: np.ndarray, count: int, **ink: Any) -> Dots:
    """Return points as dots whose size says how many there are in the picture."""
    size: dict[str, Any] = {"size": 7.5, "halo": True} if count <= _FEW else ink_of_dots(count)
    return Dots(x[rows], y[rows], hover={"row": rows.astype(float)}, **{"color": BLUE, "label": "data", **size, **ink})


def ink_of_dots(count: int, size: float = 5.0) -> dict[str, Any]:
    """Return size and opacity of so many dots."""
    size = 1.5 * size if count <= _FEW else size
    return {"size": 2.0, "opacity": 0.35} if count > _MANY else {"size": size, "opacity": 0.7}


def in_order(curves: list[Any], data: list[Any], count: int) -> list[Any]:
    """Return few data above the curves, many beneath them, for they would hide them."""
    return [*curves, *data] if count <= _FEW else [*data, *curves]
