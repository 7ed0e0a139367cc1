"""map_basins: a descent from each point of a box, and where it ends."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ravine import endings, lattice, optimizers, places, store
from ravine.basins import DIVERGED, NOT_COMPUTED, NOT_CONVERGED, NOT_FINITE, STATUSES, Basins, percent
from ravine.curvature import Landscape
from ravine.endings import Endings, Watch
from ravine.errors import ProblemError
from ravine.holding import hold
from ravine.map_settings import MapSettings, read_held
from ravine.notes import Note
from ravine.optimizers import KerasMethod, ScipyMethod
from ravine.places import Ends, Place
from ravine.plane import Box
from ravine.problem import Problem
from ravine.progress import Progress
from ravine.run import Status
from ravine.settings import Stop

_TILES = 8  # in a block; a block that is done stays done
_FEW = 8  # starts in a block, where one comes after the other
_MANY = 0.2  # share of the starts that are still on the way, which is worth a warning
_MISSING = -1  # in place of a status

_OF_STATUS = {
    Status.ran_out: NOT_CONVERGED,
    Status.converged: NOT_CONVERGED,  # far away, where nothing is a minimum
    Status.diverged: DIVERGED,
    Status.not_finite: NOT_FINITE,
    Status.stopped: NOT_COMPUTED,
}


def map_basins(  # noqa: PLR0913 - a door of the library; every word is the field's
    problem: Problem | Any = None,
    box: Box | None = None,
    resolution: int | Sequence[int] = 128,
    optimizer: Any = "sgd",
    *,
    learning_rate: Any = None,
    steps: int = 400,
    held: Mapping[str, float] | None = None,
    starts: int | None = None,
    seed: int = 0,
    dtype: str = "float32",
    stop: Stop | None = None,
    tolerance: float = 1e-3,
    progress: bool | None = None,
    watch: Watch | None = None,
    resume: Basins | str | os.PathLike[str] | None = None,
) -> Basins:
    """Descend from every pixel of a box and tell which start ends in which minimum.

    Parameters
    ----------
    problem
        A `Problem`, or a formula or callable to minimize.
    box
        ``{"a": (-2, 7), "b": (-2, 7)}``: where descents begin. Two parameters make a map, one a strip, more of them
        random starts. Parameters that it doesn't name are held.
    resolution
        Pixels along each side, or ``(columns, rows)``. Each start stands in the middle of its pixel.
    optimizer, learning_rate
        As in `descend`, with one learning rate.
    steps
        The most updates.
    held
        Values of the other parameters, by flat name (default: the defaults of a callable's arguments).
    starts, seed
        So many random starts in the box instead of pixels; 4,096 by default over more than two parameters.
    dtype
        ``"float32"`` or ``"float64"`` (SciPy's methods always use ``"float64"``). Minima are brought to their last
        digits in float64 either way.
    stop
        When a start has ended. By default when its slope could not change the loss by more than 1e-4 of its spread
        across the whole box; ``settings["stop"]`` says what that is.
    tolerance
        How near to a minimum a descent has arrived, as a share of the box.
    progress
        Whether to show a bar on standard error; by default on long work at a terminal.
    watch
        Is told now and then how many more starts have ended; what it raises ends the map.
    resume
        A map that was interrupted, or its file: only what is missing is computed. Without ``problem`` and ``box`` all
        other settings are those of the map; with them they must be the same.

    Returns
    -------
    Basins
        After Ctrl-C with what was computed until then, and a warning.

    Raises
    ------
    ProblemError
        If the settings don't fit together, or aren't those of the map to resume.

    Examples
    --------
    Two valleys, and half of the starts for each:

    >>> basins = map_basins("(x**2 - 1)**2", {"x": (-2, 2)}, 100, learning_rate=0.02)
    >>> [(round(basin.params["x"], 9), basin.share) for basin in basins.minima]
    [(-1.0, 0.5), (1.0, 0.5)]
    """
    began = time.perf_counter()
    before = _opened(resume)
    if before is not None and problem is None and box is None:
        return _mapped(MapSettings.of(before), before, began, progress, watch)
    if problem is None:
        raise ProblemError("map_basins: expected a problem and a box, or a map to resume, got none.")
    problem = problem if isinstance(problem, Problem) else Problem(problem)
    pixels = lattice.read(problem.names, box, resolution, starts, seed)
    method = optimizers.resolve(optimizer, learning_rate)
    kept = read_held(problem, pixels.box, held)
    if isinstance(method, ScipyMethod) and dtype == "float32":
        dtype = "float64"  # SciPy knows nothing else
    asked = MapSettings(problem, pixels, method, kept, steps, dtype, stop, tolerance)
    return _mapped(asked, before, began, progress, watch)


def _opened(resume: Any) -> Basins | None:
    before = store.load(resume) if isinstance(resume, str | os.PathLike) else resume
    if before is not None and not isinstance(before, Basins):
        where = Path(resume).name if isinstance(resume, str | os.PathLike) else "resume"
        raise ProblemError(f"{where}: expected a map from ravine.map_basins, got a {type(before).__name__}.")
    return before


def _mapped(
    asked: MapSettings, before: Basins | None, began: float, progress: bool | None, watch: Watch | None
) -> Basins:
    """Compute what is missing, and say where the starts end."""
    free = hold(asked.problem, asked.held)
    columns = [asked.names.index(name) for name in free.names]
    rows = asked.starts.rows[:, columns]
    widths = asked.widths[columns]
    if before is None:
        start_loss = Landscape(free, widths, 0.0).losses(rows).astype(asked.dtype)
    else:
        start_loss = before.dataset["start_loss"].values.ravel()
    land = Landscape(free, widths, _spread(start_loss))
    stop = asked.stop_at(land.spread)
    if before is not None:
        asked.check_same(before, stop)
    found = _found(before, columns, len(rows), asked.dtype)
    with Progress(len(rows), enabled=progress, unit="starts") as bar:
        bar_and_watch = bar.count if watch is None else _both(bar.count, watch)
        bar.total = int((found.code == _MISSING).sum())
        is_whole = _fill(found, rows, free, asked, stop, bar_and_watch)
    at, ending = places.find(land, _ends(found), asked.tolerance)
    dataset = _dataset(asked, found, at, _endings(found, ending), start_loss, columns)
    seconds = time.perf_counter() - began + (before.settings["seconds"] if before is not None else 0.0)
    basins = Basins(dataset, asked.problem, asked.held, asked.described(stop, seconds))
    return replace(basins, warnings=tuple(_notes(basins, is_whole=is_whole)))


def _both(first: Watch, second: Watch) -> Watch:
    def tell(ended: int) -> None:
        first(ended)
        second(ended)

    return tell


def _spread(start_loss: np.ndarray) -> float:
    """Return by how much the loss varies over the box: how far its lowest quarter reaches up."""
    known = start_loss[np.isfinite(start_loss)].astype(float)
    return float(np.quantile(known, 0.25) - known.min()) if known.size else 0.0


def _found(before: Basins | None, columns: list[int], count: int, dtype: str) -> Endings:
    """Return what is known already; ``code`` is an index into `STATUSES`, or says that it's missing."""
    found = Endings.nowhere(count, len(columns), dtype)
    found.code[:] = _MISSING
    if before is not None:
        loss, code, steps_taken = (before.dataset[name].values.ravel() for name in ("loss", "status", "steps_taken"))
        params = before.dataset["params"].values.reshape(count, -1)[:, columns]
        _put(found, np.arange(count), Endings(params, found.gradient, loss, code, steps_taken), code != _MISSING)
    return found


def _fill(found: Endings, rows: np.ndarray, free: Problem, asked: MapSettings, stop: Stop, watch: Watch) -> bool:
    """Compute what is missing, block after block; return whether nothing interrupted it."""
    order = asked.starts.order
    missing = order[found.code[order] == _MISSING]
    settings, codes = asked.for_descent(stop), np.array([STATUSES.index(status) for status in endings.STATUSES])
    stopped = STATUSES.index(Status.stopped)
    is_batched = isinstance(asked.method, KerasMethod) and asked.method.is_elementwise
    size = _TILES * endings.tile_size(free, len(rows)) if is_batched else _FEW
    for block in np.array_split(missing, -(-len(missing) // size) or 1):
        if not len(block):
            continue
        try:
            ended = endings.find(free, asked.method, rows[block], settings, watch=watch)
        except KeyboardInterrupt:
            return False
        code = codes[ended.code]
        is_done = code != stopped
        _put(found, block, replace(ended, code=code), is_done)
        if not is_done.all():  # where one start comes after the other, Ctrl-C stops just one
            return False
    return True


def _put(found: Endings, where: np.ndarray, others: Endings, which: np.ndarray) -> None:
    """Fill in those of the others that ``which`` tells."""
    parts = (others.params, others.gradient, others.loss, others.code, others.steps_taken)
    found.put(where[which], Endings(*(part[which] for part in parts)))


def _ends(found: Endings) -> Ends:
    converged, ran_out = (found.code == STATUSES.index(status) for status in (Status.converged, Status.ran_out))
    return Ends(found.params, found.loss, converged, ran_out)


def _endings(found: Endings, place: np.ndarray) -> np.ndarray:
    """Return the number that stands for each start's end, [start]."""
    words = np.array([*(_OF_STATUS[status] for status in STATUSES), NOT_COMPUTED])  # a missing one is -1, the last
    return np.where(place >= 0, place, words[found.code]).astype(np.int32)


def _dataset(
    asked: MapSettings, found: Endings, at: list[Place], ending: np.ndarray, start_loss: np.ndarray, columns: list[int]
) -> xr.Dataset:
    shape, names, random = asked.starts.shape, asked.names, not asked.starts.counts
    dims = ("start",) if random else ("y", "x")[-len(shape) :]
    in_box = np.argsort(columns)
    each = {"ending": ending, "steps_taken": found.steps_taken, "loss": found.loss, "start_loss": start_loss,
            "status": found.code.astype(np.int8)}  # fmt: skip
    variables: dict[str, Any] = {name: (dims, values.reshape(shape)) for name, values in each.items()}
    variables["params"] = ((*dims, "param"), found.params[:, in_box].reshape(*shape, len(names)))
    coords: dict[str, Any] = {"param": list(names), "parameter": list(asked.problem.names)}
    if random:
        variables["start_params"] = (("start", "param"), asked.starts.rows)
    else:
        coords |= dict(zip(("x", "y"), asked.starts.axes, strict=False))
    variables |= _minima(asked, at, in_box, ending)
    attrs = {} if random else {"x_name": names[0], "y_name": names[1] if len(names) == 2 else ""}
    return xr.Dataset(variables, coords=coords, attrs=attrs)


def _minima(asked: MapSettings, at: list[Place], in_box: np.ndarray, ending: np.ndarray) -> dict[str, Any]:
    """Return the variables over the dimension ``minimum``."""
    everything, computed = asked.problem.names, max(1, int(np.sum(ending != NOT_COMPUTED)))
    rows = [{**asked.held, **dict(zip(asked.names, place.params[in_box], strict=True))} for place in at]
    params = np.array([[row[name] for name in everything] for row in rows], float).reshape(-1, len(everything))
    return {
        "minimum_params": (("minimum", "parameter"), params),
        "minimum_loss": ("minimum", np.array([place.loss for place in at], float)),
        "minimum_kind": ("minimum", np.array([place.kind for place in at], str)),
        "minimum_share": ("minimum", np.array([place.count / computed for place in at], float)),
    }


def _notes(basins: Basins, *, is_whole: bool) -> list[Note]:
    """Return what the user should know of a map."""
    notes = []
    if not is_whole:
        done = percent(basins.computed)
        text = f"Stopped: {done} of the starts are computed. resume= (or --resume FILE) goes on with the rest."
        notes.append(Note("partial", text))
    if basins.computed and not basins.minima:
        notes.append(Note("no-minimum", "No start came to rest. " + _advice(basins)))
    elif basins.not_converged >= _MANY:
        share = percent(basins.not_converged)
        notes.append(Note("not-converged", f"{share} of the starts ran out of steps on the way. Give more steps."))
    if basins.minima and basins.diverged >= _MANY:
        share = percent(basins.diverged)
        notes.append(Note("diverged", f"{share} of the starts diverged. Give a smaller learning rate, or bounds."))
    return notes


def _advice(basins: Basins) -> str:
    shares = {"ran_out": basins.not_converged, "diverged": basins.diverged, "not_finite": basins.not_finite}
    return Status(max(shares, key=lambda name: shares[name])).sentence
