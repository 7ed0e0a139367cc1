"""Twins: of the parameters that predict the same, those that people would write down.

Two peaks can change places, a width that enters squared has either sign, and a phase can go around once more. The one
with the fewest negative parameters is chosen (what is added to a column, such as a place or a phase, may be negative;
of the others nonlinear ones come first), then phases within ±π, then the one whose terms stand in ascending order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import chain, combinations

import numpy as np

from ravine.fitting.parts import separate
from ravine.fitting.structure import Role, interchangeable, linear, roles
from ravine.model import Tree
from ravine.problem import Problem

_ALIKE = 1e-11  # relative difference of predictions that are the same
_FEW = 5  # parameters that are tried three at a time


def canonical(problem: Problem, params: np.ndarray) -> np.ndarray:
    """Return the canonical twin of these parameters, [param]; themselves if there is none.

    Examples
    --------
    >>> problem = Problem("y = a*sin(b*x)", {"x": [0.0, 1.0, 2.0], "y": [0.0, 1.0, 1.0]})
    >>> canonical(problem, np.array([-1.0, -2.0])).tolist()
    [1.0, 2.0]
    """
    if not isinstance(problem.model, Tree):
        return params
    wanted = _within_a_turn(problem, _upright(problem, params))
    wanted = _in_order(problem, wanted, _is_nonlinear(problem))
    return wanted if _is_allowed(problem, wanted) else params


def negatives(problem: Problem, row: np.ndarray) -> tuple[int, int]:
    """Return how many parameters [param] are negative that had better not be: nonlinear ones, and all.

    What is added to a column, or to something with a column in it, may be negative: a place, a phase, an offset.

    Examples
    --------
    >>> problem = Problem("y = a*sin(b*x + c)", {"x": [0.0, 1.0, 2.0], "y": [0.0, 1.0, 1.0]})
    >>> negatives(problem, np.array([-1.0, -2.0, -3.0]))
    (1, 2)
    """
    return _negatives(row, _is_nonlinear(problem), _is_added(problem))


def _negatives(row: np.ndarray, is_nonlinear: np.ndarray, is_added: np.ndarray) -> tuple[int, int]:
    is_counted = (row < 0) & ~is_added
    return int(is_counted[is_nonlinear].sum()), int(is_counted.sum())


def _is_nonlinear(problem: Problem) -> np.ndarray:
    assert isinstance(problem.model, Tree)
    solved = linear(problem.model.formula.model, problem.names)
    return np.array([name not in solved for name in problem.names])


def _is_added(problem: Problem) -> np.ndarray:
    assert isinstance(problem.model, Tree)
    kinds = roles(problem.model.formula.model, problem.names, problem.variables)
    return np.array([kinds[name] == {Role.location} for name in problem.names])


def _is_allowed(problem: Problem, params: np.ndarray) -> bool:
    low, high = problem.limits()
    return bool(((low <= params) & (params <= high)).all())


def _upright(problem: Problem, params: np.ndarray) -> np.ndarray:
    """Return the parameters with the signs of up to three of them changed while that makes fewer negative."""
    kinds = _is_nonlinear(problem), _is_added(problem)  # once: to read the formula takes longer than all else here

    def count(row: np.ndarray) -> tuple[tuple[int, int], int]:
        return _negatives(row, *kinds), int((row < 0).sum())

    for chosen in _turns(problem):
        turned = params.copy()
        turned[list(chosen)] *= -1
        if count(turned) < count(params) and _is_twin(problem, params, turned):
            params = turned
    return params


def _turns(problem: Problem) -> Iterable[tuple[int, ...]]:
    """Return which parameters may turn together: one, two that act on the same rows, or three of a few."""
    groups = _together(problem)
    pairs = dict.fromkeys(chain.from_iterable(combinations(group, 2) for group in groups))
    triples = dict.fromkeys(chain.from_iterable(combinations(g, 3) for g in groups if len(g) <= _FEW))
    return chain(combinations(range(len(problem.names)), 1), sorted(pairs), sorted(triples))


def _together(problem: Problem) -> list[list[int]]:
    """Return groups of parameters that act on the same rows."""
    parts = separate(problem)
    return [[problem.names.index(name) for name in part.problem.names] for part in parts] or [
        list(range(len(problem.names)))
    ]


def _within_a_turn(problem: Problem, params: np.ndarray) -> np.ndarray:
    """Return the parameters with phases within ±π, and no negative factor that half a turn makes positive."""
    is_nonlinear, is_added = _is_nonlinear(problem), _is_added(problem)
    phases = [int(place) for place in np.flatnonzero(is_nonlinear & is_added)]
    for phase in phases:
        turned = params.copy()
        turned[phase] -= 2 * math.pi * round(params[phase] / (2 * math.pi))
        if turned[phase] != params[phase] and _is_twin(problem, params, turned):
            params = turned
    for group in _together(problem):
        for phase in set(group).intersection(phases):
            for factor in (place for place in group if not is_nonlinear[place] and params[place] < 0):
                turned = params.copy()
                turned[factor] *= -1
                turned[phase] -= math.copysign(math.pi, params[phase])
                if _is_twin(problem, params, turned):
                    params = turned
    return params


def _in_order(problem: Problem, params: np.ndarray, is_nonlinear: np.ndarray) -> np.ndarray:
    """Return the parameters with interchangeable terms in ascending order of what is nonlinear in them."""
    assert isinstance(problem.model, Tree)
    ordered = params.copy()
    for group in interchangeable(problem.model.formula.model, problem.names):
        places = [[problem.names.index(name) for name in names] for names in group]
        first = sorted(range(len(places[0])), key=lambda position: not is_nonlinear[places[0][position]])
        rank = sorted(places, key=lambda place: [params[place[position]] for position in first])
        for to, source in zip(places, rank, strict=True):
            ordered[to] = params[source]
    return ordered


def _is_twin(problem: Problem, one: np.ndarray, other: np.ndarray) -> bool:
    """Tell whether others are allowed and predict the same."""
    if not _is_allowed(problem, other):
        return False
    a, b = (problem.predict(dict(zip(problem.names, row, strict=True))) for row in (one, other))
    return bool(np.abs(a - b).max() <= _ALIKE * np.abs(a).max())
