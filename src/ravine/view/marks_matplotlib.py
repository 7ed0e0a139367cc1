"""Draw single marks with Matplotlib."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps, colors
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection, PolyCollection
from mpl_toolkits.mplot3d.art3d import Poly3DCollection

from ravine.view import fonts
from ravine.view.clipping import clip_cells
from ravine.view.palette import INK
from ravine.view.scene import (
    Area,
    ColorScale,
    Contours,
    Dots,
    Field,
    Line,
    Lines,
    Mark,
    Panel,
    Raster,
    Ribbon,
    Rule,
    Sheet,
    Tags,
    Whiskers,
    Words,
)

_DASHES: dict[str, Any] = {
    "solid": "-",
    "dashed": (0, (5, 1.4)),
    "dotted": (0, (1.6, 1)),
    "dashdot": (0, (5, 1.5, 1, 1.5)),
    "longdash": (0, (9, 1.6)),
    "dashdotdot": (0, (5, 1.5, 1, 1.5, 1, 1.5)),
}
_SHAPES = {
    "circle": "o", "square": "s", "diamond": "D", "triangle": "^", "pentagon": "p",
    "star": "*", "hexagon": "h", "plus": "P", "cross": "X", "triangle_down": "v",
}  # fmt: skip
_MAPS = {"even": "viridis", "rainbow": "turbo"}
_MANY = 20_000


def draw_mark(axes: Any, mark: Mark, panel: Panel, ink: float, order: int) -> None:
    """Draw one mark into axes, above all marks of a lower order; ``ink`` scales widths and sizes.

    Raises
    ------
    TypeError
        If there is no way to draw this kind of mark.
    """
    artist = _draw(mark, axes, panel, ink, order)
    artist.set_zorder(order)
    artist.ravine_label = getattr(mark, "label", "")
    points = np.size(getattr(mark, "x", ()))
    artist.set_rasterized(points > _MANY)


def color_bar(figure: Any, place: dict[str, Any], panel: Panel, text: float) -> None:
    """Add the color bar of the first mark that has a color scale: into ``cax``, or at the right of ``ax``."""
    scale = scale_of(panel)
    if scale is None:
        return
    shown = ScalarMappable(_norm(scale), _map(scale))
    bar = figure.colorbar(shown, spacing="uniform", **({"pad": 0.02, "aspect": 28} if "ax" in place else {}), **place)
    bar.outline.set_visible(False)
    bar.set_label(fonts.shortened(fonts.printable(scale.label), 30), parse_math=False, size=text)
    if scale.levels:
        ticks = scale.levels[:: max(1, len(scale.levels) // 6)]
        bar.set_ticks(ticks, labels=_short(ticks))
        bar.ax.minorticks_off()


def scale_of(panel: Panel) -> ColorScale | None:
    """Return the first color scale of a panel."""
    return next((mark.scale for mark in panel.marks if isinstance(mark, Sheet | Field | Lines)), None)


def heights_of(z: np.ndarray, panel: Panel) -> np.ndarray:
    """Return heights as a 3-D panel plots them: Matplotlib has no logarithmic z axis worth the name."""
    if panel.z is None or panel.z.scale != "log":
        return z
    return np.log10(z, where=z > 0, out=np.full(z.shape, np.nan))


@functools.singledispatch
def _draw(mark: Mark, axes: Any, panel: Panel, ink: float, order: int) -> Any:
    raise TypeError(f"no way to draw a {type(mark).__name__}")


@_draw.register
def _(mark: Line, axes: Any, panel: Panel, ink: float, order: int) -> Any:
    points = _points(mark, panel)
    (artist,) = axes.plot(
        *points, color=mark.color, linewidth=mark.width * ink, linestyle=_DASHES[mark.dash], alpha=mark.opacity,
        solid_capstyle="round", solid_joinstyle="round",
    )  # fmt: skip
    if mark.halo:
        width = (mark.width + 1.8) * ink
        (halo,) = axes.plot(*points, color="white", linewidth=width, alpha=0.85, solid_capstyle="round")
        halo.set_zorder(order - 0.5)
    return artist


@_draw.register
def _(mark: Dots, axes: Any, panel: Panel, ink: float, order: int) -> Any:
    edge = {"markeredgecolor": "white", "markeredgewidth": 1.4 * ink} if mark.halo else {"markeredgewidth": 0}
    (artist,) = axes.plot(
        *_points(mark, panel), linestyle="none", marker=_SHAPES[mark.shape], color=mark.color,
        markersize=mark.size * (0.4 + 0.6 * ink), alpha=mark.opacity, **edge,
    )  # fmt: skip
    return artist


@_draw.register
def _(mark: Whiskers, axes: Any, panel: Panel, ink: float, order: int) -> Any:
    ends = np.stack([np.column_stack([mark.x, mark.y - mark.half]), np.column_stack([mark.x, mark.y + mark.half])], 1)
    artist = LineCollection(list(ends), colors=mark.color, alpha=mark.opacity, linewidths=1.2 * ink)
    return _with_limits(axes, artist)


@_draw.register
def _(mark: Ribbon, axes: Any, panel: Panel, ink: float, order: int) -> Any:
    return axes.fill_between(mark.x, mark.low, mark.high, color=mark.color, alpha=mark.opacity, linewidth=0)


@_draw.register
def _(mark: Area, axes: Any, panel: Panel, ink: float, order: int) -> Any:
    corners = np.column_stack([mark.x, mark.y])
    artist = PolyCollection([corners], facecolors=mark.color, alpha=mark.opacity, linewidths=0)
    return _with_limits(axes, artist)


@_draw.register
def _(mark: Lines, axes: Any, panel: Panel, ink: float, order: int) -> Any:
    paths = [np.column_stack([mark.x, y]) for y in mark.y]
    shades = _map(mark.scale)(_norm(mark.scale)(mark.value))
    shades[:, 3] = np.linspace(0.35, 0.9, len(shades))
    return _with_limits(axes, LineCollection(paths, colors=shades, linewidths=mark.width * ink))


@_draw.register
def _(mark: Sheet, axes: Any, panel: Panel, ink: float, order: int) -> Any:
    axes.computed_zorder = False  # Matplotlib would sort whole artists by their mean depth and bury the path
    low, high = heights_of(np.array([mark.scale.low, mark.scale.high]), panel)
    cells = clip_cells(_cells(mark.x, mark.y, heights_of(mark.z, panel)), high)
    values = (cells[:, :, 2].min(axis=1) + cells[:, :, 2].max(axis=1)) / 2
    faces = _map(mark.scale)(_norm(mark.scale)(10**values if mark.scale.log else values))
    artist = Poly3DCollection(cells, facecolors=faces, edgecolors=faces, linewidths=0.25 * ink, alpha=mark.opacity)
    axes.add_collection3d(artist, autolim=False)
    axes.set_zlim(low, high)
    return artist


@_draw.register
def _(mark: Field, axes: Any, panel: Panel, ink: float, order: int) -> Any:
    axes.set_facecolor("#D4D4D8")
    value = np.ma.masked_invalid(mark.value)
    ink_of = {"cmap": _map(mark.scale), "norm": _norm(mark.scale)}
    bands = axes.contourf(mark.x, mark.y, value, levels=mark.scale.levels, **ink_of)
    bands.set_edgecolor("face")  # closes the hairlines between bands in SVG and PDF
    borders = mark.scale.levels[1:-1]
    if borders:
        axes.contour(mark.x, mark.y, value, levels=borders, colors="white", linewidths=0.4 * ink, alpha=0.45)
    return bands


@_draw.register
def _(mark: Raster, axes: Any, panel: Panel, ink: float, order: int) -> Any:
    return axes.imshow(
        mark.rgb, extent=(*mark.x, *mark.y), origin="lower", aspect="auto", interpolation="nearest", resample=False
    )


@_draw.register
def _(mark: Contours, axes: Any, panel: Panel, ink: float, order: int) -> Any:
    value = np.ma.masked_invalid(mark.value)
    style = {"colors": mark.color, "linewidths": mark.width * ink, "alpha": mark.opacity, "linestyles": "solid"}
    return axes.contour(mark.x, mark.y, value, levels=mark.levels, **style)


@_draw.register
def _(mark: Tags, axes: Any, panel: Panel, ink: float, order: int) -> Any:
    size = mark.size * (0.4 + 0.6 * ink)
    style = {"ha": "center", "va": "center_baseline", "color": mark.color, "size": size, "weight": "bold"}
    words = [
        axes.text(x, y, fonts.printable(word), parse_math=False, clip_on=True, zorder=order, **style)
        for x, y, word in zip(mark.x, mark.y, mark.words, strict=True)
    ]
    return words[0] if words else axes.text(0, 0, "", transform=axes.transAxes)


@_draw.register
def _(mark: Rule, axes: Any, panel: Panel, ink: float, order: int) -> Any:
    return axes.axhline(mark.y, color=mark.color, linewidth=mark.width * ink)


@_draw.register
def _(mark: Words, axes: Any, panel: Panel, ink: float, order: int) -> Any:
    words = fonts.printable(mark.text)
    place = {"ha": "center", "va": "center", "color": INK, "parse_math": False, "transform": axes.transAxes}
    return axes.text(0.5, 0.9, words, **place)


def _points(mark: Line | Dots, panel: Panel) -> list[np.ndarray]:
    """Return the coordinates as plotted; in 3-D lifted off the surface."""
    if mark.z is None or panel.z is None:
        return [mark.x, mark.y]
    limits = panel.z.limits or (float(np.nanmin(mark.z)), float(np.nanmax(mark.z)))
    low, high = heights_of(np.array(limits), panel)
    return [mark.x, mark.y, heights_of(mark.z, panel) + mark.lift * (high - low)]


def _cells(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return the finite cells of a grid as quadrilaterals, [cell, corner, 3]."""
    points = np.stack([*np.meshgrid(x, y), z], axis=2)
    corners = np.stack([points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]], axis=2).reshape(-1, 4, 3)
    return corners[np.isfinite(corners).all((1, 2))]


def _map(scale: ColorScale) -> Any:
    if scale.colors == "steps":
        return colors.LinearSegmentedColormap.from_list("steps", ["#FBD5D5", "#D7141A"])
    return colormaps[_MAPS[scale.colors]]


def _norm(scale: ColorScale) -> Any:
    if scale.levels:
        return colors.BoundaryNorm(scale.levels, 256)
    return (colors.LogNorm if scale.log else colors.Normalize)(scale.low, scale.high, clip=True)


def _with_limits(axes: Any, collection: Any) -> Any:
    axes.add_collection(collection)
    axes.autoscale_view()
    return collection


def _short(ticks: Sequence[float]) -> list[str]:
    """Write numbers with as few digits as tell them apart."""
    for digits in range(2, 9):
        labels = [f"{float(f'{tick:.{digits}g}'):g}" for tick in ticks]
        if len(set(labels)) == len(labels):
            break
    return labels
