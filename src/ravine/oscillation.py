"""Oscillation: which descents only jump to and fro when their steps are used up.

A descent that oscillates turns back (a parameter's way is at least twice as long as what it comes to), does not calm
down (the second half of the way is as long as the first), and would gain more by standing still in the middle than it
still gains by going on.
On a parabola of curvature λ plain descent with the learning rate α multiplies the distance to the minimum by 1 − αλ:
exactly at the edge, α = 2/λ, it oscillates forever; a little below it calms down, a little above it grows. Swings that
take longer than the steps that are looked at are not seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ravine import graph, keras_descent
from ravine.optimizers import KerasMethod
from ravine.problem import Problem
from ravine.progress import Progress
from ravine.settings import Settings
from ravine.steps import Steps, compiled_steps

_MOST = 32  # steps that are looked at
_SHORTEST = 4
_CALM = 0.98  # a second half of the way that is shorter calms down
_WILD = 1.02  # one that is longer grows
_ONE_SLOT = 2**30


@dataclass(frozen=True, eq=False)
class Tail:
    """The last steps of descents: ``params``, ``gradient`` [record, param, start], ``loss`` [record, start].

    ``begin`` [start] is the loss at the very start.
    """

    params: np.ndarray
    gradient: np.ndarray
    loss: np.ndarray
    begin: np.ndarray


def oscillating(tail: Tail) -> np.ndarray:
    """Return which descents jump to and fro, [start].

    Examples
    --------
    x² with the learning rate 1, which sits at 2/λ, jumps from 1 to −1 and back.

    >>> x = np.array([1.0, -1.0, 1.0, -1.0, 1.0])
    >>> oscillating(Tail(x[:, None, None], 2 * x[:, None, None], x[:, None] ** 2, np.ones(1))).tolist()
    [True]
    """
    way, net, growth, worth = _measured(tail)
    half = (len(tail.loss) - 1) // 2
    fall = tail.loss[-2 * half : -half].mean(0) - tail.loss[-half:].mean(0)
    grain = 8 * np.finfo(tail.loss.dtype).eps * np.abs(tail.loss[-1])
    return ((way > 2 * net) & (growth >= _CALM) & (worth > np.maximum(grain, fall))).any(0)


def growing(tail: Tail) -> np.ndarray:
    """Return which of those that jump to and fro jump ever farther, and up, [start]."""
    way, net, growth, _ = _measured(tail)
    return ((way > 2 * net) & (growth >= _WILD)).any(0) & (tail.loss[-1] > tail.begin)


def _measured(tail: Tail) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return way, net displacement, the way's growth, and what standing still would gain, [param, start] each."""
    with np.errstate(all="ignore"):
        moves = np.diff(tail.params.astype(float), axis=0)
        half = len(moves) // 2
        first, second = (np.abs(part).sum(0) for part in (moves[-2 * half : -half], moves[-half:]))
        net = np.abs(moves.sum(0))
        # Between two points of a parabola a distance d apart on either side of its bottom: λ·d²/8 = d·Δg/8.
        worth = np.abs(moves * np.diff(tail.gradient.astype(float), axis=0)).mean(0) / 8
        return np.abs(moves).sum(0), net, np.where(first > 0, second / first, 0.0), worth


def tail_length(steps: int) -> int:
    """Return how many of the last steps are looked at: a quarter, an even number; 0 if they are too few.

    Examples
    --------
    >>> tail_length(200), tail_length(50), tail_length(10)
    (32, 12, 0)
    """
    length = min(_MOST, steps // 4) // 2 * 2
    return length if length >= _SHORTEST else 0


def tail_of(
    problem: Problem, method: KerasMethod, rows: np.ndarray, rates: np.ndarray, settings: Settings, width: int
) -> Tail:
    """Descend again from these starts [start, param] with these rates [start], and return the last steps.

    So many starts as ``width`` go together: those of `endings.find`, whose loop is compiled.
    """
    if not method.is_elementwise:
        ones = zip(rows, rates, strict=True)
        return _joined([_tail_of_one(problem, method, row, rate, settings) for row, rate in ones])
    parts = []
    with compiled_steps(problem, method, width, settings.dtype, 2) as steps:
        for first in range(0, len(rows), width):
            index = np.minimum(np.arange(first, first + width), len(rows) - 1)
            part = _tail_of_tile(problem, steps, rows[index], rates[index], settings)
            kept = slice(0, min(width, len(rows) - first))
            parts.append(Tail(*(array[..., kept] for array in (part.params, part.gradient, part.loss, part.begin))))
    return _joined(parts)


def _tail_of_tile(problem: Problem, steps: Steps, rows: np.ndarray, rates: np.ndarray, settings: Settings) -> Tail:
    """Go to where the tail begins at once, then two steps at a time: as many as the compiled loop records."""
    given, limits = graph.inputs(problem, settings.dtype), keras_descent.limits_of(settings)
    first = settings.steps - tail_length(settings.steps)
    state, records = steps.advance(steps.begin(rows, rates, problem.limits()), first, _ONE_SLOT, given, limits)
    seen = [records]
    while state.next_step <= settings.steps:
        state, records = steps.advance(state, min(state.next_step + 1, settings.steps), 1, given, limits)
        seen.append(records)
    params, gradient, loss = (
        np.concatenate([getattr(seen[0], name)[-1:], *(getattr(each, name) for each in seen[1:])])
        for name in ("params", "gradient", "loss")
    )
    return Tail(params, gradient, loss, seen[0].loss[0])


def _tail_of_one(problem: Problem, method: KerasMethod, row: np.ndarray, rate: float, settings: Settings) -> Tail:
    own = replace(method, rates=(float(rate),))
    settings = replace(settings, record_every=1, callback=None)
    recording = keras_descent.record(problem, own, row[None], settings, Progress(settings.steps, enabled=False))
    last = slice(-1 - tail_length(settings.steps), None)
    params, gradient = (np.moveaxis(array[:, last], 0, -1) for array in (recording.params, recording.gradient))
    return Tail(params, gradient, recording.loss[:, last].T, recording.loss[:, 0])


def _joined(parts: list[Tail]) -> Tail:
    names = ("params", "gradient", "loss", "begin")
    return Tail(*(np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in names))
