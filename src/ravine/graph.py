"""The problem as TensorFlow sees it: losses, gradients, residuals and Hessians inside a graph.

Parameters stand as [param, start], columns as [point], predictions as [point, start]: with the starts on the minor
axis the compiled loops run over contiguous memory (about 10–35 % faster than [start, param] for thousands of starts).
Data are inputs of every compiled function, never constants, so that other data compile nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from ravine import engine
from ravine.compilation import remember
from ravine.errors import ProblemError, RavineError
from ravine.formula import math_tensorflow, trigonometry
from ravine.model import Opaque, Tree
from ravine.problem import Problem

_CHUNK = 2**22  # elements of [point, start] at a time
_TOGETHER = 32  # sums in one loop, the loss's among them
_FUSED = 2**18  # elements above which fused loops repay the half second that XLA takes to compile them
_FUSED_ALONE = 2**14  # the same for functions of one place: about a hundred calls save what their compilation takes


def structure(problem: Problem) -> Hashable:
    """Return what decides the graph of a problem: everything but its numbers."""
    if isinstance(problem.model, Tree):
        model: Hashable = str(problem.model.formula.model)
    else:
        model = (problem.model.text, problem.model.names, _hashable(problem.model.function))
    loss = (problem.loss.name, problem.loss.reduction, problem.loss.pointwise, _hashable(problem.loss.keras))
    shapes, constants = tuple(problem.shapes.items()), tuple(problem.constants)
    columns = tuple((name, column.shape) for name, column in problem.columns.items())
    data = (columns, None if problem.observed is None else problem.observed.shape, problem.sigma is None)
    return model, loss, shapes, constants, data


def without_data(problem: Problem) -> Problem:
    """Return the problem for a graph to hold: what is kept for later calls must not keep the user's table alive."""
    bare = copy.copy(problem)
    bare.table, bare.observed, bare.sigma = None, None, None
    bare.columns, bare.defaults, bare.function = {}, {}, None
    return bare


class _Same:
    """Stands in a key for an object without a hash: equal to itself only, and alive as long as the key."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.thing is other.thing

    def __hash__(self) -> int:
        return id(self.thing)


def _hashable(thing: Any) -> Hashable:
    try:
        hash(thing)
    except TypeError:
        return _Same(thing)
    return thing


def inputs(problem: Problem, dtype: str) -> dict[str, Any]:
    """Return the problem's numbers as tensors: ``columns`` by name, ``observed``, ``sigma`` (None where absent)."""
    tf = engine.tensorflow()

    def tensor(values: np.ndarray | None) -> Any:
        return None if values is None else tf.constant(values.astype(dtype))

    columns = {name: tensor(column) for name, column in problem.columns.items()}
    return {"columns": columns, "observed": tensor(problem.observed), "sigma": tensor(problem.sigma)}


def take(given: dict[str, Any], index: Any) -> dict[str, Any]:
    """Return the inputs of the points with these indices only."""
    tf = engine.tensorflow()
    return tf.nest.map_structure(lambda values: None if values is None else tf.gather(values, index), given)


def losses(problem: Problem, params: Any, given: dict[str, Any]) -> Any:
    """Return the loss of every start, [start], from ``params`` [param, start]."""
    if takes_many(problem):
        return _losses_of_tree(problem, params, given)
    if params.shape[1] == 1:
        return _loss_of_one(problem, params[:, 0], given)[None]
    return _each_loss(problem, params, given)


def losses_and_gradients(problem: Problem, params: Any, given: dict[str, Any], running: Any = True) -> tuple[Any, Any]:
    """Return the loss [start] and its gradient [param, start], for a graph that XLA compiles.

    In float32 sine and cosine are polynomials; where these end in NaN for a ``running`` start [start], everything is
    evaluated again with the native functions.
    """
    tf = engine.tensorflow()
    params = tf.convert_to_tensor(params)
    differentiate = _in_one_pass if _fits_in_one_pass(problem, given) else _differentiate
    if not _may_vectorize(problem) or params.dtype != tf.float32:
        return differentiate(problem, params, given)
    with trigonometry.vectorized():
        loss, gradient = differentiate(problem, params, given)
    finite = tf.math.is_finite(loss) & tf.reduce_all(tf.math.is_finite(gradient), 0)
    failed = tf.reduce_any(running & ~finite)
    return tf.cond(failed, lambda: differentiate(problem, params, given), lambda: (loss, gradient))


def _may_vectorize(problem: Problem) -> bool:
    model = problem.model
    is_of_sines = isinstance(model, Tree) and problem.loss.keeps_nan and trigonometry.helps(model.formula.model)
    return is_of_sines and trigonometry.is_fused()


def _differentiate(problem: Problem, params: Any, given: dict[str, Any]) -> tuple[Any, Any]:
    tf = engine.tensorflow()
    with tf.GradientTape() as tape:
        tape.watch(params)
        value = losses(problem, params, given)
    gradient = tape.gradient(value, params, unconnected_gradients="zero")
    return value, tf.convert_to_tensor(gradient)


def takes_many(problem: Problem) -> bool:
    """Tell whether the losses of many starts are one expression, each start in its own column."""
    return isinstance(problem.model, Tree) and problem.loss.keras is None


def second_derivatives(problem: Problem, params: Any, given: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Return loss [start], gradient [param, start] and Hessian [param, param, start] of a problem that `takes_many`.

    Starts don't influence each other: of as many copies of each as there are parameters, each copy gives the slopes of
    another element of the gradient, so that the graph has two backward passes however many parameters there are.
    """
    tf = engine.tensorflow()
    count, starts = params.shape
    copies = tf.repeat(params, count, axis=1)
    with tf.GradientTape() as tape:
        tape.watch(copies)
        loss, gradient = _differentiate(problem, copies, given)
    own = tf.tile(tf.eye(count, dtype=params.dtype), [1, starts])
    slopes = tape.gradient(gradient, copies, own, unconnected_gradients="zero")
    hessian = tf.transpose(tf.reshape(slopes, [count, starts, count]), [2, 0, 1])
    return loss[::count], gradient[:, ::count], hessian


def _in_one_pass(problem: Problem, params: Any, given: dict[str, Any]) -> tuple[Any, Any]:
    """Return the loss [start] and its gradient [param, start] of a formula, by one reduction over the points.

    XLA on the CPU compiles a loop for every sum, and each evaluates the formula anew. Here the loss of every point and
    its slopes are summed together, by one loop that evaluates each point once and keeps no array of points.
    """
    tf = engine.tensorflow()
    shape = [given["observed"].shape[0], params.shape[1]]
    copies = [tf.broadcast_to(row, shape) for row in tf.unstack(params)]
    with tf.GradientTape() as tape:
        tape.watch(copies)
        each = _pointwise_losses(problem, copies, given, shape)
    slopes = tape.gradient(each, copies, unconnected_gradients="zero")
    loss, *gradient = _sum_together([each, *slopes])
    share = 1.0 if problem.loss.reduction == "sum" else 1.0 / shape[0]
    return loss * share, tf.stack(gradient) * share


def _fits_in_one_pass(problem: Problem, given: dict[str, Any]) -> bool:
    """Tell whether a formula's loss is a sum over points, of few enough parameters to be summed in registers."""
    is_sum = takes_many(problem) and given["observed"] is not None
    return is_sum and len(problem.names) < _TOGETHER and engine.sums_vectorize()


def _sum_together(arrays: list[Any]) -> list[Any]:
    """Return the sums [start] of arrays [point, start], all in one loop."""
    tf = engine.tensorflow()
    dtype, count = arrays[0].dtype, len(arrays)
    scalars = [tf.TensorSpec([], dtype)] * (2 * count)
    add = tf.function(lambda *pairs: [pairs[i] + pairs[count + i] for i in range(count)], autograph=False)
    return engine.xla().variadic_reduce(
        arrays, [tf.zeros([], dtype)] * count, dimensions_to_reduce=[0], reducer=add.get_concrete_function(*scalars)
    )


def residuals(problem: Problem, row: Any, given: dict[str, Any]) -> Any:
    """Return (prediction − observation)/σ, [residual], at one row of parameters [param]."""
    tf = engine.tensorflow()
    difference = _predict_one(problem, row, given) - given["observed"]
    sigma = _sigma_like(difference, given)
    return tf.reshape(difference if sigma is None else difference / sigma, [-1])


class Evaluator:
    """Compiled float64 (or float32) evaluations of one problem, for callers outside a graph.

    Parameters
    ----------
    problem
        What is evaluated.
    dtype
        ``"float32"`` or ``"float64"``.
    """

    def __init__(self, problem: Problem, dtype: str = "float64") -> None:
        self.problem = problem
        self.dtype = dtype
        self.inputs = inputs(problem, dtype)
        self._structure = structure(problem)
        self._traced: dict[Hashable, Callable[..., Any]] = {}

    def losses(self, rows: Any) -> np.ndarray:
        """Return the loss [row] of every row [row, param]; memory stays bounded."""
        rows = np.asarray(rows, self.dtype)
        step = min(len(rows), max(1, _CHUNK // max(1, self.problem.points))) or 1
        padded = np.concatenate([rows, np.repeat(rows[-1:], -len(rows) % step, axis=0)])  # one shape, one compilation
        parts = [self._of("losses", padded[first : first + step].T).numpy() for first in range(0, len(padded), step)]
        return np.concatenate(parts)[: len(rows)]

    def loss_and_gradient(self, row: Any) -> tuple[float, np.ndarray]:
        """Return the loss and its gradient [param] at ``row`` [param]."""
        value, gradient = self._of("losses_and_gradients", np.asarray(row, self.dtype)[:, None])
        return float(value[0]), gradient.numpy()[:, 0]

    def hessian(self, row: Any) -> np.ndarray:
        """Return the matrix of second derivatives of the loss, [param, param]."""
        return self._of("hessian", np.asarray(row, self.dtype)).numpy()

    def residuals(self, row: Any) -> np.ndarray:
        """Return the residuals [residual] at ``row`` [param]."""
        return self._of("residuals", np.asarray(row, self.dtype)).numpy()

    def jacobian(self, row: Any) -> np.ndarray:
        """Return the derivatives of the residuals, [residual, param]."""
        return self._of("jacobian", np.asarray(row, self.dtype)).numpy()

    def residuals_and_jacobians(self, rows: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return residuals [row, residual] and their derivatives [row, residual, param] of rows [row, param]."""
        rows = np.asarray(rows, self.dtype)
        found, slopes = self._of("residuals_and_jacobians", rows.T)
        return found.numpy(), np.moveaxis(slopes.numpy(), 1, 2)

    def predictions(self, row: Any) -> np.ndarray:
        """Return the model's prediction, [point, …], at ``row`` [param]."""
        return self._of("predictions", np.asarray(row, self.dtype)).numpy()

    def _of(self, what: str, values: np.ndarray) -> Any:
        """Evaluate; what was traced for a shape is called without another look at the types of all inputs."""
        tf = engine.tensorflow()
        fuses = self._repays_fusing(what, values)
        any_number = what == "residuals_and_jacobians" and not fuses  # called with few rows and many: one trace
        key = what, fuses, (len(values), None) if any_number else values.shape
        if key not in self._traced:
            self._traced[key] = remember((key, self.dtype, self._structure), lambda: self._trace(*key))
        return self._traced[key](tf.constant(values), self.inputs)

    def _trace(self, what: str, fuses: bool, shape: tuple[int | None, ...]) -> Callable[..., Any]:
        tf = engine.tensorflow()
        compiled: Any = _compile(without_data(self.problem), what, fuses)
        return compiled.get_concrete_function(tf.TensorSpec(shape, self.dtype), self.inputs)

    def _repays_fusing(self, what: str, values: np.ndarray) -> bool:
        """Tell whether there are so many points and places that fused loops repay their compilation by XLA."""
        places = len(values) if what == "hessian" else values[0].size  # with a copy for each parameter
        return places * self.problem.points > (_FUSED if what == "residuals_and_jacobians" else _FUSED_ALONE)


def _compile(problem: Problem, what: str, fuses: bool) -> Callable[..., Any]:
    tf = engine.tensorflow()
    fuses = fuses and isinstance(problem.model, Tree)

    def hessian(row: Any, given: dict[str, Any]) -> Any:
        if takes_many(problem):
            return second_derivatives(problem, row[:, None], given)[2][:, :, 0]
        with tf.GradientTape() as tape:
            tape.watch(row)
            gradient = _differentiate(problem, row[:, None], given)[1][:, 0]
        return tape.jacobian(gradient, row, unconnected_gradients="zero")

    def jacobian(row: Any, given: dict[str, Any]) -> Any:
        columns = []
        # Forward mode: one pass a parameter, however many points; finite where a branch that isn't taken has no slope.
        for index in range(row.shape[0]):
            direction = tf.one_hot(index, row.shape[0], dtype=row.dtype)
            with tf.autodiff.ForwardAccumulator(row, direction) as accumulator:
                value = residuals(problem, row, given)
            columns.append(accumulator.jvp(value, unconnected_gradients="zero"))
        return tf.stack(columns, axis=1)

    def residuals_and_jacobians(params: Any, given: dict[str, Any]) -> Any:
        if isinstance(problem.model, Tree):
            return _residuals_and_slopes_of_tree(problem, params, given)
        rows = tf.transpose(params)
        if rows.shape[0] == 1:
            return residuals(problem, rows[0], given)[None], tf.transpose(jacobian(rows[0], given))[None]
        return tf.vectorized_map(lambda row: (residuals(problem, row, given), tf.transpose(jacobian(row, given))), rows)

    both = losses_and_gradients if fuses else _differentiate
    bodies = {
        "residuals_and_jacobians": residuals_and_jacobians,
        "losses": lambda params, given: losses(problem, params, given),
        "losses_and_gradients": lambda params, given: both(problem, params, given),
        "residuals": lambda row, given: residuals(problem, row, given),
        "predictions": lambda row, given: _predict_one(problem, row, given),
        "hessian": hessian,
        "jacobian": jacobian,
    }
    return tf.function(bodies[what], autograph=False, jit_compile=fuses)


def _each_loss(problem: Problem, params: Any, given: dict[str, Any]) -> Any:
    tf = engine.tensorflow()
    refused: list[RavineError] = []

    def one(row: Any) -> Any:
        try:
            return _loss_of_one(problem, row, given)
        except RavineError as error:
            refused.append(error)
            raise

    try:
        return tf.vectorized_map(one, tf.transpose(params))
    except Exception:
        if refused:  # under XLA, vectorized_map wraps it in an error of AutoGraph's with a page of text
            raise refused[0] from None
        raise


def _losses_of_tree(problem: Problem, params: Any, given: dict[str, Any]) -> Any:
    tf = engine.tensorflow()
    starts, observed = params.shape[1], given["observed"]
    if observed is None:
        return tf.broadcast_to(_predict_many(problem, params, given), [starts])
    each = _pointwise_losses(problem, params, given, [observed.shape[0], starts])
    return tf.reduce_sum(each, 0) if problem.loss.reduction == "sum" else tf.reduce_mean(each, 0)


def _pointwise_losses(problem: Problem, params: Any, given: dict[str, Any], shape: list[int]) -> Any:
    """Return every point's loss, [point, start]; ``params`` are rows [start], or [point, start] each."""
    tf = engine.tensorflow()
    sigma = None if given["sigma"] is None else given["sigma"][:, None]
    assert problem.loss.pointwise is not None
    predicted = _predict_many(problem, params, given)
    each = problem.loss.pointwise(given["observed"][:, None], predicted, sigma, math_tensorflow.math())
    return tf.broadcast_to(each, shape)


def _predict_many(problem: Problem, params: Any, given: dict[str, Any]) -> Any:
    """Return a formula's predictions, [point, start] or what broadcasts to it."""
    tf = engine.tensorflow()
    columns = {name: column[:, None] for name, column in given["columns"].items()}
    values = {**problem.constants, **problem.by_name(params), **columns}
    return tf.convert_to_tensor(problem.model(values, math_tensorflow.math()), params[0].dtype)


def _residuals_and_slopes_of_tree(problem: Problem, params: Any, given: dict[str, Any]) -> tuple[Any, Any]:
    """Return (prediction − observation)/σ, [start, point], and its derivatives, [start, param, point].

    A formula works on each point by itself. So if every point has a copy of the parameters of its own, the gradient
    of the sum over the points with respect to the copies is the Jacobian: one backward pass for all parameters.
    """
    tf = engine.tensorflow()
    shape = [tf.shape(given["observed"])[0], tf.shape(params)[1]]
    copies = [tf.broadcast_to(params[index], shape) for index in range(params.shape[0])]
    weight = 1.0 if given["sigma"] is None else 1 / given["sigma"][:, None]
    with tf.GradientTape() as tape:
        tape.watch(copies)
        predicted = _predict_many(problem, copies, given)
    slopes = tape.gradient(predicted, copies, unconnected_gradients="zero")
    difference = tf.broadcast_to((predicted - given["observed"][:, None]) * weight, shape)
    return tf.transpose(difference), tf.transpose(tf.stack(slopes) * weight, [2, 0, 1])


def _predict_one(problem: Problem, row: Any, given: dict[str, Any]) -> Any:
    """Call the model with one start's parameters, each in its own shape; [point, …] or [] comes back."""
    tf = engine.tensorflow()
    values = {**problem.constants, **_by_name(problem, row), **given["columns"]}
    try:
        found = tf.cast(tf.convert_to_tensor(problem.model(values, math_tensorflow.math())), row.dtype)
    except RavineError:
        raise
    except Exception as error:
        raise ProblemError(_cannot_call(problem, error)) from error
    observed = given["observed"]
    if observed is not None and found.shape.rank == 0:
        found = tf.broadcast_to(found, observed.shape)
    return found


def _cannot_call(problem: Problem, error: Exception) -> str:
    why = problem.model.why if isinstance(problem.model, Opaque) else ""
    first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    reason = first_line.partition(" for '{{node")[0].partition(". ")[0].rstrip(".")
    return (
        f"model: '{problem.title}' can't be called with TensorFlow tensors ({reason}), nor be read as a formula"
        + (f" ({why.rstrip('.')})" if why else "")
        + ". Write it with NumPy functions or with TensorFlow operations."
    )


def _loss_of_one(problem: Problem, row: Any, given: dict[str, Any]) -> Any:
    tf = engine.tensorflow()
    predicted, observed = _predict_one(problem, row, given), given["observed"]
    if observed is None:
        if predicted.shape.num_elements() != 1:
            raise ProblemError(
                f"model: expected one number from '{problem.title}', got shape {predicted.shape.as_list()}. "
                "Return a single value, or give data."
            )
        return tf.reshape(predicted, [])
    if problem.loss.keras is not None:
        return _keras_loss(problem, observed, predicted)
    if predicted.shape.as_list() != observed.shape.as_list():
        raise ProblemError(
            f"model: expected predictions of shape {observed.shape.as_list()} like '{problem.response_label}', "
            f"got {predicted.shape.as_list()} from '{problem.title}'."
        )
    sigma = _sigma_like(observed, given)
    assert problem.loss.pointwise is not None
    each = problem.loss.pointwise(observed, predicted, sigma, math_tensorflow.math())
    return tf.reduce_sum(each) if problem.loss.reduction == "sum" else tf.reduce_mean(each)


def _keras_loss(problem: Problem, observed: Any, predicted: Any) -> Any:
    tf = engine.tensorflow()
    try:
        return tf.reduce_mean(tf.cast(problem.loss.keras(observed, predicted), predicted.dtype))
    except RavineError:
        raise
    except Exception as error:
        shapes = f"{observed.shape.as_list()} with predictions of shape {predicted.shape.as_list()}"
        raise ProblemError(
            f"loss: Keras's '{problem.loss.name}' can't compare observations of shape {shapes}. Take another loss."
        ) from error


def _sigma_like(values: Any, given: dict[str, Any]) -> Any:
    """Return σ [point] with as many axes as ``values`` [point, …]: it belongs to rows, never to columns."""
    tf = engine.tensorflow()
    sigma = given["sigma"]
    return None if sigma is None else tf.reshape(sigma, [-1] + [1] * (values.shape.rank - 1))


def _by_name(problem: Problem, row: Any) -> dict[str, Any]:
    tf = engine.tensorflow()
    sizes = [int(np.prod(shape)) for shape in problem.shapes.values()]
    parts = tf.split(row, sizes)
    return {name: tf.reshape(part, shape) for (name, shape), part in zip(problem.shapes.items(), parts, strict=True)}
