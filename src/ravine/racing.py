"""race: several optimizers from the same starts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ravine import contenders, endings, ranking, starts
from ravine.contenders import Contender
from ravine.errors import ProblemError
from ravine.loop import descend, versions
from ravine.optimizers import KerasMethod
from ravine.problem import Problem
from ravine.progress import Progress
from ravine.raced import Entrant, Race
from ravine.run import Run, Status
from ravine.settings import Settings, Stop

if TYPE_CHECKING:
    import pandas as pd

FIELD = ("sgd", "momentum", "adam", "rmsprop", "lion", "bfgs")
_RANGE = (1e-4, 10.0)
_BUDGET = 15
_MOST = 10_000
_REPEATS = 3
_LONG = 0.5  # seconds that are measured well enough once
_FAILED = [endings.STATUSES.index(status) for status in (Status.diverged, Status.not_finite)]


def race(  # noqa: PLR0913 - a door of the library; every word is the field's
    problem: Problem | Any,
    start: starts.Start | pd.DataFrame | None = None,
    optimizers: Any = FIELD,
    *,
    steps: int = 200,
    budget: int | None = None,
    rates: Sequence[float] | np.ndarray | None = None,
    dtype: str = "float64",
    stop: Stop | None = None,
    progress: bool | None = None,
) -> Race:
    """Let several optimizers go down from the same starts, each at its default and at its best learning rate.

    Every optimizer that has a learning rate tries equally many of them, so that no result crowns a tuning. The best
    is that with the lowest final loss (the median over the starts), of equal ones the quickest.

    Parameters
    ----------
    problem
        A `Problem`, or a formula or callable to minimize.
    start
        As for `descend`.
    optimizers
        Keras's and SciPy's, as `descend` takes them.
    steps
        The most updates, or iterations of a SciPy method.
    budget
        How many learning rates everybody tries beside its own: 15 by default, evenly on a logarithmic scale from
        1e-4 to 10.
    rates
        These learning rates instead.
    dtype
        ``"float64"``, as SciPy's methods always compute, or ``"float32"``.
    stop
        When a start has ended; see `Stop`.
    progress
        Whether to show a bar on standard error; by default on long work at a terminal.

    Returns
    -------
    Race
        After Ctrl-C with the optimizers that were done by then, and a warning that says so. The ``seconds`` of a run
        are measured by going again once everything is compiled: the least of three times, of long runs of one.

    Raises
    ------
    ProblemError
        If the settings don't fit together.

    Examples
    --------
    On (x − 2)² plain descent with the learning rate 0.5 is there after one step; its default rate is 0.01.

    >>> found = race("(x - 2)**2", {"x": 6}, ["sgd", "bfgs"], rates=[0.25, 0.5, 1], steps=50)
    >>> [(row["optimizer"], row["tuning"], row["learning_rate"], row["steps"]) for row in found.results()]
    [('sgd', 'best', 0.5, 1.0), ('sgd', 'default', 0.01, nan), ('bfgs', 'none', nan, 3.0)]
    """
    began = time.perf_counter()
    problem = problem if isinstance(problem, Problem) else Problem(problem)
    asked = problem.near_names() if start is None else ()
    tried = _rates(budget, rates)
    field = contenders.resolve("race", optimizers)
    problem, rows = starts.resolve(problem, start)
    settings = Settings(steps, None, 0, dtype, 1, Stop() if stop is None else stop)
    settings.check(problem, len(rows))
    course = _Course(problem, rows, tried, settings)
    descents = (len(tried) + 3) * len(rows)
    entrants, notes = contenders.in_turns(field, descents, partial(_entrant, course), progress)
    kept = {
        "rates": tried.tolist(),
        "steps": settings.steps,
        "dtype": dtype,
        "stop": asdict(settings.stop),
        "versions": versions(),
        "seconds": time.perf_counter() - began,
    }
    return Race(problem, tuple(entrants), kept, (*asked, *problem.notes, *notes))


@dataclass(frozen=True, eq=False)
class _Course:
    """What is the same for all: the starts [start, param], the rates [rate] that each may try, how far to go."""

    problem: Problem
    rows: np.ndarray
    rates: np.ndarray
    settings: Settings

    @property
    def starts(self) -> list[dict[str, Any]]:
        """The starts by name."""
        return [self.problem.by_name(row) for row in self.rows]


def _rates(budget: int | None, rates: Any) -> np.ndarray:
    if rates is not None:
        if budget is not None:
            raise ProblemError("race: expected either rates or budget, the number of rates, got both.")
        return contenders.rates("race", rates)
    budget = _BUDGET if budget is None else budget
    if isinstance(budget, bool) or not isinstance(budget, int | np.integer) or not 1 <= budget <= _MOST:
        raise ProblemError(f"race: expected a budget from 1 to {_MOST:,} learning rates, got {budget!r}.")
    return np.geomspace(*_RANGE, int(budget)) if budget > 1 else np.array([_RANGE[0] ** 0.5 * _RANGE[1] ** 0.5])


def _entrant(course: _Course, contender: Contender, bar: Progress) -> Entrant:
    default = _timed(course, contender, None)
    bar.count(2 * len(course.rows))
    if not isinstance(contender.method, KerasMethod):
        return Entrant(contender.name, default, default)
    trials = _tried(course, contender.method, bar)
    rate = _best(course, default, trials)
    assert contender.method.start_rates is not None
    is_default = rate == contender.method.start_rates[0]
    return Entrant(contender.name, default, default if is_default else _timed(course, contender, rate), trials)


def _timed(course: _Course, contender: Contender, rate: float | None) -> Run:
    """Descend again until nothing is compiled; of short runs the quickest of three, for the machine does more."""
    settings = course.settings
    runs: list[Run] = []
    while len(runs) <= _REPEATS:
        run = descend(
            course.problem,
            course.starts,
            contender.given,
            learning_rate=rate,
            steps=settings.steps,
            dtype=settings.dtype,
            stop=settings.stop,
            progress=False,
        )
        gave_up = any(note.code == "method-gave-up" for note in run.warnings)
        if Status.stopped in run.statuses and not gave_up:  # descend keeps what it has after Ctrl-C
            raise KeyboardInterrupt
        runs.append(run)
        if len(runs) > 1 and run.settings["seconds"] > _LONG:
            break
    quickest = min(runs[1:], key=lambda run: run.settings["seconds"])
    return replace(quickest, settings={**quickest.settings, "optimizer": contender.name})


def _tried(course: _Course, method: KerasMethod, bar: Progress) -> xr.Dataset:
    """Descend with every learning rate, the optimizer's own among them."""
    assert method.start_rates is not None
    rates = np.union1d(course.rates, method.start_rates[:1])
    count = len(course.rows)
    rows, each = np.tile(course.rows, (len(rates), 1)), np.repeat(rates, count)
    found = endings.find(course.problem, method, rows, course.settings, each, bar.count)
    if found.was_stopped:
        raise KeyboardInterrupt
    shape, dims = (len(rates), count), ("rate", "start")
    names = np.array([str(status) for status in endings.STATUSES])
    return xr.Dataset(
        {
            "loss": (dims, found.loss.reshape(shape)),
            "status": (dims, names[found.code].reshape(shape)),
            "steps_taken": (dims, found.steps_taken.reshape(shape)),
        },
        coords={"rate": rates, "start": np.arange(count)},
    )


def _best(course: _Course, default: Run, trials: xr.Dataset) -> float:
    """Return the learning rate that ended lowest."""
    failed = np.isin(trials["status"].values, [str(endings.STATUSES[code]) for code in _FAILED])
    loss = np.where(failed, np.inf, trials["loss"].values.astype(float))
    begin = default.dataset["loss"].values[:, 0].astype(float)
    near = ranking.tolerance(begin, loss.min(axis=0), course.settings.dtype)
    best = ranking.best_of(loss, trials["steps_taken"].values, float(np.median(near)))
    return float(trials["rate"].values[best])
