"""curve_fit: SciPy's words and return values, ravine's search and warnings behind them.

A function written with NumPy's elementwise functions is traced to a formula and fitted by `ravine.fit`: from the
given start and from many others, with exact Jacobians. Any other Python function is called as it is, with central
differences, and so is everything when sigma is a covariance matrix.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.linalg import LinAlgError, cholesky

from ravine.errors import DescentError, FormulaError, ProblemError
from ravine.fitting.answer import fit
from ravine.fitting.called import Answer, Asked, call, first, fit_called
from ravine.fitting.polish import Evaluate, Point
from ravine.fitting.statistics import covariance
from ravine.formula import Formula, math_numpy

_METHODS = (None, "lm", "trf", "dogbox")
_MESSAGES = {1: "The fit came to rest at a minimum.", 5: "The fit did not come to rest."}


class TooFewPoints(ProblemError, TypeError):
    """Fewer points than parameters; SciPy raises a TypeError."""


def curve_fit(  # noqa: PLR0913, PLR0917 - SciPy's arguments
    f: Callable[..., Any],
    xdata: Any,
    ydata: Any,
    p0: Any = None,
    sigma: Any = None,
    absolute_sigma: bool = False,
    check_finite: bool | None = None,
    bounds: Any = (-np.inf, np.inf),
    method: str | None = None,
    jac: Any = None,
    *,
    full_output: bool = False,
    nan_policy: str | None = None,
    **kwargs: Any,
) -> tuple[Any, ...]:
    """Fit ``f(xdata, *params)`` to ``ydata``: a drop-in for `scipy.optimize.curve_fit` that finds the best valley.

    Parameters
    ----------
    f
        The model; its first argument is ``xdata``.
    xdata
        Input, [point] or [input, point], or anything ``f`` understands.
    ydata
        Observations, [point].
    p0
        Start, [param]; without it the starts come from the data.
    sigma
        Standard deviations of the observations, one or [point], or their covariance matrix [point, point].
    absolute_sigma
        Whether sigma is known absolutely; otherwise the errors are scaled by the residuals.
    check_finite
        Whether to refuse NaN and infinity (default: yes, unless ``nan_policy`` is given).
    bounds
        Lower and upper bounds, each a number or [param], or SciPy's ``Bounds``.
    method
        ``"lm"``, ``"trf"``, ``"dogbox"`` or None: accepted, and all lead to the same minimum.
    jac
        A function returning the Jacobian [point, param], or a scheme's name; formulas have exact ones of their own.
    full_output
        Whether to return ``infodict, mesg, ier`` too.
    nan_policy
        ``"raise"``, ``"omit"`` or None.
    **kwargs
        SciPy's settings of its methods are accepted and have no effect.

    Returns
    -------
    tuple
        ``popt`` [param] and ``pcov`` [param, param] (infinite where the data don't tell); with ``full_output`` also
        ``infodict`` (``nfev``, ``fvec``, ``fjac``, ``ipvt``, ``qtf``), a message and 1.

    Raises
    ------
    ProblemError
        If the arguments don't go together (a ValueError; a TypeError too for fewer points than parameters).
    DescentError
        If the fit does not come to rest (a RuntimeError).

    Warns
    -----
    scipy.optimize.OptimizeWarning
        Of whatever a fit's ``warnings`` hold.

    Examples
    --------
    >>> popt, pcov = curve_fit(lambda x, a, b: a * x + b, [0, 1, 2, 3], [1.1, 2.9, 5.1, 6.9])
    >>> popt.round(3).tolist()
    [1.96, 1.06]
    """
    if "args" in kwargs:
        raise ProblemError("curve_fit: 'args' is not a supported keyword argument. Put them into the function.")
    finite = nan_policy is None if check_finite is None else bool(check_finite)
    asked = _read(f, xdata, ydata, p0, sigma, bounds, jac, finite, nan_policy)
    _check_method(method, asked)
    model = _traced(asked)
    answer = fit_called(asked) if model is None else _fit_traced(asked, model)
    if not answer.settled:
        raise DescentError(f"curve_fit: {_MESSAGES[5]} Give a start p0 nearer to the answer, or bounds.")
    pcov, said = _covariance(asked, answer, absolute_sigma=absolute_sigma)
    _warn([*answer.said, *said])
    if not full_output:
        return answer.point.params, pcov
    return answer.point.params, pcov, _information(answer), _MESSAGES[1], 1


# -- reading ------------------------------------------------------------------------------------------------------


def _read(  # noqa: PLR0913, PLR0917 - SciPy's arguments
    f: Any, xdata: Any, ydata: Any, p0: Any, sigma: Any, bounds: Any, jac: Any, finite: bool, nan_policy: str | None
) -> Asked:
    y = _numbers("ydata", ydata)
    x = (
        _numbers("xdata", xdata)
        if isinstance(xdata, list | tuple | np.ndarray) or hasattr(xdata, "__array__")
        else xdata
    )
    spread = None if sigma is None else _numbers("sigma", sigma)
    if y.size == 0:
        raise ProblemError("curve_fit: expected at least one point, got an empty ydata (`ydata` must not be empty!).")
    if nan_policy is not None:
        x, y, spread = _without_nan(x, y, spread, nan_policy)
    for name, values in (("xdata", x), ("ydata", y)):
        if isinstance(values, np.ndarray) and (finite or np.ndim(y)) and not np.isfinite(values).all():
            raise ProblemError(
                f"curve_fit: expected finite numbers in {name}, got NaN or infinity (array must not contain infs or "
                "NaNs). Leave such points out by nan_policy='omit'."
            )
    names = _names(f, p0)
    start = None if p0 is None else np.atleast_1d(_numbers("p0", p0)).ravel()
    low, high = _bounds(bounds, len(names))
    if start is not None and ((start < low) | (start > high)).any():
        raise ProblemError(
            "curve_fit: expected p0 within the bounds, got others (Initial guess is outside of provided bounds)."
        )
    asked = Asked(f, x, y, names, start, low, high, jac if callable(jac) else None)
    points = call(asked, first(asked)).size
    return replace(asked, points=points, sigma=_sigma(spread, points))


def _numbers(name: str, values: Any) -> np.ndarray:
    try:
        return np.asarray(values, float)
    except (TypeError, ValueError):
        raise ProblemError(f"curve_fit: expected numbers in {name}, got {type(values).__name__}.") from None


def _without_nan(x: Any, y: np.ndarray, sigma: np.ndarray | None, nan_policy: str) -> tuple[Any, Any, Any]:
    if nan_policy == "propagate":
        raise ProblemError("curve_fit: `nan_policy='propagate'` is not supported by this function. Take 'omit'.")
    if nan_policy not in ("raise", "omit"):
        raise ProblemError(f"curve_fit: nan_policy must be one of {{None, 'raise', 'omit'}}, got {nan_policy!r}.")
    with_nan = np.isnan(y)
    if isinstance(x, np.ndarray) and x.ndim:
        with_nan = with_nan | np.isnan(x).any(axis=tuple(range(x.ndim - 1)))
    if not with_nan.any():
        return x, y, sigma
    if nan_policy == "raise":
        raise ProblemError("curve_fit: expected no missing values, got NaN (The input contains nan values).")
    keep = ~with_nan
    x = x[..., keep] if isinstance(x, np.ndarray) and x.ndim else x
    if sigma is not None and sigma.ndim:
        sigma = sigma[keep] if sigma.ndim == 1 else sigma[np.ix_(keep, keep)]
    return x, y[keep], sigma


def _names(f: Any, p0: Any) -> tuple[str, ...]:
    """Return the names of the parameters: the arguments after the first, or made up for as many as p0 has."""
    count = None if p0 is None else np.atleast_1d(p0).size
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    plain = [each.name for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)][1:]
    if count is not None:
        return tuple(plain) if len(plain) == count else tuple(f"p{index}" for index in range(count))
    if not plain or any(each.kind is each.VAR_POSITIONAL for each in parameters):
        raise ProblemError("curve_fit: expected named parameters after x, got none (Unable to determine number of fit "
                           "parameters). Give p0.")  # fmt: skip
    return tuple(plain)


def _bounds(bounds: Any, count: int) -> tuple[np.ndarray, np.ndarray]:
    pair = (bounds.lb, bounds.ub) if hasattr(bounds, "lb") else bounds
    if not isinstance(pair, Sequence | np.ndarray) or len(pair) != 2:
        raise ProblemError("curve_fit: expected bounds as (low, high), got something else.")
    sides = [_numbers("bounds", side) for side in pair]
    if any(side.shape not in ((), (1,), (count,)) for side in sides):
        raise ProblemError(
            f"curve_fit: expected {count} lower and upper bounds, got {sides[0].size} and {sides[1].size}."
        )
    low, high = (np.broadcast_to(side, count).astype(float) for side in sides)
    if not (low < high).all():
        raise ProblemError("curve_fit: expected each lower bound below its upper one, got others.")
    return low, high


def _sigma(sigma: np.ndarray | None, points: int) -> np.ndarray | None:
    """Return standard deviations [point], or the Cholesky factor of a covariance matrix, [point, point]."""
    if sigma is None:
        return None
    if sigma.size == 1 or sigma.shape == (points,):
        sigma = np.broadcast_to(sigma.ravel(), points)
        if not (np.isfinite(sigma) & (sigma > 0)).all():
            raise ProblemError("curve_fit: expected positive, finite standard deviations in sigma, got others.")
        return sigma
    if sigma.shape != (points, points):
        raise ProblemError(
            f"curve_fit: expected sigma of shape [{points}] or [{points}, {points}], got {list(sigma.shape)} "
            "(`sigma` has incorrect shape)."
        )
    try:
        return cholesky(sigma, lower=True)
    except (LinAlgError, ValueError):
        raise ProblemError("curve_fit: `sigma` must be positive definite and finite, got another matrix.") from None


def _check_method(method: Any, asked: Asked) -> None:
    if method not in _METHODS:
        raise ProblemError(f"curve_fit: expected a method among lm, trf, dogbox, got {method!r}.")
    is_bounded = bool(np.isfinite([asked.low, asked.high]).any())
    if method == "lm" and is_bounded:
        raise ProblemError(
            "curve_fit: Method 'lm' only works for unconstrained problems. Use 'trf' or 'dogbox' instead."
        )
    if method in (None, "lm") and not is_bounded and asked.points < len(asked.names):
        raise TooFewPoints(
            f"curve_fit: The number of func parameters={len(asked.names)} must not exceed the number of data "
            f"points={asked.points}. Measure more points, or fix parameters."
        )


# -- fitting ------------------------------------------------------------------------------------------------------


def _traced(asked: Asked) -> Formula | None:
    """Return the model as a formula of columns ``x_0`` … and the parameters ``p_0`` …, None if it is none."""
    if not isinstance(asked.x, np.ndarray) or asked.x.ndim not in (1, 2) or asked.y.ndim != 1:
        return None
    if asked.x.shape[-1] != asked.y.size or (asked.sigma is not None and asked.sigma.ndim == 2):
        return None
    many = asked.x.ndim == 2
    inputs = [f"x_{index}" for index in range(len(asked.x) if many else 1)]
    params = [f"p_{index}" for index in range(len(asked.names))]

    def model(**values: Any) -> Any:
        x = tuple(values[name] for name in inputs)
        return asked.function(x if many else x[0], *(values[name] for name in params))

    kind = inspect.Parameter.KEYWORD_ONLY
    model.__signature__ = inspect.Signature([inspect.Parameter(n, kind) for n in (*inputs, *params)])  # type: ignore[attr-defined]
    try:
        formula = Formula.trace(model)
    except FormulaError:
        return None
    if not set(params) <= set(formula.names):
        return None
    return formula if _agrees(formula, asked) else None


def _agrees(formula: Formula, asked: Asked) -> bool:
    """Tell whether the formula gives what the function does, at the start and a little beside."""
    for row in (first(asked), np.clip(first(asked) * 1.1 + 0.013, asked.low, asked.high)):
        values = {**_columns(asked), **{f"p_{index}": value for index, value in enumerate(row)}}
        with np.errstate(all="ignore"):
            found = np.broadcast_to(formula.model.evaluate(values, math_numpy.MATH), asked.y.shape)
            if not np.allclose(found - asked.y, call(asked, row), rtol=1e-9, atol=1e-12, equal_nan=True):
                return False
    return True


def _columns(asked: Asked) -> dict[str, np.ndarray]:
    return {f"x_{index}": column for index, column in enumerate(np.atleast_2d(asked.x))}


def _fit_traced(asked: Asked, formula: Formula) -> Answer:
    names = [f"p_{index}" for index in range(len(asked.names))]
    result = fit(
        Formula(f"y = {formula.model}"),
        {**{name: column for name, column in _columns(asked).items() if name in formula.names}, "y": asked.y},
        None if asked.start is None else dict(zip(names, asked.start.tolist(), strict=True)),
        sigma=asked.sigma,
        bounds={name: _open(side) for name, *side in zip(names, asked.low, asked.high, strict=True)},
    )
    params = np.array([result.values[name] for name in names])
    order = [result.free.index(name) for name in names]
    evaluate = _evaluator(result.run.problem)
    residual, jacobian = evaluate(params[None, np.argsort(order)])
    texts = [note.text for note in result.warnings if note.code not in _OWN_WORDS]
    said = tuple(_renamed(text.removesuffix(_ADVICE).rstrip(), names, asked.names) for text in texts)
    steps = int(result.run.dataset["steps_taken"].values.sum())
    return Answer(Point(params, residual[0], jacobian[0][:, order]), result.converged, said, steps)


_OWN_WORDS = ("not-converged", "few-points", "no-effect", "indistinguishable")  # said by the covariance
_ADVICE = "starts=1 follows yours only."


def _evaluator(problem: Any) -> Evaluate:
    from ravine.graph import Evaluator

    return Evaluator(problem).residuals_and_jacobians


def _open(side: Sequence[float]) -> tuple[float | None, float | None]:
    low, high = (float(value) if np.isfinite(value) else None for value in side)
    return low, high


def _renamed(text: str, names: Sequence[str], given: Sequence[str]) -> str:
    for name, other in reversed(list(zip(names, given, strict=True))):
        text = text.replace(name, other)
    return text


# -- answering ----------------------------------------------------------------------------------------------------


def _covariance(asked: Asked, answer: Answer, *, absolute_sigma: bool) -> tuple[np.ndarray, list[str]]:
    """Return pcov, infinite as a whole where the data can't tell it, as SciPy does, and why."""
    points, count = answer.point.jacobian.shape
    free = points - count
    if free <= 0 and not absolute_sigma:
        why = f"{points} points can't say how sure {count} parameters are."
        return np.full((count, count), np.inf), [f"Covariance of the parameters could not be estimated: {why}"]
    sure = covariance(answer.point.jacobian, 1.0 if absolute_sigma else answer.point.squares / free)
    if np.isfinite(sure.matrix).all():
        return sure.matrix, []
    lost = [" and ".join(asked.names[index] for index in group) for group in sure.undetermined]
    why = f"the data can't determine {', '.join(lost)}." if lost else "the Jacobian isn't finite."
    return np.full((count, count), np.inf), [f"Covariance of the parameters could not be estimated: {why}"]


def _warn(said: Sequence[str]) -> None:
    from scipy.optimize import OptimizeWarning

    for text in said:
        warnings.warn(text, OptimizeWarning, stacklevel=3)


def _information(answer: Answer) -> dict[str, Any]:
    """Return what SciPy's infodict holds, its QR factors those of the Jacobian at the answer."""
    from scipy.linalg import qr

    found: Any = qr(answer.point.jacobian, mode="economic", pivoting=True)
    q, r, pivots = found
    return {
        "nfev": answer.calls,
        "fvec": answer.point.residual,
        "fjac": r,
        "ipvt": pivots + 1,
        "qtf": q.T @ answer.point.residual,
    }
