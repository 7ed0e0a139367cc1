"""Fitters: the same least-squares fit by ravine and by what others use, each with its defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import ravine as rv
from ravine.formula import math_numpy


@dataclass(frozen=True)
class Answer:
    """Values and standard errors by name, and whether anything was said against them."""

    values: Mapping[str, float]
    errors: Mapping[str, float]
    is_warned: bool


Start = Mapping[str, float]
Fitter = Callable[[rv.Problem, Start | None], Answer]


def ravine(problem: rv.Problem, start: Start | None) -> Answer:
    """Fit with `ravine.fit`."""
    found = rv.fit(problem, None, start)
    serious = {"better-minimum", "not-converged", "no-effect", "indistinguishable"}
    errors = {name: each.stderr for name, each in found.params.items()}
    return Answer(found.values, errors, any(note.code in serious for note in found.warnings))


def curve_fit(problem: rv.Problem, start: Start | None) -> Answer:
    """Fit with SciPy's curve_fit; it starts at ones if nothing else is given."""
    from scipy import optimize

    initial = None if start is None else [start[name] for name in problem.names]
    inputs = np.arange(problem.points, dtype=float)
    values, covariance = optimize.curve_fit(
        _positional(problem), inputs, problem.observed, initial or [1.0] * len(problem.names)
    )
    return _answer(problem, values, np.sqrt(np.diag(covariance)))


def lmfit(problem: rv.Problem, start: Start | None) -> Answer:
    """Fit with lmfit's Model; it has no start of its own."""
    from lmfit import Parameters, minimize

    params = Parameters()
    for name in problem.names:
        params.add(name, value=1.0 if start is None else start[name])
    found = minimize(lambda given: problem.predict(given.valuesdict()) - problem.observed, params)
    if not found.success:
        raise RuntimeError(found.message)
    errors = [found.params[name].stderr or np.nan for name in problem.names]
    return _answer(problem, [found.params[name].value for name in problem.names], errors)


def iminuit(problem: rv.Problem, start: Start | None) -> Answer:
    """Fit with iminuit's MIGRAD on the sum of squares."""
    from iminuit import Minuit
    from iminuit.cost import LeastSquares

    predict = _positional(problem)
    cost = LeastSquares(np.arange(problem.points, dtype=float), problem.observed, 0.1, predict)
    minuit = Minuit(cost, *(1.0 if start is None else start[name] for name in problem.names), name=problem.names)
    minuit.migrad()
    if not minuit.valid:
        raise RuntimeError("iminuit: the minimum isn't valid")
    return _answer(problem, list(minuit.values), list(minuit.errors))


def _positional(problem: rv.Problem) -> Callable[..., np.ndarray]:
    def predict(_: Any, *row: float) -> np.ndarray:
        values = {**problem.constants, **dict(zip(problem.names, row, strict=True)), **problem.columns}
        found = np.asarray(problem.model(values, math_numpy.MATH), float)
        return np.broadcast_to(found, (problem.points,))

    return predict


def _answer(problem: rv.Problem, values: Any, errors: Any) -> Answer:
    by_name = [{name: float(value) for name, value in zip(problem.names, row, strict=True)} for row in (values, errors)]
    usable = np.isfinite(list(by_name[1].values())).all()
    return Answer(by_name[0], by_name[1], not usable)
