"""from_tensorboard: the scalars of event files as a run."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

import numpy as np
import xarray as xr

from ravine.bridge import summaries
from ravine.bridge.events import event_files, read_events
from ravine.errors import StoreError, did_you_mean
from ravine.model import Opaque
from ravine.notes import Note
from ravine.problem import Problem
from ravine.run import Run, Status

_PARAMS, _GRADIENT, _RATE = "params/", "gradient/", "learning_rate"

Series = dict[str, dict[int, float]]
"""Numbers by tag and step."""


def from_tensorboard(logdir: str | os.PathLike[str], *, loss: str = "loss", params: str = _PARAMS) -> Run:
    """Read the scalars of event files into a run, so that it can be drawn, compared and saved.

    Every folder with event files becomes a start. What scalars can't hold is missing: the data and the formula (its
    text is kept as a title), so the run draws its losses and parameters but no surface.

    Parameters
    ----------
    logdir
        The log folder.
    loss
        The tag of the loss.
    params
        What the tags of parameters begin with.

    Returns
    -------
    Run
        With a warning about what is missing. Steps that a start doesn't have hold the values before them.

    Raises
    ------
    StoreError
        If there are no event files, no such scalars, or a file is damaged.

    Examples
    --------
    >>> import tempfile
    >>> import ravine as rv
    >>> run = rv.descend("(x - 2)**2", {"x": 6}, learning_rate=0.25, steps=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     back = rv.from_tensorboard(rv.to_tensorboard(run, folder))
    >>> back.dataset["params"].values.ravel().tolist(), back.problem.title
    ([6.0, 4.0, 3.0], '(x - 2)**2')
    """
    logdir = Path(logdir)
    folders, title = _read(logdir)
    found = {name: series for name, series in folders.items() if loss in series and _tags(series, params)}
    if not found:
        raise _missing(logdir, folders, loss, params)
    names = list(dict.fromkeys(tag for series in found.values() for tag in _tags(series, params)))
    starts = [series for series in found.values() if all(name in series for name in names)]
    if len(starts) < len(found):
        wanted = ", ".join(names)
        raise StoreError(f"{logdir}: expected the same parameters in every folder, {wanted}, got fewer in some.")
    dataset = _dataset(starts, names, loss, params)
    problem = Problem(Opaque(title or str(logdir), tuple(name.removeprefix(params) for name in names), None))
    text = "Read from event files: the loss, the parameters and their gradients only; the data are missing."
    return Run(dataset, problem, {"optimizer": "", "steps": int(dataset["step"].values[-1])}, (Note("imported", text),))


def _read(logdir: Path) -> tuple[dict[str, Series], str]:
    """Return the scalars of each folder, and the formula if it is told."""
    folders: dict[str, Series] = defaultdict(lambda: defaultdict(dict))
    title = ""
    for path in event_files(logdir):
        name = str(path.parent.relative_to(logdir))
        for event in read_events(path):
            for value in event.summary.value:
                number = summaries.value_of(value)
                if number is not None:
                    folders[name][value.tag][int(event.step)] = number
                elif value.tag == "formula" and (text := summaries.text_of(value)):
                    title = text.splitlines()[0].strip("`")
    return dict(sorted(folders.items())), title


def _tags(series: Series, begin: str) -> list[str]:
    return [tag for tag in series if tag.startswith(begin) and tag != begin]


def _dataset(starts: list[Series], names: list[str], loss: str, params: str) -> xr.Dataset:
    steps = sorted({step for series in starts for step in series[loss]})
    flat = [name.removeprefix(params) for name in names]
    gradients = [f"{_GRADIENT}{name}" for name in flat]

    def column(tag: str) -> np.ndarray:
        return np.array([_filled(series.get(tag, {}), steps) for series in starts])

    losses = column(loss)
    status = [Status.ran_out if np.isfinite(row[-1]) else Status.not_finite for row in losses]
    return xr.Dataset(
        {
            "params": (("start", "step", "param"), np.stack([column(name) for name in names], axis=2)),
            "gradient": (("start", "step", "param"), np.stack([column(name) for name in gradients], axis=2)),
            "loss": (("start", "step"), losses),
            "learning_rate": (("start", "step"), column(_RATE)),
            "status": (("start",), np.array([str(each) for each in status])),
            "steps_taken": (("start",), np.array([max(series[loss]) for series in starts])),
        },
        coords={"step": np.array(steps), "param": flat},
    )


def _filled(values: dict[int, float], steps: list[int]) -> np.ndarray:
    """Return a value for every step: the last known one before it, NaN before the first."""
    if not values:
        return np.full(len(steps), np.nan)
    known = np.array(sorted(values))
    at = np.searchsorted(known, steps, side="right") - 1
    numbers = np.array([values[step] for step in known.tolist()])
    return np.where(at >= 0, numbers[np.maximum(at, 0)], np.nan)


def _missing(logdir: Path, folders: dict[str, Series], loss: str, params: str) -> StoreError:
    tags = sorted({tag for series in folders.values() for tag in series})
    shown = ", ".join(f"'{tag}'" for tag in tags[:8]) + (", …" if len(tags) > 8 else "") if tags else "no scalars"
    if loss in tags:
        return StoreError(
            f"{logdir}: expected scalars of parameters beside '{loss}', named '{params}…', got {shown}. "
            "Give what their tags begin with: params=."
        )
    hint = did_you_mean(loss, tags)
    return StoreError(f"{logdir}: expected a scalar '{loss}', got {shown}. Give its tag: loss=.{hint}")
