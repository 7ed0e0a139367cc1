"""Set up 3-D panels and color bars for Plotly."""

from __future__ import annotations

from typing import Any

import numpy as np

from ravine.view import fonts
from ravine.view.axes_plotly import height_of, plain, side_of
from ravine.view.grids_plotly import colors_of
from ravine.view.palette import INK
from ravine.view.scene import ColorScale, Panel
from ravine.view.shades import shade

_WALL = "#F8FAFC"
_NEAR, _FAR = 1.85, 2.3  # distance of the eye from a wide and from a narrow panel
_ASPECT = {"x": 1.15, "y": 1.15, "z": 0.8}


def space_of(panel: Panel, domain: Any, text: float, *, is_wide: bool) -> dict[str, Any]:
    """Return the settings of a 3-D panel in a domain ((left, right), (bottom, top)) of the page."""
    assert panel.z is not None
    lift = max((getattr(mark, "lift", 0.0) for mark in panel.marks), default=0.0)
    walls = {"showbackground": True, "backgroundcolor": _WALL}
    return {
        "domain": {"x": list(domain[0]), "y": list(domain[1])},
        "xaxis": {**side_of(panel.x, text), **walls},
        "yaxis": {**side_of(panel.y, text), **walls},
        "zaxis": {**height_of(panel.z, lift, text), **walls},
        "aspectmode": "manual",
        "aspectratio": _ASPECT,
        "camera": {"eye": _eye(*panel.view, _NEAR if is_wide else _FAR), "center": {"x": 0, "y": 0, "z": -0.12}},
        "dragmode": "turntable",
    }


def bar_of(scale: ColorScale, domain: Any, text: float, axes: dict[str, str]) -> dict[str, Any]:
    """Return a trace without points that carries the color bar of a scale, at the right of a domain."""
    (_, right), (bottom, top) = domain
    low, high = (0.0, len(scale.levels) - 1.0) if scale.levels else (scale.low, scale.high)
    low, high = np.log10([low, high]) if scale.log and not scale.levels else (low, high)
    bar = {
        "title": {"text": plain(fonts.shortened(scale.label, 30)), "side": "right", "font": {"size": text}},
        "thickness": 12,
        "outlinewidth": 0,
        "x": right + 0.008,
        "xanchor": "left",
        "y": (bottom + top) / 2,
        "len": 0.9 * (top - bottom),
        "lenmode": "fraction",
        "tickfont": {"size": 0.85 * text, "color": INK},
        **_ticks(scale, low, high),
    }
    marker = {"color": [low], "cmin": low, "cmax": high, "colorscale": _shades(scale), "showscale": True}
    flat = "scene" not in axes
    nowhere = {"type": "scatter", "x": [None], "y": [None]} if flat else {"type": "scatter3d", "z": [None]}
    silent = {"mode": "markers", "showlegend": False, "hoverinfo": "skip"}
    return {"x": [None], "y": [None], **nowhere, **axes, **silent, "marker": {**marker, "colorbar": bar}}


def _shades(scale: ColorScale) -> list[list[Any]]:
    """Return the colors of a bar: in steps if the scale has levels."""
    smooth = colors_of(scale)
    bands = len(scale.levels) - 1
    if bands < 1:
        return smooth
    colors = [shade(scale.colors, band / max(1, bands - 1)) for band in range(bands)]
    return [[edge / bands, color] for band, color in enumerate(colors) for edge in (band, band + 1)]


def _ticks(scale: ColorScale, low: float, high: float) -> dict[str, Any]:
    if scale.levels:
        every = max(1, len(scale.levels) // 6)
        values = scale.levels[::every]
        places = list(range(0, len(scale.levels), every))
        return {"tickmode": "array", "tickvals": places, "ticktext": short(values)}
    if not scale.log:
        return {"nticks": 7}
    decades = np.arange(np.ceil(low), np.floor(high) + 1)
    if len(decades) < 2:
        values = np.linspace(low, high, 5)
        return {"tickmode": "array", "tickvals": values.tolist(), "ticktext": [f"{10**each:.2g}" for each in values]}
    decades = decades[:: -(-len(decades) // 6)]
    words = [f"10<sup>{each:.0f}</sup>" for each in decades]
    return {"tickmode": "array", "tickvals": decades.tolist(), "ticktext": words}


def short(values: Any) -> list[str]:
    """Write numbers with as few digits as tell them apart.

    Examples
    --------
    >>> short([0.0, 1.234, 1.239])
    ['0', '1.23', '1.24']
    """
    for digits in range(2, 9):
        labels = [f"{float(f'{value:.{digits}g}'):g}" for value in values]
        if len(set(labels)) == len(labels):
            break
    return labels


def _eye(elevation: float, azimuth: float, distance: float) -> dict[str, float]:
    up, around = np.radians([elevation, azimuth])
    place = distance * np.array([np.cos(up) * np.cos(around), np.cos(up) * np.sin(around), np.sin(up)])
    return dict(zip("xyz", place.tolist(), strict=True))
