"""Assembly: of an end of the search, a Fit: all parameters, their errors, the minima and every start's path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ravine.fitting import robust, valley
from ravine.fitting.findings import FittedParameter, Minimum, quantile
from ravine.fitting.fitted import Fit
from ravine.fitting.parameters import Parameters
from ravine.fitting.polish import Point
from ravine.fitting.refits import residuals_and_jacobians
from ravine.fitting.statistics import Covariance, Goodness, covariance
from ravine.problem import Problem
from ravine.recording import Recording
from ravine.run import Run, Status


def assemble(
    problem: Problem, asked: Parameters, found: valley.Search, chosen: valley.End, *, absolute_sigma: bool
) -> Fit:
    """Return the fit whose answer is this end, without warnings yet.

    Parameters
    ----------
    problem
        With all parameters.
    asked
        What was asked of them.
    found
        The search.
    chosen
        One of its ends.
    absolute_sigma
        Whether sigma is known absolutely.
    """
    reduced, point = found.problem, chosen.point
    goodness, sure = _sure(reduced, point, absolute_sigma=absolute_sigma)
    absolute_sigma = absolute_sigma and not goodness.is_robust
    free = dict(zip(reduced.names, point.params.tolist(), strict=True))
    errors = dict(zip(reduced.names, np.sqrt(np.diag(sure.matrix)).tolist(), strict=True))
    reach = quantile(goodness.degrees_of_freedom, absolute_sigma=absolute_sigma)
    fitted = {}
    for name, value in asked.complete(free).items():
        stderr = errors[name] if name in errors else _tied_error(asked, name, free, sure.matrix)
        width = reach * stderr
        fitted[name] = FittedParameter(value, stderr, value - width, value + width, asked.asked[name], name in free)
    total = len(found.descent.params)
    minima = tuple(
        Minimum(
            end.point.squares,
            asked.complete(dict(zip(reduced.names, end.point.params, strict=True))),
            len(end.starts) / total,
        )
        for end in found.ends
    )
    run = _run(reduced, found)
    problem = robust.under(problem, reduced.loss)
    return Fit(problem, fitted, goodness, sure, minima, run, absolute_sigma=absolute_sigma)


def _tied_error(asked: Parameters, name: str, free: Mapping[str, float], matrix: np.ndarray) -> float:
    """Return the standard error of a tied parameter by linear propagation; 0 for a fixed one."""
    if name not in asked.ties:
        return 0.0
    slopes = []
    for each, value in free.items():
        step = 1e-6 * (abs(value) or 1.0)
        up, down = (asked.complete({**free, each: value + side})[name] for side in (step, -step))
        slopes.append((up - down) / (2 * step))
    return float(np.sqrt(np.array(slopes) @ matrix @ np.array(slopes)))


def _sure(problem: Problem, point: Point, *, absolute_sigma: bool) -> tuple[Goodness, Covariance]:
    """Return how good the end is, and the covariance of the free parameters."""
    loss = robust.scaled(problem)
    if loss is None:
        goodness = _goodness(problem, point.squares)
        variance = 1.0 if absolute_sigma else goodness.reduced_chi_squared
        return goodness, covariance(point.jacobian, variance)
    residual, jacobian = (each[0] for each in residuals_and_jacobians(robust.plain(problem))(point.params[None]))
    goodness = _goodness(problem, float(residual @ residual))
    goodness = replace(goodness, robust_loss=point.squares, robust_scale=loss.scale)
    return goodness, covariance(jacobian, loss.variance(residual, len(problem.names)))


def _goodness(problem: Problem, squares: float) -> Goodness:
    assert problem.observed is not None
    weight = np.ones(problem.points) if problem.sigma is None else problem.sigma**-2.0
    mean = np.average(problem.observed, weights=weight)
    return Goodness(problem.points, len(problem.names), squares, float(weight @ (problem.observed - mean) ** 2))


def _run(problem: Problem, found: valley.Search) -> Run:
    """Return the search as a run: every start's path is there."""
    path = found.descent.path
    params, squares, gradient = (np.stack(each) for each in (path.params, path.squares, path.gradient))
    recording = Recording(
        step=np.arange(len(params)),
        params=np.ascontiguousarray(np.moveaxis(params, 1, 0)),
        gradient=2 * np.ascontiguousarray(np.moveaxis(gradient, 1, 0)),
        loss=np.ascontiguousarray(squares.T),
        learning_rate=np.full(squares.T.shape, np.nan),
        status=[Status.converged if settled else Status.ran_out for settled in found.descent.settled],
        steps_taken=found.descent.steps_taken,
    )
    settings = {"optimizer": "levenberg-marquardt", "dtype": "float64", "record_every": 1, "steps": len(params) - 1}
    return Run(recording.to_dataset(problem.names), problem, settings)
