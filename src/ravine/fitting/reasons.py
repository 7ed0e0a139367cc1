"""Reasons: what a user of a fit must know before trusting it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ravine.fitting.fitted import Fit
from ravine.fitting.parameters import Parameters
from ravine.fitting.resistant import least_spread
from ravine.fitting.statistics import runs_test
from ravine.fitting.valley import End, Search, is_as_good, rounding
from ravine.notes import Note

_PATTERN = 0.001  # probability below which runs of residuals are no chance
_OUTLIER = 5.0  # robust standard deviations


def reasons(fit: Fit, asked: Parameters, found: Search, chosen: End) -> tuple[Note, ...]:
    """Return all warnings, the most serious ones first; none when all is well."""
    notes = [*_elsewhere(fit, asked, found, chosen), *_unsettled(chosen), *_constant(fit)]
    notes += [*_undetermined(fit), *_at_bound(fit)]
    if fit.goodness.degrees_of_freedom <= 0:
        points, free = _counted(fit.goodness.points, "point"), _counted(fit.goodness.free, "parameter")
        text = f"{points} can't say how sure {free} {'is' if fit.goodness.free == 1 else 'are'}. Measure more points."
        notes.append(Note("few-points", text))
    if fit.goodness.squares > rounding(fit.run.problem):
        notes += _no_spread(fit) or _pattern(chosen)
        notes += [] if fit.goodness.is_robust else _outliers(chosen)
    return (*notes, *fit.problem.notes)


def _elsewhere(fit: Fit, asked: Parameters, found: Search, chosen: End) -> list[Note]:
    if found.own is None:
        return []
    best, own = found.ends[0], found.ends[found.own]
    if is_as_good(own, best, fit.run.problem):
        return []
    values = asked.complete(dict(zip(fit.free, best.point.params, strict=True)))
    where = ", ".join(f"{name} = {value:.6g}" for name, value in values.items())
    measure = "loss" if fit.goodness.is_robust else "Σr²"
    if chosen is own:
        here = f"here it is {own.point.squares:.6g}"
        text = f"A better minimum is known: {measure} = {best.point.squares:.6g} at {where}, {here}."
        return [Note("better-minimum", text)]
    text = (
        f"Your start leads to another valley, with {measure} = {own.point.squares:.6g}; this is the best one found, "
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
            text = f"The data can't tell {_listed(names)} apart: only a combination of them matters. Fix one of them."
            said.append(Note("indistinguishable", text))
    return said


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]])


def _constant(fit: Fit) -> list[Note]:
    observed = fit.problem.observed
    if observed is None or observed.size < 2 or not (observed == observed.flat[0]).all():
        return []
    level = f"{observed.flat[0]:g}"
    text = f"All observations are the same, {level}: they can tell a level and nothing else. Check the column."
    return [Note("constant", text)]


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
    return [Note("outliers", f'{said}, or let ravine.fit weigh them less: loss="huber".')]


def _no_spread(fit: Fit) -> list[Note]:
    is_spread = not fit.goodness.is_robust or fit.scale > 2 * least_spread(fit.run.problem)
    if is_spread or fit.goodness.degrees_of_freedom <= 0:
        return []
    text = "More than half of the points are fitted exactly: no spread is left to judge the others by, nor the errors."
    return [Note("no-spread", text)]
