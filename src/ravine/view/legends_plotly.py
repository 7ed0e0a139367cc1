"""Place legends with Plotly: in the emptiest corner of a panel, or beneath it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ravine.view import fonts
from ravine.view.axes_plotly import plotted
from ravine.view.scene import Area, Dots, Field, Line, Panel, Raster, Ribbon, Whiskers

_ENTRIES = 9
_CORNERS = (("right", "top"), ("left", "top"), ("right", "bottom"), ("left", "bottom"))
_FOLLOWED = 60
_CROWDED = 0.5  # share of the height of a panel from which a legend that covers something stands above it


def explain(traces: list[dict[str, Any]]) -> int:
    """Let each label appear once in the legend, at most nine of them, and return how many do."""
    seen: set[str] = set()
    for trace in traces:
        label = trace.get("legendgroup", "")
        if trace.get("showlegend"):
            trace["showlegend"] = label not in seen and len(seen) < _ENTRIES
            seen |= {label} if trace["showlegend"] else set()
    return len(seen)


def is_beneath(panel: Panel) -> bool:
    """Tell whether a panel is filled, so that its legend stands below it."""
    return panel.z is not None or any(isinstance(mark, Field | Raster) for mark in panel.marks)


def legend_beneath(domain: Any, pixels: float, height: float) -> dict[str, Any]:
    """Return a legend in a row, so many pixels below a domain ((left, right), (bottom, top)) of a page this high."""
    (left, right), (bottom, _) = domain
    place = {"x": (left + right) / 2, "xanchor": "center", "y": bottom - pixels / height, "yanchor": "top"}
    return {**place, "orientation": "h", "bgcolor": "rgba(0,0,0,0)"}


def legend_inside(panel: Panel, domain: Any, text: float, size: tuple[float, float]) -> dict[str, Any]:
    """Return a legend in the corner where it covers least of the marks; ``size`` is that of the panel in pixels.

    In a low panel without an empty corner it stands above, in a gap between panels it is alone.
    """
    (left, right), (bottom, top) = domain
    labels = [each for each in dict.fromkeys(getattr(mark, "label", "") for mark in panel.marks) if each][:_ENTRIES]
    share = _share(labels, text, size)
    inked = _inked(panel)
    if panel.blank:
        return {"x": left, "xanchor": "left", "y": top, "yanchor": "top"}
    corner = min(_CORNERS, key=lambda corner: _covered(inked, corner, share))
    if _covered(inked, corner, share) and share[1] > _CROWDED:
        return {"x": right, "xanchor": "right", "y": top, "yanchor": "bottom", "orientation": "h"}
    x = {"x": right - 0.01 if corner[0] == "right" else left + 0.01, "xanchor": corner[0]}
    y = {"y": top - 0.01 if corner[1] == "top" else bottom + 0.01, "yanchor": corner[1]}
    return {**x, **y, "bgcolor": "rgba(255,255,255,0.8)"}


def _share(labels: list[str], text: float, size: tuple[float, float]) -> np.ndarray:
    """Return about how much of a panel a legend takes, [2]."""
    width = 50 + 0.55 * text * max(map(fonts.columns_of, labels), default=0)
    return np.minimum(np.array([width / size[0], (14 + 1.5 * text * len(labels)) / size[1]]), 0.9)


def _covered(inked: np.ndarray, corner: tuple[str, str], share: np.ndarray) -> float:
    low = np.array([1 - share[0] if corner[0] == "right" else 0, 1 - share[1] if corner[1] == "top" else 0])
    return float(((inked >= low) & (inked <= low + share)).all(axis=1).sum())


def _inked(panel: Panel) -> np.ndarray:
    """Return points that marks cover, [point, 2], as shares of the panel."""
    parts = [part for mark in panel.marks for part in _outline(mark)]
    rows = np.concatenate(parts) if parts else np.empty((0, 2))
    rows = np.column_stack([_share_of(rows[:, 0], panel.x), _share_of(rows[:, 1], panel.y)])
    return rows[np.isfinite(rows).all(1)]


def _outline(mark: Any) -> list[np.ndarray]:
    if isinstance(mark, Ribbon):
        return [np.column_stack([mark.x, mark.low]), np.column_stack([mark.x, mark.high])]
    if isinstance(mark, Whiskers):
        return [np.column_stack([mark.x, mark.y - mark.half]), np.column_stack([mark.x, mark.y + mark.half])]
    if isinstance(mark, Line | Area) and mark.x.size > 1:
        places = np.linspace(0, mark.x.size - 1, max(_FOLLOWED, min(mark.x.size, 500)))
        index = np.arange(mark.x.size)
        return [np.column_stack([np.interp(places, index, mark.x), np.interp(places, index, mark.y)])]
    return [np.column_stack([mark.x, mark.y])] if isinstance(mark, Dots) else []


def _share_of(values: np.ndarray, axis: Any) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log10(values) if axis.scale == "log" else plotted(values, axis)
        limits = None if axis.limits is None else plotted(np.array(axis.limits, float), axis)
        if limits is not None and axis.scale == "log":
            limits = np.log10(limits)
    known = values[np.isfinite(values)]
    low, high = limits if limits is not None else (known.min(), known.max()) if known.size else (0.0, 1.0)
    return (values - low) / ((high - low) or 1.0)
