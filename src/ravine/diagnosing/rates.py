"""Rates: learning rates too large, at the edge, too small, and valleys too narrow for any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ravine.diagnosing.causes import Cause, direction, four_digits, one_digit
from ravine.diagnosing.dynamics import SIGN_LIKE, Rule, steps_to_arrive
from ravine.diagnosing.ground import Standing
from ravine.diagnosis import curvature_along

_ABOVE, _BELOW = 1.01, 0.99  # of the edge: what counts as exactly there
_NEAR = 0.8
_SMALL, _TINY = 0.25, 0.05  # of the edge
_NARROW = 30.0  # condition number
_WORTH = 0.5  # of the steps taken: fewer to go are no fault


def causes(standing: Standing, rule: Rule) -> list[Cause]:
    """Return what is wrong with the learning rate of a start, or with the valley it is in."""
    if rule.kind == "scipy" or standing.track.taken == 0:
        return []
    if standing.track.ran_away:
        return _ran_away(standing, rule)
    if standing.has_arrived or standing.is_resting:
        return []
    if not rule.is_linear:
        return _adaptive(standing, rule)
    ratio = standing.track.learning_rate * standing.steepest / rule.edge_times_curvature
    if ratio > _ABOVE:
        return [_too_large(standing, rule, standing.steepest)]
    if ratio > _BELOW or (ratio > _NEAR and _is_led_by_steepest(standing, rule)):
        return [_at_edge(standing, rule)]
    return _slow(standing, rule)


def _ran_away(standing: Standing, rule: Rule) -> list[Cause]:
    track = standing.track
    if not rule.is_linear:
        return [_growing(standing)] if _rose(standing) else []
    measured = curvature_along(track.params[:6], track.gradient[:6]).max(initial=0.0) if len(track.loss) > 2 else 0.0
    for curvature in (standing.steepest, float(measured)):
        if track.learning_rate * curvature > _ABOVE * rule.edge_times_curvature:
            return [_too_large(standing, rule, curvature)]
    return [_growing(standing)] if track.status == "diverged" and _rose(standing) else []


def _rose(standing: Standing) -> bool:
    loss = standing.track.loss[np.isfinite(standing.track.loss)]
    return bool(loss.size > 1 and loss[-1] > loss[0])


def _edge_evidence(standing: Standing, rule: Rule, curvature: float) -> dict[str, Any]:
    edge = rule.edge_times_curvature / curvature
    found = {"learning_rate": four_digits(standing.track.learning_rate), "edge": four_digits(edge)}
    found |= {"edge_formula": rule.edge_text, "curvature": four_digits(curvature), "works": one_digit(edge / 2)}
    return found | ({"momentum": rule.momentum} if rule.momentum else {})


def _too_large(standing: Standing, rule: Rule, curvature: float) -> Cause:
    evidence = _edge_evidence(standing, rule, curvature)
    return _of_rate("learning-rate-too-large", "linear", standing, evidence, weight=curvature)


def _at_edge(standing: Standing, rule: Rule) -> Cause:
    evidence = _edge_evidence(standing, rule, standing.steepest)
    kind = "exact" if evidence["learning_rate"] > _BELOW * evidence["edge"] else "near"
    return _of_rate("learning-rate-at-edge", kind, standing, evidence, weight=standing.gap)


def _growing(standing: Standing) -> Cause:
    track = standing.track
    finite = track.loss[np.isfinite(track.loss)]
    evidence = {
        "learning_rate": four_digits(track.learning_rate),
        "loss_start": four_digits(finite[0]),
        "loss_end": four_digits(finite[-1]),
        "works": one_digit(track.learning_rate / 10),
    }
    return _of_rate("learning-rate-too-large", "growing", standing, evidence, weight=float(finite[-1]))


def _of_rate(code: str, kind: str, standing: Standing, evidence: dict[str, Any], weight: float) -> Cause:
    return Cause(code, kind, evidence, weight, key=evidence["learning_rate"])


def _is_led_by_steepest(standing: Standing, rule: Rule) -> bool:
    """Tell whether what is left jumps to and fro across the valley, not along it."""
    values, _, excess = standing.modes
    shrink = rule.factors(standing.track.learning_rate, values)
    return bool(excess[-1] > 0.5 * excess.sum() and shrink[-1] >= 0.98 * shrink[excess > 0].max(initial=0.0))


def _slow(standing: Standing, rule: Rule) -> list[Cause]:
    """Return why it is still on its way, by the contraction along each axis of curvature."""
    track, (values, axes, excess) = standing.track, standing.modes
    if not excess.any():
        return []
    edge = rule.edge_times_curvature / standing.steepest
    works = one_digit(edge / 2)
    now, then = (
        steps_to_arrive(excess, rule.factors(rate, values), standing.target) for rate in (track.learning_rate, works)
    )
    more = max(now, _measured(standing))
    if more < _WORTH * track.taken:
        return []
    then *= more / max(now, 1.0) if np.isfinite(more) else 1.0  # a schedule may have come to no rate at all
    mattering = excess > min(0.1 * standing.target, 0.1 * excess.max())
    slowest = int(np.flatnonzero(mattering)[0])
    condition = standing.steepest / values[slowest]
    names = standing.ground.problem.names
    evidence = {
        "learning_rate": four_digits(track.learning_rate),
        "edge": four_digits(edge),
        "curvature": four_digits(standing.steepest),
        "slowest_curvature": four_digits(values[slowest]),
        "slowest_direction": direction(names, axes[:, slowest]),
        "condition": four_digits(condition),
        "factor": float(f"{rule.factors(track.learning_rate, values[[slowest]])[0]:.7g}"),
        "steps": track.taken,
        "more_steps": _count(more),
        "works": works,
        "works_steps": _count(then),
    }
    found = []
    ratio = track.learning_rate / edge
    if ratio < _SMALL and then <= 0.5 * more and (then <= 2 * track.taken or ratio < _TINY):
        found.append(_of_rate("learning-rate-too-small", "linear", standing, evidence, weight=more))
    if condition >= _NARROW and then > track.taken:
        kind, extra = _remedy(standing, mattering)
        found.append(Cause("ill-conditioned", kind, evidence | extra, weight=more))
    return found


def _remedy(standing: Standing, mattering: np.ndarray) -> tuple[str, dict[str, Any]]:
    """Return what would widen the valley: columns around 0, or parameters of other units, and how far."""
    if offsets := _offsets(standing.ground.problem.columns):
        return "offset", {"offsets": offsets}
    free = standing.ground.frame.free(standing.rest)[0]
    bend = standing.rest.hessian[0][np.ix_(free, free)]
    own = np.sqrt(np.abs(np.diag(bend)))
    if not (own > 0).all():
        return "turned", {}
    values = np.linalg.eigvalsh(bend / np.outer(own, own))
    scaled = values[-1] / max(values[0], 1e-300)
    before = standing.steepest / standing.modes[0][mattering][0]
    names = [name for name, is_free in zip(standing.ground.problem.names, free, strict=True) if is_free]
    if scaled > before / 10 or len(names) < 2:
        return "turned", {"scaled_condition": four_digits(scaled)} if scaled < 1e15 else {}
    units = {name: four_digits(own.max() / each) for name, each in zip(names, own, strict=True)}
    return "scales", {"scaled_condition": four_digits(scaled), "units": units}


def _offsets(columns: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return the means of columns that lie far from 0 beside their spread, two digits each."""
    means = {name: (float(column.mean()), float(column.std())) for name, column in columns.items() if column.ndim == 1}
    return {name: float(f"{mean:.2g}") for name, (mean, spread) in means.items() if abs(mean) > 3 * spread > 0}


def _measured(standing: Standing) -> float:
    """Return how many more steps it takes at the rate at which the loss approached its floor lately."""
    track = standing.track
    middle = len(track.loss) // 2
    before, span = track.loss[middle] - standing.rest.loss[0], track.taken - int(track.steps[middle])
    if not before > 0 or span <= 0 or standing.gap <= standing.target:
        return 0.0
    speed = np.log(before / standing.gap) / span
    return float(np.log(standing.gap / max(standing.target, 1e-300)) / speed) if speed > 0 else np.inf


def _adaptive(standing: Standing, rule: Rule) -> list[Cause]:
    """Return why a rule without a theory of its edge has not arrived, by how it moved towards the place of rest."""
    track = standing.track
    middle = len(track.loss) // 2
    if len(track.loss) - middle < 4:
        return []
    scales = standing.ground.frame.scales
    toward = standing.distance / scales
    toward /= max(float(np.linalg.norm(toward)), 1e-300)
    where = ((track.params[middle:] - standing.rest.params[0]) / scales) @ toward
    moves = np.diff(where)
    way, net = np.abs(moves).sum(), where[0] - where[-1]
    if _rose(standing) or way > 2 * abs(net):
        return [_jumping(standing, float(way), float(net))]
    span = int(track.steps[-1] - track.steps[middle])
    more = where[-1] / (net / span) if net > 0 else np.inf
    if more < _WORTH * track.taken:
        return []
    return [_at_its_pace(standing, rule, float(more), middle)]


def _jumping(standing: Standing, way: float, net: float) -> Cause:
    track = standing.track
    evidence = {
        "learning_rate": four_digits(track.learning_rate),
        "loss": four_digits(standing.here.loss[0]),
        "floor": four_digits(standing.rest.loss[0]),
        "way": four_digits(way),
        "net": four_digits(net),
        "works": one_digit(track.learning_rate / 10),
    }
    return _of_rate("learning-rate-too-large", "jumping", standing, evidence, weight=standing.gap)


def _at_its_pace(standing: Standing, rule: Rule, more: float, middle: int) -> Cause:
    """Return a rate too small, or a valley too narrow if it went to and fro in other directions all the while."""
    track, scales = standing.track, standing.ground.frame.scales
    moves = np.diff(track.params[middle:] / scales, axis=0)
    way, net = np.abs(moves).sum(), np.abs(moves.sum(0)).sum()
    speed = np.abs(np.diff(track.params[middle:], axis=0)).max(1).mean() / np.diff(track.steps[middle:]).mean()
    factor = np.clip(1.5 * (more + track.taken) / track.taken, 2, 1e6) if np.isfinite(more) else 1e3
    evidence: dict[str, Any] = {
        "learning_rate": four_digits(track.learning_rate),
        "steps": track.taken,
        "more_steps": _count(more),
        "speed": four_digits(speed),
        "works": one_digit(track.learning_rate * factor),
    }
    values, axes, excess = standing.modes
    is_held_back = rule.name in SIGN_LIKE and speed < 0.1 * track.learning_rate
    if (way > 5 * net or is_held_back) and values[-1] > _NARROW * max(values[0], 0.0) and excess.any():
        slowest = int(np.flatnonzero(excess > 0.1 * excess.max())[0])
        evidence |= {
            "curvature": four_digits(values[-1]),
            "slowest_curvature": four_digits(values[slowest]),
            "slowest_direction": direction(standing.ground.problem.names, axes[:, slowest]),
            "condition": four_digits(values[-1] / values[slowest]),
        }
        return Cause("ill-conditioned", "adaptive", evidence, weight=more)
    return _of_rate("learning-rate-too-small", "pace", standing, evidence, weight=more)


def _count(steps: float) -> int | None:
    """Return a number of steps with two digits; None for never."""
    return int(float(f"{steps:.2g}")) if np.isfinite(steps) else None
