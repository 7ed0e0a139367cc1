"""Causes: what is wrong with one start, before it is put into words."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Cause:
    """What is wrong with one start.

    Parameters
    ----------
    code
        As in `ravine.diagnosing.findings.CODES`.
    kind
        Which of the code's sentences tells it.
    evidence
        Numbers, names, and places (mappings of names to numbers): all that the sentence needs.
    weight
        How bad it is: of several starts the worst one's numbers are told.
    key
        Causes of one code and key are told as one finding.
    """

    code: str
    kind: str
    evidence: Mapping[str, Any]
    weight: float = 0.0
    key: Hashable = None


def one_digit(value: float) -> float:
    """Return a number that people would type.

    Examples
    --------
    >>> one_digit(0.0483)
    0.05
    """
    return float(f"{value:.1g}")


def four_digits(value: float) -> float:
    """Return a number short enough to be read, as evidence.

    Examples
    --------
    >>> four_digits(0.123456)
    0.1235
    """
    return float(f"{value:.4g}")


def place(names: Sequence[str], row: np.ndarray) -> dict[str, float]:
    """Return a row [param] as values by name."""
    return {name: four_digits(value) for name, value in zip(names, row, strict=True)}


def direction(names: Sequence[str], vector: np.ndarray) -> tuple[str, ...]:
    """Return the names of the parameters that make up most of a direction [param].

    Examples
    --------
    >>> direction(("a", "b"), np.array([0.05, -0.99]))
    ('b',)
    """
    size = np.abs(vector)
    return tuple(name for name, each in zip(names, size, strict=True) if each > 0.3 * size.max())
