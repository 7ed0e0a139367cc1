"""Freedom: parameters that have no effect on the loss, or only together."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from ravine.diagnosing.causes import Cause, four_digits, place
from ravine.diagnosing.ground import Ground
from ravine.diagnosing.newton import Places, rounded

_NO_SLOPE = 1e-12  # of the largest slope at the same place
_NO_CURVATURE = 1e-7  # of the largest curvature
_TOUCHING = 1e-6  # squared share of a direction from which a parameter belongs to it
_WALK = 0.1  # scales: so far along a direction without effect
_SAME = 1e-9  # of the loss and of what curvature would make of the walk
_LOOKED_AT = 32


def without_effect(ground: Ground, rows: np.ndarray) -> tuple[list[Cause], np.ndarray]:
    """Return the parameters whose slope is 0 at all of these rows [row, param], and which they are, [param]."""
    seen = Places.at(ground.derivatives, rows[:_LOOKED_AT])
    slopes = np.abs(seen.gradient[seen.is_finite]) * ground.frame.scales
    if len(slopes) < 4 or not slopes.any():
        return [], np.zeros(len(ground.frame.scales), bool)
    idle = (slopes <= _NO_SLOPE * slopes.max(1, keepdims=True)).all(0)
    names = tuple(name for name, is_idle in zip(ground.problem.names, idle, strict=True) if is_idle)
    evidence = {"names": names, "places": len(slopes), "largest_slope": four_digits(slopes[:, idle].max(initial=0.0))}
    return ([Cause("no-effect", "one" if len(names) == 1 else "several", evidence)] if names else []), idle


def tied(ground: Ground, best: Places, idle: np.ndarray) -> list[Cause]:
    """Return the groups of parameters of which only a combination matters.

    The Hessian at the minimum has a direction without curvature, and a walk along it, followed by a descent back into
    the valley, ends somewhere else at the same loss.
    """
    bend = rounded(ground.frame.scaled(best)[1])[0][0]
    used = np.flatnonzero(~idle & ground.frame.free(best)[0])
    values, axes = np.linalg.eigh(bend[np.ix_(used, used)])
    if len(used) < 2 or not np.abs(values).max() > 0:
        return []
    empty = axes[:, np.abs(values) <= _NO_CURVATURE * np.abs(values).max()]
    touching = np.abs(empty @ empty.T) > _TOUCHING
    count, labels = connected_components(csr_array(touching), directed=False)
    found = []
    for label in range(count):
        group = np.flatnonzero((labels == label) & touching.diagonal())
        if len(group) >= 2:
            along = np.zeros(len(idle))
            share = empty[group] @ empty[group].T
            along[used[group]] = share[:, int(np.argmax(share.diagonal()))]
            found += _walked(ground, best, along / np.linalg.norm(along), float(np.abs(values).max()), used[group])
    return found


def _walked(ground: Ground, best: Places, along: np.ndarray, bend: float, group: np.ndarray) -> list[Cause]:
    far = _WALK * along * ground.frame.scales
    ends = ground.settle(np.array([best.params[0] + far, best.params[0] - far]))
    change = np.abs(ends.loss - best.loss[0])
    apart = np.abs((ends.params - best.params[0]) / ground.frame.scales).max(1)
    is_same = change <= _SAME * (abs(float(best.loss[0])) + bend * _WALK**2)
    if not (is_same & (apart > 0.2 * _WALK * np.abs(along).max())).any():
        return []
    names = tuple(ground.problem.names[index] for index in group)
    where = place(ground.problem.names, best.params[0])
    elsewhere = place(ground.problem.names, ends.params[int(np.argmax(is_same * apart))])
    evidence = {
        "names": names,
        "loss": four_digits(best.loss[0]),
        "place": {name: where[name] for name in names},
        "other_place": {name: elsewhere[name] for name in names},
        "fixed": names[-1],
        "value": where[names[-1]],
    }
    return [Cause("indistinguishable", "tied", evidence, key=names)]
