"""fit: the answer people can rely on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from numbers import Integral
from typing import Any

import numpy as np

from ravine import losses
from ravine.errors import ProblemError, did_you_mean
from ravine.fitting import parameters, ready, resistant, robust, valley
from ravine.fitting.assembly import assemble
from ravine.fitting.fitted import Fit
from ravine.fitting.parameters import Parameters
from ravine.fitting.reasons import reasons
from ravine.fitting.several import Several, several
from ravine.fitting.wanted import Wanted
from ravine.model import Tree
from ravine.problem import Problem
from ravine.table import read_table

_CHECKS = 64  # starts that warn only, when the user's own decides
_TOGETHER = 8  # starts for several sets together, beside the one that the sets by themselves lead to
_MOST = 100_000


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
    positive: str | Iterable[str] = (),
    fixed: Mapping[str, float] | Sequence[str] | None = None,
    ties: Mapping[str, str] | None = None,
    params: Any = None,
    loss: Any = None,
    starts: int = 64,
    seed: int = 0,
    nan_policy: str = "raise",
) -> Fit:
    """Fit a formula to a table by least squares (or a robust loss), from many starts, and say how sure the answer is.

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
    positive
        Names of parameters that start above 0 and never fall below: their bounds end at 0, whatever else bounds say.
        One that would rather be negative ends at 0 itself, and a warning says so.
    fixed
        ``{"c": 1.0}``, or names whose start values stay.
    ties
        ``{"b2": "2*b1"}``.
    params
        lmfit's parameters, or a mapping with its words (value, min, max, vary, expr).
    loss
        ``"sse"`` by default, or the problem's; mse and half_sse have the same answer. ``"huber"`` lets points that lie
        far off pull no harder than others, ``"cauchy"`` nearly ignores them, ``"log_cosh"`` is a smooth huber. Of
        these the spread s of the residuals is found with the parameters (`Fit.scale`), or is 1 if sigma is absolute;
        errors always rest on the residuals.
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
    P. J. Huber (1981), Robust Statistics, Wiley, chapter 7.

    Examples
    --------
    >>> result = fit("y = a*x + b", {"x": [0, 1, 2, 3], "y": [1.1, 2.9, 5.1, 6.9]})
    >>> {name: round(each.value, 3) for name, each in result.params.items()}
    {'a': 1.96, 'b': 1.06}
    >>> fit("line", {"time": [0, 1, 2, 3], "counts": [1, 3, 5, 7]}, x="time", y="counts").problem.title
    'counts = slope*time + intercept'
    >>> data = {"x": [0, 1, 2, 3, 4, 5, 6, 7], "y": [1.1, 2.9, 5.1, 6.9, 9.1, 10.9, 13.1, 45.0]}  # y = 2x + 1, but one
    >>> {loss: round(fit("y = a*x + b", data, loss=loss).values["a"], 2) for loss in ("sse", "huber", "cauchy")}
    {'sse': 4.5, 'huber': 2.05, 'cauchy': 2.0}
    """
    _check_count("starts", starts, 1)
    _check_count("seed", seed, 0)
    loss = _loss(formula, loss, absolute_sigma=absolute_sigma)
    formula, hint = _formula(formula, data, x, y, nan_policy)
    wanted = Wanted(start, bounds, fixed, ties, params, positive)
    if by is not None:
        many = _several(formula, data, by, shared, loss=loss, sigma=sigma, nan_policy=nan_policy)
        together = wanted.over(many)
        problem, led = many.problem, None if start else _led(many, wanted, starts, seed, absolute_sigma=absolute_sigma)
        wanted, hint = together, led or many.spread(hint)
        count = min(starts, _TOGETHER) if led else starts
    elif shared:
        raise ProblemError("shared: expected by=, the column that tells the data sets apart, got none. Give it.")
    else:
        problem, count = _problem(formula, data, loss=loss, sigma=sigma, nan_policy=nan_policy), starts
    asked = wanted.read(problem)
    found = _search(asked, hint, _CHECKS if starts == 1 else count, seed, only_own=starts == 1)
    if not found.ends:
        count = len(found.descent.params)
        raise ProblemError(f"fit: '{problem.title}' isn't finite at any of {count} starts. Give a start or bounds.")
    chosen = _choose(found, only_own=starts == 1)
    result = assemble(problem, asked, found, chosen, absolute_sigma=absolute_sigma)
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


def _several(formula: Any, data: Any, by: str, shared: str | Iterable[str], **options: Any) -> Several:
    if isinstance(formula, Problem) or data is None:
        raise ProblemError("by: expected a formula and a table, got a problem or no table. Give the formula as text.")
    return several(formula, data, by, shared, **options)


def _led(many: Several, wanted: Wanted, starts: int, seed: int, *, absolute_sigma: bool) -> dict[str, float] | None:
    """Return where the fits of each set by itself lead, None if one of them can't be fitted."""
    alone = wanted.alone(many.alone.names)

    def one(problem: Problem) -> Mapping[str, float]:
        if robust.is_robust(problem):
            asked: Any = {"bounds": alone.bounds, "fixed": alone.fixed, "positive": alone.positive}
            asked["absolute_sigma"] = absolute_sigma
            return fit(problem, **asked, starts=max(starts, 2), seed=seed).values
        return _lowest(alone.read(problem), max(starts, 2), seed)

    try:
        return many.start(one)
    except ProblemError:
        return None


def _lowest(asked: Parameters, count: int, seed: int) -> dict[str, float]:
    """Return where the lowest of so many starts ends: what a whole fit would, but for what it says of the others."""
    problem = asked.problem
    ends = valley.search(problem, None, count, seed, polished=1).ends
    if not ends:
        raise ProblemError(f"fit: '{problem.title}' isn't finite at any of {count} starts. Give a start or bounds.")
    return asked.complete(dict(zip(problem.names, ends[0].point.params.tolist(), strict=True)))


def _search(asked: Parameters, hint: Mapping[str, float], count: int, seed: int, *, only_own: bool) -> valley.Search:
    """Return what the user's start and others lead to; without a whole one, a hint is one of the others."""
    problem = asked.problem
    start = np.array([asked.asked[name].value for name in problem.names], float)  # NaN where there is none
    known = np.isfinite(start)
    if known.all():
        return _valleys(problem, start, count, seed, only_own=only_own)
    if known.any():
        begin = _completed(problem, start, count, seed)
    elif hint:
        begin = np.array([hint[name] for name in problem.names], float)
    else:
        return _valleys(problem, None, count, seed)
    return replace(_valleys(problem, np.clip(begin, *problem.limits()), count, seed), own=None)


def _valleys(
    problem: Problem, start: np.ndarray | None, count: int, seed: int, *, only_own: bool = False
) -> valley.Search:
    if robust.is_robust(problem):
        return resistant.search(problem, start, count, seed, follows_own=only_own)
    return valley.search(problem, start, count, seed)


def _completed(problem: Problem, start: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return a start whose missing values (NaN) are the best ones while the others are held, 1 if none are found."""
    known = {name: value for name, value in zip(problem.names, start.tolist(), strict=True) if np.isfinite(value)}
    guess = dict.fromkeys(problem.names, 1.0) | known
    if isinstance(problem.model, Tree):
        held = parameters.read(problem, fixed=known)
        ends = _valleys(held.problem, None, count, seed).ends
        if ends:
            guess = held.complete(dict(zip(held.problem.names, ends[0].point.params.tolist(), strict=True)))
    return np.array([guess[name] for name in problem.names])


def _check_count(where: str, value: Any, least: int) -> None:
    if not isinstance(value, Integral) or not least <= int(value) <= _MOST:
        raise ProblemError(f"{where}: expected a whole number from {least} to {_MOST:,}, got {value!r}.")


def _problem(formula: Any, data: Any, *, loss: losses.Loss, **options: Any) -> Problem:
    problem = None
    if isinstance(formula, Problem):
        problem = formula
    elif data is not None:
        problem = Problem(formula, data, loss=loss, **options)
    if problem is None or problem.observed is None:
        raise ProblemError("fit: expected a table to fit to, got none. Give data, or minimize with ravine.descend.")
    return robust.under(problem, loss)


def _loss(formula: Any, asked: Any, *, absolute_sigma: bool) -> losses.Loss:
    """Return the loss that is asked for, here or of a problem: a sum of squares, or a robust one.

    At the scale 1 if sigma is absolute, at none otherwise.
    """
    own = formula.loss if isinstance(formula, Problem) and formula.observed is not None else None
    loss = _known_loss(asked) if asked is not None else _known_loss("sse" if own is None else own)
    if asked is not None and own is not None and not own.is_sum_of_squares and own.name != loss.name:
        raise ProblemError(f"loss: expected '{own.name}' as in the problem, got '{loss.name}'. Leave one of them out.")
    if loss.is_sum_of_squares:
        return own if own is not None and own.is_sum_of_squares else loss
    return robust.at_scale(loss.name, 1.0) if absolute_sigma else losses.resolve(loss.name)


def _known_loss(asked: Any) -> losses.Loss:
    names = ["mse", "sse", "half_sse", *robust.TUNING]
    expected = f"loss: expected one of {', '.join(names)}, got"
    try:
        loss = losses.resolve(asked)
    except ProblemError:
        hint = did_you_mean(str(asked), names) or " Take huber if some points lie far off."
        raise ProblemError(f"{expected} {asked!r}.{hint}") from None
    if loss.keras is None and loss.name == "mae":
        raise ProblemError(f"{expected} 'mae', whose kink at 0 leaves no standard errors. Take huber.")
    if loss.keras is not None or loss.name not in names:
        whose = "Keras's " if loss.keras is not None else ""
        advice = "Take the word" if loss.name in names else "Minimize it with ravine.descend, or take huber"
        raise ProblemError(f"{expected} {whose}'{loss.name}'. {advice}.")
    return loss


def _choose(found: valley.Search, *, only_own: bool) -> valley.End:
    """Return the best end; with ``only_own`` the user's own however bad, if there is one."""
    return found.ends[found.own if found.own is not None and only_own else 0]
