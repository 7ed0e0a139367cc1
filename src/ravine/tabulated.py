"""Results as text and HTML: headlines, a table, remarks, warnings."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Protocol

from ravine.notes import Note


class Tabulated(Protocol):
    """What has a table to show."""

    @property
    def warnings(self) -> tuple[Note, ...]:
        """What the user should know."""
        ...

    def headlines(self) -> list[str]:
        """Return what it is about."""
        ...

    def table(self) -> list[list[str]]:
        """Return the header and the rows."""
        ...

    def remainder(self) -> list[str]:
        """Return remarks on the table."""
        ...


def as_text(result: Tabulated) -> str:
    """Return everything as text; the first column stands left, numbers right."""
    lines = [*result.headlines(), "", *aligned(result.table()), *result.remainder()]
    lines += ["", *(f"Warning: {note.text}" for note in result.warnings)] if result.warnings else []
    return "\n".join(lines)


def as_html(result: Tabulated) -> str:
    """Return everything as HTML."""
    head, *rest = result.headlines()
    header, *rows = result.table()
    cells = "".join(f"<th>{html.escape(cell)}</th>" for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in rows)
    above = "".join(f"<p>{html.escape(line)}</p>" for line in rest)
    below = "".join(f"<p>{html.escape(line)}</p>" for line in result.remainder())
    notes = "".join(f"<p>⚠ {html.escape(note.text)}</p>" for note in result.warnings)
    return f"<p><b>{html.escape(head)}</b></p>{above}<table><tr>{cells}</tr>{body}</table>{below}{notes}"


def aligned(table: Sequence[Sequence[str]]) -> list[str]:
    r"""Return the rows as lines with straight columns.

    Examples
    --------
    >>> print("\n".join(aligned([["name", "loss"], ["sgd", "1"]])))
    name  loss
    sgd      1
    """
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = []
    for row in table:
        first, *rest = (
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join([first, *rest]).rstrip())
    return lines
