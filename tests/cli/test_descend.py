"""ravine descend."""

import json
import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest

import ravine as rv
from ravine.cli import output
from ravine.recording import Recording
from ravine.run import Status

_HALVING = ("(x - 2)**2", "--learning-rate", "0.25", "--steps", "2")  # each step halves the distance to 2


def _one(params, loss, **other):
    return {
        "formula": "(x - 2)**2", "status": "ran_out", "optimizer": "sgd", "learning_rate": 0.25, "steps": 2,
        "loss": loss, "params": params, "warnings": [], "files": [], **other,
    }  # fmt: skip


def test_json_of_one_start_is_the_object(ravine):
    said = ravine("descend", *_HALVING, "--start", "x=6", "--json")
    assert (said.code, said.err) == (0, "")
    assert json.loads(said.out) == _one({"x": {"start": 6, "value": 3}}, {"start": 16, "final": 1})
    assert list(json.loads(said.out)) == list(_one({}, {}))
    assert len(said.out.splitlines()) == 1


def test_json_of_several_starts_holds_runs_and_the_best(ravine):
    said = ravine("descend", *_HALVING, "--start", "x=6", "--start", "x=4", "--json")
    assert json.loads(said.out) == {
        "runs": [
            _one({"x": {"start": 6, "value": 3}}, {"start": 16, "final": 1}),
            _one({"x": {"start": 4, "value": 2.5}}, {"start": 4, "final": 0.25}),
        ],
        "best": 1,
    }


def test_json_writes_what_is_no_number_as_null_and_the_failure_is_exit_code_1(ravine):
    said = ravine("descend", "log(x)", "--start", "x=-1", "--json")
    found = json.loads(said.out)
    assert (said.code, said.err) == (1, "")
    assert (found["status"], found["loss"]) == ("not_finite", {"start": None, "final": None})


def test_a_method_without_a_learning_rate_has_null_there(ravine, line):
    found = json.loads(ravine("descend", "y = a*x + b", line, "--start", "a=1,b=0", "--optimizer", "lm", "--json").out)
    assert found["learning_rate"] is None
    assert [found["params"][name]["value"] for name in "ab"] == pytest.approx([2, 1])


def test_json_speaks_ascii_so_that_every_pipe_takes_it(ravine):
    out = ravine("descend", "(温度 - 2)**2", "--start", "温度=6", "--steps", "1", "--json").out
    assert out.isascii()
    assert list(json.loads(out)["params"]) == ["温度"]


def test_text_is_the_run_as_in_python(ravine):
    said = ravine("descend", *_HALVING, "--start", "x=6")
    assert said.out == f"{rv.descend('(x - 2)**2', {'x': 6}, learning_rate=0.25, steps=2)!r}\n"


def test_divergence_is_exit_code_1(ravine):
    assert ravine("descend", "x**2", "--start", "x=1", "--learning-rate", "9").code == 1


def test_without_a_start_it_says_which_it_takes(ravine):
    said = ravine("descend", "(x - 1)**2", "--steps", "1", "--json")
    assert said.err.startswith("No --start given: beginning at x=1;")
    assert json.loads(said.out)["runs"][0]["params"]["x"]["start"] == 1


def test_without_out_nothing_is_written(ravine, folder):
    said = ravine("descend", *_HALVING, "--start", "x=6")
    assert "Written" not in said.out
    assert list(folder.iterdir()) == []


def test_out_holds_the_run_and_the_pictures_that_fit(ravine, folder):
    said = ravine("descend", *_HALVING, "--start", "x=6", "--out", "新/out put")
    names = ["run.nc", "summary.png", "loss.png", "params.png", "curve.png"]
    assert sorted(path.name for path in (folder / "新/out put").iterdir()) == sorted(names)
    assert said.out.splitlines()[-1] == "Written: " + ", ".join(f"新/out put/{name}" for name in names)
    assert rv.load(folder / "新/out put/run.nc").params == {"x": 3.0}


@pytest.mark.parametrize("formula", ["-x**2", "-(x)**2", "- x*x", "-1*x**2"])
def test_a_formula_may_begin_with_a_minus(ravine, formula):
    found = json.loads(ravine("descend", formula, "--start", "x=-1", "--steps", "0", "--json").out)
    assert found["loss"]["start"] == -1


def test_starts_of_every_kind(ravine, line):
    def starts(*words):
        return len(json.loads(ravine("descend", "y = a*x + b", line, "--steps", "1", "--json", *words).out)["runs"])

    assert starts("--grid", "a=0:1:2,b=0:1:3") == 6
    assert starts("--random", "normal:4", "--seed", "1") == 4
    assert starts("--random", "uniform:5", "--box", "a=0:1,b=0:1") == 5
    assert starts("--start", "a=1,b=1", "--learning-rate", "0.1,0.01") == 2


def test_sigma_is_a_column_or_a_number(ravine, line):
    for sigma in ("s", "0.1"):
        words = ("--start", "a=2,b=2", "--sigma", sigma, "--steps", "0", "--json")
        found = json.loads(ravine("descend", "y = a*x + b", line, *words).out)
        assert found["loss"]["start"] == pytest.approx(100)


def test_bounds_hold(ravine):
    found = json.loads(ravine("descend", "x**2", "--start", "x=3", "--bounds", "x=2:", "--json").out)
    assert found["params"]["x"]["value"] == 2


_LINE = ("y = a*x + b", "data.csv", "--start", "a=1,b=2")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ([""], "empty"),
        (["3 + 4"], "at least one parameter"),
        (["data.csv", "y = a*x"], "The formula comes first"),
        (["y = a*x + b"], "needs a table"),
        (["y = a*x + b", "dtaa.csv"], "Did you mean 'data.csv'?"),
        (["y = a*x + b", "."], "got a folder"),
        (["z = a*x", "data.csv"], "'z'"),
        (["y == a*x", "data.csv"], "Write y = a*x."),
        (["y = x", "data.csv"], "at least one parameter"),
        (["y = a*x + b", "data.csv", "--start", ""], "--start"),
        (["y = a*x + b", "data.csv", "--start", "a=1"], "none for b"),
        (["y = a*x + b", "data.csv", "--start", "a=1,b=2,c=3"], "'c'"),
        (["y = a*x + b", "data.csv", "--start", "x=1,a=1,b=2"], "column"),
        (["y = a*x + b", "data.csv", "--start", "a=nan,b=2"], "finite"),
        (["y = a*x + b", "data.csv", "--start", "a=1e999,b=2"], "finite"),
        ([*_LINE, "--grid", "a=0:1:2,b=0:1:2"], "one of --start, --grid and --random"),
        ([*_LINE, "--random", ""], "one of --start, --grid and --random"),
        ([*_LINE, "--box", "a=0:1,b=0:1"], "--random uniform"),
        (["y = a*x + b", "data.csv", "--grid", ""], "--grid"),
        (["y = a*x + b", "data.csv", "--grid", "a=0:1:2"], "'b'"),
        (["y = a*x + b", "data.csv", "--grid", "a=0:1:0,b=0:1:2"], "count"),
        (["y = a*x + b", "data.csv", "--grid", "a=0:1:99999999999999999999,b=0:1:2"], "4,000,000"),
        (["y = a*x + b", "data.csv", "--random", "normal:0"], "1 to 4,000,000"),
        (["y = a*x + b", "data.csv", "--random", "normal:3:-1"], "scales"),
        (["y = a*x + b", "data.csv", "--random", "normal:3", "--seed", "-1"], "seed"),
        (["y = a*x + b", "data.csv", "--random", "uniform:3", "--box", "a=0:1"], "'b'"),
        (["y = a*x + b", "data.csv", "--random", "uniform:3", "--box", "a=1:0,b=0:1"], "(low, high)"),
        ([*_LINE, "--optimizer", "adm"], "Did you mean 'adam'?"),
        ([*_LINE, "--optimizer", ""], "optimizer"),
        ([*_LINE, "--optimizer", "sgd(momentum)"], "sgd(momentum=0.9)"),
        ([*_LINE, "--optimizer", "sgd(momentum=2)"], "momentum"),
        ([*_LINE, "--optimizer", "sgd(momentun=0.5)"], "Did you mean 'momentum'?"),
        ([*_LINE, "--optimizer", "lm", "--learning-rate", "1"], "Leave the learning rate out"),
        ([*_LINE, "--optimizer", "lm", "--batch-size", "2"], "Leave it out"),
        ([*_LINE, "--optimizer", "lm", "--loss", "mae"], "mae"),
        ([*_LINE, "--learning-rate", ""], "--learning-rate"),
        ([*_LINE, "--learning-rate", "fast"], "'fast'"),
        ([*_LINE, "--learning-rate", "0.1,"], "--learning-rate"),
        ([*_LINE, "--learning-rate", "-1"], "0 or more"),
        ([*_LINE, "--learning-rate", "nan"], "0 or more"),
        ([*_LINE, "--learning-rate", "inf"], "0 or more"),
        ([*_LINE, "--steps", "-1"], "steps"),
        ([*_LINE, "--steps", "1000000000"], "record_every"),
        ([*_LINE, "--record-every", "0"], "record_every"),
        ([*_LINE, "--batch-size", "5"], "from 1 to 4"),
        ([*_LINE, "--batch-size", "0"], "from 1 to 4"),
        (["x**2", "--start", "x=1", "--batch-size", "2"], "table"),
        (["x**2", "--start", "x=1", "--sigma", "2"], "table"),
        ([*_LINE, "--sigma", "0"], "positive"),
        ([*_LINE, "--sigma", "q"], "'q'"),
        ([*_LINE, "--sigma", "s", "--loss", "hinge"], "hinge"),
        ([*_LINE, "--loss", "mean_squared_eror"], "Did you mean 'mean_squared_error'?"),
        ([*_LINE, "--bounds", ""], "--bounds"),
        ([*_LINE, "--bounds", "c=0:1"], "'c'"),
        ([*_LINE, "--bounds", "x=0:1"], "column"),
        ([*_LINE, "--bounds", "a=1:0"], "low < high"),
        ([*_LINE, "--bounds", "a=5:9"], "Move the start"),
        ([*_LINE, "--stop-gradient", "-1"], "0 or more"),
        ([*_LINE, "--stop-loss-change", "nan"], "0 or more"),
        ([*_LINE, "--out", "data.csv"], "expected a folder"),
        ([*_LINE, "--out", "data.csv/sub"], "expected a folder"),
    ],
)
def test_wrong_input_is_refused(refused, line, words, hint):
    assert hint in refused("descend", *words)


@pytest.mark.parametrize(
    ("formula", "column"),
    [("y = a^x", 5), ("y = sine(x)", 4), ("y = a*lambda", 6), ("y = a*sin", 6), ("x; y", 1), ("y = ", 3)],
)
def test_a_wrong_formula_gets_a_caret(ravine, line, formula, column):
    said = ravine("descend", formula, line)
    _, shown, caret = said.err.splitlines()
    assert (said.code, said.out, shown) == (2, "", f"  {formula}")
    assert caret.index("^") == 2 + column


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder that nobody can write to")
@pytest.mark.parametrize("into", ["/proc", "/proc/deeper"])
def test_a_folder_that_cannot_be_written_to_is_refused(refused, into):
    assert refused("descend", *_HALVING, "--start", "x=6", "--out", into).startswith(into)


def test_a_full_disk_is_one_sentence(refused, monkeypatch):
    def write(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("xarray.Dataset.to_netcdf", write)
    sentence = refused("descend", *_HALVING, "--start", "x=6", "--out", "out")
    assert sentence == "out/run.nc: can't be written (No space left on device).\n"


def _ended(status, codes=()):
    recording = Recording(
        np.arange(2), np.ones((1, 2, 1)), np.ones((1, 2, 1)), np.ones((1, 2)), np.ones((1, 2)), [status], np.array([1])
    )
    notes = tuple(rv.Note(code, "") for code in codes)
    return rv.Run(recording.to_dataset(["x"]), rv.Problem("x"), {}, notes)


@pytest.mark.parametrize(
    ("status", "codes", "expected"),
    [
        (Status.converged, [], 0),
        (Status.ran_out, [], 0),
        (Status.diverged, [], 1),
        (Status.not_finite, [], 1),
        (Status.stopped, [], 130),
        (Status.stopped, ["method-gave-up"], 0),
    ],
)
def test_the_exit_code_tells_how_it_ended(status, codes, expected):
    assert output.exit_code(_ended(status, codes)) == expected


@pytest.mark.parametrize("status", Status)
def test_a_terminal_shows_status_table_and_warnings(status, monkeypatch, capsys):
    run = rv.Run(_ended(status).dataset, rv.Problem("x"), {"optimizer": "sgd"}, (rv.Note("code", "Mind the [gap]."),))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    output.show_run(run, [], as_json=False)
    shown = capsys.readouterr().out
    assert shown.startswith(status.sentence.split(":")[0])
    assert "1 → 1" in shown
    assert "! Mind the [gap]." in shown


@pytest.mark.parametrize(("width", "shown"), [(200, 6), (80, 3), (44, 0)])
def test_a_narrow_terminal_shows_fewer_parameters_but_whole_numbers(width, shown, monkeypatch, capsys):
    names = [f"p{index}" for index in range(8)]
    values = np.full((1, 2, 8), 0.123456)
    recording = Recording(np.arange(2), values, values, values[..., 0], values[..., 0], [Status.ran_out], np.array([1]))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    output.show_run(rv.Run(recording.to_dataset(names), rv.Problem("+".join(names))), [], as_json=False)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    header = next(line for line in plain.splitlines() if line.startswith("start"))
    assert header.split() == ["start", "status", "steps", "rate", "loss", *names[:shown], "…"]


_COMMANDS = """
import sys
from ravine import cli, progress
progress.Progress.show = lambda *_: (sys.stderr.write("."), sys.stderr.flush())
for words in {commands!r}:
    sys.argv = ["ravine", *words]
    try:
        cli.main()
    except SystemExit as ended:
        print(ended.code)
"""


@pytest.fixture(scope="module")
def stopped_and_whole(tmp_path_factory):
    """Return what two descents say in a process without a home: one that Ctrl-C stops, and one that goes to its end."""
    folder = tmp_path_factory.mktemp("process")
    long = ["x", "--start", "x=0", "--steps", "1000000000", "--record-every", "1000000", "--out", str(folder)]
    commands = [["descend", *words, "--json"] for words in (long, [*_HALVING, "--start", "x=6"])]
    env = {**os.environ, "HOME": "/proc/nobody", "XDG_CACHE_HOME": "/proc/nobody", "XDG_CONFIG_HOME": "/proc/nobody"}
    command = [sys.executable, "-c", _COMMANDS.format(commands=commands)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=env, **streams) as running:
        assert running.stderr.read(1) == "."  # the descent is on its way
        running.send_signal(signal.SIGINT)
        out, err = running.communicate()
    assert running.returncode == 0
    return folder, out.splitlines(), err


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_no_word_of_tensorflow_reaches_the_terminal_even_with_an_unwritable_home(stopped_and_whole):
    _, lines, err = stopped_and_whole
    assert err.strip(".") == ""
    assert (len(lines), lines[3]) == (4, "0")
    assert json.loads(lines[2])["params"] == {"x": {"start": 6, "value": 3}}


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_control_c_keeps_what_was_recorded(stopped_and_whole):
    folder, lines, _ = stopped_and_whole
    found = json.loads(lines[0])
    assert (lines[1], found["status"]) == ("130", "stopped")
    assert found["params"]["x"]["value"] < 0 < found["steps"]
    assert rv.load(folder / "run.nc").status is Status.stopped
    assert len(found["files"]) > 1  # with its pictures
