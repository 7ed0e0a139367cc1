"""Limits: bounds of parameters, as a user gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ravine.errors import ProblemError
from ravine.observations import numbers


def read(bounds: Any) -> dict[str, tuple[float, float]]:
    """Return the lower and upper bound of each parameter named, infinite where open.

    Raises
    ------
    ProblemError
        If a pair isn't (low, high) with low < high.

    Examples
    --------
    >>> read({"a": (0, None)})
    {'a': (0.0, inf)}
    """
    if not isinstance(bounds, Mapping):
        raise ProblemError(f"bounds: expected {{'a': (low, high)}}, got {bounds!r}.")
    return {name: _pair(name, pair) for name, pair in bounds.items()}


def _pair(name: str, pair: Any) -> tuple[float, float]:
    if not isinstance(pair, Sequence) or len(pair) != 2 or isinstance(pair, str):
        raise ProblemError(f"bounds: expected (low, high) for '{name}', got {pair!r}. None opens a side.")
    low, high = (_bound(name, side, rest) for side, rest in zip(pair, (-np.inf, np.inf), strict=True))
    if not low < high:
        raise ProblemError(f"bounds: expected low < high for '{name}', got ({low:g}, {high:g}).")
    return low, high


def _bound(name: str, side: Any, rest: float) -> float:
    value = numbers(f"bounds of '{name}'", rest if side is None else side)
    if value.ndim:
        raise ProblemError(f"bounds: expected one number on each side for '{name}', got {side!r}.")
    return float(value)
