"""Settings: how far, how exactly and how long to descend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from numbers import Real
from typing import Any

import numpy as np

from ravine.errors import ProblemError
from ravine.problem import Problem

_MOST_BYTES = 8 * 2**30  # of a whole recording


@dataclass(frozen=True)
class Stop:
    """When a start has ended.

    Parameters
    ----------
    gradient
        Converged when no component of the gradient is larger (a component that a bound blocks doesn't count).
    loss_change
        Converged when one step changes the loss by less.
    diverge
        Diverged when |loss| exceeds this many times 1 + |loss at the start|.

    None switches a rule off. With ``batch_size`` only the last one applies: a mini-batch's gradient is noise. SciPy's
    methods end by rules of their own; bfgs, cg, l-bfgs-b and trust-constr take ``gradient`` into theirs, all of them
    obey ``diverge``.
    """

    gradient: float | None = 1e-6
    loss_change: float | None = None
    diverge: float | None = 1e8

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value is not None and not (isinstance(value, Real) and float(value) >= 0):
                raise ProblemError(f"Stop: expected {name} to be a number of 0 or more, or None, got {value!r}.")
            if value is not None:
                object.__setattr__(self, name, float(value))  # a file holds no NumPy numbers


@dataclass(frozen=True, eq=False)
class Intermediate:
    """What a callback sees after each recorded step: ``params`` [start, param], ``loss`` [start], ``names`` [param]."""

    step: int
    params: np.ndarray
    loss: np.ndarray
    names: tuple[str, ...] = ()


Callback = Callable[[Intermediate], object]


@dataclass(frozen=True)
class Settings:
    """The checked settings of one descent."""

    steps: int
    batch_size: int | None
    seed: int
    dtype: str
    record_every: int
    stop: Stop = field(default_factory=Stop)
    callback: Callback | None = None

    def __post_init__(self) -> None:
        _check_whole("steps", self.steps, 0, 10**9)
        _check_whole("record_every", self.record_every, 1, 10**9)
        _check_whole("seed", self.seed, 0, 2**63)
        for name in ("steps", "record_every", "seed"):
            object.__setattr__(self, name, int(getattr(self, name)))  # a file holds no NumPy numbers
        if not isinstance(self.stop, Stop):
            raise ProblemError(f"stop: expected a ravine.Stop, such as Stop(loss_change=0.001), got {self.stop!r}.")
        if self.callback is not None and not callable(self.callback):
            raise ProblemError(f"callback: expected a function of one argument, got {self.callback!r}.")
        if self.dtype not in ("float32", "float64"):
            raise ProblemError(f"dtype: expected 'float32' or 'float64', got {self.dtype!r}.")

    def check(self, problem: Problem, count: int) -> None:
        """Refuse what doesn't fit this problem and so many starts.

        Raises
        ------
        ProblemError
            If the mini-batch is larger than the table, or the recording larger than the memory meant for it.
        """
        if self.batch_size is not None:
            if not problem.has_data:
                raise ProblemError("batch_size: expected a table to draw points from, got none. Leave it out.")
            _check_whole("batch_size", self.batch_size, 1, problem.points)
        records = self.steps // self.record_every + 2
        size = count * records * (2 * len(problem.names) + 2) * np.dtype(self.dtype).itemsize
        if size > _MOST_BYTES:
            fitting = -(-self.record_every * size // _MOST_BYTES)
            raise ProblemError(
                f"descend: recording {count:,} starts × {records:,} steps would take {size / 2**30:.0f} GB, "
                f"more than {_MOST_BYTES // 2**30} GB. Give record_every={fitting} or more."
            )


def _check_whole(name: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
        raise ProblemError(f"{name}: expected a whole number from {low} to {high}, got {value!r}.")
