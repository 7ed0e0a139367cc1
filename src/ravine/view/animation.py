"""animate: a run, a fit or a race as a film."""

from __future__ import annotations

import os
from collections.abc import Iterator
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from ravine import files
from ravine.errors import ProblemError, StoreError, did_you_mean
from ravine.fitting.fitted import Fit
from ravine.progress import Progress
from ravine.raced import Race
from ravine.run import Run
from ravine.view import films
from ravine.view.film import Film

#: Frames that differ, at most; the others of a longer film are shown for longer.
MOST_FRAMES = {".gif": 150, ".mp4": 600}

#: Width and height in pixels.
SIZES = {"small": (640, 360), "slide": (960, 540), "large": (1280, 720)}

_INCHES = 10.0
_TEXT = 13.0
_HELD = 1.0  # seconds at both ends
_LONGEST = 120.0
_FASTEST = 50


def animate(
    thing: Run | Fit | Race,
    path: str | os.PathLike[str],
    *,
    seconds: float = 8.0,
    fps: int = 20,
    size: str = "slide",
    progress: bool | None = None,
) -> Path:
    """Write a film of a descent, a fit or a race: a GIF or an MP4, as the name of the file says.

    A descent over two parameters is shown on its surface, which turns slowly, beside the data with the curve and the
    loss so far; over one parameter on its curve; over more by curve, loss and parameters. A fit shows all starts of
    its search, then the answer with its band. In a race all entrants go down together. Start and end are held for a
    second. Half of the time between goes with the length of the way, the rest with the changes of the loss and with
    the logarithm of the steps.

    A GIF has at most 150 frames that differ and aims at 5 MB: a larger one gets fewer colors, then fewer frames. An
    MP4 has at most 600.

    Parameters
    ----------
    thing
        A run, a fit or a race. Of a run with more than twelve starts twelve are shown, the best among them.
    path
        The file; it is written beside its place and then renamed.
    seconds
        How long it takes, up to 120.
    fps
        Frames a second, 1 to 50.
    size
        ``small`` (640 × 360), ``slide`` (960 × 540) or ``large`` (1280 × 720).
    progress
        Whether to show a bar on standard error; by default on long work at a terminal.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ProblemError
        If a setting is out of its range, or ``thing`` is something else.
    StoreError
        If the suffix is another one, the folder isn't there, or the file can't be written.
    """
    path = Path(path)
    suffix = _suffix(path)
    _check(seconds, fps, size)
    held = min(_HELD, seconds / 4)
    frames = min(MOST_FRAMES[suffix], max(2, round((seconds - 2 * held) * fps)))
    with files.replacing(path) as beside:
        beside.touch()  # a folder that can't be written to is found now, not after all frames are drawn
        film = _film_of(thing, frames)
        durations = np.full(len(film), (seconds - 2 * held) / max(1, len(film) - 2))
        durations[[0, -1]] = held if len(film) > 1 else seconds
        with Progress(len(film), enabled=progress, unit="frames", doing="drawing") as bar:
            _write(_counted(moments_drawn(film, size), bar), durations, beside, suffix, fps)
    return path


def moments_drawn(film: Film, size: str = "slide") -> Iterator[np.ndarray]:
    """Yield the frames of a film as pictures, [y, x, 3] from 0 to 255."""
    from ravine.view.draw_matplotlib import Look
    from ravine.view.film_matplotlib import pictures

    width, height = SIZES[size]
    return pictures(film, Look(_INCHES, _INCHES * height / width, _TEXT, 1.0), width / _INCHES)


def _film_of(thing: Any, frames: int) -> Film:
    if isinstance(thing, Fit):
        return films.fit(thing, frames)
    if isinstance(thing, Race):
        return films.race(thing, frames)
    if isinstance(thing, Run):
        return films.descent(thing, frames)
    raise ProblemError(f"animate: expected a run, a fit or a race, got {type(thing).__name__}.")


def _counted(pictures: Iterator[np.ndarray], bar: Progress) -> Iterator[np.ndarray]:
    for picture in pictures:
        yield picture
        bar.count(1)


def _write(pictures: Iterator[np.ndarray], seconds: np.ndarray, path: Path, suffix: str, fps: int) -> None:
    from ravine.view import reels

    if suffix == ".gif":
        reels.write_gif(pictures, seconds, path)
    else:
        reels.write_mp4(pictures, seconds, path, fps)


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in MOST_FRAMES:
        raise StoreError(f"{path}: expected a name that ends in {' or '.join(MOST_FRAMES)}, got '{path.name}'.")
    return suffix


def _check(seconds: Any, fps: Any, size: Any) -> None:
    if isinstance(seconds, bool) or not isinstance(seconds, Real) or not 1 <= float(seconds) <= _LONGEST:
        raise ProblemError(f"seconds: expected a number from 1 to {_LONGEST:g}, got {seconds!r}.")
    if isinstance(fps, bool) or not isinstance(fps, int | np.integer) or not 1 <= fps <= _FASTEST:
        raise ProblemError(f"fps: expected a whole number from 1 to {_FASTEST}, got {fps!r}.")
    if size not in SIZES:
        raise ProblemError(f"size: expected {', '.join(SIZES)}, got {size!r}.{did_you_mean(str(size), SIZES)}")
