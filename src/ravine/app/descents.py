"""Descents: a state becomes runs and the surface under them."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ravine import starts as places
from ravine.app import gallery, quotas
from ravine.app.sources import Own, Values
from ravine.app.state import State
from ravine.errors import FormulaError, ProblemError
from ravine.formula import Formula
from ravine.formula.tree import walk
from ravine.loop import descend
from ravine.plane import Surface
from ravine.problem import Problem
from ravine.run import Run, Status
from ravine.settings import Intermediate
from ravine.surface import survey

_AFFORDABLE = 3e6  # evaluations of the formula at one point, of one surface
_RESOLUTION = {1: (201, 801), 2: (41, 121)}
_HEAVY = 1e7  # evaluations from which on a descent is asked between steps whether to go on
_KEPT_SURFACES = 32

Check = Callable[[], None]
"""Raises when nobody waits for the answer any more."""


class Abandoned(Exception):
    """Nobody waits for the answer any more, or it took too long."""


@dataclass(frozen=True)
class Seen:
    """A state with all that was left open filled in, and what was computed for it."""

    state: State
    problem: Problem
    runs: tuple[Run, ...]
    surface: Surface


def see(state: State, check: Check = lambda: None) -> Seen:
    """Descend with all optimizers from all starts, and survey the loss around them.

    Raises
    ------
    RavineError
        If formula, data and settings don't go together, or it would be too much.
    """
    state, problem = settle(state)
    quotas.check_work(state.steps, len(state.starts), problem.points, len(state.optimizers))
    runs = tuple(_descended(problem, state, name, check) for name in state.optimizers)
    check()
    if not state.plane:
        state = replace(state, plane=_plane_around(problem, runs))
    return Seen(state, problem, runs, _surface(problem, state, runs))


def settle(state: State) -> tuple[State, Problem]:
    """Return the state with data and starts that fit its formula, and its problem.

    Raises
    ------
    RavineError
        If there are none.
    """
    formula = read_formula(state.formula)
    state = _with_data(state, formula)
    problem = Problem(state.formula, None if state.data is None else state.data.columns())
    if len(problem.names) > quotas.PARAMETERS:
        raise FormulaError(
            f"formula: expected at most {quotas.PARAMETERS} parameters on this page, got {len(problem.names)}. "
            "Write numbers for some of them."
        )
    if any({name for name, _ in start} != set(problem.names) for start in state.starts):
        state = replace(state, starts=(), plane=())  # of another formula
    begins = tuple(_start(problem, start) for start in state.starts) or (_suggested(problem),)
    return replace(state, starts=begins, plane=_kept_plane(problem, state)), problem


def read_formula(text: str) -> Formula:
    """Return a formula that isn't too large to be typeset and compiled at once.

    Raises
    ------
    FormulaError
        With a caret under the place, or with the size it may have.
    """
    formula = Formula(quotas.check_formula(text))
    count = sum(1 for side in (formula.model, formula.response) if side is not None for _ in walk(side))
    if count > quotas.OPERATIONS:
        raise FormulaError(
            f"formula: expected at most {quotas.OPERATIONS} operations and names on this page, got {count}. Shorten it."
        )
    return formula


def _with_data(state: State, formula: Formula) -> State:
    if formula.response is None:
        return replace(state, data=None)
    if isinstance(state.data, Own) or (
        state.data and set(state.data.names) <= {*formula.names, *formula.response_names}
    ):
        return state
    response = formula.response_names[0] if len(formula.response_names) == 1 else ""
    sketch = gallery.sketch_for(state.formula, formula.names, response)
    if sketch is None:
        raise ProblemError(
            "data: expected a table for this formula, or a column called x so that data can be sketched. "
            "Load a file, or write x."
        )
    return replace(state, data=sketch)


def _start(problem: Problem, given: Values) -> Values:
    """Return a start in the problem's order."""
    known = dict(given)
    return tuple((name, known[name]) for name in problem.names)


def _suggested(problem: Problem) -> Values:
    """Return a sensible start; not the lowest one, which may be the minimum itself, where there is nothing to see."""
    return _start(problem, tuple((name, float(value)) for name, value in places.suggest(problem)[-1].items()))


def _kept_plane(problem: Problem, state: State) -> tuple[Any, ...]:
    names = [name for name, _, _ in state.plane]
    wanted = min(2, len(problem.names))
    fits = len(names) == wanted and len(set(names)) == wanted and set(names) <= set(problem.names)
    return state.plane if fits else ()


def _descended(problem: Problem, state: State, name: str, check: Check) -> Run:
    check()
    begins = [dict(start) for start in state.starts]
    rate = state.rate_of(name)
    work = state.steps * len(begins) * problem.points
    callback = _asking(check) if rate is None or work > _HEAVY else None
    run = descend(problem, begins, name, learning_rate=rate, steps=state.steps, callback=callback, progress=False)
    if callback and Status.stopped in run.statuses:
        check()  # raises why, unless the method itself gave up
    return run


def _asking(check: Check) -> Callable[[Intermediate], bool]:
    """Return a callback that stops a descent for which nobody waits."""

    def ask(_: Intermediate) -> bool:
        try:
            check()
        except Abandoned:
            return True
        return False

    return ask


def _plane_around(problem: Problem, runs: Sequence[Run]) -> tuple[Any, ...]:
    """Return the first parameters with ranges that show all paths, in round numbers."""
    coarse = survey(problem, around=list(runs), resolution=5)
    axes = [coarse.x] if len(coarse.names) == 1 else [coarse.x, coarse.y]
    return tuple(
        (name, *_rounded(float(axis[0]), float(axis[-1]))) for name, axis in zip(coarse.names, axes, strict=True)
    )


def _rounded(low: float, high: float) -> tuple[float, float]:
    """Return two digits of the range, rounded outward.

    Examples
    --------
    >>> _rounded(-1.234, 6.789)
    (-1.3, 6.8)
    """
    unit = 10.0 ** math.floor(math.log10(high - low) - 1)
    digits = max(0, -round(math.log10(unit)))
    return round(math.floor(low / unit) * unit, digits), round(math.ceil(high / unit) * unit, digits)


_surfaces: OrderedDict[Any, Surface] = OrderedDict()
_lock = threading.Lock()


def _surface(problem: Problem, state: State, runs: Sequence[Run]) -> Surface:
    """Return the loss over the plane; a click moves the start, not the surface, so the last ones are kept."""
    best = min(runs, key=lambda run: run.loss if math.isfinite(run.loss) else math.inf)
    held = tuple(value for name, value in best.params.items() if name not in state.box)
    key = (state.formula, state.data, state.plane, held)
    with _lock:
        if key in _surfaces:
            _surfaces.move_to_end(key)
            return _surfaces[key]
    low, high = _RESOLUTION[len(state.plane)]
    affordable = (_AFFORDABLE / problem.points) ** (1 / len(state.plane))
    found = survey(problem, state.box, around=list(runs), resolution=int(np.clip(affordable, low, high)))
    with _lock:
        _surfaces[key] = found
        while len(_surfaces) > _KEPT_SURFACES:
            _surfaces.popitem(last=False)
    return found
