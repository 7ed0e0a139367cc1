"""Settings of a map: from where, how, how far to descend, and whether that is what an earlier map did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from numbers import Real
from typing import Any

import numpy as np

from ravine import losses, optimizers
from ravine.basins import Basins
from ravine.errors import ProblemError
from ravine.lattice import Lattice
from ravine.loop import versions
from ravine.optimizers import KerasMethod, Method
from ravine.problem import Problem
from ravine.settings import Settings, Stop
from ravine.starts import are_numbers

_AT_REST = 1e-4  # of the loss's spread: a slope that would not change it by more across the whole box
_LARGEST_TOLERANCE = 0.1
_NOT_ASKED = ("versions", "seconds", "optimizer")


@dataclass(frozen=True, eq=False)
class MapSettings:
    """What map is asked for.

    Parameters
    ----------
    problem
        What to make small, in all its parameters.
    starts
        Where descents begin, in the parameters that move.
    method
        The optimizer with its learning rate.
    held
        The values of the other parameters, by flat name.
    steps, dtype, tolerance
        As in `map_basins`.
    stop
        None for a rule that follows the scale of the loss.
    """

    problem: Problem
    starts: Lattice
    method: Method
    held: Mapping[str, float]
    steps: int
    dtype: str
    stop: Stop | None
    tolerance: float

    def __post_init__(self) -> None:
        self.for_descent(Stop() if self.stop is None else self.stop)
        _check_tolerance(self.tolerance)
        self._check_box()
        if isinstance(self.method, KerasMethod) and len(self.method.start_rates or (0,)) != 1:
            raise ProblemError(
                f"learning_rate: expected one for a map, got {len(self.method.start_rates or ())}. Make a map for each."
            )

    @classmethod
    def of(cls, basins: Basins) -> MapSettings:
        """Return the settings of an earlier map."""
        kept = basins.settings
        counts = tuple(kept["resolution"] or ())
        starts = Lattice(basins.box, counts, int(kept["starts"] or 0), int(kept["seed"] or 0))
        stop, method = Stop(**kept["stop"]), _method_of(kept)
        steps, dtype, tolerance = (kept[name] for name in ("steps", "dtype", "tolerance"))
        return cls(basins.problem, starts, method, basins.held, steps, dtype, stop, tolerance)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that move, in the order of the box."""
        return tuple(self.starts.box)

    @property
    def widths(self) -> np.ndarray:
        """Of the box, [param]."""
        return np.array([high - low for low, high in self.starts.box.values()])

    def stop_at(self, spread: float) -> Stop:
        """Return when a start has ended, where the loss varies so much over the box.

        In float32 no slope comes nearer to zero than the rounding of the loss, so the default follows its scale.
        """
        if self.stop is not None:
            return self.stop
        steepest = _AT_REST * spread / float(self.widths.max())
        return Stop(gradient=float(f"{steepest:.0e}")) if 0 < steepest < np.inf else Stop()

    def for_descent(self, stop: Stop) -> Settings:
        """Return the settings of each descent."""
        return Settings(self.steps, None, 0, self.dtype, 1, stop)

    def described(self, stop: Stop, seconds: float) -> dict[str, Any]:
        """Return what a file says of it."""
        starts, method = self.starts, self.method
        rates = method.start_rates if isinstance(method, KerasMethod) else None
        return {
            "optimizer": method.name,
            "optimizer_config": method.config,
            "learning_rate": None if rates is None else list(rates),
            "steps": int(self.steps),
            "stop": asdict(stop),
            "dtype": self.dtype,
            "tolerance": float(self.tolerance),
            "box": {name: list(side) for name, side in starts.box.items()},
            "resolution": list(starts.counts) or None,
            "starts": starts.random or None,
            "seed": starts.seed if starts.random else None,
            "versions": versions(),
            "seconds": seconds,
        }

    def check_same(self, before: Basins, stop: Stop) -> None:
        """Refuse to go on with a map that was made otherwise.

        Raises
        ------
        ProblemError
            If any setting, the formula or the data are others.
        """
        asked, kept = self.described(stop, 0.0), dict(before.settings)
        asked["held"], kept["held"] = dict(self.held), dict(before.held)
        asked["formula"], kept["formula"] = self.problem.title, before.problem.title
        for name in asked:
            if name not in _NOT_ASKED and asked[name] != kept.get(name):
                raise ProblemError(
                    f"resume: expected the settings of the map to resume, got another {name}: {asked[name]!r} "
                    f"instead of {kept.get(name)!r}. Take the same, or begin a new map."
                )
        if not _has_same_data(self.problem, before.problem):
            raise ProblemError("resume: expected the data, loss and bounds of the map to resume, got others.")

    def _check_box(self) -> None:
        largest = float(np.finfo(self.dtype).max)
        limits = dict(zip(self.problem.names, zip(*self.problem.limits(), strict=True), strict=True))
        for name, (low, high) in self.starts.box.items():
            least, most = limits[name]
            if max(abs(low), abs(high)) > largest:
                raise ProblemError(f"box: {name} from {low:g} to {high:g} is beyond {self.dtype}. Take dtype float64.")
            if low < least or high > most:
                raise ProblemError(
                    f"box: expected {name} within its bounds [{least:g}, {most:g}], got ({low:g}, {high:g}). "
                    "Make the box smaller or widen the bounds."
                )


def read_held(problem: Problem, moving: Mapping[str, Any], held: Any) -> dict[str, float]:
    """Return the values of the parameters that don't move: those given, or the defaults of a callable's arguments.

    Raises
    ------
    ProblemError
        If one is missing, unknown, or moves.
    """
    if not isinstance(held or {}, Mapping):
        raise ProblemError(f"held: expected values by name, such as {{'c': 1}}, got {held!r}.")
    others = [name for name in problem.names if name not in moving]
    for name, value in (held or {}).items():
        if name in moving:
            raise ProblemError(f"held: '{name}' is in the box, so it moves. Name it in one of the two only.")
        if name not in others or not are_numbers([value], 1):
            expected = ", ".join(others) or "none, for all are in the box"
            raise ProblemError(f"held: expected finite numbers for {expected}, got {value!r} for '{name}'.")
    known = {**_flat_defaults(problem), **(held or {})}
    missing = [name for name in others if name not in known]
    if missing:
        raise ProblemError(
            f"held: expected values for {', '.join(others)}, got none for {', '.join(missing)}. "
            "Give them, or name them in the box."
        )
    return {name: float(known[name]) for name in others}


def _flat_defaults(problem: Problem) -> dict[str, float]:
    if set(problem.shapes) <= set(problem.defaults):
        return dict(zip(problem.names, problem.row(problem.defaults).tolist(), strict=True))
    return {name: value for name, value in problem.defaults.items() if np.ndim(value) == 0}


def _method_of(kept: Mapping[str, Any]) -> Method:
    """Return the method that a file describes: by its name if that says all, else by its configuration."""
    rate = None if kept["learning_rate"] is None else kept["learning_rate"][0]
    try:
        named = optimizers.resolve(kept["optimizer"], rate)
    except ProblemError:
        named = None
    if named is not None and named.config == kept["optimizer_config"]:
        return named
    return optimizers.resolve(dict(kept["optimizer_config"]), rate)


def _check_tolerance(tolerance: Any) -> None:
    if isinstance(tolerance, bool) or not isinstance(tolerance, Real) or not 0 < float(tolerance) <= _LARGEST_TOLERANCE:
        raise ProblemError(
            f"tolerance: expected a share of the box above 0 and up to {_LARGEST_TOLERANCE}, got {tolerance!r}."
        )


def _has_same_data(one: Problem, other: Problem) -> bool:
    if one.bounds != other.bounds or losses.describe(one.loss) != losses.describe(other.loss):
        return False
    if one.columns.keys() != other.columns.keys():
        return False
    pairs = [(column, other.columns[name]) for name, column in one.columns.items()]
    pairs += [(one.observed, other.observed), (one.sigma, other.sigma)]
    return all(_are_equal(first, second) for first, second in pairs)


def _are_equal(first: Any, second: Any) -> bool:
    return (first is None) == (second is None) and (first is None or np.array_equal(first, second))
