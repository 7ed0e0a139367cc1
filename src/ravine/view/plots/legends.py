"""One legend for many small panels, in a gap between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ravine.view.scene import Area, Axis, Dots, Line, Mark, Panel


def legend_apart(panels: Sequence[Panel]) -> tuple[Panel, ...]:
    """Return the panels without legends, and after them one that is nothing but the legend of the fullest.

    Examples
    --------
    >>> one = Panel(Axis("x"), Axis("y"), (Line([0, 1], [2, 3], label="way"),))
    >>> first, legend = legend_apart([one])
    >>> first.marks[0].label, legend.marks[0].label, legend.blank
    ('', 'way', True)
    """
    fullest = max(panels, key=lambda panel: len(panel.marks))
    explained = tuple(_without_points(mark) for mark in fullest.marks if getattr(mark, "label", ""))
    quiet = [replace(panel, marks=tuple(map(_without_label, panel.marks))) for panel in panels]
    title = " " if all(panel.title for panel in panels) else ""  # titles are shown if every panel has one
    return (*quiet, Panel(Axis(), Axis(), explained, title=title, blank=True))


def _without_label(mark: Mark) -> Mark:
    return replace(mark, label="") if isinstance(mark, Area | Line | Dots) else mark


def _without_points(mark: Mark) -> Mark:
    """Return what a legend needs of a mark."""
    nothing = np.empty(0)
    return (
        replace(mark, x=nothing, y=nothing, hover={})
        if isinstance(mark, Line | Dots)
        else (replace(mark, x=nothing, y=nothing) if isinstance(mark, Area) else mark)
    )
