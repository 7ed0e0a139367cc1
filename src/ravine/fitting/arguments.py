"""Arguments: the words of SciPy's curve_fit, checked."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.linalg import LinAlgError, cholesky

from ravine.errors import ProblemError
from ravine.fitting.called import Asked, call, first

_METHODS = (None, "lm", "trf", "dogbox")


class TooFewPoints(ProblemError, TypeError):
    """Fewer points than parameters; SciPy raises a TypeError."""


def read(  # noqa: PLR0913, PLR0917 - SciPy's arguments
    f: Any, xdata: Any, ydata: Any, p0: Any, sigma: Any, bounds: Any, jac: Any, finite: bool, nan_policy: str | None
) -> Asked:
    """Return what is asked of a fit, checked."""
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


def check_method(method: Any, asked: Asked) -> None:
    """Refuse a method that SciPy doesn't know, or that couldn't do what is asked."""
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
