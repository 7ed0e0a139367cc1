"""The gallery in a browser: two lessons on a large screen, and on a small one."""

import pytest

import ravine as rv

_DRAWN = "() => [...document.querySelectorAll('.plot')].every((each) => each.classList.contains('js-plotly-plot'))"


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    """Return the folder of a gallery of two lessons, one with a surface."""
    return rv.build_gallery(tmp_path_factory.mktemp("gallery"), lessons=["parabola", "line"]).parent


@pytest.fixture(scope="module")
def line(visit_address, gallery):
    """Return the page of a lesson on a large screen."""
    options = {"permissions": ["clipboard-read", "clipboard-write"], "color_scheme": "light"}
    with visit_address((gallery / "line.html").as_uri(), **options) as page:
        yield page


def _scroll_through(page):
    for place in page.page.locator(".plot").all():
        place.scroll_into_view_if_needed()
    page.sees(_DRAWN)


def test_surfaces_are_drawn_when_they_come_into_sight(line):
    assert line.page.locator(".plot.space.js-plotly-plot").count() == 0
    _scroll_through(line)
    line.sees("() => document.querySelector('.plot.space').data.some(({ type }) => type === 'surface')")


def test_formulas_are_typeset(line):
    heights = line.ask("() => [...document.querySelectorAll('math')].map((each) => each.clientHeight)")
    assert len(heights) > 10 and min(heights) > 0


def test_code_is_copied(line):
    line.listen("button.copy")
    line.page.locator("button.copy").first.click()
    line.hears(line.page.locator("button.copy").first.get_attribute("data-done"))
    assert line.ask("() => navigator.clipboard.readText()").startswith("import ravine as rv\n\nproblem = rv.Prob")


def test_answers_open_by_keyboard(line):
    answer = line.page.locator("details").first
    assert not answer.locator("p").is_visible()
    answer.locator("summary").focus()
    line.page.keyboard.press("Enter")
    line.until(answer.locator("p").is_visible, what="an answer")
    assert "2.5026" in answer.locator("p").inner_text()


def test_a_descent_opens_in_place_and_moves(line):
    button = line.page.locator(".walk-here").first
    button.click()
    line.until(lambda: button.get_attribute("aria-expanded"), "true")
    frame = line.page.frame_locator(".walk iframe").first
    line.until(frame.locator(".panel.plane .plot.js-plotly-plot").is_visible, what="the walk")
    frame.locator("#first").click()
    line.until(frame.locator("#where").inner_text, "Step 0")
    button.click()
    line.until(line.page.locator(".walk iframe").count, 0)


def test_theme_language_and_keys(line):
    theme, theirs = "() => document.documentElement.dataset.theme", line.page
    theirs.locator("#theme").click()
    line.sees(theme, "dark")
    line.ask("() => { document.activeElement.blur(); }")
    theirs.keyboard.press("ArrowLeft")
    theirs.wait_for_url("**/parabola.html")
    line.sees(theme, "dark")
    theirs.locator("#language").click()
    theirs.wait_for_url("**/zh/parabola.html")
    theirs.locator("a[rel=next]").click()
    theirs.wait_for_url("**/zh/line.html")
    theirs.locator("a.brand").click()
    theirs.wait_for_url("**/zh/index.html")
    line.until(theirs.locator(".course li").count, 2)


def test_a_phone_shows_everything_in_its_width(visit_address, gallery):
    for name in ("index", "line"):
        with visit_address((gallery / f"{name}.html").as_uri(), "phone") as page:
            _scroll_through(page)
            page.sees(f"() => document.documentElement.scrollWidth <= {page.page.viewport_size['width']}")
