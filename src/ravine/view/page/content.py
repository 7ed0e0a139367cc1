"""Content: what stands on a page, before it is HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ravine.view.scene import Scene

Kind = Literal["space", "plane", "line", "history", "data", "against", "still"]

Said = tuple[str, Mapping[str, object]]
"""A key of the page's words, and the values to fill in."""


@dataclass(frozen=True)
class Picture:
    """A panel of the page.

    Parameters
    ----------
    kind
        How it lives: ``space`` (surface in 3-D), ``plane`` (from above), ``line`` (loss over one parameter),
        ``history`` (over steps), ``data`` (data and curve), ``against`` (predicted over observed), or ``still``.
    scene
        What is drawn, its first panel only.
    live
        What the script needs to move in it.
    choice
        Which of several planes it belongs to, -1 for all.
    """

    kind: Kind
    scene: Scene
    live: Mapping[str, Any] = field(default_factory=dict)
    choice: int = -1


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
        Every recorded step of the starts on the page; None for a result without steps.
    model
        The formula as a program with its inputs; None if the page can't evaluate it.
    planes
        Names of the planes to choose from.
    settings
        Rows of the table of settings: a key of the page's words or a name, and a value.
    report
        HTML, escaped.
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
    planes: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    report: str = ""
    warnings: tuple[str, ...] = ()
    remarks: tuple[Said, ...] = ()
