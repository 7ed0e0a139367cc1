"""Telling: words in the explanation's language, and numbers as they stand in its tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ravine.ledger import written

if TYPE_CHECKING:
    from ravine.explanation import Explanation


def say(found: Explanation, en: str, zh: str) -> str:
    """Return the words in the explanation's language."""
    return zh if found.language == "zh" else en


def short(value: float) -> float:
    """Return a number of seven digits."""
    return float(f"{value:.7g}") if math.isfinite(value) else value


def number(value: Any) -> str:
    """Return a number as it stands in tables: ten digits, of float32 those that count.

    Examples
    --------
    >>> number(-0.1), number(math.inf)
    ('−0.1', '∞')
    """
    if math.isfinite(value):
        return written(float(str(value)))
    return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
