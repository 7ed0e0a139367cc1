"""Which starts of a fit end in which valley."""

from __future__ import annotations

import numpy as np

from ravine.errors import ProblemError
from ravine.fitting.fitted import Fit, Minimum
from ravine.plane import Surface
from ravine.view.clipping import clip_path, is_inside
from ravine.view.palette import GRAY, INK, SERIES
from ravine.view.scales import drawable, floor_and_ceiling, levels_of
from ravine.view.scene import Axis, ColorScale, Dots, Field, Line, Mark, Panel, Scene
from ravine.view.series import in_one, loss_label

_ALIKE = 1e-3  # relative difference of the sums of squares of a start's end and its minimum
_SHOWN = 6
_CLIFF = 10.0  # times the sum of squares around the mean, where the slopes are cut so that the valleys are seen
_MIDDLE = (0.25, 0.75)  # quantiles of the starts that are in the picture


def valleys(found: Fit) -> Scene:
    """Show which starts end in which valley: each start in the color of its minimum, with its way there.

    For fits of one or two free parameters, over the loss. Starts far away from the others lie outside of the picture.

    Parameters
    ----------
    found
        The fit.

    Raises
    ------
    ProblemError
        If what is given is no fit, it has more than two free parameters, or its formula can't be evaluated.

    Examples
    --------
    >>> from ravine import fit
    >>> wave = fit("y = sin(a*x)", {"x": [0, 1, 2, 3, 4], "y": [0, 1, 0, -1, 0]}, {"a": 1.0})
    >>> scene = valleys(wave)
    >>> scene.panels[0].x.label, scene.subtitle.endswith("starts")
    ('a', True)
    """
    if not isinstance(found, Fit):
        raise ProblemError(f"plots.valleys: expected a fit from ravine.fit, got {type(found).__name__}.")
    if len(found.free) not in (1, 2):
        raise ProblemError(
            f"plots.valleys: expected one or two free parameters, got {len(found.free)}. "
            "Fix the others, or see plots.loss(fit.run)."
        )
    surface = _surface(found)
    homes = _homes(found)
    marks = [*_ground(found, surface), *_ways(found, homes, surface), *_bottoms(found, homes, surface)]
    count, starts = len(found.minima), found.run.starts
    subtitle = f"{count} {'minimum' if count == 1 else 'minima'} from {starts:,} start{'' if starts == 1 else 's'}"
    x = Axis(surface.names[0], limits=box_of_axis(surface.x))
    y = Axis(loss_label(found.run), limits=_heights(surface))
    if len(surface.names) == 2:
        y = Axis(surface.names[1], limits=box_of_axis(surface.y))
    return Scene(found.problem.title, (Panel(x, y, tuple(marks), title="Valleys"),), subtitle)


def box_of_axis(values: np.ndarray) -> tuple[float, float]:
    """Return the ends of an axis of a surface."""
    return float(values[0]), float(values[-1])


def _surface(found: Fit) -> Surface:
    """Return the loss around the minima and most of the starts."""
    from ravine.surface import survey

    if not found.run.problem.is_callable:
        raise ProblemError("plots.valleys: a Python function that came from a file can't be evaluated. Fit again.")
    box = {}
    params = found.run.dataset["params"].values
    for index, name in enumerate(found.free):
        middle = np.quantile(params[:, 0, index][np.isfinite(params[:, 0, index])], _MIDDLE)
        own = [each for each in (found.params[name].asked.value,) if each is not None]
        best, spread = found.values[name], np.nan_to_num(found.params[name].stderr)
        seen = np.array([*middle, *own, best - 4 * spread, best + 4 * spread])
        low, high = float(seen.min()), float(seen.max())
        if high - low <= 1e-6 * abs(best):
            low, high = best - max(abs(best), 1.0) / 2, best + max(abs(best), 1.0) / 2
        box[name] = (low - 0.1 * (high - low), high + 0.1 * (high - low))
    return survey(found.run.problem, box)


def _minima(found: Fit) -> list[Minimum]:
    """Return the minima, the answer first: of equally good ones it needn't be the first found."""
    return sorted(found.minima, key=lambda each: dict(each.params) != found.values)


def _homes(found: Fit) -> np.ndarray:
    """Return the index of the minimum that each start came to, [start]; -1 for none of them.

    Of equally good minima it is the nearest. Of a large table the search sees some points only, so its sums of
    squares are compared relative to its own best.
    """
    losses = np.array([each.loss for each in _minima(found)])
    rows = np.array([[each.params[name] for name in found.free] for each in _minima(found)])
    ends, final = found.run.dataset["params"].values[:, -1], found.run.dataset["loss"].values[:, -1]
    share = losses.min() / np.nanmin(final) if np.nanmin(final) > 0 and found.run.problem.points > 2000 else 1.0
    tiny = 1e-12 * found.goodness.total_squares
    with np.errstate(invalid="ignore", over="ignore"):
        alike = np.abs(share * final[:, None] - losses) <= _ALIKE * losses + tiny
        away = (np.abs(ends[:, None] - rows) / (np.abs(ends[:, None]) + np.abs(rows) + 1e-12)).max(2)
    away = np.where(alike, away, np.inf)
    return np.where(np.isfinite(away).any(1), away.argmin(1), -1)


def _ground(found: Fit, surface: Surface) -> list[Mark]:
    losses = drawable(surface.loss)
    if len(surface.names) == 1:
        return [Line(surface.x, losses, color=GRAY, width=1.8, label=loss_label(found.run))]
    losses = np.minimum(losses, _CLIFF * found.goodness.total_squares + max(each.loss for each in _minima(found)))
    levels = levels_of(losses)
    scale = ColorScale(*((levels[0], levels[-1]) if levels else (0.0, 1.0)), label=loss_label(found.run), levels=levels)
    return [Field(surface.x, surface.y, losses, scale)] if levels else []


def _ways(found: Fit, homes: np.ndarray, surface: Surface) -> list[Mark]:
    """Return the ways and the starts, those to the best minimum on top."""
    marks: list[Mark] = []
    for home in sorted(set(homes.tolist()), key=lambda home: (home >= 0, -home)):
        starts = [_rows(found, start, surface) for start in np.flatnonzero(homes == home).tolist()]
        color = _color(home)
        label = _label(found, home, len(starts)) if home < _SHOWN else ""
        limits = (box_of_axis(surface.x), _heights(surface) if len(surface.names) == 1 else box_of_axis(surface.y))
        shown = [part for rows in starts if len(part := clip_path(rows, limits)) > 1]
        if shown and len(surface.names) == 2:
            x, y, step = in_one(shown).T
            marks.append(Line(x, y, color=color, width=1.0, opacity=0.7, hover={"step": step}))
        first = np.array([rows[0] for rows in starts])
        first = first[is_inside(first, limits)]
        marks.append(Dots(*first[:, :2].T, color=color, size=7.0, opacity=1.0, halo=True, label=label))
    return marks


def _rows(found: Fit, start: int, surface: Surface) -> np.ndarray:
    """Return the way of a start, [record, 3]: two parameters, or one and the loss; and the step."""
    path = found.run.path(start)
    over = [path["params"].values, path["loss"].values] if len(surface.names) == 1 else [path["params"].values]
    return np.column_stack([*over, path["step"].values]).astype(float)


def _bottoms(found: Fit, homes: np.ndarray, surface: Surface) -> list[Mark]:
    """Return the minima in the picture, the best one last."""
    marks: list[Mark] = []
    for index in range(min(len(_minima(found)), _SHOWN))[::-1]:
        each = _minima(found)[index]
        values = [each.params[name] for name in found.free]
        place = np.array([[*values, each.loss]])[:, :2]
        box = (box_of_axis(surface.x), (-np.inf, np.inf) if len(values) == 1 else box_of_axis(surface.y))
        if is_inside(place, box)[0]:
            label = "" if (homes == index).any() else _label(found, index, 0)
            ink = {"color": _color(index), "shape": "diamond", "size": 13.0 if index == 0 else 10.0}
            marks.append(Dots(*place.T, **ink, halo=True, label=label))
    return marks


def _heights(surface: Surface) -> tuple[float, float]:
    low, high = floor_and_ceiling(surface.loss, np.empty(0), log=False)
    return low - 0.05 * (high - low), high + 0.05 * (high - low)


def _color(home: int) -> str:
    return SERIES[home % len(SERIES)] if 0 <= home < _SHOWN else INK


def _label(found: Fit, home: int, starts: int) -> str:
    words = f"{starts} start{'' if starts == 1 else 's'}"
    return f"no minimum: {words}" if home < 0 else f"Σr² = {_minima(found)[home].loss:.4g}: {words}"
