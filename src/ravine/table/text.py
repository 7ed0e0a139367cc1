"""Text files: CSV and its relatives, with the separator, header and decimal sign found out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ravine.errors import DataError
from ravine.table.column import MISSING
from ravine.table.decoding import decode
from ravine.table.raw import Raw, without_empty_tail
from ravine.table.separator import BLANKS, collapse_blanks, find_separator, has_decimal_commas, is_number, split

_COMMENT = re.compile(r"\n[ \t]*#[^\n]*")
_BLANK_LINE = re.compile(r"\n[ \t]+(?=\n|\Z)")
_SAMPLE = 1 << 16
_SAMPLE_LINES = 200
_BLOCK = 1 << 24


@dataclass(frozen=True)
class _Layout:
    """How a text is laid out: its separator, its names, the row that holds them, and the rows below.

    ``first`` is the number of the body's first line in the file.
    """

    separator: str
    names: Sequence[str]
    header: int
    first: int
    body: str
    comma: bool


def read_text(name: str, data: bytes) -> Raw:
    r"""Read a text table.

    Parameters
    ----------
    name
        The file's name, for messages.
    data
        The file's bytes.

    Raises
    ------
    DataError
        If it is empty, has no header or no rows, or rows have different numbers of fields.

    Examples
    --------
    >>> raw = read_text("x.csv", b"x;y\n1,5;2\n")
    >>> raw.names, [list(cells) for cells in raw.cells], list(raw.rows)
    (['x', 'y'], [[1.5], [2]], [2])
    """
    text, notes = decode(name, data)
    layout = _lay_out(name, text)
    whole = _parse(name, layout)
    frame = without_empty_tail(whole)
    if not len(frame):
        raise _rowless(name)
    columns = [(title, frame.iloc[:, place]) for place, title in enumerate(layout.names)]
    # A separator at every line's end makes a last column without name and cells.
    columns = [(title, cells) for title, cells in columns if title.strip() or cells.notna().any()]
    rows = _row_numbers(layout, len(whole))[: len(frame)]
    notes += (f"{name}: commas are read as decimal signs.",) if layout.comma else ()
    return Raw([title for title, _ in columns], [cells for _, cells in columns], rows, layout.header, notes)


def _lay_out(name: str, text: str) -> _Layout:
    """Find the separator, the names and the rows."""
    cleaned = _without_comments(text)
    body = cleaned.lstrip("\n")
    if not body:
        raise DataError(f"{name}: expected column names and rows of numbers, got an empty file. Check the file.")
    above = len(cleaned) - len(body)
    sample = _sample(body)
    separator = find_separator(sample)
    comma = has_decimal_commas(sample[1:], separator)
    names, lines = _first_row(name, sample, separator)
    if not all(map(is_number, names)):
        rest = body.split("\n", lines)[lines:]
        if not rest or not rest[0].strip("\n"):
            raise _rowless(name)
        return _Layout(separator, names, above + 1, above + lines + 1, rest[0], comma)
    commented = _commented_names(text.split("\n", above)[:above], separator, len(names))
    if commented is None:
        raise _headless(name, above + 1, names)
    return _Layout(separator, commented, above, above + 1, body, comma)


def _without_comments(text: str) -> str:
    """Empty the lines of comments and blanks; they stay as lines, so that the rows keep their numbers."""
    text = f"\n#{text}" if text.startswith("sep=") else f"\n{text}"  # Excel's own way to name the separator
    text = _COMMENT.sub("\n", text) if "#" in text else text
    return _BLANK_LINE.sub("\n", text)[1:]


def _sample(body: str) -> list[str]:
    """Return the first lines, whole."""
    lines = body[:_SAMPLE].split("\n")
    whole = lines if len(body) <= _SAMPLE or len(lines) == 1 else lines[:-1]
    return [line for line in whole if line][:_SAMPLE_LINES]


def _first_row(name: str, sample: Sequence[str], separator: str) -> tuple[list[str], int]:
    """Return the fields of the first row and how many lines it takes."""
    if separator == BLANKS:
        return split(sample[0], separator), 1
    reader = csv.reader((f"{line}\n" for line in sample), delimiter=separator, skipinitialspace=True)
    try:
        return next(reader), reader.line_num
    except csv.Error as problem:
        raise DataError(f"{name}: expected a text table, got a first row that can't be read ({problem}).") from None


def _commented_names(lines: Sequence[str], separator: str, fields: int) -> list[str] | None:
    """Return the names that numpy.savetxt and Gnuplot users write in a comment above the numbers."""
    comments = [line.strip().lstrip("#").strip() for line in lines if line.lstrip().startswith("#")]
    comment = next(filter(None, reversed(comments)), "")
    for sign in (separator, BLANKS):
        names = split(comment, sign)
        if len(names) == fields and not all(map(is_number, names)):
            return names
    return None


def _parse(name: str, layout: _Layout) -> Any:
    """Return a DataFrame of all rows, numbers as numbers, everything else as text or dates."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    body = collapse_blanks(layout.body) if layout.separator == BLANKS else layout.body
    titles = [str(place) for place in range(len(layout.names))]
    try:
        table = arrow.read_csv(
            io.BytesIO(body.encode()),
            read_options=arrow.ReadOptions(column_names=titles, block_size=_BLOCK),
            parse_options=arrow.ParseOptions(delimiter=layout.separator, newlines_in_values='"' in body),
            convert_options=arrow.ConvertOptions(
                null_values=list(MISSING), strings_can_be_null=True, decimal_point="," if layout.comma else "."
            ),
        )
    except pa.ArrowInvalid as problem:
        raise _ragged(name, layout, problem) from None
    return table.to_pandas(date_as_object=False)


def _row_numbers(layout: _Layout, points: int) -> Sequence[int] | np.ndarray:
    """Return the line of every point in the file; mere counting when every line is a row."""
    if layout.body.rstrip("\n").count("\n") + 1 == points:
        return range(layout.first, layout.first + points)
    return np.fromiter((line for line, _ in _rows(layout)), dtype=np.int64)


def _rows(layout: _Layout) -> Iterator[tuple[int, list[str]]]:
    """Go through the rows slowly but exactly: first line in the file, and fields."""
    body = collapse_blanks(layout.body) if layout.separator == BLANKS else layout.body
    reader = csv.reader(io.StringIO(body), delimiter=layout.separator)
    line = layout.first
    for fields in reader:
        if fields:
            yield line, fields
        line = layout.first + reader.line_num


def _ragged(name: str, layout: _Layout, problem: Exception) -> DataError:
    """Find the row with too many or too few fields."""
    expected = len(layout.names)
    try:
        for row, fields in _rows(layout):
            if len(fields) != expected:
                return _ragged_row(f"{name}, row {row}", expected, len(fields), layout.separator)
    except csv.Error as trouble:
        return DataError(f"{name}: expected a text table, got a row that can't be read ({trouble}). Check the file.")
    return DataError(f"{name}: expected a text table, got '{str(problem).splitlines()[0]}'. Check the file.")


def _ragged_row(where: str, expected: int, got: int, separator: str) -> DataError:
    fields = "1 field" if expected == 1 else f"{expected} fields"
    fix = "Give every row as many fields as there are column names."
    if separator == BLANKS:
        fix = "Where blanks separate the columns, a name with blanks needs quotes."
    if separator == "," and got == 2 * expected:
        fix = "If the commas are decimal signs, separate the columns with semicolons."
    return DataError(f"{where}: expected {fields} as in the header, got {got}. {fix}")


def _headless(name: str, row: int, cells: Sequence[str]) -> DataError:
    example = ",".join(["x", "y", "z"][: len(cells)]) if len(cells) <= len("xyz") else "x1,x2,…"
    return DataError(
        f"{name}, row {row}: expected column names, got only numbers. Put names above them, such as '{example}'."
    )


def _rowless(name: str) -> DataError:
    return DataError(f"{name}: expected rows of numbers below the column names, got none. Check the file.")
