"""Several pictures on one page."""

from __future__ import annotations

import dataclasses

from ravine.errors import ProblemError
from ravine.plane import Surface
from ravine.run import Run
from ravine.view.plots.answers import fit
from ravine.view.plots.histories import loss, params
from ravine.view.plots.surfaces import contour, curve, descent, surface_for
from ravine.view.scene import Scene
from ravine.view.series import subtitle_of


def arrange(*scenes: Scene, title: str = "", subtitle: str = "", columns: int = 2) -> Scene:
    """Put the first panel of each scene on one page.

    Parameters
    ----------
    scenes
        At least one.
    title, subtitle
        Of the page.
    columns
        Number of panels in a row.

    Raises
    ------
    ProblemError
        If there is no scene.

    Examples
    --------
    >>> from ravine.view.scene import Axis, Panel
    >>> one = Scene("one", (Panel(Axis("x"), Axis("y"), ()),))
    >>> len(arrange(one, one, one, title="three", columns=3).panels)
    3
    """
    if not scenes:
        raise ProblemError("plots.arrange: expected at least one scene, got none.")
    return Scene(title, tuple(scene.panels[0] for scene in scenes), subtitle, columns)


def summary(run: Run, surface: Surface | None = None) -> Scene:
    """Show a run on one page: loss surface with path, data and fit, loss over steps, parameters over steps.

    Without a table the second panel is the surface from above; with one parameter the first one is a curve.

    Parameters
    ----------
    run
        One start or many.
    surface
        The loss over one or two parameters; surveyed around the run if not given.
    """
    surface = surface_for((run,), surface, "plots.summary")
    flat = len(surface.names) == 1
    scenes = [curve(run, surface) if flat else descent(run, surface)]
    scenes += [fit(run)] if run.problem.has_data else [] if flat else [contour(run, surface)]
    scenes += [loss(run), params(run, together=True)]
    page = arrange(*scenes, title=run.problem.title, subtitle=subtitle_of((run,)))
    return dataclasses.replace(page, columns=3) if len(scenes) == 3 else dataclasses.replace(page, heights=(1.6, 1.0))
