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


def _surfaces(run: Run, surface: Surface | None) -> list[Scene]:
    """Return the surface and its contours, a curve for one parameter, nothing if the loss can't be evaluated."""
    if surface is None and run.surface is None and not run.problem.is_callable:
        return []
    surface = surface_for((run,), surface, "plots.summary")
    return [curve(run, surface)] if len(surface.names) == 1 else [descent(run, surface), contour(run, surface)]


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
    scenes = _surfaces(run, surface)
    scenes = [*scenes[:1], fit(run)] if run.problem.has_data else scenes
    scenes += [loss(run), params(run, together=True)]
    page = arrange(*scenes, title=run.problem.title, subtitle=subtitle_of((run,)))
    return dataclasses.replace(page, columns=3) if len(scenes) == 3 else dataclasses.replace(page, heights=(1.6, 1.0))
