"""The table and what the formula makes of it."""

from __future__ import annotations

import numpy as np

from ravine.errors import ProblemError
from ravine.fitting.fitted import Fit
from ravine.recording import Recording
from ravine.run import Run, Status
from ravine.view.palette import INK, RED
from ravine.view.plots.curves import Beside, Data, data_and_curves, data_of, limits_of, predict, whiskers
from ravine.view.plots.inputs import (
    data_dots,
    grid_over,
    groups_of,
    in_order,
    ink_of_dots,
    observed_of,
    only_input,
    shown_of,
    x_axis,
)
from ravine.view.scales import finite
from ravine.view.scene import Axis, ColorScale, Dots, Line, Lines, Mark, Panel, Rule, Scene
from ravine.view.series import subtitle_of, thinned

_LINES = 400


def fit(run: Run | Fit, *, beside: Beside | None = None) -> Scene:
    """Show the data with the fitted curve, and beneath it what is left over.

    With several starts the best one's curve is red, the others' are gray. Data sets have a color each. With several
    input columns the predicted values are shown against the observed ones. A `ravine.fit` shows its answer with the
    95 % confidence band of the curve and, if all points have the same weight, the 95 % prediction band of one more
    observation. Of a million points 20,000 are drawn, those farthest from the curve among them.

    Parameters
    ----------
    run
        Of a problem with a table; or a fit.
    beside
        Other parameters to draw, by label: ``{"least squares": {"a": 1, "b": 2}}``.

    Raises
    ------
    ProblemError
        If the problem has no table.

    Examples
    --------
    >>> from ravine import fit as least_squares
    >>> scene = fit(least_squares("y = a*x + b", {"x": [0, 1, 2, 3], "y": [1.1, 2.9, 5.1, 6.9]}))
    >>> [mark.label for mark in scene.panels[0].marks]
    ['95 % prediction band', '95 % confidence band', 'fit', 'data']
    >>> scene.panels[1].marks[-1].y.round(2)
    array([ 0.04, -0.12,  0.12, -0.04])
    """
    found, run = (run, _as_run(run)) if isinstance(run, Fit) else (None, run)
    data = data_of(run)
    name = only_input(run) if run.problem.is_callable else None
    main = _against_observed(run, data) if name is None else data_and_curves(run, name, data, beside or {}, found)
    panels = (main, _residuals(run, name, data))
    subtitle = subtitle_of((run,)) if found is None else _quality(found)
    if data.count < data.observed.size:
        subtitle += f"; {data.count:,} points drawn"
    if name is None:
        return Scene(run.problem.title, panels, subtitle, columns=2)
    return Scene(run.problem.title, panels, subtitle, heights=(3.0, 1.0), stacked=True)


def _quality(found: Fit) -> str:
    good = found.goodness
    points = f"{good.points:,} point{'' if good.points == 1 else 's'}"
    free = f"{good.free} parameter{'' if good.free == 1 else 's'}"
    numbers = (("s", f"{good.s:.4g}"), ("R²", f"{good.r_squared:.6g}"))
    return ", ".join([points, free, *(f"{name} = {number}" for name, number in numbers if number != "nan")])


def _as_run(found: Fit) -> Run:
    """Return a run of one record over all parameters, the fixed and tied ones too: the answer."""
    row = np.array([[list(found.values.values())]])
    none = np.full((1, 1), np.nan)
    loss, zero = np.full((1, 1), found.loss), np.zeros(1, int)
    recording = Recording(zero, row, np.zeros_like(row), loss, none, [Status.converged], zero)
    return Run(recording.to_dataset(list(found.params)), found.problem)


def lines_over_time(run: Run, start: int | None = None) -> Scene:
    """Show the model's curve at every recorded step, from faint (first) to strong (last).

    Parameters
    ----------
    run
        Of a problem with a table and one input column.
    start
        Index of the start to follow; the best by default.

    Raises
    ------
    ProblemError
        If the problem has no table, or several input columns.
    """
    observed = observed_of(run, "plots.lines_over_time")
    name = only_input(run)
    if name is None or len(groups_of(run)) > 1:
        columns = ", ".join(run.problem.variables) or "none"
        raise ProblemError(
            f"plots.lines_over_time: expected a formula of one column, got {columns}. Use plots.fit or plots.params."
        )
    start = run.best if start is None else start
    records = thinned(np.arange(run.recorded(start))[:, None], _LINES)[:, 0]
    grid, columns = grid_over(run, name)
    lines = np.array([predict(run, run.at(int(record), start), columns) for record in records])
    steps = run.dataset["step"].values[records].astype(float)
    scale = ColorScale(float(steps[0]), float(max(steps[-1], steps[0] + 1)), "steps", label="step")
    last = Line(grid, lines[-1], width=3, label=f"step {steps[-1]:.0f}")
    rows = shown_of(np.arange(observed.size), observed - np.median(observed))
    data = data_dots(run.problem.columns[name], observed, rows, rows.size)
    marks = [Lines(grid, lines, steps, scale), *in_order([last], [data], observed.size)]
    y = Axis(run.problem.response_label, limits=limits_of(observed, lines[-1]))
    panel = Panel(x_axis(run, name, grid), y, tuple(marks), title="The curve at every step")
    return Scene(run.problem.title, (panel,), subtitle_of((run,)))


def _against_observed(run: Run, data: Data) -> Panel:
    predicted = data.observed - data.left_over
    both = finite(np.concatenate([data.observed, predicted]))
    ends = np.array([both.min(), both.max()]) if both.size else np.array([0.0, 1.0])
    marks: list[Mark] = [
        Line(ends, ends, color=INK if len(data.groups) > 1 else RED, width=2, label="perfect prediction")
    ]
    for group in data.groups:
        x, y = data.observed[group.rows], predicted[group.rows]
        marks.append(Dots(x, y, color=group.dots, label=group.label or "data", **ink_of_dots(data.count)))
    name = run.problem.response_label
    axes = Axis(f"observed {name}"), Axis(f"predicted {name}")
    return Panel(*axes, tuple(marks), title="Predicted and observed", diagonal=True)


def _residuals(run: Run, name: str | None, data: Data) -> Panel:
    x = data.observed if name is None else run.problem.columns[name]
    axis = (
        Axis(f"observed {run.problem.response_label}") if name is None else x_axis(run, name, grid_over(run, name)[0])
    )
    marks: list[Mark] = [Rule(0.0, color=INK)]
    for group in data.groups:
        rows = group.rows
        marks += whiskers(run, x, data.left_over, rows)
        ink = {"color": group.dots, **ink_of_dots(data.count, 4.0)}
        marks.append(Dots(x[rows], data.left_over[rows], hover={"row": rows.astype(float)}, **ink))
    return Panel(axis, Axis("residual"), tuple(marks))
