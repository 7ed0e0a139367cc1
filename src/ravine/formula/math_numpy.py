"""The functions of formulas in NumPy.

float32 stays float32 and float64 stays float64: what depends on no array is a Python float, which adapts to
the arrays it meets. Values outside a function's domain are NaN or infinite, without a warning.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy import special

from ravine.formula.functions import multiply_out, small_whole


def _power(base: Any, exponent: Any) -> Any:
    whole = small_whole(exponent)
    if whole is None:
        return np.power(base, exponent)
    if whole == 0:
        return np.ones_like(base)
    return multiply_out(base if whole > 0 else np.divide(1.0, base), abs(whole))


def _where(condition: Any, chosen: Any, other: Any) -> Any:
    dtype = np.result_type(condition, chosen, other)
    return np.where(np.not_equal(condition, 0), chosen, other).astype(dtype)


def _heaviside(x: Any, at_zero: Any = 0.5) -> Any:
    return np.heaviside(x, at_zero)


def _leaky_relu(x: Any, slope: Any = 0.2) -> Any:
    return _where(np.greater(x, 0), x, slope * x)


def _truth(compare: Callable[..., Any]) -> Callable[..., Any]:
    """Make a comparison answer in floats: ``(a > 0) + (b > 0)`` counts, and its negative exists."""

    def answer(*arguments: Any) -> Any:
        return compare(*arguments).astype(np.result_type(*arguments, 0.0))

    return answer


def _as_float(value: Any) -> Any:
    """Keep whole numbers from overflowing: 10,000,000**3 is no int64."""
    if isinstance(value, int):
        return float(value)
    dtype = getattr(value, "dtype", None)
    return value.astype(float) if dtype is not None and dtype.kind in "iub" else value


def _quiet(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function, assigned=("__doc__",))
    def calculate(*arguments: Any) -> Any:
        floats = [_as_float(argument) for argument in arguments]
        with np.errstate(all="ignore"):
            result = function(*floats)
        return float(result) if all(isinstance(argument, float) for argument in floats) else result

    return calculate


MATH = MappingProxyType(
    {
        name: _quiet(function)
        for name, function in {
            "add": np.add,
            "subtract": np.subtract,
            "multiply": np.multiply,
            "divide": np.divide,
            "floor_divide": np.floor_divide,
            "remainder": np.remainder,
            "power": _power,
            "negative": np.negative,
            "reciprocal": lambda x: np.divide(1.0, x),
            "square": np.square,
            "sqrt": np.sqrt,
            "cbrt": np.cbrt,
            "hypot": np.hypot,
            "sin": np.sin,
            "cos": np.cos,
            "tan": np.tan,
            "arcsin": np.arcsin,
            "arccos": np.arccos,
            "arctan": np.arctan,
            "arctan2": np.arctan2,
            "sinh": np.sinh,
            "cosh": np.cosh,
            "tanh": np.tanh,
            "arcsinh": np.arcsinh,
            "arccosh": np.arccosh,
            "arctanh": np.arctanh,
            "radians": np.radians,
            "degrees": np.degrees,
            "exp": np.exp,
            "exp2": np.exp2,
            "expm1": np.expm1,
            "log": np.log,
            "log1p": np.log1p,
            "log2": np.log2,
            "log10": np.log10,
            "logaddexp": np.logaddexp,
            "abs": np.abs,
            "sign": np.sign,
            "floor": np.floor,
            "ceil": np.ceil,
            "round": np.rint,
            "trunc": np.trunc,
            "minimum": np.minimum,
            "maximum": np.maximum,
            "clip": lambda x, low, high: np.minimum(np.maximum(x, low), high),
            "where": _where,
            "heaviside": _heaviside,
            "less": _truth(np.less),
            "less_equal": _truth(np.less_equal),
            "greater": _truth(np.greater),
            "greater_equal": _truth(np.greater_equal),
            "equal": _truth(np.equal),
            "not_equal": _truth(np.not_equal),
            "logical_and": _truth(np.logical_and),
            "logical_or": _truth(np.logical_or),
            "logical_not": _truth(np.logical_not),
            "erf": special.erf,
            "erfc": special.erfc,
            "lgamma": special.gammaln,
            "voigt": lambda x, sigma, gamma: special.voigt_profile(x, np.abs(sigma), gamma),
            "sigmoid": special.expit,
            "softplus": lambda x: np.logaddexp(0.0, x),
            "relu": lambda x: np.maximum(x, 0.0),
            "leaky_relu": _leaky_relu,
            "swish": lambda x: x * special.expit(x),
            "gelu": lambda x: 0.5 * x * special.erfc(x * -(0.5**0.5)),
        }.items()
    }
)
