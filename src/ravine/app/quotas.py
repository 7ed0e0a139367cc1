"""Quotas: how much a page may ask for. Whoever asks for more gets a sentence, never a slow server."""

from __future__ import annotations

import math
from collections.abc import Sized
from typing import Any

from ravine.errors import DataError, FormulaError, ProblemError

FORMULA_LENGTH = 400
OPERATIONS = 200
PARAMETERS = 8
ROWS = 5_000
COLUMNS = 20
UPLOAD_BYTES = 1_000_000
REQUEST_BYTES = 4_000_000
NAME_LENGTH = 64
STARTS = 8
OPTIMIZERS = 6
STEPS = 5_000
EVALUATIONS = 4e7  # of the formula at one point: steps × starts × points × optimizers
MAP_EVALUATIONS = 3e8  # of one stage of a basin map
MAP_SIDE = 96
FIT_ROWS = 2_000
LARGEST = 1e30  # numbers beyond it would only overflow


def check_length(where: str, text: Any, most: int) -> str:
    """Return a text that isn't too long.

    Raises
    ------
    ProblemError
        If it is, or is no text.
    """
    if not isinstance(text, str):
        raise ProblemError(f"{where}: expected a text, got {type(text).__name__}.")
    if len(text) > most:
        raise ProblemError(f"{where}: expected at most {most:,} characters, got {len(text):,}. Shorten it.")
    return text


def check_count(where: str, things: Sized, most: int) -> None:
    """Refuse too many things.

    Raises
    ------
    ProblemError
        With the most there may be.
    """
    if len(things) > most:
        raise ProblemError(f"{where}: expected at most {most:,} on this page, got {len(things):,}. Leave some out.")


def check_formula(text: Any) -> str:
    """Return a formula's text that isn't too long to be typeset and compiled at once.

    Raises
    ------
    FormulaError
        If it is, or is no text.
    """
    if not isinstance(text, str):
        raise FormulaError(f"formula: expected a text, got {type(text).__name__}.")
    if len(text) > FORMULA_LENGTH:
        raise FormulaError(
            f"formula: expected at most {FORMULA_LENGTH} characters on this page, got {len(text):,}. Shorten it, or "
            "use the ravine command."
        )
    return text


def check_rows(points: int, columns: int) -> None:
    """Refuse a table that is too large for a page.

    Raises
    ------
    DataError
        With the size it may have.
    """
    if points > ROWS or columns > COLUMNS:
        raise DataError(
            f"data: expected at most {ROWS:,} rows and {COLUMNS} columns on this page, got {points:,} and {columns}. "
            "Leave some out, or use the ravine command."
        )


def check_work(steps: int, starts: int, points: int, optimizers: int) -> None:
    """Refuse a descent that would take too long.

    Raises
    ------
    ProblemError
        With what may be lessened.
    """
    work = float(steps) * starts * points * optimizers
    if work > EVALUATIONS:
        raise ProblemError(
            f"steps: {steps:,} steps × {starts} starts × {points:,} points × {optimizers} optimizers are "
            f"{work / EVALUATIONS:.1f} times what this page computes. Take fewer of them."
        )


def number(where: str, value: Any, low: float = -LARGEST, high: float = LARGEST) -> float:
    """Return a finite number within limits.

    Raises
    ------
    ProblemError
        If it is none.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or (isinstance(value, float) and not math.isfinite(value)) or not low <= value <= high:
        raise ProblemError(f"{where}: expected a number from {low:g} to {high:g}, got {_shortened(value)}.")
    return float(value)


def whole(where: str, value: Any, low: int, high: int) -> int:
    """Return a whole number within limits; 3.0 is one.

    Raises
    ------
    ProblemError
        If it is none.
    """
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ProblemError(f"{where}: expected a whole number from {low:,} to {high:,}, got {_shortened(value)}.")
    return value


def _shortened(value: Any) -> str:
    if isinstance(value, dict | list):
        return "something else"
    if isinstance(value, int) and abs(value) > LARGEST:
        return "a larger one"
    text = repr(value)
    return text if len(text) <= NAME_LENGTH else f"{text[:NAME_LENGTH]}…"
