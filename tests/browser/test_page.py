"""The page in a browser: every feature by mouse and by keyboard, large and small."""

import functools
from contextlib import ExitStack

import numpy as np
import pytest

import ravine as rv

#: For what a small screen could change; everything else is tried on the large one.
_ON_BOTH = pytest.mark.parametrize("page", ["desktop", "phone"], indirect=True)


@pytest.fixture(scope="module")
def pages(visit, lesson):
    """Return a function that gives the lesson's page in a size, opened once."""
    with ExitStack() as stack:
        yield functools.cache(lambda size: stack.enter_context(visit(lesson, size)))


@pytest.fixture
def page(request, pages):
    return pages(getattr(request, "param", "desktop"))


@pytest.fixture(autouse=True)
def from_the_end(request):
    """Bring the shared page back to how it opens."""
    if "page" in request.fixturenames:
        page = request.getfixturevalue("page")
        page.page.mouse.move(1, 1)
        page.ask(
            """() => {
                const { page } = window.ravine;
                page.goTo(0);
                Object.assign(page, { start: page.descents.best, probe: null, language: 'en', theme: 'light' });
                page.index = page.descent().step.length - 1;
                document.activeElement.blur();
                page.draw();
                window.scrollTo(0, 0);
            }"""
        )
        page.settle()


def index_of(page):
    return page.ask("() => window.ravine.page.index")


def step_shown(page):
    return page.page.locator("#where").inner_text()


# -- steps


@pytest.mark.parametrize("index", [0, 37, 400])
def test_one_marker_moves_through_all_panels(page, three, index):
    page.go(index)
    at, loss = three.at(index), float(three.dataset["loss"].values[three.best, index])
    plane, space = page.overlay("plane", 2), page.overlay("space", 1)
    np.testing.assert_allclose([plane["x"][0], plane["y"][0]], [at["a"], at["b"]], rtol=1e-5)
    np.testing.assert_allclose([space["x"][0], space["y"][0]], [at["a"], at["b"]], rtol=1e-5)
    assert space["z"][0] > loss
    spot = page.spot("plane", [at["a"], at["b"]])
    np.testing.assert_allclose(page.dots("plane")[0], spot, atol=1)
    assert len(page.overlay("plane", 1)["x"]) == index + 1
    history = page.overlay("history")
    np.testing.assert_allclose([history["x"][0], history["y"][0]], [index, loss], rtol=1e-5)
    curve = page.overlay("data")
    np.testing.assert_allclose(curve["y"], np.sin(at["b"] * np.cos(at["a"] * np.array(curve["x"]))), atol=1e-4)
    cells = page.page.locator("#values").inner_text()
    assert f"{loss:.6g}".rstrip("0") in cells
    assert step_shown(page) == f"Step {index}"


def test_play_goes_on_and_pause_stops(page):
    play = page.page.locator("#play")
    page.page.locator("#speed").select_option("0.25")  # so that a busy machine doesn't reach the end
    play.click()
    assert play.get_attribute("aria-label") == "Pause"
    page.page.wait_for_function("() => window.ravine.page.index > 3")
    assert index_of(page) < 400
    play.click()
    stopped = index_of(page)
    page.page.wait_for_timeout(300)
    assert index_of(page) == stopped
    assert play.get_attribute("aria-label") == "Play"
    page.page.locator("#speed").select_option("1")


def test_play_ends_at_the_last_step(page):
    page.page.locator("#speed").select_option("4")
    page.go(380)
    page.page.locator("#play").click()
    page.page.wait_for_function("() => !window.ravine.page.isPlaying")
    assert index_of(page) == 400
    page.page.locator("#speed").select_option("1")


def test_the_slider_scrubs_by_mouse(page):
    slider = page.page.locator("#step")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + box["height"] / 2)
    page.settle()
    assert 70 < index_of(page) < 130
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + box["height"] / 2, steps=4)
    page.page.mouse.up()
    page.settle()
    assert 180 < index_of(page) < 220


def test_keys_step_jump_and_play(page):
    keys = page.page.keyboard
    for key, index in (("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 400)):
        keys.press(key)
        page.settle()
        assert index_of(page) == index
    keys.press("Space")
    page.page.wait_for_function("() => window.ravine.page.isPlaying && window.ravine.page.index > 1")
    keys.press("Space")
    page.page.wait_for_function("() => !window.ravine.page.isPlaying")


@_ON_BOTH
def test_the_slider_takes_keys(page):
    page.page.locator("#step").focus()
    page.page.keyboard.press("Home")
    page.page.keyboard.press("ArrowRight")
    page.settle()
    assert index_of(page) == 1
    assert page.page.locator("#step").get_attribute("aria-valuetext") == "Step 1"


@pytest.mark.parametrize(("button", "index"), [("first", 0), ("back", 199), ("on", 201), ("last", 400)])
def test_buttons_step_and_jump(page, button, index):
    page.go(200)
    page.page.locator(f"#{button}").click()
    page.settle()
    assert index_of(page) == index


def test_a_click_on_a_history_goes_to_that_step(page):
    x, _ = page.spot("history", (100, 0))
    box = page.page.locator(".panel.history .plot").first.bounding_box()
    page.page.mouse.click(x, box["y"] + 0.5 * box["height"])
    page.settle()
    assert abs(index_of(page) - 100) <= 2


# -- the pointer over the contours


@_ON_BOTH
def test_a_pointer_over_the_contours_shows_that_points_curve(page, two_layer):
    page.page.mouse.move(*page.spot("plane", (3.0, 2.0)))
    page.settle()
    curve = page.overlay("data", 1)
    asked = page.ask("() => window.ravine.page.probe")
    np.testing.assert_allclose([asked["params"]["a"], asked["params"]["b"]], [3.0, 2.0], atol=0.05)
    expected = two_layer.predict(asked["params"], {"x": np.array(curve["x"])})
    np.testing.assert_allclose(curve["y"], expected, atol=1e-5)
    true = float(two_layer.losses([[asked["params"]["a"], asked["params"]["b"]]])[0])
    assert asked["loss"] == pytest.approx(true, rel=0.03)
    page.page.mouse.move(1, 1)
    page.settle()
    assert page.overlay("data", 1)["x"] == []


def test_dragging_over_the_contours_follows(page):
    first, last = page.spot("plane", (4.0, 2.0)), page.spot("plane", (4.4, 1.5))
    page.page.mouse.move(*first)
    page.page.mouse.down()
    page.page.mouse.move(*last, steps=3)
    page.settle()
    place = page.overlay("plane", 3)
    page.page.mouse.up()
    np.testing.assert_allclose([place["x"][0], place["y"][0]], [4.4, 1.5], atol=0.06)


def test_arrow_keys_move_over_the_contours_and_escape_leaves(page):
    page.page.locator(".panel.plane .plot").focus()
    end = page.ask("() => window.ravine.page.params()")
    page.page.keyboard.press("ArrowRight")
    page.page.keyboard.press("ArrowUp")
    page.settle()
    asked = page.ask("() => window.ravine.page.probe.params")
    assert asked["a"] > end["a"]
    assert asked["b"] > end["b"]
    assert index_of(page) == 400
    page.page.keyboard.press("Escape")
    page.settle()
    assert page.ask("() => window.ravine.page.probe") is None


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_a_finger_on_the_contours_shows_the_curve(page):
    page.page.touchscreen.tap(*page.spot("plane", (3.0, 2.0)))
    page.settle()
    assert page.ask("() => window.ravine.page.probe.params.a") == pytest.approx(3.0, abs=0.1)
    assert len(page.overlay("data", 1)["x"]) > 100


# -- several starts


def test_a_start_is_chosen_from_the_list(page, three):
    page.page.locator("#start").select_option("0")
    page.settle()
    place = page.overlay("plane", 2)
    np.testing.assert_allclose([place["x"][0], place["y"][0]], list(three.at(-1, 0).values()), rtol=1e-5)
    lines = page.ask(
        """() => {
            const { page } = window.ravine;
            return Array.from(page.plotOf(page.pictures.find((each) => each.live.follows)).data[0].y);
        }"""
    )
    np.testing.assert_allclose(lines, three.dataset["params"].values[0, :, 0], rtol=1e-5)


def test_a_click_on_a_path_chooses_its_start(page, three):
    page.page.mouse.click(*page.spot("plane", list(three.at(-1, 0).values())))
    page.settle()
    assert page.ask("() => window.ravine.page.start") == 0
    assert page.page.locator("#start").input_value() == "0"


# -- words and looks


def test_the_page_speaks_chinese_and_english(page):
    page.page.locator("#language").click()
    page.settle()
    assert page.ask("() => document.documentElement.lang") == "zh-Hans"
    text = page.page.locator("main").inner_text()
    assert "俯瞰损失" in text
    assert "数据与拟合" in text
    assert page.page.locator("#play").get_attribute("aria-label") == "播放"
    assert step_shown(page) == "步数 400"
    page.page.locator("#language").click()
    page.settle()
    assert "Loss from above" in page.page.locator("main").inner_text()


def test_the_theme_changes_everywhere(page):
    ground = "() => getComputedStyle(document.body).backgroundColor"
    paper = "() => document.querySelector('.panel.history .plot')._fullLayout.paper_bgcolor"
    light = page.ask(ground), page.ask(paper)
    page.page.locator("#theme").click()
    page.settle()
    dark = page.ask(ground), page.ask(paper)
    assert light[0] != dark[0]
    assert (light[1], dark[1]) == ("#FFFFFF", "#161E2C")


def test_the_theme_of_the_system_comes_first(visit, small):
    with visit(small, color_scheme="dark") as page:
        assert page.ask("() => document.documentElement.dataset.theme") == "dark"


def test_everything_can_be_reached_by_tab_and_shows_it(page):
    reached = set()
    for _ in range(30):
        page.page.keyboard.press("Tab")
        if page.ask("() => document.activeElement === document.body"):
            continue  # it begins anew at the top
        found = page.ask(
            """() => {
                const one = document.activeElement;
                return [one.id || one.parentElement?.className || '', getComputedStyle(one).outlineStyle];
            }"""
        )
        assert found[1] == "solid", found
        reached.add(found[0])
    assert {"language", "theme", "print", "first", "back", "play", "on", "last", "step", "start", "speed"} <= reached
    assert any("plane" in name for name in reached)


@_ON_BOTH
def test_controls_have_names(page):
    unnamed = page.ask(
        """() => [...document.querySelectorAll('button, select, input, [role=application], [role=img]')]
            .filter((each) => !each.getAttribute('aria-label') && !each.textContent.trim() && !each.closest('label'))
            .filter((each) => each.closest('.js-plotly-plot') === null || each.classList.contains('plot'))
            .map((each) => each.outerHTML.slice(0, 80))"""
    )
    assert unnamed == []


@_ON_BOTH
def test_nothing_is_wider_than_the_screen(page):
    assert page.ask("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_print_hides_the_controls_and_is_light(page):
    page.page.emulate_media(media="print")
    assert not page.page.locator("#player").is_visible()
    assert page.page.locator(".report").is_visible()
    page.page.emulate_media(media="screen")
    page.page.locator("#theme").click()
    theme = "() => document.documentElement.dataset.theme"
    page.ask("() => window.dispatchEvent(new Event('beforeprint'))")
    assert page.ask(theme) == "light"
    page.ask("() => window.dispatchEvent(new Event('afterprint'))")
    assert page.ask(theme) == "dark"


# -- other results


def test_planes_of_a_fit_can_be_chosen(visit, cubic_fit, folder):
    with visit(rv.export(cubic_fit, folder / "fit.html", pair=("c", "b"))) as page:
        assert page.page.locator("#plane option").all_inner_texts()[0] == "c, b"
        page.page.locator("#plane").select_option("1")
        page.settle()
        assert page.page.locator(".panel.plane:not([hidden])").count() == 1
        place = page.overlay("plane", 2)
        names = page.page.locator("#plane option").all_inner_texts()[1].split(", ")
        end = cubic_fit.run.params
        np.testing.assert_allclose([place["x"][0], place["y"][0]], [end[name] for name in names], rtol=1e-4)
        assert "Converged" in page.page.locator(".headline").inner_text()


def test_one_parameter_gets_a_curve(visit, small, parabola):
    with visit(small) as page:
        page.go(100)
        place = page.overlay("line", 1)
        np.testing.assert_allclose(place["x"], parabola.at(100)["x"], rtol=1e-5)
        page.page.mouse.move(*page.spot("line", (20.0, 900.0)))
        page.settle()
        assert page.ask("() => window.ravine.page.probe.loss") == pytest.approx(900, rel=0.05)


# One parameter from here on: surfaces take browsers without a graphics card very long.


def test_a_diverged_run_still_makes_a_page(visit, line, folder):
    run = rv.descend(rv.Problem("y = a*x", line.table), {"a": 5}, "sgd", learning_rate=20, steps=400)
    assert run.status in (rv.Status.diverged, rv.Status.not_finite)
    with visit(rv.export(run, folder / "diverged.html")) as page:
        for index in (0, 3, len(run.dataset["step"]) - 1):
            page.go(index)
        assert "smaller learning rate" in page.page.locator("#status").inner_text()


def test_a_model_of_several_columns_moves_its_points(visit, folder):
    u = np.linspace(0, 2, 20)
    problem = rv.Problem("z = a*u - v", {"u": u, "v": u**2, "z": 2 * u - u**2})
    run = rv.descend(problem, {"a": 0}, "sgd", learning_rate=0.05, steps=40)
    with visit(rv.export(run, folder / "columns.html")) as page:
        page.go(10)
        shown = page.overlay("against")
        np.testing.assert_allclose(shown["y"], problem.predict(run.at(10)), rtol=1e-4, atol=1e-5)


def test_a_python_function_says_that_its_curve_stays(visit, folder):
    problem = rv.Problem(_opaque, {"x": [0.0, 1.0, 2.0], "y": [1.0, 2.0, 3.5]})
    assert not problem.is_readable
    run = rv.descend(problem, {"a": 5.0}, "sgd", learning_rate=0.1, steps=20)
    with visit(rv.export(run, folder / "opaque.html")) as page:
        assert "The model is a Python function" in page.page.locator("body").inner_text()
        page.go(3)
        page.page.mouse.move(*page.spot("line", (run.at(-1)["a"], run.loss)))
        page.settle()


def _opaque(x, a):
    """Return a line, written so that only TensorFlow can calculate it."""
    import tensorflow as tf

    return tf.reduce_sum(tf.stack([a * x, tf.ones_like(x)]), axis=0)
