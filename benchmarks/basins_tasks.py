"""The formulas of `basins.py`, as everybody writes them: text, a function of NumPy or JAX, and slopes by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

POINTS = 200


@dataclass(frozen=True)
class Task:
    """A formula to descend on from many starts.

    Parameters
    ----------
    text
        For ravine; parameters in the order of their names.
    predict
        ``predict(params, x, xp)`` with ``params`` [param, …].
    slopes
        ``slopes(params, x)``: the derivatives of the prediction, one array for each parameter; by hand.
    truth
        Parameters that make the data.
    box
        Starts are drawn from it, the same for all parameters.
    rate
        The learning rate.
    """

    text: str
    predict: Callable[[Any, Any, ModuleType], Any]
    slopes: Callable[[np.ndarray, np.ndarray], list[np.ndarray]]
    truth: tuple[float, ...]
    box: tuple[float, float]
    rate: float

    @property
    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """The columns x and y, [point] each."""
        return self.table(POINTS)

    def table(self, points: int) -> tuple[np.ndarray, np.ndarray]:
        """Return x and y, [point] each."""
        x = np.linspace(0, 4, points)
        return x, np.asarray(self.predict(np.array(self.truth), x, np))

    def starts(self, count: int) -> np.ndarray:
        """Return the starts, [start, param]."""
        return np.random.default_rng(0).uniform(*self.box, (count, len(self.truth)))


def _two_layer_slopes(params: np.ndarray, x: np.ndarray) -> list[np.ndarray]:
    a, b = params
    outer, inner = np.cos(b * np.cos(a * x)), np.cos(a * x)
    return [-outer * b * np.sin(a * x) * x, outer * inner]


def _exponentials(params: Any, x: Any, xp: ModuleType) -> Any:
    return sum(params[k] * xp.exp(-params[k + 5] * x) for k in range(5))


def _exponentials_slopes(params: np.ndarray, x: np.ndarray) -> list[np.ndarray]:
    decays = [np.exp(-params[k + 5] * x) for k in range(5)]
    return [*decays, *(-params[k] * x * decays[k] for k in range(5))]


TASKS: Mapping[str, Task] = {
    "two_layer": Task(
        "y = sin(b*cos(a*x))", lambda p, x, xp: xp.sin(p[1] * xp.cos(p[0] * x)), _two_layer_slopes,
        (2.0, 4.5), (-2, 7), 0.1,
    ),
    "line": Task(
        "y = a*x + b", lambda p, x, xp: p[0] * x + p[1], lambda p, x: [x + 0 * p[0], 1 + 0 * (x + p[1])],
        (2.0, 1.0), (-5, 5), 0.05,
    ),
    "cubic": Task(
        "y = a + b*x + c*x**2 + d*x**3", lambda p, x, xp: p[0] + x * (p[1] + x * (p[2] + x * p[3])),
        lambda p, x: [x**k + 0 * p[0] for k in range(4)], (1.0, -2.0, 0.5, 0.1), (-1, 1), 1e-4,
    ),
    "exponentials": Task(
        "y = a*exp(-g*x) + b*exp(-h*x) + c*exp(-i*x) + d*exp(-j*x) + f*exp(-k*x)", _exponentials, _exponentials_slopes,
        (1.0, 2.0, 3.0, 2.0, 1.0, 0.2, 0.5, 1.0, 2.0, 4.0), (0.1, 4), 0.01,
    ),
}  # fmt: skip
