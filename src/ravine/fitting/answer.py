"""fit: the answer people can rely on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any

import numpy as np

from ravine.errors import ProblemError
from ravine.fitting import parameters, ready, valley
from ravine.fitting.fitted import Fit, FittedParameter, Minimum, quantile
from ravine.fitting.parameters import Parameters
from ravine.fitting.reasons import is_as_good, reasons
from ravine.fitting.several import Several, several
from ravine.fitting.statistics import Goodness, covariance
from ravine.model import Tree
from ravine.problem import Problem
from ravine.recording import Recording
from ravine.run import Run, Status
from ravine.table import read_table

_CHECKS = 64  # starts that warn only, when the user's own decides
_TOGETHER = 8  # starts for several sets together, beside the one that the sets by themselves lead to
_MOST = 100_000


@dataclass(frozen=True)
class _Wanted:
    """What is said of parameters, in the caller's words or spread over the copies of several sets."""

    start: Any = None
    bounds: Any = None
    fixed: Any = None
    ties: Any = None
    params: Any = None

    def over(self, found: Several) -> _Wanted:
        """Return this for the copies of every set."""
        fixed: Any = self.fixed
        if isinstance(self.fixed, Sequence) and not isinstance(self.fixed, str):
            fixed = dict.fromkeys(self.fixed)
        start, bounds, fixed, params = (
            found.spread(each) if _is_mapping(each) else each for each in (self.start, self.bounds, fixed, self.params)
        )
        ties = found.spread_ties(self.ties) if _is_mapping(self.ties) else self.ties
        return _Wanted(start, bounds, fixed, ties, params)

    def alone(self, names: Sequence[str]) -> _Wanted:
        """Return bounds and fixed values that hold in each set by itself."""
        bounds, fixed = (
            {name: each[name] for name in names if name in each} if _is_mapping(each) else None
            for each in (self.bounds, self.fixed)
        )
        return _Wanted(bounds=bounds, fixed=fixed)


def _is_mapping(given: Any) -> bool:
    return isinstance(given, Mapping)


def fit(  # noqa: PLR0913 - the second door of the library; the words are SciPy's and lmfit's
    formula: Any,
    data: Any = None,
    start: Mapping[str, float] | None = None,
    *,
    x: str | None = None,
    y: str | None = None,
    by: str | None = None,
    shared: str | Iterable[str] = (),
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
        As for `Problem`, or a `Problem`, or the name of a ready formula such as "gaussian": `ravine.models`.
    data
        As for `Problem`.
    start
        Values by name. Given for all free parameters, they are followed as your own start. Given for some, the others
        are searched with these held, and one of the starts begins where that ends; it isn't told apart from the others.
    x, y
        The columns of a ready formula; x and y by default, or the only two. Such a formula knows a start of its own,
        which is one of the starts unless you give some.
    by
        A column that says which data set a row belongs to. Each set gets parameters of its own, called a_1, a_2 (or
        a_cold, a_hot, as the column says); what is asked of ``a`` is asked of all of them. Without a start each set is
        fitted by itself first, from so many starts, and that leads the fit of all.
    shared
        Parameters with one value for all sets.
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
    >>> fit("line", {"time": [0, 1, 2, 3], "counts": [1, 3, 5, 7]}, x="time", y="counts").problem.title
    'counts = slope*time + intercept'
    """
    _check_count("starts", starts, 1)
    _check_count("seed", seed, 0)
    formula, hint = _formula(formula, data, x, y, nan_policy)
    wanted = _Wanted(start, bounds, fixed, ties, params)
    if by is not None:
        many = _several(formula, data, by, shared, sigma, nan_policy)
        together = wanted.over(many)
        problem, led = many.problem, None if start else _led(many, wanted, starts, seed)
        wanted, hint = together, led or many.spread(hint)
        count = min(starts, _TOGETHER) if led else starts
    elif shared:
        raise ProblemError("shared: expected by=, the column that tells the data sets apart, got none. Give it.")
    else:
        problem, count = _problem(formula, data, sigma, nan_policy), starts
    asked = parameters.read(problem, wanted.start, wanted.bounds, wanted.fixed, wanted.ties, wanted.params)
    found = _search(asked, hint, count if starts > 1 else _CHECKS, seed)
    if not found.ends:
        count = len(found.descent.params)
        raise ProblemError(f"fit: '{problem.title}' isn't finite at any of {count} starts. Give a start or bounds.")
    chosen = _choose(found, asked.problem, only_own=starts == 1)
    result = _assemble(problem, asked, found, chosen, absolute_sigma=absolute_sigma)
    return result.with_warnings(reasons(result, asked, found, chosen))


def _formula(formula: Any, data: Any, x: str | None, y: str | None, nan_policy: str) -> tuple[Any, dict[str, float]]:
    """Return the formula, and the start of a ready one."""
    is_word = isinstance(formula, str) and formula.strip().replace("_", "a").isalnum()  # no formula to fit is one word
    if data is not None and isinstance(formula, str) and (is_word or formula in ready.models):
        return ready.with_data(formula, read_table(data, nan_policy), x, y)
    if x is not None or y is not None:
        said = formula.title if isinstance(formula, Problem) else formula
        raise ProblemError(
            f"fit: x and y name the columns of a ready formula, got them with '{said}'. "
            "Write the columns in the formula, or give one of `ravine models`."
        )
    return formula, {}


def _several(formula: Any, data: Any, by: str, shared: str | Iterable[str], sigma: Any, nan_policy: str) -> Several:
    if isinstance(formula, Problem) or data is None:
        raise ProblemError("by: expected a formula and a table, got a problem or no table. Give the formula as text.")
    return several(formula, data, by, shared, loss="sse", sigma=sigma, nan_policy=nan_policy)


def _led(many: Several, wanted: _Wanted, starts: int, seed: int) -> dict[str, float] | None:
    """Return where the fits of each set by itself lead, None if one of them can't be fitted."""
    alone = wanted.alone(many.alone.names)

    def one(problem: Problem) -> Mapping[str, float]:
        return fit(problem, bounds=alone.bounds, fixed=alone.fixed, starts=max(starts, 2), seed=seed).values

    try:
        return many.start(one)
    except ProblemError:
        return None


def _search(asked: Parameters, hint: Mapping[str, float], count: int, seed: int) -> valley.Search:
    """Return what the user's start and others lead to; without a whole one, a hint is one of the others."""
    problem = asked.problem
    start = np.array([asked.asked[name].value for name in problem.names], float)  # NaN where there is none
    known = np.isfinite(start)
    if known.all():
        return valley.search(problem, start, count, seed)
    if known.any():
        begin = _completed(problem, start, count, seed)
    elif hint:
        begin = np.array([hint[name] for name in problem.names], float)
    else:
        return valley.search(problem, None, count, seed)
    return replace(valley.search(problem, np.clip(begin, *problem.limits()), count, seed), own=None)


def _completed(problem: Problem, start: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return a start whose missing values (NaN) are the best ones while the others are held, 1 if none are found."""
    known = {name: value for name, value in zip(problem.names, start.tolist(), strict=True) if np.isfinite(value)}
    guess = dict.fromkeys(problem.names, 1.0) | known
    if isinstance(problem.model, Tree):
        held = parameters.read(problem, fixed=known)
        ends = valley.search(held.problem, None, count, seed).ends
        if ends:
            guess = held.complete(dict(zip(held.problem.names, ends[0].point.params.tolist(), strict=True)))
    return np.array([guess[name] for name in problem.names])


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
