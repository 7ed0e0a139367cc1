"""Column: one name and its numbers, or the reason why it has none."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

MISSING = ("", "NA", "N/A", "n/a", "na", "NaN", "nan", "NAN", "-nan", "NULL", "null", "None", "none", "#N/A", "-", "--")
"""What a cell may hold to say "no value"."""

_STRANGE = (int, Fraction, complex, np.complexfloating)
_FIRST_LOOK = 1000
_WITH_COMMA = re.compile(r"\s*[-+]?[\d.,]*,\d+[\d.,]*([eE][-+]?\d+)?\s*")
_LEAVE_OUT = "Correct it, or leave the column out of the formula."
_PLAIN = "Write numbers with a decimal point and without other signs, as in 1234.5."


@dataclass(frozen=True)
class Trouble:
    """Why a column has no numbers.

    Parameters
    ----------
    got
        What was found instead of a number.
    fix
        What to do about it, as a sentence.
    position
        The first point it concerns, counted from 0; None when it is the whole column.
    """

    got: str
    fix: str = _LEAVE_OUT
    position: int | None = None


_NOTHING = Trouble("no values at all", "Fill it in, or leave the column out of the formula.")


@dataclass(frozen=True, eq=False)
class Column:
    """A named column.

    Parameters
    ----------
    name
        The name in the source.
    values
        The numbers, float64 [point, …], NaN where a cell is missing; an empty array when there is a trouble.
    points
        Number of points.
    trouble
        Why the column can't be used; None when it can.
    """

    name: str
    values: np.ndarray
    points: int
    trouble: Trouble | None = None

    @cached_property
    def finite(self) -> np.ndarray:
        """Tell of every point whether all its numbers are finite, [point]."""
        finite = np.isfinite(self.values)
        return np.asarray(finite.reshape(len(finite), -1).all(axis=1))


def make_column(name: str, cells: Any) -> Column:
    """Make a column of anything array-like; what is no number becomes the column's trouble.

    Examples
    --------
    >>> make_column("on", [True, False]).values
    array([1., 0.])
    >>> make_column("y", [1.5, "high"]).trouble.got
    "'high'"
    """
    try:
        array = _to_array(cells)
    except (ValueError, TypeError):
        return _troubled(name, 0, Trouble("rows of unequal length", "Give every point equally many numbers."))
    if array.ndim == 0:
        return _troubled(name, 0, Trouble(f"the single value {_shown(array[()])}", "Give one number per point."))
    if array.dtype.kind in "OUST":
        array = _to_best_type(array)
    return _of_typed(name, array)


def _of_typed(name: str, array: np.ndarray) -> Column:
    kind = array.dtype.kind
    if kind in "biuf":
        values = array.astype(np.float64)
        values.flags.writeable = False  # the same array is handed to everyone who asks
        return Column(name, values, len(values), _NOTHING if values.size and np.isnan(values).all() else None)
    if kind == "O":
        return _of_objects(name, array)
    return _troubled(name, len(array), _trouble_of_kind(name, array))


def _of_objects(name: str, array: np.ndarray) -> Column:
    """Make a column of text and mixed cells: numbers written as text are numbers."""
    if array.ndim > 1:
        return _troubled(name, len(array), Trouble(f"{_shown(array.flat[0])} among the numbers"))
    for cells in (array[:_FIRST_LOOK], array):  # a text column shows at once: no need to try a million cells
        values, bad = _parse(cells)
        if bad.any():
            return _troubled(name, len(array), _trouble_of_cell(array, int(np.argmax(bad))))
    return _of_typed(name, values)


def _parse(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers in the cells (NaN where there is none) and which cells are neither number nor missing."""
    import pandas as pd

    # pandas would make complex numbers of the whole column, and fails at integers that no float can hold.
    strange = np.array([isinstance(cell, _STRANGE) and not isinstance(cell, bool) for cell in cells], dtype=bool)
    parsed: Any = pd.to_numeric(pd.Series(cells, dtype=object).mask(strange), errors="coerce")
    numbers = parsed.to_numpy(np.float64, na_value=np.nan, copy=True)
    numbers[strange] = [_to_float(cell) for cell in cells[strange]]
    unread = np.isnan(numbers)
    bad = np.zeros(len(cells), dtype=bool)
    bad[unread] = [not _is_missing(cell) for cell in cells[unread]]
    return numbers, bad


def _to_float(cell: Any) -> float:
    try:
        return float(cell)
    except (TypeError, OverflowError):
        return math.nan


def _is_missing(cell: Any) -> bool:
    import pandas as pd

    if isinstance(cell, str):
        return cell.strip() in MISSING
    missing = pd.isna(cell)
    return isinstance(missing, bool | np.bool_) and bool(missing)


def _to_array(cells: Any) -> np.ndarray:
    """Return a NumPy array whose dtype tells what the cells are; pandas's own dtypes are translated."""
    if isinstance(cells, np.ma.MaskedArray):
        return np.ma.filled(cells.astype(np.float64 if cells.dtype.kind in "biuf" else object), np.nan)
    if hasattr(cells, "array") and not isinstance(cells.dtype, np.dtype):
        return _from_extension(cells)
    return np.asarray(cells)


def _from_extension(series: Any) -> np.ndarray:
    """Translate a pandas Series with a dtype of pandas's own: nullable, categories, Arrow, time zones, text."""
    from pandas.api import types

    if isinstance(series.dtype, types.CategoricalDtype):
        return series.to_numpy(object)
    if types.is_numeric_dtype(series.dtype):
        return series.to_numpy(np.float64, na_value=np.nan)
    if types.is_datetime64_any_dtype(series.dtype):
        return series.to_numpy("datetime64[ns]")
    return series.to_numpy(object, na_value=None)


def _to_best_type(array: np.ndarray) -> np.ndarray:
    """Recognize objects that are all numbers, dates or durations."""
    import pandas as pd

    if array.dtype.kind != "O" or array.ndim != 1:
        return array.astype(object)
    try:
        return _to_array(pd.Series(array).infer_objects())
    except OverflowError:  # older versions of pandas, on a whole number that float64 can't hold
        return array


def _troubled(name: str, points: int, trouble: Trouble) -> Column:
    return Column(name, np.empty(0), points, trouble)


def _trouble_of_kind(name: str, array: np.ndarray) -> Trouble:
    known = array[~np.isnat(array)] if array.dtype.kind in "mM" else array
    match array.dtype.kind:
        case "M":
            return Trouble(
                f"dates such as {np.datetime_as_string(known[0], unit='auto')}" if known.size else "dates",
                "Convert them, for example to seconds since the first one: "
                f"(data[{name!r}] - data[{name!r}].min()).dt.total_seconds() in pandas.",
            )
        case "m":
            return Trouble("durations", f"Convert them, for example by data[{name!r}].dt.total_seconds() in pandas.")
        case "c":
            return Trouble("complex numbers", "Give real and imaginary part as two columns.")
        case _:
            return Trouble(f"values of type {array.dtype}", "Give each field as a column of its own.")


def _trouble_of_cell(array: np.ndarray, position: int) -> Trouble:
    cell = array[position]
    if isinstance(cell, str) and _WITH_COMMA.fullmatch(cell):
        return Trouble(_shown(cell), _PLAIN, position)
    return Trouble(_shown(cell), _LEAVE_OUT, position)


def _shown(cell: Any, width: int = 40) -> str:
    text = repr(str(cell)) if isinstance(cell, str) else str(cell)
    return text if len(text) <= width else f"{text[: width - 1]}…"
