"""Scenes as figures that fill their panel of a page, whatever its size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ravine.view.draw_plotly import Look, specification
from ravine.view.labels import in_chinese
from ravine.view.scene import Scene

_LOOK = Look(560, 400, 13, 0.85)
_MARGIN = {"l": 56, "r": 14, "t": 10, "b": 46}


def figure_of(scene: Scene) -> dict[str, Any]:
    """Return traces and layout of the first panel of a scene, without size and title."""
    alone = replace(scene, title="", subtitle="", panels=scene.panels[:1], heights=(), stacked=False)
    figure = specification(alone, _LOOK, quick=False)
    layout = {key: value for key, value in figure["layout"].items() if key not in ("width", "height", "title")}
    panel = alone.panels[0]
    if panel.z:
        layout["scene"] = {**layout["scene"], "domain": {"x": [0, 1], "y": [0, 1]}}
    else:
        for name in ("xaxis", "yaxis"):
            layout[name] = {**layout[name], "domain": [0, 1], "automargin": True}
    for words in layout["annotations"]:
        words |= {"x": 0.5, "y": 0.9}
    if "legend" in layout:
        place = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.04, "yanchor": "bottom"}
        layout["legend"] = {**layout["legend"], **place, "bgcolor": "rgba(0,0,0,0)", "itemwidth": 30}
    margin = {"l": 0, "r": 0, "t": 0, "b": 0} if panel.z else _MARGIN
    layout |= {"autosize": True, "margin": margin, "dragmode": "turntable" if panel.z else False}
    return {"data": [_light(trace) for trace in figure["data"]], "layout": layout}


def translation_of(scene: Scene, figure: dict[str, Any]) -> list[list[Any]]:
    """Return where the figure of a scene says something else in Chinese, as pairs of a path and the words."""
    return _differences(figure, figure_of(in_chinese(scene)), [])


def _light(trace: dict[str, Any]) -> dict[str, Any]:
    """Return a trace without what the page finds out by itself: losses of a field follow from their bands."""
    if trace["type"] == "contour":
        return {key: value for key, value in trace.items() if key not in ("customdata", "hovertemplate")} | {
            "hoverinfo": "skip"
        }
    if "marker" in trace and "colorbar" in trace["marker"]:
        bar = {**trace["marker"]["colorbar"], "x": 1.01, "y": 0.5, "len": 0.9}
        return {**trace, "marker": {**trace["marker"], "colorbar": bar}}
    return trace


def _differences(one: Any, other: Any, path: list[Any]) -> list[list[Any]]:
    if isinstance(one, str) and isinstance(other, str):
        return [] if one == other else [[path, other]]
    pairs: list[tuple[Any, Any, Any]] = []
    if isinstance(one, dict) and isinstance(other, dict):
        pairs = [(key, one[key], other[key]) for key in one if key in other]
    elif isinstance(one, list) and isinstance(other, list):
        pairs = [(index, *each) for index, each in enumerate(zip(one, other, strict=False))]
    return [found for key, mine, its in pairs for found in _differences(mine, its, [*path, key])]
