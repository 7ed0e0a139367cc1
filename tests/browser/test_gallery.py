"""The gallery in a browser: two lessons on a large screen, and on a small one."""

from contextlib import contextmanager

import pytest

import ravine as rv

_SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
_PATIENCE = 180_000  # milliseconds: other tests keep the machine busy
_LOCAL = ("file:", "data:", "blob:")
_DRAWN = "() => [...document.querySelectorAll('.plot')].every((each) => each.classList.contains('js-plotly-plot'))"


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    """Return the folder of a gallery of two lessons, one with a surface."""
    return rv.build_gallery(tmp_path_factory.mktemp("gallery"), lessons=["parabola", "line"]).parent


@contextmanager
def _opening(browser, path, size, **options):
    """Open a page; what it complains of or wants from elsewhere fails the test at the end."""
    context = browser.new_context(viewport=_SIZES[size], has_touch=size == "phone", **options)
    context.set_default_timeout(_PATIENCE)
    page, complaints, requests = context.new_page(), [], []
    page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    yield page
    assert complaints == []
    assert [url for url in requests if not url.startswith(_LOCAL)] == []
    context.close()


@pytest.fixture(scope="module")
def line(browser, gallery):
    """Return the page of a lesson on a large screen."""
    options = {"permissions": ["clipboard-read", "clipboard-write"], "color_scheme": "light"}
    with _opening(browser, gallery / "line.html", "desktop", **options) as page:
        yield page


def _scroll_through(page):
    for place in page.locator(".plot").all():
        place.scroll_into_view_if_needed()
    page.wait_for_function(_DRAWN)


def test_surfaces_are_drawn_when_they_come_into_sight(line):
    assert line.locator(".plot.space.js-plotly-plot").count() == 0
    _scroll_through(line)
    assert line.evaluate("() => document.querySelector('.plot.space').data.some(({ type }) => type === 'surface')")


def test_formulas_are_typeset(line):
    heights = line.evaluate("() => [...document.querySelectorAll('math')].map((each) => each.clientHeight)")
    assert len(heights) > 10 and min(heights) > 0


def test_code_is_copied(line):
    line.locator("button.copy").first.click()
    line.get_by_role("button", name="Copied").wait_for()
    assert line.evaluate("() => navigator.clipboard.readText()").startswith("import ravine as rv\n\nproblem = rv.Prob")


def test_answers_open_by_keyboard(line):
    answer = line.locator("details").first
    assert not answer.locator("p").is_visible()
    answer.locator("summary").focus()
    line.keyboard.press("Enter")
    assert "2.5026" in answer.locator("p").inner_text()


def test_a_descent_opens_in_place_and_moves(line):
    button = line.locator(".walk-here").first
    button.click()
    assert button.get_attribute("aria-expanded") == "true"
    frame = line.frame_locator(".walk iframe").first
    frame.locator(".panel.plane .plot.js-plotly-plot").wait_for()
    frame.locator("#first").click()
    frame.locator("#where", has_text="Step 0").wait_for()
    button.click()
    assert line.locator(".walk iframe").count() == 0


def test_theme_language_and_keys(line):
    line.locator("#theme").click()
    assert line.evaluate("() => document.documentElement.dataset.theme") == "dark"
    line.evaluate("() => { document.activeElement.blur(); }")
    line.keyboard.press("ArrowLeft")
    line.wait_for_url("**/parabola.html")
    assert line.evaluate("() => document.documentElement.dataset.theme") == "dark"
    line.locator("#language").click()
    line.wait_for_url("**/zh/parabola.html")
    line.locator("a[rel=next]").click()
    line.wait_for_url("**/zh/line.html")
    line.locator("a.brand").click()
    line.wait_for_url("**/zh/index.html")
    assert line.locator(".course li").count() == 2


def test_a_phone_shows_everything_in_its_width(browser, gallery):
    for name in ("index", "line"):
        with _opening(browser, gallery / f"{name}.html", "phone") as page:
            _scroll_through(page)
            assert page.evaluate("() => document.documentElement.scrollWidth") <= _SIZES["phone"]["width"]
