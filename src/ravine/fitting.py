"""fit: the answer people can rely on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

import numpy as np

from ravine import parameters, valley
from ravine.errors import ProblemError
from ravine.fitted import Fit, FittedParameter, Minimum, quantile
from ravine.parameters import Parameters
from ravine.problem import Problem
from ravine.reasons import is_as_good, reasons
from ravine.recording import Recording
from ravine.run import Run, Status
from ravine.statistics import Goodness, covariance

_CHECKS = 64  # starts that warn only, when the user's own decides
_MOST = 100_000


def fit(  # noqa: PLR0913 - the second door of the library; the words are SciPy's and lmfit's
    formula: Any,
    data: Any = None,
    start: Mapping[str, float] | None = None,
    *,
    sigma: Any = None,
    absolute_sigma: bool = False,
    bounds: Mapping[str, Any] | None = None,
    fixed: Mapping[str, float] | Sequence[str] | None = None,
    ties: Mapping[str, str] | None = None,
    params: Any = None,
    starts: int = 64,
    seed: int = 0,
    nan_policy: str = "raise",
) -> Fit:
    """Fit a formula to a table by least squares, from many starts, and say how sure the answer is.

    The starts come from the data's scales and the formula's structure; parameters in which the formula is linear are
    solved for exactly. All descend at once (Levenberg–Marquardt with exact Jacobians), and the best ends are polished
    to the last digits. With a start of yours, that one is followed too, and the report says if it leads elsewhere.

    Parameters
    ----------
    formula
        As for `Problem`, or a `Problem`.
    data
        As for `Problem`.
    start
        Values by name, for all free parameters or some of them.
    sigma
        Standard deviations of the observations: a column, a number or an array [point].
    absolute_sigma
        Whether sigma is known absolutely; otherwise errors are scaled by the residuals.
    bounds
        ``{"b": (0, None)}``.
    fixed
        ``{"c": 1.0}``, or names whose start values stay.
    ties
        ``{"b2": "2*b1"}``.
    params
        lmfit's parameters, or a mapping with its words (value, min, max, vary, expr).
    starts
        How many other starts; with 1 and a start of yours, only that one decides, the others merely warn.
    seed
        Of the starts.
    nan_policy
        ``"raise"`` or ``"omit"`` rows with missing values.

    Raises
    ------
    FormulaError, DataError, ProblemError
        With one sentence each.

    References
    ----------
    J. J. Moré (1978), The Levenberg–Marquardt algorithm: implementation and theory, in: Numerical Analysis, Springer.

    Examples
    --------
    >>> result = fit("y = a*x + b", {"x": [0, 1, 2, 3], "y": [1.1, 2.9, 5.1, 6.9]})
    >>> {name: round(each.value, 3) for name, each in result.params.items()}
    {'a': 1.96, 'b': 1.06}
    """
    _check_count("starts", starts, 1)
    _check_count("seed", seed, 0)
    problem = _problem(formula, data, sigma, nan_policy)
    asked = parameters.read(problem, start, bounds, fixed, ties, params)
    own = _own_start(asked)
    found = valley.search(asked.problem, own, starts if starts > 1 else _CHECKS, seed)
    if not found.ends:
        count = len(found.descent.params)
        raise ProblemError(f"fit: '{problem.title}' isn't finite at any of {count} starts. Give a start or bounds.")
    chosen = _choose(found, asked.problem, only_own=starts == 1)
    result = _assemble(problem, asked, found, chosen, absolute_sigma=absolute_sigma)
    return result.with_warnings(reasons(result, asked, found, chosen))


def _check_count(where: str, value: Any, least: int) -> None:
    if not isinstance(value, Integral) or not least <= int(value) <= _MOST:
        raise ProblemError(f"{where}: expected a whole number from {least} to {_MOST:,}, got {value!r}.")


def _problem(formula: Any, data: Any, sigma: Any, nan_policy: str) -> Problem:
    if not isinstance(formula, Problem):
        formula = Problem(formula, data, loss="sse", sigma=sigma, nan_policy=nan_policy)
    if formula.observed is None:
        raise ProblemError("fit: expected a table to fit to, got none. Give data, or minimize with ravine.descend.")
    if not formula.loss.is_sum_of_squares:
        raise ProblemError(
            f"fit: expected a sum of squares (mse, sse, half_sse), got the loss '{formula.loss.name}'. "
            "Minimize it with ravine.descend."
        )
    return formula


def _choose(found: valley.Search, problem: Problem, *, only_own: bool) -> valley.End:
    """Return the best end; of equally good ones the user's own, or the one that most starts came to.

    With ``only_own`` it is the user's own however bad, if there is one.
    """
    if found.own is not None and only_own:
        return found.ends[found.own]
    equals = [index for index, end in enumerate(found.ends) if is_as_good(end, found.ends[0], problem)]
    if found.own in equals:
        return found.ends[found.own]
    return found.ends[max(equals, key=lambda index: len(found.ends[index].starts))]


def _own_start(asked: Parameters) -> np.ndarray | None:
    """Return the user's start [param] if every free parameter has a value."""
    values = [asked.asked[name].value for name in asked.problem.names]
    return None if any(value is None for value in values) else np.array(values, float)


def _assemble(
    problem: Problem, asked: Parameters, found: valley.Search, chosen: valley.End, *, absolute_sigma: bool
) -> Fit:
    reduced, point = asked.problem, chosen.point
    goodness = _goodness(reduced, point.squares)
    variance = 1.0 if absolute_sigma else goodness.reduced_chi_squared
    sure = covariance(point.jacobian, variance)
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
