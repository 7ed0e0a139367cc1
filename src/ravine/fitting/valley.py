"""Valley: the minima of a least-squares problem, found from many starts at once and polished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ravine.fitting import aliases, levenberg, robust, seeding
from ravine.fitting.polish import Evaluate, Point, polish
from ravine.fitting.precise import sharpen
from ravine.fitting.refits import residuals_and_jacobians
from ravine.fitting.structure import linear
from ravine.fitting.twins import canonical
from ravine.model import Tree
from ravine.problem import Problem

_POINTS = 2000  # of the table that the search looks at
_POLISHED = 8  # ends
_EQUAL = 1e-6  # relative difference of Σr² that is no difference
_ALIKE = 1e-4  # the same before the polish


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

    Of the ends that are as good as the best, the user's own comes first, then the one that people would write (see
    `ravine.fitting.aliases`), then the one that more starts came to. ``problem`` is what was minimized, under its loss
    at the scale that was found if that is a robust one. ``own`` is the index of the end that start 0 came to, None
    without a start of the user's.
    """

    problem: Problem
    descent: levenberg.Descent
    ends: tuple[End, ...]
    own: int | None


def search(problem: Problem, start: np.ndarray | None, count: int, seed: int, *, polished: int = _POLISHED) -> Search:
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
    polished
        How many ends are, at most, beside that of the user's start.
    """
    return descend(problem, starts(problem, start, count, seed), is_own=start is not None, polished=polished)


def descend(problem: Problem, rows: np.ndarray, *, is_own: bool, polished: int = _POLISHED) -> Search:
    """Descend from these rows [start, param] at once, polish the best ends; with ``is_own`` row 0 is the user's.

    Parameters
    ----------
    problem
        Under a sum of squares, or a robust loss at a known scale.
    rows
        Starts.
    is_own
        Whether the first row is the user's: it is polished whatever it promises.
    polished
        How many ends are, at most, beside that of the user's start.
    """
    few = thinned(problem)
    descent = levenberg.minimize(residuals_and_jacobians(few), rows, *problem.limits())
    found = _plainest_first(few, descent, groups(descent))
    found = found[:polished] + [group for group in found[polished:] if is_own and 0 in group]
    ends = _in_order(few, _merged(_polished(problem, descent, found, is_own=is_own)), is_own=is_own)
    own = next((index for index, end in enumerate(ends) if 0 in end.starts), None) if is_own else None
    return Search(problem, descent, tuple(ends), own)


def is_as_good(one: End, best: End, problem: Problem) -> bool:
    """Tell whether an end is no worse than the best one, but for what rounding makes of Σr²."""
    return one.point.squares <= best.point.squares * (1 + _EQUAL) + rounding(problem)


def rounding(problem: Problem) -> float:
    """Return Σr² below which residuals are nothing but rounding errors of the observations."""
    assert problem.observed is not None
    weight = 1.0 if problem.sigma is None else problem.sigma
    return 1e-26 * float(((problem.observed / weight) ** 2).sum())


def _in_order(problem: Problem, ends: Sequence[End], *, is_own: bool) -> list[End]:
    """Return the ends, best first; of those as good as the best the user's own, then the one people would write."""
    ends = sorted(ends, key=lambda end: end.point.squares)
    equals = [end for end in ends if is_as_good(end, ends[0], problem)]
    if len(equals) < 2:
        return ends
    ranks = aliases.ranks(problem, np.stack([end.point.params for end in equals]))
    order = sorted(
        range(len(equals)),
        key=lambda index: (not (is_own and 0 in equals[index].starts), ranks[index], -len(equals[index].starts)),
    )
    return [equals[index] for index in order] + ends[len(equals) :]


def _plainest_first(problem: Problem, descent: levenberg.Descent, found: list[list[int]]) -> list[list[int]]:
    """Return the groups with those that promise as much as the best in the order that people would write them."""
    least = descent.squares[found[0][0]] * (1 + _ALIKE) + rounding(problem) if found else 0.0
    count = sum(descent.squares[group[0]] <= least for group in found)
    if count < 2:
        return found
    ranks = aliases.ranks(problem, descent.params[[group[0] for group in found[:count]]])
    return [found[index] for index in np.argsort(ranks, kind="stable")] + found[count:]


def _polished(problem: Problem, descent: levenberg.Descent, found: Sequence[list[int]], *, is_own: bool) -> list[End]:
    """Return the polished ends; the user's own is polished whatever it promises."""
    evaluate = residuals_and_jacobians(problem)
    low, high = problem.limits()
    few = thinned(problem)
    solved = linear_ones(problem)
    ends, best = [], np.inf
    for group in found:
        has_own = is_own and 0 in group
        point, settled = polish(
            evaluate, descent.params[group[0]], low, high, linear=solved, best=np.inf if has_own else best
        )
        if np.isfinite(point.squares):
            best = min(best, point.squares)
            ends.append(End(_written(problem, few, point, evaluate, keeps=has_own), settled, tuple(group)))
    return ends


def linear_ones(problem: Problem) -> list[int]:
    """Return the indices of the parameters in which the model is jointly linear, as far as it can be read."""
    if not isinstance(problem.model, Tree):
        return []
    return [problem.names.index(name) for name in linear(problem.model.formula.model, problem.names)]


def _written(problem: Problem, few: Problem, point: Point, evaluate: Evaluate, *, keeps: bool) -> Point:
    """Return the point as people would write it, unless the user's start says which twin is meant."""
    params = point.params if keeps else canonical(few, point.params)
    if not np.array_equal(params, point.params):
        residual, jacobian = evaluate(params[None])
        point = Point(params, residual[0], jacobian[0])
    return point if robust.is_robust(problem) else sharpen(problem, point, evaluate)


def starts(problem: Problem, start: np.ndarray | None, count: int, seed: int) -> np.ndarray:
    """Return the user's start (if any) and others, the most promising first, [start, param]."""
    own = np.empty((0, len(problem.names))) if start is None else start[None]
    if isinstance(problem.model, Tree):
        others = seeding.seeds(problem, count, seed)
    else:
        others = seeding.blind(problem, start, count, seed)
    return np.concatenate([own, others])


def thinned(problem: Problem) -> Problem:
    """Return the problem at the points that a search looks at: all of them, or some of a long table."""
    if problem.points <= _POINTS:
        return problem
    return problem.at_points(np.unique(np.linspace(0, problem.points - 1, _POINTS).astype(int)))


def groups(descent: levenberg.Descent) -> list[list[int]]:
    """Return groups of starts that came to the same place, best first."""
    order = [int(index) for index in np.argsort(descent.squares, kind="stable") if np.isfinite(descent.squares[index])]
    found: list[list[int]] = []
    for index in order:
        home = next((group for group in found if _is_same(descent, group[0], index)), None)
        if home is None:
            found.append([index])
        else:
            home.append(index)
    return found


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
