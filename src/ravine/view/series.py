"""Which descents a picture tells apart, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ravine.errors import ProblemError
from ravine.run import Run
from ravine.view.palette import BLUE, DASHES, GRAY, RED, SERIES, SHAPES, Dash, Shape

_INDIVIDUAL = 12
_FAINT = 500
_RECORDS = 200


@dataclass(frozen=True)
class Series:
    """One descent of a picture and its ink.

    Parameters
    ----------
    run, start
        The run and the index of the start in it.
    label
        Entry in the legend; empty for none.
    strong
        Whether it is one of those the picture is about; others are drawn thinner.
    """

    run: Run
    start: int
    color: str = RED
    dash: Dash = "solid"
    shape: Shape = "circle"
    label: str = ""
    strong: bool = True


def runs_of(runs: Run | Sequence[Run], where: str) -> tuple[Run, ...]:
    """Return one run or several as a tuple.

    Raises
    ------
    ProblemError
        If there is none, something else, or one with other parameters than the first.
    """
    several: tuple[Any, ...] = (runs,) if isinstance(runs, Run) else tuple(runs)
    for run in several:
        if not isinstance(run, Run):
            raise ProblemError(f"{where}: expected a run or a list of runs, got {type(run).__name__}.")
        if run.names != several[0].names:
            raise ProblemError(f"{where}: expected runs with the parameters {several[0].names}, got {run.names}.")
    if not several:
        raise ProblemError(f"{where}: expected at least one run, got an empty list.")
    return several


def series_of(runs: Sequence[Run]) -> list[Series]:
    """Return the descents to draw one by one, at most about twelve, the important ones last.

    Several runs get a color each; otherwise the starts of the only run do. Where there are more starts than
    colors, only the best stands out.
    """
    if len(runs) == 1:
        return _starts_apart(runs[0])
    labels = _run_labels(runs)
    each = max(1, _INDIVIDUAL // len(runs))
    chosen = []
    for index, run in enumerate(runs):
        ink = (SERIES[index % len(SERIES)], DASHES[index % len(DASHES)], SHAPES[index % len(SHAPES)])
        others = [Series(run, start, *ink, strong=False) for start in _others(run, each - 1)]
        chosen += [*others, Series(run, run.best, *ink, label=labels[index])]
    return sorted(chosen, key=lambda series: series.strong)


def rest_of(runs: Sequence[Run], drawn: Sequence[Series]) -> list[Series]:
    """Return descents that are not drawn one by one, to be seen faintly; at most 500, evenly chosen."""
    done = {(id(series.run), series.start) for series in drawn}
    rest = [Series(run, start, GRAY) for run in runs for start in range(run.starts) if (id(run), start) not in done]
    if len(rest) > _FAINT:
        rest = [rest[index] for index in np.linspace(0, len(rest) - 1, _FAINT).astype(int)]
    return rest


def rows_of(series: Series, columns: Sequence[int] | None = None) -> np.ndarray:
    """Return the records of one descent, [record, column]: step, loss, then parameters."""
    path = series.run.path(series.start)
    params = path["params"].values
    chosen = params if columns is None else params[:, list(columns)]
    return np.column_stack([path["step"].values, path["loss"].values, chosen]).astype(np.float64)


def thinned(rows: np.ndarray, count: int = _RECORDS) -> np.ndarray:
    """Return at most ``count`` of the rows, evenly chosen, first and last among them."""
    return rows if len(rows) <= count else rows[np.linspace(0, len(rows) - 1, count).round().astype(int)]


def in_one(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Return several tables [row, column] as one, rows of NaN between them."""
    gap = np.full((1, parts[0].shape[1]), np.nan)
    return np.concatenate([piece for part in parts for piece in (part, gap)][:-1])


def rate_of(run: Run, start: int | None = None) -> float:
    """Return the learning rate at the first step, NaN where the method has none."""
    return float(run.dataset["learning_rate"].values[run.best if start is None else start, 0])


def subtitle_of(runs: Sequence[Run]) -> str:
    """Return how it went downhill, in a few words."""
    run = runs[0]
    if len(runs) > 1:
        return f"{len(runs)} runs, best loss {min(run.loss for run in runs):.4g}"
    rates = {rate_of(run, start) for start in range(run.starts)}
    has_rate = len(rates) == 1 and np.isfinite(rate_of(run))
    words = [_optimizer(run), f"learning rate {rate_of(run):.4g}" if has_rate else ""]
    words.append(_counted(int(run.dataset["steps_taken"].values[run.best]), "step"))
    words.append(_counted(run.starts, "start") if run.starts > 1 else "")
    words.append(f"{'best ' if run.starts > 1 else ''}loss {run.loss:.4g}")
    return ", ".join(word for word in words if word)


def loss_label(run: Run) -> str:
    """Return what the loss axis says."""
    return f"loss ({run.problem.loss.name})" if run.problem.has_data else "value"


def _starts_apart(run: Run) -> list[Series]:
    if run.starts == 1:
        return [Series(run, 0)]
    if run.starts <= len(SERIES):
        labels = _start_labels(run)
        looks = list(zip(SERIES, DASHES, SHAPES, strict=True))
        return [Series(run, start, *looks[start], label=labels[start]) for start in range(run.starts)]
    others = _others(run, _INDIVIDUAL - 1)
    words = ["some of the others", *[""] * len(others)]
    chosen = [Series(run, start, BLUE, label=word, strong=False) for start, word in zip(others, words, strict=False)]
    return [*chosen, Series(run, run.best, label=f"best: {_start_label(run, run.best)}")]


def _others(run: Run, count: int) -> list[int]:
    """Return evenly chosen starts besides the best."""
    others = [start for start in range(run.starts) if start != run.best]
    if len(others) > count:
        others = [others[index] for index in np.linspace(0, len(others) - 1, count).astype(int)]
    return others


def _start_labels(run: Run) -> list[str]:
    """Name each start by what sets it apart: its place, its learning rate, or both."""
    places = [_start_label(run, start) for start in range(run.starts)]
    rates = [rate_of(run, start) for start in range(run.starts)]
    if len(set(rates)) == 1:
        return places
    words = [f"rate {rate:.4g}" for rate in rates]
    return words if len(set(places)) == 1 else [f"{word}, {place}" for word, place in zip(words, places, strict=True)]


def _start_label(run: Run, start: int) -> str:
    if len(run.names) > 3:
        return f"start {start}"
    values = [f"{value:.3g}" for value in run.at(0, start).values()]
    return f"from ({', '.join(values)})" if len(values) > 1 else f"from {values[0]}"


def _run_labels(runs: Sequence[Run]) -> list[str]:
    """Name each run by its optimizer; those that share it by momentum, learning rate, or a number too."""
    labels = [_optimizer(run) or f"run {index}" for index, run in enumerate(runs)]
    for more in (_momentum, _rate):
        labels = [label + more(run) * (labels.count(label) > 1) for label, run in zip(labels, runs, strict=True)]
    return [f"{label} ({index})" if labels.count(label) > 1 else label for index, label in enumerate(labels)]


def _momentum(run: Run) -> str:
    momentum = run.settings.get("optimizer_config", {}).get("config", {}).get("momentum")
    return f", momentum {momentum:.4g}" if momentum else ""


def _rate(run: Run) -> str:
    return f", rate {rate_of(run):.4g}" if np.isfinite(rate_of(run)) else ""


def _optimizer(run: Run) -> str:
    return str(run.settings.get("optimizer", ""))


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
