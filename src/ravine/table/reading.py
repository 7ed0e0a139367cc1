"""Reading: from a path, a DataFrame or arrays to a Table."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ravine.errors import DataError, did_you_mean
from ravine.table.column import Column, make_column
from ravine.table.files import read_file
from ravine.table.naming import first_duplicate, lookalikes, tidy
from ravine.table.raw import Raw, from_frame
from ravine.table.table import Table

_POLICIES = ("raise", "omit")
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")


def read_table(source: Any, nan_policy: str = "raise") -> Table:
    """Read named columns of numbers from a file or from memory.

    Files are recognized by their content: CSV and its relatives (columns separated by commas, semicolons, tabs,
    bars or blanks; lines that begin with # are comments), Parquet, NPZ and Excel.

    Parameters
    ----------
    source
        A path, a pandas DataFrame, a mapping of names to arrays [point, …], or a Table.
    nan_policy
        What to do about missing and infinite numbers: "raise" (an error when the column is asked for) or "omit"
        (leave these points out). A Table keeps "omit" once it has it.

    Returns
    -------
    Table
        The columns; those that hold no numbers complain only when asked for.

    Raises
    ------
    DataError
        If the source can't be read as a table.
    MissingDependency
        If it is an Excel file and openpyxl isn't installed.

    Examples
    --------
    >>> table = read_table({"time (s)": [0, 1, 2], "y": [8, 4, 2]})
    >>> table
    data: 3 points
      time (s)  0 … 2
      y         2 … 8
    >>> table["time"]
    array([0., 1., 2.])
    """
    if nan_policy not in _POLICIES:
        hint = did_you_mean(str(nan_policy), _POLICIES)
        raise DataError(f"nan_policy: expected 'raise' or 'omit', got {nan_policy!r}.{hint}")
    if isinstance(source, Table):
        return source if nan_policy == "raise" else replace(source, nan_policy=nan_policy)
    if isinstance(source, str | os.PathLike):
        path = _path_of(os.fsdecode(source))
        return _make_table(path.name, read_file(path), nan_policy)
    return _make_table("data", _from_memory(source), nan_policy)


def _path_of(text: str) -> Path:
    if _ADDRESS.match(text):
        raise DataError(f"{text}: expected a file on this machine, got an address. Download the file first.")
    if "\n" in text:
        raise DataError("data: expected a path, got text of several lines. Write it into a file and give its path.")
    return Path(os.path.expanduser(text))


def _from_memory(source: Any) -> Raw:
    if isinstance(source, Mapping):
        return Raw(list(source.keys()), list(source.values()))
    if isinstance(source, np.ndarray) and source.dtype.names:
        return Raw(source.dtype.names, [source[name] for name in source.dtype.names])
    if hasattr(source, "iloc"):
        return from_frame(source)
    got = f"an array of shape {source.shape}" if isinstance(source, np.ndarray) else f"{type(source).__name__}"
    raise DataError(
        f"data: expected a path, a DataFrame or a dict of arrays, got {got}. Name the columns: "
        "{'x': array[:, 0], 'y': array[:, 1]}."
    )


def _make_table(source: str, raw: Raw, nan_policy: str) -> Table:
    names = tidy(raw.names)
    if not names:
        raise DataError(f"{source}: expected named columns, got none. Give at least one.")
    _refuse_duplicates(source, names, raw.header)
    columns = [make_column(name, cells) for name, cells in zip(names, raw.cells, strict=True)]
    points = _common_length(source, columns)
    notes = (*raw.notes, *lookalikes(names))
    if raw.rows is None:
        return Table(source, tuple(columns), range(points), "counted from 0", nan_policy, notes)
    return Table(source, tuple(columns), raw.rows, "", nan_policy, notes)


def _refuse_duplicates(source: str, names: Sequence[str], header: int | None) -> None:
    places = first_duplicate(names)
    if places is not None:
        where = source if header is None else f"{source}, row {header}"
        first, second = (place + 1 for place in places)
        name = names[places[0]]
        raise DataError(
            f"{where}: expected different column names, got {name!r} for columns {first} and {second}. Rename one."
        )


def _common_length(source: str, columns: Sequence[Column]) -> int:
    sized = [column for column in columns if column.points or column.trouble is None]
    for column in sized[1:]:
        if column.points != sized[0].points:
            raise DataError(
                f"{source}: expected columns of equal length, got {sized[0].points} in {sized[0].name!r} "
                f"and {column.points} in {column.name!r}. Give one value per point."
            )
    if sized and not sized[0].points:
        raise DataError(f"{source}: expected rows of numbers, got columns without rows. Give at least one row.")
    return sized[0].points if sized else 0
