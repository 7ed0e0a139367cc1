"""What takes long to build, such as compiled graphs, kept for the next call that needs the same."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Any

_MOST = 64
_kept: OrderedDict[Hashable, list[Any]] = OrderedDict()
_lock = threading.Lock()


def remember(key: Hashable, build: Callable[[], Any]) -> Any:
    """Return what was built for this key before, or build it; the least recently used is forgotten.

    Examples
    --------
    >>> remember("answer", lambda: 42) + remember("answer", lambda: 1)
    84
    """
    with borrowed(key, build) as kept:
        return kept


@contextlib.contextmanager
def borrowed(key: Hashable, build: Callable[[], Any]) -> Iterator[Any]:
    """Lend what was built for this key; while it is out, another caller gets one of its own.

    So two threads, or a callback and the descent that calls it, never share the variables of a compiled loop.

    Examples
    --------
    >>> with borrowed("list", list) as one, borrowed("list", list) as other:
    ...     one is other
    False
    """
    with _lock:
        idle = _kept.get(key)
        kept = idle.pop() if idle else None
    kept = build() if kept is None else kept
    try:
        yield kept
    finally:
        with _lock:
            _kept.setdefault(key, []).append(kept)
            _kept.move_to_end(key)
            while len(_kept) > _MOST:
                _kept.popitem(last=False)
