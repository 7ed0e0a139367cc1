"""The film of a race: all entrants at once, on the loss from above and over the steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ravine.raced import Race
from ravine.view import plots
from ravine.view.film import Film
from ravine.view.films.descents import loss_at
from ravine.view.moments import moments_of
from ravine.view.scene import Panel, Scene
from ravine.view.series import Series

_TOLD = 5


def race(race: Race, frames: int) -> Film:
    """Return the film of a race."""
    drawn = plots.race(race).panels
    ways = [panel for panel in drawn if panel.title == "Ways down" or panel.title.endswith(" over steps")]
    legend = [replace(panel, title=" ") for panel in drawn if panel.blank]
    scene = Scene(race.problem.title, (*ways, *legend), heights=(2.4, 1.0) if len(ways) > 1 else ())
    bests = [entrant.best for entrant in race.entrants]
    return Film(_whole(scene), moments_of(bests, frames), _teller(race))


def _whole(scene: Scene) -> Scene:
    """Return the scene with axes of steps that hold all of them from the first frame on."""
    return replace(scene, panels=tuple(map(_with_steps, scene.panels)))


def _with_steps(panel: Panel) -> Panel:
    if panel.x.label != "step":
        return panel
    last = max(float(np.max(mark.x, initial=0.0)) for mark in panel.marks if hasattr(mark, "x"))  # type: ignore[attr-defined]
    return replace(panel, x=replace(panel.x, limits=(-0.03 * last, 1.03 * max(last, 1.0))))


def _teller(race: Race) -> Callable[[float], tuple[str, ...]]:
    """Return what is written above each frame: the step and the loss of each entrant."""
    entrants = [(entrant.name, Series(entrant.best, entrant.best.best)) for entrant in race.entrants[:_TOLD]]

    def tell(now: float) -> tuple[str, ...]:
        return (f"step {int(now + 1e-9):,}", *(f"{name} {loss_at(way, now):.3g}" for name, way in entrants))

    return tell
