"""survey: the loss on a box over one or two parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ravine import graph
from ravine.diagnosis import better_on
from ravine.errors import ProblemError
from ravine.plane import Box, Surface, extend, grid_rows
from ravine.problem import Problem
from ravine.run import Run
from ravine.starts import are_numbers

_RESOLUTION = {1: 801, 2: 201}
_MOST = 4096
_COARSE = 41
_AFFORDABLE = 4e8  # evaluations of the model at one point
_EXTENSIONS = 4


def survey(
    problem: Problem,
    box: Box | None = None,
    *,
    around: Run | Sequence[Run] | None = None,
    at: Mapping[str, float] | None = None,
    names: Sequence[str] | None = None,
    resolution: int | None = None,
    dtype: str = "float32",
) -> Surface:
    """Evaluate the loss on a regular grid over one or two parameters.

    A formula is evaluated by NumPy in pieces that fit the cache: about as fast as a graph that must first be compiled
    (``benchmarks/surface.py``), and without TensorFlow. Anything else runs as a compiled graph, in pieces too.

    Parameters
    ----------
    problem
        What to evaluate.
    box
        ``{"a": (-2, 7), "b": (-2, 7)}``: one or two parameters; None to draw it around a run.
    around
        A run, or several: the box holds their paths and best points with a margin, without what ran away, and
        reaches on to where the loss still falls.
    at
        Values of the other parameters, by flat name (default: the best end of ``around``, then the defaults).
    names
        Which one or two parameters vary (default: those of ``box``, else the first two).
    resolution
        Grid points along each side: 201, or 801 for one parameter; fewer by default over a very large table.
    dtype
        ``"float32"`` or ``"float64"``.

    Returns
    -------
    Surface
        ``loss`` [y, x] or [x].

    Raises
    ------
    ProblemError
        If names, box or resolution don't fit the problem.

    Examples
    --------
    >>> surface = survey(Problem("x**2 + y**2"), {"x": (-1, 1), "y": (-2, 2)}, resolution=5)
    >>> surface.loss.shape, surface.best
    ((5, 5), {'x': 0.0, 'y': 0.0})
    """
    runs = [] if around is None else [around] if isinstance(around, Run) else list(around)
    if runs:
        problem = runs[0].problem if problem.names != runs[0].problem.names else problem
    chosen = _names(problem, names or (list(box) if box else None))
    size = _check_resolution(_default_resolution(problem, len(chosen)) if resolution is None else resolution)
    held = _held(problem, chosen, runs, at)
    losses = _evaluation(problem, dtype)

    def on(sides: Box, size: int) -> Surface:
        axes = [np.linspace(*sides[name], size) for name in chosen]
        rows = grid_rows(problem.names, chosen, axes, held)
        return Surface.of(chosen, axes, losses(rows).reshape([size] * len(chosen)), held)

    return on(_checked(box, chosen) if box else _reaching_box(runs, chosen, on), size)


def _default_resolution(problem: Problem, sides: int) -> int:
    """Return a resolution whose survey takes seconds, not minutes, however many points the table has."""
    affordable = int((_AFFORDABLE / max(1, problem.points)) ** (1 / sides))
    return int(np.clip(affordable, _COARSE, _RESOLUTION[sides]))


def _evaluation(problem: Problem, dtype: str) -> Callable[[np.ndarray], np.ndarray]:
    if dtype not in ("float32", "float64"):
        raise ProblemError(f"dtype: expected 'float32' or 'float64', got {dtype!r}.")
    if not problem.is_readable:
        return graph.Evaluator(problem, dtype).losses
    return lambda rows: problem.losses(rows, np.dtype(dtype))


def _reaching_box(runs: Sequence[Run], chosen: Sequence[str], on: Callable[[Box, int], Surface]) -> Box:
    """Return the box around the runs, moved on while the loss still falls beyond its edge."""
    if not runs:
        raise ProblemError(f"survey: expected a box such as {{'{chosen[0]}': (-1, 1)}}, or around=run, got neither.")
    box = _box_around(runs, chosen)
    reached = min((run.loss for run in runs if np.isfinite(run.loss)), default=-np.inf)
    for _ in range(_EXTENSIONS):
        coarse = on(box, _COARSE)
        if not coarse.best_loss < reached or not coarse.best_at_edge:
            break
        box = extend(box, coarse.best_at_edge)
    return box


def with_surface(run: Run, surface: Surface | None = None) -> Run:
    """Return the run with a surface kept in it, and a warning if the surface knows a better place.

    Parameters
    ----------
    run
        A run.
    surface
        By default the one around the run.
    """
    surface = surface or survey(run.problem, around=run)
    return replace(run, surface=surface, warnings=(*run.warnings, *better_on(surface, run)))


def _names(problem: Problem, names: Sequence[str] | None) -> tuple[str, ...]:
    chosen = tuple(names) if names else problem.names[:2]
    for name in chosen:
        if name not in problem.names:
            raise ProblemError(f"survey: expected parameters among {', '.join(problem.names)}, got '{name}'.")
    if not 1 <= len(chosen) <= 2 or len(set(chosen)) != len(chosen):
        raise ProblemError(f"survey: expected one or two different parameters, got {', '.join(chosen) or 'none'}.")
    return chosen


def _box_around(runs: Sequence[Run], names: Sequence[str], margin: float = 0.15) -> Box:
    """Return a box that holds the paths of the runs with a margin, without what ran away.

    A point counts as run away when its loss is more than a hundred times its start's: one diverging path would
    otherwise blow up the picture.
    """
    points = np.concatenate([_kept_points(run, start) for run in runs for start in range(run.starts)])
    box: dict[str, tuple[float, float]] = {}
    for name in names:
        values = points[:, runs[0].names.index(name)]
        low, high = float(values.min()), float(values.max())
        width = high - low
        if width <= 1e-6 * max(abs(low), abs(high)):
            width = max(abs(low), 1.0)
            low, high = low - width / 2, high + width / 2
        box[name] = (low - margin * width, high + margin * width)
    return box


def _kept_points(run: Run, start: int) -> np.ndarray:
    path = run.path(start)
    params, loss = path["params"].values.astype(float), path["loss"].values.astype(float)
    with np.errstate(invalid="ignore"):
        kept = np.isfinite(params).all(1) & (np.abs(loss) <= 100 * max(abs(loss[0]), 1e-12))
    kept[0] = True
    return params[kept]


def _checked(box: Box, chosen: Sequence[str]) -> Box:
    for name in chosen:
        side: Any = box.get(name)
        if not are_numbers(side, 2) or not side[0] < side[1]:
            raise ProblemError(f"survey: expected (low, high) with low < high for '{name}', got {side!r}.")
    return box


def _held(
    problem: Problem, chosen: Sequence[str], runs: Sequence[Run], at: Mapping[str, float] | None
) -> dict[str, float]:
    best = min(runs, key=lambda run: run.loss if np.isfinite(run.loss) else np.inf).params if runs else {}
    known = {**problem.defaults, **best, **(at or {})}
    for name in at or {}:
        if name not in problem.names or not are_numbers([known[name]], 1):
            raise ProblemError(
                f"survey: expected at= to hold parameters ({', '.join(problem.names)}) at finite numbers, "
                f"got {known[name]!r} for '{name}'."
            )
    others = [name for name in problem.names if name not in chosen]
    missing = [name for name in others if name not in known]
    if missing:
        raise ProblemError(
            f"survey: expected values at which to hold {', '.join(others)}, got none for {', '.join(missing)}. "
            "Give at= or around=run."
        )
    return {name: float(known[name]) for name in others}


def _check_resolution(resolution: int) -> int:
    if isinstance(resolution, bool) or not isinstance(resolution, int | np.integer) or not 2 <= resolution <= _MOST:
        raise ProblemError(f"survey: expected a resolution from 2 to {_MOST}, got {resolution!r}.")
    return int(resolution)
