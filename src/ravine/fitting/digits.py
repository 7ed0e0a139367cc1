"""Digits: numbers and their errors as people write them."""

from __future__ import annotations

import math


def with_error(value: float, error: float) -> tuple[str, str]:
    """Return a value and its error as a laboratory writes them: the error to two digits, the value as far.

    Examples
    --------
    >>> with_error(238.94212918, 2.7070075)
    ('238.9', '2.7')
    >>> with_error(5.5015643181e-04, 7.2668688e-06)
    ('5.502e-04', '0.073e-04')
    >>> with_error(2.0, float("nan"))
    ('2', 'unknown')
    """
    if not math.isfinite(error):
        return f"{value:.8g}", "unknown"
    if error == 0 or not math.isfinite(value):
        return f"{value:.8g}", f"{error:.2g}"
    exponent = _exponent(value, error)
    return _scaled(value, exponent, _decimals(error, exponent)), _scaled(error, exponent, _decimals(error, exponent))


def like(value: float, error: float) -> str:
    """Return an end of an interval with as many digits as the value it belongs to."""
    if not (math.isfinite(error) and error > 0):
        return f"{value:.6g}"
    exponent = _exponent(value, error)
    return _scaled(value, exponent, _decimals(error, exponent))


def _exponent(value: float, error: float) -> int:
    """Return the power of ten to write apart, 0 for numbers of everyday size."""
    largest = max(abs(value), error)
    exponent = math.floor(math.log10(largest))
    return 0 if -3 <= exponent < 6 else exponent


def _decimals(error: float, exponent: int) -> int:
    return min(max(1 - math.floor(math.log10(error)) + exponent, 0), 10)


def _scaled(value: float, exponent: int, decimals: int) -> str:
    mantissa = f"{value / 10.0**exponent:.{decimals}f}"
    return f"{mantissa}e{exponent:+03d}" if exponent else mantissa


def number(value: float) -> str:
    """Return a number of a table: six digits, a whole one in groups of three, a dash if it isn't finite."""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.6g}" if math.isfinite(value) else "–"
