"""Separator: what stands between the columns of a text table."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence

from ravine.table.column import MISSING

BLANKS = " "
"""The separator of columns aligned with any number of blanks and tabs."""

_ORDER = ("\t", ";", "|", ",", BLANKS)  # the safer signs first: a comma may be decimal, a blank part of a name
_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+([eE][-+]?\d+)?")
_DECIMAL_POINT = re.compile(r"[-+]?\d*\.\d+([eE][-+]?\d+)?")


def find_separator(lines: Sequence[str]) -> str:
    """Return the separator that splits the lines, the header first, into equally many fields.

    Examples
    --------
    >>> find_separator(["x;y", "1,5;2,5", "1,5;3,5"])
    ';'
    >>> find_separator(["x", "1", "2"])
    ','
    """
    best, best_score = ",", 0.0
    for separator in _ORDER:
        score = _score(lines, separator)
        if score > best_score:
            best, best_score = separator, score
    return best


def _score(lines: Sequence[str], separator: str) -> float:
    """Return the share of lines with the usual number of fields, halved when the header isn't among them."""
    counts = [len(split(line, separator)) for line in lines]
    usual, times = Counter(counts).most_common(1)[0]
    if usual < 2:
        return 0.0
    return times / len(counts) * (1.0 if counts[0] == usual else 0.5)


def split(line: str, separator: str) -> list[str]:
    """Split one line into its fields, quotes respected.

    Examples
    --------
    >>> split('"a, b",2', ",")
    ['a, b', '2']
    >>> split("  1   2 ", " ")
    ['1', '2']
    """
    line = collapse_blanks(line) if separator == BLANKS else line
    return next(csv.reader([line], delimiter=separator, skipinitialspace=separator != BLANKS), [])


def collapse_blanks(text: str) -> str:
    """Leave one blank between fields and none around lines."""
    text = text.replace("\t", " ")
    while "  " in text:  # a regular expression takes ten times as long
        text = text.replace("  ", " ")
    return text.replace("\n ", "\n").replace(" \n", "\n").strip(" ")


def is_number(cell: str) -> bool:
    """Tell whether a cell is a number, or a gap among numbers.

    Examples
    --------
    >>> is_number(" 1e-3"), is_number("1,5"), is_number("x1")
    (True, True, False)
    """
    cell = cell.strip()
    try:
        float(cell)
    except ValueError:
        return cell in MISSING or _DECIMAL_COMMA.fullmatch(cell) is not None
    return True


def has_decimal_commas(lines: Sequence[str], separator: str) -> bool:
    """Tell whether the numbers in these lines have a decimal comma, and none a point.

    Examples
    --------
    >>> has_decimal_commas(["1,5;2", "2,5;3"], ";")
    True
    """
    if separator == ",":
        return False
    cells = [cell.strip() for line in lines for cell in split(line, separator)]
    return any(map(_DECIMAL_COMMA.fullmatch, cells)) and not any(map(_DECIMAL_POINT.fullmatch, cells))
