"""Recording: what a method wrote down on its way, before it becomes a Run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from ravine.notes import Note
from ravine.run import Status


@dataclass(frozen=True, eq=False)
class Recording:
    """The steps of one or many starts.

    Parameters
    ----------
    step
        Update counts that were recorded, [step]; the first is 0.
    params, gradient
        [start, step, param].
    loss, learning_rate
        [start, step].
    status
        One for each start.
    steps_taken
        Update count at which each start ended, [start].
    notes
        What the method itself had to say.
    evaluations
        How many losses and gradients the method had asked for, [start, step, 2]; None where every step is one of both.
    """

    step: np.ndarray
    params: np.ndarray
    gradient: np.ndarray
    loss: np.ndarray
    learning_rate: np.ndarray
    status: Sequence[Status]
    steps_taken: np.ndarray
    notes: tuple[Note, ...] = ()
    evaluations: np.ndarray | None = None

    def to_dataset(self, names: Sequence[str]) -> xr.Dataset:
        """Return the dataset of a Run; `names` are the parameters'."""
        each = ("start", "step")
        variables = {
            "params": ((*each, "param"), self.params),
            "gradient": ((*each, "param"), self.gradient),
            "loss": (each, self.loss),
            "learning_rate": (each, self.learning_rate),
            "status": (("start",), np.array([str(status) for status in self.status])),
            "steps_taken": (("start",), np.asarray(self.steps_taken)),
        }
        if self.evaluations is not None:
            variables["loss_evaluations"] = (each, self.evaluations[..., 0])
            variables["gradient_evaluations"] = (each, self.evaluations[..., 1])
        coords = {"start": np.arange(len(self.status)), "step": self.step, "param": list(names)}
        return xr.Dataset(variables, coords)


def join(parts: Sequence[Recording], every: int) -> Recording:
    """Return one recording of all starts; those that ended early keep their last values.

    Examples
    --------
    >>> def ended_at(step):
    ...     one = np.arange(step + 1.0)[None]
    ...     return Recording(np.arange(step + 1), one[..., None], one[..., None], one, one, [Status.converged], [step])
    >>> join([ended_at(1), ended_at(3)], 1).loss.tolist()
    [[0.0, 1.0, 1.0, 1.0], [0.0, 1.0, 2.0, 3.0]]
    """
    if len(parts) == 1:
        return parts[0]
    last = max(int(part.step[-1]) for part in parts)
    step = np.unique(np.append(np.arange(0, last + 1, every), last))
    where = [np.searchsorted(part.step, np.minimum(step, part.step[-1])) for part in parts]

    def stack(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name)[:, index] for part, index in zip(parts, where, strict=True)])

    return Recording(
        step=step,
        params=stack("params"),
        gradient=stack("gradient"),
        loss=stack("loss"),
        learning_rate=stack("learning_rate"),
        status=[status for part in parts for status in part.status],
        steps_taken=np.concatenate([np.asarray(part.steps_taken) for part in parts]),
        notes=tuple(note for part in parts for note in part.notes),
        evaluations=None if parts[0].evaluations is None else stack("evaluations"),
    )
