"""Pages in a real browser: Debian's Chromium, driven by Playwright, without a screen and without a network."""

from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest

import ravine as rv

_PATIENCE = 180_000  # milliseconds: other tests keep the machine busy
_LOCAL = ("file:", "data:", "blob:")
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}


@dataclass
class Opened:
    """An open page, what it complained of and where it wanted to go."""

    page: object
    complaints: list = field(default_factory=list)
    requests: list = field(default_factory=list)

    def ask(self, script, *arguments):
        """Evaluate a script in the page."""
        return self.page.evaluate(script, *arguments)

    def settle(self):
        """Wait until what was asked for is shown."""
        self.page.wait_for_function(
            """() => {
                const { page } = window.ravine;
                return !page.isWaiting && !page.isSpaceDue && !page.isSpaceBusy;
            }"""
        )

    def go(self, index):
        """Go to a record and wait until it is shown."""
        self.ask("index => window.ravine.page.go(index)", index)
        self.settle()

    def overlay(self, kind, order=0):
        """Return the coordinates that an overlay shows in the first visible panel of a kind."""
        return self.ask(
            """([kind, order]) => {
                const { page } = window.ravine;
                const { columns } = page.pictures.find((each) => each.kind === kind && page.isShown(each));
                const { x, y, z } = columns[order];
                return { x: Array.from(x), y: Array.from(y), z: Array.from(z ?? []) };
            }""",
            [kind, order],
        )

    def dots(self, kind):
        """Return where on the screen dots are drawn in the first visible panel of a kind."""
        return self.ask(
            """(kind) => [...document.querySelectorAll(`.panel.${kind}:not([hidden]) .above circle`)].map((each) => {
                const box = each.getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2];
            })""",
            kind,
        )

    def spot(self, kind, values):
        """Return where on the screen a place of a panel is, scrolled into sight."""
        self.page.locator(f".panel.{kind}:not([hidden]) .plot").first.scroll_into_view_if_needed()
        return self.ask(
            """([kind, [x, y]]) => {
                const plot = document.querySelector(`.panel.${kind}:not([hidden]) .plot`);
                const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect();
                return [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis._offset + yaxis.d2p(y)];
            }""",
            [kind, list(values)],
        )


@pytest.fixture(scope="session")
def visit(browser):
    """Return a function that opens a file; what goes wrong in the page fails the test at the end."""

    @contextmanager
    def call(path, size="desktop", **options):
        context = browser.new_context(viewport=SIZES[size], has_touch=size == "phone", **options)
        context.set_default_timeout(_PATIENCE)
        opened = Opened(context.new_page())
        opened.page.on("console", lambda said: said.type == "error" and opened.complaints.append(said.text))
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.goto(path.as_uri())
        opened.page.wait_for_function("() => window.ravine")
        opened.settle()
        yield opened
        assert opened.complaints == []
        assert [url for url in opened.requests if not url.startswith(_LOCAL)] == []
        context.close()

    return call


@pytest.fixture(scope="session")
def three(two_layer, three_starts):
    """Return the lesson's run of three starts."""
    return rv.descend(two_layer, three_starts, "sgd", learning_rate=0.1, steps=400, dtype="float64")


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Return a folder for pages."""
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="session")
def lesson(three, folder):
    """Return the page of the lesson's run."""
    return rv.export(three, folder / "lesson.html")


@pytest.fixture(scope="session")
def parabola():
    """Return a run of one parameter."""
    return rv.descend("(x - 50)**2", {"x": 3}, "adam", learning_rate=1, steps=200)


@pytest.fixture(scope="session")
def small(parabola, folder):
    """Return a page without a surface."""
    return rv.export(parabola, folder / "one.html")


@pytest.fixture(scope="session")
def cubic_fit(folder):
    """Return a fit of three parameters."""
    x = np.linspace(0, 4, 30)
    noise = 0.1 * np.random.default_rng(3).normal(size=30)
    return rv.fit("y = a*exp(-b*x) + c", {"x": x, "y": 2.5 * np.exp(-1.3 * x) + 0.5 + noise})
