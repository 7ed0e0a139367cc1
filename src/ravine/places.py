"""Places: the minima that thousands of endings stand for.

Endings scatter: each stops as soon as its rule is met, a little before its minimum, or runs out of steps there because
float32 can't bring the slope any closer to zero. So the endings are put into small cells; cells in which descents have
come to rest and which touch each other are one place; the best ending of a place goes on by Newton's steps in float64,
which bring it to the last digits. All lengths are in widths of the box, so that no parameter's unit counts.

Where the loss is flat in some direction, the endings lie along a valley or all over a plain. Flat places of equal loss
with no ridge between them are one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ravine import curvature
from ravine.curvature import Landscape, Settled

_MOST = 2000  # places that are looked at one by one
_REACH = 8  # cells that may lie between two parts of one place, when there are too many parts
_NEIGHBORS = 16  # of a flat place that may be one with it
_GROUPS = 50  # of flat places, of which every two are compared
_NO_RIDGE = 1e-4  # of the loss's spread: what counts as equal, and as no ridge
_STEP = 7  # of the shares, between neighbors
_BETWEEN = np.sort(np.arange(1, 28) * 0.6180339887 % 1)  # shares of a way at uneven distances
_SAME = 1e-9  # of the loss's spread: what ranks as equal
_FARTHEST = 2.0**40  # cells from zero, beyond which an ending has run away


@dataclass(frozen=True, eq=False)
class Ends:
    """Where starts ended.

    Parameters
    ----------
    params
        [start, param].
    loss
        [start].
    converged, ran_out
        By which rule, [start] each.
    """

    params: np.ndarray
    loss: np.ndarray
    converged: np.ndarray
    ran_out: np.ndarray


@dataclass(frozen=True, eq=False)
class Place:
    """A place where descents come to rest: its parameters [param], loss and kind, and how many end there."""

    params: np.ndarray
    loss: float
    kind: str
    count: int


def find(land: Landscape, ends: Ends, tolerance: float) -> tuple[list[Place], np.ndarray]:
    """Return the places, best first, and for each start the index of its place, -1 for none, [start].

    Parameters
    ----------
    land
        The loss, and the lengths on which it is looked at.
    ends
        Where the starts ended.
    tolerance
        The width of a cell, as a share of the box.
    """
    cells = _Cells.of(land, ends, tolerance)
    resting = np.flatnonzero(_are_resting(land, ends, cells, tolerance))
    parts = _parts(cells.place[resting])
    best = _best_of_each(parts, ends.loss[cells.best[resting]])
    group = _grouped(land, ends.params[cells.best[resting]].astype(float), parts, best, tolerance)
    resting, group = _largest(resting, group, cells.count)
    rows = ends.params[cells.best[resting]].astype(float)
    best = _best_of_each(group, ends.loss[cells.best[resting]])
    tops = [
        curvature.settle(land, rows[first], _reach(land, rows[group == index], tolerance), tolerance)
        for index, first in enumerate(best)
    ]
    stays = np.array([top.stays for top in tops], bool)
    resting, group, rows = resting[stays[group]], group[stays[group]], rows[stays[group]]
    group, tops = np.unique(group, return_inverse=True)[1], [top for top in tops if top.stays]
    place = _coinciding(land, tops, tolerance)[group]
    counts = np.bincount(place, cells.count[resting])
    found = [_lowest(tops, group, place, index, counts) for index in range(len(counts))]
    order = sorted(range(len(found)), key=lambda index: _rank(found[index], land.spread))
    of_cell = np.full(len(cells.count) + 1, -1)  # the last one is that of starts without a cell
    of_cell[resting] = np.argsort(order)[place]
    return [found[index] for index in order], of_cell[cells.of_start]


@dataclass(frozen=True, eq=False)
class _Cells:
    """The cells in which descents ended.

    Parameters
    ----------
    place
        Whole numbers, [cell, param].
    count
        Endings in it, [cell].
    best
        Index of its best ending, a converged one if there is any, [cell].
    has_converged
        [cell].
    of_start
        Index of the cell of each start, -1 for none, [start].
    """

    place: np.ndarray
    count: np.ndarray
    best: np.ndarray
    has_converged: np.ndarray
    of_start: np.ndarray

    @classmethod
    def of(cls, land: Landscape, ends: Ends, tolerance: float) -> _Cells:
        with np.errstate(all="ignore"):
            scaled = ends.params / (land.widths * tolerance)
            is_near = (np.abs(scaled) < _FARTHEST).all(1) & np.isfinite(ends.loss)
        kept = np.flatnonzero(is_near & (ends.converged | ends.ran_out))
        place, inverse, count = np.unique(
            np.floor(scaled[kept]).astype(np.int64), axis=0, return_inverse=True, return_counts=True
        )
        inverse = inverse.ravel()
        order = np.lexsort((ends.loss[kept], ~ends.converged[kept], inverse))
        first = np.searchsorted(inverse[order], np.arange(len(count)))
        best = kept[order[first]] if len(kept) else np.empty(0, int)
        of_start = np.full(len(ends.loss), -1)
        of_start[kept] = inverse
        return cls(place, count, best, ends.converged[best], of_start)


def _are_resting(land: Landscape, ends: Ends, cells: _Cells, tolerance: float) -> np.ndarray:
    """Tell of each cell whether descents came to rest in it, [cell].

    A descent that ran out of steps is at rest if Newton's step from there, by differences of the loss over the
    width of a cell, stays within that width.
    """
    resting = cells.has_converged.copy()
    asked = np.flatnonzero(~resting)
    asked = asked[np.argsort(-cells.count[asked], kind="stable")][: land.affordable]
    if len(asked):
        resting[asked] = land.are_at_rest(ends.params[cells.best[asked]], tolerance)
    return resting


def _parts(place: np.ndarray) -> np.ndarray:
    """Return the index of the part to which each cell [cell, param] belongs; cells of a part touch each other."""
    if not len(place):
        return np.empty(0, int)
    reach = 1
    while True:
        parts = _linked(len(place), _pairs_within(place, reach))
        if parts.max() < _MOST or reach >= _REACH:
            return parts
        reach *= 2


def _pairs_within(place: np.ndarray, reach: int) -> np.ndarray:
    from scipy.spatial import KDTree

    return KDTree(place).query_pairs(reach, p=np.inf, output_type="ndarray")


def _linked(count: int, pairs: np.ndarray) -> np.ndarray:
    """Return for each of so many things the index of the group that pairs [pair, 2] link it to."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links: Any = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return connected_components(links, directed=False)[1]


def _best_of_each(group: np.ndarray, loss: np.ndarray) -> np.ndarray:
    """Return the index of the lowest loss in each of the groups 0, 1, 2."""
    order = np.lexsort((loss, group))
    return order[np.searchsorted(group[order], np.arange(group.max(initial=-1) + 1))]


def _grouped(land: Landscape, rows: np.ndarray, parts: np.ndarray, best: np.ndarray, tolerance: float) -> np.ndarray:
    """Return the group of each cell, [cell]: the part it belongs to, or several flat ones together.

    Parameters
    ----------
    rows, parts
        The best ending of each cell [cell, param], and the index of its part.
    best
        The index of the best cell of each part, [part].
    """
    asked = np.arange(len(best))[: land.affordable]
    flat = asked[land.are_flat(rows[best[asked]], tolerance)] if len(best) > 1 else asked[:0]
    if len(flat) < 2:
        return parts
    near = flat[_neighbors(rows[best[flat]] / land.widths)]
    near = near[_are_level(land, *rows[best[near.T]], _BETWEEN[::_STEP])]
    group = _linked(len(best), near)
    members = np.flatnonzero(np.isin(parts, flat))
    across = members[_across(rows[members] / land.widths, group[parts[members]])]
    across = across[_are_level(land, *rows[across.T], _BETWEEN)]
    return _linked(len(best), np.concatenate([near, parts[across]]))[parts]


def _neighbors(scaled: np.ndarray) -> np.ndarray:
    """Return pairs of neighbors, [pair, 2]."""
    from scipy.spatial import KDTree

    count = min(_NEIGHBORS + 1, len(scaled))
    near = np.asarray(KDTree(scaled).query(scaled, count)[1])
    return np.column_stack([np.repeat(np.arange(len(scaled)), count - 1), near[:, 1:].ravel()])


def _across(scaled: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return the nearest pair of every two of the largest groups, [pair, 2]."""
    from scipy.spatial import KDTree

    names, size = np.unique(group, return_counts=True)
    members = [np.flatnonzero(group == name) for name in names[np.argsort(-size, kind="stable")[:_GROUPS]]]
    trees = [KDTree(scaled[each]) for each in members]
    pairs = []
    for first in range(len(members)):
        for second in range(first):
            away, index = map(np.asarray, trees[second].query(scaled[members[first]]))
            nearest = int(np.argmin(away))
            pairs.append((members[first][nearest], members[second][index[nearest]]))
    return np.array(pairs, int).reshape(-1, 2)


def _are_level(land: Landscape, first: np.ndarray, second: np.ndarray, between: np.ndarray) -> np.ndarray:
    """Tell of which pairs of rows [pair, param] the losses are equal, without a ridge at shares ``between``, [pair]."""
    ends = np.stack([land.losses(first), land.losses(second)])
    ridge = np.max([land.losses(first + share * (second - first)) for share in between], axis=0)
    margin = _NO_RIDGE * land.spread + 1e-12 * np.abs(ends).max(0)
    with np.errstate(invalid="ignore"):
        return (np.abs(ends[0] - ends[1]) <= margin) & (ridge - ends.max(0) <= margin)


def _largest(resting: np.ndarray, group: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the resting cells and their groups, without the smallest groups where there are too many to look at."""
    size = np.bincount(group, count[resting])
    kept = np.sort(np.argsort(-size, kind="stable")[:_MOST])
    chosen = np.isin(group, kept)
    return resting[chosen], np.searchsorted(kept, group[chosen])


def _reach(land: Landscape, rows: np.ndarray, tolerance: float) -> float:
    """Return how far Newton's steps may lead away from a place: across all of its endings."""
    return 10 * tolerance + float(np.ptp(rows / land.widths, axis=0).max())


def _coinciding(land: Landscape, tops: list[Settled], tolerance: float) -> np.ndarray:
    """Return for each settled place the index of a place; those nearer than a cell are one."""
    if not tops:
        return np.empty(0, int)
    rows = np.array([top.params for top in tops]) / (land.widths * tolerance)
    return _linked(len(tops), _pairs_within(rows, 1))


def _lowest(tops: list[Settled], group: np.ndarray, place: np.ndarray, index: int, counts: np.ndarray) -> Place:
    top = min((tops[each] for each in set(group[place == index].tolist())), key=lambda top: top.loss)
    return Place(top.params, top.loss, top.kind, int(counts[index]))


def _rank(place: Place, spread: float) -> tuple[Any, ...]:
    """Return what places are ordered by: the loss; the most starts first where it is as good as equal."""
    step = _SAME * spread or 1.0
    return round(place.loss / step), -place.count, tuple(place.params.tolist())
