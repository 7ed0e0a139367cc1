"""Wanted: what is said of parameters, in the caller's words, or spread over the copies of several sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ravine.fitting import parameters
from ravine.fitting.parameters import Parameters, names_of
from ravine.fitting.several import Several
from ravine.problem import Problem


@dataclass(frozen=True)
class Wanted:
    """What is said of parameters; the words are those of `ravine.fit`."""

    start: Any = None
    bounds: Any = None
    fixed: Any = None
    ties: Any = None
    params: Any = None
    positive: Any = ()

    def read(self, problem: Problem) -> Parameters:
        """Return it checked, with the problem that is left."""
        return parameters.read(
            problem, self.start, self.bounds, self.fixed, self.ties, self.params, positive=self.positive
        )

    def over(self, found: Several) -> Wanted:
        """Return this for the copies of every set."""
        fixed: Any = self.fixed
        if isinstance(self.fixed, Sequence) and not isinstance(self.fixed, str):
            fixed = dict.fromkeys(self.fixed)
        start, bounds, fixed = (
            found.spread(each) if _is_mapping(each) else each for each in (self.start, self.bounds, fixed)
        )
        params = found.spread_params(self.params) if _is_mapping(self.params) else self.params
        positive = found.spread(dict.fromkeys(names_of("positive", self.positive)))
        ties = found.spread_ties(self.ties) if _is_mapping(self.ties) else self.ties
        return Wanted(start, bounds, fixed, ties, params, tuple(positive))

    def alone(self, names: Sequence[str]) -> Wanted:
        """Return bounds, signs and fixed values that hold in each set by itself."""
        bounds, fixed = (
            {name: each[name] for name in names if name in each} if _is_mapping(each) else None
            for each in (self.bounds, self.fixed)
        )
        positive = [name for name in names_of("positive", self.positive) if name in names]
        return Wanted(bounds=bounds, fixed=fixed, positive=positive)


def _is_mapping(given: Any) -> bool:
    return isinstance(given, Mapping)
