"""The page of a race: all optimizers on one surface and over steps, evaluations and time, a marker each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ravine.plane import Surface
from ravine.raced import Entrant, Race
from ravine.run import Run
from ravine.view import plots
from ravine.view.page.content import Content, Picture, Table
from ravine.view.page.curves import model_of
from ravine.view.page.descents import descent_of
from ravine.view.page.runs import (
    Pair,
    about_surfaces,
    data_pictures,
    fainter,
    plane_of,
    planes_of,
    space_of,
    surfaces_of,
)
from ravine.view.page.tables import settings_rows
from ravine.view.palette import SERIES
from ravine.view.plots.paths import paths_on
from ravine.view.plots.races import ground_of, histories_of, rates_of
from ravine.view.scene import Dots, Line, Panel, Scene
from ravine.view.series import Series

_STARTS = 8


def content_of(race: Race, pair: Pair | None = None) -> Content:
    """Return what stands on the page of a race.

    Parameters
    ----------
    race
        Of one start or several.
    pair
        The two parameters of the first plane.
    """
    shown = range(min(race.starts, _STARTS))
    best = _lowest_run(race)
    surfaces = surfaces_of(best, pair, race.runs)
    model, remarks = model_of(best)
    pictures = _ground(race, best, surfaces)
    pictures += _data(best, bends=model is not None) if race.problem.has_data else []
    pictures += [each for start in shown for each in _histories(race, start)]
    pictures += [Picture("still", _alone(race, panel)) for panel in rates_of(race)]
    if race.starts > len(shown):
        remarks += (("some_starts", {"shown": len(shown), "all": race.starts}),)
    remarks += about_surfaces(surfaces)
    head, _, *budget = race.headlines()
    return Content(
        title=race.problem.title,
        headlines=(head, *budget),
        pictures=tuple(pictures),
        descents=_descents(race, shown, best),
        model=model,
        planes=planes_of(surfaces),
        tables=(Table("results", race.table(), 9, race.remainder()),),
        settings=settings_rows(race.problem, race.starts, race.settings),
        warnings=tuple(note.text for note in race.warnings),
        remarks=remarks,
    )


def _lowest_run(race: Race) -> Run:
    """Return the best run of the optimizer that came lowest."""
    runs = [entrant.best for entrant in race.entrants]
    losses = [run.loss if np.isfinite(run.loss) else np.inf for run in runs]
    return runs[int(np.argmin(losses))]


def _descents(race: Race, starts: range, best: Run) -> dict[str, Any]:
    return {
        "names": list(best.names),
        "best": best.best if best.best in starts else 0,
        "starts": [{"rivals": _rivals(race, start)} for start in starts],
    }


def _rivals(race: Race, start: int) -> list[dict[str, Any]]:
    """Return the descents of all optimizers from one start."""
    alone = _of_start(race, start)
    return [
        {
            **descent_of(
                entrant.best, 0, SERIES[index % len(SERIES)], number=start, more=_measures(alone, entrant.best)
            ),
            "name": entrant.name,
        }
        for index, entrant in enumerate(alone.entrants)
    ]


def _measures(alone: Race, run: Run) -> dict[str, np.ndarray]:
    """Return where a descent stands in the panels of the loss, [record] each; time in their unit."""
    seconds = alone.seconds(run)[0]
    factor = _factor_of_time(alone)
    return {"excess": alone.excess(run)[0], "evaluations": alone.evaluations(run)[0], "time": factor * seconds}


def _factor_of_time(alone: Race) -> float:
    (label,) = (panel.x.label for panel in histories_of(alone) if panel.x.label.startswith("time"))
    return 1e3 if label == "time (ms)" else 1.0


def _of_start(race: Race, start: int) -> Race:
    """Return the race from one of its starts."""
    return replace(race, entrants=tuple(_entrant_of(each, start) for each in race.entrants))


def _entrant_of(entrant: Entrant, start: int) -> Entrant:
    default = entrant.default.select(start)
    best = default if entrant.best is entrant.default else entrant.best.select(start)
    trials = None if entrant.trials is None else entrant.trials.isel(start=[start])
    return Entrant(entrant.name, default, best, trials)


# -- pictures -------------------------------------------------------------------------------------------------------


def _alone(race: Race, panel: Panel) -> Scene:
    return Scene(race.problem.title, (panel,))


def _ground(race: Race, best: Run, surfaces: Sequence[Surface]) -> list[Picture]:
    """Return surface and contours of every plane with all ways, or the way over the steps of the only parameter."""
    if len(best.names) == 1:
        curves = [Picture("line", _bare(plots.curve(best, each)), {"axes": [0]}) for each in surfaces[:1]]
        ways = [Picture("history", _alone(race, panel), {"over": "step", "column": 0}) for panel in ground_of(race)]
        return [*curves, *(replace(each, scene=fainter(each.scene)) for each in ways)]
    pictures = []
    for choice, surface in enumerate(surfaces):
        high = _high(race, best, surface)
        pictures.append(space_of(high, surface, best.names, choice))
        (panel,) = ground_of(race, surface)
        pictures.append(plane_of(_alone(race, panel), surface, best.names, choice))
    return pictures


def _high(race: Race, best: Run, surface: Surface) -> Scene:
    """Return the surface in 3-D with the ways of all optimizers at their best rates."""
    scene = plots.descent(best, surface)
    (panel,) = scene.panels
    assert panel.z is not None
    kept = [mark for mark in panel.marks if not isinstance(mark, Line | Dots) or getattr(mark, "shape", "") == "plus"]
    for index, entrant in enumerate(race.entrants):
        color = SERIES[index % len(SERIES)]
        series = [Series(entrant.best, start, color, label=entrant.name) for start in range(race.starts)]
        ways = paths_on((entrant.best,), series[:_STARTS], surface, panel.z.limits)
        kept += [replace(way, label=entrant.name if isinstance(way, Line) else "", color=color) for way in ways]  # type: ignore[call-arg]
    return replace(scene, panels=(replace(panel, marks=tuple(kept)),))


def _data(best: Run, *, bends: bool) -> list[Picture]:
    """Return the data; where the page bends a curve for each optimizer, no other curve stands there."""
    (picture,) = data_pictures(best, plots.fit(best))
    if picture.kind != "data" or not bends:
        return [picture]
    panel = picture.scene.panels[0]
    kept = tuple(mark for mark in panel.marks if not isinstance(mark, Line))
    return [replace(picture, scene=replace(picture.scene, panels=(replace(panel, marks=kept),)))]


def _bare(scene: Scene) -> Scene:
    """Return the curve over the only parameter without the points of one optimizer."""
    panel = scene.panels[0]
    lines = tuple(mark for mark in panel.marks if isinstance(mark, Line))
    return replace(scene, panels=(replace(panel, marks=lines, title="Loss over the parameter"),))


def _histories(race: Race, start: int) -> list[Picture]:
    """Return the loss of one start over steps, evaluations and time."""
    own = -1 if race.starts == 1 else start
    pictures = []
    for panel, over in zip(histories_of(_of_start(race, start)), ("step", "evaluations", "time"), strict=True):
        low = panel.y.limits[0] if panel.y.scale == "log" and panel.y.limits else None
        live = {"over": over, "column": -1, "floor": low}
        pictures.append(Picture("history", _alone(race, panel), live, start=own))
    return pictures
