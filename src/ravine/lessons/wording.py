"""Wording: numbers, points and settings as prose, commands and Python write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def number(value: float, digits: int = 4) -> str:
    """Return a number with so many significant digits and a true minus sign.

    Examples
    --------
    >>> number(-94.0), number(12.918184, 6), number(1e-7)
    ('−94', '12.9182', '1e−07')
    """
    return f"{value:.{digits}g}".replace("-", "−")


def percent(share: float) -> str:
    """Return a share in percent.

    Examples
    --------
    >>> percent(0.197)
    '20%'
    """
    return f"{100 * share:.0f}%"


def point(params: Mapping[str, float], digits: int = 4) -> str:
    """Return values as a point.

    Examples
    --------
    >>> point({"a": 1.2, "b": -0.5})
    '(1.2, −0.5)'
    """
    return f"({', '.join(number(value, digits) for value in params.values())})"


def points(many: Sequence[Mapping[str, float]]) -> str:
    """Return several points, separated by commas.

    Examples
    --------
    >>> points([{"a": 5, "b": 4}, {"a": 5, "b": 1}])
    '(5, 4), (5, 1)'
    """
    return ", ".join(point(one) for one in many)


def option(params: Mapping[str, float]) -> str:
    """Return a start as the command line takes it.

    Examples
    --------
    >>> option({"a": 2, "b": 4.5})
    'a=2,b=4.5'
    """
    return ",".join(f"{name}={value:g}" for name, value in params.items())


def literal(params: Mapping[str, float]) -> str:
    """Return a start as Python writes it.

    Examples
    --------
    >>> literal({"a": 2, "b": 4.5})
    '{"a": 2, "b": 4.5}'
    """
    return "{" + ", ".join(f'"{name}": {value:g}' for name, value in params.items()) + "}"


def low(index: int) -> str:
    """Return a digit written low.

    Examples
    --------
    >>> "w" + low(2)
    'w₂'
    """
    return "₀₁₂₃₄₅₆₇₈₉"[index]
