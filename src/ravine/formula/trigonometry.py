"""Sine and cosine in float32 that a compiler can vectorize.

XLA on the CPU calls the C library's ``sinf`` and ``cosf`` for one number after the other; a descent on
sin(b·cos(a·x)) spends nearly all its time there. Here both come from one reduction and two short polynomials, and
each is the other's derivative, so that a gradient costs no further call.

The argument is reduced by multiples of π/2, which stands as four numbers of 11 bits (the last one of 24): their
products with a multiple below 2¹³ are exact. That holds for arguments up to ±`LIMIT`; beyond, callers take the
native functions.

References
----------
W. J. Cody and W. Waite (1980), Software Manual for the Elementary Functions, Prentice Hall, chapter 8.
S. L. Moshier, Cephes Mathematical Library, single precision: the polynomials' coefficients.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

#: The largest argument for which the error stays within 2 units in the last place.
LIMIT = 8192.0

_HALF_PI = (1.5703125, 0.0004837512969970703, 7.549533620476723e-08, 2.5633440682570896e-12)
_TWO_OVER_PI = 0.6366197723675814
_SINE = (-1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4)
_COSINE = (4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5)

_arguments: ContextVar[list[Any] | None] = ContextVar("arguments", default=None)


@contextlib.contextmanager
def vectorized() -> Iterator[list[Any]]:
    """Let `choose` take the polynomials within this block; the list collects the arguments they met."""
    met: list[Any] = []
    token = _arguments.set(met)
    try:
        yield met
    finally:
        _arguments.reset(token)


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
        def calculate(x: Any) -> Any:
            met = _arguments.get()
            if met is None or x.dtype != tf.float32:
                return native(x)
            met.append(x)
            return polynomial(x)

        return calculate

    return {"sin": one_of(sine, tf.sin), "cos": one_of(cosine, tf.cos)}


def sine_and_cosine(tf: Any, x: Any) -> tuple[Any, Any]:
    """Return sine and cosine of a float32 tensor no larger than `LIMIT`, at most 2 units in the last place off."""
    multiple = tf.round(x * _TWO_OVER_PI)
    exact = (x - multiple * _HALF_PI[0]) - multiple * _HALF_PI[1]
    third = multiple * _HALF_PI[2]
    rounded = exact - third
    rest = rounded + (((exact - rounded) - third) - multiple * _HALF_PI[3])  # with what the subtraction lost
    square = rest * rest
    sine = rest + rest * square * (_SINE[0] + square * (_SINE[1] + square * _SINE[2]))
    cosine = 1.0 - 0.5 * square + square * square * (_COSINE[0] + square * (_COSINE[1] + square * _COSINE[2]))
    quadrant = tf.cast(multiple, tf.int32)
    odd = tf.equal(quadrant & 1, 1)
    sin, cos = tf.where(odd, cosine, sine), tf.where(odd, sine, cosine)
    sin = tf.where(tf.equal(quadrant & 2, 2), -sin, sin)
    return sin, tf.where(tf.equal((quadrant + 1) & 2, 2), -cos, cos)


def any_beyond(tf: Any, met: list[Any], running: Any) -> Any:
    """Tell whether an argument of a running start is beyond `LIMIT`; arguments are [start] or [point, start]."""
    beyond = tf.constant(False)
    for argument in met:
        large = tf.abs(argument) > LIMIT
        by_start = tf.reduce_any(large, 0) if large.shape.rank == 2 else large
        beyond = beyond | tf.reduce_any(by_start & running)
    return beyond
