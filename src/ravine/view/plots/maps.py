"""Which start ends where: a map, a strip under the curve, or dots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ravine.basins import DIVERGED, NOT_COMPUTED, NOT_CONVERGED, NOT_FINITE, Basin, Basins, percent
from ravine.errors import ProblemError
from ravine.view.clipping import is_inside
from ravine.view.palette import AREAS, AWAY, GRAY, INK, ON_THE_WAY, OTHERS, UNKNOWN, WHITE
from ravine.view.scales import drawable, finite, levels_of
from ravine.view.scene import Axis, Contours, Dots, Line, Mark, Panel, Raster, Scene, Tags

_ENTRIES = 9  # of a legend
_LINES = 14
_FEWEST = 16  # pixels on a side from which lines of equal loss are smooth enough to help
_OTHERS = len(AREAS)
_MISSED = {
    NOT_CONVERGED: ("not converged", ON_THE_WAY),
    DIVERGED: ("diverged", AWAY),
    NOT_FINITE: ("not finite", UNKNOWN),
}
_COLORS = (*AREAS, OTHERS, *(color for _, color in _MISSED.values()))
_STRIP = (0.07, 0.17)  # heights of the panel between which the strip lies below the curve


def basins(found: Basins, names: Sequence[str] | None = None) -> Scene:
    """Show which start ends in which minimum: a color for each, the darker the more steps a start needs.

    Over two parameters a map with thin lines of equal loss, over one a strip under the curve, over more the random
    starts as dots. The minima are marked and ranked, the lowest loss first; many small ones share one color.

    Parameters
    ----------
    found
        From `ravine.map_basins`.
    names
        Which two parameters random starts are shown over (default: the first two of the box).

    Raises
    ------
    ProblemError
        If it is something else, or has no such parameters.
    """
    if not isinstance(found, Basins):
        raise ProblemError(f"plots.basins: expected basins from ravine.map_basins, got {type(found).__name__}.")
    pair = _pair(found, names)
    shown = _shown(found)
    if found.is_map:
        marks = _map(found, shown)
    elif found.is_strip:
        marks = _strip(found, shown)
    else:
        marks = _dots(found, shown, pair)
    limits = [found.box[name] for name in pair]
    y = Axis(pair[1], limits=limits[1]) if len(pair) == 2 else Axis(_loss(found), limits=_heights(found)[1])
    panel = Panel(Axis(pair[0], limits=limits[0]), y, (*marks, *_legend(found, shown)), title="Basins")
    return Scene(found.problem.title, (panel,), _subtitle(found))


def _pair(found: Basins, names: Sequence[str] | None) -> tuple[str, ...]:
    free = found.is_map or found.is_strip
    chosen = found.names[:2] if names is None else tuple(names)
    fits = set(chosen) <= set(found.names) and len(set(chosen)) == len(chosen) == min(2, len(found.names))
    if not fits or (free and chosen != found.names[:2]):
        expected = " and ".join(found.names) if free else f"two of {', '.join(found.names)}"
        raise ProblemError(f"plots.basins: expected the parameters {expected}, got {', '.join(chosen) or 'none'}.")
    return chosen


def _shown(found: Basins) -> list[int]:
    """Return the indices of the minima with a color of their own, best first: the best one and the largest basins.

    Of basins of about the same size those with the lower loss.
    """
    missed = sum(bool((found.ending == code).any()) for code in _MISSED)
    room = min(_ENTRIES - missed, len(AREAS))
    if len(found.minima) <= room:
        return list(range(len(found.minima)))
    largest = sorted(range(1, len(found.minima)), key=lambda index: -round(10 * found.minima[index].share))
    return sorted([0, *largest[: room - 2]])


def _kinds(found: Basins, shown: list[int]) -> np.ndarray:
    """Return the index of each start's color, -1 for what isn't computed."""
    colors = np.full(max(len(found.minima), 1) - min(_MISSED) + 2, _OTHERS)  # negative endings count from the end
    colors[shown] = np.arange(len(shown))
    for index, code in enumerate(_MISSED):
        colors[code] = _OTHERS + 1 + index
    colors[NOT_COMPUTED] = -1
    return colors[found.ending]


def _shades(found: Basins) -> np.ndarray:
    """Return which share of those that arrived needed fewer steps, 0 … 1, ties in half; NaN for one that didn't."""
    arrived = found.ending >= 0
    steps = found.dataset["steps_taken"].values
    order = np.sort(steps[arrived])
    fewer = (np.searchsorted(order, steps, "left") + np.searchsorted(order, steps, "right")) / 2
    return np.where(arrived, fewer / max(1, len(order)), np.nan)


def _map(found: Basins, shown: list[int]) -> list[Mark]:
    (x, y), data = found.box.values(), found.dataset
    marks: list[Mark] = [Raster(x, y, _kinds(found, shown), _COLORS, _shades(found), hover=_hover(found))]
    losses = drawable(data["start_loss"].values)
    levels = levels_of(losses, _LINES)[1:-1]
    if levels and min(losses.shape) >= _FEWEST:
        marks.append(Contours(data["x"].values, data["y"].values, losses, levels))
    rows = np.array([[found.minima[index].params[name] for name in found.names] for index in shown]).reshape(-1, 2)
    return [*marks, *_ranks(found, shown, rows, (x, y))]


def _hover(found: Basins) -> dict[str, np.ndarray]:
    ranks = np.where(found.ending >= 0, found.ending + 1.0, np.nan)
    return {
        "minimum": ranks,
        "steps": found.dataset["steps_taken"].values,
        "loss at the end": found.dataset["loss"].values,
    }


def _ranks(
    found: Basins, shown: list[int], rows: np.ndarray, box: tuple[tuple[float, float], tuple[float, float]]
) -> list[Mark]:
    """Return the minima within the picture, each with its rank."""
    marks: list[Mark] = []
    for color, index in reversed(list(enumerate(shown))):
        if is_inside(rows[color][None], box)[0]:
            x, y = rows[color][:, None]
            hover = {"loss": np.array([found.minima[index].loss]), "share": np.array([found.minima[index].share])}
            marks.append(Dots(x, y, color=INK, size=18.5, hover=hover))
            marks.append(Dots(x, y, color=WHITE, size=16.5, hover=hover))
            marks.append(Tags(x, y, (str(index + 1),), size=9.5 if index < 99 else 7.5))
    return marks


def _strip(found: Basins, shown: list[int]) -> list[Mark]:
    """Return the loss over its only parameter, and beneath it a strip of the basins."""
    (x,), data = found.box.values(), found.dataset
    losses = drawable(data["start_loss"].values)
    band, (low, high) = _heights(found)
    hover = {name: column[None] for name, column in _hover(found).items()}
    strip = Raster(x, band, _kinds(found, shown)[None], _COLORS, _shades(found)[None], hover=hover)
    rows = np.array([[found.minima[index].params[found.names[0]], found.minima[index].loss] for index in shown])
    curve = Line(data["x"].values, losses, color=GRAY, width=2.2)
    return [strip, curve, *_ranks(found, shown, rows.reshape(-1, 2), (x, (low, high)))]


def _heights(found: Basins) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the heights of the strip, and those of the panel above and beneath it."""
    seen = np.concatenate([finite(found.dataset["start_loss"].values), [each.loss for each in found.minima]])
    low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 1.0)
    high = high if high > low else low + max(1.0, abs(low))
    whole = (high - low) / (1 - _STRIP[1] - 0.1)
    floor = low - whole * (_STRIP[1] + 0.05)
    return (floor + _STRIP[0] * whole, floor + _STRIP[1] * whole), (floor, high + 0.05 * whole)


def _dots(found: Basins, shown: list[int], pair: Sequence[str]) -> list[Mark]:
    columns = [found.names.index(name) for name in pair]
    starts, kinds = found.starts[:, columns], _kinds(found, shown)
    size = float(np.clip(240 / np.sqrt(len(starts)), 2.5, 9))
    marks: list[Mark] = []
    for kind in range(len(_COLORS) - 1, -1, -1):
        chosen = kinds == kind
        if chosen.any():
            hover = {name: column[chosen] for name, column in _hover(found).items()}
            marks.append(Dots(*starts[chosen].T, color=_COLORS[kind], size=size, opacity=0.85, hover=hover))
    rows = np.array([[found.minima[index].params[name] for name in pair] for index in shown]).reshape(-1, 2)
    (x, y) = (found.box[name] for name in pair)
    return [*marks, *_ranks(found, shown, rows, (x, y))]


def _legend(found: Basins, shown: list[int]) -> list[Mark]:
    """Return marks without points that say what the colors mean."""
    entries = [(_words(index + 1, found.minima[index]), _COLORS[color]) for color, index in enumerate(shown)]
    rest = [each for index, each in enumerate(found.minima) if index not in shown]
    if rest:
        entries.append((f"{len(rest)} others, {percent(sum(each.share for each in rest))}", OTHERS))
    shares = (found.not_converged, found.diverged, found.not_finite)
    for (word, color), share in zip(_MISSED.values(), shares, strict=True):
        entries += [(f"{word}, {percent(share)}", color)] if share else []
    nothing = np.empty(0)
    return [Dots(nothing, nothing, color=color, size=11.0, shape="square", label=label) for label, color in entries]


def _words(rank: int, basin: Basin) -> str:
    kind = "" if basin.kind == "minimum" else f" ({basin.kind})"
    return f"{rank}: {basin.loss:.3g}{kind}, {percent(basin.share)}"


def _subtitle(found: Basins) -> str:
    held = [f"{name} = {value:.4g}" for name, value in list(found.held.items())[:3]]
    more = f" and {len(found.held) - 3} more" if len(found.held) > 3 else ""
    parts = [", ".join(found.way()), f"held at {', '.join(held)}{more}" if held else ""]
    parts.append(f"{percent(found.computed)} computed" if found.computed < 1 else "")
    shades = "; dark: many steps" if found.is_map or found.is_strip else ""
    parts.append(f"rank: loss, share of the starts{shades}" if found.minima else "no start came to rest")
    return "; ".join(part for part in parts if part)


def _loss(found: Basins) -> str:
    return f"loss ({found.problem.loss.name})" if found.problem.has_data else "value"
