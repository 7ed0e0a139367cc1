"""Contributions: what each point adds to the loss and to its gradient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ravine import engine
from ravine.formula import math_tensorflow
from ravine.graph import Evaluator
from ravine.problem import Problem

_CALLS = 1000  # of a Keras loss, one for each point


@dataclass(frozen=True, eq=False)
class Contributions:
    """Points and their shares.

    Parameters
    ----------
    rows
        Which rows of the table they are, counted from 1, [point].
    columns
        The inputs by name, [point] each; those with more axes are left out.
    observed, predicted, error
        [point], or [point, …] for a model with several outputs; the error is prediction − observation.
    loss
        What each point adds to the loss, [point]; None if the loss doesn't say.
    gradient
        What each point adds to the gradient, [point, param].
    """

    rows: np.ndarray
    columns: Mapping[str, np.ndarray]
    observed: np.ndarray
    predicted: np.ndarray
    error: np.ndarray
    loss: np.ndarray | None
    gradient: np.ndarray


def contributions(problem: Problem, row: np.ndarray, dtype: str, rows: np.ndarray | None = None) -> Contributions:
    """Return what each point adds at a row of parameters [param], by automatic differentiation.

    The chain rule at each point: (change of the loss with the prediction)·(change of the prediction with a parameter).
    """
    assert problem.observed is not None
    evaluator = Evaluator(problem, dtype)
    observed = problem.observed.astype(dtype)
    predicted = evaluator.predictions(row).reshape(observed.shape)
    slopes = evaluator.jacobian(row)
    if problem.sigma is not None:  # the evaluator's residuals are in units of σ
        slopes = slopes * np.repeat(problem.sigma, slopes.shape[0] // len(problem.sigma))[:, None].astype(dtype)
    each, by_prediction = _losses(problem, observed, predicted, dtype)
    shares = (by_prediction.reshape(-1, 1) * slopes).reshape(len(observed), -1, slopes.shape[1]).sum(1)
    return Contributions(
        rows=np.arange(problem.points) + 1 if rows is None else rows + 1,
        columns={name: column for name, column in problem.columns.items() if column.ndim == 1},
        observed=observed,
        predicted=predicted,
        error=predicted - observed,
        loss=each,
        gradient=shares,
    )


def _losses(
    problem: Problem, observed: np.ndarray, predicted: np.ndarray, dtype: str
) -> tuple[np.ndarray | None, np.ndarray]:
    """Return each point's share of the loss [point], and the loss's slopes by the predictions [point, …]."""
    tf = engine.tensorflow()
    given, seen = tf.constant(predicted), tf.constant(observed)
    loss = problem.loss
    if loss.keras is not None:
        with tf.GradientTape() as tape:
            tape.watch(given)
            whole = tf.reduce_mean(tf.cast(loss.keras(seen, given), dtype))
        return _of_keras(loss.keras, seen, given, float(whole)), _slopes(tape, whole, given)
    sigma = None if problem.sigma is None else problem.sigma.astype(dtype).reshape(-1, *[1] * (observed.ndim - 1))
    share = 1.0 if loss.reduction == "sum" else 1.0 / observed.size
    assert loss.pointwise is not None
    with tf.GradientTape() as tape:
        tape.watch(given)
        each = (
            loss.pointwise(seen, given, None if sigma is None else tf.constant(sigma), math_tensorflow.math()) * share
        )
    return each.numpy().reshape(len(observed), -1).sum(1), _slopes(tape, each, given)


def _slopes(tape: Any, value: Any, given: Any) -> np.ndarray:
    tf = engine.tensorflow()
    return tf.convert_to_tensor(tape.gradient(value, given, unconnected_gradients="zero")).numpy()


def _of_keras(loss: Any, observed: Any, predicted: Any, whole: float) -> np.ndarray | None:
    """Return each point's share of a Keras loss, None unless it is a mean over points."""
    count = observed.shape[0]
    if count > _CALLS:
        return None
    each = [float(np.mean(loss(observed[i : i + 1], predicted[i : i + 1]))) / count for i in range(count)]
    return np.array(each) if np.isclose(sum(each), whole, rtol=1e-4) else None
