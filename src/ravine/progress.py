"""Progress: a bar on standard error, on long work at a terminal only."""

from __future__ import annotations

import sys
import time
from typing import Any

_QUIET_SECONDS = 1.0


class Progress:
    """A Rich bar that appears when the work turns out to be long.

    Parameters
    ----------
    total
        Steps to go.
    enabled
        True, False, or None: when standard error is a terminal.
    """

    def __init__(self, total: int, *, enabled: bool | None = None) -> None:
        self.total = total
        self._enabled = bool(sys.stderr and sys.stderr.isatty()) if enabled is None else enabled
        self._began = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, done: int, loss: float) -> None:
        """Move the bar."""
        if not self._enabled or time.monotonic() - self._began < _QUIET_SECONDS:
            return
        self._bar = self._bar or self._start()
        self._bar.update(self._task, completed=done, total=self.total, loss=f"{loss:.6g}")

    def _start(self) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("descending"), BarColumn(), MofNCompleteColumn(), TextColumn("steps"), TimeRemainingColumn(),
            TextColumn("loss {task.fields[loss]}"),
        )  # fmt: skip
        bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = bar.add_task("", total=self.total, loss="")
        bar.start()
        return bar
