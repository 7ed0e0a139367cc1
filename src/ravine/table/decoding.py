"""Decoding: from bytes to text, with the encoding found out."""

from __future__ import annotations

import codecs
import contextlib
import re

from ravine.errors import DataError

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_LOOK = 4096


def decode(name: str, data: bytes) -> tuple[str, tuple[str, ...]]:
    r"""Return a file's text with plain line ends, and a note when the encoding is a guess.

    Raises
    ------
    DataError
        If the bytes are no text.

    Examples
    --------
    >>> decode("x.csv", b"x,y\r\n1,2")
    ('x,y\n1,2', ())
    """
    encoding, notes = _encoding_of(name, data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as problem:
        raise DataError(
            f"{name}: expected text, got bytes that aren't {encoding} at byte {problem.start}. Save it as UTF-8."
        ) from None
    if "\0" in text or _CONTROL.search(text, 0, _LOOK):
        raise DataError(f"{name}: expected a table (CSV, TSV, Parquet, NPZ or Excel), got binary data. Check the file.")
    return (text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text), notes


def _encoding_of(name: str, data: bytes) -> tuple[str, tuple[str, ...]]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, ()
    if len(data) > 1 and data[1:_LOOK:2].count(0) > len(data[1:_LOOK:2]) // 2 and not data[0:_LOOK:2].count(0):
        return "utf-16-le", ()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        encoding, language = _guess(data)
        return encoding, (f"{name} isn't UTF-8: read as {language}.",)
    return "utf-8", ()


def _guess(data: bytes) -> tuple[str, str]:
    """Tell Chinese from Western text: GB 2312 writes a character in two high bytes, Latin-1 an accent in one."""
    if all(len(run) % 2 == 0 for run in _HIGH_RUN.findall(data)):
        with contextlib.suppress(UnicodeDecodeError):
            data.decode("gb18030")
            return "gb18030", "GB 18030 (Chinese)"
    return "latin-1", "Latin-1 (Western European)"
