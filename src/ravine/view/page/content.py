"""Content: what stands on a page, before it is HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ravine.view.scene import Scene

Kind = Literal["space", "plane", "line", "history", "data", "against", "map", "still"]

Said = tuple[str, Mapping[str, object]]
"""A key of the page's words, and the values to fill in."""


@dataclass(frozen=True)
class Picture:
    """A panel of the page.

    Parameters
    ----------
    kind
        How it lives: ``space`` (surface in 3-D), ``plane`` (from above), ``line`` (loss over one parameter),
        ``history`` (over steps), ``data`` (data and curve), ``against`` (predicted over observed), ``map`` (wide, told
        by a pointer), or ``still``.
    scene
        What is drawn, its first panel only.
    live
        What the script needs to move in it.
    choice
        Which of several planes it belongs to, -1 for all.
    start
        Which of several starts it belongs to, -1 for all.
    """

    kind: Kind
    scene: Scene
    live: Mapping[str, Any] = field(default_factory=dict)
    choice: int = -1
    start: int = -1


@dataclass(frozen=True)
class Table:
    """A table of the page.

    Parameters
    ----------
    title
        A key of the page's words.
    rows
        Cells, a header first.
    words
        How many of the first headings may be words of the page; the others are names.
    remarks
        Lines under it, in English.
    """

    title: str
    rows: Sequence[Sequence[str]]
    words: int
    remarks: Sequence[str] = ()


@dataclass(frozen=True)
class Content:
    """What stands on a page.

    Parameters
    ----------
    title
        The formula.
    headlines
        How it went, in a sentence or two.
    pictures
        The panels, in order.
    descents
        Every recorded step of the starts on the page, of a race those of every optimizer; None for a result without
        steps.
    model
        The formula as a program with its inputs; None if the page can't evaluate it.
    update
        What the page needs to take the present step apart; None if it doesn't.
    planes
        Names of the planes to choose from.
    tables
        What the result comes to, cell by cell.
    settings
        Rows of the table of settings: a key of the page's words or a name, and a value.
    report
        HTML, escaped; empty if the tables say all.
    warnings
        Sentences.
    remarks
        What the page itself has to say.
    """

    title: str
    headlines: tuple[str, ...]
    pictures: tuple[Picture, ...]
    descents: Mapping[str, Any] | None = None
    model: Mapping[str, Any] | None = None
    update: Mapping[str, Any] | None = None
    planes: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    report: str = ""
    warnings: tuple[str, ...] = ()
    remarks: tuple[Said, ...] = ()
