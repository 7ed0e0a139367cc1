"""Serving: the page on an address of this machine, until somebody stops it."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from ravine import listening

_GRACE = 3.0  # seconds that work has to end by itself
_IDLE_SECONDS = 30


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

    found = listening.listen(host, port, "serve")
    logging.getLogger("waitress").setLevel(logging.CRITICAL)
    playground = Playground(host, workers)
    server = create_server(
        playground.application,
        sockets=[found],
        threads=8 * workers,
        connection_limit=listening.CONNECTIONS,
        channel_timeout=_IDLE_SECONDS,
        channel_request_lookahead=1,  # so that it is noticed when a browser goes away
        max_request_header_size=32_768,
        max_request_body_size=8_000_000,
        ident=None,
    )
    with listening.on_stop(_leave), contextlib.suppress(KeyboardInterrupt, SystemExit):
        threading.Thread(target=_warm, args=(playground,), daemon=True).start()
        ready(listening.address(host, found.getsockname()[1]))  # whoever reads it may end us at once
        server.run()
    playground.close()
    server.close()


def _warm(playground: Any) -> None:
    """Load TensorFlow and compile the first example before somebody waits for it."""
    playground.warm()


def _leave() -> None:
    """End the loop, and the process even if a computation that can't be stopped still runs by then."""

    def leave() -> None:
        sys.stdout.flush()
        os._exit(0)

    watch = threading.Timer(_GRACE, leave)
    watch.daemon = True
    watch.start()
    raise SystemExit
