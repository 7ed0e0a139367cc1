"""Excel files: the first sheet, by openpyxl where it is installed."""

from __future__ import annotations

import io
import itertools
import warnings
from collections.abc import Sequence
from typing import Any

from ravine.errors import DataError, MissingDependency
from ravine.table.raw import Raw
from ravine.table.separator import is_number

_Rows = list[tuple[int, tuple[Any, ...]]]


def read_excel(name: str, data: bytes) -> Raw:
    """Read the first sheet of a workbook: a row of names, and rows of numbers below.

    Raises
    ------
    DataError
        If the workbook is damaged, or the sheet has no names or no rows.
    MissingDependency
        If openpyxl isn't installed.
    """
    rows, notes = _first_sheet(name, data)
    if not rows:
        raise DataError(f"{name}: expected column names and rows of numbers, got an empty sheet. Check the file.")
    (header, names), *below = rows
    if all(is_number(str(cell)) for cell in names if cell is not None):
        raise DataError(f"{name}, row {header}: expected column names, got only numbers. Put names above them.")
    if not below:
        raise DataError(f"{name}: expected rows of numbers below the column names, got none. Check the file.")
    columns = list(itertools.zip_longest(names, *(cells for _, cells in below)))
    columns = [column for column in columns if any(cell is not None for cell in column)]
    titles = ["" if title is None else title for title, *_ in columns]
    return Raw(titles, [_as_array(cells) for _, *cells in columns], [row for row, _ in below], header, notes)


def _first_sheet(name: str, data: bytes) -> tuple[_Rows, tuple[str, ...]]:
    """Return the rows that aren't empty with their numbers, and a note about other sheets."""
    openpyxl = _openpyxl(name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns about styles and validations it doesn't know
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    except Exception as problem:  # whatever the parsers inside openpyxl stumble over
        raise DataError(f"{name}: expected a whole Excel file, got a damaged one ({problem}). Save it again.") from None
    if not book.worksheets:
        raise DataError(f"{name}: expected a sheet with a table, got none. Check the file.")
    sheet, others = book.worksheets[0], len(book.worksheets) - 1
    rows = [(row, cells) for row, cells in enumerate(sheet.iter_rows(values_only=True), 1)]
    filled = [(row, cells) for row, cells in rows if any(cell is not None for cell in cells)]
    more = "1 other sheet" if others == 1 else f"{others} other sheets"
    return filled, (f"Sheet {sheet.title!r} is read, {more} not.",) if others else ()


def _openpyxl(name: str) -> Any:
    try:
        import openpyxl
    except ImportError:
        raise MissingDependency(
            f"{name}: expected openpyxl, which reads Excel files, got no such package. Run: pip install 'ravine[excel]'"
        ) from None
    return openpyxl


def _as_array(cells: Sequence[Any]) -> Any:
    import pandas as pd

    return pd.Series(list(cells), dtype=object)
