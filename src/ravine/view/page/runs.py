"""The page of a run."""

from __future__ import annotations

import html
import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ravine.errors import ProblemError, did_you_mean
from ravine.plane import Surface
from ravine.run import Run
from ravine.view import plots
from ravine.view.page.content import Content, Picture, Said
from ravine.view.page.curves import model_of
from ravine.view.page.descents import descents_of
from ravine.view.page.tables import settings_rows
from ravine.view.page.updates import update_of
from ravine.view.plots.histories import most_moved
from ravine.view.plots.inputs import only_input
from ravine.view.scene import Dots, Field, Line, Mark, Scene

_PAIRS = 6
_FINE, _COARSE = 161, 81
_TOGETHER = 8
_FAINT = 0.65

Pair = tuple[str, str]


def content_of(run: Run, pair: Pair | None = None) -> Content:
    """Return what stands on the page of a run.

    Parameters
    ----------
    run
        One start or many.
    pair
        The two parameters of the first plane.
    """
    surfaces = surfaces_of(run, pair)
    model, remarks = model_of(run)
    pictures = [*ground_pictures(run, surfaces)]
    pictures += data_pictures(run, plots.fit(run)) if run.problem.has_data else []
    pictures += history_pictures(run)
    descents = descents_of(run)
    if len(descents["starts"]) < run.starts:
        remarks += (("some_starts", {"shown": len(descents["starts"]), "all": run.starts}),)
    remarks += about_surfaces(surfaces)
    return Content(
        title=run.problem.title,
        headlines=tuple(run.headlines()[:1]),
        pictures=tuple(pictures),
        descents=descents,
        model=model,
        update=update_of(run),
        planes=planes_of(surfaces),
        settings=settings_rows(run.problem, run.starts, run.settings),
        report=f'<pre tabindex="0">{html.escape(repr(run))}</pre>',
        warnings=tuple(note.text for note in run.warnings),
        remarks=tuple(remarks),
    )


def surfaces_of(run: Run, pair: Pair | None, around: Run | Sequence[Run] | None = None) -> list[Surface]:
    """Return the loss over the planes to choose from, the first one first; none if it can't be evaluated."""
    pairs = _pairs(run, pair)
    kept = run.surface
    if kept is not None and (not run.problem.is_callable or (tuple(kept.names) == pairs[0] and len(pairs) == 1)):
        return [_thinned(kept)]
    if not run.problem.is_callable:
        return []
    from ravine.surface import survey

    size = 801 if len(pairs[0]) == 1 else _FINE if len(pairs) == 1 else _COARSE
    return [survey(run.problem, around=around or run, names=each, resolution=size) for each in pairs]


def planes_of(surfaces: Sequence[Surface]) -> tuple[str, ...]:
    """Return the names of the planes, empty if there is no choice."""
    return tuple(", ".join(each.names) for each in surfaces) if len(surfaces) > 1 else ()


def about_surfaces(surfaces: Sequence[Surface]) -> tuple[Said, ...]:
    """Return what the page has to say of its surfaces: that there is none, or that others are slices."""
    if not surfaces:
        return (("no_surface", {}),)
    return (("slice", {}),) if any(each.held for each in surfaces) and len(surfaces[0].names) == 2 else ()


def ground_pictures(run: Run, surfaces: Sequence[Surface]) -> list[Picture]:
    """Return surface and contours of every plane, or the curve over the only parameter."""
    pictures = []
    for choice, surface in enumerate(surfaces):
        index = [run.names.index(name) for name in surface.names]
        if len(index) == 1:
            return [Picture("line", plots.curve(run, surface), {"axes": index})]
        pictures.append(space_of(plots.descent(run, surface), surface, run.names, choice))
        pictures.append(plane_of(plots.contour(run, surface), surface, run.names, choice))
    return pictures


def space_of(scene: Scene, surface: Surface, names: Sequence[str], choice: int) -> Picture:
    """Return a surface in 3-D, its paths faint."""
    axes = [names.index(name) for name in surface.names]
    return Picture("space", fainter(scene), {"axes": axes, **_heights(scene)}, choice)


def plane_of(scene: Scene, surface: Surface, names: Sequence[str], choice: int) -> Picture:
    """Return a surface from above, its paths faint."""
    scene = fainter(scene)
    axes = [names.index(name) for name in surface.names]
    levels = next((mark.scale.levels for mark in scene.panels[0].marks if isinstance(mark, Field)), ())
    return Picture("plane", scene, {"axes": axes, "levels": list(levels), "held": dict(surface.held)}, choice)


def data_pictures(run: Run, scene: Scene) -> list[Picture]:
    """Return the data with the curve, or what is predicted over what was observed."""
    kind = "data" if run.problem.is_callable and only_input(run) is not None else "against"
    return [Picture(kind, scene)]


def history_pictures(run: Run) -> list[Picture]:
    """Return loss and parameters over steps."""
    losses, params = plots.loss(run), plots.params(run, together=True)
    panel = params.panels[0]
    if run.starts > 1 and len(run.names) <= _TOGETHER:  # the page shows those of any start
        panel = replace(panel, title="Parameters over steps")
    params = replace(params, panels=(panel,))
    labels = [getattr(mark, "label", "") or panel.y.label for mark in panel.marks]
    columns = [run.names.index(label) for label in labels if label in run.names]
    return [
        Picture("history", losses, {"columns": [-1], "scale": losses.panels[0].y.scale}),
        Picture("history", params, {"columns": columns, "scale": panel.y.scale, "follows": True}),
    ]


def _pairs(run: Run, pair: Pair | None) -> list[tuple[str, ...]]:
    """Return the planes to choose from: the wanted one, then those of the parameters that moved most."""
    if pair is not None:
        _check(pair, run)
    if len(run.names) < 3:
        return [pair or tuple(run.names)]
    moved = most_moved(run, 4)
    others = list(itertools.combinations([run.names[index] for index in moved], 2))
    first = [pair] if pair else [others[0]]
    return [*first, *(each for each in others if set(each) != set(first[0]))][:_PAIRS]


def _check(pair: Sequence[str], run: Run) -> None:
    for name in pair:
        if name not in run.names:
            known = ", ".join(run.names)
            raise ProblemError(
                f"export: pair: expected two of the parameters {known}, got '{name}'.{did_you_mean(name, run.names)}"
            )
    if len(pair) != 2 or pair[0] == pair[1]:
        raise ProblemError(f"export: pair: expected two different parameters, got {', '.join(pair) or 'none'}.")


def _thinned(surface: Surface) -> Surface:
    """Return a surface with at most as many points as a page should carry."""
    if surface.loss.ndim == 1 or max(surface.loss.shape) <= 201:
        return surface
    rows, columns = (np.linspace(0, size - 1, min(size, 201)).round().astype(int) for size in surface.loss.shape)
    return replace(surface, dataset=surface.dataset.isel(y=rows, x=columns))


def _heights(scene: Scene) -> dict[str, Any]:
    height = scene.panels[0].z
    assert height is not None
    assert height.limits is not None
    lift = max(getattr(mark, "lift", 0.0) for mark in scene.panels[0].marks)
    return {"low": height.limits[0], "high": height.limits[1], "log": height.scale == "log", "lift": lift}


def fainter(scene: Scene) -> Scene:
    """Return the scene with its paths faint: the one that is being walked stands out."""
    panel = scene.panels[0]
    return replace(scene, panels=(replace(panel, marks=tuple(map(_faint, panel.marks))),))


def _faint(mark: Mark) -> Mark:
    if isinstance(mark, Line):
        return replace(mark, halo=False, opacity=_FAINT * mark.opacity, width=0.8 * mark.width)
    if isinstance(mark, Dots) and mark.shape in ("circle", "diamond") and mark.size > 8:
        return replace(mark, size=0.7 * mark.size)
    return mark
