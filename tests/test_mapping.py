"""Mapping: every start ends where its descent ends, and every known minimum is found."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ravine as rv
from ravine import compilation, endings
from ravine.basins import NOT_COMPUTED, NOT_CONVERGED
from ravine.errors import ProblemError
from ravine.steps import Steps

_FUNCTIONS = {
    each["name"]: each
    for each in json.loads((Path(__file__).parent / "data" / "functions.json").read_text())["functions"]
}
_RATES = {
    "himmelblau": 0.01,
    "six_hump_camel": 0.01,
    "three_hump_camel": 0.002,
    "styblinski_tang": 0.01,
    "branin": 0.01,
    "goldstein_price": 1e-5,
}


def _map(name, rate, resolution, **more):
    function = _FUNCTIONS[name]
    return rv.map_basins(function["formula"], _box(function), resolution, learning_rate=rate, **more)


def _box(function):
    return {name: tuple(side) for name, side in function["box"].items()}


def _places(basins, names):
    return np.array([[each.params[name] for name in names] for each in basins.minima]).reshape(-1, len(names))


@pytest.fixture(scope="module")
def himmelblau():
    return _map("himmelblau", 0.01, 32)


# -- minima ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", _RATES)
def test_every_known_minimum_inside_the_box_is_found(name):
    function = _FUNCTIONS[name]
    basins = _map(name, _RATES[name], 16, steps=2500)
    found = _places(basins, function["variables"])
    for known in function["global_minima"] + function["local_minima"]:
        place = np.array([known[variable] for variable in function["variables"]])
        nearest = int(np.argmin(np.abs(found - place).max(1)))
        np.testing.assert_allclose(found[nearest], place, rtol=1e-6, atol=1e-6)
        assert basins.minima[nearest].loss == pytest.approx(known["f"], rel=1e-9, abs=1e-9)
        assert basins.minima[nearest].kind == "minimum"


def test_shares_are_those_of_the_pixels_and_the_lowest_loss_is_first(himmelblau):
    shares = [float(np.mean(himmelblau.ending == index)) for index in range(len(himmelblau.minima))]
    assert shares == pytest.approx([each.share for each in himmelblau.minima])
    assert sum(shares) + himmelblau.not_converged == pytest.approx(1)
    basins = _map("styblinski_tang", 0.01, 16)
    assert [each.loss for each in basins.minima] == sorted(each.loss for each in basins.minima)


def test_mirrored_minima_are_places_of_their_own_with_equal_loss():
    basins = rv.map_basins("(x**2 - 1)**2 + (y**2 - 1)**2", {"x": (-2, 2), "y": (-2, 2)}, 20, learning_rate=0.02)
    places = sorted(tuple(round(value, 9) for value in each.params.values()) for each in basins.minima)
    assert places == [(-1, -1), (-1, 1), (1, -1), (1, 1)]
    assert [each.share for each in basins.minima] == [0.25] * 4
    assert max(each.loss for each in basins.minima) < 1e-30  # (2·δ)² for δ a unit in the last place of 1


@pytest.mark.parametrize("stop", [None, rv.Stop(gradient=0.01)])
def test_each_pixel_ends_where_a_descent_from_it_ends(two_layer, alike, stop):
    """A tile is another program: half a unit a step is allowed, as in tests/test_endings.py, which says why.

    Of the two rules the map's own one lets none of these arrive within 60 steps, the other one some.
    """
    basins = rv.map_basins(two_layer, {"a": (-2, 7), "b": (-2, 7)}, 16, learning_rate=0.1, steps=60, stop=stop)
    chosen = np.random.default_rng(3).choice(basins.ending.size, 40, replace=False)
    starts = [dict(zip(basins.names, row.tolist(), strict=True)) for row in basins.starts[chosen]]
    run = rv.descend(two_layer, starts, learning_rate=0.1, steps=60, stop=rv.Stop(None, None, None))
    last = basins.dataset["steps_taken"].values.ravel()[chosen]
    ends = basins.dataset["params"].values.reshape(-1, 2)[chosen]
    alike(ends, run.dataset["params"].values[np.arange(40), last], 0.5, steps=60)
    rule, slope = basins.settings["stop"]["gradient"], np.abs(run.dataset["gradient"].values).max(axis=2)
    near = 0.5 * 60 * np.finfo("float32").eps * (slope.max() + 1)
    arrived = [list(rv.Status)[code] == "converged" for code in basins.dataset["status"].values.ravel()[chosen]]
    assert any(arrived) == (stop is not None)
    for way, step, has_arrived in zip(slope, last, arrived, strict=True):
        assert (way[:step] > rule - near).all()
        assert way[step] <= rule + near if has_arrived else step == 60


def test_the_map_tells_which_of_the_lessons_starts_arrive(two_layer):
    basins = rv.map_basins(two_layer, {"a": (-2, 7), "b": (-2, 7)}, 64, learning_rate=0.1)
    assert basins.at({"a": 2, "b": 4.5}) == 0
    assert basins.minima[0].params == pytest.approx({"a": 1.2, "b": 2.5}, abs=0.02)
    trapped = basins.minima[basins.at({"a": 5, "b": 1})]
    assert trapped.loss > 50 * basins.minima[0].loss
    assert trapped.kind == "minimum"


# -- other endings --------------------------------------------------------------------------------------------


def test_what_diverges_and_what_runs_out_of_steps_is_kept_apart():
    basins = rv.map_basins("x**4", {"x": (-4, 4)}, 100, learning_rate=0.1, steps=50)
    runs = [abs(x) > np.sqrt(5) for x in basins.dataset["x"].values]  # x ← x·(1 − 0.4·x²) leaves beyond √5
    assert basins.diverged + basins.not_finite == pytest.approx(np.mean(runs))
    assert rv.map_basins("x", {"x": (0, 1)}, 5).not_converged == 1


def test_when_all_diverge_there_is_no_minimum_but_a_warning():
    basins = rv.map_basins("x**2 + y**2", {"x": (1, 2), "y": (1, 2)}, 8, learning_rate=5.0)
    assert (basins.minima, basins.diverged) == ((), 1.0)
    assert [note.code for note in basins.warnings] == ["no-minimum"]
    assert "smaller learning rate" in basins.warnings[0].text


def test_where_nothing_is_defined_nothing_is_finite():
    basins = rv.map_basins("log(x)", {"x": (-2, -1)}, 6)
    assert (basins.not_finite, basins.minima) == (1.0, ())


def test_a_plain_is_one_flat_place():
    basins = rv.map_basins("0*x + 3", {"x": (-2, 2)}, 64)
    assert [(each.kind, each.loss, each.share) for each in basins.minima] == [("flat", 3.0, 1.0)]


def test_a_valley_is_one_flat_place_however_its_endings_scatter():
    basins = rv.map_basins("(x*y - 1)**2", {"x": (-2, 2), "y": (-2, 2)}, 31, learning_rate=0.05)
    flat = [each for each in basins.minima if each.kind == "flat"]
    assert len(flat) == 2
    assert all(each.params["x"] * each.params["y"] == pytest.approx(1) for each in flat)


def test_valleys_with_ridges_between_them_stay_apart():
    basins = rv.map_basins("sin(x)**2 + 0*y", {"x": (-8, 8), "y": (-2, 2)}, 32, learning_rate=0.2)
    assert sorted(round(each.params["x"] / np.pi, 6) for each in basins.minima) == [-2, -1, 0, 1, 2]
    assert {each.kind for each in basins.minima} == {"flat"}


def test_starts_on_a_ridge_end_on_its_saddle():
    basins = rv.map_basins("x**2 - y**2 + y**4", {"x": (-2, 2), "y": (-1, 1)}, 15, learning_rate=0.05)
    saddle = next(each for each in basins.minima if each.kind == "saddle")
    assert (saddle.params, saddle.share) == ({"x": 0.0, "y": 0.0}, 1 / 15)


def test_descents_that_linger_at_a_saddle_have_not_arrived():
    basins = rv.map_basins("x**2 - y**2 + y**4", {"x": (-1, 1), "y": (-1e-3, 1e-3)}, 2, learning_rate=0.05, steps=20)
    assert (basins.not_converged, basins.minima) == (1.0, ())


def test_a_kink_is_a_minimum():
    basins = rv.map_basins("abs(x - 0.3)", {"x": (-1, 1)}, 16, learning_rate=1e-3, steps=2000)
    assert [each.kind for each in basins.minima] == ["minimum"]
    assert basins.minima[0].params["x"] == pytest.approx(0.3, abs=1e-3)


def test_a_minimum_may_lie_on_a_bound():
    problem = rv.Problem("(x + 1)**2 + y**2", bounds={"x": (0, None)})
    (only,) = rv.map_basins(problem, {"x": (0, 2), "y": (-1, 1)}, 8, learning_rate=0.1).minima
    assert (only.params, only.loss, only.kind) == ({"x": 0.0, "y": 0.0}, 1.0, "minimum")


# -- boxes ----------------------------------------------------------------------------------------------------


def test_a_strip_over_one_parameter_finds_both_minima_of_forrester():
    function = _FUNCTIONS["forrester"]
    basins = _map("forrester", 1e-3, 200, steps=2000)
    assert basins.is_strip
    assert basins.ending.shape == (200,)
    found = _places(basins, ["x"]).ravel()
    for known in function["global_minima"] + function["local_minima"]:
        assert np.abs(found - known["x"]).min() < 1e-6


def test_more_than_two_parameters_start_at_random():
    formula = "(a**2 - 1)**2 + (b - 1)**2 + (c**2 - 1)**2"
    basins = rv.map_basins(formula, dict.fromkeys("abc", (-2, 2)), starts=300, seed=4, learning_rate=0.02)
    assert (basins.ending.shape, basins.starts.shape) == ((300,), (300, 3))
    places = sorted(tuple(round(value, 8) for value in each.params.values()) for each in basins.minima)
    assert places == [(-1, 1, -1), (-1, 1, 1), (1, 1, -1), (1, 1, 1)]
    signs = np.sign(basins.starts[:, [0, 2]])
    ends = np.sign([[basins.minima[index].params[name] for name in "ac"] for index in basins.ending])
    assert np.array_equal(signs, ends)


def test_parameters_outside_the_box_are_held():
    basins = rv.map_basins("(a - c)**2 + (b - d)**2 + c**2", {"b": (-2, 2), "a": (0, 4)}, (6, 4), learning_rate=0.1,
                           held={"c": 1.5, "d": -0.5})  # fmt: skip
    (only,) = basins.minima
    assert only.params == pytest.approx({"a": 1.5, "b": -0.5, "c": 1.5, "d": -0.5}, abs=1e-9)
    assert (basins.names, basins.held, basins.ending.shape) == (("b", "a"), {"c": 1.5, "d": -0.5}, (4, 6))
    assert np.allclose(basins.dataset["params"].values[..., 0], -0.5, atol=1e-3)


def test_a_callable_that_tensorflow_must_call_is_mapped_too():
    def model(w, b=0.5):
        import tensorflow as tf

        return tf.reduce_sum((w - tf.constant([1.0, 2.0], w.dtype)) ** 2) + b**2

    problem = rv.Problem(model).declare({"w": (2,)})
    basins = rv.map_basins(problem, {"w[0]": (-2, 2), "b": (-1, 1)}, 4, learning_rate=0.1, held={"w[1]": 3})
    (only,) = basins.minima
    assert only.params == pytest.approx({"w[0]": 1, "w[1]": 3, "b": 0}, abs=1e-9)
    assert only.loss == pytest.approx(1)


@pytest.mark.parametrize("resolution", [1, (1, 3), (3, 1)])
def test_the_smallest_maps(resolution):
    basins = rv.map_basins("x**2 + y**2", {"x": (-1, 2), "y": (-1, 2)}, resolution, learning_rate=0.1)
    columns, rows = (1, 1) if resolution == 1 else resolution
    assert basins.ending.tolist() == [[0] * columns] * rows
    assert basins.dataset["x"].values[columns // 2] == 0.5  # the middle of the box


@pytest.mark.parametrize("optimizer", ["adam", "sgd(clipnorm=100)", "bfgs", "nelder-mead"])
def test_other_optimizers(optimizer):
    rate: dict[str, Any] = {"learning_rate": 0.02} if optimizer in ("adam", "sgd(clipnorm=100)") else {}
    basins = rv.map_basins("(x**2 - 1)**2 + y**2", {"x": (-2, 2), "y": (-1, 1)}, 4, optimizer, steps=300, **rate)
    assert {round(each.params["x"], 6) for each in basins.minima} <= {-1, 1}
    assert len(basins.minima) == 2


def _traces():
    """Return how often each compiled loop and function was traced."""
    kept = [thing for things in compilation._kept.values() for thing in things]
    loops = [thing.traces for thing in kept if isinstance(thing, Steps)]
    return loops + [thing.experimental_get_tracing_count() for thing in kept if hasattr(thing, "get_concrete_function")]


def test_a_second_map_with_another_box_data_and_rate_compiles_nothing():
    def once(seed, box, rate):
        random = np.random.default_rng(seed)
        data = {"x": random.standard_normal(21), "y": random.standard_normal(21)}
        return rv.map_basins(rv.Problem("y = sin(g*cos(h*x))", data), box, 24, learning_rate=rate, steps=300)

    compilation._kept.clear()
    once(0, {"g": (-2, 2), "h": (-2, 2)}, 0.1)
    before = _traces()
    once(1, {"g": (0, 3), "h": (-1, 5)}, 0.3)
    assert _traces() == before
    assert set(before) == {1}


# -- interrupted and resumed ----------------------------------------------------------------------------------


@pytest.fixture
def interrupted(monkeypatch):
    """Return a function that maps with small blocks and presses Ctrl-C before the last of these many."""

    def make(blocks, *words, **more):
        monkeypatch.setattr("ravine.mapping._TILES", 1)
        monkeypatch.setattr(endings, "_TILE", 64)
        monkeypatch.setattr(endings, "_NARROWEST", 64)
        count, whole = [0], endings.find

        def find(*given, **named):
            count[0] += 1
            if count[0] == blocks:
                raise KeyboardInterrupt
            return whole(*given, **named)

        with monkeypatch.context() as patch:
            patch.setattr("ravine.mapping.endings.find", find)
            return rv.map_basins(*words, **more)

    return make


_ASKED = ("(x**2 - 1)**2 + y**2", {"x": (-2, 2), "y": (-1, 1)}, (24, 16))


def test_ctrl_c_leaves_a_part_that_shows_the_whole(interrupted):
    part = interrupted(4, *_ASKED, learning_rate=0.02)
    assert part.computed == pytest.approx(3 / 6)
    assert [note.code for note in part.warnings] == ["partial"]
    done = part.ending != NOT_COMPUTED
    quarters = [done[:8, :12], done[:8, 12:], done[8:, :12], done[8:, 12:]]
    assert [quarter.mean() for quarter in quarters] == [0.5] * 4
    assert [each.share for each in part.minima] == [0.5, 0.5]


@pytest.mark.parametrize("blocks", [1, 3, 6])
def test_a_part_goes_on_from_its_file_and_equals_the_whole(interrupted, tmp_path, blocks):
    # In blocks of the same size: tiles of another width would be another program, and agree to rounding only.
    whole = interrupted(99, *_ASKED, learning_rate=0.02)
    part = interrupted(blocks, *_ASKED, learning_rate=0.02)
    path = rv.save(part, tmp_path / "map.nc")
    for resumed in (rv.map_basins(resume=path), rv.map_basins(*_ASKED, learning_rate=0.02, resume=part)):
        assert resumed.dataset.equals(whole.dataset)
        assert resumed.minima == whole.minima
        assert resumed.warnings == ()


def test_a_map_that_is_whole_computes_nothing_more(himmelblau, monkeypatch):
    monkeypatch.setattr("ravine.mapping.endings.find", None)
    assert rv.map_basins(resume=himmelblau).minima == himmelblau.minima


def test_a_map_goes_on_only_as_it_began(interrupted, refuses):
    part = interrupted(2, *_ASKED, learning_rate=0.02)
    with refuses(ProblemError, "resume", "learning_rate", "0.02", "0.03"):
        rv.map_basins(*_ASKED, learning_rate=0.03, resume=part)
    with refuses(ProblemError, "resume", "formula"):
        rv.map_basins("(x**2 - 1)**2 + 2*y**2", *_ASKED[1:], learning_rate=0.02, resume=part)
    with refuses(ProblemError, "resume", "box"):
        rv.map_basins(_ASKED[0], {"x": (-2, 2), "y": (-1, 2)}, (24, 16), learning_rate=0.02, resume=part)


def test_a_map_goes_on_with_the_same_data_only(interrupted, refuses):
    data = {"x": [0.0, 1, 2], "y": [1.0, 3, 5]}
    part = interrupted(1, rv.Problem("y = a*x + b", data), {"a": (0, 3), "b": (0, 3)}, 8, learning_rate=0.1)
    with refuses(ProblemError, "resume", "data"):
        other = rv.Problem("y = a*x + b", {**data, "y": [1.0, 3, 6]})
        rv.map_basins(other, {"a": (0, 3), "b": (0, 3)}, 8, learning_rate=0.1, resume=part)


def test_only_a_map_can_be_resumed(tmp_path, refuses):
    path = rv.save(rv.descend("x**2", {"x": 1}, steps=1), tmp_path / "run.nc")
    with refuses(ProblemError, "run.nc", "Run"):
        rv.map_basins(resume=path)


# -- refused --------------------------------------------------------------------------------------------------

_BOX = {"x": (-1, 1), "y": (-1, 1)}


@pytest.mark.parametrize(
    ("words", "more", "fragments"),
    [
        ((), {}, ["problem and a box"]),
        (("x**2 + y**2",), {}, ["box", "got None"]),
        (("x**2 + y**2", {}), {}, ["box", "{}"]),
        (("x**2 + y**2", {"x": (1, 1), "y": (0, 1)}), {}, ["box", "low < high", "'x'", "(1, 1)"]),
        (("x**2 + y**2", {"x": (2, 1), "y": (0, 1)}), {}, ["box", "low < high", "'x'"]),
        (("x**2 + y**2", {"x": (0, np.inf), "y": (0, 1)}), {}, ["box", "inf"]),
        (("x**2 + y**2", {"x": (0, 1), "z": (0, 1)}), {}, ["box", "x, y", "'z'"]),
        (("x**2 + y**2", {"x": (0, 1)}), {}, ["held", "none for y"]),
        (("x**2 + y**2", {"x": (0, 1)}), {"held": {"y": np.nan}}, ["held", "nan", "'y'"]),
        (("x**2 + y**2", {"x": (0, 1)}), {"held": {"y": 1, "q": 1}}, ["held", "'q'"]),
        (("x**2 + y**2", _BOX), {"held": {"y": 1}}, ["held", "'y'", "box"]),
        (("x**2 + y**2", _BOX), {"resolution": 0}, ["resolution", "got 0"]),
        (("x**2 + y**2", _BOX), {"resolution": (3, 4, 5)}, ["resolution", "(3, 4, 5)"]),
        (("x**2 + y**2", _BOX), {"resolution": 2.5}, ["resolution", "2.5"]),
        (("x**2 + y**2", _BOX), {"learning_rate": np.nan}, ["learning_rate", "nan"]),
        (("x**2 + y**2", _BOX), {"learning_rate": [0.1, 0.2]}, ["learning_rate", "2"]),
        (("x**2 + y**2", _BOX), {"tolerance": 0}, ["tolerance", "got 0"]),
        (("x**2 + y**2", _BOX), {"steps": -1}, ["steps", "-1"]),
        (("x**2 + y**2", _BOX), {"dtype": "float16"}, ["dtype", "float16"]),
        (("x**2 + y**2", _BOX), {"starts": 0}, ["starts", "0"]),
        (("x**2 + y**2", {"x": (0, 1e300), "y": (0, 1)}), {}, ["box", "float64"]),
        ((rv.Problem("x**2", bounds={"x": (0, 1)}), {"x": (-1, 1)}), {}, ["box", "bounds", "[0, 1]"]),
        (("x**2", {"x": (0, 1)}), {"optimizer": "adm"}, ["optimizer", "adam"]),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(words, more, fragments, refuses):
    with refuses(ProblemError, *fragments):
        rv.map_basins(*words, **more)


def test_zero_steps_leave_every_start_where_it_is():
    basins = rv.map_basins("(x - 7)**2", {"x": (-1, 1)}, 4, steps=0)
    assert set(basins.ending.tolist()) == {NOT_CONVERGED}
    assert np.array_equal(basins.dataset["params"].values.ravel(), basins.starts.ravel())
