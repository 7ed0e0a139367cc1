"""The descent with a Keras optimizer: calls of the compiled loop, one after the other."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ravine import graph
from ravine.batches import Batches
from ravine.errors import ProblemError
from ravine.optimizers import KerasMethod
from ravine.problem import Problem
from ravine.progress import Progress
from ravine.recording import Recording, join
from ravine.run import Status
from ravine.settings import Intermediate, Settings
from ravine.steps import CONVERGED, DIVERGED, NOT_FINITE, RUNNING, Limits, Records, State, Steps, compiled_steps

_STATUS = {CONVERGED: Status.converged, DIVERGED: Status.diverged, NOT_FINITE: Status.not_finite}
_RECORD_BYTES = 2**26  # of one call of the compiled loop
_CALL_SECONDS = 0.5  # between two looks at the keyboard


def record(problem: Problem, method: KerasMethod, rows: np.ndarray, settings: Settings, bar: Progress) -> Recording:
    """Descend from every start [start, param] with every learning rate.

    All starts share one variable if the optimizer treats its elements alike; otherwise they go one after the other,
    and every parameter is a variable of its own shape, as in a Keras model.
    """
    rates = method.start_rates
    each_rate = None if rates is None else np.tile(rates, len(rows))
    rows = rows if rates is None else np.repeat(rows, len(rates), axis=0)
    settings.check(problem, len(rows))
    _check_range(problem, rows, rates or (), settings.dtype)
    descent = _Descent(problem, method, settings, bar)
    if method.is_elementwise:
        return descent.run(rows, each_rate)
    bar.total *= len(rows)
    parts = []
    for index in range(len(rows)):
        one = slice(index, index + 1)
        try:
            parts.append(descent.run(rows[one], None if each_rate is None else each_rate[one]))
        except KeyboardInterrupt:
            if not parts:
                raise
            break
        bar.behind += settings.steps
        if parts[-1].status[0] is Status.stopped:
            break
    return join(parts, settings.record_every)


def _check_range(problem: Problem, rows: np.ndarray, rates: Sequence[float], dtype: str) -> None:
    """Refuse numbers that float32 can't hold: as infinities they would hide what is wrong."""
    largest = float(np.finfo(dtype).max)
    given = {
        "start": rows,
        "learning_rate": np.array(rates),
        **problem.columns,
        problem.response_label: problem.observed,
    }
    for name, values in given.items():
        if values is not None and values.size and np.abs(values).max() > largest:
            raise ProblemError(f"{name}: {np.abs(values).max():g} is beyond {dtype}. Take dtype float64, or rescale.")


class _Descent:
    """Calls the compiled loop in chunks: between them progress, callback and keyboard have their turn."""

    def __init__(self, problem: Problem, method: KerasMethod, settings: Settings, bar: Progress) -> None:
        self.problem, self.method, self.settings, self.bar = problem, method, settings, bar
        self.inputs = graph.inputs(problem, settings.dtype)
        self.limits = limits_of(settings)

    def run(self, rows: np.ndarray, rates: np.ndarray | None) -> Recording:
        """Descend from these starts [start, param], with a learning rate [start] each (None: a schedule)."""
        capacity = _capacity(len(rows), len(self.problem.names), self.settings)
        with compiled_steps(
            self.problem, self.method, len(rows), self.settings.dtype, capacity, self.settings.batch_size
        ) as steps:
            return self._run(steps, steps.begin(rows, rates, self.problem.limits()))

    def _run(self, steps: Steps, state: State) -> Recording:
        calls: list[_Call] = []
        every = self.settings.record_every
        batches = Batches(self.problem.points, self.settings.batch_size, self.settings.seed)
        count = self._first_count(steps)
        stopped = False
        try:
            while not stopped and state.next_step <= self.settings.steps and _is_running(state):
                began, first = time.perf_counter(), state.next_step
                last = self._last_of_call(first, count)
                drawn = batches.next(last - first + 1, steps.capacity)
                state, records = steps.advance(state, last, every, self.inputs, self.limits, drawn)
                call = _Call(state, _recorded_steps(first, state.next_step - 1, every), records)
                # One assignment, which Ctrl-C can't cut in two.
                calls[-1:] = [*(before.followed(every) for before in calls[-1:]), call]
                count = _next_count(count, time.perf_counter() - began, steps.capacity)
                stopped = self._look_up(state, records)
        except KeyboardInterrupt:
            if not calls:
                raise
            stopped = True
        return _recording(calls, stopped=stopped)

    def _first_count(self, steps: Steps) -> int:
        """Return how many steps the first call may take: few when one step is heavy."""
        return int(np.clip(2**25 // (steps.starts * self.problem.points), 1, steps.capacity))

    def _last_of_call(self, first: int, count: int) -> int:
        last = min(self.settings.steps, first + count - 1)
        if self.settings.callback is not None:
            every = self.settings.record_every
            last = min(last, -(-first // every) * every)
        return last

    def _look_up(self, state: State, records: Records) -> bool:
        """Show progress, ask the callback; return whether to stop."""
        self.bar.show(state.next_step, float(np.fmin.reduce(records.loss[-1])))
        at = state.next_step - 1
        callback = self.settings.callback
        if callback is None or (at % self.settings.record_every and at != self.settings.steps and _is_running(state)):
            return False
        try:
            return bool(callback(Intermediate(at, records.params[-1].T, records.loss[-1], self.problem.names)))
        except StopIteration:
            return True


@dataclass(frozen=True, eq=False)
class _Call:
    """What one call of the loop brought: the state after it, and its records with their steps, [record]."""

    state: State
    steps: np.ndarray
    records: Records

    def followed(self, every: int) -> _Call:
        """Return it without the slot that it left unfinished: the next call goes on with that."""
        if self.steps[-1] % every == 0:
            return self
        return _Call(self.state, self.steps[:-1], self.records.without_last())


def _recording(calls: list[_Call], *, stopped: bool) -> Recording:
    step = np.concatenate([call.steps for call in calls])

    def joined(name: str) -> np.ndarray:
        whole = np.concatenate([getattr(call.records, name) for call in calls])
        return np.ascontiguousarray(np.moveaxis(whole, -1, 0))

    state = calls[-1].state
    rest = Status.stopped if stopped else Status.ran_out
    return Recording(
        step=step,
        params=joined("params"),
        gradient=joined("gradient"),
        loss=joined("loss"),
        learning_rate=_held(joined("rate"), step, np.asarray(state.steps_taken)),
        status=[_STATUS.get(int(code), rest) for code in np.asarray(state.code)],
        steps_taken=np.asarray(state.steps_taken),
    )


def _held(rate: np.ndarray, step: np.ndarray, steps_taken: np.ndarray) -> np.ndarray:
    """Return the learning rates [start, step], for starts that ended early held at their last."""
    last = np.searchsorted(step, steps_taken)[:, None]
    return np.take_along_axis(rate, np.minimum(np.arange(rate.shape[1]), last), axis=1)


def limits_of(settings: Settings) -> Limits:
    """Return the stop rules as numbers; a mini-batch's gradient and loss are too noisy to end a descent."""
    stop, off = settings.stop, -1.0
    gradient = off if stop.gradient is None or settings.batch_size else stop.gradient
    change = off if stop.loss_change is None or settings.batch_size else stop.loss_change
    return Limits(gradient, change, np.inf if stop.diverge is None else stop.diverge)


def _capacity(count: int, width: int, settings: Settings) -> int:
    """Return the most steps of one call: a power of two, so that few programs are compiled."""
    room = _RECORD_BYTES // (count * (2 * width + 2) * np.dtype(settings.dtype).itemsize)
    if settings.batch_size:
        room = min(room, _RECORD_BYTES // (4 * settings.batch_size))
    return 2 ** int(np.clip(np.log2(max(room, 1)), 3, 9))


def _next_count(count: int, seconds: float, capacity: int) -> int:
    return int(np.clip(count * np.clip(_CALL_SECONDS / max(seconds, 1e-9), 0.5, 4), 1, capacity))


def _is_running(state: State) -> bool:
    return state.next_step == 0 or bool((np.asarray(state.code) == RUNNING).any())


def _recorded_steps(first: int, last: int, every: int) -> np.ndarray:
    """Return the step that stands in each slot of a call over first…last.

    Examples
    --------
    >>> _recorded_steps(0, 25, 10).tolist()
    [0, 10, 20, 25]
    """
    return np.minimum(np.arange(-(-first // every), -(-last // every) + 1) * every, last)
