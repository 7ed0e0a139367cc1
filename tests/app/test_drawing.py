"""Data drawn by hand, in Chromium."""

import shutil

import pytest

_CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = pytest.mark.skipif(_CHROMIUM is None, reason="no Chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def page(site):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        opened, complaints = browser.new_page(), []
        opened.set_default_timeout(120_000)
        opened.on("console", lambda said: said.type == "error" and complaints.append(said.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(site.address)
        opened.wait_for_function("() => window.playground && playground.reply && playground.element('fit')._fullLayout")
        yield opened
        assert complaints == []
        browser.close()


def _click(page, x, y):
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


def test_clicks_on_the_data_draw_points_until_undone(page):
    page.locator("label[for=draw]").first.click()
    page.wait_for_function("() => playground.drawing")
    ranges = page.evaluate("playground.drawing")
    for place in ((-0.5, 0.6), (0.0, 0.9), (0.5, 0.7)):
        _click(page, *place)
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
