"""Wrapping: lines of a terminal's width, in Chinese too, where a line may end between any two characters.

References
----------
Unicode Standard Annex #14: Unicode Line Breaking Algorithm (2024), https://www.unicode.org/reports/tr14/
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

_WIDE = r"\u2e80-\u303f\u3040-\u9fff\uf900-\ufaff\uff00-\uffef"
_NOT_FIRST = "，。；：、！？）」』”’》…"
_NOT_LAST = "（「『“‘《"
# A unit is what no line may end within: a wide character or a run of narrow ones, with the marks that belong to it.
_UNIT = re.compile(rf"\s+|[{_NOT_LAST}]*(?:[{_WIDE}]|[^\s{_WIDE}{_NOT_LAST}{_NOT_FIRST}]+)?[{_NOT_FIRST}]*")


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text; a word that is wider than a line is cut.

    Examples
    --------
    >>> wrapped("再问第二次，TensorFlow 会报错：", 16)
    ['再问第二次，', 'TensorFlow 会报', '错：']
    >>> wrapped("one two", 5)
    ['one', 'two']
    """
    lines = [""]
    for unit in filter(None, _UNIT.findall(text)):
        if "\n" in unit:
            lines += [""] * unit.count("\n")
        elif cell_len(lines[-1] + unit.rstrip()) <= width:
            lines[-1] += unit
        elif unit.strip():
            lines += _cut(unit, width)
    return [line.rstrip() for line in lines]


@dataclass(frozen=True)
class Prose:
    """A text that wraps itself to the room it is given."""

    text: str
    style: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines."""
        yield Text("\n".join(wrapped(self.text, options.max_width)), style=self.style)


def _cut(unit: str, width: int) -> list[str]:
    pieces = [""]
    for character in unit:
        if pieces[-1] and cell_len(pieces[-1] + character) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces
