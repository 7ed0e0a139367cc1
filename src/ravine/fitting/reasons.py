"""Reasons: what a user of a fit must know before trusting it."""

from __future__ import annotations

import numpy as np

from ravine.fitting.fitted import Fit
from ravine.fitting.parameters import Parameters
from ravine.fitting.statistics import runs_test
from ravine.fitting.valley import End, Search
from ravine.notes import Note
from ravine.problem import Problem

_EQUAL = 1e-6  # relative difference of Σr² that is no difference
_PATTERN = 0.001  # probability below which runs of residuals are no chance
_OUTLIER = 5.0  # robust standard deviations


def reasons(fit: Fit, asked: Parameters, found: Search, chosen: End) -> tuple[Note, ...]:
    """Return all warnings, the most serious ones first; none when all is well."""
    notes = [*_elsewhere(fit, asked, found, chosen), *_unsettled(chosen), *_undetermined(fit), *_at_bound(fit)]
    if fit.goodness.degrees_of_freedom <= 0:
        points, free = fit.goodness.points, fit.goodness.free
        text = f"{points} points can't say how sure {free} parameters are. Measure more points."
        notes.append(Note("few-points", text))
    if chosen.point.squares > rounding(fit.run.problem):
        notes += [*_pattern(chosen), *_outliers(chosen)]
    return (*notes, *fit.problem.notes)


def is_as_good(one: End, best: End, problem: Problem) -> bool:
    """Tell whether an end is no worse than the best one, but for what rounding makes of Σr²."""
    return one.point.squares <= best.point.squares * (1 + _EQUAL) + rounding(problem)


def rounding(problem: Problem) -> float:
    """Return Σr² below which residuals are nothing but rounding errors of the observations."""
    assert problem.observed is not None
    weight = 1.0 if problem.sigma is None else problem.sigma
    return 1e-26 * float(((problem.observed / weight) ** 2).sum())


def _elsewhere(fit: Fit, asked: Parameters, found: Search, chosen: End) -> list[Note]:
    if found.own is None:
        return []
    best, own = found.ends[0], found.ends[found.own]
    if is_as_good(own, best, fit.run.problem):
        return []
    values = asked.complete(dict(zip(fit.free, best.point.params, strict=True)))
    where = ", ".join(f"{name} = {value:.6g}" for name, value in values.items())
    if chosen is own:
        text = (
            f"A better minimum is known: Σr² = {best.point.squares:.6g} at {where}, here it is {own.point.squares:.6g}."
        )
        return [Note("better-minimum", text)]
    text = (
        f"Your start leads to another valley, with Σr² = {own.point.squares:.6g}; this is the best one found, "
        f"with {best.point.squares:.6g}. starts=1 follows yours only."
    )
    return [Note("other-valley", text)]


def _unsettled(chosen: End) -> list[Note]:
    if chosen.settled:
        return []
    return [Note("not-converged", "The fit did not come to rest: the answer may still move. Give a start, or bounds.")]


def _undetermined(fit: Fit) -> list[Note]:
    said = []
    for group in fit.covariance.undetermined:
        names = [fit.free[index] for index in group]
        if len(names) == 1:
            text = f"'{names[0]}' has no effect on the fit here: the data can't determine it. Fix it."
            said.append(Note("no-effect", text))
        elif names:
            text = (
                f"The data can't tell {' and '.join(names)} apart: only a combination of them matters. Fix one of them."
            )
            said.append(Note("indistinguishable", text))
    return said


def _at_bound(fit: Fit) -> list[Note]:
    said = []
    for name, each in fit.params.items():
        if each.is_free and each.value in (each.asked.min, each.asked.max):
            text = f"'{name}' stands at its bound {each.value:g}: its error means little. Widen it."
            said.append(Note("at-bound", text))
    return said


def _pattern(chosen: End) -> list[Note]:
    if runs_test(chosen.point.residual) >= _PATTERN:
        return []
    text = "The residuals have a pattern: neighbors stray to the same side. The formula may lack a term."
    return [Note("pattern", text)]


def _outliers(chosen: End) -> list[Note]:
    residual = chosen.point.residual
    spread = 1.4826 * float(np.median(np.abs(residual - np.median(residual))))
    freedom = residual.size - chosen.point.params.size
    if spread == 0 or freedom < 8:
        return []
    # Few residuals tell their own spread badly: this bound is passed by chance in one fit of a thousand.
    far = np.flatnonzero(np.abs(residual) > (_OUTLIER + 60 / freedom) * spread)
    if not 0 < far.size <= 0.05 * residual.size + 1:
        return []
    which = ", ".join(str(index + 1) for index in far[:5]) + (", …" if far.size > 5 else "")
    said = f"Row {which} lies far off. Check it" if far.size == 1 else f"Rows {which} lie far off. Check them"
    return [Note("outliers", f"{said}, or make huber small with ravine.descend.")]
