"""Every feature of the playground by pointer and keys, in Chromium, on a desktop and a phone."""

import contextlib
import json
from dataclasses import dataclass, field

import pytest

from ravine.app import address

_SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
_PATIENCE = 60_000  # milliseconds: other tests keep the machine busy


@dataclass
class Opened:
    """An open playground, what its console complained of, and which requests left the machine."""

    page: object
    complaints: list = field(default_factory=list)
    outside: list = field(default_factory=list)
    first: dict = field(default_factory=dict)

    def ask(self, script, *more):
        return self.page.evaluate(script, *more)

    @property
    def state(self):
        return self.ask("playground.reply.state")

    @contextlib.contextmanager
    def answered(self):
        """Wait until the server has answered what is done meanwhile."""
        self.ask("window.before = playground.reply")
        yield
        self.page.wait_for_function("playground.reply !== window.before && !playground.isAsking('/ask/answer')")

    def click_map(self, across, down, **more):
        # Playwright scrolls to the place by itself, as a person would.
        box = self.page.locator("#way .nsewdrag").first.bounding_box()
        way = self.page.locator("#way").bounding_box()
        x, y = box["x"] - way["x"] + across * box["width"], box["y"] - way["y"] + down * box["height"]
        self.page.locator("#way").click(position={"x": x, "y": y}, force=True, **more)

    def press(self, name):
        self.page.locator(f"#{name}").click()


@contextlib.contextmanager
def _opening(browser, site, size, language="en-US", hash_=""):
    context = browser.new_context(
        viewport=_SIZES[size], has_touch=size == "phone", is_mobile=size == "phone", locale=language,
        permissions=["clipboard-read", "clipboard-write"], accept_downloads=True,
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(_PATIENCE)
    opened = Opened(page)
    page.on("console", lambda said: opened.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.on("request", lambda each: opened.outside.append(each.url) if not _is_local(each.url, site) else None)
    page.goto(site.address + hash_)
    page.wait_for_function("window.playground && playground.reply && !playground.isAsking('/ask/answer')")
    page.wait_for_selector("#way .nsewdrag")
    yield opened
    context.close()
    assert opened.complaints == []
    assert opened.outside == []


def _is_local(url, site):
    return url.startswith((site.address, "data:", "blob:"))


#: For what a small screen could change; everything else is tried on the large one.
_ON_BOTH = pytest.mark.parametrize("opened", list(_SIZES), indirect=True)


@pytest.fixture(scope="module")
def pages(browser, site):
    """Return a function that gives the page of a size, opened once."""
    with contextlib.ExitStack() as stack:
        found = {}

        def call(size):
            if size not in found:
                found[size] = stack.enter_context(_opening(browser, site, size))
                found[size].first = found[size].state
            return found[size]

        yield call


@pytest.fixture
def opened(request, pages):
    """Return a page as it was when it opened."""
    found = pages(getattr(request, "param", "desktop"))
    found.ask("first => { playground.past = []; playground.request(first, { forgotten: true }); }", found.first)
    found.page.wait_for_function("!playground.isAsking('/ask/answer')")
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


def test_the_address_holds_what_is_seen(opened, browser, site):
    with opened.answered():
        opened.click_map(0.3, 0.4)
    assert address.read(opened.ask("location.hash")).as_json() == opened.state
    with _opening(browser, site, "desktop", hash_=opened.ask("location.hash")) as other:
        assert other.state == opened.state
        assert other.ask("playground.reply.frames") == opened.ask("playground.reply.frames")


def test_a_formula_is_typeset_while_it_is_typed_and_its_error_shown_with_a_caret(opened):
    with opened.answered():
        opened.page.fill("#formula", "y = a*x + b")
    opened.page.wait_for_selector("#preview mjx-container")
    opened.page.fill("#formula", "y = a*x + (b")
    opened.page.wait_for_function("document.getElementById('trouble').innerText.includes('^')")
    assert "bracket" in opened.page.inner_text("#trouble")
    assert opened.state["formula"] == "y = a*x + b"
    with opened.answered():
        opened.page.fill("#formula", "(x - 3)**2 + 2*(y + 1)**2")
    assert opened.page.inner_text("#trouble") == ""
    assert opened.state["data"] is None


def test_playing_stepping_and_scrubbing_move_one_marker_through_all_pictures(opened):
    dot = "document.querySelector('#way-marks i').style.transform"
    curve = "document.querySelector('#fit-marks path').getAttribute('d')"
    opened.press("first")
    opened.page.wait_for_function("document.getElementById('where').innerText.startsWith('Step 0 of 400')")
    begin, bent = opened.ask(dot), opened.ask(curve)
    opened.press("forward")
    opened.page.wait_for_function("playground.player.frame === 1")
    assert opened.ask(dot) != begin and opened.ask(curve) != bent
    opened.press("back")
    opened.page.wait_for_function("playground.player.frame === 0")
    assert opened.ask(dot) == begin
    opened.press("play")
    opened.page.wait_for_selector("#play[aria-label=Pause]")
    opened.page.wait_for_function("playground.player.frame > 2")
    opened.press("play")
    opened.page.wait_for_selector("#play[aria-label=Play]")
    opened.page.focus("#scrub")
    opened.page.keyboard.press("End")
    assert opened.page.inner_text("#where").startswith("Step 400 of 400")
    opened.page.keyboard.press("ArrowLeft")
    assert not opened.page.inner_text("#where").startswith("Step 400")


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
            opened.page.get_by_role("option").first.click()
        assert formula in opened.state["formula"]


def test_optimizers_race_on_one_map(opened):
    for name in ("adam", "bfgs"):
        with opened.answered():
            opened.page.focus("#optimizers")
            opened.page.keyboard.press("ArrowDown")
            opened.page.get_by_role("option", name=name, exact=True).click()
    opened.page.keyboard.press("Escape")
    assert opened.state["optimizers"] == ["sgd", "adam", "bfgs"]
    assert opened.page.locator("#way-marks i").count() == 3
    assert "bfgs" in opened.page.inner_text("#ends")
    assert opened.page.is_visible("#text-optimizers-hint")


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
    with opened.answered():
        opened.press("apply")
    assert opened.state["formula"] == "counts = amplitude*exp(-rate*time) + offset"
    opened.page.set_input_files("#upload input", {"name": "x.csv", "mimeType": "text/csv", "buffer": b"\x00\x01"})
    opened.page.wait_for_function("document.getElementById('trouble').innerText.startsWith('upload')")


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
    page = opened.page
    page.wait_for_function("document.getElementById('step-text').innerText.includes('sgd')")
    page.get_by_role("tab", name="Fit report").click()
    opened.press("report-start")
    page.wait_for_function("document.getElementById('report-text').innerText.includes('R²')")
    page.get_by_role("tab", name="Basins").click()
    with opened.answered():
        page.fill("#steps-number", "40")
    opened.press("basins-start")
    page.wait_for_function("playground.basins !== null")
    assert opened.ask("document.getElementById('way').data[0].type") == "image"
    if page.is_enabled("#basins-stop"):
        opened.press("basins-stop")
    page.wait_for_function("!playground.isAsking('/ask/basins')")
    page.wait_for_selector("#basins-start:enabled")
    opened.press("basins-hide")
    assert opened.ask("document.getElementById('way').data[0].type") == "contour"


def test_copying_and_saving(opened):
    page = opened.page
    for name, begins in (("python", "import ravine"), ("command", "cat > data.csv"), ("link", "http://127.0.0.1")):
        opened.ask("playground.say('')")
        opened.press("copy")
        opened.press(f"copy-{name}")
        page.wait_for_function("document.getElementById('said').innerText === 'Copied.'")
        assert opened.ask("navigator.clipboard.readText()").startswith(begins)
    for name, suffix in (("run", ".nc"), ("picture", ".png"), ("page", ".html")):
        opened.press("save")
        with page.expect_download() as download:
            opened.press(f"save-{name}")
        assert download.value.suggested_filename.endswith(suffix)


def test_chinese_and_dark(browser, site):
    with _opening(browser, site, "phone", "zh-CN") as opened:
        assert opened.page.inner_text("#text-way") == "下降的路"
        opened.page.wait_for_function("document.querySelector('#text-upload').innerText.startsWith('把 CSV')")
        with opened.answered():
            opened.press("language")
        assert opened.page.inner_text("#text-way") == "The way down"
        opened.press("theme")
        opened.page.wait_for_selector("html[data-mantine-color-scheme=dark]")


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


def test_a_link_that_was_broken_opens_the_first_example_and_says_so(browser, site):
    with _opening(browser, site, "desktop", hash_="#formula=y%20%3D%20(&rate=abc") as opened:
        assert opened.state["formula"] == "y = sin(b*cos(a*x))"
        assert json.dumps(opened.state)


def _click_data(page, x, y):
    """Click on a place of the data and wait for the descent through it."""
    page.evaluate("window.before = playground.reply")
    where = page.evaluate(
        """([x, y]) => {
            const plot = document.getElementById('fit'), { xaxis, yaxis } = plot._fullLayout;
            return { x: xaxis._offset + xaxis.d2p(x), y: yaxis._offset + yaxis.d2p(y) };
        }""",
        [x, y],
    )
    page.locator("#fit").click(position=where, force=True)
    page.wait_for_function("() => playground.reply !== window.before && !playground.isAsking('/ask/answer')")


def test_clicks_on_the_data_draw_points_until_undone(opened):
    page = opened.page
    page.locator("label[for=draw]").first.click()
    page.wait_for_function("() => playground.drawing")
    ranges = page.evaluate("playground.drawing")
    for place in ((-0.5, 0.6), (0.0, 0.9), (0.5, 0.7)):
        _click_data(page, *place)
    data = page.evaluate("playground.reply.state.data")
    assert data["kind"] == "own"
    assert data["columns"] == {
        "x": pytest.approx([-0.5, 0, 0.5], abs=0.02),
        "y": pytest.approx([0.6, 0.9, 0.7], abs=0.02),
    }
    assert page.evaluate("playground.element('fit')._fullLayout.xaxis.range") == pytest.approx(ranges["xaxis"])
    assert "drawn by hand" in page.locator("#about-data").inner_text()
    assert page.evaluate("playground.reply.frames.paths[0].loss.length") > 1
    page.evaluate("window.before = playground.reply")
    page.locator("#undo").click()
    page.wait_for_function("() => playground.reply !== window.before")
    assert len(page.evaluate("playground.reply.state.data.columns.x")) == 2
    page.locator("label[for=draw]").first.click()
