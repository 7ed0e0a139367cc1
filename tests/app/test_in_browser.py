"""Every feature of the playground by pointer and keys, in Chromium, on a desktop and a phone."""

import contextlib
import json
import re

import pytest
from playwright import sync_api as playwright

from ravine.app import address

_IDLE = "window.playground?.reply && !playground.isAsking('/ask/answer')"
#: The controls of the page, and what they show: Dash tells them later than the pictures.
_SHOWN = """() => {
    const { state } = playground, value = (id) => document.getElementById(id).value;
    const slid = (id) => Number(document.querySelector(`#${id} [role=slider]`).getAttribute('aria-valuenow'));
    const near = (one, other) => Math.abs(one - other) < 1e-5 * Math.max(1, Math.abs(other));
    const isNoisy = state.data?.kind === 'sketch';
    return [
        value('formula') === state.formula,
        near(value('rate-number'), state.learning_rate), near(value('steps-number'), state.steps),
        near(slid('rate'), Math.log10(state.learning_rate)), near(slid('steps'), Math.log10(state.steps)),
        !isNoisy || near(slid('noise'), state.data.noise),
        document.getElementById('undo').disabled === (playground.past.length === 0),
    ];
}"""


class Opened:
    """An open playground, and what people do in it."""

    def __init__(self, visit):
        self.page, self.until, self.ask, self.sees = visit.page, visit.until, visit.ask, visit.sees
        self.text, self.reads, self.listen, self.hears = visit.text, visit.reads, visit.listen, visit.hears
        self.complaints, self.first = visit.complaints, None

    @property
    def state(self):
        return self.ask("playground.reply.state")

    def settle(self):
        """Wait until pictures and controls show what was asked for last."""
        self.ask("playground.settled()")
        self.until(lambda: self.ask(_SHOWN), [True] * 7, what="controls that show the state")

    @contextlib.contextmanager
    def answered(self):
        """Wait until the server has answered what is done meanwhile, and the page shows it."""
        self.ask("void (window.before = playground.reply)")
        yield
        self.sees("playground.reply !== window.before")
        self.settle()

    def click_map(self, across, down, **more):
        # Playwright scrolls to the place by itself, as a person would.
        box = self.page.locator("#way .nsewdrag").first.bounding_box()
        way = self.page.locator("#way").bounding_box()
        x, y = box["x"] - way["x"] + across * box["width"], box["y"] - way["y"] + down * box["height"]
        self.page.locator("#way").click(position={"x": x, "y": y}, force=True, **more)

    def press(self, name):
        self.page.locator(f"#{name}").click()


@pytest.fixture(scope="module")
def visit(visit_address, site):
    """Return a function that opens the playground, at a state or at the first example."""

    @contextlib.contextmanager
    def call(size="desktop", hash_="", language="en-US"):
        options = {"is_mobile": size == "phone", "locale": language, "accept_downloads": True}
        permissions = ["clipboard-read", "clipboard-write"]
        with visit_address(site.address + hash_, size, permissions=permissions, **options) as found:
            opened = Opened(found)
            opened.sees(f"Boolean({_IDLE})")
            opened.settle()
            opened.sees("Boolean(document.querySelector('#way .nsewdrag'))")
            yield opened

    return call


#: For what a small screen could change; everything else is tried on the large one.
_ON_BOTH = pytest.mark.parametrize("opened", ["desktop", "phone"], indirect=True)


@pytest.fixture(scope="module")
def pages(visit):
    """Return a function that gives the page of a size, opened once."""
    with contextlib.ExitStack() as stack:
        found = {}

        def call(size):
            if size not in found:
                found[size] = stack.enter_context(visit(size))
                found[size].first = found[size].state
            return found[size]

        yield call


@pytest.fixture
def opened(request, pages):
    """Return a page as it was when it opened."""
    found = pages(getattr(request, "param", "desktop"))
    found.ask("first => { playground.past = []; playground.request(first, { forgotten: true }); }", found.first)
    found.settle()
    assert found.state == found.first
    yield found
    assert found.complaints == []


@_ON_BOTH
def test_a_click_drops_a_start_and_undo_takes_it_back(opened):
    before = opened.state
    with opened.answered():
        opened.click_map(0.5, 0.25)
    after = opened.state
    assert after["starts"] == [pytest.approx({"a": 2.5, "b": 4.75}, abs=0.06)]
    assert after["starts"] != before["starts"]
    with opened.answered():
        opened.press("undo")
    assert opened.state == before


def test_the_address_holds_what_is_seen(opened, visit):
    with opened.answered():
        opened.click_map(0.3, 0.4)
    assert address.read(opened.ask("location.hash")).as_json() == opened.state
    with visit(hash_=opened.ask("location.hash")) as other:
        assert other.state == opened.state
        assert other.ask("playground.reply.frames") == opened.ask("playground.reply.frames")


def test_a_formula_is_typeset_while_it_is_typed_and_its_error_shown_with_a_caret(opened):
    with opened.answered():
        opened.page.fill("#formula", "y = a*x + b")
    opened.until(opened.page.locator("#preview mjx-container").count, what="a formula that is typeset")
    opened.page.fill("#formula", "y = a*x + (b")
    assert "bracket" in opened.reads("#trouble", "^")
    assert opened.state["formula"] == "y = a*x + b"
    with opened.answered():
        opened.page.fill("#formula", "(x - 3)**2 + 2*(y + 1)**2")
    opened.until(lambda: opened.text("#trouble"), "")
    assert opened.state["data"] is None


def test_playing_stepping_and_scrubbing_move_one_marker_through_all_pictures(opened):
    dot = "document.querySelector('#way-marks i').style.transform"
    curve = "document.querySelector('#fit-marks path').getAttribute('d')"
    opened.press("first")
    opened.reads("#where", "Step 0 of 400")
    begin, bent = opened.ask(dot), opened.ask(curve)
    opened.press("forward")
    opened.sees("playground.player.frame", 1)
    assert opened.ask(dot) != begin and opened.ask(curve) != bent
    opened.press("back")
    opened.sees("playground.player.frame", 0)
    assert opened.ask(dot) == begin
    # The page plays when it is told to, by a clock of its own: a slow machine would be at the end before it looks.
    opened.ask(
        "void (window.theirs = window.setInterval, window.setInterval = (tick) => { window.tick = tick; return -1; })"
    )
    opened.press("play")
    opened.until(lambda: opened.page.locator("#play").get_attribute("aria-label"), "Pause")
    opened.ask("for (let time = 0; time < 3; time += 1) window.tick()")
    assert opened.ask("playground.player.frame") == 3
    opened.press("play")
    opened.until(lambda: opened.page.locator("#play").get_attribute("aria-label"), "Play")
    opened.ask("void (window.setInterval = window.theirs)")
    opened.page.focus("#scrub")
    opened.page.keyboard.press("End")
    opened.reads("#where", "Step 400 of 400")
    opened.page.keyboard.press("ArrowLeft")
    opened.until(lambda: not opened.text("#where").startswith("Step 400"), what="the step before the last")


def test_the_keyboard_moves_and_adds_starts(opened):
    opened.page.focus("#way")
    with opened.answered():
        opened.page.keyboard.press("ArrowRight")
    assert opened.state["starts"][0]["a"] == pytest.approx(2 + 0.02 * 9, abs=0.01)
    with opened.answered():
        opened.page.keyboard.press("Enter")
    assert len(opened.state["starts"]) == 2
    with opened.answered():
        opened.page.keyboard.press("Shift+ArrowUp")
    assert opened.state["starts"][1]["b"] > opened.state["starts"][0]["b"] + 0.5
    with opened.answered():
        opened.press("clear")
    assert len(opened.state["starts"]) == 1
    with opened.answered():
        opened.page.fill("#starts input[data-name=a]", "1.5")
        opened.page.keyboard.press("Tab")
    assert opened.state["starts"][0]["a"] == 1.5
    with opened.answered():
        opened.page.focus("#way")
        opened.page.keyboard.press("Control+z")
    assert opened.state["starts"][0]["a"] != 1.5


def test_sliders_and_numbers_change_rate_steps_and_noise(opened):
    page = opened.page
    for name, key in (("rate", "learning_rate"), ("steps", "steps")):
        before = opened.state[key]
        with opened.answered():
            page.focus(f"#{name} [role=slider]")
            page.keyboard.press("ArrowRight")
        assert opened.state[key] > before
    with opened.answered():
        page.fill("#rate-number", "0.25")
    assert opened.state["learning_rate"] == 0.25
    with opened.answered():
        page.focus("#noise [role=slider]")
        page.keyboard.press("ArrowRight")
    assert opened.state["data"]["noise"] == pytest.approx(0.11)
    seed = opened.state["data"]["seed"]
    with opened.answered():
        opened.press("again")
    assert opened.state["data"]["seed"] == seed + 1


def test_examples_and_models_are_chosen_from_a_list(opened):
    for word, formula in (("Himmelblau", "(x**2 + y - 11)**2"), ("gaussian", "height*exp")):
        with opened.answered():
            opened.page.fill("#example", word)
            opened.page.get_by_role("option").filter(has_text=re.compile(word, re.IGNORECASE)).first.click()
        assert formula in opened.state["formula"]


def test_optimizers_race_on_one_map(opened):
    for name in ("adam", "bfgs"):
        with opened.answered():
            opened.page.focus("#optimizers")
            opened.page.keyboard.press("ArrowDown")
            opened.page.get_by_role("option", name=name, exact=True).click()
    opened.page.keyboard.press("Escape")
    assert opened.state["optimizers"] == ["sgd", "adam", "bfgs"]
    opened.until(opened.page.locator("#way-marks i").count, 3)
    opened.reads("#ends", "bfgs")
    opened.until(lambda: opened.page.is_visible("#text-optimizers-hint"), what="the hint")


def test_own_data_are_loaded_and_their_columns_picked(opened, tmp_path):
    rows = "\n".join(f"{t / 10},{3 * 0.5 ** (t / 10):.4f},{t}" for t in range(30))
    (tmp_path / "own.csv").write_text(f"time (s),counts,row\n{rows}\n")
    with opened.answered():
        opened.page.set_input_files("#upload input", tmp_path / "own.csv")
    assert opened.state["data"]["name"] == "own.csv"
    opened.page.click("#column-y")
    opened.page.get_by_role("option", name="counts").click()
    opened.page.fill("#model", "exponential decay")
    opened.page.get_by_role("option", name="exponential decay").click()
    opened.sees("[playground.picked.y, playground.picked.model]", ["counts", "exponential_decay"])
    with opened.answered():
        opened.press("apply")
    assert opened.state["formula"] == "counts = amplitude*exp(-rate*time) + offset"
    opened.page.set_input_files("#upload input", {"name": "x.csv", "mimeType": "text/csv", "buffer": b"\x00\x01"})
    opened.until(lambda: opened.text("#trouble").startswith("upload"), what="trouble with an upload")


def test_zooming_and_the_whole_way(opened):
    for name, factor in (("zoom-in", 0.5), ("zoom-out", 1.0)):
        with opened.answered():
            opened.press(name)
        _, low, high = opened.state["plane"][0]
        assert high - low == pytest.approx(9 * factor)
    with opened.answered():
        opened.press("around")
    assert opened.state["plane"][0][2] - opened.state["plane"][0][1] < 9


def test_step_report_and_basins(opened):
    page, ground = opened.page, "document.getElementById('way').data[0].type"
    opened.reads("#step-text", "sgd")
    page.get_by_role("tab", name="Fit report").click()
    opened.press("report-start")
    opened.reads("#report-text", "R²")
    page.get_by_role("tab", name="Basins").click()
    with opened.answered():
        page.fill("#steps-number", "40")
    with _held_back(page, "**/ask/basins", after=1) as asked:
        opened.press("basins-start")
        opened.sees(ground, "image")
        opened.until(lambda: opened.ask("playground.isAsking('/ask/basins')") and len(asked) == 2, what="stage two")
        opened.press("basins-stop")
        opened.sees("playground.isAsking('/ask/basins')", False)
        opened.until(lambda: page.is_enabled("#basins-start"), what="the end of a map that was stopped")
        assert opened.ask(ground) == "image"
        opened.press("basins-hide")
        opened.sees(ground, "contour")
        assert [each["stage"] for each in asked] == [0, 1]


@contextlib.contextmanager
def _held_back(page, address, after=0):
    """Let so many questions pass and keep others back: a fast machine would answer before the test goes on."""
    asked, held = [], []

    def hold(route):
        asked.append(route.request.post_data_json)
        route.continue_() if len(asked) <= after else held.append(route)

    page.route(address, hold)
    try:
        yield asked
    finally:
        page.unroute(address)
        for route in held:
            with contextlib.suppress(playwright.Error):  # the page has called it off
                route.continue_()


def test_a_report_of_a_problem_that_is_gone_comes_no_more(opened):
    opened.page.get_by_role("tab", name="Fit report").click()
    with _held_back(opened.page, "**/ask/report") as asked:
        opened.press("report-start")
        opened.until(lambda: opened.ask("playground.isAsking('/ask/report')") and len(asked) == 1, what="a question")
        with opened.answered():
            opened.press("again")
        opened.sees("playground.isAsking('/ask/report')", False)
    opened.until(lambda: opened.text("#report-text"), "")


def test_a_click_counts_while_the_page_waits_for_an_answer(opened):
    with opened.answered(), _held_back(opened.page, "**/ask/answer") as asked:
        opened.press("around")
        opened.sees("playground.state.plane.length", 0)  # the server will choose it
        opened.click_map(0.5, 0.25)
        opened.until(lambda: opened.ask("true") and len(asked) == 2, what="both questions")
    assert opened.state["starts"] == [pytest.approx({"a": 2.5, "b": 4.75}, abs=0.06)]


def test_copying_and_saving(opened):
    page = opened.page
    for name, begins in (("python", "import ravine"), ("command", "cat > data.csv"), ("link", "http://127.0.0.1")):
        opened.ask("playground.say('')")
        opened.until(lambda: opened.text("#said"), "")
        opened.listen("#said")
        opened.press("copy")
        opened.press(f"copy-{name}")
        opened.hears("Copied.")
        assert opened.ask("navigator.clipboard.readText()").startswith(begins)
    for name, suffix in (("run", ".nc"), ("picture", ".png"), ("page", ".html")):
        opened.press("save")
        with page.expect_download() as download:
            opened.press(f"save-{name}")
        assert download.value.suggested_filename.endswith(suffix)


def test_chinese_and_dark(visit):
    with visit("phone", language="zh-CN") as opened:
        opened.until(lambda: opened.text("#text-way"), "下降的路")
        opened.until(lambda: opened.text("#text-upload").startswith("把 CSV"), what="Chinese")
        with opened.answered():
            opened.press("language")
        opened.until(lambda: opened.text("#text-way"), "The way down")
        opened.press("theme")
        opened.sees("document.documentElement.dataset.mantineColorScheme", "dark")


@_ON_BOTH
def test_whatever_can_be_pressed_has_a_name(opened):
    nameless = opened.ask(
        """() => Array.from(document.querySelectorAll("button, input, textarea, [role=slider]"))
            .filter((part) => part.tabIndex >= 0 && part.getAttribute("aria-hidden") !== "true")
            .filter((part) => part.type !== "hidden" && part.type !== "file")
            .filter((part) => !(part.getAttribute("aria-label") || part.getAttribute("aria-labelledby")
                || part.innerText || part.title || (part.labels && part.labels.length)))
            .map((part) => part.outerHTML.slice(0, 160))"""
    )
    assert nameless == []


def test_a_link_that_was_broken_opens_the_first_example_and_says_so(visit):
    with visit(hash_="#formula=y%20%3D%20(&rate=abc") as opened:
        assert opened.state["formula"] == "y = sin(b*cos(a*x))"
        assert json.dumps(opened.state)


def _click_data(opened, x, y):
    """Click on a place of the data and wait for the descent through it."""
    where = opened.ask(
        """([x, y]) => {
            const plot = document.getElementById('fit'), { xaxis, yaxis } = plot._fullLayout;
            return { x: xaxis._offset + xaxis.d2p(x), y: yaxis._offset + yaxis.d2p(y) };
        }""",
        [x, y],
    )
    with opened.answered():
        opened.page.locator("#fit").click(position=where, force=True)


def test_clicks_on_the_data_draw_points_until_undone(opened):
    page = opened.page
    page.locator("label[for=draw]").first.click()
    ranges = opened.sees("playground.drawing")
    opened.settle()
    for place in ((-0.5, 0.6), (0.0, 0.9), (0.5, 0.7)):
        _click_data(opened, *place)
    data = opened.ask("playground.reply.state.data")
    assert data["kind"] == "own"
    assert data["columns"] == {
        "x": pytest.approx([-0.5, 0, 0.5], abs=0.02),
        "y": pytest.approx([0.6, 0.9, 0.7], abs=0.02),
    }
    assert opened.ask("playground.element('fit')._fullLayout.xaxis.range") == pytest.approx(ranges["xaxis"])
    opened.reads("#about-data", "drawn by hand")
    assert opened.ask("playground.reply.frames.paths[0].loss.length") > 1
    with opened.answered():
        opened.press("undo")
    assert len(opened.ask("playground.reply.state.data.columns.x")) == 2
    page.locator("label[for=draw]").first.click()
    opened.sees("playground.drawing === null")
