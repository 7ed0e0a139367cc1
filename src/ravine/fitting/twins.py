"""Twins: of the parameters that predict the same, those that people would write down.

Two peaks can change places, and a width that enters squared has either sign. The one with the fewest negative
parameters is chosen (nonlinear ones first), then the one whose terms stand in ascending order.
"""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np

from ravine.fitting.structure import interchangeable, linear
from ravine.model import Tree
from ravine.problem import Problem

_ALIKE = 1e-11  # relative difference of predictions that are the same


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
    solved = linear(problem.model.formula.model, problem.names)
    is_nonlinear = np.array([name not in solved for name in problem.names])
    wanted = _in_order(problem, _upright(problem, params, is_nonlinear), is_nonlinear)
    low, high = problem.limits()
    return wanted if ((low <= wanted) & (wanted <= high)).all() else params


def _upright(problem: Problem, params: np.ndarray, is_nonlinear: np.ndarray) -> np.ndarray:
    """Return the parameters with the signs of one or two of them changed while that makes fewer negative."""

    def negatives(row: np.ndarray) -> tuple[int, int]:
        return int((row[is_nonlinear] < 0).sum()), int((row < 0).sum())

    indices = range(len(params))
    for chosen in chain(combinations(indices, 1), combinations(indices, 2)):
        turned = params.copy()
        turned[list(chosen)] *= -1
        if negatives(turned) < negatives(params) and _is_same(problem, params, turned):
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


def _is_same(problem: Problem, one: np.ndarray, other: np.ndarray) -> bool:
    a, b = (problem.predict(dict(zip(problem.names, row, strict=True))) for row in (one, other))
    return bool(np.abs(a - b).max() <= _ALIKE * np.abs(a).max())
