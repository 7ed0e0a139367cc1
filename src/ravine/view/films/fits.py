"""The film of a fit: the search from many starts, the valley it finds, and the curve with its band."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ravine.fitting.fitted import Fit
from ravine.run import Run
from ravine.view import plots
from ravine.view.film import Film, Place
from ravine.view.films.descents import MOST_STARTS, few_starts, last_recorded, moving_curve, params_at, without_labels
from ravine.view.moments import moments_of
from ravine.view.palette import GRAY
from ravine.view.plots.curves import predict
from ravine.view.plots.inputs import grid_over, groups_of, only_input
from ravine.view.scene import Dots, Line, Mark, Panel, Ribbon, Scene

_LAST_ACT = 0.25  # of the frames: from the search's best end to the answer, and the band
_TOLD = 3

Moving = dict[int, Callable[[float], Mark]]
"""How marks of a panel look at a moment, by their place."""


def fit(found: Fit, frames: int) -> Film:
    """Return the film of a fit."""
    few = few_starts(found.run, MOST_STARTS)
    search = moments_of((found.run,), max(1, int(frames * (1 - _LAST_ACT))))
    answer = search[-1] + np.linspace(0, 1, max(2, frames - search.size + 1))[1:]
    last = float(search[-1])
    scenes: list[tuple[Panel, Moving]] = [*_valleys(found, last), *_data(found, few, last)]
    scenes.append((without_labels(plots.loss(few).panels[0]), {}))
    if len(scenes) == 1:
        scenes.append((plots.params(few, together=True).panels[0], {}))
    panels = tuple(panel for panel, _ in scenes)
    redrawn: dict[Place, Callable[[float], Mark]] = {}
    for index, (_, moving) in enumerate(scenes):
        redrawn |= {(index, place): mark for place, mark in moving.items()}
    starts = f"{found.run.starts:,} start{'' if found.run.starts == 1 else 's'}"
    scene = Scene(found.problem.title, panels, f"fit from {starts}")
    return Film(scene, np.concatenate([search, answer]), _teller(found, last), redrawn)


def _valleys(found: Fit, last: float) -> list[tuple[Panel, Moving]]:
    """Return the panel of the ways into the valleys, if there are one or two free parameters."""
    if len(found.free) not in (1, 2) or not found.run.problem.is_callable:
        return []
    panel = without_labels(plots.valleys(found).panels[0])
    bottoms = {
        place: mark for place, mark in enumerate(panel.marks) if isinstance(mark, Dots) and mark.shape == "diamond"
    }
    return [(panel, {place: _once_found(mark, last) for place, mark in bottoms.items()})]


def _once_found(mark: Dots, last: float) -> Callable[[float], Mark]:
    """Return dots that appear when the search has ended."""
    nothing = np.empty(0)
    return lambda now: mark if now >= last else replace(mark, x=nothing, y=nothing, hover={})


def _data(found: Fit, few: Run, last: float) -> list[tuple[Panel, Moving]]:
    """Return the panel of the data, of the starts' curves and that of the best so far, if there is one curve."""
    run = found.run
    if not run.problem.is_callable or only_input(run) is None or len(groups_of(run)) > 1:
        return []
    panel = without_labels(plots.fit(found).panels[0])
    answer = next(mark for mark in reversed(panel.marks) if isinstance(mark, Line))
    bands = [mark for mark in panel.marks if isinstance(mark, Ribbon)]
    data = [mark for mark in panel.marks if not isinstance(mark, Line | Ribbon)]
    others = [Line(answer.x, answer.y, color=GRAY, width=1.0, opacity=0.6)] * few.starts
    moving: list[Callable[[float], Mark]] = [_band(band, last) for band in bands]
    moving += [moving_curve(few, start, line) for start, line in enumerate(others)]
    moving.append(_best_curve(found, answer, last))
    marks = (*data, *bands, *others, answer)
    panel = replace(panel, marks=marks, title="Data, all starts and the best so far")
    return [(panel, dict(enumerate(moving, start=len(data))))]


def _best_curve(found: Fit, answer: Line, last: float) -> Callable[[float], Mark]:
    run = found.run
    name = only_input(run)
    assert name is not None
    _, columns = grid_over(run, name)

    def curve(now: float) -> Mark:
        share = min(1.0, max(0.0, now - last) / 0.4)
        best = predict(run, params_at(run, _best_at(run, now), now), columns)
        return answer if share == 1 else replace(answer, y=best + share * (answer.y - best))

    return curve


def _band(band: Ribbon, last: float) -> Callable[[float], Mark]:
    """Return a band that appears when the curve stands."""
    return lambda now: (
        band if now >= last + 1 else replace(band, opacity=band.opacity * max(0.0, now - last - 0.4) / 0.6)
    )


def _best_at(run: Run, now: float) -> int:
    """Return the start with the lowest loss at the last record up to a moment."""
    record = int(np.searchsorted(run.dataset["step"].values, now + 1e-9, side="right")) - 1
    loss = run.dataset["loss"].values[:, record]
    return int(np.argmin(np.where(np.isfinite(loss), loss, np.inf)))


def _teller(found: Fit, last: float) -> Callable[[float], tuple[str, ...]]:
    """Return what is written above each frame: the step and the best so far, then the answer with its errors."""
    names = found.free[:_TOLD]

    def tell(now: float) -> tuple[str, ...]:
        if now > last:
            values = [f"{name} = {found.params[name].value:.4g} ± {found.params[name].stderr:.1g}" for name in names]
            return ("answer", f"Σr² {found.loss:.4g}", *values)
        best = _best_at(found.run, now)
        record = int(np.searchsorted(found.run.dataset["step"].values, now + 1e-9, side="right")) - 1
        loss = found.run.dataset["loss"].values[best, record]
        step = last_recorded(found.run, now)
        at = params_at(found.run, best, step)
        values = [f"{name} = {at[name]:.4g}" for name in names]
        return (f"search, step {step:,}", f"Σr² {loss:.4g}", *values)

    return tell
