"""Timing: contenders side by side in turns, and tables that can be pasted into Markdown."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from typing import Any


@dataclass(frozen=True)
class Contender:
    """What is timed.

    Parameters
    ----------
    name
        How tables name it.
    run
        The timed call.
    """

    name: str
    run: Callable[[], Any]


@dataclass(frozen=True)
class Times:
    """The seconds of one contender, one for each round."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median in seconds."""
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        unit, scale = ("ms", 1e3) if self.median < 1 else ("s", 1.0)
        low, middle, high = (scale * value for value in (min(self.seconds), self.median, max(self.seconds)))
        return f"{_short(middle)} {unit} ({_short(low)}–{_short(high)})"

    def over(self, other: Times) -> Times:
        """Return these seconds as multiples of the other's, round by round: what slows both cancels."""
        return Times(tuple(mine / its for mine, its in zip(self.seconds, other.seconds, strict=True)))

    def as_ratio(self) -> str:
        """Return the median, lowest and highest ratio as text."""
        return f"{_short(self.median)}× ({_short(min(self.seconds))}–{_short(max(self.seconds))})"


def race(contenders: Sequence[Contender], rounds: int, warm_up: int = 2) -> list[Times]:
    """Let the contenders run in turns, A B B A A B …, so that drift and order cancel; return the times of each."""
    for _ in range(warm_up):
        for contender in contenders:
            timed(contender)
    seconds: list[list[float]] = [[] for _ in contenders]
    for number in range(rounds):
        turns = list(zip(contenders, seconds, strict=True))
        for contender, kept in turns if number % 2 == 0 else reversed(turns):
            kept.append(timed(contender))
    return [Times(tuple(kept)) for kept in seconds]


def timed(contender: Contender) -> float:
    """Return the seconds of one call."""
    began = time.perf_counter()
    contender.run()
    return time.perf_counter() - began


def against(aim: float, ratio: Times) -> str:
    """Return the aim for a ratio, and whether its median reaches it."""
    return f"≥ {aim:g}×: {'reached' if ratio.median >= aim else 'MISSED'}"


def within(aim: float, times: Times) -> str:
    """Return the aim for the seconds, and whether their median stays within it."""
    return f"≤ {aim:g} s: {'reached' if times.median <= aim else 'MISSED'}"


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a Markdown table with even columns."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    print(f"\n**{title}**\n")
    for line in lines:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")


def introduce(packages: Sequence[str]) -> None:
    """Print the machine, the versions and how busy the machine is."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in packages if is_installed(name))
    print(f"Python {platform.python_version()}, {versions}; {platform.machine()}, {os.cpu_count()} cores; {load()}.")
    print("Times: median (lowest–highest). Ratios: of the same round, median (lowest–highest).")


def load() -> str:
    """Return the load average in words: how many processes wanted a core in the last minute."""
    try:
        return f"load average {os.getloadavg()[0]:.1f}"
    except (AttributeError, OSError):
        return "load average unknown"


def is_installed(package: str) -> bool:
    """Tell whether a package can be imported, without importing it."""
    return find_spec(package) is not None


def _short(value: float) -> str:
    """Return three digits and no exponent."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
