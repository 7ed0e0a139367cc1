"""The real TensorBoard over a log folder, as a process of its own, until somebody stops it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from ravine import listening
from ravine.errors import DescentError

_PATIENCE = 120.0  # seconds until it must answer
_GRACE = 5.0  # seconds that it has to end by itself
_LOOK = 0.2


def serve(logdir: str | os.PathLike[str], host: str, port: int, ready: Callable[[str], Any]) -> None:
    """Show a log folder in TensorBoard until SIGINT or SIGTERM.

    Parameters
    ----------
    logdir
        The folder.
    host, port
        Where to listen; the port must be free.
    ready
        Called with the address once the page can be asked for.

    Raises
    ------
    DescentError
        If TensorBoard ends or doesn't answer.
    """
    address = listening.address(host, port)
    with tempfile.TemporaryFile() as said, listening.on_stop(_interrupt):
        server = subprocess.Popen(
            command(logdir, host, port),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
            start_new_session=True,  # Ctrl-C comes to us, and we end it
        )
        try:
            _wait(server, address, said)
            ready(address)
            server.wait()
        except KeyboardInterrupt:
            return
        finally:
            _end(server)
        raise DescentError(f"tensorboard: expected it to go on, but it ended ({_last_words(said)}).")


def command(logdir: str | os.PathLike[str], host: str, port: int) -> list[str]:
    """Return the command that starts TensorBoard; it keeps all scalars and images instead of a sample."""
    options = {
        "--logdir": os.fspath(logdir),
        "--host": host,
        "--port": str(port),
        "--samples_per_plugin": "scalars=1000000,images=1000",
    }
    return [sys.executable, "-m", "tensorboard.main", *(word for option in options.items() for word in option)]


def _wait(server: subprocess.Popen[bytes], address: str, said: Any) -> None:
    """Wait until it answers."""
    begun = time.monotonic()
    while time.monotonic() - begun < _PATIENCE:
        if server.poll() is not None:
            raise DescentError(f"tensorboard: expected it to start, but it ended ({_last_words(said)}).")
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(address, timeout=_PATIENCE).close()  # its first page takes longest
            return
        time.sleep(_LOOK)
    raise DescentError(f"tensorboard: expected an answer from {address} within {_PATIENCE:g} s, got none. Try again.")


def _last_words(said: Any) -> str:
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    return lines[-1].strip().rstrip(".") if lines else "without a word"


def _end(server: subprocess.Popen[bytes]) -> None:
    """Ask it to end; make it if it doesn't."""
    if server.poll() is not None:
        return
    server.terminate()
    try:
        server.wait(_GRACE)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _interrupt() -> None:
    raise KeyboardInterrupt
