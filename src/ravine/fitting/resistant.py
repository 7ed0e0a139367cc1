"""Resistant: the search under a robust loss, which points far off must not lead astray.

What is far off depends on the spread s, and the spread on the curve. So the starts are chosen by Σ|r| and go down
Huber's loss first, again and again at the least spread that any of them finds: a small s makes it nearly Σ|r|, which
hardly cares how far off a point is, and no least-squares fit is ever asked. Then all starts descend under the wanted
loss, and s is fitted together with the parameters of the best end until it no longer moves.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ravine.fitting import levenberg, robust, valley
from ravine.fitting.polish import polish
from ravine.fitting.refits import residuals_and_jacobians
from ravine.problem import Problem

_STAGES = 8  # of Huber's descents
_LEADS = 8  # of their ends
_FALLS = 0.8  # a smaller share of the spread is worth another of them
_ROUNDS = 60  # of parameters and spread in turn
_ALIKE = 1e-9  # relative difference of the spread that is none
_NOTHING = 1e-12  # of the observations' size: the least spread, if more than half of the points are fitted exactly


def search(
    problem: Problem, start: np.ndarray | None, count: int, seed: int, *, follows_own: bool = False
) -> valley.Search:
    """Descend from the user's start (if any) and so many others under a robust loss; find its scale, too.

    Parameters
    ----------
    problem
        Under a robust loss; where its scale is known (see `robust.at_scale`), that one stays.
    start
        [param], or None.
    count
        How many other starts.
    seed
        Of the other starts.
    follows_own
        Whether the spread is that of the user's own end, however bad; else the best end's.
    """
    rows = valley.starts(problem, start, count, seed)
    known, is_own = robust.scaled(problem), start is not None
    spread, leads = _led(valley.thinned(problem), rows, None if known is None else known.scale)
    others = np.concatenate([leads, rows[is_own:]])[: max(count, 1)]
    rows = np.concatenate([rows[:is_own], others])
    found = valley.descend(_at(problem, spread), rows, is_own=is_own)
    for _ in range(0 if known else 3):
        if not found.ends:
            break
        chosen = found.ends[found.own if found.own is not None and follows_own else 0]
        before, (spread, lead) = spread, _settled(problem, chosen.point.params, spread)
        if abs(spread - before) <= 10 * _ALIKE * before:
            break
        rows = np.concatenate([rows[:is_own], lead[None], rows[is_own:][: max(count, 2) - 1]])
        found = valley.descend(_at(problem, spread), rows, is_own=is_own)
    return found


def least_spread(problem: Problem) -> float:
    """Return the spread below which residuals are nothing but rounding errors of the observations."""
    assert problem.observed is not None
    size = np.abs(problem.observed / (1.0 if problem.sigma is None else problem.sigma))
    return _NOTHING * (float(np.median(size)) or float(np.mean(size)) or 1.0)  # no outlier decides it


def _at(problem: Problem, spread: float, name: str | None = None) -> Problem:
    return robust.under(problem, robust.at_scale(name or problem.loss.name, spread))


def _led(few: Problem, rows: np.ndarray, known: float | None) -> tuple[float, np.ndarray]:
    """Return a first spread, and where Huber's loss leads from these rows: the best distinct ends, [start, param]."""
    spread = _least_found(few, rows) if known is None else known
    for _ in range(_STAGES):
        descent = levenberg.minimize(residuals_and_jacobians(_at(few, spread, "huber")), rows, *few.limits())
        rows, before = descent.params, spread
        spread = _least_found(few, rows) if known is None else known
        if spread > _FALLS * before or known is not None:
            break
    return spread, rows[[group[0] for group in valley.groups(descent)[:_LEADS]]]


def _least_found(problem: Problem, rows: np.ndarray) -> float:
    """Return the least spread of the residuals at these rows [row, param]."""
    with np.errstate(all="ignore"):
        residual, _ = residuals_and_jacobians(robust.under(problem, "sse"))(rows)
        found = robust.scale(residual, rows.shape[1])
    return max(float(np.min(found[np.isfinite(found)], initial=np.inf)), least_spread(problem))


def _settled(problem: Problem, params: np.ndarray, spread: float) -> tuple[float, np.ndarray]:
    """Return the spread of the residuals from the parameters that are best at that very spread, and these."""
    solved, raw = valley.linear_ones(problem), residuals_and_jacobians(robust.under(problem, "sse"))
    least = least_spread(problem)

    def gain(spread: float) -> float:
        nonlocal params
        evaluate = residuals_and_jacobians(_at(problem, spread))
        params = polish(evaluate, params, *problem.limits(), linear=solved)[0].params
        return max(float(robust.scale(raw(params[None])[0][0], params.size)), least) - spread

    return _root(gain, spread), params


def _root(gain: Callable[[float], float], spread: float) -> float:
    """Return where the gain is 0: it is added, or what the secant says, within the bracket once there is one."""
    low, high, last = 0.0, np.inf, (np.nan, np.nan)
    for _ in range(_ROUNDS):
        found = gain(spread)
        low, high = (spread, high) if found > 0 else (low, spread)
        if not np.isfinite(found) or abs(found) <= _ALIKE * spread or high - low <= _ALIKE * spread:
            break
        rise = (found - last[1]) / (spread - last[0])
        step = found if not rise < -0.02 else -found / rise
        last, target = (spread, found), spread + step
        if not low < target < high:
            target = (low + high) / 2 if np.isfinite(high) else spread + found
        spread = target
    return spread
