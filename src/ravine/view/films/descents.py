"""The film of a descent: its way over the loss beside the curve through the data and the loss so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ravine.plane import Surface
from ravine.run import Run
from ravine.view import plots
from ravine.view.film import Film
from ravine.view.moments import moments_of
from ravine.view.plots.curves import limits_of, predict
from ravine.view.plots.inputs import grid_over, groups_of, only_input
from ravine.view.plots.surfaces import surface_for
from ravine.view.scales import drawable
from ravine.view.scene import Line, Mark, Panel, Scene, Sheet
from ravine.view.series import Series, rate_of, rows_of, series_of

MOST_STARTS = 12
_CELLS = 56  # along each side of a surface that is drawn anew for every frame
_TURN = 32.0
_TOLD = 4


def descent(run: Run, frames: int) -> Film:
    """Return the film of a run; of more than twelve starts twelve are shown, the best among them."""
    shown = few_starts(run)
    panels = panels_of(shown)
    scene = Scene(_title(run), tuple(panels))
    redrawn = {}
    for index, panel in enumerate(panels):
        redrawn |= {(index, place): curve for place, curve in _moving_curves(shown, panel).items()}
    return Film(scene, moments_of((shown,), frames), _teller(run), redrawn, _TURN)


def _title(run: Run) -> str:
    """Return what went down, and how."""
    rates = {rate_of(run, start) for start in range(run.starts)}
    rate = f", learning rate {rates.pop():.4g}" if len(rates) == 1 and np.isfinite(rate_of(run)) else ""
    how = f"{run.settings.get('optimizer', '')}{rate}"
    return f"{run.problem.title}  –  {how}" if how else run.problem.title


def few_starts(run: Run, most: int = MOST_STARTS) -> Run:
    """Return a run of at most so many starts: the best, and others evenly chosen."""
    if run.starts <= most:
        return run
    others = [start for start in range(run.starts) if start != run.best]
    chosen = [others[index] for index in np.linspace(0, len(others) - 1, most - 1).astype(int)]
    return replace(run, dataset=run.dataset.isel(start=sorted([*chosen, run.best])))


def panels_of(run: Run) -> list[Panel]:
    """Return what is seen: the large panel first."""
    ways = _ways(run)
    curves = [curves_of(run)] if _has_curves(run) else ways[1:]
    panels = [*ways[:1], *curves, plots.loss(run).panels[0]]
    if len(panels) < 3 and len(run.names) > 1:
        panels.append(plots.params(run, together=True).panels[0])
    return [*panels[:1], *(panel if "arameters" in panel.title else without_labels(panel) for panel in panels[1:])]


def curves_of(run: Run, strong: float = 3.0) -> Panel:
    """Return the panel of the data and a curve for each start, in the colors of the ways."""
    panel = plots.fit(run).panels[0]
    data = [mark for mark in panel.marks if not isinstance(mark, Line)]
    name = only_input(run)
    assert name is not None
    grid, columns = grid_over(run, name)
    series = series_of((run,))
    curves = [
        Line(
            grid, predict(run, run.at(-1, each.start), columns), color=each.color, width=strong if each.strong else 1.2
        )
        for each in series
    ]
    begins = [predict(run, run.at(0, each.start), columns) for each in series]
    observed = run.problem.observed
    assert observed is not None
    limits = limits_of(observed, np.concatenate([*begins, *(curve.y for curve in curves)]))
    return replace(panel, y=replace(panel.y, limits=limits), marks=(*data, *curves))


def params_at(run: Run, start: int, now: float) -> dict[str, float]:
    """Return the parameters of one start at a moment, between two records if it lies there."""
    path = run.path(start)
    steps, rows = path["step"].values.astype(float), drawable(path["params"].values)
    return {name: float(np.interp(now, steps, column)) for name, column in zip(run.names, rows.T, strict=True)}


def last_recorded(run: Run, now: float) -> int:
    """Return the last recorded step up to a moment."""
    steps = run.dataset["step"].values
    return int(steps[np.searchsorted(steps, now + 1e-9, side="right") - 1])


def loss_at(series: Series, now: float) -> float:
    """Return the loss at the last record up to a moment."""
    rows = rows_of(series, [])
    return float(rows[np.searchsorted(rows[:, 0], now + 1e-9, side="right") - 1, 1])


def _ways(run: Run) -> list[Panel]:
    """Return the panels of the loss with the ways on it: in 3-D and from above, or as a curve, or none."""
    if len(run.names) > 2 and run.surface is None:
        return []
    if run.surface is None and not run.problem.is_callable:
        return []
    surface = surface_for((run,), None, "animate")
    if len(surface.names) == 1:
        return [_with_heads(plots.curve(run, surface).panels[0], run, surface)]
    above = plots.contour(run, surface).panels[0]
    space = plots.descent(run, _coarse(surface)).panels[0]
    return [_colored(space, series_of((run,))), above]


def _with_heads(panel: Panel, run: Run, surface: Surface) -> Panel:
    """Add lines without ink along the ways over one parameter, at whose ends dots run ahead."""
    column = run.names.index(surface.names[0])
    lines = []
    for each in series_of((run,)):
        step, loss, place = drawable(rows_of(each, [column])).T
        lines.append(Line(place, loss, color=each.color, opacity=0.0, hover={"step": step}))
    return replace(panel, marks=(*panel.marks, *lines))


def _coarse(surface: Surface) -> Surface:
    """Return the surface on fewer points, for it is drawn again and again."""
    y, x = (np.linspace(0, size - 1, min(size, _CELLS)).round().astype(int) for size in surface.loss.shape)
    return replace(surface, dataset=surface.dataset.isel(y=y, x=x))


def _colored(panel: Panel, series: Sequence[Series]) -> Panel:
    """Give each way in 3-D the color that its curve and its loss have."""
    colors = {each.start: each.color for each in series}

    def ink(mark: Any) -> Mark:
        start = mark.hover.get("start") if hasattr(mark, "hover") else None
        return mark if start is None or len(colors) == 1 else replace(mark, color=colors[int(np.nanmax(start))])

    opaque = [replace(mark, opacity=1.0) if isinstance(mark, Sheet) else mark for mark in panel.marks]
    return replace(panel, marks=tuple(ink(mark) for mark in opaque))


def _has_curves(run: Run) -> bool:
    return run.problem.has_data and run.problem.is_callable and only_input(run) is not None and len(groups_of(run)) == 1


def _moving_curves(run: Run, panel: Panel) -> dict[int, Callable[[float], Mark]]:
    """Return how the curves of the panel of data look at a moment, by their place."""
    if panel.title != "Data and fit":
        return {}
    lines = [place for place, mark in enumerate(panel.marks) if isinstance(mark, Line)]
    return {
        place: moving_curve(run, each.start, panel.marks[place])
        for place, each in zip(lines, series_of((run,)), strict=True)
    }


def moving_curve(run: Run, start: int, last: Any) -> Callable[[float], Mark]:
    """Return the curve of one start as a function of the moment."""
    name = only_input(run)
    assert name is not None
    _, columns = grid_over(run, name)
    return lambda now: replace(last, y=predict(run, params_at(run, start, now), columns))


def without_labels(panel: Panel) -> Panel:
    """Return a panel without a legend."""
    marks: list[Any] = list(panel.marks)
    quiet = (replace(mark, label="") if hasattr(mark, "label") else mark for mark in marks)
    return replace(panel, marks=tuple(quiet))


def _teller(run: Run) -> Callable[[float], tuple[str, ...]]:
    """Return what is written above each frame: the step, the loss and the first parameters of the best start."""
    best = Series(run, run.best)
    names = run.names[:_TOLD]
    what = "loss" if run.problem.has_data else "value"

    def tell(now: float) -> tuple[str, ...]:
        step = last_recorded(run, now)
        at = params_at(run, run.best, step)
        words = [f"step {step:,}", f"{what} {loss_at(best, now):.4g}"]
        return (*words, *(f"{name} = {at[name]:.4g}" for name in names))

    return tell
