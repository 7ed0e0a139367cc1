"""Data and the curves through them, with what a fit knows of how sure they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ravine.fitting.fitted import Fit
from ravine.run import Run
from ravine.view.palette import DASHES, GRAY, SERIES
from ravine.view.plots.inputs import (
    SHOWN,
    Group,
    data_dots,
    grid_over,
    groups_of,
    in_order,
    observed_of,
    shown_of,
    x_axis,
)
from ravine.view.scales import drawable, finite
from ravine.view.scene import Axis, Line, Mark, Panel, Ribbon, Whiskers
from ravine.view.series import series_of

_BANDED = 3  # data sets beyond which prediction bands would hide each other

Beside = Mapping[str, Mapping[str, float]]
"""Other parameters to draw, by label."""


@dataclass(frozen=True)
class Data:
    """What was observed and what is left over of it [point], the sets, and how many points are drawn."""

    observed: np.ndarray
    left_over: np.ndarray
    groups: tuple[Group, ...]
    count: int


def data_of(run: Run) -> Data:
    """Return the data of a run and what its best parameters leave over; outputs of several columns in one row."""
    values, fitted = np.broadcast_arrays(observed_of(run, "plots.fit"), predict(run, run.params))
    observed, left_over = values.ravel(), (values - fitted).ravel()
    groups = groups_of(run) if values.ndim == 1 else [Group(np.arange(observed.size))]
    most = max(2, SHOWN // len(groups))
    shown = tuple(replace(each, rows=shown_of(each.rows, left_over, most)) for each in groups)
    return Data(observed, left_over, shown, sum(each.rows.size for each in shown))


def data_and_curves(run: Run, name: str, data: Data, beside: Beside, found: Fit | None) -> Panel:
    """Return the panel of data over their only input: bands beneath, then the curves of other starts, the best ones."""
    best = [_best(run, name, group) for group in data.groups]
    bands = [] if found is None else _bands(found, run, name, data.groups, best)
    heights = np.concatenate([line.y for line in best] + [np.append(band.low, band.high) for band in bands])
    sigma = 0.0 if run.problem.sigma is None else run.problem.sigma
    limits = limits_of(np.concatenate([data.observed - sigma, data.observed + sigma]), heights)
    if len(best) == 1:
        best = [replace(best[0], label=_name_of(best[0], run, limits))]
    curves = [*_beside(run, name, data.groups, beside), *best]
    marks = [*bands, *in_order(curves, _points(run, name, data), data.count)]
    y = Axis(run.problem.response_label, limits=limits)
    return Panel(x_axis(run, name, grid_over(run, name)[0]), y, tuple(marks), title="Data and fit")


def limits_of(observed: np.ndarray, curve: np.ndarray) -> tuple[float, float] | None:
    """Keep the data in sight when the curve leaves it far behind."""
    data, line = finite(observed), finite(curve)
    if not data.size:
        return None
    low, high = float(data.min()), float(data.max())
    reach = (high - low) or abs(high) or 1.0
    low_line, high_line = (float(line.min()), float(line.max())) if line.size else (low, high)
    low, high = min(low, max(low_line, low - 1.5 * reach)), max(high, min(high_line, high + 1.5 * reach))
    return low - 0.06 * (high - low or 1), high + 0.06 * (high - low or 1)


def predict(run: Run, params: Mapping[str, float], columns: Mapping[str, np.ndarray] | None = None) -> np.ndarray:
    """Return what an axis can show of the prediction, [point]."""
    if not run.problem.is_callable:  # a Python function, and this run comes from a file: the ends are recorded
        return drawable(run.dataset["prediction"].values[run.best])
    with np.errstate(all="ignore"):
        return drawable(run.problem.predict(params, columns))


def whiskers(run: Run, x: np.ndarray, y: np.ndarray, rows: np.ndarray, label: str = "") -> list[Mark]:
    """Return error bars of these rows if sigma is known."""
    sigma = run.problem.sigma
    if sigma is None or sigma.size != y.size:
        return []
    return [Whiskers(x[rows], y[rows], sigma[rows], label=label)]


def _best(run: Run, name: str, group: Group) -> Line:
    grid, columns = grid_over(run, name, group)
    return Line(grid, predict(run, run.params, columns), color=group.color, width=3.0, label=group.label)


def _name_of(best: Line, run: Run, limits: tuple[float, float] | None) -> str:
    hidden = limits is not None and not np.any((best.y >= limits[0]) & (best.y <= limits[1]))
    return ("best fit" if run.starts > 1 else "fit") + (" (outside the picture)" if hidden else "")


def _points(run: Run, name: str, data: Data) -> list[Mark]:
    x = run.problem.columns[name]
    marks: list[Mark] = []
    for index, group in enumerate(data.groups):
        marks += whiskers(run, x, data.observed, group.rows, "" if index else "± σ")
        ink = {"color": group.dots, "label": group.label or "data"}
        marks.append(data_dots(x, data.observed, group.rows, data.count, **ink))
    return marks


def _beside(run: Run, name: str, groups: tuple[Group, ...], beside: Beside) -> list[Mark]:
    """Return the curves of other starts, and of other parameters."""
    others = [each for each in series_of((run,)) if each.start != run.best]
    marks: list[Mark] = []
    for first, group in zip([True, *[False] * len(groups)], groups, strict=False):
        grid, columns = grid_over(run, name, group)
        for index, each in enumerate(others):
            curve = predict(run, run.at(-1, each.start), columns)
            label = "other starts" if first and not index else ""
            marks.append(Line(grid, curve, color=GRAY, width=1.2, opacity=0.8, label=label))
        for index, (label, params) in enumerate(beside.items(), start=3):
            color, dash = SERIES[index % len(SERIES)], DASHES[index % len(DASHES)]
            curve = predict(run, params, columns)
            marks.append(Line(grid, curve, color=color, width=2.5, dash=dash, label=label if first else ""))
    return marks


def _bands(found: Fit, run: Run, name: str, groups: tuple[Group, ...], best: list[Line]) -> list[Ribbon]:
    """Return the confidence band of each curve above the prediction bands, where there is anything finite to show."""
    confidence: list[Ribbon] = []
    prediction: list[Ribbon] = []
    for group, line in zip(groups, best, strict=True):
        sure = found.eval_uncertainty(grid_over(run, name, group)[1])
        scatter = _scatter(found) if len(groups) <= _BANDED else np.nan
        for bands, half, word, opacity in (
            (confidence, sure, "confidence", 0.24),
            (prediction, np.hypot(sure, scatter), "prediction", 0.10),
        ):
            low, high = drawable(line.y - half), drawable(line.y + half)
            if np.isfinite(high - low).any():
                label = "" if bands else f"95 % {word} band"
                bands.append(Ribbon(line.x, low, high, color=group.color, opacity=opacity, label=label))
    return [*prediction, *confidence]


def _scatter(found: Fit) -> float:
    """Return how far one more observation lies from the curve at 95 %, NaN if that depends on unknown weights."""
    sigma = found.problem.sigma
    if sigma is not None and np.any(sigma != sigma[0]):
        return np.nan
    own = 1.0 if sigma is None else float(sigma[0])
    return float(found.quantile(0.95) * np.sqrt(found.covariance.variance) * own)
