"""Parts: rows of a table that see parameters of their own, as several data sets in one fit do.

The formula of several sets is long, (a_1·run_1 + a_2·run_2)·exp(−k·x), but in the rows of one set it is the short one
of that set, a_1·exp(−k·x). Columns of zeros and ones tell which rows these are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from ravine.fitting.structure import put_in
from ravine.formula import Formula
from ravine.formula.tree import Node
from ravine.formula.tree import names as names_in
from ravine.model import Tree
from ravine.problem import Problem

_MOST = 62  # columns of zeros and ones that one integer can tell apart


@dataclass(frozen=True)
class Part:
    """Some rows of a problem, and what acts there.

    Parameters
    ----------
    problem
        These rows only, and the formula as it is there.
    own
        The parameters that act in no other part.
    points
        Which points of the whole problem these are, [point].
    """

    problem: Problem
    own: tuple[str, ...]
    points: np.ndarray


def separate(problem: Problem) -> tuple[Part, ...]:
    """Return the parts of a problem, none if it is all of a piece.

    Examples
    --------
    >>> data = {"p": [1, 1, 0, 0], "q": [0, 0, 1, 1], "x": [0, 1, 0, 1], "y": [1, 2, 3, 5]}
    >>> for part in separate(Problem("y = (a*p + b*q)*x + c", data)):
    ...     print(part.problem.title, part.own, part.points)
    a*x + c ('a',) [0 1]
    b*x + c ('b',) [2 3]
    """
    if not isinstance(problem.model, Tree):
        return ()
    flags = _flags(problem)
    if not 2 <= len(flags) <= _MOST:
        return ()
    model = problem.model.formula.model
    patterns, number = _patterns(problem, flags)
    seen = np.array([_acting(model, dict(zip(flags, pattern, strict=True)), problem.names) for pattern in patterns])
    is_own = ~seen.all(0)
    home = _joined(seen & is_own)
    if home.max() == 0 or not seen.any(1).all() or not seen.any(0).all():
        return ()
    return tuple(
        _part(problem, np.flatnonzero(home[number] == place), np.any((seen & is_own)[home == place], axis=0), flags)
        for place in range(home.max() + 1)
    )


def _flags(problem: Problem) -> list[str]:
    """Return columns of zeros and ones no two of which are 1 in the same row.

    Of those that overlap, the ones that overlap with fewer others: an x that happens to be 0 or 1 overlaps with many.
    """
    found = [name for name, column in problem.columns.items() if ((column == 0) | (column == 1)).all()]
    if len(found) < 2:
        return []
    columns = np.stack([problem.columns[name] for name in found], 1)
    overlaps = columns.T @ columns > 0
    chosen: list[int] = []
    for place in np.argsort(overlaps.sum(1), kind="stable"):
        if not overlaps[place, chosen].any():
            chosen.append(int(place))
    return [found[place] for place in sorted(chosen)]


def _patterns(problem: Problem, flags: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the different rows of zeros and ones, [pattern, flag], and which of them each point has, [point]."""
    code = np.zeros(problem.points, np.int64)
    for place, name in enumerate(flags):
        code += problem.columns[name].astype(np.int64) << place
    found, number = np.unique(code, return_inverse=True)
    return (found[:, None] >> np.arange(len(flags)) & 1).astype(float), number


def _acting(model: Node, known: dict[str, float], names: tuple[str, ...]) -> list[bool]:
    left = set(names_in(put_in(model, known)))
    return [name in left for name in names]


def _joined(seen: np.ndarray) -> np.ndarray:
    """Return the part of each pattern: those that see a parameter [pattern, param] in common belong together."""
    linked = seen.astype(int)
    return connected_components(csr_array(linked @ linked.T), directed=False)[1]


def _part(problem: Problem, points: np.ndarray, is_own: np.ndarray, flags: list[str]) -> Part:
    assert isinstance(problem.model, Tree)
    here = problem.at_points(points)
    alike = {name: here.columns[name][0] for name in flags if np.ptp(here.columns[name]) == 0}
    formula = Formula(str(put_in(problem.model.formula.model, alike)))
    names = [name for name in problem.names if name in formula.names]
    bounds = {name: side for name, side in problem.bounds.items() if name in names}
    own = tuple(name for name, belongs in zip(problem.names, is_own, strict=True) if belongs)
    return Part(here.rewritten(formula, names).bounded(bounds), own, points)
