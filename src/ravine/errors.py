"""The errors a user can meet, and the hints in them.

::

    RavineError
    ├── FormulaError(ValueError)          the text or callable is no usable formula
    ├── DataError(ValueError)             the table can't be read or doesn't fit
    ├── ProblemError(ValueError)          formula, table, starts and settings don't go together
    ├── DescentError(RuntimeError)        asked for by Run.raise_for_status()
    ├── StoreError(OSError)               a file can't be written or isn't ours
    └── MissingDependency(ImportError)    an optional package isn't installed

Every message reads "where: expected …, got …. Fix." in the caller's words.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class RavineError(Exception):
    """Whatever ravine refuses, it refuses with a subclass of this."""


class FormulaError(RavineError, ValueError):
    """The formula can't be read.

    Parameters
    ----------
    message
        One sentence.
    text, column, length
        The source text and the place in it (0-based), drawn with carets under the message.

    Examples
    --------
    >>> print(FormulaError("formula: unknown function 'sine'. Did you mean 'sin'?", "sine(x)", 0, 4))
    formula: unknown function 'sine'. Did you mean 'sin'?
      sine(x)
      ^^^^
    """

    def __init__(self, message: str, text: str | None = None, column: int = 0, length: int = 1) -> None:
        self.message = message
        self.text = text
        self.column = column
        self.length = length
        Exception.__init__(self, message if text is None else f"{message}\n{_point_at(text, column, length)}")


class DataError(RavineError, ValueError):
    """The table can't be read, or lacks what the formula needs."""


class ProblemError(RavineError, ValueError):
    """Formula, table, starts and settings don't go together."""


class DescentError(RavineError, RuntimeError):
    """A descent did not converge, and the caller asked to be told by an exception."""


class StoreError(RavineError, OSError):
    """A file can't be written, or isn't one of ravine's."""


class MissingDependency(RavineError, ImportError):
    """An optional package isn't installed; the message holds the command that installs it."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest known name, or an empty string.

    Examples
    --------
    >>> did_you_mean("adm", ["sgd", "adam"])
    " Did you mean 'adam'?"
    >>> did_you_mean("zzz", ["sgd", "adam"])
    ''
    """
    folded: dict[str, str] = {}
    for candidate in known:
        folded.setdefault(candidate.lower(), candidate)
    near = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    return f" Did you mean '{folded[near[0]]}'?" if near else ""


def _point_at(text: str, column: int, length: int, width: int = 76) -> str:
    """Draw carets under ``text[column:column + length]``, of a long text only the surroundings."""
    first = 0 if len(text) <= width else max(0, min(column - width // 2, len(text) - width))
    shown = text[first : first + width].replace("\n", " ").replace("\t", " ")
    carets = "^" * max(1, min(length, len(shown) - (column - first)))
    return f"  {shown}\n  {' ' * (column - first)}{carets}"
