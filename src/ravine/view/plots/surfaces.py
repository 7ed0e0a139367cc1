"""The loss over one or two parameters, and the way down it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from ravine.errors import ProblemError
from ravine.plane import Surface
from ravine.run import Run
from ravine.view.clipping import Box, clip_path, is_inside
from ravine.view.palette import BLUE, GRAY, GREEN, RED, Colors
from ravine.view.scales import drawable, finite, floor_and_ceiling, levels_of, spans_decades
from ravine.view.scene import Axis, ColorScale, Dots, Field, Line, Mark, Panel, Scene, Sheet, Words
from ravine.view.series import Series, in_one, loss_label, rest_of, rows_of, runs_of, series_of, subtitle_of, thinned

_CELLS = 90
_LIFT = 0.012


def descent(
    run: Run,
    surface: Surface | None = None,
    *,
    colors: Colors = "even",
    start: int | None = None,
    height: Literal["auto", "linear", "log"] = "auto",
) -> Scene:
    """Show the way down the loss surface in 3-D: path in red, start as a large dot, best grid point in green.

    Parameters
    ----------
    run
        With one parameter, `curve` is shown instead.
    surface
        The loss over two parameters; surveyed around the run if not given.
    colors
        ``even`` (perceptually even) or ``rainbow``.
    start
        Index of the only start to show; all by default.
    height
        ``log`` for a logarithmic height, ``auto`` when the loss spans decades.

    Raises
    ------
    ProblemError
        If the surface is over other parameters than the run's.

    Examples
    --------
    >>> from ravine.testing import parabola_run  # doctest: +SKIP
    """
    run = run if start is None else run.select(start)
    surface = _surface_for((run,), surface, "plots.descent")
    if len(surface.names) == 1:
        return curve(run, surface)
    log = height == "log" or (height == "auto" and spans_decades(surface.loss))
    series = [Series(each.run, each.start, strong=each.strong) for each in series_of((run,))]
    low, high = floor_and_ceiling(surface.loss, rows_of(series[-1])[:, 1], log=log)
    scale = ColorScale(low, high, colors, log, loss_label(run))
    x, y, z = _coarse(surface)
    sheet = Sheet(x, y, _cut(z, low, high), scale)
    marks = [sheet, *_paths((run,), series, surface, (low, high)), *_best(surface, (low, high))]
    axes = [Axis(name, limits=limits) for name, limits in zip(surface.names, _box(surface), strict=True)]
    z_axis = Axis(loss_label(run), "log" if log else "linear", (low, high))
    panel = Panel(*axes, tuple(marks), z_axis, "Way down the loss surface", _view_of(sheet, log=log))
    return Scene(run.problem.title, (panel,), _with_held(subtitle_of((run,)), surface))


def contour(runs: Run | Sequence[Run], surface: Surface | None = None, *, colors: Colors = "even") -> Scene:
    """Show the loss from above as filled contours, dense in the valleys, with the paths of all starts.

    Parameters
    ----------
    runs
        One run, or several (of other optimizers, say) told apart by color, dash and shape. With one parameter,
        `curve` is shown instead.
    surface
        The loss over two parameters; surveyed around all runs if not given.
    colors
        ``even`` (perceptually even) or ``rainbow``.

    Raises
    ------
    ProblemError
        If the surface is over other parameters than the run's.
    """
    several = runs_of(runs, "plots.contour")
    surface = _surface_for(several, surface, "plots.contour")
    if len(surface.names) == 1:
        return curve(several[0], surface)
    losses = drawable(surface.loss)
    levels = levels_of(losses)
    known = finite(losses)
    low, high = (levels[0], levels[-1]) if levels else (0.0, 1.0)
    scale = ColorScale(low, high, colors, label=loss_label(several[0]), levels=levels)
    marks: list[Mark] = [Field(surface.x, surface.y, losses, scale)] if levels else []
    if not levels:
        marks.append(Words(f"constant loss {known[0]:.4g}" if known.size else "no finite loss here"))
    marks += [*_paths(several, series_of(several), surface, None), *_best(surface, None)]
    axes = [Axis(name, limits=limits) for name, limits in zip(surface.names, _box(surface), strict=True)]
    panel = Panel(*axes, tuple(marks), title="Loss from above")
    return Scene(several[0].problem.title, (panel,), _with_held(subtitle_of(several), surface))


def curve(run: Run, surface: Surface | None = None) -> Scene:
    """Show the loss over one parameter with all visited points in blue, start and end in red.

    Parameters
    ----------
    run
        Of a problem with one parameter; with more, ``surface`` says which one varies.
    surface
        The loss over one parameter; surveyed around the run if not given.

    Raises
    ------
    ProblemError
        If the surface is over two parameters or over one the run doesn't have.
    """
    surface = _surface_for((run,), surface, "plots.curve")
    if len(surface.names) != 1:
        raise ProblemError(
            f"plots.curve: expected a loss over one parameter, got one over {' and '.join(surface.names)}. "
            "Use plots.descent or plots.contour."
        )
    name = surface.names[0]
    losses = np.where(np.isnan(drawable(surface.loss)), np.nan, surface.loss)
    series = series_of((run,))
    low, high = floor_and_ceiling(losses, rows_of(series[-1])[:, 1], log=False)
    margin = 0.05 * (high - low)
    marks: list[Mark] = [Line(surface.x, losses, color=GRAY, width=1.8, label=loss_label(run))]
    marks += _visits(run, series, name, surface)
    limits = (float(surface.x[0]), float(surface.x[-1]))
    y = Axis(loss_label(run), limits=(low - margin, high + margin))
    panel = Panel(Axis(name, limits=limits), y, tuple(marks), title="Visited points")
    return Scene(run.problem.title, (panel,), _with_held(subtitle_of((run,)), surface))


def _surface_for(runs: Sequence[Run], surface: Surface | None, where: str) -> Surface:
    """Return the surface given, or survey one around the runs."""
    if surface is None:
        from ravine.surface import survey

        return survey(runs[0].problem, around=runs)
    if not isinstance(surface, Surface):
        raise ProblemError(f"{where}: expected a Surface from ravine.survey, got {type(surface).__name__}.")
    for name in surface.names:
        if name not in runs[0].names:
            raise ProblemError(f"{where}: expected a surface over {', '.join(runs[0].names)}, got one over {name}.")
    return surface


def _box(surface: Surface) -> Box:
    return (float(surface.x[0]), float(surface.x[-1])), (float(surface.y[0]), float(surface.y[-1]))


def _space(surface: Surface, heights: tuple[float, float] | None) -> Box:
    """Return where a path is shown: in the box and, in 3-D, below the ceiling."""
    return _box(surface) if heights is None else (*_box(surface), (-np.inf, heights[1]))


def _with_held(subtitle: str, surface: Surface) -> str:
    """Add which parameters do not vary in the picture."""
    if not surface.held:
        return subtitle
    shown = [f"{name} = {value:.3g}" for name, value in list(surface.held.items())[:3]]
    more = f" and {len(surface.held) - 3} more" if len(surface.held) > 3 else ""
    return f"{subtitle}; held at {', '.join(shown)}{more}"


def _coarse(surface: Surface) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the surface on a grid that can be drawn as single cells."""
    columns, rows = (np.linspace(0, size - 1, min(size, _CELLS)).round().astype(int) for size in surface.loss.shape[::-1])
    return surface.x[columns], surface.y[rows], surface.loss[np.ix_(rows, columns)]


def _cut(z: np.ndarray, low: float, high: float) -> np.ndarray:
    """Level off what is too high or low; leave out (NaN) what isn't finite or lies all in the clouds."""
    above = np.pad(~(z < high), 1, constant_values=True)
    rows, columns = z.shape
    buried = np.logical_and.reduce([above[i : i + rows, j : j + columns] for i in range(3) for j in range(3)])
    return np.where(buried | ~np.isfinite(drawable(z)), np.nan, np.clip(z, low, high))


def _paths(
    runs: Sequence[Run], series: Sequence[Series], surface: Surface, heights: tuple[float, float] | None
) -> list[Mark]:
    """Return paths, starts and ends; in 3-D when ``heights`` (floor and ceiling) are given."""
    marks: list[Mark] = []
    rest, box = rest_of(runs, series), _space(surface, heights)
    faint = [part for each in rest if len(part := clip_path(thinned(_rows(each, surface)), box))]
    if faint:
        rows = in_one(faint)
        line = Line(*_place(rows, heights), color=GRAY if heights else "#FFFFFF", width=0.7, opacity=0.35, lift=_LIFT)
        marks.append(line)
    told = (len(runs) > 1 or len(series) > 1) and heights is None
    for place, each in enumerate(series):
        marks += _path(each, surface, heights, told=told, shrink=0.85 ** min(place, 6) if told else 1.0)
    return marks


def _path(
    series: Series, surface: Surface, heights: tuple[float, float] | None, *, told: bool, shrink: float
) -> list[Mark]:
    """Return one path with its start and end; ``shrink`` lets several starts at one place be seen."""
    rows, box = _rows(series, surface), _box(surface)
    shown = clip_path(rows, _space(surface, heights))
    width = 2.4 if series.strong else 1.2
    ink: dict[str, Any] = {"color": series.color, "halo": series.strong, "lift": _LIFT}
    marks: list[Mark] = []
    if len(shown):
        label = (series.label if told else "path") if series.strong or told else ""
        hover = _hover(series, shown)
        marks.append(Line(*_place(shown, heights), dash=series.dash, width=width, label=label, hover=hover, **ink))
    big, small = (14.0 * shrink, 11.0 * shrink) if series.strong else (6.0, 5.0)
    first, last = rows[:1], rows[-1:]
    once = series.strong and not told
    if is_inside(first, box)[0]:
        words = "start" if once else series.label if told else ""
        shape = series.shape if told else "circle"
        marks.append(Dots(*_place(first, heights), size=big, shape=shape, label=words, hover=_hover(series, first), **ink))
    if len(rows) > 1 and is_inside(last, _space(surface, heights))[0]:
        words = "end" if once else ""
        marks.append(Dots(*_place(last, heights), size=small, shape="diamond", label=words, hover=_hover(series, last), **ink))
    elif len(rows) > 1 and len(shown):
        words = "leaves the picture" if once else ""
        marks.append(Dots(*_place(shown[-1:], heights), size=small, shape="cross", label=words, **ink))
    return marks


def _rows(series: Series, surface: Surface) -> np.ndarray:
    """Return [record, (x, y, loss, step)] of one descent."""
    columns = [series.run.names.index(name) for name in surface.names]
    rows = rows_of(series, columns)
    return rows[:, [2, 3, 1, 0]] if len(columns) == 2 else rows[:, [2, 1, 0]]


def _place(rows: np.ndarray, heights: tuple[float, float] | None) -> list[np.ndarray]:
    """Return x and y, and in 3-D the loss between floor and ceiling."""
    if heights is None:
        return [rows[:, 0], rows[:, 1]]
    return [rows[:, 0], rows[:, 1], np.clip(rows[:, 2], *heights)]


def _hover(series: Series, rows: np.ndarray) -> dict[str, np.ndarray]:
    return {"step": rows[:, -1], "loss": rows[:, -2], "start": np.full(len(rows), float(series.start))}


def _best(surface: Surface, heights: tuple[float, float] | None) -> list[Mark]:
    """Return the lowest point of the grid, if any of it is finite."""
    if not finite(surface.loss).size:
        return []
    row = np.array([[*(surface.best[name] for name in surface.names), surface.best_loss]])
    return [
        Dots(
            *_place(row, heights), color=GREEN, size=11, halo=True, lift=_LIFT,
            label="best of the grid", hover={"loss": row[:, 2]},
        )
    ]  # fmt: skip


def _view_of(sheet: Sheet, *, log: bool) -> tuple[float, float]:
    """Return elevation and azimuth from which the valley is in front and the slopes behind it."""
    heights = np.log10(sheet.z) if log else sheet.z
    heights = np.where(np.isfinite(heights), heights, np.nanmax(heights) if np.isfinite(heights).any() else 0)
    x, y = np.linspace(-1, 1, sheet.x.size), np.linspace(-1, 1, sheet.y.size)[:, None]
    azimuths = (-60.0, 30.0, 120.0, -150.0)
    nearness = [x * np.cos(np.radians(azimuth)) + y * np.sin(np.radians(azimuth)) for azimuth in azimuths]
    return 38.0, azimuths[int(np.argmin([np.mean(heights * near) for near in nearness]))]


def _visits(run: Run, series: Sequence[Series], name: str, surface: Surface) -> list[Mark]:
    """Return all visited points, and start and end of those descents the picture is about."""
    left, right = float(surface.x[0]), float(surface.x[-1])
    every = [*rest_of((run,), series), *series]
    visited = np.concatenate([thinned(_rows(each, surface), 2000) for each in every])
    visited = visited[(visited[:, 0] >= left) & (visited[:, 0] <= right) & np.isfinite(drawable(visited[:, 1]))]
    hover = {"step": visited[:, 2], "loss": visited[:, 1]}
    marks: list[Mark] = [
        Dots(visited[:, 0], visited[:, 1], color=BLUE, size=5.5, opacity=0.6, label=f"visited {name}", hover=hover)
    ]
    ends = [_rows(each, surface) for each in series if each.strong]
    for rows, label, shape, size in (
        (np.array([r[0] for r in ends]), "start", "circle", 13.0),
        (np.array([r[-1] for r in ends]), "end", "diamond", 11.0),
    ):
        seen = rows[(rows[:, 0] >= left) & (rows[:, 0] <= right) & np.isfinite(drawable(rows[:, 1]))]
        hover = {"step": seen[:, 2], "loss": seen[:, 1]}
        marks.append(Dots(seen[:, 0], seen[:, 1], color=RED, size=size, shape=shape, halo=True, label=label, hover=hover))
    return marks


__all__ = ["contour", "curve", "descent"]


