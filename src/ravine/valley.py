"""Valley: the minima of a least-squares problem, found from many starts at once and polished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ravine import levenberg, seeding
from ravine.graph import Evaluator
from ravine.model import Tree
from ravine.polish import Point, polish
from ravine.problem import Problem

_POINTS = 2000  # of the table that the search looks at
_POLISHED = 8
_ALIKE = 1e-7  # relative difference of Σr² below which two ends are equally good


@dataclass(frozen=True)
class End:
    """A polished end, and which starts came to it.

    Parameters
    ----------
    point
        Parameters, residuals and Jacobian over all points.
    settled
        Whether the polish came to rest.
    starts
        Indices of the starts that came here.
    """

    point: Point
    settled: bool
    starts: tuple[int, ...]


@dataclass(frozen=True)
class Search:
    """All that was found: the batched descent of all starts, and its distinct ends, best first.

    ``own`` is the index of the end that start 0 came to, None without a start of the user's.
    """

    descent: levenberg.Descent
    ends: tuple[End, ...]
    own: int | None


def search(problem: Problem, start: np.ndarray | None, count: int, seed: int) -> Search:
    """Descend from the user's start (if any) and so many others at once, polish the best ends.

    Parameters
    ----------
    problem
        Least squares over its free parameters.
    start
        [param], or None.
    count
        How many other starts.
    seed
        Of the other starts.
    """
    low, high = problem.limits()
    rows = _starts(problem, start, count, seed)
    descent = levenberg.minimize(Evaluator(_thinned(problem)).residuals_and_jacobians, rows, low, high)
    evaluate = Evaluator(problem).residuals_and_jacobians
    groups = _groups(descent, own=start is not None)
    ends = []
    for group in groups:
        point, settled = polish(evaluate, descent.params[group[0]], low, high)
        if np.isfinite(point.squares):
            ends.append(End(point, settled, tuple(group)))
    ends = _merged(sorted(ends, key=lambda end: end.point.squares))
    own = next((index for index, end in enumerate(ends) if 0 in end.starts), None) if start is not None else None
    if own and ends[own].point.squares <= ends[0].point.squares * (1 + _ALIKE):
        ends.insert(0, ends.pop(own))  # of equally good twins the user's own comes first
        own = 0
    return Search(descent, tuple(ends), own)


def _starts(problem: Problem, start: np.ndarray | None, count: int, seed: int) -> np.ndarray:
    own = np.empty((0, len(problem.names))) if start is None else start[None]
    if isinstance(problem.model, Tree):
        others = seeding.seeds(problem, count, seed)
    else:
        random = np.random.default_rng(seed)
        others = np.clip(random.standard_normal((count, len(problem.names))) * 3, *problem.limits())
    return np.concatenate([own, others])


def _thinned(problem: Problem) -> Problem:
    if problem.points <= _POINTS:
        return problem
    return problem.at_points(np.unique(np.linspace(0, problem.points - 1, _POINTS).astype(int)))


def _groups(descent: levenberg.Descent, *, own: bool) -> list[list[int]]:
    """Return groups of starts that came to the same place, the best few and the user's own."""
    order = [int(index) for index in np.argsort(descent.squares, kind="stable") if np.isfinite(descent.squares[index])]
    groups: list[list[int]] = []
    for index in order:
        home = next((group for group in groups if _is_same(descent, group[0], index)), None)
        if home is None:
            groups.append([index])
        else:
            home.append(index)
    best = groups[:_POLISHED]
    return best + [group for group in groups[_POLISHED:] if own and 0 in group]


def _is_same(descent: levenberg.Descent, one: int, other: int) -> bool:
    squares = descent.squares
    if abs(squares[one] - squares[other]) > 1e-4 * max(squares[one], squares[other]):
        return False
    a, b = descent.params[one], descent.params[other]
    return bool((np.abs(a - b) <= 1e-3 * (np.abs(a) + np.abs(b)) + 1e-12).all())


def _merged(ends: Sequence[End]) -> list[End]:
    """Return the ends with those joined that the polish brought to one place."""
    kept: list[End] = []
    for end in ends:
        for index, other in enumerate(kept):
            a, b = other.point.params, end.point.params
            if (np.abs(a - b) <= 1e-6 * (np.abs(a) + np.abs(b)) + 1e-12).all():
                kept[index] = End(other.point, other.settled or end.settled, (*other.starts, *end.starts))
                break
        else:
            kept.append(end)
    return kept
