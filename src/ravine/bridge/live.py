"""TensorBoardLog: a log folder that fills while something runs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from ravine.bridge import prints, summaries
from ravine.bridge.events import EventWriter
from ravine.errors import ProblemError
from ravine.files import make_folder
from ravine.settings import Intermediate

#: Starts of one descent that get curves of their own, at most.
MOST_STARTS = 32


class TensorBoardLog:
    """Event files for TensorBoard: give it to ``descend(callback=…)``, or write to it yourself.

    As a callback it writes the loss and all parameters at every recorded step, of at most 32 starts evenly chosen,
    each in a folder of its own; TensorBoard shows them while the descent goes on.

    Parameters
    ----------
    logdir
        The folder; made if it isn't there.

    Raises
    ------
    StoreError
        If the folder or a file in it can't be written.

    Examples
    --------
    >>> import tempfile
    >>> import ravine as rv
    >>> with tempfile.TemporaryDirectory() as folder, TensorBoardLog(folder) as log:
    ...     run = rv.descend("(x - 2)**2", {"x": 6}, learning_rate=0.25, steps=2, callback=log)
    ...     log.text("note", "It **halves** the distance.")
    ...     log.close()
    ...     rv.from_tensorboard(folder).dataset["loss"].values.tolist()
    [[16.0, 4.0, 1.0]]
    """

    def __init__(self, logdir: str | os.PathLike[str]) -> None:
        self.logdir: Path = make_folder(logdir)
        self._writers: dict[str, EventWriter] = {}
        self._first, self._last = 0, -1

    def __call__(self, now: Intermediate) -> None:
        """Write what a descent has come to; one that begins anew, or the next start of SciPy's, gets new folders."""
        if now.step <= self._last:
            self._first += len(now.loss)
        self._last = now.step
        for start in chosen_starts(len(now.loss)):
            values = {"loss": float(now.loss[start])}
            names = now.names or tuple(f"{index}" for index in range(now.params.shape[1]))
            values |= {f"params/{name}": float(value) for name, value in zip(names, now.params[start], strict=True)}
            self.scalars(values, now.step, run=folder_of(self._first + start, len(now.loss)))

    def scalars(self, values: Mapping[str, float], step: int, *, run: str = "") -> None:
        """Write numbers by tag.

        Parameters
        ----------
        values
            By tag, such as ``{"loss": 0.5}``.
        step
            At which they hold.
        run
            A folder in the log folder, whose curves get a color of their own.

        Raises
        ------
        ProblemError
            If a value is no number.
        """
        for tag, value in values.items():
            if not isinstance(value, Real | np.generic):
                raise ProblemError(f"scalars: expected a number for '{tag}', got {value!r}.")
        self._writer(run).add(summaries.scalars(values), step)

    def picture(self, tag: str, what: Any, step: int = 0, *, run: str = "") -> None:
        """Write a scene, a Matplotlib figure or an array [y, x] or [y, x, 3] as an image."""
        made = prints.printed(what)
        self._writer(run).add(summaries.pictures(tag, [made.file], made.size), step)

    def grid(
        self, tag: str, pictures: Sequence[Any] | np.ndarray, step: int = 0, *, columns: int = 5, run: str = ""
    ) -> None:
        """Write several pictures of one size, [picture, y, x] or [picture, y, x, 3], as one image."""
        self.picture(tag, prints.grid(pictures, columns), step, run=run)

    def text(self, tag: str, markdown: str, step: int = 0, *, run: str = "") -> None:
        """Write a text in Markdown."""
        self._writer(run).add(summaries.text(tag, markdown), step)

    def add(self, summary: Any, step: int, *, run: str = "") -> None:
        """Write a summary of TensorBoard's own kind."""
        self._writer(run).add(summary, step)

    def flush(self) -> None:
        """Let TensorBoard read everything that is written."""
        for writer in self._writers.values():
            writer.flush()

    def close(self) -> None:
        """End the files; what is written later goes into new ones."""
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()

    def __enter__(self) -> TensorBoardLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _writer(self, run: str) -> EventWriter:
        if run not in self._writers:
            self._writers[run] = EventWriter(self.logdir / run if run else self.logdir)
        return self._writers[run]


def chosen_starts(count: int, best: int | None = None) -> list[int]:
    """Return which of so many starts get curves: all, or 32 evenly chosen, the best among them if it is known.

    Examples
    --------
    >>> chosen_starts(3), len(chosen_starts(1000, best=7)), 7 in chosen_starts(1000, best=7)
    ([0, 1, 2], 32, True)
    """
    if count <= MOST_STARTS:
        return list(range(count))
    chosen = np.linspace(0, count - 1, MOST_STARTS).astype(int).tolist()
    if best is not None and best not in chosen:
        chosen[int(np.argmin(np.abs(np.array(chosen) - best)))] = best
    return sorted(chosen)


def folder_of(start: int, count: int) -> str:
    """Return the folder of a start, whose number has as many digits as the last one has."""
    return f"start-{start:0{len(str(count - 1))}d}"
