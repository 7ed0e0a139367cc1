"""Overflows: which operation of a formula stopped being finite first."""

from __future__ import annotations

from typing import Any

import numpy as np

from ravine import engine
from ravine.diagnosing.causes import Cause, four_digits, place
from ravine.diagnosing.tracks import Track
from ravine.formula import math_numpy, math_tensorflow
from ravine.formula.tree import Call, Name, Node, Number, fold
from ravine.model import Tree
from ravine.problem import Problem


def cause(track: Track, problem: Problem, dtype: str) -> Cause:
    """Return where a start that ended in NaN or infinity met it first.

    Parameters
    ----------
    track
        Its record, the last of which is not finite.
    problem
        What was made small.
    dtype
        In which it was computed: exp(89) is beyond float32.
    """
    row = track.params[-1]
    evidence: dict[str, Any] = {"step": track.taken, "loss": str(track.loss[-1])}
    if not np.isfinite(row).all():
        names = tuple(name for name, value in zip(problem.names, row, strict=True) if not np.isfinite(value))
        return Cause("overflow", "update", evidence | {"names": names}, key="update")
    evidence["params"] = place(problem.names, row)
    if not isinstance(problem.model, Tree):
        return Cause("overflow", "opaque", evidence, key="opaque")
    values = {**problem.constants, **problem.by_name(row), **problem.columns}
    seen = _Evaluated(problem.model.formula.model, values, dtype)
    if (met := seen.first_infinite()) is not None:
        kind, (node, point) = "operation", met
    elif not np.isfinite(track.loss[-1]):
        return Cause("overflow", "loss", evidence | {"operation": problem.loss.name}, key="loss")
    elif (met := seen.first_steep()) is not None:
        kind, (node, point) = "slope", met
    else:
        return Cause("overflow", "unknown", evidence, key="unknown")
    evidence |= {"operation": str(node), "with_values": seen.filled(node, point), "dtype": dtype}
    if kind == "operation":
        evidence["value"] = str(float(seen.at(node, point)))
    if problem.has_data:
        evidence["row"] = point + 1
    return Cause("overflow", kind, evidence, weight=-track.taken, key=(kind, str(node)))


class _Evaluated:
    """A tree with the value of every part of it, at all points."""

    def __init__(self, model: Node, values: dict[str, Any], dtype: str) -> None:
        self.model = model
        self.dtype = dtype
        self.values: dict[int, np.ndarray] = {}
        given = {name: np.asarray(value, dtype) for name, value in values.items()}
        self.points = max((value.size for value in given.values()), default=1)

        def leaf(node: Number | Name) -> tuple[Node, Any]:
            value = node.value if isinstance(node, Number) else given[node.name]
            self.values[id(node)] = np.asarray(value, dtype)
            return node, value

        def join(call: Call, arguments: list[tuple[Node, Any]]) -> tuple[Node, Any]:
            with np.errstate(all="ignore"):
                value = math_numpy.MATH[call.function](*(value for _, value in arguments))
            self.values[id(call)] = np.asarray(value, dtype)
            return call, value

        fold(model, leaf, join)

    def at(self, node: Node, point: int) -> np.ndarray:
        """Return the value of a part at a point."""
        return np.broadcast_to(self.values[id(node)].reshape(-1), (self.points,))[point]

    def first_infinite(self) -> tuple[Call, int] | None:
        """Return the innermost operation that made the prediction infinite or NaN, and the first such point."""
        wrong = np.flatnonzero(~np.isfinite(np.broadcast_to(self.values[id(self.model)].reshape(-1), (self.points,))))
        if not wrong.size or not isinstance(self.model, Call):
            return None
        point, node = int(wrong[0]), self.model
        while True:
            calls = [part for part in node.arguments if isinstance(part, Call)]
            inner = next((part for part in calls if not np.isfinite(self.at(part, point))), None)
            if inner is None:
                return node, point
            node = inner

    def first_steep(self) -> tuple[Call, int] | None:
        """Return the first operation with an infinite or undefined slope, and the first such point."""
        found: list[tuple[Call, int]] = []

        def join(call: Call, arguments: list[Node]) -> Node:
            steep = np.flatnonzero(~np.isfinite(self._slopes(call)))
            if steep.size:
                found.append((call, int(steep[0])))
            return call

        fold(self.model, lambda node: node, join)
        return found[0] if found else None

    def _slopes(self, call: Call) -> np.ndarray:
        """Return the sum of the sizes of an operation's derivatives by its own arguments, [point]."""
        tf = engine.tensorflow()
        arguments = [self.values[id(part)] for part in call.arguments]
        tensors = [
            # A number stays one: small whole powers are multiplied out.
            part.value if isinstance(part, Number) else tf.constant(np.broadcast_to(value.reshape(-1), (self.points,)))
            for part, value in zip(call.arguments, arguments, strict=True)
        ]
        watched = [tensor for tensor in tensors if tf.is_tensor(tensor)]
        if not watched:
            return np.zeros(self.points)
        with tf.GradientTape() as tape:
            tape.watch(watched)
            value = math_tensorflow.math()[call.function](*tensors)
        slopes = tape.gradient(value, watched, unconnected_gradients="zero")
        return np.sum([np.abs(slope.numpy()) for slope in slopes], axis=0)

    def filled(self, node: Call, point: int) -> str:
        """Return the operation with numbers for its arguments, such as ``exp(800)``."""
        return str(Call(node.function, tuple(_number(float(self.at(part, point))) for part in node.arguments)))


def _number(value: float) -> Node:
    if not np.isfinite(value):
        return Name("nan" if np.isnan(value) else "inf")
    return Number(four_digits(value))
