"""Places: what kind of place a start ended at, where it did not arrive at the best one known."""

from __future__ import annotations

from typing import Any

import numpy as np

from ravine.diagnosing.causes import Cause, direction, four_digits, place
from ravine.diagnosing.ground import Ground, Standing
from ravine.diagnosing.newton import Places, settle
from ravine.diagnosing.search import Known
from ravine.diagnosing.tracks import Track

_BENT = 1e-6  # of the largest curvature: what counts as a curvature
_WORTH = 1e-2  # of what there is to be gained
_OF_SPREAD, _OF_BEST = 1e-3, 0.05  # by how much better a minimum must be
_ASIDE = (1e-3, 1e-2, 0.1, 1.0)  # scales
_AT = 1e-5  # relative: how near a bound is at it


def causes(standing: Standing, known: Known) -> list[Cause]:
    """Return what kind of place a start ended at, none for a minimum than which none better is known."""
    if standing.track.ran_away:
        return []
    if (found := _saddle(standing)) is not None:
        return [found]
    if not standing.has_arrived:
        return [_flat(standing, standing.rest, "the slope leads there")] if standing.is_resting else []
    if not is_better(standing, known):
        return []
    if _missing_curvatures(standing.ground, standing.rest) > _missing_curvatures(standing.ground, known.place):
        return [_flat(standing, known.place, known.source)]
    return [_local(standing, known)]


def is_better(standing: Standing, known: Known) -> bool:
    """Tell whether the known minimum is clearly better than where a start came to rest."""
    gain = standing.here.loss[0] - known.loss
    spread = standing.track.loss[0] - known.loss if np.isfinite(standing.track.loss[0]) else gain
    least = _OF_BEST * abs(known.loss) if standing.ground.problem.has_data else 0.0
    return bool(gain > max(_OF_SPREAD * spread, least, 1e-12 * abs(known.loss)))


def _missing_curvatures(ground: Ground, places: Places) -> int:
    """Return along how many axes the loss has next to no curvature."""
    values = np.abs(np.linalg.eigvalsh(ground.frame.scaled(places)[1][0]))
    return int((values <= _BENT * max(values.max(), abs(float(places.loss[0])) * 1e-6)).sum())


def _saddle(standing: Standing) -> Cause | None:
    """Return a saddle, if there is no slope, a falling curvature, and a lower place aside along it."""
    ground, here = standing.ground, standing.here
    slope, bend = ground.frame.scaled(here)
    values, axes = np.linalg.eigh(bend[0])
    if not values[0] < -_BENT * np.abs(values).max():
        return None
    axis = axes[:, 0] * ground.frame.scales
    aside = np.array([here.params[0] + sign * far * axis for far in _ASIDE for sign in (1, -1)])
    lower = ground.settle(aside)
    best = lower.take([int(np.argmin(np.where(np.isfinite(lower.loss), lower.loss, np.inf)))])
    gain = float(here.loss[0] - best.loss[0])
    spread = max(float(standing.track.loss[0] - best.loss[0]), gain)
    if not gain > ground.allowed(spread, float(best.loss[0])):
        return None
    promised = (np.abs(slope[0]) * np.maximum(1.0, np.abs(best.params[0] - here.params[0]) / ground.frame.scales)).sum()
    if promised > _WORTH * gain or -values[0] < _WORTH * gain:
        return None
    names = ground.problem.names
    evidence = {
        **_here(standing),
        "negative_curvature": four_digits(_along(here, axes[:, 0], ground)),
        "direction": direction(names, axes[:, 0]),
        "aside": place(names, here.params[0] + 0.1 * axis),
        "better": four_digits(best.loss[0]),
        "better_place": place(names, best.params[0]),
    }
    return Cause("saddle", "saddle", evidence, gain)


def _along(places: Places, axis: np.ndarray, ground: Ground) -> float:
    """Return the curvature along an axis given in scales, in the parameters' own units."""
    own = axis * ground.frame.scales
    return float(own @ places.hessian[0] @ own / (own @ own))


def _here(standing: Standing) -> dict[str, Any]:
    here = standing.here
    return {
        "loss": four_digits(here.loss[0]),
        "place": place(standing.ground.problem.names, here.params[0]),
        "gradient": four_digits(float(np.linalg.norm(here.gradient[0]))),
    }


def _flat(standing: Standing, better: Places, source: str) -> Cause:
    names, ground = standing.ground.problem.names, standing.ground
    bend = np.abs(ground.frame.scaled(standing.here)[1][0]).max(0)
    level = bend <= _BENT * max(bend.max(), abs(float(standing.here.loss[0])) * 1e-6)
    evidence = {
        **_here(standing),
        "names": tuple(name for name, is_level in zip(names, level, strict=True) if is_level) or names,
        "better": four_digits(better.loss[0]),
        "better_place": place(names, better.params[0]),
        "source": source,
    }
    return Cause("flat", "flat", evidence, float(standing.here.loss[0] - better.loss[0]))


def _local(standing: Standing, known: Known) -> Cause:
    evidence = {
        **_here(standing),
        "better": four_digits(known.loss),
        "better_place": place(standing.ground.problem.names, known.place.params[0]),
        "source": known.source,
    }
    if known.start is not None:
        evidence["better_start"] = known.start
    return Cause("local-minimum", known.source, evidence, float(standing.here.loss[0] - known.loss))


def at_bounds(standing: Standing) -> list[Cause]:
    """Return the bounds that keep a start from a lower loss."""
    ground, track = standing.ground, standing.track
    if not ground.problem.bounds or track.ran_away:
        return []
    blocked = ~ground.frame.free(standing.rest)[0] & _touches(ground, track)
    if not blocked.any():
        return []
    free = settle(ground.derivatives, ground.frame.unbounded(), standing.rest.params)
    gain = float(standing.rest.loss[0] - free.loss[0])
    if not gain > ground.allowed(standing.spread, float(free.loss[0])):
        return []
    found = []
    for index in np.flatnonzero(blocked):
        evidence = {
            "name": ground.problem.names[index],
            "bound": four_digits(standing.rest.params[0, index]),
            "gradient": four_digits(standing.rest.gradient[0, index]),
            "loss": four_digits(standing.here.loss[0]),
            "beyond": four_digits(free.params[0, index]),
            "better": four_digits(free.loss[0]),
        }
        found.append(Cause("at-bound", "bound", evidence, gain, key=(evidence["name"], evidence["bound"])))
    return found


def _touches(ground: Ground, track: Track) -> np.ndarray:
    """Tell which parameters stood at a bound lately, [param]: mini-batches push them off it now and then."""
    tail = track.params[-max(1, len(track.params) // 4) :]
    frame = ground.frame
    near = _AT * np.maximum(1.0, frame.scales)
    return np.any((tail <= frame.low + near) | (tail >= frame.high - near), axis=0)
