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
        Steps to go; may grow until the bar appears.
    enabled
        True, False, or None: when standard error is a terminal.
    unit
        What is counted: ``steps`` of a descent, shown with its loss, or other things, shown with their pace.
    doing
        The word before the bar.

    Attributes
    ----------
    behind
        Steps meant for the starts that are done, when one start comes after the other.
    """

    def __init__(
        self, total: int, *, enabled: bool | None = None, unit: str = "steps", doing: str = "descending"
    ) -> None:
        self.total = total
        self.unit = unit
        self.doing = doing
        self.behind = 0
        self._enabled = bool(sys.stderr and sys.stderr.isatty()) if enabled is None else enabled
        self._began = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def count(self, more: int) -> None:
        """Move the bar on by so many things that are done, and show their pace."""
        self.behind += more
        self.show(0)

    def show(self, done: int, loss: float | None = None) -> None:
        """Move the bar to ``done`` steps of the present start."""
        if not self._enabled or time.monotonic() - self._began < _QUIET_SECONDS:
            return
        self._bar = self._bar or self._start()
        pace = (self.behind + done) / max(time.monotonic() - self._began, 1e-9)
        said = f"{pace:,.0f} {self.unit}/s" if loss is None else f"loss {loss:.6g}"
        self._bar.update(self._task, completed=self.behind + done, total=self.total, said=said)

    def _start(self) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn(self.doing), BarColumn(), MofNCompleteColumn(), TextColumn(self.unit), TimeRemainingColumn(),
            TextColumn("{task.fields[said]}"),
        )  # fmt: skip
        bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = bar.add_task("", total=self.total, said="")
        bar.start()
        return bar
