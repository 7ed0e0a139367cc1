"""descend: from starts downhill, every step recorded."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, replace
from functools import lru_cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from ravine import diagnosis, graph, keras_descent, minimizers, optimizers, starts
from ravine.problem import Problem
from ravine.progress import Progress
from ravine.recording import Recording
from ravine.run import Run
from ravine.settings import Callback, Settings, Stop

if TYPE_CHECKING:
    import pandas as pd


def descend(  # noqa: PLR0913 - the one door of the library; every word is the field's
    problem: Problem | Any,
    start: starts.Start | pd.DataFrame | None = None,
    optimizer: Any = "sgd",
    *,
    learning_rate: Any = None,
    steps: int = 200,
    batch_size: int | None = None,
    seed: int = 0,
    dtype: str = "float32",
    record_every: int = 1,
    stop: Stop | None = None,
    callback: Callback | None = None,
    progress: bool | None = None,
) -> Run:
    """Go downhill from every start at once and record the way.

    θ ← θ − α·∇f(θ) for plain gradient descent; every other Keras optimizer makes its own, unchanged update.

    Parameters
    ----------
    problem
        A `Problem`, or a formula or callable to minimize.
    start
        ``{"a": 2, "b": 4.5}``, a list of such, a DataFrame, `Grid`, `Normal` or `Uniform`; None for sensible ones.
    optimizer
        A Keras optimizer by name, call, configuration or instance, or a SciPy method by name.
    learning_rate
        A number; several (every start descends with each of them); a Keras schedule; None for Keras's default.
    steps
        The most updates.
    batch_size
        Points drawn for each step, without replacement until all have been seen; None for all points.
    seed
        Of the mini-batches.
    dtype
        ``"float32"`` or ``"float64"`` (SciPy's methods always use ``"float64"``).
    record_every
        Record each k-th step; the first and the last are always recorded.
    stop
        When a start has ended; see `Stop`.
    callback
        Called with an `Intermediate` after every recorded step; StopIteration or a true answer stops the descent.
    progress
        Whether to show a bar on standard error; by default on long work at a terminal.

    Returns
    -------
    Run
        With a status per start: mathematics never raises, `Run.raise_for_status` does on request.

    Raises
    ------
    ProblemError
        If the settings don't fit together.

    Examples
    --------
    One step of size 0.25 on (x − 2)² halves the distance to the minimum: the factor is 1 − 0.25·2.

    >>> run = descend("(x - 2)**2", {"x": 6}, learning_rate=0.25, steps=2)
    >>> run.dataset["params"].values.ravel().tolist()
    [6.0, 4.0, 3.0]
    """
    began = time.perf_counter()
    problem = problem if isinstance(problem, Problem) else Problem(problem)
    asked = problem.near_names() if start is None else ()
    problem, rows = starts.resolve(problem, start)
    method = optimizers.resolve(optimizer, learning_rate)
    settings = Settings(steps, batch_size, seed, dtype, record_every, Stop() if stop is None else stop, callback)
    with Progress(steps, enabled=progress) as bar:
        if isinstance(method, optimizers.ScipyMethod):
            recording = minimizers.record(problem, method, rows, settings, bar)
        else:
            recording = keras_descent.record(problem, method, rows, settings, bar)
    run = _to_run(problem, method, recording, settings, time.perf_counter() - began)
    return replace(run, warnings=(*asked, *run.warnings))


def _to_run(
    problem: Problem, method: optimizers.Method, recording: Recording, settings: Settings, seconds: float
) -> Run:
    dataset = recording.to_dataset(problem.names)
    is_scipy = isinstance(method, optimizers.ScipyMethod)
    dtype = "float64" if is_scipy else settings.dtype
    if settings.batch_size is not None:  # the optimizer saw the batch's loss; pictures need the whole loss
        dataset["batch_loss"] = dataset["loss"]
        dataset["loss"] = dataset["loss"].copy(data=_whole_losses(problem, recording, dtype))
    if not problem.is_readable and problem.observed is not None:
        predictions = _predictions(problem, recording, dtype)
        outputs = [f"output_{axis}" for axis in range(predictions.ndim - 2)]
        dataset["prediction"] = (("start", "point", *outputs), predictions)
    kept = {
        "optimizer": method.name,
        "optimizer_config": method.config,
        "learning_rate": None if is_scipy or method.start_rates is None else list(method.start_rates),
        "steps": settings.steps,
        "batch_size": None if settings.batch_size is None else int(settings.batch_size),
        "seed": settings.seed,
        "dtype": dtype,
        "record_every": settings.record_every,
        "stop": asdict(settings.stop),
        "versions": versions(),
        "seconds": seconds,
    }
    run = Run(dataset, problem, kept, recording.notes)
    plain = isinstance(method, optimizers.KerasMethod) and method.is_plain_descent and settings.batch_size is None
    return replace(run, warnings=(*run.warnings, *diagnosis.notes(run, plain_descent=plain)))


def _whole_losses(problem: Problem, recording: Recording, dtype: str) -> np.ndarray:
    rows = recording.params.reshape(-1, recording.params.shape[-1])
    evaluate = problem.losses if problem.is_readable else graph.Evaluator(problem, dtype).losses
    return evaluate(rows).astype(dtype).reshape(recording.loss.shape)


def _predictions(problem: Problem, recording: Recording, dtype: str) -> np.ndarray:
    evaluator = graph.Evaluator(problem, dtype)
    return np.stack([evaluator.predictions(row) for row in recording.params[:, -1]])


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Return the versions of what computed."""
    names = ("ravine", "tensorflow", "keras", "scipy", "numpy")
    return {name: _version(name) for name in names}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:  # installed under another name, such as tensorflow-cpu
        return str(getattr(sys.modules.get(name), "__version__", "unknown"))
