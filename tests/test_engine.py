"""Engine: TensorFlow comes late and quietly."""

import os
import sys

import pytest

from ravine import engine
from ravine.errors import MissingDependency


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Return a function that makes a module whose import runs this code."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(code):
        name = f"talkative_{abs(hash(code))}"
        (tmp_path / f"{name}.py").write_text(f"import os\n{code}\n")
        return name

    return make


def test_what_an_import_writes_below_python_stays_off_the_terminal(module, capfd):
    name = module("os.write(2, b'I0000 a start-up log')")
    assert engine._import(name) is sys.modules[name]
    os.write(2, b"back")
    assert capfd.readouterr() == ("", "back")


def test_what_was_held_back_appears_if_the_import_fails(module, capfd):
    name = module("os.write(2, b'the reason'); raise ImportError('no')")
    with pytest.raises(ImportError):
        engine._import(name)
    assert capfd.readouterr().err == "the reason"


def test_a_module_that_is_there_is_not_imported_again(module):
    name = module("")
    assert engine._import(name) is engine._import(name)


def test_a_closed_standard_error_is_no_hindrance(module, monkeypatch):
    def closed(_):
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(engine.os, "dup", closed)
    assert engine._import(module("value = 1")).value == 1


def test_a_user_may_choose_the_level_of_the_log(module, monkeypatch):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    engine._import(module("value = 2"))
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"


def test_keras_stands_on_tensorflow():
    assert engine.keras().backend.backend() == "tensorflow"
    assert engine.is_loaded()


def test_keras_on_another_backend_is_refused(monkeypatch, refuses):
    monkeypatch.setattr(engine.keras().backend, "backend", lambda: "jax")
    with refuses(MissingDependency, "'jax'", "KERAS_BACKEND=tensorflow"):
        engine.keras()
