"""The table and what the formula makes of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from ravine.errors import ProblemError
from ravine.fitting.fitted import Fit
from ravine.recording import Recording
from ravine.run import Run, Status
from ravine.view.palette import BLUE, DASHES, GRAY, INK, RED, SERIES
from ravine.view.scales import drawable, finite
from ravine.view.scene import Axis, ColorScale, Dots, Line, Lines, Mark, Panel, Rule, Scene, Whiskers
from ravine.view.series import series_of, subtitle_of, thinned

_GRID = 500
_LINES = 400
_FEW = 25
_MANY = 2000


def fit(run: Run | Fit, *, beside: Mapping[str, Mapping[str, float]] | None = None) -> Scene:
    """Show the data with the fitted curve in red, and beneath it what is left over.

    With several starts the best one's curve is red, the others' are gray. With several input columns the
    predicted values are shown against the observed ones. A `ravine.fit` shows its answer with the 95 % confidence
    band of the curve.

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
    """
    if isinstance(run, Fit):
        return _answer(run, beside or {})
    observed = _observed(run, "plots.fit")
    name = _only_input(run) if run.problem.is_callable else None
    main = _against_observed(run, observed) if name is None else _curves(run, name, observed, beside or {})
    left_over = _residuals(run, name, observed)
    panels = (main, left_over)
    if name is None:
        return Scene(run.problem.title, panels, subtitle_of((run,)), columns=2)
    return Scene(run.problem.title, panels, subtitle_of((run,)), heights=(3.0, 1.0), stacked=True)


def _answer(found: Fit, beside: Mapping[str, Mapping[str, float]]) -> Scene:
    """Return the picture of a fit: that of a run which holds nothing but its answer, and the band."""
    run = _as_run(found)
    scene = fit(run, beside=beside)
    count, word = found.goodness.free, "parameter" if found.goodness.free == 1 else "parameters"
    good = found.goodness
    subtitle = f"{good.points:,} points, {count} {word}, s = {good.s:.4g}, R² = {good.r_squared:.6g}"
    name = _only_input(run) if run.problem.is_callable else None
    if name is None:
        return dataclasses.replace(scene, subtitle=subtitle)
    grid, columns = _grid(run, name)
    half = found.eval_uncertainty(columns)
    if not np.isfinite(half).any():
        return dataclasses.replace(scene, subtitle=subtitle)
    curve = found.predict(columns)
    ends = np.concatenate([drawable(curve - half), [np.nan], drawable(curve + half)])
    band = Line(np.concatenate([grid, [np.nan], grid]), ends, width=1.4, dash="dashed", label="95 % confidence band")
    main = scene.panels[0]
    panels = (dataclasses.replace(main, marks=(band, *main.marks)), *scene.panels[1:])
    return dataclasses.replace(scene, panels=panels, subtitle=subtitle)


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
    observed = _observed(run, "plots.lines_over_time")
    name = _only_input(run)
    if name is None:
        columns = ", ".join(run.problem.variables) or "none"
        raise ProblemError(
            f"plots.lines_over_time: expected a formula of one column, got {columns}. Use plots.fit or plots.params."
        )
    start = run.best if start is None else start
    records = thinned(np.arange(run.recorded(start))[:, None], _LINES)[:, 0]
    grid, columns = _grid(run, name)
    lines = np.array([_predict(run, run.at(int(record), start), columns) for record in records])
    steps = run.dataset["step"].values[records].astype(float)
    scale = ColorScale(float(steps[0]), float(max(steps[-1], steps[0] + 1)), "steps", label="step")
    last = Line(grid, lines[-1], width=3, label=f"step {steps[-1]:.0f}")
    data = _data(run, run.problem.columns[name], observed)
    marks = [Lines(grid, lines, steps, scale), *_in_order([last], [data], observed.size)]
    y = Axis(run.problem.response_label, limits=_limits(observed, lines[-1]))
    panel = Panel(_x_axis(run, name, grid), y, tuple(marks), title="The curve at every step")
    return Scene(run.problem.title, (panel,), subtitle_of((run,)))


def _observed(run: Run, where: str) -> np.ndarray:
    observed = run.problem.observed
    if not run.problem.has_data or observed is None:
        raise ProblemError(
            f"{where}: expected a run with a table, got the formula '{run.problem.title}' without one. "
            "Use plots.contour, plots.curve or plots.loss."
        )
    return np.asarray(observed, dtype=np.float64)


def _only_input(run: Run) -> str | None:
    """Return the only column that varies, if there is exactly one and it holds a number per point."""
    columns = run.problem.columns
    if any(column.ndim != 1 for column in columns.values()) or _observed(run, "plots").ndim != 1:
        return None
    varying = [name for name, column in columns.items() if column.size and np.any(column != column[0])]
    varying = varying or list(columns)[:1]
    return varying[0] if len(varying) == 1 else None


def _grid(run: Run, name: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return a fine grid over one column, and all columns on it (the others don't vary)."""
    column = finite(run.problem.columns[name])
    low, high = float(column.min()), float(column.max())
    margin = 0.02 * (high - low) or 0.5
    grid = np.unique(np.concatenate([np.linspace(low - margin, high + margin, _GRID), column[:_GRID]]))
    grid = grid[(grid >= min(low, low + margin)) & (grid <= high)] if low >= 0 and low - margin < 0 else grid
    others = {other: np.full(grid.size, values[0]) for other, values in run.problem.columns.items() if other != name}
    return grid, {**others, name: grid}


def _x_axis(run: Run, name: str, grid: np.ndarray) -> Axis:
    margin = 0.01 * float(grid[-1] - grid[0])
    return Axis(run.problem.label(name), limits=(float(grid[0]) - margin, float(grid[-1]) + margin))


def _predict(run: Run, params: Mapping[str, float], columns: Mapping[str, np.ndarray] | None = None) -> np.ndarray:
    if not run.problem.is_callable:  # a Python function, and this run comes from a file: the ends are recorded
        return drawable(run.dataset["prediction"].values[run.best])
    with np.errstate(all="ignore"):
        return drawable(run.problem.predict(params, columns))


def _data(run: Run, x: np.ndarray, observed: np.ndarray) -> Dots:
    ink: dict[str, Any] = {"size": 7.5, "halo": True} if observed.size <= _FEW else _ink_of_dots(observed.size)
    return Dots(x, observed, color=BLUE, label="data", hover={"row": np.arange(float(x.size))}, **ink)


def _ink_of_dots(count: int, size: float = 5.0) -> dict[str, Any]:
    return {"size": 2.0, "opacity": 0.35} if count > _MANY else {"size": size, "opacity": 0.7}


def _whiskers(run: Run, x: np.ndarray, y: np.ndarray, label: str = "") -> list[Mark]:
    sigma = run.problem.sigma
    return [] if sigma is None else [Whiskers(x, y, sigma, label=label)]


def _curves(run: Run, name: str, observed: np.ndarray, beside: Mapping[str, Mapping[str, float]]) -> Panel:
    x = run.problem.columns[name]
    grid, columns = _grid(run, name)
    data = [*_whiskers(run, x, observed, "± σ"), _data(run, x, observed)]
    curves: list[Mark] = []
    others = [each for each in series_of((run,)) if each.start != run.best]
    for index, each in enumerate(others):
        curve = _predict(run, run.at(-1, each.start), columns)
        curves.append(Line(grid, curve, color=GRAY, width=1.2, opacity=0.8, label="" if index else "other starts"))
    for index, (label, params) in enumerate(beside.items(), start=3):
        dash = DASHES[index % len(DASHES)]
        color = SERIES[index % len(SERIES)]
        curves.append(Line(grid, _predict(run, params, columns), color=color, width=2.5, dash=dash, label=label))
    best = _predict(run, run.params, columns)
    sigma = 0.0 if run.problem.sigma is None else run.problem.sigma
    y = Axis(run.problem.response_label, limits=_limits(np.concatenate([observed - sigma, observed + sigma]), best))
    label = ("best fit" if others else "fit") + (" (outside the picture)" if _out_of_sight(best, y.limits) else "")
    curves.append(Line(grid, best, width=3.0, label=label))
    return Panel(_x_axis(run, name, grid), y, tuple(_in_order(curves, data, observed.size)), title="Data and fit")


def _limits(observed: np.ndarray, curve: np.ndarray) -> tuple[float, float] | None:
    """Keep the data in sight when the curve leaves it far behind."""
    data, line = finite(observed), finite(curve)
    if not data.size:
        return None
    low, high = float(data.min()), float(data.max())
    reach = (high - low) or abs(high) or 1.0
    low_line, high_line = (float(line.min()), float(line.max())) if line.size else (low, high)
    low, high = min(low, max(low_line, low - 1.5 * reach)), max(high, min(high_line, high + 1.5 * reach))
    return low - 0.06 * (high - low or 1), high + 0.06 * (high - low or 1)


def _in_order(curves: list[Mark], data: list[Mark], count: int) -> list[Mark]:
    """Return few data above the curves, many beneath them, for they would hide them."""
    return [*curves, *data] if count <= _FEW else [*data, *curves]


def _out_of_sight(curve: np.ndarray, limits: tuple[float, float] | None) -> bool:
    return limits is not None and not np.any((curve >= limits[0]) & (curve <= limits[1]))


def _against_observed(run: Run, observed: np.ndarray) -> Panel:
    predicted = _predict(run, run.params)
    x, y = np.broadcast_arrays(observed, predicted)
    both = finite(np.concatenate([x.ravel(), y.ravel()]))
    ends = np.array([both.min(), both.max()]) if both.size else np.array([0.0, 1.0])
    marks = (
        Line(ends, ends, color=RED, width=2, label="perfect prediction"),
        Dots(x.ravel(), y.ravel(), color=BLUE, label="data", **_ink_of_dots(x.size)),
    )
    name = run.problem.response_label
    axes = Axis(f"observed {name}"), Axis(f"predicted {name}")
    return Panel(*axes, marks, title="Predicted and observed", diagonal=True)


def _residuals(run: Run, name: str | None, observed: np.ndarray) -> Panel:
    predicted = _predict(run, run.params)
    values, fitted = np.broadcast_arrays(observed, predicted)
    left_over = (values - fitted).ravel()
    x = values.ravel() if name is None else run.problem.columns[name]
    axis = Axis(f"observed {run.problem.response_label}") if name is None else _x_axis(run, name, _grid(run, name)[0])
    whiskers = _whiskers(run, x, left_over) if left_over.size == observed.size else []
    dots = Dots(x, left_over, color=BLUE, hover={"row": np.arange(float(x.size))}, **_ink_of_dots(x.size, 4.0))
    return Panel(axis, Axis("residual"), (Rule(0.0, color=INK), *whiskers, dots))
