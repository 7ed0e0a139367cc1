"""Sine and cosine in float32 that a compiler can vectorize.

XLA on the CPU calls the C library's ``sinf`` and ``cosf`` for one number after the other; a descent on
sin(b·cos(a·x)) spends nearly all its time there. Here both come from one reduction and two short polynomials, and
each is the other's derivative, so that a gradient costs no further call.

The argument is reduced by multiples of π/2, which stands as the sum of three float32 of 24 bits. That needs a
processor that multiplies and subtracts in one operation (`is_fused`), so that each step is exact or rounded once.
Parts with fewer bits would do elsewhere, but XLA may add in any order (`ravine.engine`) and adds such parts up before
they are taken off: then a sine of 8000 was wrong by 2e-4 (measured with XLA_FLAGS=--xla_cpu_max_isa=SSE4_2). So older
processors keep the native functions. What is left after a step passes through the choice of NaN, which keeps the
parts apart, and the last part is taken off as a share of x, which is as good and can't be added to the others.

All this holds for arguments up to ±`LIMIT`; beyond, both are NaN here, and the caller who finds NaN in its result
evaluates again with the native functions. So the check costs nothing, provided that no function on the way swallows
NaN: see `helps`.

References
----------
W. J. Cody and W. Waite (1980), Software Manual for the Elementary Functions, Prentice Hall, chapter 8.
S. L. Moshier, Cephes Mathematical Library, single precision: the polynomials' coefficients.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np

from ravine import engine
from ravine.formula.functions import small_whole
from ravine.formula.tree import Call, Node, Number, walk

#: The largest argument for which the error stays within 2 units in the last place.
LIMIT = 8192.0

_HALF_PI = (1.5707963705062866, -4.371138828673793e-08, -1.7151245100058819e-15)
_TWO_OVER_PI = 0.6366197723675814
_ROUNDING = 1.5 * 2.0**23  # a float32 of that size holds whole numbers only: to add it is to round
_ROUNDING_BITS = 0x4B400000
_SINE = (-1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4)
_COSINE = (4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5)

#: Functions that are NaN whenever an argument is, compiled ones included.
_KEEP_NAN = {
    "add", "subtract", "multiply", "divide", "negative", "square", "sqrt", "exp", "log", "abs", "sin", "cos",
}  # fmt: skip

_is_on: ContextVar[bool] = ContextVar("is_on", default=False)


def helps(model: Node) -> bool:
    """Tell whether a formula has sines or cosines, and is NaN whenever one of them is.

    Examples
    --------
    >>> from ravine.formula import Formula
    >>> helps(Formula("sin(b*cos(a*x))**2").model), helps(Formula("where(sin(x) > 0, 1, a)").model)
    (True, False)
    """
    calls = [node for node in walk(model) if isinstance(node, Call)]
    return any(call.function in ("sin", "cos") for call in calls) and all(map(_keeps_nan, calls))


def _keeps_nan(call: Call) -> bool:
    if call.function != "power":
        return call.function in _KEEP_NAN
    exponent = call.arguments[1]
    return isinstance(exponent, Number) and small_whole(exponent.value) not in (None, 0)


@contextlib.contextmanager
def vectorized(*, on: bool = True) -> Iterator[None]:
    """Let `choose` take the polynomials within this block."""
    token = _is_on.set(on)
    try:
        yield
    finally:
        _is_on.reset(token)


def choose(tf: Any) -> dict[str, Callable[..., Any]]:
    """Return ``sin`` and ``cos`` for tensors: the polynomials for float32 within `vectorized`, else the native ones."""

    @tf.custom_gradient
    def sine(x: Any) -> Any:
        sin, cos = sine_and_cosine(tf, x)
        return sin, lambda upstream: upstream * cos

    @tf.custom_gradient
    def cosine(x: Any) -> Any:
        sin, cos = sine_and_cosine(tf, x)
        return cos, lambda upstream: -upstream * sin

    def one_of(polynomial: Callable[..., Any], native: Callable[..., Any]) -> Callable[..., Any]:
        return lambda x: (polynomial if _is_on.get() and x.dtype == tf.float32 else native)(x)

    return {"sin": one_of(sine, tf.sin), "cos": one_of(cosine, tf.cos)}


def sine_and_cosine(tf: Any, x: Any) -> tuple[Any, Any]:
    """Return sine and cosine of a float32 tensor, at most 2 units in the last place off; NaN beyond `LIMIT`."""
    near, rest, quadrant = _reduced(tf, x)
    square = near * near
    sine = rest + near * square * (_SINE[0] + square * (_SINE[1] + square * _SINE[2]))
    cosine = 1.0 - 0.5 * square + square * square * (_COSINE[0] + square * (_COSINE[1] + square * _COSINE[2]))
    odd = tf.bitwise.left_shift(quadrant, 31) < 0
    sin, cos = tf.where(odd, cosine, sine), tf.where(odd, sine, cosine)
    return _turned(tf, sin, quadrant), _turned(tf, cos, quadrant + 1)


def _turned(tf: Any, value: Any, quadrant: Any) -> Any:
    """Return the value with the other sign in the quadrants 2 and 3 of each turn."""
    sign = tf.bitwise.left_shift(tf.bitwise.right_shift(quadrant, 1), 31)
    return tf.bitcast(tf.bitwise.bitwise_xor(tf.bitcast(value, tf.int32), sign), tf.float32)


def _reduced(tf: Any, x: Any) -> tuple[Any, Any, Any]:
    """Return x − n·π/2 nearly, and but for the last rounding, and n up to multiples of 4."""
    quadrant = tf.bitcast(x * _TWO_OVER_PI + _ROUNDING, tf.int32)  # whose last bits are the whole number
    multiple = tf.cast(quadrant - _ROUNDING_BITS, tf.float32)
    first, second, last = _HALF_PI
    near = tf.where(tf.abs(x) <= LIMIT, x - multiple * first, float("nan")) - multiple * second
    return near, near - x * (last * _TWO_OVER_PI), quadrant  # where that matters, x is nearly n·π/2


@functools.cache
def is_fused() -> bool:
    """Tell whether a compiled product and its subtraction are rounded once, as the polynomials need it."""
    tf = engine.tensorflow()
    compiled = tf.function(lambda x, factor: x - factor * _HALF_PI[0], autograph=False, jit_compile=True)
    factor = np.arange(1, 33, dtype=np.float32)
    with tf.init_scope():
        rest = compiled(factor * np.float32(_HALF_PI[0]), factor).numpy()
    return bool((rest != 0).any())
