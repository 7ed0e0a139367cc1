"""Holding: a problem in fewer parameters, the others fixed at values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ravine import engine
from ravine.errors import FormulaError, ProblemError
from ravine.model import Opaque, Tree
from ravine.problem import Problem


def hold(problem: Problem, held: Mapping[str, float]) -> Problem:
    """Return the problem in the other parameters only; ``held`` has flat names.

    Examples
    --------
    >>> free = hold(Problem("(a - 1)**2 + b**2"), {"b": 2.0})
    >>> free.names, free.losses([[3.0]]).tolist()
    (('a',), [8.0])
    """
    if not held:
        return problem
    free = [name for name in problem.names if name not in held]
    if isinstance(problem.model, Tree):
        try:
            formula = problem.model.formula.substitute(held)
        except FormulaError as error:  # written out with its numbers it is too long
            raise ProblemError(f"held: {error.message}") from None
        other = problem.rewritten(formula, free)
    else:
        names = [*problem.variables, *free]
        model = Opaque(problem.title, tuple(names), _complete(problem, held), problem.model.why)
        response = problem.response_names[0] if problem.response_names else None
        loss = problem.loss if problem.has_data else None
        other = Problem(model, problem.table, loss=loss, sigma=problem.sigma, response=response)
    return other.bounded(_limits(problem, free))


def _limits(problem: Problem, free: list[str]) -> dict[str, tuple[float | None, float | None]]:
    pairs = zip(problem.names, *problem.limits(), strict=True)
    sides = {name: (_side(low), _side(high)) for name, low, high in pairs}
    return {name: sides[name] for name in free if sides[name] != (None, None)}


def _side(bound: float) -> float | None:
    return float(bound) if np.isfinite(bound) else None


def _complete(problem: Problem, held: Mapping[str, float]) -> Any:
    """Return the model as a function of columns and free parameters, flat names."""
    names, shapes, variables, model = problem.names, problem.shapes, problem.variables, problem.model

    def call(**values: Any) -> Any:
        tf = engine.tensorflow()
        free = next(tf.convert_to_tensor(value) for name, value in values.items() if name not in variables)
        row = tf.stack([tf.cast(held[name] if name in held else values[name], free.dtype) for name in names])
        columns = {name: values[name] for name in variables}
        parts = zip(shapes.items(), tf.split(row, [math.prod(shape) for shape in shapes.values()]), strict=True)
        shaped = {name: tf.reshape(part, shape) for (name, shape), part in parts}
        return model({**problem.constants, **shaped, **columns}, {})

    return call
