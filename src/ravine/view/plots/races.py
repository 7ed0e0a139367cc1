"""A race: paths on one surface, and the way down over steps, evaluations and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ravine import ranking
from ravine.errors import ProblemError
from ravine.plane import Surface
from ravine.raced import Entrant, Race
from ravine.run import Run
from ravine.view.clipping import clip_path, is_inside
from ravine.view.palette import GRAY, INK, SERIES, SHAPES, WHITE, Shape
from ravine.view.plots.legends import legend_apart
from ravine.view.plots.paths import box_of
from ravine.view.plots.surfaces import filled_contours, surface_for
from ravine.view.scales import drawable, finite, scale_of_values
from ravine.view.scene import Axis, Dots, Line, Mark, Panel, Rule, Scene
from ravine.view.series import Series, rows_of, thinned

_RECORDS = 400
_FAR_APART = 30.0  # durations beyond which only a logarithmic axis shows the short ones


@dataclass(frozen=True)
class _Ink:
    color: str
    shape: Shape
    label: str


def race(race: Race, surface: Surface | None = None, *, names: Sequence[str] | None = None) -> Scene:
    """Show a race: paths on one surface, loss over steps, over evaluations, and over time.

    Solid lines are runs at the best learning rate of the budget that the subtitle states, faint dashed ones those at
    the default; one panel shows what every learning rate that was tried came to. The loss is drawn as what is left
    above the lowest that anybody reached; with several starts the median. The thin rule marks where a millionth of the
    way is left, and a shape who stays below it from there on.

    Parameters
    ----------
    race
        Of one start or several.
    surface
        The loss over two parameters; surveyed around the runs if not given.
    names
        With more than two parameters: those two over which paths are shown; none by default. With one parameter its
        way over the steps is shown instead.

    Raises
    ------
    ProblemError
        If the surface is over other parameters than the race's.
    """
    panels = [*ground_of(race, surface, names), *histories_of(race), *rates_of(race)]
    return Scene(race.problem.title, legend_apart(panels), _subtitle(race), columns=3)


def ground_of(race: Race, surface: Surface | None = None, names: Sequence[str] | None = None) -> list[Panel]:
    """Return the panel of the paths from above, of one parameter that of its way over the steps; none without either.

    Parameters are those of `race`.
    """
    inks = _inks_of(race)
    if len(race.entrants[0].default.names) == 1:
        return [_way(race, inks)]
    return [_paths(race, inks, surface, names)] if _has_paths(race, surface, names) else []


def histories_of(race: Race) -> list[Panel]:
    """Return the panels of the loss over steps, over evaluations and over time."""
    inks = _inks_of(race)
    return [_history(race, inks, over) for over in ("step", "evaluations", "time")]


def rates_of(race: Race) -> list[Panel]:
    """Return the panel of what every learning rate came to; none if no optimizer has one."""
    return [_tried(race, _inks_of(race))] if any(entrant.has_rate for entrant in race.entrants) else []


def _inks_of(race: Race) -> dict[str, _Ink]:
    return {entrant.name: _ink_of(index, entrant) for index, entrant in enumerate(race.entrants)}


def _ink_of(index: int, entrant: Entrant) -> _Ink:
    label = f"{entrant.name} {_rate_of(entrant.best):.2g}" if entrant.has_rate else entrant.name
    return _Ink(SERIES[index % len(SERIES)], SHAPES[(index + index // len(SERIES)) % len(SHAPES)], label)


def _subtitle(race: Race) -> str:
    starts = f"median of {race.starts} starts, " if race.starts > 1 else ""
    words = f"{starts}at most {race.settings['steps']} steps"
    if any(entrant.has_rate for entrant in race.entrants):
        words += f". Solid: best {race.search}; dashed: default."
    return words


def _history(race: Race, inks: dict[str, _Ink], over: str) -> Panel:
    """Return the panel of the loss that is left over steps, evaluations or time."""
    near = float(np.nanmedian(race.tolerance)) if np.isfinite(race.tolerance).any() else 0.0
    longest = max(float(race.seconds(run).max()) for run in race.runs)
    unit, factor = ("ms", 1e3) if longest < 2 else ("s", 1.0)
    faint: list[Mark] = []
    solid: list[Mark] = []
    for entrant in race.entrants:
        ink = inks[entrant.name]
        for run in entrant.runs.values():
            at = factor * race.seconds(run) if over == "time" else _counts(race, run, over)
            x, y = _median_over_starts(at, race.excess(run), race, run)
            is_best = run is entrant.best
            (solid if is_best else faint).append(_line(x, y, ink, is_best=is_best))
            solid += _arrival(race, run, at, near, ink) if is_best else []
    y_axis = _axis_of_excess(race, near)
    label = f"time ({unit})" if over == "time" else over
    scale = "log" if over == "time" and _spans(race) else "linear"
    marks = [_positive(mark) for mark in (*faint, *solid)] if scale == "log" else [*faint, *solid]
    rule = [Rule(near, color=GRAY, width=0.8)] if y_axis.scale == "log" else []
    x_axis = Axis(label, scale, whole=over != "time")
    return Panel(x_axis, y_axis, (*rule, *marks), title=f"Loss over {'steps' if over == 'step' else over}")


def _line(x: np.ndarray, y: np.ndarray, ink: _Ink, *, is_best: bool) -> Line:
    if is_best:
        return Line(x, y, color=ink.color, width=2.2, label=ink.label)
    return Line(x, y, color=ink.color, width=1.2, dash="dashed", opacity=0.55)


def _counts(race: Race, run: Run, over: str) -> np.ndarray:
    if over == "evaluations":
        return race.evaluations(run)
    return np.minimum(run.dataset["step"].values, run.dataset["steps_taken"].values[:, None]).astype(float)


def _median_over_starts(at: np.ndarray, excess: np.ndarray, race: Race, run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Return places [point] and the median of what is left there, from both [start, step]."""
    excess = np.where(np.isfinite(excess), excess, np.inf)
    if race.starts == 1:
        own = run.recorded(0)
        x, y = at[0, :own], excess[0, :own]
    else:
        x = np.unique(at)
        rows = (each[np.searchsorted(where, x, side="right") - 1] for where, each in zip(at, excess, strict=True))
        y = ranking.middle(np.stack(list(rows), axis=1))
    x, y = thinned(np.column_stack([x, y]), _RECORDS).T
    return x, drawable(y)


def _arrival(race: Race, run: Run, at: np.ndarray, near: float, ink: _Ink) -> list[Mark]:
    """Return a mark on the rule where half of the starts have arrived."""
    arrival = race.arrival(run)
    when = ranking.middle(np.where(arrival >= 0, at[np.arange(len(at)), arrival], np.inf))
    if not np.isfinite(when):
        return []
    place = np.array([when]), np.array([near])
    return [Dots(*place, color=ink.color, size=9.0, shape=ink.shape, halo=True, label=ink.label)]


def _axis_of_excess(race: Race, near: float) -> Axis:
    begin = race.excess(race.entrants[0].default)[:, 0]
    most = ranking.middle(begin)
    label = "loss − lowest found"
    if not (np.isfinite(most) and most > 0 and near > 0):
        return Axis(label)
    return Axis(label, "log", (near / 30, 5 * float(most)))


def _spans(race: Race) -> bool:
    """Tell whether the best runs took times of different orders."""
    took = [float(entrant.best.settings["seconds"]) for entrant in race.entrants]
    return max(took) > _FAR_APART * max(min(took), 1e-9)


def _positive(mark: Mark) -> Mark:
    """Return a line without what a logarithmic axis can't show: the very start."""
    if not isinstance(mark, Line):
        return mark
    kept = mark.x > 0
    return replace(mark, x=mark.x[kept], y=mark.y[kept])


def _tried(race: Race, inks: dict[str, _Ink]) -> Panel:
    """Return the panel of what every learning rate came to; a shape marks the best."""
    near = float(np.nanmedian(race.tolerance)) if np.isfinite(race.tolerance).any() else 0.0
    y_axis = _axis_of_excess(race, near)
    low = y_axis.limits[0] if y_axis.limits else -np.inf
    lines: list[Mark] = []
    dots: list[Mark] = []
    for entrant in race.entrants:
        if entrant.trials is None:
            continue
        ink, rates = inks[entrant.name], entrant.trials["rate"].values
        failed = np.isin(entrant.trials["status"].values, ["diverged", "not_finite"])
        loss = np.where(failed, np.inf, entrant.trials["loss"].values.astype(float) - race.lowest)
        y = np.maximum(drawable(ranking.middle(loss)), 2 * low)
        lines.append(Line(rates, y, color=ink.color, width=1.6, label=ink.label))
        best = int(np.argmin(np.abs(rates - _rate_of(entrant.best))))
        dots.append(Dots(rates[[best]], y[[best]], color=ink.color, size=9.0, shape=ink.shape, halo=True))
    rule = [Rule(near, color=GRAY, width=0.8)] if y_axis.scale == "log" else []
    return Panel(Axis("learning rate", "log"), y_axis, (*rule, *lines, *dots), title="Learning rates tried")


def _rate_of(run: Run) -> float:
    return float(run.dataset["learning_rate"].values[0, 0])


def _way(race: Race, inks: dict[str, _Ink]) -> Panel:
    """Return the panel of the only parameter over the steps."""
    marks: list[Mark] = []
    for entrant in race.entrants:
        ink = inks[entrant.name]
        for run in reversed(entrant.runs.values()):
            is_best = run is entrant.best
            for start in range(race.starts):
                rows = thinned(rows_of(Series(run, start)), _RECORDS)
                marks.append(_line(rows[:, 0], drawable(rows[:, 2]), ink, is_best=is_best))
    name = race.entrants[0].default.names[0]
    values = np.concatenate([finite(mark.y) for mark in marks if isinstance(mark, Line) and mark.label])
    room = 0.1 * float(np.ptp(values)) if values.size else 0.0
    limits = (float(values.min()) - room, float(values.max()) + room) if room > 0 else None
    scale = scale_of_values(values)
    y = Axis(name, scale, limits if scale == "linear" else None)
    return Panel(Axis("step", whole=True), y, tuple(marks), title=f"{name} over steps")


def _has_paths(race: Race, surface: Surface | None, names: Sequence[str] | None) -> bool:
    known = race.entrants[0].default.names
    if names is not None and (len(names) != 2 or any(name not in known for name in names)):
        raise ProblemError(f"plots.race: expected two of the parameters {', '.join(known)}, got {', '.join(names)}.")
    wanted = surface is not None or names is not None or len(known) == 2
    return wanted and (surface is not None or race.problem.is_callable)


def _paths(race: Race, inks: dict[str, _Ink], surface: Surface | None, names: Sequence[str] | None) -> Panel:
    """Return the panel of the surface from above with the paths of the best runs; of one start the default ones too."""
    if surface is None and names is not None:
        from ravine.surface import survey

        surface = survey(race.problem, around=race.runs, names=names)
    surface = surface_for(race.runs, surface, "plots.race")
    marks: list[Mark] = filled_contours(surface, race.runs[0])
    for entrant in race.entrants:
        for run in reversed(entrant.runs.values()):
            if run is entrant.best or race.starts == 1:
                marks += _ways_on(surface, run, inks[entrant.name], is_best=run is entrant.best)
    begins = np.array([_rows(race.runs[0], start, surface)[0] for start in range(race.starts)])
    begins = begins[is_inside(begins, box_of(surface))]
    marks.append(Dots(begins[:, 0], begins[:, 1], color=INK, size=10.0, halo=True, label="start"))
    x_axis, y_axis = (Axis(name, limits=limits) for name, limits in zip(surface.names, box_of(surface), strict=True))
    return Panel(x_axis, y_axis, tuple(marks), title="Ways down")


def _ways_on(surface: Surface, run: Run, ink: _Ink, *, is_best: bool) -> list[Mark]:
    marks: list[Mark] = []
    for start in range(run.starts):
        rows = _rows(run, start, surface)
        shown = clip_path(rows, box_of(surface))
        label = ink.label if is_best else ""
        if len(shown) > 1 and is_best:
            hover = {"step": shown[:, 2]}
            path = Line(shown[:, 0], shown[:, 1], color=ink.color, width=2.0, halo=True, label=label, hover=hover)
            marks.append(path)
        elif len(shown) > 1:
            ink_of_default = {"color": WHITE, "width": 1.6, "dash": "dashed", "opacity": 0.8}
            marks.append(Line(shown[:, 0], shown[:, 1], hover={"step": shown[:, 2]}, **ink_of_default))
        if is_best and is_inside(rows[-1:], box_of(surface))[0]:
            end = {
                "color": ink.color,
                "shape": ink.shape,
                "halo": True,
                "label": label,
                "hover": {"step": rows[-1:, 2]},
            }
            marks.append(Dots(rows[-1:, 0], rows[-1:, 1], size=9.0, **end))
    return marks


def _rows(run: Run, start: int, surface: Surface) -> np.ndarray:
    """Return the way of one start over the parameters of the surface, and the steps, [record, 3]."""
    columns = [run.names.index(name) for name in surface.names]
    return drawable(rows_of(Series(run, start), columns)[:, [2, 3, 0]])
