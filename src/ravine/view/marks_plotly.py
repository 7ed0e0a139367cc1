"""Turn single marks into traces of Plotly, as plain dictionaries: Plotly itself isn't imported."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from ravine.view.axes_plotly import lifted, plain, plotted
from ravine.view.grids_plotly import PIXELS, Trace, contour_traces, field_traces, raster_traces, sheet_traces
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
from ravine.view.shades import shade

_DASHES = {
    "solid": "solid", "dashed": "dash", "dotted": "dot", "dashdot": "dashdot", "longdash": "longdash",
    "dashdotdot": "longdashdot",
}  # fmt: skip
_SHAPES = {
    "circle": "circle", "square": "square", "diamond": "diamond", "triangle": "triangle-up", "pentagon": "pentagon",
    "star": "star", "hexagon": "hexagon", "plus": "cross", "cross": "x", "triangle_down": "triangle-down",
}  # fmt: skip
_SHAPES_IN_SPACE = {"circle": "circle", "square": "square", "diamond": "diamond", "cross": "cross", "x": "square"}
_MANY = 5000
_UNKNOWN = "#D4D4D8"
BEHIND = {"showlegend": False, "hoverinfo": "skip"}


@dataclass(frozen=True)
class Place:
    """Where the marks of a panel go.

    Parameters
    ----------
    panel
        The panel.
    axes
        What tells a trace its axes: ``{"xaxis": "x2", "yaxis": "y2"}`` or ``{"scene": "scene2"}``.
    ink
        Factor of widths and sizes.
    quick
        Whether very many dots may be left to the graphics card.
    """

    panel: Panel
    axes: dict[str, str]
    ink: float = 1.0
    quick: bool = True


def traces_of(mark: Mark, place: Place) -> list[Trace]:
    """Return the traces of one mark, in the order in which they are drawn.

    Raises
    ------
    TypeError
        If there is no way to draw this kind of mark.

    Examples
    --------
    >>> from ravine.view.scene import Axis
    >>> mark = Line([0, 1], [2, 3], label="way")
    >>> (trace,) = traces_of(mark, Place(Panel(Axis("x"), Axis("y"), (mark,)), {"xaxis": "x", "yaxis": "y"}))
    >>> trace["type"], trace["name"], trace["line"]["color"]
    ('scatter', 'way', '#D7141A')
    """
    label = getattr(mark, "label", "")
    named = {"name": plain(label), "legendgroup": label} if label else {}
    shown = {} if isinstance(mark, Raster) else {"showlegend": bool(label)}  # Plotly's pictures know no legend
    return [{**place.axes, **shown, **named, **_never_empty(trace)} for trace in _traces(mark, place)]


def _never_empty(trace: Trace) -> Trace:
    """Return a trace with at least one point, if an unknown one: Plotly explains no empty one in the legend."""
    if np.size(trace.get("x", 0)):
        return trace
    nowhere = {name: np.full(1, np.nan) for name in "xyz" if name in trace}
    return {**{key: value for key, value in trace.items() if key != "customdata"}, **nowhere}


def scale_of(panel: Panel) -> ColorScale | None:
    """Return the first color scale of a panel."""
    return next((mark.scale for mark in panel.marks if isinstance(mark, Sheet | Field | Lines)), None)


@functools.singledispatch
def _traces(mark: Mark, place: Place) -> list[Trace]:
    raise TypeError(f"no way to draw a {type(mark).__name__}")


@_traces.register
def _(mark: Line, place: Place) -> list[Trace]:
    at = _points(mark, place)
    width = mark.width * PIXELS * place.ink
    ink = {"color": mark.color, "width": width, "dash": _DASHES[mark.dash]}
    line = {**at, "mode": "lines", "line": ink, "opacity": mark.opacity, **_hover(mark, place.panel)}
    if not mark.halo:
        return [line]
    rim = {"color": "#FFFFFF", "width": width + 1.8 * PIXELS * place.ink}
    opacity = 0.85 if mark.z is None else 0.4  # in space it lies as far in front as the line itself
    return [{**at, "mode": "lines", "line": rim, "opacity": opacity, **BEHIND}, line]


@_traces.register
def _(mark: Dots, place: Place) -> list[Trace]:
    shape = _SHAPES[mark.shape]
    in_space = mark.z is not None and place.panel.z is not None
    shape = _SHAPES_IN_SPACE.get(shape, "circle") if in_space else shape  # its x is a letter that fonts may lack
    marker: dict[str, Any] = {"color": mark.color, "symbol": shape, "opacity": mark.opacity}
    marker["size"] = mark.size * PIXELS * (0.4 + 0.6 * place.ink) * (0.6 if in_space else 1.0)
    marker["line"] = {"color": "#FFFFFF", "width": 1.4 * place.ink if mark.halo else 0}
    dots = {**_points(mark, place), "mode": "markers", "marker": marker, **_hover(mark, place.panel)}
    many = place.quick and mark.x.size > _MANY and not in_space
    return [{**dots, "type": "scattergl"} if many else dots]


@_traces.register
def _(mark: Whiskers, place: Place) -> list[Trace]:
    gap = np.full(mark.x.size, np.nan)
    x = np.stack([mark.x, mark.x, gap], 1).ravel()
    y = plotted(np.stack([mark.y - mark.half, mark.y + mark.half, gap], 1).ravel(), place.panel.y)
    ink = {"color": mark.color, "width": 1.2 * PIXELS * place.ink}
    return [{"type": "scatter", "x": x, "y": y, "mode": "lines", "line": ink, "opacity": mark.opacity, **_silent()}]


@_traces.register
def _(mark: Ribbon, place: Place) -> list[Trace]:
    known = np.isfinite(mark.low + mark.high)
    runs = np.split(np.arange(known.size), np.flatnonzero(np.diff(known)) + 1)
    around = [np.concatenate([run, run[::-1]]) for run in runs if run.size and known[run[0]]]
    x = _apart([mark.x[each] for each in around])
    edges = [np.concatenate([mark.low[each[: each.size // 2]], mark.high[each[each.size // 2 :]]]) for each in around]
    return [_filled(x, plotted(_apart(edges), place.panel.y), mark.color, mark.opacity)]


@_traces.register
def _(mark: Area, place: Place) -> list[Trace]:
    return [_filled(mark.x, plotted(mark.y, place.panel.y), mark.color, mark.opacity)]


@_traces.register
def _(mark: Lines, place: Place) -> list[Trace]:
    scale, width = mark.scale, mark.width * PIXELS * place.ink
    shares = (mark.value - scale.low) / (scale.high - scale.low)
    strengths = np.linspace(0.35, 0.9, mark.value.size)
    return [
        {
            "type": "scatter",
            "x": mark.x,
            "y": plotted(y, place.panel.y),
            "mode": "lines",
            "line": {"color": shade(scale.colors, float(share)), "width": width},
            "opacity": float(strength),
            "meta": plain(f"{scale.label} {value:.6g}"),
            "hovertemplate": "%{meta}<extra></extra>",
        }
        for y, share, strength, value in zip(mark.y, shares, strengths, mark.value, strict=True)
    ]


@_traces.register
def _(mark: Sheet, place: Place) -> list[Trace]:
    return sheet_traces(mark, place.panel)


@_traces.register
def _(mark: Field, place: Place) -> list[Trace]:
    return field_traces(mark, place.panel)


@_traces.register
def _(mark: Raster, place: Place) -> list[Trace]:
    return raster_traces(mark, place.panel)


@_traces.register
def _(mark: Contours, place: Place) -> list[Trace]:
    return contour_traces(mark, place.panel, place.ink)


@_traces.register
def _(mark: Tags, place: Place) -> list[Trace]:
    size = mark.size * PIXELS * (0.4 + 0.6 * place.ink)
    font = {"color": mark.color, "size": size, "weight": "bold"}
    words = [plain(word) for word in mark.words]
    x, y = plotted(mark.x, place.panel.x), plotted(mark.y, place.panel.y)
    return [{"type": "scatter", "x": x, "y": y, "mode": "text", "text": words, "textfont": font, **_silent()}]


@_traces.register
def _(mark: Rule, place: Place) -> list[Trace]:
    return []  # a line across the panel is a shape, see `shapes_of`


@_traces.register
def _(mark: Words, place: Place) -> list[Trace]:
    return []  # a sentence in a panel is an annotation, see `words_of`


def shapes_of(panel: Panel, names: tuple[str, str], ink: float) -> list[Trace]:
    """Return the rules of a panel whose axes have these short names (``x2``, ``y2``), and gray behind a field."""
    x, y = names
    whole = {"xref": f"{x} domain", "yref": f"{y} domain", "x0": 0, "x1": 1, "y0": 0, "y1": 1}
    ground = {"type": "rect", **whole, "layer": "below", "fillcolor": _UNKNOWN, "line": {"width": 0}}
    behind = [ground] * any(isinstance(mark, Field) for mark in panel.marks)
    return behind + [
        {
            "type": "line", "xref": f"{x} domain", "x0": 0, "x1": 1, "yref": y, "layer": "below",
            **dict.fromkeys(("y0", "y1"), float(plotted(np.array(mark.y), panel.y))),
            "line": {"color": mark.color, "width": mark.width * PIXELS * ink},
        }
        for mark in panel.marks
        if isinstance(mark, Rule)
    ]  # fmt: skip


def words_of(panel: Panel, at: tuple[float, float]) -> list[Trace]:
    """Return the sentences of a panel as annotations at this place of the page."""
    place = {"xref": "paper", "yref": "paper", "x": at[0], "y": at[1], "showarrow": False, "font": {"color": INK}}
    return [{"text": plain(mark.text), **place} for mark in panel.marks if isinstance(mark, Words)]


def _points(mark: Line | Dots, place: Place) -> dict[str, Any]:
    if mark.z is None or place.panel.z is None:
        return {"type": "scatter", "x": plotted(mark.x, place.panel.x), "y": plotted(mark.y, place.panel.y)}
    return {"type": "scatter3d", "x": mark.x, "y": mark.y, "z": lifted(mark, place.panel)}


def _hover(mark: Line | Dots, panel: Panel) -> dict[str, Any]:
    """Return what a pointer may ask of each point: its coordinates and the hover columns that hold anything."""
    columns: dict[str, Any] = {panel.x.label: mark.x, panel.y.label: mark.y}
    if mark.z is not None and panel.z is not None and not mark.hover:
        columns[panel.z.label] = mark.z
    columns = {**{name: each for name, each in columns.items() if name}, **mark.hover}
    known = {name: np.asarray(each, float) for name, each in columns.items() if np.isfinite(each).any()}
    if not known:
        return {"hoverinfo": "skip"}
    words = "<br>".join(f"{plain(name)}: %{{customdata[{index}]:.6~g}}" for index, name in enumerate(known))
    return {"customdata": np.column_stack(list(known.values())), "hovertemplate": f"{words}<extra></extra>"}


def _filled(x: np.ndarray, y: np.ndarray, color: str, opacity: float) -> Trace:
    ink = {"fillcolor": _rgba(color, opacity), "line": {"width": 0}}
    return {"type": "scatter", "x": x, "y": y, "mode": "lines", "fill": "toself", **ink, **_silent()}


def _silent() -> Trace:
    return {"hoverinfo": "skip"}


def _apart(parts: list[np.ndarray]) -> np.ndarray:
    """Return several pieces as one, NaN between them."""
    return np.concatenate([piece for part in parts for piece in (part, [np.nan])][:-1]) if parts else np.empty(0)


def _rgba(color: str, opacity: float) -> str:
    red, green, blue = (int(color[first : first + 2], 16) for first in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"
