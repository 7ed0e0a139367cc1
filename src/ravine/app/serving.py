"""Serving: the page on an address of this machine, until somebody stops it."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from ravine.errors import ProblemError

_GRACE = 3.0  # seconds that work has to end by itself
_TRIES = 50
_CONNECTIONS = 200
_IDLE_SECONDS = 30


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes any free one.

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
        found.listen(_CONNECTIONS)
    except OSError as problem:
        found.close()
        raise _refusal(host, port, problem) from None
    return found


def serve(
    host: str = "127.0.0.1", port: int = 8050, workers: int = 4, ready: Callable[[str], Any] = lambda address: None
) -> None:
    """Serve the page until SIGINT or SIGTERM.

    Parameters
    ----------
    host, port
        Where to listen; port 0 takes any free one.
    workers
        How many descents are computed at once.
    ready
        Called with the address once the page can be asked for.

    Raises
    ------
    ProblemError
        If it can't listen there.
    """
    from waitress.server import create_server

    from ravine.app.server import Playground

    found = listen(host, port)
    logging.getLogger("waitress").setLevel(logging.CRITICAL)
    playground = Playground(host, workers)
    server = create_server(
        playground.application,
        sockets=[found],
        threads=8 * workers,
        connection_limit=_CONNECTIONS,
        channel_timeout=_IDLE_SECONDS,
        channel_request_lookahead=1,  # so that it is noticed when a browser goes away
        max_request_header_size=32_768,
        max_request_body_size=8_000_000,
        ident=None,
    )
    with _stopped_by(signal.SIGINT, signal.SIGTERM):
        threading.Thread(target=_warm, args=(playground,), daemon=True).start()
        ready(f"http://{f'[{host}]' if ':' in host else host}:{found.getsockname()[1]}")
        with contextlib.suppress(KeyboardInterrupt, SystemExit):
            server.run()
    playground.close()
    server.close()


def _warm(playground: Any) -> None:
    """Load TensorFlow and compile the first example before somebody waits for it."""
    playground.warm()


@contextlib.contextmanager
def _stopped_by(*signals: int) -> Iterator[None]:
    """Turn signals into the end of the loop, and give them back afterwards."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: Any) -> None:
        _leave_after(_GRACE)
        raise SystemExit

    before = {number: signal.signal(number, stop) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave_after(seconds: float) -> None:
    """End the process even if a computation that can't be stopped still runs by then."""

    def leave() -> None:
        sys.stdout.flush()
        os._exit(0)

    watch = threading.Timer(seconds, leave)
    watch.daemon = True
    watch.start()


def _refusal(host: str, port: int, problem: OSError) -> ProblemError:
    if problem.errno == errno.EADDRINUSE:
        free = _next_free(host, port)
        fix = f" Give --port {free}." if free else " Give another --port."
        return ProblemError(f"serve: expected a free port, got {port}, where something else listens.{fix}")
    if problem.errno in (errno.EACCES, errno.EPERM):
        return ProblemError(f"serve: expected a port that you may use, got {port}. Give --port 8050 or above.")
    return ProblemError(
        f"serve: expected an address of this machine, got {host}. Leave --host out for this machine only."
    )


def _next_free(host: str, port: int) -> int | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port + 1, min(port + _TRIES, 65_536)):
        with socket.socket(family, socket.SOCK_STREAM) as probe, contextlib.suppress(OSError):
            probe.bind((host, candidate))
            return candidate
    return None
