"""Paths over a surface: lines, starts, ends, and the best point of the grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ravine.plane import Surface
from ravine.run import Run
from ravine.view.clipping import Box, clip_path, is_inside
from ravine.view.palette import BLUE, GRAY, GREEN, RED, WHITE
from ravine.view.scales import drawable, finite
from ravine.view.scene import Dots, Line, Mark
from ravine.view.series import Series, in_one, rest_of, rows_of, thinned

Heights = tuple[float, float] | None
"""Floor and ceiling of a 3-D picture, None for a flat one."""

_LIFT = 0.012
_TOLD = 6


def box_of(surface: Surface) -> Box:
    """Return the limits of both parameters."""
    return (float(surface.x[0]), float(surface.x[-1])), (float(surface.y[0]), float(surface.y[-1]))


def paths_on(runs: Sequence[Run], series: Sequence[Series], surface: Surface, heights: Heights = None) -> list[Mark]:
    """Return paths, starts and ends; from above each descent has its own color, in 3-D all are red."""
    marks: list[Mark] = _faint_paths(rest_of(runs, series), surface, heights)
    told = heights is None and (len(runs) > 1 or len(series) > 1)
    for index, each in enumerate(series):
        rows = _told_rows(each, surface)
        shown = clip_path(rows, _space(surface, heights))
        if len(shown) > 1:
            marks.append(_path(each, shown, surface, heights, told=told))
        shrink = 0.85 ** min(index, 6) if told else 1.0  # so that several starts at one place are seen
        marks += _ends(each, rows, shown, surface, heights, told=told, shrink=shrink)
    return marks


def best_of_grid(surface: Surface, heights: Heights = None) -> list[Mark]:
    """Return the lowest point of the grid, if any of it is finite."""
    if not finite(surface.loss).size:
        return []
    row = np.array([[*(surface.best[name] for name in surface.names), surface.best_loss]])
    ink: dict[str, Any] = {"color": GREEN, "size": 19.0, "shape": "plus", "halo": True, "lift": _LIFT}
    return [Dots(**_place(row, heights), **ink, label="best of the grid", hover={"loss": row[:, 2]})]


def visits_of(series: Sequence[Series], rest: Sequence[Series], surface: Surface) -> list[Mark]:
    """Return all visited points of one parameter, and start and end of the descents the picture is about."""
    visited = np.concatenate([thinned(_told_rows(each, surface), 2000) for each in (*rest, *series)])
    ends = [_told_rows(each, surface) for each in series if each.strong]
    first, last = np.array([rows[0] for rows in ends]), np.array([rows[-1] for rows in ends])
    label = f"visited {surface.names[0]}"
    told = list(_told(series[-1], surface))
    return [
        _visible_dots(visited, surface, told, color=BLUE, size=5.5, opacity=0.6, label=label),
        _visible_dots(first, surface, told, color=RED, size=13.0, halo=True, label="start"),
        _visible_dots(last, surface, told, color=RED, size=11.0, halo=True, shape="diamond", label="end"),
    ]


def _faint_paths(rest: Sequence[Series], surface: Surface, heights: Heights) -> list[Mark]:
    box = _space(surface, heights)
    parts = [part for each in rest if len(part := clip_path(thinned(_rows(each, surface)), box))]
    if not parts:
        return []
    color = GRAY if heights else WHITE
    return [Line(**_place(in_one(parts), heights), color=color, width=0.7, opacity=0.35, lift=_LIFT)]


def _path(series: Series, shown: np.ndarray, surface: Surface, heights: Heights, *, told: bool) -> Line:
    label = series.label if told else "path" if series.strong else ""
    width = 2.4 if series.strong else 1.2
    return Line(**_place(shown, heights), dash=series.dash, width=width, label=label, **_ink(series, shown, surface))


def _ends(
    series: Series,
    rows: np.ndarray,
    shown: np.ndarray,
    surface: Surface,
    heights: Heights,
    *,
    told: bool,
    shrink: float,
) -> list[Mark]:
    """Return the start, and the end or the place where the path leaves the picture."""
    big, small = (15.0 * shrink, 8.5 * shrink) if series.strong else (6.0, 5.0)
    first, last = rows[:1], rows[-1:]
    once = series.strong and not told
    marks: list[Mark] = []
    if is_inside(first, box_of(surface))[0]:
        words = series.label if told else "start" if once else ""
        shape = series.shape if told else "circle"
        marks.append(Dots(**_place(first, heights), size=big, shape=shape, label=words, **_ink(series, first, surface)))
    if len(rows) == 1:
        return marks
    if is_inside(last, _space(surface, heights))[0]:
        words = "end" if once else ""
        marks.append(
            Dots(**_place(last, heights), size=small, shape="diamond", label=words, **_ink(series, last, surface))
        )
    elif len(shown):
        words, last = "leaves the picture" if once else "", shown[-1:]
        marks.append(
            Dots(**_place(last, heights), size=1.4 * small, shape="cross", label=words, **_ink(series, last, surface))
        )
    return marks


def _rows(series: Series, surface: Surface) -> np.ndarray:
    """Return the records of one descent: the parameters of the surface, then loss and step, [record, column]."""
    columns = [series.run.names.index(name) for name in surface.names]
    step, loss, *params = rows_of(series, columns).T
    return np.column_stack([*params, loss, step])


def _told_rows(series: Series, surface: Surface) -> np.ndarray:
    """Return the records of one descent with everything that a pointer may ask, [record, column]."""
    return np.column_stack([_rows(series, surface), *_told(series, surface).values()])


def _told(series: Series, surface: Surface) -> dict[str, np.ndarray]:
    """Return what a pointer may ask beside the axes: the other parameters and all gradients of a few, [record] each."""
    run = series.run
    if len(run.names) > _TOLD:
        return {}
    path = run.path(series.start)
    params, gradients = path["params"].values.T, path["gradient"].values.T
    others = {name: params[index] for index, name in enumerate(run.names) if name not in surface.names}
    return others | {f"gradient {name}": gradients[index] for index, name in enumerate(run.names)}


def _place(rows: np.ndarray, heights: Heights) -> dict[str, Any]:
    """Return x and y, and in 3-D the loss between floor and ceiling."""
    place = {"x": rows[:, 0], "y": rows[:, 1]}
    return place if heights is None else {**place, "z": np.clip(rows[:, 2], *heights)}


def _ink(series: Series, rows: np.ndarray, surface: Surface) -> dict[str, Any]:
    loss, step, *told = rows[:, len(surface.names) :].T
    hover = {"step": step, "loss": loss, "start": np.full(len(rows), float(series.start))}
    hover |= dict(zip(_told(series, surface), told, strict=True))
    return {"color": series.color, "halo": series.strong, "lift": _LIFT, "hover": hover}


def _space(surface: Surface, heights: Heights) -> Box:
    """Return where a path is shown: in the box and, in 3-D, below the ceiling."""
    return box_of(surface) if heights is None else (*box_of(surface), (-np.inf, heights[1]))


def _visible_dots(rows: np.ndarray, surface: Surface, told: Sequence[str], **ink: Any) -> Dots:
    """Return those rows [point, (parameter, loss, step, what else is told)] as dots that lie within the picture."""
    inside = is_inside(rows, ((float(surface.x[0]), float(surface.x[-1])),)) & np.isfinite(drawable(rows[:, 1]))
    x, y, step, *more = rows[inside].T
    return Dots(x, y, hover={"step": step, "loss": y, **dict(zip(told, more, strict=True))}, **ink)
