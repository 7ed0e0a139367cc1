"""Reasons: what a user of a fit must know before trusting it."""

from __future__ import annotations

import numpy as np

from ravine.fitted import Fit
from ravine.notes import Note
from ravine.parameters import Parameters
from ravine.statistics import runs_test
from ravine.valley import End, Search

_EQUAL = 1e-6  # relative difference of Σr² that is no difference
_PATTERN = 0.001  # probability below which runs of residuals are no chance
_OUTLIER = 5.0  # robust standard deviations


def reasons(fit: Fit, asked: Parameters, found: Search, chosen: End) -> tuple[Note, ...]:
    """Return all warnings, the most serious ones first; none when all is well."""
    notes = [*_elsewhere(fit, asked, found, chosen), *_unsettled(chosen), *_undetermined(fit), *_at_bound(fit)]
    if fit.goodness.degrees_of_freedom <= 0:
        text = f"{fit.goodness.points} points can't say how sure {fit.goodness.free} parameters are. Measure more points."
        notes.append(Note("few-points", text))
    return (*notes, *_pattern(chosen), *_outliers(chosen), *fit.problem.notes)


def _elsewhere(fit: Fit, asked: Parameters, found: Search, chosen: End) -> list[Note]:
    if found.own is None:
        return []
    best, own = found.ends[0], found.ends[found.own]
    if own.point.squares <= best.point.squares * (1 + _EQUAL):
        return []
    values = asked.complete(dict(zip(fit.free, best.point.params, strict=True)))
    where = ", ".join(f"{name} = {value:.6g}" for name, value in values.items())
    if chosen is own:
        text = f"A better minimum is known: Σr² = {best.point.squares:.6g} at {where}, here it is {own.point.squares:.6g}."
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
            said.append(Note("no-effect", f"'{names[0]}' has no effect on the fit here: the data can't determine it. Fix it."))
        elif names:
            text = f"The data can't tell {' and '.join(names)} apart: only a combination of them matters. Fix one of them."
            said.append(Note("indistinguishable", text))
    return said


def _at_bound(fit: Fit) -> list[Note]:
    said = []
    for name, each in fit.params.items():
        if each.is_free and each.value in (each.asked.min, each.asked.max):
            said.append(Note("at-bound", f"'{name}' stands at its bound {each.value:g}: its error means little. Widen it."))
    return said


def _pattern(chosen: End) -> list[Note]:
    if runs_test(chosen.point.residual) >= _PATTERN:
        return []
    return [Note("pattern", "The residuals have a pattern: neighbors stray to the same side. The formula may lack a term.")]


def _outliers(chosen: End) -> list[Note]:
    residual = chosen.point.residual
    spread = 1.4826 * float(np.median(np.abs(residual - np.median(residual))))
    far = np.flatnonzero(np.abs(residual) > _OUTLIER * spread) if spread > 0 and residual.size >= 10 else np.empty(0)
    if not 0 < far.size <= 0.05 * residual.size + 1:
        return []
    which = ", ".join(str(index + 1) for index in far[:5]) + (", …" if far.size > 5 else "")
    rows = "row" if far.size == 1 else "rows"
    return [Note("outliers", f"{far.size} {rows} lie far off (data {rows} {which}). Check them, or descend with huber.")]
