"""Note: what the user should know beside the result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Note:
    """Something the user should know: a stable ``code`` for programs and a ``text`` for people."""

    code: str
    text: str


def described(notes: Iterable[Note]) -> list[dict[str, str]]:
    """Return notes as JSON knows them.

    Examples
    --------
    >>> described([Note("flat", "The start is flat.")])
    [{'code': 'flat', 'text': 'The start is flat.'}]
    """
    return [asdict(note) for note in notes]
