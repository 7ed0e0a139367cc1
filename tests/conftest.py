"""Shared problems: the data of the lessons, and the form of every refusal."""

import contextlib
import functools
import gc
import itertools
import shutil
import signal
import threading
import time
from dataclasses import dataclass, field

import hypothesis
import numpy as np
import pytest

import ravine as rv
from ravine import compilation, graph
from ravine.steps import Steps

# Compiled graphs are millions of objects, none of them garbage: looking through them takes a sixth of the time.
gc.set_threshold(200_000, 50, 100)
compilation._MOST = 400  # tests come back to the same formulas more often than people do

# A deadline, and an example that takes too long to make, tell of the machine and not of us.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")

PATIENCE = 240.0  # seconds that anything may take: other programs keep the machine busy
_PAUSE = 0.02  # seconds between two looks
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}

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


@dataclass(frozen=True)
class Until:
    """Look again and again until what is waited for is there: the only wait of all tests, and their only patience.

    ``until(look)`` returns the first true thing that ``look()`` returns, ``until(look, expected)`` the first that is
    equal to what is expected. A look that fails an assertion is a look too early.
    """

    patience: float = PATIENCE

    def __call__(self, look, *expected, what=""):
        last, given_up = "nothing", time.monotonic() + self.patience
        while True:
            try:
                last = seen = look()
                if seen == expected[0] if expected else seen:
                    return seen
            except AssertionError as too_early:
                last = too_early
            if time.monotonic() > given_up:
                wanted = repr(expected[0]) if expected else "something true"
                pytest.fail(f"waited {self.patience:g} s for {what or 'it'}: expected {wanted}, saw {last!r} at last")
            time.sleep(_PAUSE)


@pytest.fixture(scope="session")
def until():
    """Return the function that waits until something is there."""
    return Until()


@dataclass
class Visit:
    """An open page, what its console complained of, and which requests left the machine."""

    page: object
    until: Until
    complaints: list = field(default_factory=list)
    outside: list = field(default_factory=list)

    def ask(self, script, *arguments):
        """Evaluate a script in the page."""
        return self.page.evaluate(script, *arguments)

    def sees(self, script, *expected, given=None):
        """Wait until a script in the page finds something true, or what is expected, and return it."""
        return self.until(lambda: self.page.evaluate(script, given), *expected, what=script)

    def text(self, selector):
        """Return the visible text of a part of the page."""
        return self.page.locator(selector).first.inner_text()

    def reads(self, selector, words):
        """Wait until a part of the page holds these words, and return its text."""

        def look():
            found = self.text(selector)
            assert words in found
            return found

        return self.until(look, what=f"'{words}' in {selector}")

    def listen(self, selector):
        """Keep whatever a part of the page says from now on: it may be gone again before somebody looks."""
        self.ask(
            """(selector) => {
                const part = document.querySelector(selector), said = [];
                window.said = said;
                const keep = () => said.push(part.textContent);
                new MutationObserver(keep).observe(part, { childList: true, characterData: true, subtree: true });
            }""",
            selector,
        )

    def hears(self, words):
        """Wait until the part that is listened to has said this."""
        self.sees("words => window.said.includes(words)", given=words)


@pytest.fixture(scope="session")
def visit_address(browser, until):
    """Return a function that opens an address; what goes wrong in the page fails the test at the end."""

    @contextlib.contextmanager
    def call(address, size="desktop", *, script=None, **options):
        origin = "file:" if address.startswith("file:") else "/".join(address.split("/")[:3]) + "/"
        is_local = (origin, "about:", "data:", "blob:")
        context = browser.new_context(viewport=SIZES[size], has_touch=size == "phone", **options)
        context.set_default_timeout(1000 * until.patience)
        if script:
            context.add_init_script(script)
        visit = Visit(context.new_page(), until)
        visit.page.on("console", lambda said: said.type == "error" and visit.complaints.append(said.text))
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        visit.page.on("request", lambda each: each.url.startswith(is_local) or visit.outside.append(each.url))
        visit.page.goto(address)
        yield visit
        assert visit.complaints == []
        assert visit.outside == []
        context.close()

    return call


@pytest.fixture(scope="session")
def browser():
    """Return Debian's Chromium without a screen, one for all tests of a process; surfaces are drawn by software."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    # Only surfaces need WebGL, which is software here; drawing all else by it too would take twice the time.
    surfaces = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
    switches = ("--no-sandbox", *surfaces, "--disable-gpu-compositing", "--disable-gpu-rasterization")
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


@pytest.fixture(scope="session")
def alike():
    """Return an assertion that two programs computed the same, to so many units in the last place.

    For each number of starts, each width of a tile and each kind of processor XLA compiles a program of its own: sums
    in another order, products rounded before they are added or not. Such programs agree to rounding, and each step of a
    descent adds some. ``alike(found, expected, ulp, steps=n)`` allows ``ulp`` units a step, of the coarser of both
    number formats, at the size of the largest number expected or at ``scale``.
    """

    def check(found, expected, ulp, *, steps=1, scale=None, where=""):
        found, expected = np.asarray(found), np.asarray(expected)
        assert found.shape == expected.shape, where
        format_ = max(found.dtype, expected.dtype, key=lambda each: np.finfo(each).eps)
        known = np.isfinite(expected)
        np.testing.assert_array_equal(found[~known], expected[~known], where)
        size = np.abs(expected[known]).max(initial=0.0) if scale is None else scale
        off = np.zeros(expected.shape)
        off[known] = np.abs(found[known].astype(float) - expected[known].astype(float))
        with np.errstate(all="ignore"):
            units = np.divide(off, np.finfo(format_).eps * size, where=off != 0, out=np.zeros_like(off))
        at = np.unravel_index(units.argmax(), units.shape) if units.size else ()
        assert not units.size or units[at] <= ulp * steps, (
            f"{where}: {found[at]!r} at {list(map(int, at))}, expected {expected[at]!r}: {units[at]:.3g} units in the "
            f"last place of {format_} at {size:.3g}, more than {ulp:g} for each of {steps} steps"
        )

    return check


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


# -- in which order, by whom ---------------------------------------------------------------------------------

#: What takes longest comes first, so that no worker is left with it when the others are done.
_LONGEST = (
    "tests/app/test_in_browser.py", "tests/lessons/", "tests/test_optimizers.py", "tests/browser/",
    "tests/test_mapping.py", "tests/test_readme.py", "tests/fitting/", "tests/test_endings.py", "tests/bridge/",
    "tests/cli/", "tests/view/",
)  # fmt: skip
#: Files that share what is computed once for all of them, so that one worker takes them all.
_TOGETHER = ("tests/lessons/", "tests/browser/")


def pytest_collection_modifyitems(items):
    """Put the longest first, each file in its own order."""
    names = [*_LONGEST, ""]
    items.sort(key=lambda item: next(index for index, name in enumerate(names) if item.nodeid.startswith(name)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give each worker whole files, and those that share something to one worker."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return next((name for name in _TOGETHER if nodeid.startswith(name)), super()._split_scope(nodeid))

    return Together(config, log)


# -- what was compiled ----------------------------------------------------------------------------------------

_CALLS = itertools.count()  # each call of `_trace` makes a function
_compiled = {"loops": 0, "functions": 0, "seconds": 0.0}


def _timed(owner, name, kind, traces):
    """Let a method count what it compiles: ``traces(self)`` grows when it does, and then its call takes long."""
    whole = getattr(owner, name)

    @functools.wraps(whole)
    def timed(self, *given):
        before, began = traces(self), time.perf_counter()
        found = whole(self, *given)
        if traces(self) > before:
            _compiled[kind] += 1
            _compiled["seconds"] += time.perf_counter() - began
        return found

    setattr(owner, name, timed)


_timed(Steps, "_call", "loops", lambda steps: steps.traces)
_timed(graph.Evaluator, "_trace", "functions", lambda _: next(_CALLS))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Add what a worker compiled to what the others did."""
    for kind, number in getattr(node, "workeroutput", {}).get("compiled", {}).items():
        _compiled[kind] += number


def pytest_sessionfinish(session):
    """Tell the first process what this one compiled."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["compiled"] = dict(_compiled)


def pytest_terminal_summary(terminalreporter):
    """Say how much of the time went into compiling: the key of a loop is its structure (CONTRIBUTING.md)."""
    terminalreporter.write_line(
        f"compiled: {_compiled['loops']} descent loops and {_compiled['functions']} other functions "
        f"in {_compiled['seconds']:.0f} s of all workers"
    )
