"""Names of columns: tidy, with units, and as a formula can write them."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

_WITH_UNIT = re.compile(r"(?P<base>.*?\S)\s*(?:\((?P<round>[^()]*)\)|\[(?P<square>[^\[\]]*)\])\s*")

_LINE_BREAK = re.compile(r"\s*\n\s*")


def split_unit(name: str) -> tuple[str, str]:
    """Split a column's name into the quantity and its unit, "" when it names none.

    Examples
    --------
    >>> split_unit("time (s)")
    ('time', 's')
    >>> split_unit("length [mm]")
    ('length', 'mm')
    >>> split_unit("y")
    ('y', '')
    """
    found = _WITH_UNIT.fullmatch(name)
    if found is None:
        return name, ""
    return found["base"], (found["round"] or found["square"] or "").strip()


def to_identifier(name: str) -> str:
    """Return a name that a formula can write, "" when nothing is left of it.

    Examples
    --------
    >>> to_identifier("time (s)")
    'time_s'
    >>> to_identifier("lambda")
    'lambda_'
    >>> to_identifier("2nd try")
    '_2nd_try'
    """
    # Python's parser normalizes identifiers to NFKC: a micro sign in a formula arrives as the letter mu.
    kept = "".join(letter if f"_{letter}".isidentifier() else " " for letter in unicodedata.normalize("NFKC", name))
    identifier = "_".join(kept.split())
    if identifier and not identifier.isidentifier():
        identifier = f"_{identifier}"
    return f"{identifier}_" if keyword.iskeyword(identifier) else identifier


def aliases_of(names: Iterable[str]) -> dict[str, str]:
    """Return the further names under which columns can be reached, each meaning one column only.

    Examples
    --------
    >>> aliases_of(["time (s)", "y"])
    {'time': 'time (s)', 'time_s': 'time (s)'}
    >>> aliases_of(["time (s)", "time (ms)"])
    {'time_s': 'time (s)', 'time_ms': 'time (ms)'}
    """
    names = list(names)
    offers = [(alias, name) for name in names for alias in _alternatives(name) if alias not in names]
    counts = Counter(alias for alias, _ in offers)
    return {alias: name for alias, name in offers if counts[alias] == 1}


def _alternatives(name: str) -> list[str]:
    candidates = (to_identifier(split_unit(name)[0]), to_identifier(name))
    return [candidate for candidate in dict.fromkeys(candidates) if candidate]


def tidy(names: Sequence[object]) -> list[str]:
    """Return names as text without outer blanks (kept where two would become one), "column 3" for an empty one.

    Examples
    --------
    >>> tidy([" x", "", 7])
    ['x', 'column 2', '7']
    """
    texts = [_LINE_BREAK.sub(" ", str(name)) for name in names]
    stripped = Counter(text.strip() for text in texts)
    kept = [text.strip() if stripped[text.strip()] == 1 else text for text in texts]
    return [name if name.strip() else f"column {place}" for place, name in enumerate(kept, 1)]


def first_duplicate(names: Sequence[str]) -> tuple[int, int] | None:
    """Return the places (0-based) of the first two equal names, None when all differ.

    Examples
    --------
    >>> first_duplicate(["x", "y", "x"])
    (0, 2)
    """
    seen: dict[str, int] = {}
    for place, name in enumerate(names):
        if name in seen:
            return seen[name], place
        seen[name] = place
    return None


def lookalikes(names: Iterable[str]) -> list[str]:
    """Return a sentence for every two names that differ only by case or blanks.

    Examples
    --------
    >>> lookalikes(["Time", "time"])
    ["Columns 'Time' and 'time' differ only by case or blanks."]
    """
    seen: dict[str, str] = {}
    notes = []
    for name in names:
        other = seen.setdefault("".join(name.split()).casefold(), name)
        if other != name:
            notes.append(f"Columns {other!r} and {name!r} differ only by case or blanks.")
    return notes
