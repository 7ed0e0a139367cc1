"""Endings: where thousands of starts end, without the way there.

The starts go in tiles of one size, so that one compiled loop serves any number of them. XLA keeps most of a loop on one
core; so every core has a copy of it, and takes tile after tile. After every few steps those that have ended leave, and
the others close ranks: all stand at the same step, so that the optimizer's own variables move along with their starts.
A tile is another program than a descent of one start: both end at the same place to rounding, not to the last bit.
"""

from __future__ import annotations

import contextlib
import os
import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ravine import graph, keras_descent, minimizers
from ravine.optimizers import KerasMethod, Method
from ravine.problem import Problem
from ravine.progress import Progress
from ravine.recording import Recording
from ravine.run import Status
from ravine.settings import Settings, Stop
from ravine.steps import CONVERGED, RUNNING, Limits, State, Steps, Terms, compiled_steps

#: What the numbers in `Endings.code` mean.
STATUSES = (Status.ran_out, Status.converged, Status.diverged, Status.not_finite, Status.stopped)

_TILE = 4096  # starts; fewer with many points
_ELEMENTS = 2**20  # of [point, start] in a tile
_NARROWEST = 256
_TILES = 4  # at least so many, where there are enough starts: for the cores, and because only whole tiles are saved
_MOST_CORES = 8
_STEPS = (16, 128)  # between two looks at who has ended: at first, and at most
_STEPS_OF_ALL = 512  # where no rule ends a descent: nobody but Ctrl-C waits for a look
_NEVER = Stop(gradient=None, loss_change=None, diverge=None)
_ONE_SLOT = 2**30  # record_every that keeps the last step only

Watch = Callable[[int], None]


@dataclass(frozen=True, eq=False)
class Endings:
    """Where starts ended.

    Parameters
    ----------
    params, gradient
        [start, param].
    loss
        [start].
    code
        Index into `STATUSES`, [start].
    steps_taken
        [start].
    """

    params: np.ndarray
    gradient: np.ndarray
    loss: np.ndarray
    code: np.ndarray
    steps_taken: np.ndarray

    @classmethod
    def nowhere(cls, count: int, width: int, dtype: str) -> Endings:
        """Return endings to be filled in: NaN, as if all had run out of steps."""
        nothing = np.full((count, width), np.nan, dtype)
        return cls(nothing, nothing.copy(), nothing[:, 0].copy(), np.zeros(count, np.int8), np.zeros(count, np.int32))

    @property
    def was_stopped(self) -> bool:
        """Whether Ctrl-C cut a descent short."""
        return bool((self.code == STATUSES.index(Status.stopped)).any())

    def put(self, where: np.ndarray, others: Endings) -> None:
        """Fill in others at these indices, [start]."""
        for name in ("params", "gradient", "loss", "code", "steps_taken"):
            getattr(self, name)[where] = getattr(others, name)


def find(
    problem: Problem,
    method: Method,
    rows: np.ndarray,
    settings: Settings,
    rates: np.ndarray | None = None,
    watch: Watch = lambda ended: None,
) -> Endings:
    """Descend from every start [start, param] and return where it ended.

    Parameters
    ----------
    problem, method, settings
        As for a descent; nothing is recorded.
    rows
        Starts.
    rates
        A learning rate for each start, [start]; the method's own by default.
    watch
        Is told how many starts have ended since it was told last.
    """
    if not isinstance(method, KerasMethod) or not method.is_elementwise or settings.batch_size is not None:
        return _one_by_one(problem, method, rows, settings, rates, watch)
    if rates is None and method.start_rates is not None:
        rates = np.full(len(rows), method.start_rates[0])
    width = tile_size(problem, len(rows))
    limits, given = keras_descent.limits_of(settings), graph.inputs(problem, settings.dtype)
    found = Endings.nowhere(len(rows), rows.shape[1], settings.dtype)
    with _crew(problem, method, width, settings.dtype, -(-len(rows) // width)) as crew:
        tiles = _begin(crew.steps, rows, rates, problem.limits())
        pace, most = (_STEPS_OF_ALL, _STEPS_OF_ALL) if settings.stop == _NEVER else _STEPS
        last = -1
        while tiles and last < settings.steps:
            last = min(last + pace, settings.steps)
            tiles = crew.advance(tiles, last, given, limits)
            tiles = _closed(tiles, found, watch, is_over=last == settings.steps)
            pace = min(2 * pace, most)
    return found


def tile_size(problem: Problem, count: int) -> int:
    """Return how many starts go together: a power of two, so that few loops are compiled."""
    most = min(_TILE, max(_NARROWEST, _ELEMENTS // max(problem.points, 1)))
    return _power_of_two(min(most, max(count // _TILES, _NARROWEST), count))


def _power_of_two(number: int) -> int:
    """Return the least power of two that is no less.

    Examples
    --------
    >>> _power_of_two(1), _power_of_two(300)
    (1, 512)
    """
    return 1 << max(0, int(number) - 1).bit_length()


@dataclass(frozen=True, eq=False)
class _Tile:
    """Starts that go together, and their indices among all; -1 for a place that only fills the tile."""

    state: State
    index: np.ndarray
    params: np.ndarray  # [param, start]


class _Crew:
    """Copies of one compiled loop, one a core; a state may go on in any of them."""

    def __init__(self, copies: Sequence[Steps], pool: ThreadPoolExecutor) -> None:
        self.steps, self.pool = copies[0], pool
        self.idle: queue.SimpleQueue[Steps] = queue.SimpleQueue()
        for steps in copies:
            self.idle.put(steps)

    def advance(self, tiles: Sequence[_Tile], last: int, given: dict[str, Any], limits: Limits) -> list[_Tile]:
        """Return the tiles after step ``last``."""

        def advanced(tile: _Tile) -> _Tile:
            steps = self.idle.get()
            try:
                state, records = steps.advance(tile.state, last, _ONE_SLOT, given, limits)
            finally:
                self.idle.put(steps)
            return _Tile(state, tile.index, records.params[-1])

        return list(self.pool.map(advanced, tiles))


@contextlib.contextmanager
def _crew(problem: Problem, method: KerasMethod, width: int, dtype: str, tiles: int) -> Iterator[_Crew]:
    count = min(os.cpu_count() or 1, tiles, _MOST_CORES)
    with contextlib.ExitStack() as stack:
        copies = [stack.enter_context(compiled_steps(problem, method, width, dtype, 2)) for _ in range(count)]
        yield _Crew(copies, stack.enter_context(ThreadPoolExecutor(count)))


def _begin(
    steps: Steps, rows: np.ndarray, rates: np.ndarray | None, limits: tuple[np.ndarray, np.ndarray]
) -> list[_Tile]:
    tiles = []
    for first in range(0, len(rows), steps.starts):
        index = np.arange(first, min(first + steps.starts, len(rows)))
        spare = steps.starts - len(index)
        filled = np.append(index, np.full(spare, index[-1]))
        state = steps.begin(rows[filled], None if rates is None else rates[filled], limits)
        code = np.where(np.arange(steps.starts) < len(index), RUNNING, CONVERGED).astype(np.int32)
        where = np.append(index, np.full(spare, -1))
        tiles.append(_Tile(replace(state, code=code), where, rows[filled].T))
    return tiles


def _closed(tiles: list[_Tile], found: Endings, watch: Watch, *, is_over: bool) -> list[_Tile]:
    """Note the starts that have ended and return the tiles without them, if that saves one."""
    ended = 0
    for number, tile in enumerate(tiles):
        code = np.asarray(tile.state.code)
        gone = (tile.index >= 0) & ((code != RUNNING) | is_over)
        found.put(tile.index[gone], _endings(tile, gone))
        ended += int(gone.sum())
        tiles[number] = replace(tile, index=np.where(gone, -1, tile.index))
    watch(ended)
    running = sum(int((tile.index >= 0).sum()) for tile in tiles)
    width = len(tiles[0].index)
    if -(-running // width) == len(tiles):
        return tiles
    return _regrouped([tile for tile in tiles if (tile.index >= 0).any()], width)


def _endings(tile: _Tile, which: np.ndarray) -> Endings:
    state = tile.state
    gradient, *each = (np.asarray(a) for a in (state.gradient, state.loss, state.code, state.steps_taken))
    return Endings(tile.params.T[which], gradient.T[which], *(a[which] for a in each))


def _regrouped(tiles: Sequence[_Tile], width: int) -> list[_Tile]:
    """Return the starts that are still running, in as few tiles as they fit into."""
    if not tiles:
        return []
    index = np.concatenate([tile.index for tile in tiles])
    kept = np.flatnonzero(index >= 0)
    after = []
    for first in range(0, len(kept), width):
        part = kept[first : first + width]
        spare = width - len(part)
        lanes = np.append(part, np.full(spare, part[-1]))
        where = np.append(index[part], np.full(spare, -1))
        params = np.concatenate([tile.params for tile in tiles], axis=-1)[:, lanes]
        after.append(_Tile(_state(tiles, lanes, where, width), where, params))
    return after


def _state(tiles: Sequence[_Tile], lanes: np.ndarray, where: np.ndarray, width: int) -> State:
    """Return the state of these lanes of all tiles; what has no lanes is the same in every tile."""
    states = [tile.state for tile in tiles]

    def gathered(parts: Sequence[Any]) -> Any:
        arrays = [np.asarray(part) for part in parts]
        if not arrays[0].ndim or arrays[0].shape[-1] != width:
            return parts[0]
        return np.concatenate(arrays, axis=-1)[..., lanes]

    def each(name: str) -> Any:
        return gathered([getattr(state, name) for state in states])

    def lists(name: str) -> list[Any]:
        return [gathered(parts) for parts in zip(*(getattr(state, name) for state in states), strict=True)]

    terms = states[0].terms
    rates = gathered([state.terms.rates for state in states])
    code = np.where(where >= 0, RUNNING, CONVERGED).astype(np.int32)
    return State(
        Terms(rates, terms.low, terms.high), states[0].next_step, lists("values"), lists("slots"), code,
        each("steps_taken"), each("loss"), each("start_loss"), each("gradient"),
    )  # fmt: skip


def _one_by_one(
    problem: Problem, method: Method, rows: np.ndarray, settings: Settings, rates: np.ndarray | None, watch: Watch
) -> Endings:
    """Descend from one start after the other: optimizers that look at a variable as a whole, SciPy's methods."""
    settings = replace(settings, record_every=max(settings.steps, 1), callback=None)
    found = Endings.nowhere(len(rows), rows.shape[1], "float64")
    bar = Progress(settings.steps, enabled=False)
    for index, row in enumerate(rows):
        if isinstance(method, KerasMethod):
            own = method if rates is None else replace(method, rates=(float(rates[index]),))
            recording = keras_descent.record(problem, own, row[None], settings, bar)
        else:
            recording = minimizers.record(problem, method, row[None], settings, bar)
        found.put(np.array([index]), _last(recording))
        watch(1)
        if recording.status[0] is Status.stopped and not recording.notes:  # by Ctrl-C: the others have no turn
            found.code[index:] = STATUSES.index(Status.stopped)
            break
    return found


def _last(recording: Recording) -> Endings:
    code = np.array([STATUSES.index(status) for status in recording.status], np.int8)
    steps_taken = np.asarray(recording.steps_taken, np.int32)
    return Endings(recording.params[:, -1], recording.gradient[:, -1], recording.loss[:, -1], code, steps_taken)
