"""Updates: one step of a recorded descent, and the optimizer's own variables, rebuilt from the record.

The record of step k holds parameters and gradient at step k, so update k goes from record k − 1 to record k, with the
gradient and the learning rate of record k − 1. The optimizer's variables aren't recorded: they follow from the
gradients of all steps before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from ravine import arithmetic, loop, optimizers
from ravine.batches import Batches
from ravine.errors import ProblemError, RavineError
from ravine.ledger import Entry, Ledger
from ravine.notes import Note
from ravine.run import Run
from ravine.settings import Stop

_REPLAYED = 100_000  # most steps to go through once more, about half a minute


@dataclass(frozen=True, eq=False)
class Update:
    """One update of one start.

    Parameters
    ----------
    step, start
        Which one; step 1 is the first update, from record 0 to record 1.
    before, gradient, after
        Parameters before it, the gradient there, parameters after it, [param].
    rate
        The learning rate; NaN where the method has none.
    loss_before, loss_after
        As recorded, over all points.
    batch
        Indices of the points that the gradient saw; None for all.
    entries
        The optimizer's arithmetic, line by line; empty where it can't be had.
    state
        The optimizer's own variables after the update, by Keras's names.
    notes
        Why something is missing.
    """

    step: int
    start: int
    before: np.ndarray
    gradient: np.ndarray
    after: np.ndarray
    rate: float
    loss_before: float
    loss_after: float
    batch: np.ndarray | None
    entries: tuple[Entry, ...]
    state: Mapping[str, Any]
    notes: tuple[Note, ...]


def find(run: Run, step: int, start: int) -> Update:
    """Return update ``step`` of a start.

    Raises
    ------
    ProblemError
        If there is no such start or step, or it can't be rebuilt.
    """
    _check(run, step, start)
    path, notes = run.path(start), []
    if not _is_whole(path, step):
        path, notes = _again(run, step, start)
    one = path.isel(step=[step - 1, step]) if _is_whole(path, step) else path.sel(step=[step - 1, step])
    entries, state, said = _rebuilt(run, path, step)
    params, loss = one["params"].values, one["loss"].values
    return Update(
        step=step,
        start=start,
        before=params[0],
        gradient=one["gradient"].values[0],
        after=params[1],
        rate=float(str(one["learning_rate"].values[0])),
        loss_before=float(str(loss[0])),
        loss_after=float(str(loss[1])),
        batch=_batch(run, step),
        entries=tuple(entries),
        state=state,
        notes=(*notes, *said),
    )


def _check(run: Run, step: int, start: int) -> None:
    if isinstance(start, bool) or not isinstance(start, int | np.integer) or not 0 <= start < run.starts:
        which = f"a start from 0 to {run.starts - 1}" if run.starts > 1 else "start 0, the only one"
        raise ProblemError(f"explain: expected {which}, got {start!r}.")
    last = int(run.dataset["steps_taken"].values[start])
    if last == 0:
        raise ProblemError(f"explain: expected a run with updates, got one whose start {start} ended before the first.")
    if isinstance(step, bool) or not isinstance(step, int | np.integer) or not 1 <= step <= last:
        raise ProblemError(
            f"explain: expected a step from 1 (the first update) to {last} (the last of start {start}), got {step!r}."
        )


def _is_whole(path: xr.Dataset, step: int) -> bool:
    """Whether every step up to this one is recorded."""
    steps = path["step"].values
    return len(steps) > step and int(steps[step]) == step


def _is_keras(run: Run) -> bool:
    return bool(np.isfinite(run.dataset["learning_rate"].values).any()) and "optimizer_config" in run.settings


def _again(run: Run, step: int, start: int) -> tuple[xr.Dataset, list[Note]]:
    """Return the record of all steps up to this one, from the same descent once more."""
    every = run.settings.get("record_every", 1)
    steps = run.path(start)["step"].values
    if not _is_keras(run) or not run.problem.is_callable:
        path = run.path(start)
        if {step - 1, step} <= set(steps.tolist()):
            text = "The steps before weren't recorded, so the optimizer's own variables are unknown."
            return path, [Note("not-replayed", text)]
        raise ProblemError(
            f"explain: step {step} isn't recorded (record_every={every}), and "
            + (
                f"'{run.problem.title}' is a Python function that the file doesn't hold. "
                if not run.problem.is_callable
                else f"'{run.settings.get('optimizer', 'its method')}' can't be replayed. "
            )
            + "Descend again with record_every=1."
        )
    if step > _REPLAYED:
        raise ProblemError(
            f"explain: step {step:,} isn't recorded (record_every={every}), and more than {_REPLAYED:,} steps aren't "
            "replayed. Descend again with record_every=1."
        )
    try:
        found = _replayed(run, step, start)
    except RavineError as error:
        raise ProblemError(f"explain: step {step} isn't recorded and can't be replayed: {error}") from None
    return found, _agreement(run.path(start), found)


def _replayed(run: Run, step: int, start: int) -> xr.Dataset:
    settings = run.settings
    rate = None if settings.get("learning_rate") is None else float(run.dataset["learning_rate"].values[start, 0])
    again = loop.descend(
        run.problem,
        [run.at(0, start)],
        settings["optimizer_config"],
        learning_rate=rate,
        steps=step,
        batch_size=settings.get("batch_size"),
        seed=settings.get("seed", 0),
        dtype=settings["dtype"],
        stop=Stop(gradient=None, loss_change=None, diverge=None),
        progress=False,
    )
    return again.path(0)


def _agreement(path: xr.Dataset, again: xr.Dataset) -> list[Note]:
    """Say that steps were replayed, and whether they meet those that were recorded."""
    shared = np.intersect1d(path["step"].values, again["step"].values)
    one, other = (each.sel(step=shared)["params"].values.astype(float) for each in (path, again))
    size = np.abs(one).max(initial=1e-30)
    if len(again["step"]) and np.allclose(one, other, rtol=1e-4, atol=1e-5 * size):
        text = "Not every step was recorded: the descent was replayed from its start up to this one."
        return [Note("replayed", text)]
    text = "The replay of the descent doesn't meet the recorded steps: its numbers are its own, not the record's."
    return [Note("replay-differs", text)]


def _rebuilt(run: Run, path: xr.Dataset, step: int) -> tuple[list[Entry], dict[str, Any], list[Note]]:
    """Return the lines of the update and the optimizer's variables after it."""
    name = run.settings.get("optimizer", "the method")
    described = run.settings.get("optimizer_config")
    if not _is_keras(run) or not described:
        return [], {}, [Note("no-arithmetic", _why_none(run, str(name)))]
    kind, config = described["class_name"], described["config"]
    if not arithmetic.is_known(kind):
        text = f"The arithmetic of {kind} isn't written out here: shown is what its update did."
        return [], {}, [Note("no-arithmetic", text)]
    if not _is_whole(path, step):
        return [], {}, []
    ledger = Ledger(
        kind, config, list(run.problem.shapes.values()), run.settings.get("dtype", "float32"),
        run.problem.limits() if run.problem.bounds else None,
    )  # fmt: skip
    params, gradient, rate = (path[key].values for key in ("params", "gradient", "learning_rate"))
    entries: list[Entry] = []
    for index in range(step):
        entries = ledger.update(params[index], gradient[index], rate[index])
    return entries, ledger.state(), []


def _why_none(run: Run, name: str) -> str:
    if np.isfinite(run.dataset["learning_rate"].values).any():
        return f"The run doesn't hold the settings of {name}: shown is what its update did."
    whose = f"SciPy's {name}" if name in optimizers.names() else name
    return f"{whose} chooses direction and length of each step by a search of its own: shown is where it went."


def _batch(run: Run, step: int) -> np.ndarray | None:
    """Return which points update ``step`` saw: batches are drawn from the seed, one for every step."""
    size = run.settings.get("batch_size")
    if size is None:
        return None
    batches = Batches(run.problem.points, size, run.settings.get("seed", 0))
    drawn = batches.next(step, step)
    assert drawn is not None
    return drawn[step - 1]
