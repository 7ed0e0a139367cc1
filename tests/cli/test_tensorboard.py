"""ravine tensorboard."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

import ravine as rv
from ravine.bridge.events import event_files


@pytest.fixture
def port():
    """Return a port that stays free: bound but not listened on, so that only who reuses it by number gets it."""
    with socket.socket() as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(("127.0.0.1", 0))
        yield found.getsockname()[1]


def test_a_saved_run_becomes_event_files(ravine, saved, folder):
    said = ravine("tensorboard", saved, "--logdir", "logs", "--no-serve")
    name = folder.name
    assert (said.code, said.out, said.err) == (0, f"Written: logs/{name}\n", "")
    assert rv.from_tensorboard(folder / "logs").starts == 2
    assert ravine("tensorboard", saved, "--logdir", "logs", "--no-serve").out == f"Written: logs/{name}-2\n"


def test_a_busy_port_is_named_with_the_next_free_one(refused, saved, folder):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        said = refused("tensorboard", saved, "--logdir", "logs", "--port", port)
    assert str(port) in said
    assert not (folder / "logs").exists()


def test_a_folder_or_file_that_is_not_there_is_refused(refused, saved):
    assert "nowhere" in refused("tensorboard", "--logdir", "nowhere", "--port", 0)
    assert "ru.nc" in refused("tensorboard", "ru.nc", "--logdir", "logs", "--port", 0)


@pytest.mark.slow
def test_the_server_answers_and_ends_when_asked(folder, port, until):
    with rv.TensorBoardLog(folder / "logs" / "own") as log:
        log.scalars({"loss": 1.0}, 0)
    assert event_files(folder / "logs")
    command = [
        sys.executable,
        "-c",
        "from ravine.cli import main; main()",
        "tensorboard",
        "--logdir",
        "logs",
        "--port",
        str(port),
    ]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=folder, env={**os.environ, "PYTHONUNBUFFERED": "1"}, **streams) as server:
        try:
            assert server.stdout.readline() == f"Listening on http://127.0.0.1:{port}\n"

            def runs():
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/data/runs", timeout=until.patience) as answer:
                    return answer.read()

            until(lambda: b"own" in runs(), what="the run in TensorBoard")
            server.send_signal(signal.SIGTERM)
            until(lambda: server.poll() is not None, what="the end of the server")
        finally:
            server.kill()
        assert server.returncode == 0
        assert "Traceback" not in server.stderr.read()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), until.patience).close()
