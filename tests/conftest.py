"""Shared problems: the data of the lessons, and the form of every refusal."""

import contextlib
import gc
import shutil
import signal
import threading

import numpy as np
import pytest

import ravine as rv
from ravine import compilation

# Compiled graphs are millions of objects, none of them garbage: looking through them takes a sixth of the time.
gc.set_threshold(200_000, 50, 100)
compilation._MOST = 400  # tests come back to the same formulas more often than people do

_RANDOM_STATE = 0
_STARTS = [{"a": 5.0, "b": 4.0}, {"a": 5.0, "b": 1.0}, {"a": 2.0, "b": 4.5}]


def _lesson(formula, model):
    """Return 200 points of the model at a = 1.2, b = 2.5 with noise of standard deviation 0.1."""
    x = np.linspace(-1, 1, 200)
    noise = 0.1 * np.random.default_rng(_RANDOM_STATE).standard_normal(200)
    return rv.Problem(formula, {"x": x, "y": model(x, 1.2, 2.5) + noise})


@pytest.fixture(autouse=True, scope="session")
def _interrupts_arrive():
    """Let Ctrl-C reach the tests and the processes they start, also where a script in the background runs them."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def browser():
    """Return Debian's Chromium without a screen, one for all tests of a process; surfaces are drawn by software."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    switches = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(switches))
        yield started
        started.close()


@pytest.fixture(scope="session")
def line():
    return _lesson("y = a*x + b", lambda x, a, b: a * x + b)


@pytest.fixture(scope="session")
def cubic():
    return _lesson("y = a*x**3 + b*x**2", lambda x, a, b: a * x**3 + b * x**2)


@pytest.fixture(scope="session")
def two_layer():
    return _lesson("y = sin(b*cos(a*x))", lambda x, a, b: np.sin(b * np.cos(a * x)))


@pytest.fixture(scope="session")
def three_starts():
    """Return the three starts that the lessons compare."""
    return _STARTS


@pytest.fixture(scope="session")
def classes():
    """Return a table of 30 points: four features ``x``, three classes as one-hot rows ``y``."""
    random = np.random.default_rng(_RANDOM_STATE)
    x = random.standard_normal((30, 4))
    return {"x": x, "y": np.eye(3)[(x @ random.standard_normal((4, 3))).argmax(1)]}


@pytest.fixture
def refuses():
    """Return a context manager: an error of this class, one short line that holds these fragments."""

    @contextlib.contextmanager
    def check(kind, *fragments):
        with pytest.raises(kind) as caught:
            yield
        message = str(caught.value)
        assert isinstance(caught.value, rv.RavineError)
        assert "\n" not in message
        assert len(message) < 500, message
        assert message.endswith((".", "?", ")", "…")), message
        for fragment in fragments:
            assert fragment in message

    return check
