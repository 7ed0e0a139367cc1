"""Valley: the minima of a least-squares problem, found from many starts at once and polished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ravine.fitting import levenberg, seeding
from ravine.fitting.polish import Evaluate, Point, polish
from ravine.fitting.precise import sharpen
from ravine.fitting.structure import linear
from ravine.fitting.twins import canonical
from ravine.graph import Evaluator
from ravine.model import Tree
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
    ends = _merged(_polished(problem, descent, is_own=start is not None))
    own = next((index for index, end in enumerate(ends) if 0 in end.starts), None) if start is not None else None
    if own and ends[own].point.squares <= ends[0].point.squares * (1 + _ALIKE):
        ends.insert(0, ends.pop(own))  # of equally good twins the user's own comes first
        own = 0
    return Search(descent, tuple(ends), own)


def _polished(problem: Problem, descent: levenberg.Descent, *, is_own: bool) -> list[End]:
    """Return the polished ends, best first; the user's own is polished whatever it promises."""
    evaluate = Evaluator(problem).residuals_and_jacobians
    low, high = problem.limits()
    thinned = _thinned(problem)
    solved = _linear(problem)
    ends, best = [], np.inf
    for group in _groups(descent, own=is_own):
        has_own = is_own and 0 in group
        point, settled = polish(
            evaluate, descent.params[group[0]], low, high, linear=solved, best=np.inf if has_own else best
        )
        if np.isfinite(point.squares):
            best = min(best, point.squares)
            ends.append(End(_written(problem, thinned, point, evaluate, keeps=has_own), settled, tuple(group)))
    return sorted(ends, key=lambda end: end.point.squares)


def _linear(problem: Problem) -> list[int]:
    """Return the indices of the parameters in which the model is jointly linear, as far as it can be read."""
    if not isinstance(problem.model, Tree):
        return []
    return [problem.names.index(name) for name in linear(problem.model.formula.model, problem.names)]


def _written(problem: Problem, thinned: Problem, point: Point, evaluate: Evaluate, *, keeps: bool) -> Point:
    """Return the point as people would write it, unless the user's start says which twin is meant."""
    params = point.params if keeps else canonical(thinned, point.params)
    if not np.array_equal(params, point.params):
        residual, jacobian = evaluate(params[None])
        point = Point(params, residual[0], jacobian[0])
    return sharpen(problem, point, evaluate)


def _starts(problem: Problem, start: np.ndarray | None, count: int, seed: int) -> np.ndarray:
    own = np.empty((0, len(problem.names))) if start is None else start[None]
    if isinstance(problem.model, Tree):
        others = seeding.seeds(problem, count, seed)
    else:
        others = seeding.blind(problem, start, count, seed)
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
