"""Endings: thousands of starts in tiles, some leaving early, and each ends where a descent of its own does."""

from dataclasses import replace

import numpy as np
import pytest

import ravine as rv
from ravine import compilation, endings, optimizers
from ravine.run import Status
from ravine.settings import Settings, Stop

_NEVER = rv.Stop(None, None, None)
_UNITS = 0.5  # in the last place, for each step: see `_assert_alone`


def _settings(steps=120, *, dtype="float32", batch_size=None, **rules):
    return Settings(steps, batch_size, 0, dtype, 1, Stop(**rules), None)


def _starts(count, low=-2.0, high=7.0):
    return np.random.default_rng(0).uniform(low, high, (count, 2))


def _assert_alone(alike, problem, name, rate, rows, settings, found, *, every=1):
    """Each of these ends where a descent from its start alone first meets the rule, but for rounding.

    A tile is another program than a descent of one start. Each step rounds a parameter by half a unit, and its
    gradient, a mean over 200 points, by less than a unit, of which the rate takes a share; on the way into a valley
    these errors shrink. In NumPy, with four units of noise in every gradient, these descents end within 56 units
    after 120 steps; so half a unit a step is allowed. A step more or less is more than a hundred for all that move.
    """
    steps, rule = settings.steps, settings.stop.gradient
    for index in range(0, len(rows), every):
        start = dict(zip(problem.names, rows[index].tolist(), strict=True))
        run = rv.descend(problem, start, name, learning_rate=rate, steps=steps, dtype=settings.dtype, stop=_NEVER)
        way, last = run.dataset.isel(start=0), found.steps_taken[index]
        where = f"start {index}, step {last}"
        for part in ("params", "loss", "gradient"):
            size = np.abs(way["params"].values).max() if part == "params" else np.abs(way[part].values).max() + 1
            alike(getattr(found, part)[index], way[part].values[last], _UNITS, steps=steps, scale=size, where=where)
        # Rounding decides which step is the first below the rule only if a slope lies that near to it.
        slope = np.abs(way["gradient"].values.astype(float)).max(axis=1)
        near = _UNITS * steps * np.finfo(settings.dtype).eps * (slope.max() + 1)
        assert (slope[:last] > rule - near).all(), where
        arrived = endings.STATUSES[found.code[index]] is Status.converged
        assert slope[last] <= rule + near if arrived else (last, slope[last] > rule - near) == (steps, True), where


# RMSprop divides by the size of the last slopes, so that with its own tiny epsilon it never comes to rest: it jumps
# about the minimum, and rounding decides where to. With 0.04 (under the root) its steps become small there.
@pytest.mark.parametrize("name", ["sgd", "rmsprop(epsilon=0.04)", "lion"])
def test_each_start_ends_where_its_own_descent_does(two_layer, alike, name):
    rows, settings = _starts(1500), _settings(gradient=1e-3)
    method = optimizers.resolve(name, 0.05)
    found = endings.find(two_layer, method, rows, settings)
    assert {0, 1} <= set(found.code.tolist())  # some have left early, some have not arrived
    # Lion follows a sign. Of every 103rd start rounding turns none around: its sums stay far enough from zero.
    _assert_alone(alike, two_layer, name, 0.05, rows, settings, found, every=103)


def test_also_in_float64(line, alike):
    rows, settings = _starts(300), _settings(60, dtype="float64", gradient=1e-5)
    found = endings.find(line, optimizers.resolve("sgd", 0.3), rows, settings)
    assert found.params.dtype == np.float64
    _assert_alone(alike, line, "sgd", 0.3, rows, settings, found, every=61)


@pytest.mark.parametrize("count", [1, 2, 255, 257, 1025])
def test_any_number_of_starts(line, count):
    told = []
    rows = _starts(count)
    found = endings.find(line, optimizers.resolve("sgd", 0.3), rows, _settings(200), watch=told.append)
    assert sum(told) == count
    assert found.params.shape == (count, 2)
    assert (found.code == endings.STATUSES.index(Status.converged)).all()
    np.testing.assert_allclose(found.params, np.broadcast_to(found.params[0], (count, 2)), atol=1e-5)


def test_every_start_may_have_a_rate_of_its_own():
    # (x − 2)²: each step multiplies the distance by 1 − 2α
    problem = rv.Problem("(x - 2)**2")
    rates = np.linspace(0.05, 0.9, 700)
    settings = _settings(5, gradient=None, diverge=None)
    found = endings.find(problem, optimizers.resolve("sgd", None), np.full((700, 1), 3.0), settings, rates)
    np.testing.assert_allclose(found.params[:, 0], 2 + (1 - 2 * rates) ** 5, rtol=1e-5, atol=1e-6)


def test_the_diverged_and_the_not_finite_are_told_apart():
    problem = rv.Problem("x**4")
    settings = _settings(60, diverge=1e8)
    rows = np.array([[0.1], [3.0], [1e30]])
    found = endings.find(problem, optimizers.resolve("sgd", 0.4), rows, settings)
    assert [endings.STATUSES[code].value for code in found.code] == ["ran_out", "diverged", "not_finite"]


def test_bounds_hold_in_every_tile():
    problem = rv.Problem("(x - 2)**2 + y**2", bounds={"x": (None, 1)})
    found = endings.find(problem, optimizers.resolve("sgd", 0.2), _starts(900, -3, 1), _settings(200))
    np.testing.assert_allclose(found.params, np.broadcast_to([1.0, 0.0], (900, 2)), atol=1e-5)


@pytest.mark.parametrize("name", ["bfgs", "nelder-mead", "lamb"])
def test_methods_that_look_at_a_start_as_a_whole_go_one_by_one(name):
    problem = rv.Problem("(x - 2)**2 + (y + 1)**2")
    rows, told = _starts(5), []
    settings = _settings(40)
    found = endings.find(problem, optimizers.resolve(name, None), rows, settings, watch=told.append)
    assert told == [1] * 5
    for index, row in enumerate(rows):
        run = rv.descend(problem, dict(zip("xy", row.tolist(), strict=True)), name, steps=40)
        np.testing.assert_array_equal(found.params[index], run.dataset["params"].values[0, -1])


def test_mini_batches_see_the_same_points_as_in_a_descent(line):
    rows, settings = _starts(3), _settings(30, batch_size=20)
    found = endings.find(line, optimizers.resolve("sgd", 0.1), rows, settings)
    run = rv.descend(line, {"a": rows[1, 0], "b": rows[1, 1]}, learning_rate=0.1, steps=30, batch_size=20)
    np.testing.assert_array_equal(found.params[1], run.dataset["params"].values[0, -1])


def test_a_second_call_with_other_numbers_builds_nothing(two_layer):
    method = optimizers.resolve("sgd", 0.1)
    endings.find(two_layer, method, _starts(2048), _settings(40))

    x = np.linspace(0, 1, 200)
    other = rv.Problem("y = sin(b*cos(a*x))", {"x": x, "y": x**2})
    before = {key: len(kept) for key, kept in compilation._kept.items()}
    endings.find(other, optimizers.resolve("sgd", 0.02), _starts(2048, -1, 1), _settings(90))
    assert {key: len(kept) for key, kept in compilation._kept.items()} == before


def test_tiles_are_few_and_of_one_size(two_layer):
    assert endings.tile_size(two_layer, 512 * 512) == 4096
    assert endings.tile_size(two_layer, 4096) == 1024
    assert endings.tile_size(two_layer, 3) == 4
    assert endings.tile_size(rv.Problem("y = a*x", {"x": np.zeros(10**6), "y": np.zeros(10**6)}), 10**5) == 256


def test_ctrl_c_stops_them_all_where_one_comes_after_the_other(monkeypatch):
    from ravine import minimizers

    record, turns = minimizers.record, []

    def interrupted(*given):
        turns.append(given)
        return replace(record(*given), status=[Status.stopped], notes=())

    monkeypatch.setattr(minimizers, "record", interrupted)
    problem = rv.Problem("(x - 2)**2 + y**2")
    found = endings.find(problem, optimizers.resolve("bfgs", None), _starts(4), _settings(10))
    assert len(turns) == 1
    assert {endings.STATUSES[code] for code in found.code} == {Status.stopped}
