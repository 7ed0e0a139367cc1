"""Taped: functions of several outputs and their derivatives of any order, by automatic differentiation in float64."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ravine import engine
from ravine.errors import ProblemError, RavineError
from ravine.formula import math_numpy, math_tensorflow
from ravine.model import Model, Opaque, Tree


@dataclass(frozen=True)
class Outputs:
    """What is differentiated: one or several models, or a callable with several outputs.

    Parameters
    ----------
    models
        Formulas or callables.
    constants
        Values of ``pi`` and ``e`` where these are no variables.
    """

    models: tuple[Model, ...]
    constants: Mapping[str, float]

    @property
    def is_readable(self) -> bool:
        """Whether all are formulas."""
        return all(isinstance(model, Tree) for model in self.models)

    def __call__(self, at: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the values, [output, point], by NumPy where that is possible."""
        if not self.is_readable:
            return self._by_tensorflow(self._tensors(at)).numpy()
        values = {**self.constants, **at}
        with np.errstate(all="ignore"):
            found = [np.asarray(model(values, math_numpy.MATH), float) for model in self.models]
        return np.stack([np.broadcast_to(each, self._points(at)) for each in found])

    def derivative(self, at: Mapping[str, np.ndarray], path: Sequence[str]) -> np.ndarray:
        """Return a derivative, [output, point]; ``path`` names a variable for each order.

        The gradient of the sum over all points is the derivative at each, for no point depends on another.
        """
        tensors = self._tensors(at)
        count = self._by_tensorflow(tensors).shape[0]
        return np.stack([self._one(tensors, path, output).numpy() for output in range(count)])

    def _one(self, tensors: Mapping[str, Any], path: Sequence[str], output: int) -> Any:
        tf = engine.tensorflow()
        if not path:
            return self._by_tensorflow(tensors)[output]
        *before, name = path
        with tf.GradientTape() as tape:
            tape.watch(tensors[name])
            below = self._one(tensors, before, output)
        return tf.convert_to_tensor(tape.gradient(below, tensors[name], unconnected_gradients="zero"))

    def _tensors(self, at: Mapping[str, np.ndarray]) -> dict[str, Any]:
        tf = engine.tensorflow()
        return {name: tf.constant(value, tf.float64) for name, value in at.items()}

    def _points(self, at: Mapping[str, Any]) -> tuple[int, ...]:
        return tuple(next(iter(at.values())).shape)

    def _by_tensorflow(self, tensors: Mapping[str, Any]) -> Any:
        tf = engine.tensorflow()
        points = self._points(tensors)
        values, math = {**self.constants, **tensors}, math_tensorflow.math()
        rows = []
        for model in self.models:
            if isinstance(model, Tree):
                found = tf.convert_to_tensor(model(values, math), tf.float64)
                rows.append(tf.broadcast_to(found, points)[None])
            else:
                each = [self._called(model, {k: v[i] for k, v in tensors.items()}) for i in range(points[0])]
                rows.append(tf.stack(each, axis=1))
        return rows[0] if len(rows) == 1 else tf.concat(rows, 0)

    def _called(self, model: Opaque, values: Mapping[str, Any]) -> Any:
        """Call a function at one point; its numbers, [output], whatever their shape was."""
        tf = engine.tensorflow()
        try:
            return tf.reshape(tf.cast(tf.convert_to_tensor(model(values, {})), tf.float64), [-1])
        except RavineError:
            raise
        except Exception as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
            raise ProblemError(
                f"derive: '{model.text}' can't be called with TensorFlow tensors ({reason[:120]}). Write it with NumPy "
                "functions or with TensorFlow operations."
            ) from error
