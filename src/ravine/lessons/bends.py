"""Bends: the four activations, their derivatives on paper and from the tape, and descents that need their slopes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ravine import engine
from ravine.formula import Formula, math_tensorflow
from ravine.loop import descend
from ravine.run import Run

REACH = 10.0
POINTS = 2001
LEAK = 0.2
STEPS = 100
#: What to make small, from where: a dying slope, then the same with a slope that lives.
CHASES = (
    ("(sigmoid(x) - 0.2)**2", {"x": 10.0}),
    ("(sigmoid(x) - 0.2)**2", {"x": 2.0}),
    ("(relu(x) - 1)**2", {"x": -3.0}),
    ("(leaky_relu(x) - 1)**2", {"x": -3.0}),
)
RATE = 0.5


@dataclass(frozen=True)
class Activation:
    """An activation function with its derivative on paper.

    Parameters
    ----------
    name
        As formulas write it.
    title
        As people write it.
    equation, derivative
        In Unicode.
    closed
        The derivative, of values x [point] and function values [point].
    """

    name: str
    title: str
    equation: str
    derivative: str
    closed: Callable[[np.ndarray, np.ndarray], np.ndarray]


ACTIVATIONS = (
    Activation("sigmoid", "sigmoid", "σ(x) = 1/(1 + e⁻ˣ)", "σ − σ²", lambda x, y: y - y * y),
    Activation("tanh", "tanh", "(eˣ − e⁻ˣ)/(eˣ + e⁻ˣ)", "1 − tanh²", lambda x, y: 1 - y * y),
    Activation("relu", "ReLU", "max(x, 0)", "0 | 1", lambda x, y: np.where(x > 0, 1.0, 0.0)),
    Activation(
        "leaky_relu", "leaky ReLU", f"x > 0: x; x ≤ 0: {LEAK}·x", f"{LEAK} | 1", lambda x, y: np.where(x > 0, 1.0, LEAK)
    ),
)  # fmt: skip


def places() -> np.ndarray:
    """Return x evenly from −10 to 10, [point]."""
    return np.linspace(-REACH, REACH, POINTS)


def taped(formula: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a formula of x and its derivative from the tape, [point] each.

    Examples
    --------
    >>> value, slope = taped("sigmoid(x)", np.array([0.0]))
    >>> value.tolist(), slope.tolist()
    ([0.5], [0.25])
    """
    tf = engine.tensorflow()
    at: Any = tf.Variable(x, dtype="float64")
    with tf.GradientTape() as tape:
        value = Formula(formula).model.evaluate({"x": at}, math_tensorflow.math())
    return np.asarray(value), np.asarray(tape.gradient(value, at))


def chases() -> list[Run]:
    """Return plain gradient descent on every one of `CHASES`."""
    return [descend(formula, start, "sgd", learning_rate=RATE, steps=STEPS) for formula, start in CHASES]
