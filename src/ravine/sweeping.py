"""sweep: learning rate × optimizer × start, in one batch for each optimizer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ravine import contenders, endings, graph, oscillation, starts
from ravine.contenders import Contender
from ravine.endings import Endings
from ravine.errors import ProblemError
from ravine.loop import versions
from ravine.optimizers import KerasMethod, ScipyMethod
from ravine.problem import Problem
from ravine.progress import Progress
from ravine.run import Status
from ravine.settings import Settings, Stop
from ravine.swept import Outcome, Sweep

if TYPE_CHECKING:
    import pandas as pd

_COUNT = 20
_MOST = 4_000_000  # descents
_OUTCOMES = np.array([str(Outcome(status)) if status != Status.stopped else "" for status in endings.STATUSES])


def sweep(  # noqa: PLR0913 - a door of the library; every word is the field's
    problem: Problem | Any,
    learning_rates: Sequence[float] | np.ndarray,
    optimizers: Any = ("sgd",),
    start: starts.Start | pd.DataFrame | None = None,
    *,
    count: int | None = None,
    seed: int = 0,
    steps: int = 200,
    dtype: str = "float64",
    stop: Stop | None = None,
    progress: bool | None = None,
) -> Sweep:
    """Descend with every learning rate, by every optimizer, from every start, and keep where each ended.

    Parameters
    ----------
    problem
        A `Problem`, or a formula or callable to minimize.
    learning_rates
        Positive numbers, such as ``np.geomspace(1e-3, 3, 40)``.
    optimizers
        One Keras optimizer or several, as `descend` takes them. SciPy's methods have no learning rate.
    start
        As for `descend`; None for random ones.
    count, seed
        Of the random starts: 20 by default, drawn from normal distributions of scale 1 and moved into the bounds.
    steps
        The most updates.
    dtype
        ``"float64"`` or ``"float32"``.
    stop
        When a start has ended; see `Stop`.
    progress
        Whether to show a bar on standard error; by default on long work at a terminal.

    Returns
    -------
    Sweep
        After Ctrl-C with the optimizers that were done by then, and a warning that says so.

    Raises
    ------
    ProblemError
        If the settings don't fit together.

    Examples
    --------
    On (x − 2)² the curvature is 2, so plain descent settles with learning rates below 2/2 = 1.

    >>> found = sweep("(x - 2)**2", [0.1, 0.5, 1.0, 1.5], start={"x": 6})
    >>> found.dataset["status"].values[0, :, 0].tolist()
    ['converged', 'converged', 'oscillating', 'diverged']
    >>> found.edges, found.best_rates
    ({'sgd': 1.0}, {'sgd': 0.5})
    """
    began = time.perf_counter()
    problem = problem if isinstance(problem, Problem) else Problem(problem)
    asked = problem.near_names() if start is None else ()
    rates = contenders.rates("sweep", learning_rates)
    entries = contenders.resolve("sweep", optimizers)
    _check_methods(entries)
    problem, rows = _starts(problem, start, count, seed)
    settings = Settings(steps, None, seed, dtype, 1, Stop() if stop is None else stop)
    _check_size(len(rates) * len(rows))
    turn = partial(_descended, problem, rates, rows, settings)
    done, notes = contenders.in_turns(entries, len(rates) * len(rows), turn, progress)
    dataset = _dataset(problem, entries[: len(done)], rates, rows, done, settings)
    curvature = _curvature(problem, dataset)
    edges = [edge_of(entry.method, curvature) for entry in entries[: len(done)]]
    dataset["edge"] = ("optimizer", np.array(edges))
    kept = {
        "optimizer_configs": [entry.method.config for entry in entries[: len(done)]],
        "steps": settings.steps,
        "seed": settings.seed,
        "dtype": dtype,
        "stop": asdict(settings.stop),
        "curvature": curvature,
        "versions": versions(),
        "seconds": time.perf_counter() - began,
    }
    return Sweep(dataset, problem, kept, (*asked, *problem.notes, *notes))


def edge_of(method: Any, curvature: float | None) -> float:
    """Return the learning rate beyond which no descent settles where the largest curvature is this; NaN if unknown.

    Near a minimum the update is linear, and in the direction of the largest curvature λ its factors are the roots of
    a polynomial. One of them reaches −1 at α = 2/λ for plain descent, at 2(1 + β)/λ with momentum β, and at
    2(1 + β)/((1 + 2β)λ) with Nesterov's. Other optimizers rescale the gradient as they go: no such number.

    References
    ----------
    B. T. Polyak: Some methods of speeding up the convergence of iteration methods (1964),
    https://doi.org/10.1016/0041-5553(64)90137-5

    Examples
    --------
    >>> from ravine import optimizers
    >>> edge_of(optimizers.resolve("sgd"), 2.0), edge_of(optimizers.resolve("momentum"), 2.0)
    (1.0, 1.9)
    """
    if curvature is None or not curvature > 0 or not isinstance(method, KerasMethod) or not method.is_linear_descent:
        return np.nan
    momentum = float(method.optimizer.momentum)
    edge = 2 * (1 + momentum) / curvature
    return edge / (1 + 2 * momentum) if method.optimizer.nesterov else edge


def _check_methods(entries: Sequence[Contender]) -> None:
    for entry in entries:
        if isinstance(entry.method, ScipyMethod):
            raise ProblemError(
                f"sweep: SciPy's '{entry.name}' chooses its own step lengths, so there is no learning rate to sweep. "
                "Let it race instead."
            )


def _check_size(descents: int) -> None:
    if descents > _MOST:
        raise ProblemError(f"sweep: expected at most {_MOST:,} descents by one optimizer, got {descents:,}.")


def _starts(problem: Problem, start: Any, count: int | None, seed: int) -> tuple[Problem, np.ndarray]:
    if start is not None:
        if count is not None:
            raise ProblemError("sweep: expected either start or count, the number of random starts, got both.")
        return starts.resolve(problem, start)
    drawn = starts.Normal(_COUNT if count is None else count, seed=seed).draw(problem.names)
    return problem, np.clip(drawn, *problem.limits())


def _descended(
    problem: Problem, rates: np.ndarray, rows: np.ndarray, settings: Settings, contender: Contender, bar: Progress
) -> tuple[Endings, np.ndarray]:
    """Return endings and outcomes of one optimizer, in the order of rates, then starts."""
    assert isinstance(contender.method, KerasMethod)
    each_row, each_rate = np.tile(rows, (len(rates), 1)), np.repeat(rates, len(rows))
    found = endings.find(problem, contender.method, each_row, settings, each_rate, bar.count)
    return found, _outcomes(problem, contender.method, each_row, each_rate, found, settings)


def _outcomes(
    problem: Problem, method: KerasMethod, rows: np.ndarray, rates: np.ndarray, found: Endings, settings: Settings
) -> np.ndarray:
    """Return how each descent ended; of those that ran out of steps, which jump to and fro."""
    if found.was_stopped:
        raise KeyboardInterrupt
    outcomes = _OUTCOMES[found.code].astype(object)
    tired = np.flatnonzero(found.code == endings.STATUSES.index(Status.ran_out))
    if tired.size and oscillation.tail_length(settings.steps):
        width = endings.tile_size(problem, len(rows))
        tail = oscillation.tail_of(problem, method, rows[tired], rates[tired], settings, width)
        jumps = oscillation.oscillating(tail)
        outcomes[tired[jumps]] = str(Outcome.oscillating)
        outcomes[tired[jumps & oscillation.growing(tail)]] = str(Outcome.diverged)
    return outcomes.astype(str)


def _dataset(
    problem: Problem,
    entries: Sequence[Contender],
    rates: np.ndarray,
    rows: np.ndarray,
    done: Sequence[tuple[Endings, np.ndarray]],
    settings: Settings,
) -> xr.Dataset:
    shape = (len(done), len(rates), len(rows))
    each = ("optimizer", "rate", "start")

    def stacked(values: Sequence[np.ndarray], *more: int) -> np.ndarray:
        return np.stack(values).reshape(*shape, *more)

    return xr.Dataset(
        {
            "loss": (each, stacked([found.loss for found, _ in done])),
            "status": (each, stacked([outcomes for _, outcomes in done])),
            "steps_taken": (each, stacked([found.steps_taken for found, _ in done])),
            "params": ((*each, "param"), stacked([found.params for found, _ in done], rows.shape[1])),
            "start_params": (("start", "param"), rows),
            "start_loss": ("start", _losses(problem, rows, settings.dtype)),
        },
        coords={
            "optimizer": [entry.name for entry in entries],
            "rate": rates,
            "start": np.arange(len(rows)),
            "param": list(problem.names),
        },
    )


def _losses(problem: Problem, rows: np.ndarray, dtype: str) -> np.ndarray:
    if problem.is_readable:
        return np.asarray(problem.losses(rows, np.dtype(dtype)))
    return graph.Evaluator(problem, dtype).losses(rows)


def _curvature(problem: Problem, dataset: xr.Dataset) -> float | None:
    """Return the largest curvature at the lowest end that converged inside the bounds, None if there is none."""
    loss = np.where(dataset["status"].values == str(Outcome.converged), dataset["loss"].values.astype(float), np.inf)
    if not np.isfinite(loss).any():
        return None
    row = dataset["params"].values[np.unravel_index(int(np.argmin(loss)), loss.shape)].astype(float)
    low, high = problem.limits()
    if not ((row > low) & (row < high)).all():
        return None
    hessian = graph.Evaluator(problem, "float64").hessian(row)
    if not np.isfinite(hessian).all():
        return None
    largest = float(np.linalg.eigvalsh((hessian + hessian.T) / 2)[-1])
    return largest if largest > 0 else None
