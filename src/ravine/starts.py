"""Starts: where a descent begins. One, several, a grid, or random."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from ravine.errors import ProblemError
from ravine.plane import Box
from ravine.problem import Problem

if TYPE_CHECKING:
    import pandas as pd

_MOST = 4_000_000


@dataclass(frozen=True)
class Grid:
    """Starts on a regular grid.

    Parameters
    ----------
    axes
        ``{"a": (low, high, count)}``; the last parameter varies fastest.

    Examples
    --------
    >>> Grid({"a": (0, 1, 2), "b": (5, 5, 1)}).draw(("a", "b")).tolist()
    [[0.0, 5.0], [1.0, 5.0]]
    """

    axes: Mapping[str, tuple[float, float, int]]

    def __post_init__(self) -> None:
        _check_mapping("Grid", self.axes, "{'a': (low, high, count)}")
        for name, axis in self.axes.items():
            if not are_numbers(axis, 3) or int(axis[2]) != axis[2] or axis[2] < 1:
                raise ProblemError(f"Grid: expected (low, high, count ≥ 1) for '{name}', got {axis!r}.")
        _check_count("Grid", int(np.prod([float(axis[2]) for axis in self.axes.values()])))

    def draw(self, names: Sequence[str]) -> np.ndarray:
        """Return the starts, [start, param]."""
        _check_names("Grid", self.axes, names)
        values = [np.linspace(low, high, int(count)) for low, high, count in (self.axes[name] for name in names)]
        return np.array(list(itertools.product(*values)), float).reshape(-1, len(names))


@dataclass(frozen=True)
class Normal:
    """Starts drawn from normal distributions.

    Parameters
    ----------
    count
        Number of starts.
    center, scale
        Mean and standard deviation: one number for all parameters, or by name (a parameter left out has center 0,
        scale 1).
    seed
        Same seed, same starts.
    """

    count: int
    center: float | Mapping[str, float] = 0.0
    scale: float | Mapping[str, float] = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        _check_count("Normal", self.count)
        _check_seed("Normal", self.seed)

    def draw(self, names: Sequence[str]) -> np.ndarray:
        """Return the starts, [start, param]."""
        center, scale = (
            _spread("Normal", given, names, rest) for given, rest in ((self.center, 0.0), (self.scale, 1.0))
        )
        if (scale < 0).any():
            raise ProblemError(f"Normal: expected scales of 0 or more, got {scale.min():g}.")
        return center + scale * np.random.default_rng(self.seed).standard_normal((self.count, len(names)))


@dataclass(frozen=True)
class Uniform:
    """Starts drawn evenly from a box.

    Parameters
    ----------
    count
        Number of starts.
    box
        ``{"a": (low, high)}`` for every parameter.
    seed
        Same seed, same starts.
    """

    count: int
    box: Box
    seed: int = 0

    def __post_init__(self) -> None:
        _check_count("Uniform", self.count)
        _check_seed("Uniform", self.seed)
        _check_mapping("Uniform", self.box, "{'a': (low, high)}")
        for name, side in self.box.items():
            if not are_numbers(side, 2) or side[0] > side[1]:
                raise ProblemError(f"Uniform: expected (low, high) for '{name}', got {side!r}.")

    def draw(self, names: Sequence[str]) -> np.ndarray:
        """Return the starts, [start, param]."""
        _check_names("Uniform", self.box, names)
        low, high = np.array([self.box[name] for name in names], float).T
        return np.random.default_rng(self.seed).uniform(low, high, (self.count, len(names)))


Start = Mapping[str, Any] | Sequence[Mapping[str, Any]] | Grid | Normal | Uniform


def resolve(problem: Problem, start: Start | pd.DataFrame | None) -> tuple[Problem, np.ndarray]:
    """Return the problem (with the shapes that the starts give its parameters) and the starts, [start, param].

    Without ``start``, the defaults of a callable's arguments, else `suggest`.

    Raises
    ------
    ProblemError
        If a start lacks a parameter, names an unknown one, isn't finite or lies outside the bounds.
    """
    if start is None:
        start = problem.defaults if set(problem.shapes) <= set(problem.defaults) else suggest(problem)
    if isinstance(start, Grid | Normal | Uniform):
        if isinstance(start, Grid):
            problem = problem.declare({name: problem.shapes.get(name, ()) for name in start.axes})
        rows = start.draw(problem.names)
    else:
        problem, rows = _given(problem, _as_mappings(start))
    _check_rows(problem, rows)
    return problem, rows


def suggest(problem: Problem, count: int = 3, seed: int = 0) -> list[dict[str, Any]]:
    """Return sensible starts: of many spread candidates the few with the lowest loss that lie apart.

    The candidates are all ones, all zeros and normal draws of scale 1 and 4, moved into the bounds. For callables
    that only TensorFlow can evaluate, all ones.
    """
    width = len(problem.names)
    random = np.random.default_rng(seed)
    drawn = [scale * random.standard_normal((128, width)) for scale in (1.0, 4.0)]
    candidates = np.concatenate([np.ones((1, width)), np.zeros((1, width)), *drawn]).round(2)
    candidates = np.clip(candidates, *_inner_limits(problem))
    if not problem.is_readable:
        return [problem.by_name(candidates[0])]
    loss = problem.losses(candidates)
    order = [int(index) for index in np.argsort(np.where(np.isfinite(loss), loss, np.inf), kind="stable")]
    chosen: list[int] = order[:1]
    for index in order[1:]:
        apart = np.abs(candidates[chosen] - candidates[index]).max(1) > 0.5
        if len(chosen) < count and np.isfinite(loss[index]) and apart.all():
            chosen.append(index)
    return [problem.by_name(candidates[index]) for index in chosen]


def _as_mappings(start: Any) -> list[Mapping[str, Any]]:
    if isinstance(start, Mapping):
        return [start]
    if hasattr(start, "to_dict") and hasattr(start, "columns"):
        return start.to_dict("records")
    if isinstance(start, Sequence) and not isinstance(start, str) and all(isinstance(one, Mapping) for one in start):
        if start:
            return list(start)
        raise ProblemError("start: expected at least one start, got an empty list.")
    raise ProblemError(
        f"start: expected {{'a': 2, 'b': 4.5}}, a list of such, a DataFrame, Grid, Normal or Uniform, got {start!r}."
    )


def _given(problem: Problem, starts: list[Mapping[str, Any]]) -> tuple[Problem, np.ndarray]:
    _check_count("start", len(starts))
    if any(problem.shapes.values()) and problem.has_flat_names(starts[0]):  # the end of an earlier run
        return problem, np.stack([problem.row(start) for start in starts])
    starts = [{**problem.defaults, **start} for start in starts]
    problem = problem.declare({name: _shape(name, value) for name, value in starts[0].items()})
    return problem, np.stack([problem.row(start) for start in starts])


def _shape(name: str, value: Any) -> tuple[int, ...]:
    try:
        return np.shape(value)
    except ValueError:
        raise ProblemError(f"start: expected an array for '{name}', got rows of different lengths.") from None


def _check_rows(problem: Problem, rows: np.ndarray) -> None:
    endless = np.argwhere(~np.isfinite(rows))
    if endless.size:
        start, param = endless[0]
        raise ProblemError(
            f"start: expected finite numbers for '{problem.names[param]}', got {float(rows[start, param])!r}."
        )
    low, high = problem.limits()
    outside = np.argwhere((rows < low) | (rows > high))
    if outside.size:
        start, param = outside[0]
        raise ProblemError(
            f"start: expected {problem.names[param]} within its bounds [{low[param]:g}, {high[param]:g}], "
            f"got {rows[start, param]:g}. Move the start or widen the bounds."
        )


def _inner_limits(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds drawn in a little, so that a suggested start doesn't sit on its bound."""
    low, high = problem.limits()
    both = np.isfinite(low) & np.isfinite(high)
    margin = np.where(both, 0.05 * (np.where(both, high, 0) - np.where(both, low, 0)), 0.01)
    return low + margin, high - margin


def _spread(where: str, given: float | Mapping[str, float], names: Sequence[str], rest: float) -> np.ndarray:
    if isinstance(given, Mapping):
        _check_names(where, given, names, all_needed=False)
    values = [given.get(name, rest) for name in names] if isinstance(given, Mapping) else [given] * len(names)
    if not are_numbers(values, len(names)):
        raise ProblemError(f"{where}: expected finite numbers as center and scale, got {given!r}.")
    return np.array(values, float)


def _check_mapping(where: str, given: Any, expected: str) -> None:
    if not isinstance(given, Mapping):
        raise ProblemError(f"{where}: expected {expected}, got {given!r}.")


def _check_names(where: str, given: Mapping[str, Any], names: Sequence[str], *, all_needed: bool = True) -> None:
    unknown = [name for name in given if name not in names]
    missing = [name for name in names if name not in given] if all_needed else []
    if unknown or missing:
        got = f"'{unknown[0]}', which is none of them" if unknown else f"nothing for '{missing[0]}'"
        raise ProblemError(f"{where}: expected ranges for the parameters {', '.join(names)}, got {got}.")


def _check_count(where: str, count: int) -> None:
    if not isinstance(count, Integral) or not 1 <= count <= _MOST:
        got = f"{count:,}" if isinstance(count, Integral) else repr(count)
        raise ProblemError(f"{where}: expected 1 to {_MOST:,} starts, got {got}.")


def _check_seed(where: str, seed: int) -> None:
    if not isinstance(seed, Integral) or seed < 0:
        raise ProblemError(f"{where}: expected a seed that is a whole number of 0 or more, got {seed!r}.")


def are_numbers(values: Any, count: int) -> bool:
    """Tell whether these are so many finite numbers."""
    if not isinstance(values, Sequence | np.ndarray) or len(values) != count:
        return False
    return all(isinstance(value, Real) and np.isfinite(float(value)) for value in values)
