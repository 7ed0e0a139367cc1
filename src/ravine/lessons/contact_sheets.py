"""Contact sheets: many small images side by side in one panel."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ravine.view.palette import AREAS, INK
from ravine.view.scene import Axis, Panel, Raster, Tags

_LEVELS = 16  # of gray, as the scanner of the digits knew them
_GAP = 1.4  # pixels from the top of an image to the middle of its name


def inked(images: np.ndarray, names: Sequence[str] = ()) -> Panel:
    """Return images from 0, paper, to 1, ink, [image, y, x], about in a square, each with its name above it."""
    return _sheet(images * _LEVELS, _mixed(INK), names)


def signed(weights: np.ndarray, names: Sequence[str] = ()) -> Panel:
    """Return one image for each column of weights, [pixel, class]: blue above 0, orange below, the darker the larger.

    Examples
    --------
    >>> signed(np.eye(4)[:, :2]).marks[0].kind.shape
    (4, 5)
    """
    side = round(len(weights) ** 0.5)
    images = weights.T.reshape(-1, side, side) / max(np.abs(weights).max(), 1e-300)
    blue, orange = (_mixed(color) for color in AREAS[:2])
    return _sheet((images + 1) * _LEVELS, (*orange[:0:-1], *blue), names)


def single(image: np.ndarray, labels: tuple[str, str]) -> Panel:
    """Return one image, [y, x], its pixels counted along the axes from the upper left."""
    high, wide = image.shape
    pixels = _pixels(image * _LEVELS, _mixed(INK))
    across = Axis(labels[0], limits=(-0.5, wide - 0.5), ticks=tuple((i, str(i)) for i in range(wide)))
    down = Axis(labels[1], limits=(-0.5, high - 0.5), ticks=tuple((high - 1 - i, str(i)) for i in range(high)))
    return Panel(across, down, (pixels,), diagonal=True)


def _sheet(images: np.ndarray, colors: tuple[str, ...], names: Sequence[str]) -> Panel:
    """Return images, [image, y, x] of indices into the colors, as one panel."""
    count, high, wide = images.shape
    columns = math.isqrt(count - 1) + 1  # about as many as rows: the panel is a square
    rows = -(-count // columns)
    page = np.full((rows * (high + 2), columns * (wide + 1) - 1), -1.0)
    x, y = [], []
    for index, image in enumerate(images):
        top, left = index // columns * (high + 2) + 2, index % columns * (wide + 1)
        page[top : top + high, left : left + wide] = image
        x.append(left + wide / 2 - 0.5)
        y.append(len(page) - top + 2 - _GAP)
    tags = (Tags(np.array(x), np.array(y), tuple(names)),) if names else ()
    nothing = ((0.0, ""),)  # no place on the axes has a name
    across, down = (Axis("", limits=(-0.5, length - 0.5), ticks=nothing) for length in page.shape[::-1])
    return Panel(across, down, (_pixels(page, colors), *tags), diagonal=True, blank=True)


def _pixels(page: np.ndarray, colors: tuple[str, ...]) -> Raster:
    """Return indices into the colors, [y, x] from the top, as pixels; -1 for none."""
    down, across = page.shape
    kinds = np.round(page[::-1])
    return Raster((-0.5, across - 0.5), (-0.5, down - 0.5), kinds, colors, np.full(page.shape, np.nan))


def _mixed(color: str) -> tuple[str, ...]:
    """Return the colors from white to this one."""
    strong = np.array([int(color[first : first + 2], 16) for first in (1, 3, 5)])
    shares = np.arange(_LEVELS + 1)[:, None] / _LEVELS
    return tuple("#{:02X}{:02X}{:02X}".format(*row) for row in (255 + shares * (strong - 255)).round().astype(int))
