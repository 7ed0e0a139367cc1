"""Prints: scenes, figures and arrays as PNG files, alone or as a grid."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ravine.errors import ProblemError
from ravine.view.drawing import draw
from ravine.view.scene import Scene
from ravine.view.shades import STOPS

_DOTS_PER_INCH = 96
_GAP = 4  # pixels between the pictures of a grid
_SMALLEST = 64  # pixels: smaller pictures are enlarged


@dataclass(frozen=True)
class Print:
    """A PNG file and its width and height in pixels."""

    file: bytes
    size: tuple[int, int]


def printed(what: Any) -> Print:
    """Return a scene, a Matplotlib figure or an array, [y, x] or [y, x, 3 or 4], as a PNG file.

    Numbers of an array are taken as 0 to 255 if they are whole bytes, else from the least to the greatest.

    Raises
    ------
    ProblemError
        If it is something else.
    """
    from PIL import Image

    if isinstance(what, Scene):
        what = draw(what)
    if hasattr(what, "savefig"):
        buffer = io.BytesIO()
        what.savefig(buffer, format="png", dpi=_DOTS_PER_INCH, facecolor="white")
        return Print(buffer.getvalue(), Image.open(buffer).size)
    image = Image.fromarray(_enlarged(_as_bytes(what)))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return Print(buffer.getvalue(), image.size)


def grid(pictures: Sequence[Any] | np.ndarray, columns: int) -> np.ndarray:
    """Return pictures of one size side by side in rows, white between them, [y, x, 3].

    Examples
    --------
    >>> grid(np.zeros((4, 8, 8)), columns=2).shape
    (20, 20, 3)
    """
    arrays = [_as_bytes(each) for each in pictures]
    if not arrays or len({each.shape for each in arrays}) > 1:
        shapes = " and ".join(sorted({str(each.shape) for each in arrays})) or "none"
        raise ProblemError(f"grid: expected pictures of one size, got {shapes}.")
    if isinstance(columns, bool) or not isinstance(columns, int) or columns < 1:
        raise ProblemError(f"columns: expected a whole number from 1, got {columns!r}.")
    arrays = [each if each.ndim == 3 else np.repeat(each[..., None], 3, axis=2) for each in arrays]
    height, width = arrays[0].shape[:2]
    rows = -(-len(arrays) // columns)
    columns = min(columns, len(arrays))
    page = np.full((rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP, 3), 255, np.uint8)
    for index, each in enumerate(arrays):
        top, left = (index // columns) * (height + _GAP), (index % columns) * (width + _GAP)
        page[top : top + height, left : left + width] = each[..., :3]
    return page


def spread(values: np.ndarray) -> np.ndarray:
    """Return values [y, x] as the colors of an even color map, from the least to the greatest, [y, x, 3]."""
    stops = np.array([[int(color[first : first + 2], 16) for first in (1, 3, 5)] for color in STOPS["even"]], float)
    places = _as_bytes(np.asarray(values, float)) / 255 * (len(stops) - 1)
    channels = [np.interp(places, np.arange(len(stops)), channel) for channel in stops.T]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def shrunk(picture: np.ndarray, share: float) -> np.ndarray:
    """Return a smaller picture, [y, x, 3]."""
    from PIL import Image

    height, width = picture.shape[:2]
    return np.asarray(Image.fromarray(picture).resize((round(width * share), round(height * share))))


def _as_bytes(what: Any) -> np.ndarray:
    array = np.asarray(what)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    is_picture = array.size and (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4)))
    if not is_picture or array.dtype.kind not in "fiub":
        got = f"an array of shape {array.shape}" if array.ndim else type(what).__name__
        raise ProblemError(f"picture: expected a scene, a figure or an array [y, x] or [y, x, 3], got {got}.")
    if array.dtype == np.uint8:
        return array
    values = np.nan_to_num(array.astype(float))
    low, high = float(values.min()), float(values.max())
    return (255 * (values - low) / (high - low or 1)).round().astype(np.uint8)


def _enlarged(array: np.ndarray) -> np.ndarray:
    """Return a tiny picture with each pixel repeated, so that it can be seen."""
    times = -(-_SMALLEST // max(1, min(array.shape[:2])))
    return np.repeat(np.repeat(array, times, axis=0), times, axis=1) if times > 1 else array
