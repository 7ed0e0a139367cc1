"""Surfaces, contours and pixels as traces of Plotly: what covers a grid."""

from __future__ import annotations

from typing import Any

import numpy as np

from ravine.view.axes_plotly import plain
from ravine.view.pixels import as_png
from ravine.view.scene import ColorScale, Contours, Field, Panel, Raster, Sheet
from ravine.view.shades import STOPS

Trace = dict[str, Any]

PIXELS = 4 / 3  # a point of print is that many pixels of a screen


def sheet_traces(mark: Sheet, panel: Panel) -> list[Trace]:
    """Return a surface in 3-D."""
    scale = mark.scale
    assert panel.z is not None
    low, high = np.log10([scale.low, scale.high]) if scale.log else (scale.low, scale.high)
    with np.errstate(divide="ignore", invalid="ignore"):
        heights = np.log10(mark.z) if scale.log else mark.z
    names = [plain(axis.label) for axis in (panel.x, panel.y, panel.z)]
    words = "<br>".join(f"{name}: %{{{axis}:.5~g}}" for name, axis in zip(names, "xyz", strict=True))
    return [
        {
            "type": "surface", "x": mark.x, "y": mark.y, "z": mark.z, "surfacecolor": heights,
            "cmin": float(low), "cmax": float(high), "colorscale": colors_of(scale), "showscale": False,
            "opacity": mark.opacity, "hovertemplate": f"{words}<extra></extra>",
            "lighting": {"ambient": 0.85, "diffuse": 0.3, "specular": 0.04, "roughness": 0.9},
            "contours": {axis: {"highlight": False} for axis in "xyz"},
        }
    ]  # fmt: skip


def field_traces(mark: Field, panel: Panel) -> list[Trace]:
    """Return filled contours; levels are even there, so the values say in which band they lie."""
    levels = mark.scale.levels
    bands = len(levels) - 1
    names = [plain(name) for name in (panel.x.label, panel.y.label, mark.scale.label)]
    places = ("%{x:.5~g}", "%{y:.5~g}", "%{customdata:.5~g}")
    words = "<br>".join(f"{name}: {value}" for name, value in zip(names, places, strict=True))
    return [
        {
            "type": "contour", "x": mark.x, "y": mark.y, "z": band_of(mark.value, levels), "customdata": mark.value,
            "autocontour": False, "contours": {"start": 1, "end": max(1, bands - 1), "size": 1, "coloring": "fill"},
            "line": {"color": "rgba(255,255,255,0.45)", "width": 0.5, "smoothing": 0},
            "colorscale": colors_of(mark.scale), "zmin": 0, "zmax": bands, "zauto": False, "showscale": False,
            "hovertemplate": f"{words}<extra></extra>",
        }
    ]  # fmt: skip


def raster_traces(mark: Raster, panel: Panel) -> list[Trace]:
    """Return pixels as a picture, its first row the lowest."""
    rows, columns = mark.kind.shape
    (left, right), (low, high) = mark.x, mark.y
    across, up = (right - left) / columns, (high - low) / rows
    names = [plain(name) for name in (panel.x.label, panel.y.label)]
    words = [f"{name}: %{{{axis}:.5~g}}" for name, axis in zip(names, "xy", strict=True)]
    words += [f"{plain(name)}: %{{customdata[{index}]:.6~g}}" for index, name in enumerate(mark.hover)]
    told = [np.asarray(each, float) for each in mark.hover.values()]
    return [
        {
            "type": "image", "source": as_png(mark.rgb),
            "x0": left + across / 2, "dx": across, "y0": low + up / 2, "dy": up,
            "hovertemplate": "<br>".join(words) + "<extra></extra>",
            **({"customdata": np.stack(told, axis=2)} if told else {}),
        }
    ]  # fmt: skip


def contour_traces(mark: Contours, panel: Panel, ink: float) -> list[Trace]:
    """Return thin lines at levels that needn't be even."""
    if not mark.levels:
        return []
    known = mark.value[np.isfinite(mark.value)]
    low, high = known.min(initial=mark.levels[0]) - 1.0, known.max(initial=mark.levels[-1]) + 1.0
    line = {"color": mark.color, "width": mark.width * PIXELS * ink, "smoothing": 0}
    return [
        {
            "type": "contour", "x": mark.x, "y": mark.y, "z": band_of(mark.value, (low, *mark.levels, high)),
            "autocontour": False, "line": line,
            "contours": {"start": 1, "end": len(mark.levels), "size": 1, "coloring": "none"},
            "opacity": mark.opacity, "showscale": False, "hoverinfo": "skip",
        }
    ]  # fmt: skip


def band_of(values: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    """Return in which band of unequal levels values lie, with a fraction; NaN beyond the first and last.

    Examples
    --------
    >>> band_of(np.array([0.0, 2.0, 5.0, 9.0]), (0.0, 1.0, 3.0, 7.0))
    array([0. , 1.5, 2.5, nan])
    """
    return np.interp(values, levels, np.arange(len(levels)), left=np.nan, right=np.nan)


def colors_of(scale: ColorScale) -> list[list[Any]]:
    """Return a color scale as shares and colors."""
    stops = STOPS[scale.colors]
    return [[index / (len(stops) - 1), color] for index, color in enumerate(stops)]
