"""The page of a sweep: where descents ended over the learning rate, how, and the best rate of each optimizer."""

from __future__ import annotations

from dataclasses import replace

from ravine.errors import ProblemError
from ravine.swept import Sweep
from ravine.view import plots
from ravine.view.page.content import Content, Picture, Table
from ravine.view.page.runs import Pair
from ravine.view.page.tables import settings_rows


def content_of(found: Sweep, pair: Pair | None = None) -> Content:
    """Return what stands on the page of a sweep.

    Parameters
    ----------
    found
        Of one optimizer or several.
    pair
        None: there is no plane.

    Raises
    ------
    ProblemError
        If there is one.
    """
    if pair is not None:
        raise ProblemError(f"export: pair: expected none for a sweep, which shows no plane, got {', '.join(pair)}.")
    scene = plots.sweep(found)
    pictures = tuple(Picture("still", replace(scene, panels=(panel,))) for panel in scene.panels)
    return Content(
        title=found.problem.title,
        headlines=tuple(found.headlines()),
        pictures=pictures,
        tables=(Table("best_rates", found.table(), 7, found.remainder()),),
        settings=settings_rows(found.problem, found.starts, found.settings),
        warnings=tuple(note.text for note in found.warnings),
    )
