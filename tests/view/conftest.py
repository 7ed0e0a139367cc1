"""Runs made with NumPy alone: gradient descent on problems whose numbers are known in closed form."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr

from ravine.plane import Surface
from ravine.problem import Problem
from ravine.run import Run
from ravine.surface import survey


def descend_numerically(problem: Problem, starts: Any, rate: float = 0.1, steps: int = 40, name: str = "sgd") -> Run:
    rows = np.array(starts, dtype=float)
    records, gradients = [rows], []
    with np.errstate(all="ignore"):
        for _ in range(steps + 1):
            shifts = 1e-6 * np.eye(rows.shape[1])
            slopes = [(problem.losses(rows + shift) - problem.losses(rows - shift)) / 2e-6 for shift in shifts]
            gradients.append(np.stack(slopes, axis=1))
            rows = rows - rate * gradients[-1]
            records.append(rows)
    params = np.stack(records[:-1], axis=1)
    losses = problem.losses(params.reshape(-1, params.shape[2])).reshape(params.shape[:2])
    dataset = xr.Dataset(
        {
            "params": (("start", "step", "param"), params),
            "gradient": (("start", "step", "param"), np.stack(gradients, axis=1)),
            "loss": (("start", "step"), losses),
            "learning_rate": (("start", "step"), np.full(losses.shape, rate)),
            "status": (("start",), np.array(["ran_out"] * len(params))),
            "steps_taken": (("start",), np.full(len(params), steps)),
        },
        coords={"step": np.arange(steps + 1), "param": list(problem.names)},
    )
    return Run(dataset, problem, {"optimizer": name, "learning_rate": rate, "steps": steps})


@pytest.fixture(scope="session")
def descend() -> Callable[..., Run]:
    return descend_numerically


@pytest.fixture(scope="session")
def line() -> Problem:
    x = np.linspace(-1, 1, 21)
    return Problem("y = a*x + b", {"x": x, "y": 1.2 * x + 2.5})


@pytest.fixture(scope="session")
def one_start(line: Problem) -> Run:
    return descend_numerically(line, [(5, 4)])


@pytest.fixture(scope="session")
def three_starts(line: Problem) -> Run:
    return descend_numerically(line, [(5, 4), (5, 1), (2, 4.5)])


@pytest.fixture(scope="session")
def parabola() -> Run:
    return descend_numerically(Problem("(x - 50)**2"), [(3.0,)])


@pytest.fixture(scope="session")
def bowl(line: Problem) -> Surface:
    return survey(line, {"a": (-2, 7), "b": (-2, 7)}, resolution=46, dtype="float64")
