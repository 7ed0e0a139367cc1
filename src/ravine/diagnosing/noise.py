"""Noise: mini-batches that keep the loss above the minimum it would otherwise reach."""

from __future__ import annotations

import numpy as np

from ravine.diagnosing.causes import Cause, four_digits, one_digit
from ravine.diagnosing.dynamics import Rule
from ravine.diagnosing.ground import Standing

_FEWEST = 8  # records of a tail
_LEVEL = 0.6  # of the excess of the tail's first half that is left in its second: less is still falling
_EXPLAINED = 0.3  # of the excess: what the noise accounts for
_AIM = 0.02  # of the floor: an excess that nobody notices


def causes(standing: Standing, rule: Rule, batch_size: int) -> list[Cause]:
    """Return the noise of the mini-batches, if it is what keeps a start from arriving."""
    track = standing.track
    first = len(track.loss) // 2
    if track.ran_away or len(track.loss) - first < _FEWEST:
        return []
    floor = float(standing.rest.loss[0])
    early, late = (half.mean() - floor for half in np.array_split(track.loss[first:], 2))
    excess = float(track.loss[first:].mean() - floor)
    if excess <= standing.ground.allowed(standing.spread, floor) or late < _LEVEL * early:
        return []
    if not _is_noise(standing, rule, first, excess):
        return []
    noise = track.gradient[first:] - track.gradient[first:].mean(0)
    aim = max(_AIM * abs(floor), standing.allowed / 2) if standing.ground.problem.has_data else standing.allowed / 2
    share = float(np.clip(aim / excess, 1e-4, 0.5))
    points = standing.ground.problem.points
    evidence = {
        "learning_rate": four_digits(track.learning_rate),
        "batch_size": batch_size,
        "level": four_digits(floor + excess),
        "floor": four_digits(floor),
        "excess": four_digits(excess),
        "gradient_noise": four_digits(np.sqrt((noise**2).sum(1).mean())),
        "gradient": four_digits(float(np.linalg.norm(standing.here.gradient[0]))),
        "works": one_digit(track.learning_rate * share),
        "works_batch": int(min(points, np.ceil(batch_size / share))),
    }
    return [Cause("noise-floor", "batches", evidence, excess, key=evidence["learning_rate"])]


def _is_noise(standing: Standing, rule: Rule, first: int, excess: float) -> bool:
    """Tell whether noise explains the excess, rather than a long way that is left.

    Near a minimum plain descent with noise of covariance C in its gradients stays α·tr(C)/4 above it on average, for
    small rates (each direction adds α·C/(4 − 2αλ)); momentum β acts as a rate of α/(1 − β). Other rules: whether the
    parameters cross the minimum again and again.
    """
    track = standing.track
    if rule.is_linear:
        spread = track.gradient[first:].var(0).sum()
        return track.learning_rate / (1 - rule.momentum) * spread / 4 >= _EXPLAINED * excess
    scales = standing.ground.frame.scales
    offsets = (track.params[first:] - standing.rest.params[0]) / scales
    crossings = (np.diff(np.sign(offsets), axis=0) != 0).sum(0)
    return bool(crossings.max() >= 3)
