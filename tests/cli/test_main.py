"""The command as a whole: help, streams, exit codes."""

import os
import subprocess
import sys
import sysconfig

import pytest

import ravine as rv
from ravine import cli

_MAIN = "from ravine.cli import main; main()"


@pytest.fixture
def breaking(monkeypatch):
    """Return a function that lets the command meet an exception."""

    def let(error):
        def run():
            raise error

        monkeypatch.setattr(cli, "_run", run)

    return let


@pytest.mark.parametrize("words", [("--help",), ("-h",)])
def test_help_teaches_by_example(ravine, words):
    said = ravine(*words)
    assert (said.code, said.err) == (0, "")
    assert 'ravine descend "y = a*x + b" data.csv' in said.out


def test_without_a_command_help_appears(ravine):
    said = ravine()
    assert "Usage: ravine" in said.out + said.err


@pytest.mark.parametrize("command", ["descend", "show", "lesson", "demo"])
def test_every_command_has_help(ravine, command):
    assert f"ravine {command}" in ravine(command, "--help").out


def test_version(ravine):
    assert ravine("--version").out == f"ravine {rv.__version__}\n"


def test_the_program_that_is_installed_is_this_one():
    program = os.path.join(sysconfig.get_path("scripts"), "ravine")
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"ravine {rv.__version__}\n"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["descned", "x**2"], "'descend'"),
        (["descend", "x**2", "--strat", "x=1"], "--start"),
        (["descend", "x**2", "--start"], "requires an argument"),
        (["descend"], "formula"),
        (["descend", "x**2", "data.csv", "more.csv"], "more.csv"),
        (["descend", "x**2", "--steps", "many"], "--steps"),
        (["descend", "x**2", "--dtype", "float16"], "float64"),
        (["show", "run.nc", "--colors", "jet"], "rainbow"),
        (["show", "run.nc", "--size", "poster"], "column"),
        (["lesson", "line", "--language", "fr"], "zh"),
    ],
)
def test_wrong_words_are_explained(ravine, words, hint):
    said = ravine(*words)
    assert (said.code, said.out) == (2, "")
    assert hint in said.err
    assert "Traceback" not in said.err


def test_a_refusal_is_one_sentence_and_exit_code_2(refused):
    assert refused("show", "nowhere.nc") == "nowhere.nc: expected a run that ravine saved, got no such file.\n"


def test_an_error_of_its_own_is_one_line_too(ravine, breaking):
    breaking(ZeroDivisionError("first line.\nsecond line"))
    said = ravine()
    expected = "ravine met an error of its own, ZeroDivisionError: first line. RAVINE_TRACEBACK=1 shows where.\n"
    assert (said.code, said.err) == (1, expected)


def test_a_traceback_comes_on_request(breaking, monkeypatch):
    monkeypatch.setenv("RAVINE_TRACEBACK", "1")
    breaking(ZeroDivisionError("by zero"))
    with pytest.raises(ZeroDivisionError):
        cli.main()


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (KeyboardInterrupt(), 130, "Stopped.\n"),
        (MemoryError(), 1, "The system refused: not enough memory.\n"),
        (OSError(28, "No space left on device"), 1, "The system refused: No space left on device.\n"),
        (BrokenPipeError(), 1, ""),
    ],
)
def test_what_the_system_does_ends_quietly(ravine, breaking, error, code, sentence):
    breaking(error)
    said = ravine()
    assert (said.code, said.err) == (code, sentence)


def test_help_show_and_the_list_of_lessons_load_no_tensorflow(process, saved):
    code = """
import contextlib, sys
from ravine.cli import main
for words in ("--help", "show run.nc", "lesson"):
    sys.argv = ["ravine", *words.split()]
    with contextlib.suppress(SystemExit):
        main()
    assert not {"tensorflow", "keras"} & set(sys.modules), words
"""
    done = process(code)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: ravine" in done.stdout and "converged" in done.stdout and "two-layer" in done.stdout


@pytest.mark.parametrize("words", ["--help", "show run.nc"])
def test_a_reader_that_leaves_early_is_no_drama(process, saved, words):
    read, write = os.pipe()
    os.close(read)
    done = process(_MAIN, *words.split(), stdout=write)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_under_standard_output_is_one_sentence(process, saved):
    with open("/dev/full", "w") as full:
        done = process(_MAIN, "show", saved, stdout=full)
    assert (done.returncode, done.stderr) == (1, "The system refused: No space left on device.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="closes file descriptors before Python starts")
@pytest.mark.parametrize("closed", [1, 2])
def test_a_closed_stream_takes_nothing_with_it(process, saved, closed):
    done = process(_MAIN, "show", saved, preexec_fn=lambda: os.close(closed))
    assert done.returncode == 0
    assert done.stderr == ""
    assert (done.stdout == "") == (closed == 1)


def test_a_narrow_encoding_shows_question_marks(process, saved):
    done = process(_MAIN, "show", saved, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "6 ? 3" in done.stdout
