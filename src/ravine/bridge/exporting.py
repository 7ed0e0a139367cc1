"""to_tensorboard: a result as event files: curves, images, meshes, texts and hyperparameters."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ravine.basins import Basins
from ravine.bridge import prints, summaries
from ravine.bridge.live import TensorBoardLog, chosen_starts, folder_of
from ravine.bridge.meshes import mesh_of
from ravine.errors import ProblemError, RavineError
from ravine.fitting.fitted import Fit
from ravine.raced import Race
from ravine.run import Run
from ravine.swept import Sweep
from ravine.view import plots
from ravine.view.films import descents
from ravine.view.scene import Scene

OVERVIEW = "overview"

_MOST_TRIALS = 240
_FRAMES = 9
_COLUMNS = 3
_NARROW = 0.5  # of the full size: the pictures of the grid


def to_tensorboard(thing: Run | Fit | Sweep | Race | Basins, logdir: str | os.PathLike[str]) -> Path:
    """Write a result into a log folder that TensorBoard shows.

    Scalars
        Of a run, of a fit's search and of a race: loss, every parameter, every component and the norm of the gradient,
        and the learning rate at every recorded step, a folder for each start; of at most 32 starts, the best among
        them. Of a sweep the final loss, the steps and the share that converged for each learning rate.
    Images
        The pictures that ``ravine.plots`` makes, and the descent as nine moments, with a slider and as a grid.
    Mesh
        The loss surface with the path, of two parameters.
    Text
        The report; of a run also what its first update did.
    Hyperparameters
        Optimizer and learning rate with what they brought, of sweeps (at most 240 pairs) and races.

    Parameters
    ----------
    thing
        A run, a fit, a sweep, a race or a map of basins.
    logdir
        The folder; made if it isn't there. What is in it already stays, and TensorBoard shows both.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ProblemError
        If ``thing`` is something else.
    StoreError
        If the folder or a file in it can't be written.
    """
    writers: tuple[tuple[type, Any], ...] = (
        (Run, _write_run),
        (Fit, _write_fit),
        (Sweep, _write_sweep),
        (Race, _write_race),
        (Basins, _write_basins),
    )
    write: Any = next((write for kind, write in writers if isinstance(thing, kind)), None)
    if write is None:
        got = type(thing).__name__
        raise ProblemError(f"to_tensorboard: expected a run, a fit, a sweep, a race or a map of basins, got {got}.")
    with TensorBoardLog(logdir) as log:
        write(thing, log)
        return log.logdir


def _write_run(run: Run, log: TensorBoardLog) -> None:
    _write_curves(run, log)
    _write_formula(run.problem, log)
    log.text("report", _verbatim(repr(run)), run=OVERVIEW)
    _write_explanation(run, log)
    made: dict[str, Callable[[], Scene]] = {"loss": lambda: plots.loss(run), "parameters": lambda: plots.params(run)}
    if run.problem.has_data:
        made["fit"] = lambda: plots.fit(run)
    if run.surface is not None or (run.problem.is_callable and len(run.names) <= 2):
        made |= {"surface": lambda: plots.descent(run), "contours": lambda: plots.contour(run)}
    _write_pictures(made, log)
    _write_film(run, log)
    _write_mesh(run, log)


def _write_fit(found: Fit, log: TensorBoardLog) -> None:
    _write_curves(found.run, log)
    _write_formula(found.problem, log)
    log.text("report", _verbatim(found.report()), run=OVERVIEW)
    answer = {f"params/{name}": each.value for name, each in found.params.items()}
    answer |= {f"standard error/{name}": each.stderr for name, each in found.params.items()}
    log.scalars({**answer, "loss": found.loss}, 0, run="answer")
    made: dict[str, Callable[[], Scene]] = {"fit": lambda: plots.fit(found), "loss": lambda: plots.loss(found.run)}
    if len(found.free) in (1, 2):
        made["valleys"] = lambda: plots.valleys(found)
    _write_pictures(made, log)
    _write_mesh(found.run, log)


def _write_sweep(found: Sweep, log: TensorBoardLog) -> None:
    results = ("loss", "steps", "converged")
    log.add(summaries.experiment(("optimizer", "learning_rate"), results), 0, run=OVERVIEW)
    losses, steps = found.loss, found.dataset["steps_taken"].values
    converged = found.share("converged")
    for index, name in enumerate(found.optimizers):
        for rate in _rates(found, index):
            value = float(found.rates[rate])
            run = f"{_as_folder(name)}/rate-{value:.4g}"
            log.add(summaries.trial(run, {"optimizer": name, "learning_rate": value}), 0, run=run)
            brought = (np.median(losses[index, rate]), np.median(steps[index, rate]), converged[index, rate])
            log.scalars(dict(zip(results, map(float, brought), strict=True)), 0, run=run)
    _write_formula(found.problem, log)
    log.text("report", _verbatim(repr(found)), run=OVERVIEW)
    _write_pictures({"sweep": lambda: plots.sweep(found)}, log)


def _rates(found: Sweep, optimizer: int) -> list[int]:
    """Return the indices of the learning rates that become trials: all, or evenly chosen ones and the best."""
    count, most = found.rates.size, max(1, _MOST_TRIALS // len(found.optimizers))
    chosen = np.linspace(0, count - 1, min(count, most)).astype(int)
    return np.unique(np.append(chosen[: most if count <= most else most - 1], found.best[optimizer])).tolist()


def _write_race(found: Race, log: TensorBoardLog) -> None:
    results = ("loss", "steps until arrived", "evaluations until arrived", "seconds until arrived")
    log.add(summaries.experiment(("optimizer", "learning_rate", "tuning"), results), 0, run=OVERVIEW)
    for row in found.results():
        run = f"{_as_folder(row['optimizer'])}/{row['tuning'].replace(' ', '-')}"
        settings = {"optimizer": row["optimizer"], "tuning": row["tuning"]}
        if np.isfinite(row["learning_rate"]):
            settings["learning_rate"] = row["learning_rate"]
        log.add(summaries.trial(run, settings), 0, run=run)
        raced = found[row["optimizer"]].runs[row["tuning"]]
        _write_path(raced, raced.best, log, run)
        keys = ("steps", "evaluations", "seconds")
        took = {f"{key} until arrived": row[key] for key in keys if np.isfinite(row[key])}
        if took:
            log.scalars(took, int(raced.dataset["step"].values[-1]), run=run)
    _write_formula(found.problem, log)
    log.text("report", _verbatim(repr(found)), run=OVERVIEW)
    _write_pictures({"race": lambda: plots.race(found)}, log)


def _write_basins(found: Basins, log: TensorBoardLog) -> None:
    for index, minimum in enumerate(found.minima):
        values = {f"params/{name}": value for name, value in minimum.params.items()}
        log.scalars({"share": minimum.share, "loss": minimum.loss, **values}, index, run="minima")
    _write_formula(found.problem, log)
    log.text("report", _verbatim(repr(found)), run=OVERVIEW)
    _write_pictures({"basins": lambda: plots.basins(found)}, log)
    if found.is_map:
        maps = [found.dataset[name].values for name in ("ending", "steps_taken", "loss", "start_loss")]
        log_of = [np.log1p(np.clip(np.nan_to_num(each - np.nanmin(each)), 0, 1e30)) for each in maps[2:]]
        pictures = [prints.spread(each[::-1]) for each in (*maps[:2], *log_of)]
        log.picture("grids/ending, steps, loss at the end and at the start", prints.grid(pictures, 2), run=OVERVIEW)


def _write_curves(run: Run, log: TensorBoardLog) -> None:
    for start in chosen_starts(run.starts, run.best):
        _write_path(run, start, log, folder_of(start, run.starts))


def _write_path(run: Run, start: int, log: TensorBoardLog, folder: str) -> None:
    """Write what was recorded of one start."""
    path = run.path(start)
    gradients, params = path["gradient"].values, path["params"].values
    columns: dict[str, np.ndarray] = {"loss": path["loss"].values, "learning_rate": path["learning_rate"].values}
    columns |= {f"params/{name}": params[:, index] for index, name in enumerate(run.names)}
    columns |= {f"gradient/{name}": gradients[:, index] for index, name in enumerate(run.names)}
    with np.errstate(over="ignore", invalid="ignore"):
        columns["gradient norm"] = np.linalg.norm(gradients, axis=1)
    known = {tag: values for tag, values in columns.items() if np.isfinite(values).any() or tag == "loss"}
    for record, step in enumerate(path["step"].values):
        log.scalars({tag: values[record] for tag, values in known.items()}, int(step), run=folder)


def _write_formula(problem: Any, log: TensorBoardLog) -> None:
    loss = f"\n\nloss: {problem.loss.name}" if problem.has_data else ""
    log.text("formula", f"`{problem.title}`{loss}", run=OVERVIEW)


def _write_explanation(run: Run, log: TensorBoardLog) -> None:
    """Write what the first update did, where that can be taken apart."""
    from ravine.explaining import explain

    if run.dataset.sizes["step"] < 2:
        return
    try:
        text = explain(run, int(run.dataset["step"].values[1]), run.best).report()
    except RavineError as error:
        text = str(error)
    log.text("explanation", _verbatim(text), run=OVERVIEW)


def _write_pictures(made: Mapping[str, Callable[[], Scene]], log: TensorBoardLog) -> None:
    """Write the pictures; a result that has no picture of a kind goes without."""
    for name, make in made.items():
        try:
            scene = make()
        except ProblemError:
            continue
        log.picture(f"pictures/{name}", scene, run=OVERVIEW)


def _write_film(run: Run, log: TensorBoardLog) -> None:
    """Write nine moments of the descent, each at its step, and all of them as one grid."""
    from ravine.view.animation import moments_drawn

    film = descents.descent(run, _FRAMES)
    small = []
    for now, picture in zip(film.moments, moments_drawn(film), strict=True):
        log.picture("film", picture, int(now), run=OVERVIEW)
        small.append(prints.shrunk(picture, _NARROW))
    log.grid("grids/film", small, columns=_COLUMNS, run=OVERVIEW)


def _write_mesh(run: Run, log: TensorBoardLog) -> None:
    if len(run.names) != 2 or (run.surface is None and not run.problem.is_callable):
        return
    panel = plots.descent(descents.few_starts(run)).panels[0]
    if panel.z is not None:
        log.add(summaries.mesh("loss surface", mesh_of(panel)), 0, run=OVERVIEW)


def _verbatim(text: str) -> str:
    """Return a text that TensorBoard shows as it stands."""
    return "\n".join(f"    {line}" for line in text.splitlines())


def _as_folder(name: str) -> str:
    """Return a name that a folder can have."""
    return "".join(letter if letter.isalnum() or letter in "-_.=" else "-" for letter in name).strip("-.") or "other"
