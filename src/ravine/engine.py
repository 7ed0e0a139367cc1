"""TensorFlow and Keras, imported late and quietly.

TensorFlow takes about 5 s and 0.5 GB to import and talks on standard error while it does. Every module that
computes with it imports it here, inside the function that needs it:

    from ravine import engine
    tf = engine.tensorflow()
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from ravine.errors import MissingDependency

_ANY_ORDER = "--xla_cpu_enable_fast_math"
_INTERLEAVED = "--xla_backend_extra_options"

_lock = threading.RLock()


def tensorflow() -> Any:
    """Return the module ``tensorflow``, importing it on the first call without a word on the terminal."""
    logging.getLogger("tensorflow").addFilter(_is_worth_saying)
    return _import("tensorflow")


def keras() -> Any:
    """Return the module ``keras`` on its TensorFlow backend.

    Raises
    ------
    MissingDependency
        If Keras runs on another backend.
    """
    tensorflow()
    found: Any = _import("keras")
    if (backend := found.backend.backend()) != "tensorflow":
        raise MissingDependency(
            f"keras: expected its TensorFlow backend, got '{backend}'. Set KERAS_BACKEND=tensorflow and start again."
        )
    return found


def xla() -> Any:
    """Return the module of XLA's own operations, which only a compiled function can run."""
    tensorflow()
    return _import("tensorflow.compiler.tf2xla.python.xla")


def sums_vectorize() -> bool:
    """Tell whether XLA may add in any order, which lets it sum many numbers at once (see `_tune_compiler`)."""
    return f"{_ANY_ORDER}=true" in os.environ.get("XLA_FLAGS", "").split()


def is_loaded() -> bool:
    """Tell whether TensorFlow has been imported already."""
    return "tensorflow" in sys.modules


def _is_worth_saying(record: logging.LogRecord) -> bool:
    """Drop one warning: many compiled loops over the same code of ours look like needless retracing to TensorFlow."""
    text = record.getMessage()
    return not ("retracing" in text and ("ravine" in text or "_compile.<locals>" in text))


def _import(name: str) -> ModuleType:
    with _lock:  # two threads that borrow standard error at once could give each other's file back
        if name in sys.modules:
            return importlib.import_module(name)  # waits if another thread is still importing it
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        os.environ.setdefault("KERAS_BACKEND", "tensorflow")
        _tune_compiler()
        with _held_back_stderr(), _without_garbage_collection():
            found = importlib.import_module(name)
            if name == "tensorflow" and found.__version__.startswith("2.20."):
                _compile_once(found)
            return found


def _compile_once(tf: Any) -> None:
    """Let TensorFlow 2.20 say unheard what it says of the first program it compiles, whatever its log level."""
    tf.function(lambda: tf.constant(0.0), autograph=False, jit_compile=True)()


def _tune_compiler() -> None:
    """Let XLA add in any order and work on two vectors at once, unless the user has said something about it.

    Without leave to do so, compilers sum one number after the other; a loop of one vector waits for its own results.
    So the descent of thousands of starts takes a fraction of the time (benchmarks/basins.py). NaN and infinity keep
    their meaning, and the elementary functions their last digits (tests/test_engine.py, which also knows what a
    processor without fused multiply-add loses).
    """
    flags = os.environ.get("XLA_FLAGS", "")
    for name, value in ((_ANY_ORDER, "true"), (_INTERLEAVED, "-force-vector-interleave=2")):
        if name not in flags:
            flags = f"{flags} {name}={value}".strip()
    os.environ["XLA_FLAGS"] = flags


@contextlib.contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Make a large import a fifth cheaper: of the objects it makes, looked through again and again, none is garbage.

    Measured by benchmarks/startup.py.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextlib.contextmanager
def _held_back_stderr() -> Iterator[None]:
    """Keep what C++ writes to file descriptor 2 off the terminal; show it after all if the block fails.

    The environment variable alone is not enough: messages written before TensorFlow's logger has started
    ignore it.
    """
    try:
        kept = os.dup(2)
    except OSError:  # standard error is closed
        yield
        return
    with tempfile.TemporaryFile() as held:
        sys.stderr.flush() if sys.stderr else None
        os.dup2(held.fileno(), 2)
        try:
            yield
        except Exception:
            held.seek(0)
            os.write(kept, held.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
