"""Pages in a real browser: Debian's Chromium, driven by Playwright, without a screen and without a network."""

from contextlib import contextmanager

import numpy as np
import pytest

import ravine as rv

#: What a browser without a graphics card says of WebGL. Surfaces are drawn by software here, for seconds each time.
_FLAT = """
HTMLCanvasElement.prototype.getContext = ((get) => function (kind, ...more) {
    return kind.startsWith('webgl') ? null : get.call(this, kind, ...more);
})(HTMLCanvasElement.prototype.getContext);
"""


class Opened:
    """An open page of a result, and where to look in it."""

    def __init__(self, visit):
        self.page, self.until, self.ask, self.sees = visit.page, visit.until, visit.ask, visit.sees
        self.text, self.reads = visit.text, visit.reads

    def settle(self):
        """Wait until what was asked for is shown."""
        self.sees(
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
def visit(visit_address):
    """Return a function that opens the page of a file, with surfaces or as a browser that can't draw them."""

    @contextmanager
    def call(path, size="desktop", *, space=True, **options):
        with visit_address(path.as_uri(), size, script=None if space else _FLAT, **options) as found:
            opened = Opened(found)
            opened.sees("() => Boolean(window.ravine)")
            opened.settle()
            yield opened

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
