"""Engine: TensorFlow comes late and quietly."""

import os
import sys

import numpy as np
import pytest

from ravine import engine
from ravine.errors import MissingDependency
from ravine.formula import math_numpy, math_tensorflow, trigonometry


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


@pytest.mark.parametrize("name", ["exp", "expm1", "log", "log1p", "tanh", "sigmoid", "sqrt", "tan", "arctan", "erf"])
def test_leave_to_add_in_any_order_costs_no_function_its_digits(name):
    values = np.concatenate([np.linspace(-80, 80, 4001), np.geomspace(1e-12, 10, 2001), -np.geomspace(1e-12, 10, 2001)])
    values = values.astype(np.float32)
    compiled = engine.tensorflow().function(math_tensorflow.math()[name], jit_compile=True)
    with np.errstate(all="ignore"):
        exact = np.asarray(math_numpy.MATH[name](values.astype(np.float64)))
        found = compiled(values).numpy()
        assert (np.isfinite(found) == np.isfinite(exact.astype(np.float32))).all()
        normal = np.isfinite(found) & (np.abs(exact) > np.finfo(np.float32).tiny)
        units = np.abs(found - exact) / np.spacing(np.abs(exact).astype(np.float32))
    assert engine.sums_vectorize()
    # Without fused multiply-add (before Intel's Haswell) n·ln 2, taken off x in two parts, becomes one number again in
    # expm1: off by |x|·2⁻²⁴, which is a share of the result, and at most |x| units of it.
    allowed = np.maximum(6, np.abs(values)) if name == "expm1" and not trigonometry.is_fused() else 6 + 0 * values
    assert (units <= allowed)[normal].all()


def test_leave_to_add_in_any_order_keeps_nan_and_infinity():
    tf = engine.tensorflow()

    @tf.function(jit_compile=True)
    def told(values):
        total = tf.reduce_sum(values)
        return tf.math.is_finite(total), tf.math.is_nan(total), total

    for value, expected in ((1.0, (True, False)), (np.inf, (False, False)), (np.nan, (False, True))):
        is_finite, is_nan, _ = told(tf.constant([1.0, value, 2.0]))
        assert (bool(is_finite), bool(is_nan)) == expected


def test_a_word_of_the_user_about_the_order_of_sums_stands(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=false")
    engine._tune_compiler()
    assert "fast_math=true" not in os.environ["XLA_FLAGS"]
    assert not engine.sums_vectorize()


def test_other_flags_of_the_user_stay(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_dump_to=somewhere")
    engine._tune_compiler()
    assert os.environ["XLA_FLAGS"].startswith("--xla_dump_to=somewhere ")
    assert engine.sums_vectorize()
