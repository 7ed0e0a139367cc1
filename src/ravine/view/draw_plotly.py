"""Draw a scene with Plotly: the same marks, colors and scales, with numbers under the pointer.

`specification` makes plain dictionaries of arrays and imports nothing; `draw` makes Plotly's figure of them.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ravine.view import fonts
from ravine.view.axes_plotly import axis_of, plain
from ravine.view.legends_plotly import explain, is_beneath, legend_beneath, legend_inside
from ravine.view.marks_plotly import Place, scale_of, shapes_of, traces_of, words_of
from ravine.view.palette import GRAY, INK
from ravine.view.scene import Panel, Raster, Scene
from ravine.view.space_plotly import bar_of, space_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Domain = tuple[tuple[float, float], tuple[float, float]]

_FONT = "system-ui, 'Segoe UI', 'Noto Sans', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"


@dataclass(frozen=True)
class Look:
    """Measures of a picture: pixels, and the factor for line widths and dots made for a slide."""

    width: float
    height: float
    text: float
    ink: float


LOOKS = {"slide": Look(960, 576, 14, 1.0), "column": Look(420, 360, 11, 0.75)}


@dataclass(frozen=True)
class Room:
    """Pixels around a panel for its labels."""

    left: float
    right: float
    top: float
    bottom: float


def draw(scene: Scene, look: Look) -> Figure:
    """Return a figure of the scene."""
    from plotly.graph_objects import Figure

    return Figure(specification(scene, look))


def specification(scene: Scene, look: Look, *, quick: bool = True) -> dict[str, Any]:
    """Return traces and layout of a scene, as Plotly's libraries for Python and JavaScript take them.

    Parameters
    ----------
    scene
        The scene.
    look
        Measures.
    quick
        Whether the graphics card may draw very many dots.

    Examples
    --------
    >>> from ravine.view.scene import Axis, Line
    >>> found = specification(Scene("", (Panel(Axis("x"), Axis("y"), (Line([0, 1], [2, 3]),)),)), LOOKS["slide"])
    >>> found["data"][0]["type"], found["layout"]["xaxis"]["title"]["text"]
    ('scatter', 'x')
    """
    rows, columns = _grid(scene, look)
    height = _height(scene, look, rows)
    layout = _page(scene, look, height)
    data: list[dict[str, Any]] = []
    heights = scene.heights if len(scene.heights) == rows else (1.0,) * rows
    above = _room_of_titles(scene, look)
    for index, panel in enumerate(scene.panels):
        row, column = divmod(index, columns)
        below = sum(heights[: row + 1]) / sum(heights)
        cell = (
            (column / columns, (column + 1) / columns),
            ((1 - below) * (1 - above / height), (1 - below + heights[row] / sum(heights)) * (1 - above / height)),
        )
        room = _room(panel, look, titled=_is_titled(scene))
        data += _add_panel(layout, scene, index, _inner(cell, room, look.width, height), (look, height, quick))
    return {"data": data, "layout": layout}


def _add_panel(
    layout: dict[str, Any], scene: Scene, index: int, domain: Domain, measures: tuple[Look, float, bool]
) -> list[dict[str, Any]]:
    """Add axes, words, rules and legend of a panel to the layout, and return its traces."""
    panel, (look, height, quick) = scene.panels[index], measures
    number = "" if index == 0 else str(index + 1)
    axes = {"scene": f"scene{number}"} if panel.z else {"xaxis": f"x{number}", "yaxis": f"y{number}"}
    traces = [trace for mark in panel.marks for trace in traces_of(mark, Place(panel, axes, look.ink, quick))]
    (left, right), (bottom, top) = domain
    size = (right - left) * look.width, (top - bottom) * height
    if explain(traces):
        layout[f"legend{number}"] = {
            "font": {"size": 0.9 * look.text},
            "tracegroupgap": 0,
            **(
                legend_beneath(domain, 10 if panel.z else 3.4 * look.text, height)
                if is_beneath(panel)
                else legend_inside(panel, domain, look.text, size)
            ),
        }
        traces = [{**trace, "legend": f"legend{number}"} if trace.get("showlegend") else trace for trace in traces]
    if panel.z:
        layout[f"scene{number}"] = space_of(panel, domain, 0.9 * look.text, is_wide=size[0] > 1.4 * size[1])
    else:
        layout |= _flat(panel, scene, index, domain, (look.text, *size))
        layout["shapes"] += shapes_of(panel, (f"x{number}", f"y{number}"), look.ink)
    layout["annotations"] += words_of(panel, ((left + right) / 2, bottom + 0.9 * (top - bottom)))
    if _is_titled(scene) and panel.title.strip():
        layout["annotations"].append(_heading(panel, domain, look))
    scale = scale_of(panel)
    return traces if scale is None else [*traces, bar_of(scale, domain, 0.9 * look.text, axes)]


def _flat(
    panel: Panel, scene: Scene, index: int, domain: Domain, measures: tuple[float, float, float]
) -> dict[str, Any]:
    """Return both axes of a flat panel, by their names in the layout."""
    number = "" if index == 0 else str(index + 1)
    text, width, height = measures
    x = {**axis_of(panel.x, panel, text, width), "domain": list(domain[0]), "anchor": f"y{number}"}
    y = {**axis_of(panel.y, panel, text, height), "domain": list(domain[1]), "anchor": f"x{number}"}
    if is_beneath(panel):
        x, y = ({**axis, "showgrid": False} for axis in (x, y))
    if panel.diagonal:
        x, y = {**x, "constrain": "domain"}, {**y, "scaleanchor": f"x{number}", "constrain": "domain"}
    elif any(isinstance(mark, Raster) for mark in panel.marks):
        y = {**y, "scaleanchor": False, "autorange": False}  # pixels of a picture would ask for squares
    if scene.stacked:
        x = {**x, **({"matches": "x"} if index else {})}
        if index < len(scene.panels) - 1:
            x = {**x, "title": {"text": ""}, "showticklabels": False}
    if panel.blank:
        x, y = {**x, "visible": False}, {**y, "visible": False}
    return {f"xaxis{number}": x, f"yaxis{number}": y}


def _page(scene: Scene, look: Look, height: float) -> dict[str, Any]:
    letters = int(look.width / (0.62 * look.text))
    title = _lines(scene.title, int(letters / 1.3))
    subtitle = _lines(scene.subtitle, letters)
    return {
        "width": look.width,
        "height": height,
        "margin": dict.fromkeys(("l", "r", "t", "b", "pad"), 0),
        "template": {},
        "font": {"family": _FONT, "size": look.text, "color": INK},
        "paper_bgcolor": "#FFFFFF",
        "plot_bgcolor": "#FFFFFF",
        "hoverlabel": {"font": {"family": _FONT, "size": 0.9 * look.text}},
        "title": {
            "text": title,
            "font": {"size": 1.25 * look.text},
            "subtitle": {"text": subtitle, "font": {"size": 0.9 * look.text, "color": GRAY}},
            "x": 0.5,
            "xanchor": "center",
            "y": 1 - 0.7 * look.text / height,
            "yref": "container",
            "yanchor": "top",
        },
        "shapes": [],
        "annotations": [],
    }


def _heading(panel: Panel, domain: Domain, look: Look) -> dict[str, Any]:
    (left, right), (_, top) = domain
    letters = max(10, int((right - left) * look.width / (0.62 * look.text)))
    words = f"<b>{plain(fonts.shortened(panel.title, letters))}</b>"
    place = {"x": (left + right) / 2, "y": top, "xref": "paper", "yref": "paper", "yanchor": "bottom"}
    return {"text": words, **place, "xanchor": "center", "showarrow": False, "font": {"size": look.text}}


def _lines(text: str, letters: int) -> str:
    """Return a text in at most two lines; what is longer is cut in its middle."""
    text = fonts.shortened(text, 2 * letters - letters // 4)
    lines = textwrap.wrap(text, letters) or [""]
    return "<br>".join(map(plain, [*lines[:1], " ".join(lines[1:])] if len(lines) > 1 else lines))


def _grid(scene: Scene, look: Look) -> tuple[int, int]:
    columns = max(1, min(scene.columns, len(scene.panels)))
    columns = 1 if look.width < 600 and not any(panel.blank for panel in scene.panels) else columns
    return -(-len(scene.panels) // columns), columns


def _height(scene: Scene, look: Look, rows: int) -> float:
    """Return the height of the figure: more rows than fit get a longer page."""
    if rows == 1 or scene.stacked:
        return look.height * (1.1 if rows > 1 else 1.0)
    return max(look.height, rows * look.height * (0.62 if look.width > 600 else 0.95))


def _room_of_titles(scene: Scene, look: Look) -> float:
    letters = int(look.width / (0.62 * look.text))
    lines = 1.35 * 1.25 * (1 + _lines(scene.title, int(letters / 1.3)).count("<br>")) * bool(scene.title)
    lines += 1.5 * (1 + _lines(scene.subtitle, letters).count("<br>")) * bool(scene.subtitle)
    return look.text * (lines + 0.9)


def _room(panel: Panel, look: Look, *, titled: bool) -> Room:
    text = look.text
    has_bar = scale_of(panel) is not None
    legend = 2.0 * text if is_beneath(panel) and any(getattr(mark, "label", "") for mark in panel.marks) else 0.0
    top = (1.8 if titled else 0.8) * text
    if panel.z:
        return Room(0.5 * text, 6.0 * text if has_bar else 0.5 * text, top, 10 + legend)
    return Room(5.0 * text, 6.5 * text if has_bar else 1.2 * text, top, 3.4 * text + legend)


def _inner(cell: Domain, room: Room, width: float, height: float) -> Domain:
    (left, right), (bottom, top) = cell
    x = left + room.left / width, max(left + room.left / width + 0.02, right - room.right / width)
    y = bottom + room.bottom / height, max(bottom + room.bottom / height + 0.02, top - room.top / height)
    return x, y


def _is_titled(scene: Scene) -> bool:
    return len(scene.panels) > 1 and all(panel.title for panel in scene.panels)
