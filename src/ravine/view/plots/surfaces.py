"""The loss over one or two parameters, and the way down it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from ravine.errors import ProblemError
from ravine.plane import Surface
from ravine.run import Run
from ravine.view.palette import GRAY, Colors
from ravine.view.plots.paths import best_of_grid, box_of, paths_on, visits_of
from ravine.view.scales import drawable, finite, floor_and_ceiling, levels_of, spans_decades
from ravine.view.scene import Axis, ColorScale, Field, Line, Mark, Panel, Scene, Sheet, Words
from ravine.view.series import Series, loss_label, rest_of, rows_of, runs_of, series_of, subtitle_of

_CELLS = 90


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
    """
    run = run if start is None else run.select(start)
    surface = surface_for((run,), surface, "plots.descent")
    if len(surface.names) == 1:
        return curve(run, surface)
    series = [Series(each.run, each.start, strong=each.strong) for each in series_of((run,))]
    losses = rows_of(series[-1])[:, 1]
    log = height == "log" or (height == "auto" and _needs_decades(surface.loss, losses))
    low, high = floor_and_ceiling(surface.loss, losses, log=log)
    scale = ColorScale(low, high, colors, log, loss_label(run))
    x, y, z = _coarse(surface)
    sheet = Sheet(x, y, _cut(z, low, high, log=log), scale)
    marks = [sheet, *best_of_grid(surface, (low, high)), *paths_on((run,), series, surface, (low, high))]
    x_axis, y_axis = (Axis(name, limits=limits) for name, limits in zip(surface.names, box_of(surface), strict=True))
    z_axis = Axis(loss_label(run), "log" if log else "linear", (low, high))
    panel = Panel(x_axis, y_axis, tuple(marks), z_axis, "Way down the loss surface", _view_of(sheet, log=log))
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
    surface = surface_for(several, surface, "plots.contour")
    if len(surface.names) == 1:
        return curve(several[0], surface)
    marks = filled_contours(surface, several[0], colors)
    marks += [*best_of_grid(surface), *paths_on(several, series_of(several), surface)]
    x_axis, y_axis = (Axis(name, limits=limits) for name, limits in zip(surface.names, box_of(surface), strict=True))
    panel = Panel(x_axis, y_axis, tuple(marks), title="Loss from above")
    return Scene(several[0].problem.title, (panel,), _with_held(subtitle_of(several), surface))


def filled_contours(surface: Surface, run: Run, colors: Colors = "even") -> list[Mark]:
    """Return the loss from above as filled contours, or words where there is nothing to fill."""
    losses = drawable(surface.loss)
    levels = levels_of(losses)
    known = finite(losses)
    if not levels:
        return [Words(f"constant loss {known[0]:.4g}" if known.size else "no finite loss here")]
    scale = ColorScale(levels[0], levels[-1], colors, label=loss_label(run), levels=levels)
    return [Field(surface.x, surface.y, losses, scale)]


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
    surface = surface_for((run,), surface, "plots.curve")
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
    marks += visits_of(series, rest_of((run,), series), surface)
    limits = (float(surface.x[0]), float(surface.x[-1]))
    y = Axis(loss_label(run), limits=(low - margin, high + margin))
    panel = Panel(Axis(name, limits=limits), y, tuple(marks), title="Visited points")
    return Scene(run.problem.title, (panel,), _with_held(subtitle_of((run,)), surface))


def surface_for(runs: Sequence[Run], surface: Surface | None, where: str) -> Surface:
    """Return the surface given, or the one that a single run keeps, or survey one around the runs."""
    if surface is None and len(runs) == 1:
        surface = runs[0].surface
    if surface is None and not runs[0].problem.is_callable:
        raise ProblemError(
            f"{where}: '{runs[0].problem.title}' is a Python function, which a file can't hold, and no surface "
            "was saved with it. Save ravine.with_surface(run) next time."
        )
    if surface is None:
        from ravine.surface import survey

        return survey(runs[0].problem, around=runs)
    if not isinstance(surface, Surface):
        raise ProblemError(f"{where}: expected a Surface from ravine.survey, got {type(surface).__name__}.")
    for name in surface.names:
        if name not in runs[0].names:
            raise ProblemError(f"{where}: expected a surface over {', '.join(runs[0].names)}, got one over {name}.")
    return surface


def _with_held(subtitle: str, surface: Surface) -> str:
    """Add which parameters do not vary in the picture."""
    if not surface.held:
        return subtitle
    shown = [f"{name} = {value:.4g}" for name, value in list(surface.held.items())[:3]]
    more = f" and {len(surface.held) - 3} more" if len(surface.held) > 3 else ""
    return f"{subtitle}; held at {', '.join(shown)}{more}"


def _needs_decades(surface: np.ndarray, path: np.ndarray) -> bool:
    """Tell whether only a logarithmic height shows the valley and the start of the path together."""
    out_of_sight = bool(path[0] > floor_and_ceiling(surface, path, log=False)[1])
    return spans_decades(surface) or (out_of_sight and bool(finite(surface).min() > 0))


def _coarse(surface: Surface) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the surface on a grid that can be drawn as single cells."""
    columns, rows = (
        np.linspace(0, size - 1, min(size, _CELLS)).round().astype(int) for size in surface.loss.shape[::-1]
    )
    return surface.x[columns], surface.y[rows], surface.loss[np.ix_(rows, columns)]


def _cut(z: np.ndarray, low: float, high: float, *, log: bool) -> np.ndarray:
    """Leave out (NaN) what isn't finite or lies all in the clouds; cells that reach into them are cut by the drawer."""
    z = drawable(z)
    above = np.pad(~(z < high), 1, constant_values=True)
    rows, columns = z.shape
    buried = np.logical_and.reduce([above[i : i + rows, j : j + columns] for i in range(3) for j in range(3)])
    highest = 10 * high if log else high + 3 * (high - low)
    return np.where(buried, np.nan, np.clip(z, low, highest))


def _view_of(sheet: Sheet, *, log: bool) -> tuple[float, float]:
    """Return elevation and azimuth from which the valley is in front and the slopes behind it."""
    heights = np.log10(sheet.z) if log else sheet.z
    heights = np.where(np.isfinite(heights), heights, np.nanmax(heights) if np.isfinite(heights).any() else 0)
    x, y = np.linspace(-1, 1, sheet.x.size), np.linspace(-1, 1, sheet.y.size)[:, None]
    azimuths = (-60.0, 30.0, 120.0, -150.0)
    nearness = [x * np.cos(np.radians(azimuth)) + y * np.sin(np.radians(azimuth)) for azimuth in azimuths]
    return 34.0, azimuths[int(np.argmin([np.mean(heights * near) for near in nearness]))]
