"""diagnose: what went wrong on the way down, why, and what to do."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np

from ravine.diagnosing import freedom, noise, overflows, places, rates, search, wording
from ravine.diagnosing.causes import Cause
from ravine.diagnosing.dynamics import Rule
from ravine.diagnosing.findings import CODES, Diagnosis, Finding, Language
from ravine.diagnosing.ground import Ground, Standing
from ravine.diagnosing.newton import Places
from ravine.diagnosing.search import Known
from ravine.diagnosing.tracks import Track
from ravine.errors import ProblemError, did_you_mean
from ravine.model import Tree
from ravine.run import Run, Status

_MOST_LOOKED_AT, _FEWEST_LOOKED_AT = 400, 8  # starts
_EFFORT = 2e7  # evaluations of the model at one point
_MOST_PARAMS = 40
_ALIKE = 1e-2  # scales: ends that count as one
_CENTERS = 16
_OF_THE_PROBLEM = ("no-effect", "indistinguishable")  # whatever the start


def diagnose(run: Run, *, language: Language = "en") -> Diagnosis:
    """Name what went wrong in a run and why, with evidence and a next step.

    Gradients and Hessians are evaluated in float64 at recorded points, and a short search looks for better minima than
    those that the starts came to. What needs no second look stands in `Run.warnings` already.

    Parameters
    ----------
    run
        A run, recorded or loaded.
    language
        Of the texts: ``"en"`` or ``"zh"``.

    Returns
    -------
    Diagnosis
        Without findings when all is well.

    Raises
    ------
    ProblemError
        If it is no run, or there is no such language.

    Examples
    --------
    On x² the curvature is 2, so that the learning rate 1 sits at 2/λ and every step jumps from x to −x.

    >>> import ravine as rv
    >>> diagnosis = diagnose(rv.descend("x**2", {"x": 3}, learning_rate=1, steps=20))
    >>> diagnosis.codes
    ('learning-rate-at-edge',)
    >>> diagnosis.findings[0].suggestion
    'Take learning rate 0.5, half the edge.'
    """
    _check(run, language)
    examined = _Examination(run)
    examined.look()
    return Diagnosis(run.problem.title, examined.findings(language), examined.remarked(language), language)


def _check(run: Any, language: str) -> None:
    if not isinstance(run, Run):
        hint = " A fit says itself what to watch out for: fit.warnings." if hasattr(run, "covariance") else ""
        raise ProblemError(f"diagnose: expected a run of descend, got {type(run).__name__}.{hint}")
    if language not in get_args(Language):
        known = get_args(Language)
        raise ProblemError(
            f"language: expected {' or '.join(known)}, got {language!r}.{did_you_mean(str(language), known)}"
        )


@dataclass
class _Examination:
    """One look at a run: what is found gathers here, start by start."""

    run: Run
    causes: dict[tuple[str, Hashable], list[tuple[Cause, list[int]]]] = field(default_factory=dict)
    remarks: dict[str, tuple[dict[str, Any], list[int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        has_rate = bool(np.isfinite(self.run.dataset["learning_rate"].values).any())
        self.rule = Rule.of(self.run.settings, has_rate=has_rate)
        self.groups = _groups(self.run)

    def look(self) -> None:
        """Find everything."""
        tracks = [Track.of(self.run, members[0]) for members in self.groups]
        self._tell_limits(tracks)
        for track, members in zip(tracks, self.groups, strict=True):
            if track.status is Status.not_finite:
                self._add(overflows.cause(track, self.run.problem, str(self.run.settings["dtype"])), members)
        if not self.run.problem.is_callable:
            self.remark("no-callable", {})
            return
        if len(self.run.names) > _MOST_PARAMS:
            self.remark("too-wide", {"params": len(self.run.names)})
            return
        self._look_at_ground(tracks)

    def _tell_limits(self, tracks: list[Track]) -> None:
        if self.rule.kind == "scipy":
            self.remark("own-steps", {"method": self.rule.name})
        if not isinstance(self.run.problem.model, Tree) and any(t.status is Status.not_finite for t in tracks):
            self.remark("opaque-overflow", {})
        if len(self.groups) < self.run.starts:
            alike = sum(len(members) for members in self.groups)
            self.remark("represented", {"starts": self.run.starts, "looked_at": len(self.groups), "alike": alike})

    def _look_at_ground(self, tracks: list[Track]) -> None:
        good = [(track, members) for track, members in zip(tracks, self.groups, strict=True) if track.good is not None]
        if not good:
            return
        ground = Ground.under(self.run.problem, [track for track, _ in good])
        rows = np.array([track.params[track.good] for track, _ in good])
        here = Places.at(ground.derivatives, np.clip(rows, ground.frame.low, ground.frame.high))
        rest = ground.settle(rows)
        standings = [
            Standing(track, here.take([index]), rest.take([index]), ground)
            for index, (track, _) in enumerate(good)
            if here.is_finite[index]
        ]
        members = {id(track): members for track, members in good}
        centers = np.concatenate([rows[:_CENTERS], [track.params[0] for track, _ in good[:_CENTERS]]])
        probes = search.probes(ground, centers)
        known = self._best(ground, standings, probes)
        for standing in standings:
            own = members[id(standing.track)]
            for cause in self._causes(standing, known):
                self._add(cause, own)
        everyone = list(range(self.run.starts))
        found, idle = freedom.without_effect(ground, np.concatenate([probes, rows]))
        if known is not None:
            found += freedom.tied(ground, known.place, idle)
        for cause in found:
            self._add(cause, everyone)

    def _best(self, ground: Ground, standings: list[Standing], probes: np.ndarray) -> Known | None:
        """Return the deepest minimum among where the starts come to rest, the surface's best point, and a search."""
        known: list[Known] = []
        for standing in standings:
            if search.are_minima(ground, standing.rest, standing.here.params[0]).all():
                is_own = standing.has_arrived
                known.append(Known(standing.rest, "start" if is_own else "search", standing.track.start))
        center = standings[0].here.params[0] if standings else probes[0]
        rows = {"search": probes}
        surface = self.run.surface
        if surface is not None and set(surface.best) == set(self.run.names):
            rows["surface"] = self.run.problem.row(surface.best)[None]
        for source, each in rows.items():
            found = search.minima(ground, each)
            index = np.flatnonzero(search.are_minima(ground, found, center))
            if index.size:
                best = int(index[np.argmin(found.loss[index])])
                known.append(Known(found.take([best]), source))
        if not known:
            return None
        least = min(each.loss for each in known)
        # Of minima that are as good, the one a start came to is the one to name.
        close = 1e-6 * max(abs(least), max((standing.spread for standing in standings), default=0.0))
        return next(each for each in known if each.loss <= least + close)

    def _causes(self, standing: Standing, known: Known | None) -> list[Cause]:
        kind = places.causes(standing, known) if known is not None else []
        found = [*kind, *places.at_bounds(standing)]
        if any(cause.code in ("saddle", "flat", "local-minimum") for cause in kind):
            return found
        batch_size = self.run.settings.get("batch_size")
        if batch_size and (of_noise := noise.causes(standing, self.rule, int(batch_size))):
            steep = [cause for cause in rates.causes(standing, self.rule) if cause.kind == "linear"]
            steep = [cause for cause in steep if cause.code == "learning-rate-too-large"]
            return [*found, *(steep or of_noise)]
        of_rate = rates.causes(standing, self.rule)
        if not [*found, *of_rate]:
            self._remark_on(standing)
        return [*found, *of_rate]

    def _remark_on(self, standing: Standing) -> None:
        track = standing.track
        if track.status is Status.diverged and track.loss[-1] < track.loss[0]:
            self.remark("no-floor", {}, track.start)
        elif track.status is Status.ran_out and not standing.has_arrived:
            self.remark("still-falling", {}, track.start)
        elif track.status is Status.converged and track.taken == 0 and not standing.has_arrived:
            self.remark("stop-rule", {}, track.start)

    def _add(self, cause: Cause, members: list[int]) -> None:
        self.causes.setdefault((cause.code, cause.key), []).append((cause, members))

    def remark(self, kind: str, evidence: dict[str, Any], start: int | None = None) -> None:
        """Note what is no fault, or could not be checked."""
        noted = self.remarks.setdefault(kind, (evidence, []))
        noted[1].extend([] if start is None else [start])

    def findings(self, language: Language) -> tuple[Finding, ...]:
        """Return one finding for each code and key, told with the numbers of the worst start."""
        told = []
        for (code, _), unsorted in self.causes.items():
            found = sorted(unsorted, key=lambda each: -each[0].weight)
            worst = found[0][0]
            starts = [start for _, members in found for start in members]
            total = 1 if code in _OF_THE_PROBLEM else self.run.starts
            text, suggestion = wording.sentences(code, worst.kind, worst.evidence, starts, total, language)
            told.append(Finding(code, text, worst.evidence, suggestion, tuple(sorted(starts))))
        return tuple(sorted(told, key=lambda finding: CODES.index(finding.code)))

    def remarked(self, language: Language) -> tuple[str, ...]:
        """Return the remarks as sentences."""
        said = []
        for kind, (evidence, starts) in self.remarks.items():
            which = wording.which(starts, self.run.starts, language, worst_first=False) if starts else ""
            said.append(wording.remark(kind, {**evidence, "which": which}, language))
        return tuple(said)


def _groups(run: Run) -> list[list[int]]:
    """Return starts that ended alike, first the lowest; of a run of many starts only so many groups as can be seen."""
    effort = max(1, run.problem.points) * (1 + len(run.names)) ** 2
    most = int(np.clip(_EFFORT / effort, _FEWEST_LOOKED_AT, _MOST_LOOKED_AT))
    if run.starts <= most:
        return [[start] for start in range(run.starts)]
    params, loss = run.dataset["params"].values.astype(float), run.dataset["loss"].values.astype(float)
    rates, statuses = run.dataset["learning_rate"].values[:, 0], run.statuses
    with np.errstate(all="ignore"):
        scale = np.nanmedian(np.where(np.isfinite(params[:, -1]), np.abs(params[:, -1]), np.nan), axis=0) + 1e-300
        ends = np.nan_to_num(np.round(params[:, -1] / (_ALIKE * scale)), nan=0.5, posinf=0.5, neginf=-0.5)
    alike: dict[Hashable, list[int]] = {}
    for start in np.argsort(loss[:, -1], kind="stable"):
        where = () if statuses[start] in (Status.diverged, Status.not_finite) else tuple(ends[start])
        alike.setdefault((statuses[start], str(rates[start]), where), []).append(int(start))
    groups = sorted(alike.values(), key=len, reverse=True)
    return groups[:most]
