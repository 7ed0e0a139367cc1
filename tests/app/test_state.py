"""One state is the source of the address, the code and the numbers: all three lead back to it."""

import contextlib
import io
import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ravine.app import address, descents, gallery, scripts, sources
from ravine.app import state as states
from ravine.app.state import State
from ravine.cli import main
from ravine.errors import RavineError

NAMES = [*gallery.EXAMPLES, *(f"model:{name}" for name in gallery.ready_names())]
OWN = sources.own("own.csv", {"time (s)": [0.0, 1.0, 2.0, 3.5], "height, m": [3.0, 1.9, 1.3, 1 / 3]})
RACE = replace(gallery.open_example("himmelblau"), optimizers=("sgd", "adam", "bfgs"), steps=40)
TWO = replace(gallery.open_example("line"), starts=((("a", 5.0), ("b", 4.0)), (("a", 0.1), ("b", 1 / 3))), steps=30)
MINE = State(
    "y = c*exp(-x*k)", sources.own("d", {"x": [0.0, 1.0, 2.0], "y": [2.0, 1.1, 0.7]}), ((("c", 1.0), ("k", 0.5)),)
)


@pytest.mark.parametrize("name", NAMES)
def test_a_state_comes_back_from_json_and_from_its_address(name):
    state = gallery.open_example(name, "zh")
    assert states.of_json(json.loads(json.dumps(state.as_json()))) == state
    assert address.read(f"#{address.write(state)}") == state


def test_own_data_are_in_the_address_while_they_are_small():
    state = gallery.on_own("line", OWN, "time (s)", "height, m")
    assert address.holds_all(state)
    assert address.read(address.write(state)).data == OWN


def test_own_data_that_are_too_large_are_left_out_of_the_address():
    data = sources.own("d", {"x": np.linspace(0, 1, 900), "y": np.sqrt(np.linspace(0, 1, 900))})
    state = replace(MINE, data=data)
    assert not address.holds_all(state)
    assert len(address.write(state)) <= address.LONGEST
    assert address.read(address.write(state)).data is None


@pytest.mark.parametrize(
    "state", [gallery.open_example("two-layer"), RACE, TWO, MINE], ids=["sketch", "race", "two", "own"]
)
def test_the_python_code_computes_what_is_seen(state, tmp_path):
    seen = descents.see(state)
    names = {}
    with contextlib.chdir(tmp_path), contextlib.redirect_stdout(io.StringIO()):
        exec(scripts.python(seen.state), names)
    assert len(names["runs"]) == len(seen.runs)
    for copied, shown in zip(names["runs"], seen.runs, strict=True):
        np.testing.assert_array_equal(copied.dataset["params"].values, shown.dataset["params"].values)
        np.testing.assert_array_equal(copied.dataset["loss"].values, shown.dataset["loss"].values)
    assert names["surface"].loss.shape[0] > 2
    assert (tmp_path / "path.png").stat().st_size > 10_000


def _typed(script, folder):
    """Let a shell run commands and return the words that it hands to ravine, which takes seconds to start itself."""
    program = folder / "bin" / "ravine"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf "%s\\0" ravine "$@" > words\n')
    program.chmod(0o755)
    path = os.pathsep.join([str(program.parent), os.environ["PATH"]])
    subprocess.run(["sh"], input=script, cwd=folder, check=True, text=True, env={**os.environ, "PATH": path})
    return (folder / "words").read_text().split("\0")[:-1]


@pytest.mark.parametrize("state", [TWO, MINE], ids=["two", "own"])
def test_the_command_computes_what_is_seen(state, tmp_path, monkeypatch, capsys):
    seen = descents.see(state)
    monkeypatch.setattr("sys.argv", _typed(scripts.command(seen.state) + " --json\n", tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main()
    found = json.loads(capsys.readouterr().out)
    ends = found.get("runs", [found])
    for start, end in enumerate(ends):
        shown = seen.runs[0].dataset["params"].values[start, -1]
        assert [end["params"][name]["value"] for name in seen.problem.names] == pytest.approx(shown.tolist(), rel=1e-6)


def test_code_quotes_what_would_leave_its_place(tmp_path):
    data = sources.own("d", {"x": [1.0, 2.0], 'y"; import os': [1.0, 2.0]})
    state = State("x*a + '$(touch hacked)'", data, ((("a", 1.0),),))
    done = subprocess.run(
        ["sh", "-n"], input=scripts.command(state), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    compile(scripts.python(state), "copied", "exec")
    subprocess.run(["sh"], input=scripts.command(state).replace("ravine", "true"), cwd=tmp_path, text=True, check=True)
    assert [file.name for file in tmp_path.iterdir()] == ["data.csv"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"formula": 5}, {"formula": "x" * 401}, {"formula": "x**2", "steps": 0}, {"formula": "x**2", "steps": 5001},
        {"formula": "x**2", "steps": True}, {"formula": "x**2", "learning_rate": float("nan")},
        {"formula": "x**2", "learning_rate": -1}, {"formula": "x**2", "optimizers": []},
        {"formula": "x**2", "optimizers": ["sdg"]}, {"formula": "x**2", "optimizers": ["adam(epsilon=1)"]},
        {"formula": "x**2", "starts": [{"x": 1.0}] * 9}, {"formula": "x**2", "starts": [{"x": "1"}]},
        {"formula": "x**2", "plane": [["x", 1, 0]]}, {"formula": "x**2", "plane": [["x", 0, 1]] * 3},
        {"formula": "x**2", "language": "fr"}, {"formula": "x**2", "data": {"kind": "file", "path": "/etc/passwd"}},
        {"formula": "x**2", "data": {"kind": "own", "columns": {"x": [1, None]}}},
        {"formula": "x**2", "data": {"kind": "own", "columns": {"x\n": [1, 2]}}},
        {"formula": "x**2", "data": {"kind": "own", "columns": {"x": [1.0] * 5001}}},
        {"formula": "x**2", "data": {"kind": "sketch", "formula": "y = a*x", "truth": {}, "low": 0, "high": 1}},
        [], None, "x",
    ],
)  # fmt: skip
def test_what_is_wrong_or_too_much_is_refused_in_one_sentence(wrong):
    with pytest.raises(RavineError) as caught:
        states.of_json(wrong)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_too_much_work_is_refused_before_it_begins():
    state = replace(gallery.open_example("two-layer"), steps=5000, optimizers=("sgd", "adam", "lion"))
    many = replace(state, starts=state.starts * 8, data=replace(state.data, points=5000))
    with pytest.raises(RavineError, match="times what this page computes"):
        descents.see(many)


def test_a_formula_of_another_kind_gets_data_start_and_plane_that_fit():
    before = gallery.open_example("two-layer")
    kept = descents.settle(replace(before, formula="y = b*x + a"))[0]
    assert (kept.data, kept.plane) == (before.data, before.plane)
    assert dict(kept.starts[0]) == dict(before.starts[0])
    other = descents.see(replace(before, formula="y = k*t + d")).state
    assert other.data.names == ("t", "y")
    assert [name for name, _ in other.starts[0]] == ["d", "k"] == sorted(name for name, _, _ in other.plane)
    assert descents.settle(replace(before, formula="(u - 1)**2"))[0].data is None


def test_uploads_are_tables_of_text_only():
    own = sources.read_upload("../../etc/a\\b\x07.csv", b"time (s);y;note\n0;1,5;a\n1;2,5;b\n2;;c\n")
    assert own.name == "b.csv"
    assert own.columns()["time (s)"].tolist() == [0.0, 1.0]
    for wrong in (b"", b"PK\x03\x04zip", b"\x00\x01", b"<html>", b"x,y\n" + b"1,2\n" * 300_000, b"a,b\nc,d\n"):
        with pytest.raises(RavineError):
            sources.read_upload("a.csv", wrong)


def test_the_page_knows_every_text_in_both_languages():
    from ravine.app import wording

    english, chinese = wording.texts("en"), wording.texts("zh")
    assert english.keys() == chinese.keys()
    assert all(english.values()) and all(chinese.values())
    for key in english:
        assert english[key].count("{}") == chinese[key].count("{}"), key
    scripts_of_page = "".join(path.read_text() for path in (Path(wording.__file__).parent / "assets").glob("*.js"))
    layout = (Path(wording.__file__).parent / "layout.py").read_text()
    for key in english:
        assert (
            f'"{key}"' in layout
            or f"texts.{key}" in scripts_of_page
            or f'"{key}"' in scripts_of_page
            or key in _COMPUTED
        ), key


_COMPUTED = {"converged", "ran_out", "diverged", "not_finite", "stopped", "lesson", "function", "ready"}
