"""What JSON knows: no NaN, no infinity."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def number(value: Any) -> float | None:
    """Return the shortest number that stands for a value, None if it isn't finite.

    Examples
    --------
    >>> import numpy as np
    >>> number(np.float32(0.1)), number(np.nan), number(5)
    (0.1, None, 5)
    """
    if isinstance(value, int):
        return value
    return float(str(value)) if math.isfinite(value) else None


def known(value: Any) -> Any:
    """Return a value, however deep, with None for what isn't finite.

    Examples
    --------
    >>> known({"loss": float("inf"), "params": (1.5, "a")})
    {'loss': None, 'params': [1.5, 'a']}
    """
    if isinstance(value, Mapping):
        return {name: known(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [known(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
