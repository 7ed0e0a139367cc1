"""The page in a browser: every feature by mouse and by keyboard, large and small."""

import functools
from contextlib import ExitStack, contextmanager

import numpy as np
import pytest

import ravine as rv

#: For what a small screen could change; everything else is tried on the large one.
_ON_BOTH = pytest.mark.parametrize("page", ["desktop", "phone"], indirect=True)
#: With the surface, which takes browsers without a graphics card very long: for what looks at it.
_IN_SPACE = pytest.mark.parametrize("page", ["desktop in space"], indirect=True)
_IN_SPACE_ON_BOTH = pytest.mark.parametrize("page", ["desktop in space", "phone in space"], indirect=True)


_INDEX = "() => window.ravine.page.index"


@pytest.fixture(scope="module")
def pages(visit, lesson):
    """Return a function that gives the lesson's page in a size, with or without its surface, opened once."""

    def opened(kind):
        size, *space = kind.split(" in ")
        return stack.enter_context(visit(lesson, size, space=bool(space)))

    with ExitStack() as stack:
        yield functools.cache(opened)


@pytest.fixture
def page(request, pages):
    return pages(getattr(request, "param", "desktop"))


@pytest.fixture(scope="module")
def curve(visit, small):
    """Return the page of one parameter."""
    with visit(small) as opened:
        yield opened


@pytest.fixture(autouse=True)
def from_the_end(request):
    """Bring the shared page back to how it opens."""
    if "page" in request.fixturenames:
        page = request.getfixturevalue("page")
        page.page.mouse.move(1, 1)
        page.ask(
            """() => {
                const { page } = window.ravine;
                const first = { start: page.descents.best, language: 'en', theme: 'light' };
                const isOther = Object.keys(first).some((key) => page[key] !== first[key]);
                page.goTo(0);
                Object.assign(page, first, { probe: null, index: page.descents.starts[first.start].step.length - 1 });
                document.activeElement.blur();
                if (isOther) page.draw();
                else page.refresh();
                window.scrollTo(0, 0);
            }"""
        )
        page.settle()


def index_of(page):
    return page.ask(_INDEX)


@contextmanager
def a_clock_of_its_own(page):
    """Let time pass in a page only when it is told to: by how much it plays on doesn't depend on the machine then."""
    page.page.clock.install(time=0)
    page.page.clock.pause_at(1000)
    yield page.page.clock
    page.page.clock.resume()


# -- steps


@_IN_SPACE
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
    page.reads("#values", f"{loss:.6g}".rstrip("0"))
    page.until(lambda: page.text("#where"), f"Step {index}")


def test_play_goes_on_pause_stops_and_the_end_too(curve):
    label = "() => document.getElementById('play').getAttribute('aria-label')"
    curve.go(200)
    with a_clock_of_its_own(curve) as clock:
        play = curve.page.locator("#play")
        play.click()
        curve.sees(label, "Pause")
        assert index_of(curve) == 0
        clock.run_for(1000)
        assert index_of(curve) == pytest.approx(200 / 8, abs=1)  # all of a path takes eight seconds
        play.click()
        curve.sees(label, "Play")
        stopped = index_of(curve)
        clock.run_for(1000)
        assert index_of(curve) == stopped
        curve.page.locator("#speed").select_option("4")
        play.click()
        clock.run_for(1000)
        assert index_of(curve) == pytest.approx(stopped + 4 * 200 / 8, abs=4)
        clock.run_for(2000)
        assert index_of(curve) == 200
        curve.sees(label, "Play")
        curve.page.locator("#speed").select_option("1")


def test_the_space_bar_plays_and_pauses(curve):
    curve.go(200)
    curve.ask("() => document.activeElement.blur()")
    with a_clock_of_its_own(curve) as clock:
        curve.page.keyboard.press("Space")
        clock.run_for(500)
        assert curve.ask("() => window.ravine.page.isPlaying && window.ravine.page.index > 1")
        curve.page.keyboard.press("Space")
        curve.sees("() => window.ravine.page.isPlaying", False)


def test_the_slider_scrubs_by_mouse(page):
    slider = page.page.locator("#step")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + box["height"] / 2)
    page.settle()
    page.until(lambda: 70 < index_of(page) < 130, what="the step under the pointer")
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + box["height"] / 2, steps=4)
    page.page.mouse.up()
    page.settle()
    page.until(lambda: 180 < index_of(page) < 220, what="the step under the pointer")


def test_keys_step_and_jump(page):
    keys = page.page.keyboard
    for key, index in (("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 400)):
        keys.press(key)
        page.settle()
        page.sees(_INDEX, index)


@_ON_BOTH
def test_the_slider_takes_keys(page):
    page.page.locator("#step").focus()
    page.page.keyboard.press("Home")
    page.page.keyboard.press("ArrowRight")
    page.settle()
    page.sees(_INDEX, 1)
    page.until(lambda: page.page.locator("#step").get_attribute("aria-valuetext"), "Step 1")


@pytest.mark.parametrize(("button", "index"), [("first", 0), ("back", 199), ("on", 201), ("last", 400)])
def test_buttons_step_and_jump(page, button, index):
    page.go(200)
    page.page.locator(f"#{button}").click()
    page.settle()
    page.sees(_INDEX, index)


def test_a_click_on_a_history_goes_to_that_step(page):
    x, _ = page.spot("history", (100, 0))
    box = page.page.locator(".panel.history .plot").first.bounding_box()
    page.page.mouse.click(x, box["y"] + 0.5 * box["height"])
    page.settle()
    page.until(lambda: abs(index_of(page) - 100) <= 2, what="the step under the pointer")


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
    page.sees(_INDEX, 400)
    page.page.keyboard.press("Escape")
    page.settle()
    page.sees("() => window.ravine.page.probe", None)


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
    page.sees("() => window.ravine.page.start", 0)
    page.until(lambda: page.page.locator("#start").input_value(), "0")


# -- words and looks


def test_the_page_speaks_chinese_and_english(page):
    page.page.locator("#language").click()
    page.sees("() => document.documentElement.lang", "zh-Hans")
    page.reads("main", "俯瞰损失")
    page.reads("main", "数据与拟合")
    page.until(lambda: page.page.locator("#play").get_attribute("aria-label"), "播放")
    page.until(lambda: page.text("#where"), "步数 400")
    page.page.locator("#language").click()
    page.reads("main", "Loss from above")


def test_the_theme_changes_everywhere(page):
    ground = "() => getComputedStyle(document.body).backgroundColor"
    paper = "() => document.querySelector('.panel.history .plot')._fullLayout.paper_bgcolor"
    page.sees(paper, "#FFFFFF")
    light = page.ask(ground)
    page.page.locator("#theme").click()
    page.sees(paper, "#161E2C")
    page.until(lambda: page.ask(ground) != light, what="another ground")


def test_the_theme_of_the_system_comes_first(visit, small):
    with visit(small, color_scheme="dark") as page:
        page.sees("() => document.documentElement.dataset.theme", "dark")


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


@_IN_SPACE_ON_BOTH
def test_controls_have_names(page):
    unnamed = page.ask(
        """() => [...document.querySelectorAll('button, select, input, [role=application], [role=img]')]
            .filter((each) => !each.getAttribute('aria-label') && !each.textContent.trim() && !each.closest('label'))
            .filter((each) => each.closest('.js-plotly-plot') === null || each.classList.contains('plot'))
            .map((each) => each.outerHTML.slice(0, 80))"""
    )
    assert unnamed == []


@_IN_SPACE_ON_BOTH
def test_nothing_is_wider_than_the_screen(page):
    page.sees("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_without_webgl_the_page_says_so_in_place_of_the_surface(page):
    page.reads(".panel.space .plot", "This browser can't draw in 3-D")
    assert page.page.locator(".panel.space canvas").count() == 0


def test_print_hides_the_controls_and_is_light(page):
    page.page.emulate_media(media="print")
    page.until(lambda: page.page.locator("#player").is_visible(), False)
    assert page.page.locator(".report").is_visible()
    page.page.emulate_media(media="screen")
    page.page.locator("#theme").click()
    theme = "() => document.documentElement.dataset.theme"
    page.sees(theme, "dark")
    page.ask("() => window.dispatchEvent(new Event('beforeprint'))")
    page.sees(theme, "light")
    page.ask("() => window.dispatchEvent(new Event('afterprint'))")
    page.sees(theme, "dark")


# -- other results


def test_planes_of_a_fit_can_be_chosen(visit, cubic_fit, folder):
    with visit(rv.export(cubic_fit, folder / "fit.html", pair=("c", "b")), space=False) as page:
        assert page.page.locator("#plane option").all_inner_texts()[0] == "c, b"
        page.page.locator("#plane").select_option("1")
        page.settle()
        page.until(page.page.locator(".panel.plane:not([hidden])").count, 1)
        place = page.overlay("plane", 2)
        names = page.page.locator("#plane option").all_inner_texts()[1].split(", ")
        end = cubic_fit.run.params
        np.testing.assert_allclose([place["x"][0], place["y"][0]], [end[name] for name in names], rtol=1e-4)
        page.reads(".headline", "Converged")


def test_one_parameter_gets_a_curve(curve, parabola):
    curve.go(100)
    place = curve.overlay("line", 1)
    np.testing.assert_allclose(place["x"], parabola.at(100)["x"], rtol=1e-5)
    curve.page.mouse.move(*curve.spot("line", (20.0, 900.0)))
    curve.settle()
    assert curve.ask("() => window.ravine.page.probe.loss") == pytest.approx(900, rel=0.05)


# One parameter from here on: surfaces take browsers without a graphics card very long.


def test_a_diverged_run_still_makes_a_page(visit, line, folder):
    run = rv.descend(rv.Problem("y = a*x", line.table), {"a": 5}, "sgd", learning_rate=20, steps=400)
    assert run.status in (rv.Status.diverged, rv.Status.not_finite)
    with visit(rv.export(run, folder / "diverged.html")) as page:
        for index in (0, 3, len(run.dataset["step"]) - 1):
            page.go(index)
        page.reads("#status", "smaller learning rate")


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
        page.reads("body", "The model is a Python function")
        page.go(3)
        page.page.mouse.move(*page.spot("line", (run.at(-1)["a"], run.loss)))
        page.settle()


def _opaque(x, a):
    """Return a line, written so that only TensorFlow can calculate it."""
    import tensorflow as tf

    return tf.reduce_sum(tf.stack([a * x, tf.ones_like(x)]), axis=0)
