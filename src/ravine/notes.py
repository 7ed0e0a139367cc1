"""Note: what the user should know beside the result."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """Something the user should know: a stable ``code`` for programs and a ``text`` for people."""

    code: str
    text: str
