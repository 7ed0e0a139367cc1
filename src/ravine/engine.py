"""TensorFlow and Keras, imported late and quietly.

TensorFlow takes about 5 s and 0.5 GB to import and talks on standard error while it does. Every module that
computes with it imports it here, inside the function that needs it:

    from ravine import engine
    tf = engine.tensorflow()
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from types import ModuleType
from typing import Any


def tensorflow() -> Any:
    """Return the module ``tensorflow``, importing it on the first call without a word on the terminal."""
    if not is_loaded():
        # Every compiled descent is a new tf.function over the same code; TensorFlow takes that for needless retracing.
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
    return _import("tensorflow")


def keras() -> Any:
    """Return the module ``keras`` on its TensorFlow backend."""
    tensorflow()
    return _import("keras")


def is_loaded() -> bool:
    """Tell whether TensorFlow has been imported already."""
    return "tensorflow" in sys.modules


def _import(name: str) -> ModuleType:
    if name in sys.modules:
        return sys.modules[name]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with _held_back_stderr():
        return __import__(name)


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
        except BaseException:
            held.seek(0)
            os.write(kept, held.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
