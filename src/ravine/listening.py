"""Listening: an address of this machine, and signals that end what is served there."""

from __future__ import annotations

import contextlib
import errno
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from ravine.errors import ProblemError

CONNECTIONS = 200
_TRIES = 50


def address(host: str, port: int) -> str:
    """Return the address of a page.

    Examples
    --------
    >>> address("127.0.0.1", 8050), address("::1", 6006)
    ('http://127.0.0.1:8050', 'http://[::1]:6006')
    """
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def listen(host: str, port: int, command: str) -> socket.socket:
    """Return a socket that listens for a command; port 0 takes any free one.

    Raises
    ------
    ProblemError
        If the address isn't this machine's, or the port is taken: then with the next free one.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(CONNECTIONS)
    except OSError as problem:
        found.close()
        raise _refusal(host, port, command, problem) from None
    return found


@contextlib.contextmanager
def held(host: str, port: int, command: str) -> Iterator[int]:
    """Keep a port for a server that begins later, and give its number; port 0 takes any free one.

    It is bound and not listened on: Linux gives it to nobody who asks for any, but to whoever asks for this one.

    Raises
    ------
    ProblemError
        As `listen` does.
    """
    with listen(host, port, command) as found:
        address, family = found.getsockname(), found.family
    with socket.socket(family, socket.SOCK_STREAM) as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sys.platform == "linux":  # others would refuse it to the server
            with contextlib.suppress(OSError):  # somebody was faster, and the server will say so
                kept.bind(address)
        yield address[1]


@contextlib.contextmanager
def on_stop(stop: Callable[[], Any]) -> Iterator[None]:
    """Call this at SIGINT and SIGTERM, also where a script in the background ignores them; give them back later."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: stop()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _refusal(host: str, port: int, command: str, problem: OSError) -> ProblemError:
    if problem.errno == errno.EADDRINUSE:
        free = _next_free(host, port)
        fix = f" Give --port {free}." if free else " Give another --port."
        return ProblemError(f"{command}: expected a free port, got {port}, where something else listens.{fix}")
    if problem.errno in (errno.EACCES, errno.EPERM):
        return ProblemError(f"{command}: expected a port that you may use, got {port}. Give one from 1024 on.")
    return ProblemError(
        f"{command}: expected an address of this machine, got {host}. Leave --host out for this machine only."
    )


def _next_free(host: str, port: int) -> int | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port + 1, min(port + _TRIES, 65_536)):
        with socket.socket(family, socket.SOCK_STREAM) as probe, contextlib.suppress(OSError):
            probe.bind((host, candidate))
            return candidate
    return None
