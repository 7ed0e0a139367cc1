"""The functions of formulas in TensorFlow.

Numbers take the dtype of the tensors they meet. What depends on no tensor is calculated by NumPy, once, and
is a constant of the graph.
"""

from __future__ import annotations

import functools
import math as numbers
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ravine import engine
from ravine.formula import faddeeva, trigonometry
from ravine.formula.functions import multiply_out, small_whole
from ravine.formula.math_numpy import MATH as NUMPY


@functools.cache
def math() -> Mapping[str, Callable[..., Any]]:
    """Return the functions by canonical name, importing TensorFlow on the first call."""
    tf = engine.tensorflow()
    table = {**_arithmetic(tf), **_elementary(tf), **_choices(tf), **_special(tf)}
    on_tensors = {name: _on_tensors(tf, table[name], NUMPY[name]) for name in NUMPY}
    return MappingProxyType({**on_tensors, "power": _power_of(tf, on_tensors)})


def _on_tensors(tf: Any, function: Callable[..., Any], otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """Give all arguments the dtype of the first tensor among them."""

    def calculate(*arguments: Any) -> Any:
        dtype = next((argument.dtype for argument in arguments if tf.is_tensor(argument)), None)
        if dtype is None:
            return otherwise(*arguments)
        return function(*(tf.convert_to_tensor(argument, dtype) for argument in arguments))

    return calculate


def _power_of(tf: Any, math: Mapping[str, Callable[..., Any]]) -> Callable[..., Any]:
    """Multiply whole powers out: ``pow`` calls logarithms, and its second derivative at 0 is NaN."""

    def power(base: Any, exponent: Any) -> Any:
        whole = small_whole(exponent)
        if whole is None or not tf.is_tensor(base):
            return math["power"](base, exponent)
        if whole == 0:
            return tf.ones_like(base)
        return multiply_out(base if whole > 0 else math["divide"](1.0, base), abs(whole))

    return power


def _arithmetic(tf: Any) -> dict[str, Callable[..., Any]]:
    return {
        "add": tf.add,
        "subtract": tf.subtract,
        "multiply": tf.multiply,
        "divide": tf.divide,
        # By the remainder, as NumPy does: 1//0.1 is 9, while 1/0.1 rounds to 10.
        "floor_divide": lambda x, y: tf.where(y == 0, x / y, tf.round((x - tf.math.floormod(x, y)) / y)),
        "remainder": tf.math.floormod,
        "power": tf.pow,
        "negative": tf.negative,
        "reciprocal": tf.math.reciprocal,
        "square": tf.square,
        "sqrt": tf.sqrt,
        "cbrt": lambda x: tf.sign(x) * tf.pow(tf.abs(x), tf.constant(1 / 3, x.dtype)),
        "hypot": lambda x, y: tf.abs(tf.complex(x, y)),
        "abs": tf.abs,
        "sign": tf.sign,
        "floor": tf.floor,
        "ceil": tf.math.ceil,
        "round": tf.round,
        "trunc": lambda x: tf.sign(x) * tf.floor(tf.abs(x)),
        "minimum": tf.minimum,
        "maximum": tf.maximum,
        "clip": lambda x, low, high: tf.minimum(tf.maximum(x, low), high),
    }


def _elementary(tf: Any) -> dict[str, Callable[..., Any]]:
    return {
        **trigonometry.choose(tf),
        "tan": tf.tan,
        "arcsin": tf.asin,
        "arccos": tf.acos,
        "arctan": tf.atan,
        "arctan2": tf.atan2,
        "sinh": tf.sinh,
        "cosh": tf.cosh,
        "tanh": tf.tanh,
        "arcsinh": tf.asinh,
        "arccosh": tf.acosh,
        "arctanh": tf.atanh,
        "radians": lambda x: x * (numbers.pi / 180),
        "degrees": lambda x: x * (180 / numbers.pi),
        "exp": tf.exp,
        "exp2": lambda x: tf.pow(tf.constant(2, x.dtype), x),
        "expm1": tf.math.expm1,
        "log": tf.math.log,
        "log1p": tf.math.log1p,
        "log2": lambda x: tf.math.log(x) / numbers.log(2),
        "log10": lambda x: tf.math.log(x) / numbers.log(10),
        # maximum(x, y) + softplus(-abs(x - y)) is the same, but its slope at x = y is 1 and not 1/2.
        "logaddexp": lambda x, y: tf.where(x > y, x + tf.math.softplus(y - x), y + tf.math.softplus(x - y)),
    }


def _choices(tf: Any) -> dict[str, Callable[..., Any]]:
    def truth(compare: Callable[..., Any]) -> Callable[..., Any]:
        return lambda x, y: tf.cast(compare(x, y), x.dtype)

    def holds(x: Any) -> Any:
        return tf.not_equal(x, 0)

    def heaviside(x: Any, at_zero: Any = 0.5) -> Any:
        step = tf.cast(x > 0, x.dtype)
        return tf.where(tf.equal(x, 0), tf.cast(at_zero, x.dtype), step)

    return {
        "where": lambda condition, chosen, other: tf.where(holds(condition), chosen, other),
        "heaviside": heaviside,
        "less": truth(tf.less),
        "less_equal": truth(tf.less_equal),
        "greater": truth(tf.greater),
        "greater_equal": truth(tf.greater_equal),
        "equal": truth(tf.equal),
        "not_equal": truth(tf.not_equal),
        "logical_and": lambda x, y: tf.cast(tf.logical_and(holds(x), holds(y)), x.dtype),
        "logical_or": lambda x, y: tf.cast(tf.logical_or(holds(x), holds(y)), x.dtype),
        "logical_not": lambda x: tf.cast(tf.equal(x, 0), x.dtype),
    }


def _special(tf: Any) -> dict[str, Callable[..., Any]]:
    return {
        "erf": tf.math.erf,
        "erfc": tf.math.erfc,
        "lgamma": tf.math.lgamma,
        "voigt": faddeeva.profile(tf),
        "sigmoid": tf.sigmoid,
        "softplus": tf.math.softplus,
        "relu": tf.nn.relu,
        "leaky_relu": lambda x, slope=0.2: tf.where(x > 0, x, slope * x),
        "swish": lambda x: x * tf.sigmoid(x),
        "gelu": lambda x: 0.5 * x * tf.math.erfc(x * -(0.5**0.5)),
    }
