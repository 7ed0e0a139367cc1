"""Tracks: the record of one start, and where on it the descent was still all right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ravine.run import Run, Status


@dataclass(frozen=True, eq=False)
class Track:
    """The own records of a start: ``params``, ``gradient`` [record, param]; ``loss``, ``rate``, ``steps`` [record]."""

    start: int
    status: Status
    params: np.ndarray
    gradient: np.ndarray
    loss: np.ndarray
    rate: np.ndarray
    steps: np.ndarray

    @classmethod
    def of(cls, run: Run, start: int) -> Track:
        """Return the track of one start of a run."""
        path, taken = run.path(start), int(run.dataset["steps_taken"].values[start])
        names = ("params", "gradient", "loss", "learning_rate")
        params, gradient, loss, rate = (path[name].values.astype(float) for name in names)
        steps = np.minimum(path["step"].values, taken)
        return cls(start, Status(str(path["status"].values)), params, gradient, loss, rate, steps)

    @property
    def ran_away(self) -> bool:
        """Whether it left every bound, or the numbers."""
        return self.status in (Status.diverged, Status.not_finite)

    @property
    def is_finite(self) -> np.ndarray:
        """Whether parameters, gradient and loss are finite, [record]."""
        return np.isfinite(self.loss) & np.isfinite(self.params).all(1) & np.isfinite(self.gradient).all(1)

    @property
    def good(self) -> int | None:
        """The last good record: the last one, or of a start that ran away the lowest; None if there is none."""
        finite = self.is_finite
        if not finite.any():
            return None
        if self.ran_away:
            return int(np.argmin(np.where(finite, self.loss, np.inf)))
        return int(np.flatnonzero(finite)[-1])

    @property
    def learning_rate(self) -> float:
        """The learning rate of its last step."""
        return float(self.rate[-1])

    @property
    def taken(self) -> int:
        """How many steps it took."""
        return int(self.steps[-1])
