"""The command line, called in this process or, where it matters, in one of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest

import ravine as rv
from ravine.cli import main
from ravine.recording import Recording
from ravine.run import Status


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def ravine(folder, monkeypatch, capsys):
    """Return a function that runs the command in this process."""

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["ravine", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Said(ended.value.code, said.out, said.err)

    return call


@pytest.fixture
def refused(ravine):
    """Return a function that runs the command and expects one sentence, exit code 2 and nothing else."""

    def call(*words):
        said = ravine(*words)
        assert (said.code, said.out) == (2, "")
        assert "Traceback" not in said.err
        assert len(said.err.splitlines()) == 1, said.err
        return said.err

    return call


@pytest.fixture
def line(folder):
    """Return a table on y = 2x + 1."""
    path = folder / "data.csv"
    path.write_text("x,y,s\n0,1,0.1\n1,3,0.1\n2,5,0.1\n3,7,0.1\n")
    return path.name


@pytest.fixture
def saved(folder):
    """Return the file of two starts that came from 6 and 4 down to 3 and 2 on (x − 2)², written by hand."""
    recording = Recording(
        np.arange(3),
        np.array([[[6.0], [4], [3]], [[4], [3], [2]]]),
        np.array([[[8.0], [4], [2]], [[4], [2], [0]]]),
        np.array([[16.0, 4, 1], [4, 1, 0]]),
        np.full((2, 3), 0.25),
        [Status.ran_out, Status.converged],
        np.array([2, 2]),
    )
    run = rv.Run(recording.to_dataset(["x"]), rv.Problem("(x - 2)**2"), {"optimizer": "sgd"})
    return rv.save(run, folder / "run.nc")


@pytest.fixture
def process(folder):
    """Return a function that runs Python in a process of its own, its output buffered as usual."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}

    def call(code, *words, env=env, **options):
        command = [sys.executable, "-c", code, *map(str, words)]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.run(command, text=True, check=False, env=env, **streams)

    return call
