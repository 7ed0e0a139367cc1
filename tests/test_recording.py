"""Recording: what is kept of which start and step, and that one program serves many descents."""

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ravine as rv
from ravine import compilation, engine
from ravine.losses import Loss
from ravine.run import Status
from ravine.steps import Steps

_NEVER = rv.Stop(None, None, None)
_QUADRATIC = "(3*x**2 + 2*x*y + 2*y**2)/2"


def _params(run, start=0):
    return run.dataset["params"].values[start].astype(float)


# -- rows ----------------------------------------------------------------------------------------------------


@settings(max_examples=10, deadline=None)
@given(rows=st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=3, max_size=3), rate=st.floats(0.001, 0.1))
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_rows_do_not_influence_each_other(two_layer, optimizer, rows, rate):
    starts = [{"a": a, "b": b} for a, b in rows]
    given = {"learning_rate": rate, "steps": 15, "dtype": "float64", "stop": _NEVER}
    together = rv.descend(two_layer, starts, optimizer, **given)
    for index, start in enumerate(starts):
        alone = rv.descend(two_layer, start, optimizer, **given)
        np.testing.assert_allclose(_params(together, index), _params(alone), rtol=1e-7, atol=1e-9)


def test_a_row_that_becomes_nan_leaves_the_others_alone():
    run = rv.descend("log(x) + 1/x", [{"x": 2}, {"x": -1}, {"x": 3}], "adam", learning_rate=0.1, steps=20)
    assert run.statuses == (Status.ran_out, Status.not_finite, Status.ran_out)
    alone = rv.descend("log(x) + 1/x", {"x": 3}, "adam", learning_rate=0.1, steps=20)
    np.testing.assert_allclose(_params(run, 2), _params(alone), rtol=1e-6)


# -- recording ------------------------------------------------------------------------------------------------


def _kept(last, every):
    return np.unique(np.append(np.arange(0, last + 1, every), last))


@settings(max_examples=12, deadline=None)
@given(steps=st.integers(0, 60), every=st.integers(1, 70))
def test_recording_every_kth_step_is_slicing_the_full_record(steps, every):
    starts = [{"x": 1.0, "y": 2.0}, {"x": -3.0, "y": 0.5}]
    full, some = (
        rv.descend(_QUADRATIC, starts, "momentum", learning_rate=0.05, steps=steps, record_every=k) for k in (1, every)
    )
    _assert_sliced(full, some, _kept(steps, every))


@pytest.mark.parametrize("every", [7, 512, 513, 600, 5000])
def test_recording_every_kth_step_of_a_long_descent_is_slicing_too(every):
    starts = [{"x": 1.0, "y": 2.0}, {"x": -3.0, "y": 0.5}]
    full, some = (
        rv.descend(_QUADRATIC, starts, learning_rate=1e-4, steps=1300, record_every=k, stop=_NEVER) for k in (1, every)
    )
    _assert_sliced(full, some, _kept(1300, every))


def test_recording_ends_with_the_last_step_of_a_descent_that_ends_early():
    full, some = (
        rv.descend(_QUADRATIC, {"x": 1.0, "y": 2.0}, learning_rate=0.25, steps=1000, record_every=k) for k in (1, 10)
    )
    last = int(full.dataset["steps_taken"][0])
    assert 10 < last < 1000
    assert some.statuses == (Status.converged,)
    _assert_sliced(full, some, _kept(last, 10))


def _assert_sliced(full, some, steps):
    np.testing.assert_array_equal(some.dataset["step"], steps)
    for name in ("params", "gradient", "loss", "learning_rate"):
        np.testing.assert_array_equal(some.dataset[name], full.dataset[name].sel(step=steps), err_msg=name)
    for name in ("status", "steps_taken"):
        np.testing.assert_array_equal(some.dataset[name], full.dataset[name])


@pytest.mark.parametrize("optimizer", ["adam", "adafactor"])
def test_a_start_that_has_ended_keeps_its_last_values(optimizer):
    schedule = engine.keras().optimizers.schedules.ExponentialDecay(0.5, 10, 0.9)
    run = rv.descend(
        "x**2", [{"x": 1e-3}, {"x": 4}], optimizer, learning_rate=schedule, steps=60, stop=rv.Stop(gradient=0.5)
    )
    assert run.statuses[0] is Status.converged
    ended, last = int(run.dataset["steps_taken"][0]), int(run.dataset["step"][-1])
    assert ended == 0 < last
    for name in ("params", "gradient", "loss", "learning_rate"):
        values = run.dataset[name].values[0]
        np.testing.assert_array_equal(
            values[ended:], np.broadcast_to(values[ended], values[ended:].shape), err_msg=name
        )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_records_have_the_dtype_asked_for(dtype):
    run = rv.descend("x**2", {"x": 1}, steps=2, dtype=dtype)
    assert {str(run.dataset[name].dtype) for name in ("params", "gradient", "loss", "learning_rate")} == {dtype}


def test_zero_steps_record_the_start():
    run = rv.descend("x**2", {"x": 3}, steps=0)
    assert _params(run).tolist() == [[3.0]]
    assert run.dataset["loss"].values.tolist() == [[9.0]]
    assert run.status is Status.ran_out


# -- one program for many descents ----------------------------------------------------------------------------


def _traces():
    return [kept.traces for copies in compilation._kept.values() for kept in copies if isinstance(kept, Steps)]


def test_a_second_descent_with_other_data_start_and_rate_compiles_nothing():
    compilation._kept.clear()

    def descend(seed, rate, steps):
        random = np.random.default_rng(seed)
        data = {"x": random.standard_normal(33), "y": random.standard_normal(33)}
        problem = rv.Problem("y = sin(c*cos(d*x))", data)
        return rv.descend(problem, {"c": random.uniform(), "d": 1}, "adam", learning_rate=rate, steps=steps)

    first = descend(0, 0.1, 30)
    before = _traces()
    second = descend(1, 0.2, 70)
    assert _traces() == before
    assert max(before) == 1
    assert first.params != second.params


def test_other_steps_stop_rules_seeds_and_bounds_compile_nothing():
    data = {"x": np.arange(9.0), "y": np.arange(9.0)}

    def descend(high, **changes):
        problem = rv.Problem("y = c*x + d", data, bounds={"c": (-high, high)})
        rv.descend(problem, {"c": 0.1, "d": 0}, learning_rate=0.01, batch_size=4, **changes)

    descend(1, steps=20)
    before = _traces()
    descend(2, steps=33, stop=rv.Stop(1e-3, 1e-9, 10), seed=5, record_every=3)
    assert _traces() == before


def test_a_second_descent_with_an_equal_schedule_compiles_nothing():
    def descend():
        schedule = engine.keras().optimizers.schedules.ExponentialDecay(0.1, 7, 0.5)
        return rv.descend("(q - 1)**2", {"q": 3}, learning_rate=schedule, steps=5)

    first = descend()
    kept = [first]  # so that no new object can take the place of the first one's
    before = _traces()
    kept.append(descend())
    assert _traces() == before


@pytest.mark.parametrize("optimizer", ["sgd", "bfgs"])
def test_what_is_compiled_keeps_no_table_alive(optimizer):
    problem = rv.Problem("y = k*x", {"x": np.arange(17.0), "y": np.arange(17.0)})
    table = weakref.ref(problem.table)
    rv.descend(problem, {"k": 0.5}, optimizer, learning_rate=None, steps=2)
    del problem
    gc.collect()
    assert table() is None


def test_other_numbers_of_points_have_programs_of_their_own():
    """So that the least recently used can be forgotten."""
    compilation._kept.clear()
    for points in (5, 6, 7):
        x = np.arange(float(points))
        rv.descend(rv.Problem("y = m*x", {"x": x, "y": x}), {"m": 0.5}, steps=1)
    assert _traces() == [1, 1, 1]


def test_losses_of_one_name_are_not_confused():
    pair = [Loss("own", "", lambda o, p, s, m: (p - o) ** 2), Loss("own", "", lambda o, p, s, m: m["abs"](p - o))]
    data = {"y": [3.0]}
    assert [rv.descend(rv.Problem("y = a", data, loss=one), {"a": 1}, steps=0).loss for one in pair] == [4, 2]


def test_records_do_not_keep_the_room_of_a_whole_call():
    kept = []

    def advance(self, *given):
        after, records = original(self, *given)
        kept.append(records)
        return after, records

    original = Steps.advance
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Steps, "advance", advance)
        rv.descend("x**2", {"x": 1}, learning_rate=1e-4, steps=1200, record_every=500, stop=_NEVER)
    assert all(records.params.base is None for records in kept)
