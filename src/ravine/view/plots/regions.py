"""Where two parameters of a fit may lie together."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ravine.errors import ProblemError
from ravine.fitting.fitted import Fit
from ravine.view.palette import BLUE, INK, RED
from ravine.view.plots.legends import legend_apart
from ravine.view.scales import finite
from ravine.view.scene import Area, Axis, Dots, Line, Mark, Panel, Scene, Words

_MOST = 6
_FAR = 1e3  # times the ellipse, where an open contour is drawn to
_VIEW = 4.0  # times the ellipse, beyond which a contour leaves the picture
_NEAR = 2.5  # times the contours, beyond which an ellipse does
_MARGIN = 0.08

Limits = tuple[float, float]


@dataclass(frozen=True)
class _Region:
    """A contour as it is drawn, its ellipse, and whether the data leave it open; [point] each."""

    level: float
    edge: np.ndarray
    ellipse: np.ndarray
    is_open: np.ndarray

    @property
    def corners(self) -> np.ndarray:
        """The edge, closed far outside of the picture where it is open, [point, 2]."""
        center = (self.ellipse.max(0) + self.ellipse.min(0)) / 2
        return np.where(self.is_open[:, None], center + _FAR * (self.ellipse - center), self.edge)


def confidence(
    found: Fit, first: str | None = None, second: str | None = None, *, levels: Sequence[float] = (0.68, 0.95)
) -> Scene:
    """Show where two parameters may lie together, the others fitted again at every point of the edge.

    Dashed are the ellipses of the covariance, which the regions would be if the formula were linear: where both part,
    standard errors mislead. A region that runs out of the picture is open: the data set no limit in that direction.

    Parameters
    ----------
    found
        The fit.
    first, second
        Free parameters; without them all pairs of up to six are shown.
    levels
        Confidences.

    Raises
    ------
    ProblemError
        If what is given is no fit or one with fewer than two free parameters; if it has more than six and no names
        are given, only one is, or one isn't free; if a level is no probability.

    Examples
    --------
    >>> from ravine import fit
    >>> line = fit("y = a*x + b", {"x": [-1, 0, 1, 2], "y": [1.1, 2.9, 5.1, 6.9]})
    >>> scene = confidence(line, "a", "b")
    >>> [mark.label for mark in scene.panels[0].marks if mark.label]
    ['95 %', '68 %', 'if linear', 'minimum']

    The formula is linear, so the edge of the outer region is the ellipse.

    >>> edges = [mark for mark in scene.panels[0].marks if isinstance(mark, Line)]
    >>> bool(np.allclose(edges[0].x, edges[2].x) and np.allclose(edges[0].y, edges[2].y))
    True
    """
    pairs = _pairs(found, first, second)
    levels = sorted(_checked(levels), reverse=True)
    regions = {pair: [_region(found, pair, level) for level in levels] for pair in pairs}
    limits = _limits(found, regions)
    marks = {pair: _marks(found, pair, regions[pair], limits) for pair in pairs}
    subtitle = f"{' and '.join(map(_percent, levels[::-1]))} confidence" + _remarks(regions, limits)
    if len(pairs) == 1:
        (one, two), drawn = pairs[0], tuple(marks[pairs[0]])
        panel = Panel(Axis(one, limits=limits[one]), Axis(two, limits=limits[two]), drawn)
        return Scene(found.problem.title, (panel,), subtitle)
    return Scene(found.problem.title, _corner(found.free, marks, limits), subtitle, columns=len(found.free) - 1)


def _pairs(found: Fit, first: str | None, second: str | None) -> list[tuple[str, str]]:
    if not isinstance(found, Fit):
        raise ProblemError(f"plots.confidence: expected a fit from ravine.fit, got {type(found).__name__}.")
    if (first is None) != (second is None):
        raise ProblemError(f"plots.confidence: expected two parameters or none, got '{first or second}'. Name two.")
    if first is not None and second is not None:
        return [(first, second)]
    if not 2 <= len(found.free) <= _MOST:
        raise ProblemError(
            f"plots.confidence: expected 2 to {_MOST} free parameters, got {len(found.free)}. "
            + ("Name two of them." if len(found.free) > _MOST else "See plots.profile.")
        )
    return list(itertools.combinations(found.free, 2))


def _checked(levels: Sequence[float]) -> list[float]:
    chosen = [float(level) for level in np.atleast_1d(np.asarray(levels, float))]
    if not chosen or not all(0 < level < 1 for level in chosen):
        raise ProblemError(f"plots.confidence: expected levels between 0 and 1 such as 0.95, got {levels!r}.")
    return chosen


def _percent(level: float) -> str:
    return f"{100 * level:.4g} %"


def _region(found: Fit, pair: tuple[str, str], level: float) -> _Region:
    contour = found.contour(*pair, level=level)
    edge = np.column_stack([contour.x, contour.y])
    ellipse = _ellipse(found, pair, level, len(edge) - 1)
    return _Region(level, edge, ellipse, np.asarray(np.isnan(edge).any(1) & np.isfinite(ellipse).all(1)))


def _ellipse(found: Fit, pair: tuple[str, str], level: float, points: int) -> np.ndarray:
    """Return the ellipse of the covariance, [point, 2], closed: its points lie on the rays of the fit's contour."""
    index = [found.free.index(name) for name in pair]
    own = found.covariance.matrix[np.ix_(index, index)]
    center = [found.values[name] for name in pair]
    if not np.isfinite(own).all() or not (np.diag(own) > 0).all():
        return np.full((points + 1, 2), np.nan)
    spread = np.sqrt(np.diag(own))
    values, vectors = np.linalg.eigh(own / np.outer(spread, spread))
    angle = 2 * np.pi * np.arange(points + 1) / points
    circle = np.stack([np.cos(angle), np.sin(angle)], 1)
    steps = circle @ (vectors * np.sqrt(np.maximum(values, 0.0))).T * spread
    return center + _reach(found, level) * steps


def _reach(found: Fit, level: float) -> float:
    """Return √(2·F), that of χ² if sigma is absolute: how far the ellipse of two parameters reaches; NaN if unknown."""
    from scipy import stats

    if found.absolute_sigma:
        return float(np.sqrt(stats.chi2.ppf(level, 2)))
    freedom = found.goodness.degrees_of_freedom
    return float(np.sqrt(2 * stats.f.ppf(level, 2, freedom))) if freedom > 0 else np.nan


def _limits(found: Fit, regions: dict[tuple[str, str], list[_Region]]) -> dict[str, Limits]:
    """Return what to show of each parameter: contours and ellipses, without what runs far away."""
    limits: dict[str, Limits] = {}
    for name in dict.fromkeys(itertools.chain(*regions)):
        seen = [(each, pair.index(name)) for pair, several in regions.items() if name in pair for each in several]
        center = found.values[name]
        ellipses = np.concatenate([each.ellipse[:, column] for each, column in seen])
        edges = np.concatenate([each.edge[:, column] for each, column in seen])
        reach = np.abs(finite(ellipses) - center).max(initial=0.0) or abs(center) or 1.0
        seen_edges = np.clip(finite(edges), center - _VIEW * reach, center + _VIEW * reach)
        if any(each.is_open.any() for each, _ in seen):
            seen_edges = np.append(seen_edges, [center - 1.5 * reach, center + 1.5 * reach])
        near = _NEAR * np.abs(seen_edges - center).max(initial=0.0) or reach
        values = np.append(seen_edges, np.clip(finite(ellipses), center - near, center + near))
        low, high = (values.min(), values.max()) if values.size else (center - reach, center + reach)
        limits[name] = (float(low - _MARGIN * (high - low)), float(high + _MARGIN * (high - low)))
    return limits


def _marks(found: Fit, pair: tuple[str, str], regions: list[_Region], limits: dict[str, Limits]) -> list[Mark]:
    if not any(np.isfinite(each.ellipse).any() for each in regions):
        return [*_minima(found, pair, limits), Words("the data don't tell how sure these are")]
    low, high = found.run.problem.limits()
    index = [found.free.index(name) for name in pair]
    marks: list[Mark] = []
    for place, each in enumerate(regions):
        corners = np.clip(each.corners, low[index], high[index])
        known = corners[np.isfinite(corners).all(1)]
        opacity = 0.18 + 0.2 * place / max(1, len(regions) - 1)
        marks.append(Area(*known.T, color=BLUE, opacity=opacity, label=_percent(each.level)))
        marks.append(Line(*_without_far(corners, each.is_open).T, color=BLUE, width=1.6))
    for place, each in enumerate(regions):
        label = "" if place else "if linear"
        marks.append(Line(*each.ellipse.T, color=INK, width=1.2, dash="dashed", opacity=0.75, label=label))
    return [*marks, *_minima(found, pair, limits)]


def _without_far(corners: np.ndarray, is_open: np.ndarray) -> np.ndarray:
    """Return the edge without the lines between points that stand for infinity."""
    between = is_open & np.roll(is_open, 1) & np.roll(is_open, -1)
    return np.where(between[:, None], np.nan, corners)


def _minima(found: Fit, pair: tuple[str, str], limits: dict[str, Limits]) -> list[Mark]:
    """Return the minimum, and the other minima that lie in the picture."""
    best = np.array([[found.values[name] for name in pair]])
    others = np.array([[each.params[name] for name in pair] for each in found.minima]).reshape(-1, 2)
    box = np.array([limits[name] for name in pair]).T
    apart = np.abs(others - best).max(1) > 1e-6 * np.abs(best).max()
    others = others[apart & ((others >= box[0]) & (others <= box[1])).all(1)]
    marks: list[Mark] = [Dots(*best.T, color=RED, size=9, shape="diamond", halo=True, label="minimum")]
    if len(others):
        marks.append(Dots(*others.T, color=INK, size=9, shape="cross", halo=True, label="other minima"))
    return marks


def _remarks(regions: dict[tuple[str, str], list[_Region]], limits: dict[str, Limits]) -> str:
    """Return which regions are open, or larger than the picture."""
    said = ""
    several = [each for group in regions.values() for each in group]
    if open_levels := sorted({each.level for each in several if each.is_open.any()}):
        said += f"; open at {' and '.join(map(_percent, open_levels))}: the data set no limit there"
    for pair, group in regions.items():
        box = np.array([limits[name] for name in pair]).T
        if any((each.edge < box[0]).any() or (each.edge > box[1]).any() for each in group):
            return said + "; reaches beyond the picture"
    return said


def _corner(
    names: Sequence[str], marks: dict[tuple[str, str], list[Mark]], limits: dict[str, Limits]
) -> tuple[Panel, ...]:
    """Return a triangle of panels, a row for each second parameter and a column for each first one; its legend above.

    With two parameters there is but one panel.
    """
    drawn = {}
    for (first, second), each in marks.items():
        x = Axis(first if second == names[-1] else "", limits=limits[first])
        y = Axis(second if first == names[0] else "", limits=limits[second])
        drawn[first, second] = Panel(x, y, tuple(each))
    *quiet, legend = legend_apart(list(drawn.values()))
    drawn = dict(zip(drawn, quiet, strict=True))
    gap = Panel(Axis(), Axis(), (), blank=True)
    panels = [drawn.get((first, second), gap) for second in names[1:] for first in names[:-1]]
    panels[len(names) - 2] = legend
    return tuple(panels)
