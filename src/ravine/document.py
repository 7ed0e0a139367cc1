"""Document: an answer in words, tables and formulas, as text for a terminal and as a page of HTML."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len


@dataclass(frozen=True)
class Heading:
    """What the following parts are about."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """Prose; a warning stands out."""

    text: str
    warning: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of cells under a header; the first ``keys`` columns name the row."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    keys: int = 1


@dataclass(frozen=True)
class Equation:
    """A formula: ``text`` for terminals, ``mathml`` for browsers where there is one, a remark and lines beneath."""

    text: str
    mathml: str = ""
    remark: str = ""
    beneath: tuple[str, ...] = ()


Part = Heading | Paragraph | Table | Equation

_GAP = 2


def to_text(title: str, parts: Sequence[Part], width: int = 80) -> str:
    """Return a document as text of a width; Chinese characters count twice, as terminals show them.

    Examples
    --------
    >>> print(to_text("Two", [Table(("name", "value"), (("a", "1"), ("b", "22")))]))
    Two
    <BLANKLINE>
      name  value
      a         1
      b        22
    """
    lines = _wrapped(title, width)
    before: Part | None = None
    for part in parts:
        if not (isinstance(part, Equation) and isinstance(before, Equation)) and not isinstance(before, Heading):
            lines.append("")
        lines += _lines(part, width)
        before = part
    return "\n".join(lines)


def to_html(title: str, parts: Sequence[Part], language: str = "en") -> str:
    """Return a document as a page of its own, which needs no network."""
    name = html.escape(title)
    head = f'<!DOCTYPE html>\n<html lang="{language}"><meta charset="utf-8"><title>{name}</title>'
    return f"{head}\n{to_fragment(title, parts)}\n</html>\n"


def to_fragment(title: str, parts: Sequence[Part]) -> str:
    """Return a document as a piece of HTML; all text in it is escaped."""
    inside = f"<h2>{html.escape(title)}</h2>\n{to_elements(parts)}"
    return f'{_STYLE}\n<div class="ravine-document">\n{inside}\n</div>'


def to_elements(parts: Sequence[Part]) -> str:
    """Return the parts alone as HTML, for a page with a style of its own; all text in them is escaped."""
    return "\n".join(map(_html, parts))


_STYLE = """
<style>
.ravine-document {font: 15px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; color: #1f2937; max-width: 56em;
 margin: 1.5em auto; padding: 0 1em}
.ravine-document h2 {font-size: 1.2em; margin: 0 0 .4em}
.ravine-document h3 {font-size: 1.02em; margin: 1.5em 0 .3em; border-bottom: 1px solid #e5e7eb; padding-bottom: .2em}
.ravine-document p {margin: .4em 0}
.ravine-document .warning {background: #fff4d6; border-left: 4px solid #d99a00; padding: .3em .7em}
.ravine-document .wide {overflow-x: auto}
.ravine-document table {border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .5em 0}
.ravine-document th {font-weight: 600; border-bottom: 1.5px solid #1f2937}
.ravine-document th, .ravine-document td {padding: .15em 1em .15em 0; text-align: right; white-space: nowrap}
.ravine-document .key {text-align: left}
.ravine-document .equation {margin: .55em 0 .55em 1.2em}
.ravine-document .equation code, .ravine-document td:not(.key), .ravine-document .numbers {
 font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .93em}
.ravine-document math {font-size: 1.12em}
.ravine-document .remark {color: #6b7280; margin-left: 1.2em}
.ravine-document .numbers {color: #374151; margin-left: 1.2em; overflow-wrap: anywhere}
</style>"""


def _html(part: Part) -> str:
    match part:
        case Heading(text):
            return f"<h3>{html.escape(text)}</h3>"
        case Paragraph(text, warning):
            kind = ' class="warning"' if warning else ""
            return f"<p{kind}>{html.escape(text)}</p>"
        case Table(header, rows, keys):
            body = "".join(_row(cells, keys, "td") for cells in rows)
            return f'<div class="wide"><table>{_row(header, keys, "th")}{body}</table></div>'
        case Equation(text, mathml, remark, beneath):
            shown = f'<math displaystyle="true">{mathml}</math>' if mathml else f"<code>{html.escape(text)}</code>"
            said = f'<span class="remark">{html.escape(remark)}</span>' if remark else ""
            below = "".join(f'<div class="numbers">{html.escape(line)}</div>' for line in beneath)
            return f'<div class="equation">{shown}{said}{below}</div>'


def _row(cells: Sequence[str], keys: int, tag: str) -> str:
    parts = []
    for index, cell in enumerate(cells):
        kind = ' class="key"' if index < keys else ""
        parts.append(f"<{tag}{kind}>{html.escape(cell)}</{tag}>")
    return f"<tr>{''.join(parts)}</tr>"


def _lines(part: Part, width: int) -> list[str]:
    match part:
        case Heading(text):
            return [*_wrapped(text, width), "-" * min(cell_len(text), width)]
        case Paragraph(text, warning):
            return _wrapped(f"! {text}" if warning else text, width, "  " if warning else "")
        case Table():
            return _table(part, width)
        case Equation(text, _, remark, beneath):
            return _equation(text, remark, beneath, width)


def _equation(text: str, remark: str, beneath: Sequence[str], width: int) -> list[str]:
    """Return a formula with its remark to the right where there is room, else above it."""
    lines = _wrapped(text, width - 2, "    ")
    room = 44
    if remark and len(lines) == 1 and max(cell_len(text) + 2, room) + cell_len(remark) + 2 <= width:
        lines = [f"{_left(text, room)}{remark}"]
    elif remark and len(lines) == 1 and cell_len(text) + cell_len(remark) + 4 <= width:
        lines = [f"{text}{' ' * (width - 2 - cell_len(text) - cell_len(remark))}{remark}"]
    elif remark:
        lines = [*lines, *(f"    ({line})" for line in _wrapped(remark, width - 8))]
    for line in beneath:
        lines += [f"    {each}" for each in _wrapped(line, width - 6, "  ")]
    return [f"  {line}".rstrip() for line in lines]


def _table(table: Table, width: int) -> list[str]:
    """Return a table, in pieces beneath each other if it is too wide; each piece names its rows again."""
    rows = [table.header, *table.rows]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(table.header))]
    head = list(range(table.keys))
    pieces, piece = [], list(head)
    for column in range(table.keys, len(widths)):
        if len(piece) > len(head) and 2 + sum(widths[each] + _GAP for each in [*piece, column]) - _GAP > width:
            pieces.append(piece)
            piece = list(head)
        piece.append(column)
    lines: list[str] = []
    for index, columns in enumerate([*pieces, piece]):
        lines += [""] if index else []
        for row in rows:
            cells = [(_left if each < table.keys else _right)(row[each], widths[each]) for each in columns]
            lines.append(f"  {(' ' * _GAP).join(cells)}".rstrip())
    return lines


def _left(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _right(text: str, width: int) -> str:
    return " " * (width - cell_len(text)) + text


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Break a text into lines; Chinese breaks between any two characters."""
    if cell_len(text) == len(text):
        return textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False) or [""]
    lines, line = [], ""
    for word in _words(text):
        if line.strip() and cell_len(line + word.rstrip()) > width and word[0] not in _NEVER_FIRST:
            lines.append(line.rstrip())
            line = indent + word.lstrip()
        else:
            line += word
    return [*lines, line.rstrip()]


_NEVER_FIRST = "，。；：、！？）”"


def _words(text: str) -> list[str]:
    """Split where a line may break: at spaces and around wide characters."""
    words, word = [], ""
    for character in text:
        if cell_len(character) > 1:
            words += [word] if word else []
            words.append(character)
            word = ""
        else:
            word += character
            if character == " ":
                words.append(word)
                word = ""
    return [*words, word] if word else words
