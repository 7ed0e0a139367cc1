"""Draw a scene with Matplotlib: figure, panels, titles, legends. No display, no pyplot, no lasting settings."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator

from ravine.view import fonts, palette
from ravine.view.legends_matplotlib import legend_beneath, legend_inside
from ravine.view.marks_matplotlib import color_bar, draw_mark
from ravine.view.scene import Area, Axis, Dots, Line, Mark, Panel, Ribbon, Scene, Whiskers, Words
from ravine.view.space_matplotlib import bar_beside, space_in


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
_TALL = (1.35, 1.0)  # widths of a tall panel and those beside it


@dataclass(frozen=True)
class Drawn:
    """A figure, the axes of each panel in it, and the measures of what is drawn in them."""

    figure: Figure
    axes: tuple[Any, ...]
    look: Look


def draw(scene: Scene, look: Look) -> Figure:
    """Return a figure of the scene."""
    return draw_panels(scene, look).figure


def draw_panels(scene: Scene, look: Look, *, tall_first: bool = False) -> Drawn:
    """Draw a scene; on request its first panel at the left, as high as all the others together."""
    tall_first = tall_first and len(scene.panels) > 1
    rows, columns = (len(scene.panels) - 1, 2) if tall_first else _grid(scene, look)
    small = look if columns == 1 else replace(look, text=0.85 * look.text, ink=0.8 * look.ink)
    with settings(scene, small):
        height = look.height if tall_first else _height(scene, look, rows)
        figure = Figure(figsize=(look.width, height), layout="constrained")
        _write_titles(figure, scene, look)
        ratios = scene.heights if len(scene.heights) == rows else [1.0] * rows
        titled = len(scene.panels) > 1 and all(panel.title for panel in scene.panels)
        cells = figure.add_gridspec(rows, columns, height_ratios=ratios, width_ratios=_TALL if tall_first else None)
        frames, spaces = [], []
        for index, panel in enumerate(scene.panels):
            row, column = (index - 1, 1) if tall_first else divmod(index, columns)
            cell = cells[:, 0] if tall_first and index == 0 else cells[row, column]
            frame, axes = _draw_panel(figure, cell, panel, small, columns, titled=titled)
            frames.append(frame)
            spaces.append(axes)
            if scene.stacked and index < len(scene.panels) - 1:
                frame.set_xlabel("")
                frame.tick_params(labelbottom=False)
        _add_legends(figure, scene, frames, small, columns)
        return Drawn(figure, tuple(spaces), small)


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
    if look.width < 5 and columns > 1:
        columns = 1 if len(scene.panels) % (columns - 1) else columns - 1
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
    first = _last_break(text, " ", width) or _last_break(text, "*/,(;", width)
    first = first or next(at for at in range(len(text), 0, -1) if fonts.columns_of(text[:at]) <= width)
    return [text[:first].rstrip(), fonts.shortened(text[first:].lstrip(), width)]


def _last_break(text: str, characters: str, width: int) -> int:
    """Return where the first line may end at best, not too early; 0 if nowhere."""
    places = (at for at in range(len(text) - 1, len(text) // 3, -1) if text[at] in characters)
    return next((at for at in places if fonts.columns_of(text[:at]) <= width), 0)


def _draw_panel(figure: Any, cell: Any, panel: Panel, look: Look, columns: int, *, titled: bool) -> tuple[Any, Any]:
    """Draw a panel and return its frame and its axes: the same, or what surrounds a 3-D panel and that one."""
    frame = figure.add_subplot(cell)
    inches = look.width / columns * 0.8
    axes = space_in(frame, panel, look.text) if panel.z else frame
    for order, mark in enumerate(panel.marks, start=2):
        draw_mark(axes, mark, panel, look.ink, order)
    _set_axis(axes, "x", panel.x, inches, look)
    _set_axis(axes, "y", panel.y, min(inches, 1.2 * _height_of(frame)), look)
    if panel.z:
        _set_space(axes, panel.z, look)
    if panel.blank:
        axes.set_axis_off()
    if panel.diagonal:
        axes.set_box_aspect(1)
    if titled:
        title = fonts.shortened(fonts.printable(panel.title), int(inches / look.text / _WIDTH_OF_LETTER))
        frame.set_title(title, y=1.0, parse_math=False)
    if not panel.z and not _fills(panel):
        axes.grid(visible=True, color=palette.PALE, linewidth=0.8 * look.ink)
    if not (panel.z and titled):
        color_bar(figure, {"cax": bar_beside(frame, axes, look.text)} if panel.z else {"ax": frame}, panel, look.text)
    if panel.z or _fills(panel):
        legend_beneath(frame, axes, look.text, look.width / columns - (0 if panel.z else 10 * look.text / 72))
    return frame, axes


def _add_legends(figure: Any, scene: Scene, frames: Sequence[Any], look: Look, columns: int) -> None:
    """Add the legends inside panels, when it is known how large these are."""
    figure.get_layout_engine().execute(figure)
    for panel, axes in zip(scene.panels, frames, strict=True):
        if not (panel.z or _fills(panel)):
            axes.apply_aspect()
            legend_inside(axes, look.text, look.width / columns - 6 * look.text / 72, may_stretch=not panel.diagonal)


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
    if axis.ticks:
        places, words = zip(*axis.ticks, strict=True)
        labels = [fonts.shortened(fonts.printable(word), 18) for word in words]
        getattr(axes, f"set_{name}ticks")(places, labels, parse_math=False)
        axes.tick_params(axis=name, length=0)
    elif axis.scale == "linear":
        crowded = look.width < 5 or inches < (5 if axes.name == "3d" else 2.6)
        getattr(axes, f"{name}axis").get_major_locator().set_params(nbins=4 if crowded else 7, integer=axis.whole)
    elif axis.scale == "symlog" and axes.name != "3d":
        getattr(axes, f"{name}axis").set_major_locator(
            FixedLocator(_signed_decades(*getattr(axes, f"get_{name}lim")()))
        )


def _signed_decades(low: float, high: float) -> list[float]:
    """Return zero and at most two powers of ten on either side, far enough apart for their labels."""
    most = int(np.floor(np.log10(max(abs(low), abs(high), 1.0))))
    sizes = [10.0**power for power in sorted({most, most // 2} if most > 3 else {most})]
    return [-size for size in reversed(sizes)] + [0.0, *sizes]


def _set_space(axes: Any, height: Axis, look: Look) -> None:
    """Set up a 3-D panel: third axis, pale walls."""
    _set_axis(axes, "z", height, 3.4, look)
    axes.zaxis.set_rotate_label(False)
    axes.zaxis.label.set_rotation(90)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color("#F8FAFC")
        axis._axinfo["grid"].update(color=palette.PALE, linewidth=0.8 * look.ink)
        axis.set_tick_params(pad=look.text * 0.67 - 6.7)  # Matplotlib's own distance fits a text of ten points
        axis.labelpad = 3 * look.text - 27
    if height.scale == "log":
        low, high = axes.get_zlim()
        whole = high - low >= 2
        axes.zaxis.set_major_locator(MaxNLocator(4, integer=whole))
        axes.zaxis.set_major_formatter(lambda value, _: f"$10^{{{value:.0f}}}$" if whole else f"{10**value:.1g}")


def _fills(panel: Panel) -> bool:
    return any(type(mark).__name__ in ("Field", "Raster") for mark in panel.marks)


def _label_of(mark: Mark) -> str:
    if isinstance(mark, Line | Dots | Whiskers | Ribbon | Area):
        return mark.label
    return mark.text if isinstance(mark, Words) else ""
