"""Pages of races, basins and sweeps in a browser; each step taken apart; a page inside a notebook."""

import html
import json
import re

import numpy as np
import pytest

import ravine as rv
from ravine.ledger import Ledger
from ravine.raced import Entrant
from ravine.view.page.packing import packed
from ravine.view.page.updates import machine_of


@pytest.fixture(scope="module")
def race(three, two_layer, three_starts):
    """Return a race of two from the lesson's starts."""
    other = rv.descend(two_layer, three_starts, "bfgs", steps=60)
    entrants = (Entrant("sgd", three, three), Entrant("bfgs", other, other))
    return rv.Race(two_layer, entrants, {"rates": [0.1], "steps": 400, "dtype": "float64"})


@pytest.fixture(scope="module")
def raced(visit, race, folder):
    with visit(rv.export(race, folder / "race.html")) as opened:
        yield opened


# -- a race


def test_every_optimizer_of_a_race_has_a_marker_in_all_panels(raced, race):
    raced.go(20)
    start = raced.ask("() => window.ravine.page.start")
    for order, entrant in enumerate(race.entrants):
        run = entrant.best
        record = min(20, run.recorded(start) - 1)
        at = list(run.at(record, start).values())
        place, curve = raced.overlay("plane", 3 * order + 2), raced.overlay("data", order)
        np.testing.assert_allclose([place["x"][0], place["y"][0]], at, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(curve["y"], np.sin(at[1] * np.cos(at[0] * np.array(curve["x"]))), atol=1e-4)
        assert raced.overlay("history", order)["x"] == [pytest.approx(record)]
    for name in race.names:
        raced.reads("#values", name)
    assert len(raced.dots("space")) == 0  # those are Plotly's own
    assert len(raced.dots("plane")) == len(race.entrants)


def test_another_start_of_a_race_brings_its_own_panels(raced, race):
    raced.page.locator("#start").select_option("1")
    raced.settle()
    raced.go(0)
    place = raced.overlay("plane", 2)
    np.testing.assert_allclose([place["x"][0], place["y"][0]], list(race.entrants[0].best.at(0, 1).values()), rtol=1e-6)
    shown = "({ page }) => page.pictures.filter((each) => each.start === 1 && page.isShown(each)).length"
    raced.sees(f"() => ({shown})(window.ravine)", 3)


def test_a_pointer_over_a_race_asks_for_that_place(raced):
    raced.page.mouse.move(*raced.spot("plane", (2.0, 3.0)))
    raced.settle()
    asked = raced.ask("() => window.ravine.page.probe.params")
    assert asked == {"a": pytest.approx(2.0, abs=0.1), "b": pytest.approx(3.0, abs=0.1)}


def test_pictures_are_printed_as_wide_as_their_panels(raced):
    wide = """() => [...document.querySelectorAll('.panel:not([hidden]) .main-svg')].map((each) => (
        each.getBoundingClientRect().width / each.closest('.plot').getBoundingClientRect().width))"""
    raced.ask("() => window.dispatchEvent(new Event('beforeprint'))")
    try:
        raced.sees("() => document.body.clientWidth", 700)
        raced.until(lambda: _are_one(raced.ask(wide)), what="pictures as wide as their panels")
        raced.until(raced.page.locator("canvas.copy").count, 1)
    finally:
        raced.ask("() => window.dispatchEvent(new Event('afterprint'))")
    raced.settle()
    raced.until(raced.page.locator("canvas.copy").count, 0)
    raced.until(lambda: _are_one(raced.ask(wide)), what="pictures as wide as their panels")


def _are_one(shares):
    assert shares and shares == [pytest.approx(1, abs=0.02)] * len(shares)
    return True


# -- basins and sweeps


def test_a_pointer_over_a_map_tells_minimum_and_steps(visit, folder):
    wells = "(x**2 - 1)**2 + (y**2 - 1)**2 + 0.1*x"
    found = rv.map_basins(wells, {"x": (-2, 2), "y": (-2, 2)}, 16, learning_rate=0.02)
    with visit(rv.export(found, folder / "basins.html"), "phone") as page:
        x, y = found.dataset["x"].values[1], found.dataset["y"].values[14]
        page.page.mouse.move(*page.spot("map", (x, y)))
        told = "() => document.querySelector('.panel.map .hovertext')?.textContent.includes('minimum: {}')"
        page.sees(told.replace("{}", str(found.ending[14, 1] + 1)))
        said = page.ask("() => document.querySelector('.panel.map .hovertext').textContent")
        assert f"steps: {found.dataset['steps_taken'].values[14, 1]}" in said
        page.page.locator("#language").click()
        page.reads(".cells", "编号")
        page.sees("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_sweep_shows_losses_and_endings(visit, folder):
    found = rv.sweep("(x - 2)**2", [0.1, 0.5, 1.5], start={"x": 6}, steps=20)
    with visit(rv.export(found, folder / "sweep.html"), "phone") as page:
        page.until(page.page.locator(".panel.still .js-plotly-plot").count, 2)
        assert not page.page.locator("#player").is_visible()
        page.reads(".cells", "0.5")
        page.page.locator("#language").click()
        page.reads("main", "起点的结局")


# -- a step taken apart

_CONFIGS = {
    "sgd": ("SGD", {"momentum": 0.0}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True, "clipnorm": 0.5}),
    "rmsprop": ("RMSprop", {"rho": 0.9, "momentum": 0.5, "epsilon": 1e-7, "centered": True, "clipvalue": 0.3}),
    "adagrad": ("Adagrad", {"epsilon": 1e-7, "initial_accumulator_value": 0.1}),
    "adadelta": ("Adadelta", {"rho": 0.95, "epsilon": 1e-7}),
    "adamw": ("AdamW", {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": True, "weight_decay": 0.004}),
    "nadam": ("Nadam", {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "global_clipnorm": 1.0}),
    "adamax": ("Adamax", {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "use_ema": True, "ema_momentum": 0.9}),
    "lion": ("Lion", {"beta_1": 0.9, "beta_2": 0.99}),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", _CONFIGS)
def test_the_page_computes_what_explain_does(raced, name, dtype):
    kind, config = _CONFIGS[name]
    limits = (np.array([-1.0, -1.0, -1.0]), np.array([1.0, 1.0, 1.0])) if name == "sgd" else None
    ledger = Ledger(kind, config, [(), (2,)], dtype, limits)
    machine = machine_of(ledger)
    params, gradients = [np.array([0.9, -0.5, 0.25], dtype)], np.random.default_rng(1).normal(size=(5, 3)).astype(dtype)
    for gradient in gradients:
        entries = ledger.update(params[-1], gradient, 0.1)
        params.append(next(entry.value for entry in entries[::-1] if entry.line.symbol == "theta"))
    descent = {"step": np.arange(6.0), "rate": np.full(6, 0.1, dtype).astype(float)}
    descent |= {"params": np.array(params, float).T.copy(), "gradient": gradients.astype(float).T.copy()}
    found = raced.ask(
        """([machine, descent]) => {
            const { linesOf, unpacked, withNumbers } = window.ravine;
            const lines = linesOf(unpacked(machine), unpacked(descent), 5);
            return lines.map((each) => [each.line.formula, each.value, withNumbers(each, 1)]);
        }""",
        json.loads(json.dumps([packed({**machine, "dtype": dtype}), packed(descent)])),
    )
    assert [formula for formula, *_ in found] == [entry.formula for entry in entries]
    for (_, value, text), entry in zip(found, entries, strict=True):
        np.testing.assert_allclose(value, entry.value, rtol=1e-5, atol=1e-9)
        assert _signs(text) == _signs(entry.with_numbers(1))


def _signs(text):
    """Return a line without its digits, of which the page shows seven."""
    return re.sub(r"\d[\d.]*(e−\d+)?", "#", text)


@pytest.fixture(scope="module")
def short():
    return rv.descend("(x - 2)**2", {"x": 6}, "sgd", learning_rate=0.25, steps=4)


def test_the_step_taken_apart_follows_the_marker(visit, short, folder):
    with visit(rv.export(short, folder / "apart.html")) as page:
        page.go(1)
        page.reads("#taken-apart", "6 − 8·0.25 = 4")
        page.reads("#taken-apart", "from step 0 to step 1")
        page.reads("#taken-apart", "predicted by the slope, −g·Δθ\t16")
        page.until(page.page.locator("#taken-apart math:visible").count)
        page.page.locator("#language").click()
        page.go(0)
        page.reads("#taken-apart", "这里是起点")


# -- a notebook


def test_a_page_lives_inside_a_notebook(visit_address, folder, short):
    inline = rv.show_page(short, height=700)
    host = folder / "notebook.html"
    host.write_text(f"<!DOCTYPE html><meta charset='utf-8'><title>n</title>{inline._repr_html_()}", encoding="utf-8")
    assert html.unescape(inline._repr_html_().split('srcdoc="')[1].split('" width')[0]) == inline.page
    with visit_address(host.as_uri()) as opened:
        frame = opened.page.frame_locator("iframe")
        opened.until(frame.locator(".panel.line .js-plotly-plot .above circle").count, what="the marker")
        frame.locator("#back").click()
        opened.until(frame.locator("#where").inner_text, "Step 3")
        assert opened.page.locator("iframe").bounding_box()["height"] >= 700
