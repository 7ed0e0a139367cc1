"""Loss and parameters over steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ravine.run import Run
from ravine.view.palette import DASHES, GRAY, SERIES
from ravine.view.scales import drawable, finite, scale_of_losses, scale_of_values
from ravine.view.scene import Axis, Dots, Line, Mark, Panel, Scene, Words
from ravine.view.series import Series, in_one, loss_label, rest_of, rows_of, runs_of, series_of, subtitle_of, thinned

_TOGETHER = 8
_MULTIPLES = 12
_RECORDS = 5000


def loss(runs: Run | Sequence[Run]) -> Scene:
    """Show the loss over steps, logarithmic when it helps.

    Parameters
    ----------
    runs
        One run, or several told apart by color and dash. About twelve descents are drawn one by one, the rest
        faintly.
    """
    several = runs_of(runs, "plots.loss")
    series = series_of(several)
    marks = _faint(several, series, 1)
    for each in series:
        marks += _history(each, 1, loss_label(several[0]))
    shown = np.concatenate([finite(mark.y) for mark in marks if isinstance(mark, Line | Dots)])
    marks += [] if shown.size else [Words("no finite loss")]
    y = Axis(loss_label(several[0]), scale_of_losses(shown))
    panel = Panel(_steps(marks), y, tuple(marks), title="Loss over steps")
    return Scene(several[0].problem.title, (panel,), subtitle_of(several))


def params(run: Run, *, together: bool | None = None) -> Scene:
    """Show the parameters over steps.

    Parameters
    ----------
    run
        With several starts, each parameter gets a panel of its own.
    together
        Whether all parameters of the best start share one panel; by default they do when there is one start and
        their scales are alike. At most twelve panels are shown, of the parameters that moved most.
    """
    if together is None:
        together = run.starts == 1 and len(run.names) <= _TOGETHER and _alike(run)
    chosen = most_moved(run, _TOGETHER if together else _MULTIPLES)
    panels = (_shared_panel(run, chosen),) if together else tuple(_own_panel(run, index) for index in chosen)
    words = subtitle_of((run,)) + ("; parameters of the best start" if together and run.starts > 1 else "")
    if len(chosen) < len(run.names):
        words += f"; the {len(chosen)} of {len(run.names)} parameters that moved most"
    return Scene(run.problem.title, panels, words, columns=1 if len(panels) == 1 else 2 if len(panels) <= 4 else 3)


def _history(series: Series, column: int, name: str) -> list[Mark]:
    """Return one column of one descent over its steps; a dot where there is a single value."""
    rows = thinned(rows_of(series), _RECORDS)
    steps, values = rows[:, 0], drawable(rows[:, column])
    hover = {"step": steps, name: rows[:, column]}
    if np.isfinite(values).sum() == 1:
        return [Dots(steps, values, color=series.color, size=8, shape=series.shape, label=series.label, hover=hover)]
    width = 2.2 if series.strong else 1.0
    opacity = 1.0 if series.strong else 0.6
    ink = {"color": series.color, "dash": series.dash, "label": series.label, "hover": hover}
    return [Line(steps, values, width=width, opacity=opacity, **ink)]


def _faint(runs: Sequence[Run], series: Sequence[Series], column: int) -> list[Mark]:
    rest = rest_of(runs, series)
    if not rest:
        return []
    rows = in_one([thinned(rows_of(each))[:, [0, column]] for each in rest])
    return [Line(rows[:, 0], drawable(rows[:, 1]), color=GRAY, width=0.6, opacity=0.2)]


def _steps(marks: Sequence[Mark]) -> Axis:
    """Return the axis of steps; around the start alone it needs limits."""
    moved = any(np.any(mark.x > 0) for mark in marks if isinstance(mark, Line | Dots))
    return Axis("step", limits=None if moved else (-1.0, 1.0), whole=True)


def most_moved(run: Run, count: int) -> list[int]:
    """Return the indices of the parameters with the widest way, in their own order."""
    values = drawable(run.path(run.best)["params"].values)
    ways = [np.ptp(finite(column)) if finite(column).size else 0.0 for column in values.T]
    return sorted(np.argsort(ways, kind="stable")[::-1][:count].tolist())


def _alike(run: Run) -> bool:
    """Tell whether the parameters' moves are of comparable size, so that none is flat beside the others."""
    values = drawable(run.path(run.best)["params"].values)
    sizes = np.array([np.ptp(finite(column)) for column in values.T if finite(column).size])
    moved = sizes[sizes > 0]
    return bool(moved.size == 0 or moved.max() <= 50 * moved.min())


def _shared_panel(run: Run, chosen: Sequence[int]) -> Panel:
    marks: list[Mark] = []
    for place, index in enumerate(chosen):
        label = run.names[index] if len(chosen) > 1 else ""  # a single one stands at the axis
        ink = Series(run, run.best, SERIES[place], DASHES[place], label=label)
        marks += _history(ink, 2 + index, run.names[index])
    values = np.concatenate([finite(mark.y) for mark in marks if isinstance(mark, Line | Dots)])
    only = run.names[chosen[0]] if len(chosen) == 1 else "parameters"
    title = "Parameters of the best start" if run.starts > 1 else "Parameters over steps"
    if len(chosen) < len(run.names):
        title = f"The {len(chosen)} parameters that moved most"
    return Panel(_steps(marks), Axis(only, scale_of_values(values)), tuple(marks), title=title)


def _own_panel(run: Run, index: int) -> Panel:
    series = series_of((run,))
    marks = _faint((run,), series, 2 + index)
    for each in series:
        marks += _history(each, 2 + index, run.names[index])
    values = np.concatenate([finite(mark.y) for mark in marks if isinstance(mark, Line | Dots)])
    return Panel(_steps(marks), Axis(run.names[index], scale_of_values(values)), tuple(marks))
