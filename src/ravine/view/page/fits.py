"""The page of a fit: its search as a descent, its answer as the curve, its report in full."""

from __future__ import annotations

from ravine.fitting import report
from ravine.fitting.fitted import Fit
from ravine.view import plots
from ravine.view.page.content import Content
from ravine.view.page.curves import model_of
from ravine.view.page.descents import descents_of
from ravine.view.page.runs import (
    Pair,
    about_surfaces,
    data_pictures,
    ground_pictures,
    history_pictures,
    planes_of,
    surfaces_of,
)
from ravine.view.page.tables import settings_rows


def content_of(found: Fit, pair: Pair | None = None) -> Content:
    """Return what stands on the page of a fit.

    Parameters
    ----------
    found
        The fit.
    pair
        The two parameters of the first plane.
    """
    run = found.run
    surfaces = surfaces_of(run, pair, run.select(run.best))
    model, remarks = model_of(run)
    descents = descents_of(run)
    if len(descents["starts"]) < run.starts:
        remarks += (("some_starts", {"shown": len(descents["starts"]), "all": run.starts}),)
    pictures = [*ground_pictures(run, surfaces), *data_pictures(run, plots.fit(found)), *history_pictures(run)]
    return Content(
        title=found.problem.title,
        headlines=(report.headline(found),),
        pictures=tuple(pictures),
        descents=descents,
        model=model,
        planes=planes_of(surfaces),
        settings=settings_rows(found.problem, run.starts, run.settings),
        report=report.to_html(found),
        warnings=tuple(note.text for note in found.warnings),
        remarks=remarks + about_surfaces(surfaces),
    )
