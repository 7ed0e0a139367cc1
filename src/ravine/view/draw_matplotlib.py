"""Draw a scene with Matplotlib: figure, panels, titles, legends. No display, no pyplot, no lasting settings."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from ravine.view import fonts, palette
from ravine.view.marks_matplotlib import color_bar, draw_mark
from ravine.view.scene import Axis, Dots, Line, Mark, Panel, Scene, Whiskers, Words


@dataclass(frozen=True)
class Look:
    """Measures of a picture: inches, points, and the factor for line widths and dots made for a slide."""

    width: float
    height: float
    text: float
    ink: float


LOOKS = {"slide": Look(10.0, 6.0, 13.0, 1.0), "column": Look(3.4, 2.9, 7.0, 0.55)}

_LOCK = threading.RLock()
_WIDTH_OF_LETTER = 0.58 / 72
_LEGEND_ENTRIES = 9


def draw(scene: Scene, look: Look) -> Figure:
    """Return a figure of the scene."""
    rows, columns = _grid(scene, look)
    with settings(scene, look):
        figure = Figure(figsize=(look.width, _height(scene, look, rows)), layout="constrained")
        _write_titles(figure, scene, look)
        ratios = scene.heights if len(scene.heights) == rows else [1.0] * rows
        titled = len(scene.panels) > 1 and all(panel.title for panel in scene.panels)
        cells = figure.add_gridspec(rows, columns, height_ratios=ratios)
        for index, panel in enumerate(scene.panels):
            cell = cells[index // columns, index % columns]
            axes = _draw_panel(figure, cell, panel, look, columns, titled=titled)
            if scene.stacked and index < len(scene.panels) - 1:
                axes.set_xlabel("")
                axes.tick_params(labelbottom=False)
        return figure


@contextmanager
def settings(scene: Scene, look: Look) -> Iterator[None]:
    """Hold Matplotlib's settings for this scene; one thread at a time, for they are global."""
    words = [scene.title, scene.subtitle]
    for panel in scene.panels:
        axes = [panel.x, panel.y, *([panel.z] if panel.z else [])]
        words += [panel.title, *(axis.label for axis in axes), *(_label_of(mark) for mark in panel.marks)]
    with _LOCK, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {
                "font.family": fonts.families_for("".join(words)),
                "font.size": look.text * 0.9,
                "axes.labelsize": look.text,
                "axes.titlesize": look.text,
                "axes.titleweight": "bold",
                "axes.edgecolor": palette.GRAY,
                "axes.labelcolor": palette.INK,
                "axes.linewidth": 0.8 * look.ink,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.axisbelow": True,
                "axes.formatter.useoffset": False,
                "axes.formatter.limits": (-4, 5),
                "text.color": palette.INK,
                "xtick.color": palette.GRAY,
                "ytick.color": palette.GRAY,
                "xtick.labelcolor": palette.INK,
                "ytick.labelcolor": palette.INK,
                "grid.color": palette.PALE,
                "grid.linewidth": 0.8 * look.ink,
                "legend.fontsize": look.text * 0.85,
                "legend.frameon": True,
                "legend.framealpha": 0.85,
                "legend.edgecolor": "none",
                "legend.handlelength": 1.9,
                "legend.columnspacing": 1.2,
                "legend.handletextpad": 0.5,
                "svg.hashsalt": "ravine",
                "pdf.fonttype": 42,
            }
        )
        yield


def _grid(scene: Scene, look: Look) -> tuple[int, int]:
    columns = max(1, min(scene.columns, len(scene.panels)))
    if look.width < 5:
        columns = min(columns, max(1, columns - 1))
    return -(-len(scene.panels) // columns), columns


def _height(scene: Scene, look: Look, rows: int) -> float:
    """Return the height of the figure: more rows than fit get a longer page."""
    if scene.heights and scene.columns == 1:
        return look.height * 1.1
    if rows == 1:
        return look.height * (0.7 if len(scene.panels) > 2 else 1.0)
    return max(look.height, rows * look.height * (0.85 if look.width < 5 else 0.45))


def _write_titles(figure: Any, scene: Scene, look: Look) -> None:
    """Write title and subtitle above everything, and leave that much to them."""
    height = figure.get_figheight()
    room = 0.6 * look.text / 72
    for text, points, color in (
        (scene.title, look.text * 1.3, palette.INK),
        (scene.subtitle, look.text * 0.9, palette.GRAY),
    ):
        lines = _wrapped(text, look.width - 0.2, points)
        if lines:
            place = (0.5, 1 - room / height)
            ink = {"size": points, "color": color, "ha": "center", "va": "top", "parse_math": False}
            words = figure.text(*place, "\n".join(lines), **ink)
            words.set_in_layout(False)
            room += 1.3 * points / 72 * len(lines)
    figure.get_layout_engine().set(
        rect=(0, 0, 1, 1 - (room + 0.3 * look.text / 72) / height), w_pad=0.006 * look.text, h_pad=0.004 * look.text
    )


def _wrapped(text: str, inches: float, points: float) -> list[str]:
    """Break a text into at most two lines of a width; what is longer is cut in its middle."""
    width = max(8, int(inches / (points * _WIDTH_OF_LETTER)))
    text = fonts.shortened(fonts.printable(text), 2 * width - width // 4)
    if fonts.columns_of(text) <= width:
        return [text] if text else []
    first = next((at for at in range(len(text) - 1, 0, -1) if _ends_line(text, at, width)), 0)
    first = first or next(at for at in range(len(text), 0, -1) if fonts.columns_of(text[:at]) <= width)
    return [text[:first].rstrip(), fonts.shortened(text[first:].lstrip(), width)]


def _ends_line(text: str, at: int, width: int) -> bool:
    return text[at] in " +-*/,(;" and fonts.columns_of(text[:at]) <= width and at > len(text) // 3


def _draw_panel(figure: Any, cell: Any, panel: Panel, look: Look, columns: int, *, titled: bool) -> Any:
    """Draw a panel and return its frame: the axes themselves, or what surrounds a 3-D panel."""
    frame = figure.add_subplot(cell)
    inches = look.width / columns * 0.8
    axes = _space_in(frame, panel, look) if panel.z else frame
    for order, mark in enumerate(panel.marks, start=2):
        draw_mark(axes, mark, panel, look.ink, order)
    _set_axis(axes, "x", panel.x, inches, look)
    _set_axis(axes, "y", panel.y, min(inches, 1.2 * _height_of(frame)), look)
    if panel.z:
        _set_space(axes, panel.z, look)
    if panel.diagonal:
        axes.set_box_aspect(1)
    if titled:
        title = fonts.shortened(fonts.printable(panel.title), int(inches / look.text / _WIDTH_OF_LETTER))
        frame.set_title(title, y=1.0, parse_math=False)
    if not panel.z and not _fills(panel):
        axes.grid(visible=True, color=palette.PALE, linewidth=0.8 * look.ink)
    if not (panel.z and titled):
        color_bar(figure, frame, panel, look.text)
    _add_legend(axes, frame, panel, look, inches)
    return frame


def _space_in(frame: Any, panel: Panel, look: Look) -> Any:
    """Return 3-D axes that fill an empty frame.

    Matplotlib's layout engine shrinks 3-D axes into a corner to make room for labels that are inside already, so
    it gets to see the frame only.
    """
    frame.set_axis_off()
    below = 1.7 * look.text / 72 / _height_of(frame)  # the labels keep their size however small the cube
    axes = frame.inset_axes((0, below, 1, 1 - below / 2), projection="3d")
    axes.set_in_layout(False)
    axes.patch.set_visible(False)
    axes.view_init(*panel.view)
    axes.set_box_aspect((4, 4, 2.9), zoom=1.0)
    return axes


def _height_of(frame: Any) -> float:
    """Return about how many inches high a frame will be."""
    return frame.get_position().height * frame.figure.get_figheight()


def _set_axis(axes: Any, name: str, axis: Axis, inches: float, look: Look) -> None:
    width = max(10, int(inches * (0.5 if axes.name == "3d" else 1.0) / (look.text * _WIDTH_OF_LETTER)))
    axes.tick_params(axis=name, which="both", labelsize=look.text * 0.9, color=palette.GRAY, labelcolor=palette.INK)
    label = fonts.shortened(fonts.printable(axis.label), width)
    getattr(axes, f"set_{name}label")(label, parse_math=False)
    if axes.name != "3d" and axis.scale != "linear":
        getattr(axes, f"set_{name}scale")(axis.scale)
    if axis.limits is not None and not (name == "z" and axis.scale == "log"):
        getattr(axes, f"set_{name}lim")(*axis.limits)
    if axis.scale == "linear":
        crowded = look.width < 5 or (axes.name == "3d" and inches < 5)
        getattr(axes, f"{name}axis").get_major_locator().set_params(nbins=4 if crowded else 7, integer=axis.whole)
    elif axis.scale == "symlog" and axes.name != "3d":
        getattr(axes, f"{name}axis").get_major_locator().set_params(numticks=5)


def _set_space(axes: Any, height: Axis, look: Look) -> None:
    """Set up a 3-D panel: third axis, pale walls."""
    _set_axis(axes, "z", height, 2.5, look)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color("#F8FAFC")
        axis._axinfo["grid"].update(color=palette.PALE, linewidth=0.8 * look.ink)
        axis.set_tick_params(pad=-2 if look.ink < 1 else 2)
        axis.labelpad = -6 if look.ink < 1 else 6
    if height.scale == "log":
        axes.zaxis.set_major_formatter(lambda value, _: f"{10**value:.3g}")


def _fills(panel: Panel) -> bool:
    return any(type(mark).__name__ == "Field" for mark in panel.marks)


def _label_of(mark: Mark) -> str:
    if isinstance(mark, Line | Dots | Whiskers):
        return mark.label
    return mark.text if isinstance(mark, Words) else ""


def _add_legend(axes: Any, frame: Any, panel: Panel, look: Look, inches: float) -> None:
    """Explain what has a label: beneath a surface, in the emptiest corner of anything else."""
    entries: dict[str, list[Any]] = {}
    for artist in axes.get_children():
        if label := getattr(artist, "ravine_label", ""):
            entries.setdefault(label, []).append(artist)
    labels = list(entries)[:_LEGEND_ENTRIES]
    if not labels:
        return
    below = panel.z is not None or _fills(panel)
    columns = _legend_columns(labels, inches, look) if below else 1 if len(labels) < 5 else 2
    where: dict[str, Any] = {"loc": "best", "ncols": columns}
    if below:
        place = (0.5, 0.0 if panel.z else -0.15)
        where |= {"loc": "upper center", "bbox_to_anchor": place, "markerscale": 0.75}
    handles = [tuple(_first_of_each_kind(entries[label])) for label in labels]
    legend = frame.legend(handles, [str(i) for i in range(len(labels))], **where)
    width = max(12, int((1.0 if below else 0.8 / columns) * inches / (look.text * 0.85 * _WIDTH_OF_LETTER)) - 4)
    for text, label in zip(legend.get_texts(), labels, strict=True):
        text.set_parse_math(False)
        text.set_text(fonts.shortened(fonts.printable(label), width))


def _legend_columns(labels: list[str], inches: float, look: Look) -> int:
    """Return how many entries fit side by side."""
    room = int(1.12 * inches / (look.text * 0.85 * _WIDTH_OF_LETTER))
    widths = [fonts.columns_of(label) + 5 for label in labels]
    for columns in range(len(labels), 1, -1):
        rows = -(-len(labels) // columns)
        if sum(max(widths[first : first + rows]) for first in range(0, len(labels), rows)) <= room:
            return columns
    return 1


def _first_of_each_kind(artists: list[Any]) -> list[Any]:
    """Return a line and a dot that share a label, to be shown as one entry."""
    kinds: dict[Any, Any] = {}
    for artist in artists:
        kinds.setdefault(getattr(artist, "get_marker", lambda: None)(), artist)
    return list(kinds.values())[:2]
