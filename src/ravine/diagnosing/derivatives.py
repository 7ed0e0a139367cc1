"""Derivatives: losses, gradients and Hessians at many rows of parameters in one call, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ravine import engine, graph
from ravine.compilation import remember
from ravine.problem import Problem

_ELEMENTS = 2**20  # of [point, row], times the parameters, at a time
_WIDTHS = (32, 256)  # few, since each is a graph of its own


class Derivatives:
    """Losses, gradients and Hessians of one problem.

    Parameters
    ----------
    problem
        What is evaluated. A formula takes many rows at once, anything else one after the other.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.inputs = graph.inputs(problem, "float64")
        self._structure = graph.structure(problem)
        room = _ELEMENTS // max(1, problem.points * len(problem.names))
        self._widths = [width for width in _WIDTHS if problem.is_readable and width <= room] or [1]

    def at(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return losses [row], gradients [row, param] and Hessians [row, param, param] at rows [row, param]."""
        rows = np.asarray(rows, float)
        width = next((width for width in self._widths if width >= len(rows)), self._widths[-1])
        padded = np.concatenate([rows, np.repeat(rows[-1:], -len(rows) % width, axis=0)])
        compiled = remember(("diagnosing", self._structure, width), lambda: _compile(self.problem))
        parts = [compiled(padded[at : at + width].T, self.inputs) for at in range(0, len(padded), width)]
        loss, gradient, hessian = (np.concatenate([part[i].numpy().T for part in parts]) for i in range(3))
        return loss[: len(rows)], gradient[: len(rows)], hessian[: len(rows)]

    @property
    def effort(self) -> int:
        """About how many evaluations of the model at one point a row takes."""
        return max(1, self.problem.points) * (1 + len(self.problem.names)) ** 2

    def losses(self, rows: np.ndarray) -> np.ndarray:
        """Return losses [row] at rows [row, param]."""
        if self.problem.is_readable:
            return self.problem.losses(rows)
        return graph.Evaluator(self.problem).losses(rows)


def _compile(problem: Problem) -> Callable[..., Any]:
    tf = engine.tensorflow()
    bare = graph.without_data(problem)

    def of_many(params: Any, given: dict[str, Any]) -> Any:
        return graph.second_derivatives(bare, params, given)

    def derivatives(params: Any, given: dict[str, Any]) -> Any:
        """Rows don't influence each other, so that the gradient of a sum over them holds each row's own."""
        with tf.GradientTape(persistent=True) as outer:
            outer.watch(params)
            with tf.GradientTape() as inner:
                inner.watch(params)
                loss = graph.losses(bare, params, given)
            gradient = inner.gradient(loss, params, unconnected_gradients="zero")
            each = tf.unstack(gradient)
        columns = [outer.gradient(one, params, unconnected_gradients="zero") for one in each]
        return loss, gradient, tf.stack(columns)

    return tf.function(of_many if graph.takes_many(bare) else derivatives, autograph=False)
