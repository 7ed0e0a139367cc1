"""Fit a 3-D panel into its frame with Matplotlib: the cube as large as its labels allow, the color bar beside it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.transforms import Bbox
from mpl_toolkits.mplot3d import proj3d

from ravine.view.scene import Panel

_SHAPES = ((4.0, 3.2), (4.0, 2.6), (5.2, 2.6), (6.4, 2.6))
"""Width and height of boxes that are 4 deep."""

# What the labels around a cube take, in heights of the text.
_BESIDE_HEIGHT, _BESIDE_BASE, _BELOW, _ABOVE, _BAR = 4.3, 2.4, 3.0, 0.4, 7.0
_BEFORE_BAR = 2.4  # Matplotlib sets the heights' label off by a share of the cube, more than at the left


def space_in(frame: Any, panel: Panel, text: float) -> Any:
    """Return 3-D axes that fill an empty frame.

    Matplotlib's layout engine shrinks 3-D axes into a corner to make room for labels that are inside already, so
    it gets to see the frame only.
    """
    frame.set_axis_off()
    axes = frame.inset_axes((0, 0, 1, 1), projection="3d")
    axes.set_in_layout(False)
    axes.patch.set_visible(False)
    axes.view_init(*panel.view)
    _fill(Place(frame, axes, text / 72))
    return axes


def bar_beside(frame: Any, axes: Any, text: float) -> Any:
    """Return axes for a color bar at the right of the cube, and make room for it."""
    place = Place(frame, axes, text / 72, with_bar=True)
    _fill(place)
    bar = frame.inset_axes((0, 0, 1, 1))
    bar.set_in_layout(False)
    bar.set_axes_locator(place.of_bar)
    return bar


@dataclass(frozen=True)
class Place:
    """Where cube and color bar stand, found anew whenever the frame moves.

    Parameters
    ----------
    frame, axes
        The flat frame and the 3-D axes in it.
    text
        Height of the text, in inches.
    with_bar
        Whether there is a color bar.
    """

    frame: Any
    axes: Any
    text: float
    with_bar: bool = False

    def of_cube(self, *_: Any) -> Bbox:
        """Return the place of the square that Matplotlib projects the cube into, as shares of the figure."""
        side, left, bottom, shadow = self._cube()
        return self._in_figure(left - side * shadow.x0, bottom - side * shadow.y0, side, side)

    def of_bar(self, *_: Any) -> Bbox:
        """Return the place of the color bar, as shares of the figure."""
        side, left, bottom, shadow = self._cube()
        height = side * shadow.height
        left += side * shadow.width + self._beside()[1]
        return self._in_figure(left, bottom + 0.1 * height, 0.8 * self.text, 0.8 * height)

    @property
    def covered(self) -> float:
        """Area that the cube takes, in square inches."""
        side, *_, shadow = self._cube()
        return side**2 * shadow.width * shadow.height

    def _cube(self) -> tuple[float, float, float, Bbox]:
        """Return side of the square and left and bottom of the cube's shadow in inches, and the shadow itself."""
        width, height = self._frame().size
        shadow = self._shadow()
        left, right = self._beside()
        width -= left + right + _BAR * self.text * self.with_bar
        height -= (_BELOW + _ABOVE) * self.text
        side = max(0.1, min(width / shadow.width, height / shadow.height))
        left += (width - side * shadow.width) / 2
        return side, left, _BELOW * self.text + (height - side * shadow.height) / 2, shadow

    def _beside(self) -> tuple[float, float]:
        """Return the room for labels at the left and the right; Matplotlib writes heights at one side only."""
        at_right = self.axes.azim % 180 > 90
        beside_bar = _BESIDE_HEIGHT + _BEFORE_BAR * self.with_bar
        left, right = (_BESIDE_BASE, beside_bar) if at_right else (_BESIDE_HEIGHT, _BESIDE_BASE)
        return left * self.text, right * self.text

    def _shadow(self) -> Bbox:
        """Return the rectangle that the projected cube fills, as shares of the square."""
        corners = np.array(list(itertools.product(*(getattr(self.axes, f"get_{name}lim")() for name in "xyz"))))
        x, y, _ = proj3d.proj_transform(corners[:, 0], corners[:, 1], corners[:, 2], self.axes.get_proj())
        flat = (self.axes.transData - self.axes.transAxes).transform(np.column_stack([x, y]))
        return Bbox([flat.min(axis=0), flat.max(axis=0)])

    def _frame(self) -> Bbox:
        width, height = self.frame.figure.get_size_inches()
        box = self.frame.get_position()
        return Bbox.from_bounds(box.x0 * width, box.y0 * height, box.width * width, box.height * height)

    def _in_figure(self, left: float, bottom: float, width: float, height: float) -> Bbox:
        all_width, all_height = self.frame.figure.get_size_inches()
        frame = self._frame()
        left, bottom = (frame.x0 + left) / all_width, (frame.y0 + bottom) / all_height
        return Bbox.from_bounds(left, bottom, width / all_width, height / all_height)


def _fill(place: Place) -> None:
    """Give the box the shape that fills its frame best, and its place."""

    def take(shape: tuple[float, float]) -> float:
        wide, high = shape
        along_x = place.axes.azim % 180 > 90
        place.axes.set_box_aspect((wide, 4.0, high) if along_x else (4.0, wide, high))
        return place.covered

    take(max(_SHAPES, key=take))
    place.axes.set_axes_locator(place.of_cube)
