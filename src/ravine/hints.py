"""Hints: what a parameter's name may have been meant to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ravine.errors import did_you_mean
from ravine.formula import functions
from ravine.notes import Note


def near_names(params: Iterable[str], columns: Sequence[str]) -> tuple[Note, ...]:
    """Return a note for each parameter whose name is near that of an unused column or of a function.

    Examples
    --------
    >>> [note.text for note in near_names(["a", "tiem"], ["time"])]
    ["'tiem' is taken as a parameter. Did you mean 'time'?"]
    """
    found = {name: meant(name, columns) for name in params}
    return tuple(Note("near-name", f"'{name}' is taken as a parameter.{hint}") for name, hint in found.items() if hint)


def meant(name: str, columns: Sequence[str]) -> str:
    """Return " Did you mean 'x'?", or an empty string; short names are near to everything, so only case counts."""
    if len(name) < 3:
        near = [column for column in columns if column.lower() == name.lower()]
        return f" Did you mean '{near[0]}'?" if near else ""
    return did_you_mean(name, columns) or functions.one_letter_off(name)
