"""Figures: the panels of a lesson's picture, each as Plotly draws it in a browser, whatever its width."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ravine.lessons.lesson import Picture
from ravine.view.draw_plotly import LOOKS, specification
from ravine.view.page.figures import figure_of
from ravine.view.scene import Panel, Scene

_TALL = 430  # pixels: surfaces
_HIGH = 330
_LOW = 150


@dataclass(frozen=True)
class Plot:
    """A panel.

    Parameters
    ----------
    title
        Empty if the picture has no other panel.
    figure
        Traces and layout.
    height
        In pixels.
    is_space
        Whether it is drawn in 3-D.
    is_square
        Whether its axes are equally long.
    """

    title: str
    figure: dict[str, Any]
    height: int
    is_space: bool
    is_square: bool


def plots_of(picture: Picture) -> list[Plot]:
    """Return the panels of a picture, in order."""
    scene = picture.scene
    rows = -(-len(scene.panels) // max(1, scene.columns))
    shares = scene.heights if len(scene.heights) == rows else (1.0,) * rows
    return [_plot(scene, index, shares[index // scene.columns] / max(shares)) for index in range(len(scene.panels))]


def _plot(scene: Scene, index: int, share: float) -> Plot:
    panel = scene.panels[index]
    is_space = panel.z is not None
    height = _TALL if is_space else max(_LOW, round(_HIGH * share))
    title = panel.title if len(scene.panels) > 1 else ""
    figure = _asked(figure_of(replace(scene, panels=(panel,))), scene, panel)
    return Plot(title, figure, height, is_space, panel.diagonal)


def _asked(figure: dict[str, Any], scene: Scene, panel: Panel) -> dict[str, Any]:
    """Return a figure whose contours tell the loss under the pointer, which `figure_of` leaves to its page's script."""
    told = specification(replace(scene, panels=(panel,)), LOOKS["slide"], quick=False)["data"]
    traces = []
    for trace, other in zip(figure["data"], told, strict=True):
        kept = {key: other[key] for key in ("customdata", "hovertemplate") if key in other}
        is_field = trace["type"] == "contour" and kept
        traces.append({**trace, **kept, "hoverinfo": "all"} if is_field else trace)
    return {**figure, "data": traces}
