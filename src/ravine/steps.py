"""Steps: the compiled loop that applies a Keras optimizer and records.

One iteration evaluates loss and gradient once. The record of step g goes into slot ⌈g/k⌉ for ``record_every`` k:
later steps of a slot overwrite it, so that every k-th step and the very last one stay, without a second evaluation.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np

from ravine import engine, graph
from ravine.compilation import borrowed
from ravine.optimizers import KerasMethod
from ravine.problem import Problem

RUNNING, CONVERGED, DIVERGED, NOT_FINITE = range(4)


@dataclass(frozen=True)
class Limits:
    """When a start ends, as numbers that the compiled loop reads; a negative number switches a rule off."""

    gradient: float
    loss_change: float
    diverge: float


@dataclass(frozen=True, eq=False)
class Terms:
    """What holds for a whole descent: learning rates [start], bounds [param, 1]."""

    rates: Any
    low: Any
    high: Any


@dataclass(frozen=True, eq=False)
class State:
    """Where every start stands between two calls of the loop.

    Parameters
    ----------
    terms
        The same in every call.
    next_step
        The step that the next call begins with.
    values, slots
        The parameters and the optimizer's own variables, with the starts on the last axis if it treats all alike.
    code, steps_taken, loss, start_loss
        [start].
    gradient
        [param, start].
    """

    terms: Terms
    next_step: int
    values: list[Any]
    slots: list[Any]
    code: Any
    steps_taken: Any
    loss: Any
    start_loss: Any
    gradient: Any


@dataclass(frozen=True, eq=False)
class Records:
    """What one call recorded: ``params``, ``gradient`` [record, param, start], ``loss``, ``rate`` [record, start]."""

    params: np.ndarray
    gradient: np.ndarray
    loss: np.ndarray
    rate: np.ndarray

    def without_last(self) -> Records:
        """Return all records but the last."""
        return Records(self.params[:-1], self.gradient[:-1], self.loss[:-1], self.rate[:-1])


class Steps:
    """A compiled loop for one structure of problem, one optimizer and one number of starts.

    Parameters
    ----------
    problem, method
        What to descend, and how.
    starts
        Number of starts that share the variable.
    dtype
        ``"float32"`` or ``"float64"``.
    capacity
        The most steps of one call; fixes the memory that a call takes.
    """

    def __init__(self, problem: Problem, method: KerasMethod, starts: int, dtype: str, capacity: int) -> None:
        tf, keras = engine.tensorflow(), engine.keras()
        self.problem, self.method, self.starts = problem, method, starts
        self.dtype, self.capacity = dtype, capacity
        self.traces = 0
        width = len(problem.names)
        self._shapes = [(width, starts)] if method.is_elementwise else list(problem.shapes.values())
        self._variables = [keras.Variable(np.zeros(shape), dtype=dtype) for shape in self._shapes]
        self._rate_shape = (starts,) if method.is_elementwise else ()
        self._terms: Terms | None = None  # while the loop is traced: its inputs
        self._optimizer = self._build()
        if problem.bounds:
            self._constrain()
        self._zero_slots = [tf.constant(variable.numpy()) for variable in self._optimizer.variables]
        self._compiled = tf.function(self._loop, autograph=False, jit_compile=True)
        self._uncompiled = tf.function(self._loop, autograph=False)

    def begin(self, rows: np.ndarray, rates: np.ndarray | None, limits: tuple[np.ndarray, np.ndarray]) -> State:
        """Return the state before the first step, from the starts [start, param]."""
        tf = engine.tensorflow()
        low, high = (_inward(side, self.dtype, toward)[:, None] for side, toward in zip(limits, (1, -1), strict=True))
        # A start on a bound must not leave it by being rounded.
        values = self._split(tf.constant(np.clip(rows.T.astype(self.dtype), low, high)))
        rates = np.zeros(self.starts) if rates is None else rates
        rate = tf.constant(rates.reshape(self._rate_shape), self.dtype)
        terms = Terms(rate, tf.constant(low), tf.constant(high))
        none = np.zeros(self.starts, self.dtype)
        count = np.zeros(self.starts, np.int32)
        gradient = np.zeros((rows.shape[1], self.starts), self.dtype)
        return State(terms, 0, values, self._fresh_slots(values), count, count, none, none, gradient)

    def _build(self) -> Any:
        """Return a new optimizer for the variables; its learning rate is the loop's input."""
        own = self.method.start_rates is None
        optimizer = self.method.build(None if own else lambda: self._terms.rates if self._terms else 0.0)
        optimizer.build(self._variables)
        return optimizer

    def _fresh_slots(self, values: list[Any]) -> list[Any]:
        """Return the values that the optimizer's own variables begin with."""
        if self.method.is_elementwise:
            return self._zero_slots
        # Some optimizers, such as ScheduleFreeAdamW, begin with a copy of the parameters.
        for variable, value in zip(self._variables, values, strict=True):
            variable.assign(value)
        return [variable.value for variable in self._build().variables]

    def advance(
        self, state: State, last: int, every: int, given: dict[str, Any], limits: Limits, batches: Any = None
    ) -> tuple[State, Records]:
        """Go on until step ``last`` or until every start has ended; at most ``capacity`` steps.

        ``batches`` [capacity, batch_size] holds the indices of the points of each step, None for all points.
        """
        numbers = np.array([limits.gradient, limits.loss_change, limits.diverge], self.dtype)
        terms = (state.terms.rates, state.terms.low, state.terms.high)
        carried = (state.code, state.steps_taken, state.loss, state.start_loss, state.gradient)
        bounds = np.array([state.next_step, last, every], np.int32)
        results = self._call(bounds, numbers, terms, (state.values, state.slots), carried, given, batches)
        (reached, *carried), (values, slots), records = results
        after = State(state.terms, int(reached), values, slots, *carried)
        first_slot, last_slot = -(-state.next_step // every), -(-(after.next_step - 1) // every)
        kept = slice(0, last_slot - first_slot + 1)
        # Copies: a slice would keep all `capacity` slots in memory, for every call of the descent.
        return after, Records(*(record.numpy()[kept].copy() for record in records))

    def _call(self, *given: Any) -> Any:
        tf = engine.tensorflow()
        try:
            return self._compiled(*given)
        except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError):
            # An operation in the user's callable that XLA doesn't know: the same loop runs without XLA.
            self._compiled = self._uncompiled
            return self._compiled(*given)

    def _loop(
        self, bounds: Any, limits: Any, terms: Any, variables: Any, carried: Any, given: Any, batches: Any
    ) -> Any:
        tf = engine.tensorflow()
        self.traces += 1
        self._terms = Terms(*terms)
        first, last, every = bounds[0], bounds[1], bounds[2]
        self._put_back(*variables)
        first_slot = _divide_up(first, every)
        records = tuple(
            tf.TensorArray(self.dtype, self.capacity, element_shape=shape, clear_after_read=False)
            for shape in ((len(self.problem.names), self.starts),) * 2 + ((self.starts,),) * 2
        )

        def going_on(step: Any, code: Any, *_: Any) -> Any:
            return (step <= last) & ((step == 0) | tf.reduce_any(code == RUNNING))

        def body(step: Any, code: Any, taken: Any, loss: Any, start_loss: Any, gradient: Any, written: Any) -> Any:
            running = code == RUNNING
            params = self._move(step, running, gradient)
            seen = given if batches is None else graph.take(given, batches[step - first])
            new_loss, new_gradient = graph.losses_and_gradients(self.problem, params, seen, running)
            new_loss, new_gradient = tf.where(running, new_loss, loss), tf.where(running, new_gradient, gradient)
            start_loss = tf.where(step == 0, new_loss, start_loss)
            change = tf.where(step == 0, new_loss.dtype.max, tf.abs(new_loss - loss))
            new_code = self._judge(limits, params, new_loss, new_gradient, start_loss, change)
            taken = tf.where(running, step, taken)
            rate = tf.broadcast_to(tf.cast(self._optimizer.learning_rate, self.dtype), [self.starts])
            values = (params, new_gradient, new_loss, rate)
            slot = _divide_up(step, every) - first_slot
            written = tuple(record.write(slot, value) for record, value in zip(written, values, strict=True))
            return step + 1, tf.where(running, new_code, code), taken, new_loss, start_loss, new_gradient, written

        *state, records = tf.while_loop(going_on, body, [first, *carried, records])
        after = [[variable.value for variable in each] for each in (self._variables, self._optimizer.variables)]
        return state, after, [record.stack() for record in records]

    def _put_back(self, values: list[Any], slots: list[Any]) -> None:
        """Give all variables the values they had after the last call: between two calls they hold nothing."""
        for variable, value in zip([*self._variables, *self._optimizer.variables], [*values, *slots], strict=True):
            variable.assign(value)

    def _move(self, step: Any, running: Any, gradient: Any) -> Any:
        """Apply the optimizer's update (none before step 0) and return the parameters, [param, start]."""
        tf = engine.tensorflow()
        before = self._gather()

        def update() -> Any:
            self._optimizer.apply(self._split(gradient), self._variables)
            after = tf.where(running, self._gather(), before)
            for variable, part in zip(self._variables, self._split(after), strict=True):
                variable.assign(part)
            return after

        return tf.cond(step == 0, lambda: before, update)

    def _judge(self, limits: Any, params: Any, loss: Any, gradient: Any, start_loss: Any, change: Any) -> Any:
        tf = engine.tensorflow()
        code = tf.where(change < limits[1], CONVERGED, RUNNING)
        code = tf.where(self._slope(params, gradient) <= limits[0], CONVERGED, code)
        code = tf.where(tf.abs(loss) > limits[2] * (1.0 + tf.abs(start_loss)), DIVERGED, code)
        finite = tf.math.is_finite(loss) & tf.reduce_all(tf.math.is_finite(gradient) & tf.math.is_finite(params), 0)
        return tf.where(finite, code, NOT_FINITE)

    def _slope(self, params: Any, gradient: Any) -> Any:
        """Return the largest component of the gradient that a bound does not block, [start]."""
        tf = engine.tensorflow()
        if self.problem.bounds:
            assert self._terms is not None
            # Not params − clip(params − gradient): far from 0 that difference swallows a small gradient.
            gradient = tf.clip_by_value(gradient, params - self._terms.high, params - self._terms.low)
        return tf.reduce_max(tf.abs(gradient), 0)

    def _constrain(self) -> None:
        """Project after every update, as Keras does for a layer's constrained weights."""
        tf, keras, steps = engine.tensorflow(), engine.keras(), self

        class Projection(keras.constraints.Constraint):
            """Keras 3.10 takes nothing else for a constraint."""

            def __init__(self, index: int) -> None:
                self.index = index

            def __call__(self, value: Any) -> Any:
                assert steps._terms is not None
                low, high = (steps._split_wide(side)[self.index] for side in (steps._terms.low, steps._terms.high))
                return tf.clip_by_value(value, low, high)

        for index, variable in enumerate(self._variables):
            variable.constraint = Projection(index)

    def _split_wide(self, side: Any) -> list[Any]:
        """Return one side of the bounds [param, 1] in shapes that fit the variables."""
        return [side] if self.method.is_elementwise else self._split(side)

    def _gather(self) -> Any:
        tf = engine.tensorflow()
        parts = [tf.reshape(variable.value, [-1, self.starts]) for variable in self._variables]
        return parts[0] if len(parts) == 1 else tf.concat(parts, 0)

    def _split(self, rows: Any) -> list[Any]:
        tf = engine.tensorflow()
        if len(self._shapes) == 1:
            return [tf.reshape(rows, self._shapes[0])]
        sizes = [int(np.prod(shape)) for shape in self._shapes]
        return [tf.reshape(part, shape) for part, shape in zip(tf.split(rows, sizes), self._shapes, strict=True)]


def compiled_steps(
    problem: Problem, method: KerasMethod, starts: int, dtype: str, capacity: int, batch_size: int | None = None
) -> AbstractContextManager[Steps]:
    """Lend the compiled loop for these, the one from an earlier call if there is one."""
    own_rates = method.start_rates is None
    bounded = bool(problem.bounds)
    key = (graph.structure(problem), method.key, own_rates, starts, dtype, capacity, bounded, batch_size)
    return borrowed(key, lambda: Steps(graph.without_data(problem), method, starts, dtype, capacity))


def _inward(bound: np.ndarray, dtype: str, toward: int) -> np.ndarray:
    """Return one side of the bounds in ``dtype``, finite, where it must be rounded into the box (``toward`` ±1).

    Examples
    --------
    >>> bool(_inward(np.array([0.7]), "float32", 1)[0] >= 0.7), float(np.float32(0.7)) >= 0.7
    (True, False)
    """
    largest = np.finfo(dtype).max
    rounded = np.clip(bound, -largest, largest).astype(dtype)
    beyond = toward * (bound - rounded.astype(float)) > 0
    inside = np.nextafter(rounded, np.array(toward * np.inf, dtype))
    return np.where(beyond & np.isfinite(bound), inside, rounded)


def _divide_up(number: Any, by: Any) -> Any:
    return -(-number // by)
