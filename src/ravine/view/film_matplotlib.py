"""Draw the frames of a film with Matplotlib: what stands still is drawn once, what moves anew for every frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

from ravine.view import fonts, palette
from ravine.view.draw_matplotlib import Drawn, Look, draw_panels, settings
from ravine.view.film import Film
from ravine.view.marks_matplotlib import draw_mark
from ravine.view.scene import Mark, Panel

_FIRST_ORDER = 2  # of the marks of a panel
_MANY_WORDS = 6
_VIEWS = 9  # from which the place of a turning cube is found


@dataclass(frozen=True)
class _Stage:
    """The axes of one panel, the first of its marks that moves, and the measures of marks."""

    axes: Any
    moving: int
    look: Look


def pictures(film: Film, look: Look, dots_per_inch: float) -> Iterator[np.ndarray]:
    """Yield the frames, [y, x, 3] from 0 to 255.

    Only the axes of 3-D panels and the marks from the first moving one on are drawn for each frame.
    """
    first, last = film.at(0), film.at(-1)
    words = [film.told(float(now)) for now in film.moments[[0, -1]]]
    shown = replace(film.scene, subtitle=film.scene.subtitle or " ")
    drawn = draw_panels(shown, look, tall_first=True)
    canvas = FigureCanvasAgg(drawn.figure)
    drawn.figure.set_dpi(dots_per_inch)
    with settings(shown, drawn.look):
        told = _Told(drawn, max(map(len, words)))
        canvas.draw()
        stages = [
            _staged(axes, drawn.look, _first_moving(*panels))
            for axes, *panels in zip(drawn.axes, first.panels, last.panels, strict=True)
        ]
        _stop_layout(drawn, film)
        canvas.draw()
    ground = canvas.copy_from_bbox(drawn.figure.bbox)
    for frame, now in enumerate(film.moments):
        with settings(shown, drawn.look):  # one frame at a time: other threads want to draw too
            canvas.restore_region(ground)
            share = frame / max(1, len(film) - 1)
            for stage, panel in zip(stages, film.at(frame).panels, strict=True):
                _draw_stage(canvas, stage, panel, film.turn * (1 - share * share * (3 - 2 * share)))
            told.write(canvas, film.told(float(now)))
            yield np.asarray(canvas.buffer_rgba())[:, :, :3].copy()


class _Told:
    """Words above a frame, each at a place of its own, so that nothing jumps when a number gets longer."""

    def __init__(self, drawn: Drawn, count: int) -> None:
        figure = drawn.figure
        subtitle = figure.texts[-1]
        subtitle.set_text("")
        size = drawn.look.text * (1.05 if count < _MANY_WORDS else 0.9)
        ink = {"size": size, "va": "top", "ha": "left", "parse_math": False, "animated": True, "in_layout": False}
        places = 0.06 + 0.9 * np.arange(count) / count
        height = subtitle.get_position()[1]
        self.texts: list[Any] = [figure.text(x, height, "", color=palette.INK, **ink) for x in places]
        if self.texts:
            self.texts[0].set_weight("bold")

    def write(self, canvas: Any, words: tuple[str, ...]) -> None:
        """Write and draw them."""
        for text, word in zip(self.texts, words, strict=False):
            text.set_text(fonts.printable(word))
            text.draw(canvas.get_renderer())


def _first_moving(first: Panel, last: Panel) -> int:
    """Return the place of the first mark that isn't the same in the first and the last frame."""
    pairs = zip(first.marks, last.marks, strict=True)
    return next((place for place, (one, other) in enumerate(pairs) if one is not other), len(last.marks))


def _staged(axes: Any, look: Look, moving: int) -> _Stage:
    """Take the moving marks away from the axes, whose limits stay as they are."""
    axes.set_autoscale_on(False)
    for artist in [*axes.lines, *axes.collections, *axes.texts]:
        if artist.get_zorder() >= _FIRST_ORDER + moving - 0.5:  # the halo of a mark is half an order below
            artist.remove()
    for sheet in axes.collections if axes.name == "3d" else ():
        sheet.set_antialiased(False)  # cells of one color each: a film file grows with what its frames have of detail
    return _Stage(axes, moving, look)


def _stop_layout(drawn: Drawn, film: Film) -> None:
    """Keep everything where it is, and 3-D axes out of what is drawn once."""
    drawn.figure.set_layout_engine("none")
    for axes, panel in zip(drawn.axes, film.scene.panels, strict=True):
        if panel.z is not None:
            _hold_cube(axes, panel, film.turn)
            axes.set_visible(False)


def _hold_cube(axes: Any, panel: Panel, turn: float) -> None:
    """Give a turning cube one place, where it fits from all sides that will be seen."""
    find = axes.get_axes_locator()
    boxes = []
    for more in np.linspace(0, turn, _VIEWS):
        axes.view_init(panel.view[0], panel.view[1] + more)
        boxes.append(find(axes, None))
    width, height = (min(getattr(box, side) for box in boxes) for side in ("width", "height"))
    x, y = np.mean([[(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2] for box in boxes], axis=0)
    held = Bbox.from_bounds(x - width / 2, y - height / 2, width, height)
    axes.set_axes_locator(lambda *_: held)


def _draw_stage(canvas: Any, stage: _Stage, panel: Panel, turn: float) -> None:
    renderer = canvas.get_renderer()
    before = set(map(id, stage.axes.get_children()))
    for place, mark in enumerate(panel.marks[stage.moving :], start=stage.moving):
        if _has_ink(mark):
            draw_mark(stage.axes, mark, panel, stage.look.ink, _FIRST_ORDER + place)
    added = [artist for artist in stage.axes.get_children() if id(artist) not in before]
    if panel.z is None:
        for artist in sorted(added, key=lambda artist: artist.get_zorder()):
            stage.axes.draw_artist(artist)
    else:
        stage.axes.set_visible(True)
        stage.axes.view_init(panel.view[0], panel.view[1] + turn)
        stage.axes.draw(renderer)
        stage.axes.set_visible(False)
    for artist in added:
        artist.remove()


def _has_ink(mark: Mark) -> bool:
    return not hasattr(mark, "x") or np.size(mark.x) > 0  # type: ignore[attr-defined]
