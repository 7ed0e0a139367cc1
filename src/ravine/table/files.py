"""Files: find out what a file is, and hand it to its reader."""

from __future__ import annotations

import contextlib
import io
import os
import zipfile
import zlib
from pathlib import Path

import numpy as np

from ravine.errors import DataError, did_you_mean
from ravine.table.excel import read_excel
from ravine.table.raw import Raw, from_frame
from ravine.table.text import read_text

_KINDS = "CSV, TSV, Parquet, NPZ or Excel"
_PARQUET = b"PAR1\x15"  # a column may be called PAR1; the next byte begins Parquet's first header
_ZIP = b"PK\x03\x04"
_FOREIGN = {
    b"\x93NUMPY": "a single NumPy array without column names. Save named columns with numpy.savez(path, x=x, y=y).",
    b"\xd0\xcf\x11\xe0": "an old or encrypted Excel file. Save it as .xlsx or CSV.",
    b"\x89HDF": "an HDF5 or NetCDF file. Save the columns as CSV or Parquet.",
    b"CDF\x01": "a NetCDF file. Save the columns as CSV or Parquet.",
    b"\x1f\x8b": "a gzip archive. Unpack it first.",
    b"ARROW1\0": "a Feather file. Save it as Parquet.",
    b"<!DOCTYPE": "a web page. Download the table itself.",
    b"<html": "a web page. Download the table itself.",
    b"<?xml": "an XML file. Save the table as CSV.",
    b"{": "JSON. Read it by pandas.read_json and give the DataFrame.",
    b"%PDF-": "a PDF. Save the table as CSV.",
}


def read_file(path: Path) -> Raw:
    """Read a table file, whatever its name ends in.

    Raises
    ------
    DataError
        If the file isn't there, can't be opened or isn't a table.
    MissingDependency
        If it is an Excel file and openpyxl isn't installed.
    """
    data = _read_bytes(path)
    for beginning, words in _FOREIGN.items():
        if data.startswith(beginning):
            raise DataError(f"{path.name}: expected a table ({_KINDS}), got {words}")
    if data.startswith(_PARQUET):
        return _read_parquet(path.name, data)
    if data.startswith(_ZIP):
        return _read_zip(path.name, data)
    return read_text(path.name, data)


def _read_bytes(path: Path) -> bytes:
    if os.path.isdir(path):
        raise DataError(f"{path}: expected a table file, got a folder. Name the file in it.")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DataError(_not_there(path)) from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise DataError(f"{path}: expected a readable file, got '{reason}'. Check the path and its rights.") from None


def _not_there(path: Path) -> str:
    if not path.parent.is_dir():
        return f"{path}: expected a file, got nothing: there is no folder {str(path.parent)!r}. Check the path."
    names: list[str] = []
    with contextlib.suppress(OSError):  # a folder that may be entered but not listed
        names = os.listdir(path.parent)
    return f"{path}: expected a file, got nothing there.{did_you_mean(path.name, names) or ' Check the path.'}"


def _read_parquet(name: str, data: bytes) -> Raw:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        frame = pq.read_table(io.BytesIO(data)).to_pandas(date_as_object=False)
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise _damaged(name, "Parquet", problem) from None
    return from_frame(frame)


def _read_zip(name: str, data: bytes) -> Raw:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.namelist()
    except zipfile.BadZipFile as problem:
        raise _damaged(name, "NPZ or Excel", problem) from None
    if any(member.endswith(".npy") for member in members):
        return _read_npz(name, data)
    if any(member.startswith("xl/") for member in members):
        return read_excel(name, data)
    raise DataError(f"{name}: expected a table ({_KINDS}), got another zip archive. Unpack it, or save it as CSV.")


def _read_npz(name: str, data: bytes) -> Raw:
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return Raw(archive.files, [archive[key] for key in archive.files])
    except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as problem:
        raise _damaged(name, "NPZ", problem) from None
    except ValueError as problem:
        raise DataError(f"{name}: expected arrays of numbers, got others ({problem}). Save numbers only.") from None


def _damaged(name: str, kind: str, problem: Exception) -> DataError:
    reason = (str(problem).splitlines() or [type(problem).__name__])[0]
    return DataError(f"{name}: expected a whole {kind} file, got a damaged one ({reason}). Save it again.")
