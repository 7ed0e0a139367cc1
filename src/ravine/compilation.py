"""Compiled graphs, kept for the next call that needs the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

_MOST = 64
_kept: OrderedDict[Hashable, Any] = OrderedDict()
_lock = threading.RLock()


def remember(key: Hashable, build: Callable[[], Any]) -> Any:
    """Return what was built for this key before, or build it; the least recently used is forgotten.

    Examples
    --------
    >>> remember("answer", lambda: 42) + remember("answer", lambda: 1)
    84
    """
    with _lock:
        if key not in _kept:
            _kept[key] = build()
            if len(_kept) > _MOST:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
        return _kept[key]
