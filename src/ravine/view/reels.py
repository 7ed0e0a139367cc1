"""Reels: pictures one after the other in a file, GIF or MP4."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ravine.view import palette

MOST_BYTES = 5_000_000
_COLORS = 128
_EXACT = (palette.WHITE, palette.INK, palette.GRAY, palette.PALE, palette.GREEN, *palette.SERIES)
_SHIFT = 2  # bits of each channel that don't matter for the nearest color
_TICK = 0.01  # seconds: a GIF counts in hundredths
_QUALITY = 20  # x264's constant rate factor; 18 can't be told from the original


def write_gif(pictures: Iterable[np.ndarray], seconds: np.ndarray, path: Path, most: int = MOST_BYTES) -> None:
    """Write a GIF that repeats itself; one that gets too large has fewer colors, then fewer frames.

    The bytes are the same for the same pictures.

    Parameters
    ----------
    pictures
        [y, x, 3] each, from 0 to 255.
    seconds
        How long each is shown, [frame].
    path
        The file.
    most
        Bytes that the file should not exceed.
    """
    from PIL import Image

    frames: list[np.ndarray] = []
    colors = nearest = np.empty(0)
    for picture in pictures:
        if not frames:
            colors = _palette(Image.fromarray(picture), _COLORS)
            nearest = _nearest(colors)
        frames.append(nearest[_bins(picture)])
    data = _encoded(frames, colors, seconds)
    if len(data) > most:
        fewer = _palette(Image.fromarray(colors[frames[0]]), _COLORS // 2)
        nearest, colors = _nearest(fewer)[_bins(colors)], fewer
        frames = [nearest[frame] for frame in frames]
        data = _encoded(frames, colors, seconds)
    while len(data) > most and len(frames) > 2:
        kept = np.unique(np.append(np.arange(0, len(frames), 2), len(frames) - 1))
        seconds = np.add.reduceat(seconds, kept)
        frames = [frames[index] for index in kept]
        data = _encoded(frames, colors, seconds)
    path.write_bytes(data)


def write_mp4(pictures: Iterable[np.ndarray], seconds: np.ndarray, path: Path, rate: int) -> None:
    """Write an H.264 film of so many pictures a second, which every browser plays; parameters as for `write_gif`."""
    import imageio_ffmpeg

    settings = ["-crf", str(_QUALITY), "-movflags", "+faststart", "-fflags", "+bitexact", "-f", "mp4"]
    times = _whole_ticks(seconds, 1 / rate)
    write: Any = imageio_ffmpeg.write_frames  # its hints know no None
    writer: Any = None
    try:
        for picture, count in zip(pictures, times, strict=True):
            even = np.ascontiguousarray(picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2])
            if writer is None:
                size = even.shape[1], even.shape[0]
                writer = write(
                    str(path), size, fps=rate, codec="libx264", quality=None, macro_block_size=2, output_params=settings
                )
                writer.send(None)
            for _ in range(count):
                writer.send(even)
    finally:
        if writer is not None:
            with contextlib.suppress(StopIteration):
                writer.close()


def _palette(picture: Any, count: int) -> np.ndarray:
    """Return so many colors, [color, 3]: those that the drawings are made of, and the picture's own, rare ones too."""
    exact = [[int(color[first : first + 2], 16) for first in (1, 3, 5)] for color in _EXACT]
    own = picture.quantize(count - len(exact), method=1, dither=0).getpalette()  # 1: maximum coverage
    return np.array([*exact, *np.reshape(own, (-1, 3))[: count - len(exact)]], np.uint8)


def _bins(colors: np.ndarray) -> np.ndarray:
    """Return the bin of each color [..., 3], four levels of each channel wide."""
    red, green, blue = (colors[..., channel].astype(np.int32) >> _SHIFT for channel in range(3))
    return (red << 12) + (green << 6) + blue


def _nearest(colors: np.ndarray) -> np.ndarray:
    """Return the index of the nearest color to each bin, [bin].

    Pillow's own search takes a corner of the bin for all of it, so that white turns into the palest gray.
    """
    from scipy.spatial import KDTree

    levels = (np.arange(256 >> _SHIFT) << _SHIFT) + ((1 << _SHIFT) - 1) / 2
    bins = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    return np.asarray(KDTree(colors.astype(float)).query(bins)[1], np.uint8)


def _encoded(frames: list[np.ndarray], colors: np.ndarray, seconds: np.ndarray) -> bytes:
    from PIL import Image

    images = []
    for frame in frames:
        images.append(Image.fromarray(frame, "P"))
        images[-1].putpalette(colors.tobytes())
    milliseconds = (10 * _whole_ticks(seconds, _TICK)).tolist()
    buffer = io.BytesIO()
    first, *rest = images
    first.save(buffer, "GIF", save_all=True, append_images=rest, duration=milliseconds, loop=0, optimize=False)
    return buffer.getvalue()


def _whole_ticks(seconds: np.ndarray, tick: float) -> np.ndarray:
    """Return durations in whole ticks, at least one each, whose sum stays as near as that to the whole.

    Examples
    --------
    >>> _whole_ticks(np.array([1.0, 0.025, 0.025, 1.0]), 0.01).tolist()
    [100, 3, 2, 100]
    """
    ends = np.round(np.cumsum(seconds) / tick + 1e-9)
    return np.maximum(1, np.diff(ends, prepend=0)).astype(int)
