"""Descent with Keras's optimizers: the lessons' outcomes, closed forms, and every rule of stopping and recording."""

import os
import signal
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ravine as rv
from ravine import compilation, engine
from ravine.run import Status
from ravine.steps import Steps

_NEVER = rv.Stop(None, None, None)


def _params(run, start=0):
    return run.dataset["params"].values[start].astype(float)


def _codes(run):
    return [note.code for note in run.warnings]


# -- the lessons ----------------------------------------------------------------------------------------------


def _least_squares(problem, *columns):
    return np.linalg.lstsq(np.stack(columns, axis=1), problem.observed, rcond=None)[0]


def test_line_at_a_small_rate_ends_at_least_squares_from_all_starts(line, three_starts):
    run = rv.descend(line, three_starts, learning_rate=0.1, steps=400)
    x = line.columns["x"]
    expected = _least_squares(line, x, np.ones_like(x))
    np.testing.assert_allclose(run.dataset["params"].values[:, -1], [expected] * 3, atol=2e-5)
    assert run.warnings == ()


def test_line_at_rate_one_jumps_between_two_values_and_says_why(line, three_starts):
    run = rv.descend(line, three_starts, learning_rate=1, steps=400)
    b = run.dataset["params"].values[:, :, 1]
    np.testing.assert_allclose(b[:, 2:], b[:, :-2], atol=1e-4)
    best = _least_squares(line, line.columns["x"], np.ones(200))[1]
    np.testing.assert_allclose(np.abs(b - best), np.abs([[4 - best], [1 - best], [4.5 - best]]) * np.ones(401), atol=1e-4)
    assert set(run.statuses) == {Status.ran_out}
    assert _codes(run) == ["learning-rate-at-edge"]
    assert "Learning rate 1 " in run.warnings[0].text
    assert "such as 0.5" in run.warnings[0].text


@pytest.mark.parametrize("rate", [0.1, 1])
def test_cubic_arrives_near_the_truth(cubic, three_starts, rate):
    run = rv.descend(cubic, three_starts, learning_rate=rate, steps=400)
    x = cubic.columns["x"]
    expected = _least_squares(cubic, x**3, x**2)
    np.testing.assert_allclose(run.dataset["params"].values[:, -1], [expected] * 3, atol=1e-3)
    np.testing.assert_allclose(expected, [1.2, 2.5], atol=0.1)


def test_two_layer_ends_in_another_minimum_from_every_start(two_layer, three_starts):
    run = rv.descend(two_layer, three_starts, learning_rate=0.1, steps=400)
    ends, losses = run.dataset["params"].values[:, -1], run.dataset["loss"].values[:, -1]
    np.testing.assert_allclose(ends[1:], [[4.575, -0.566], [1.2, 2.5]], atol=0.02)
    np.testing.assert_allclose(ends[0], [5.54, 4.37], atol=0.15)  # a flat floor: the noise moves its lowest point
    assert np.abs(run.dataset["gradient"].values[:, -1]).max() < 1e-4
    np.testing.assert_allclose(losses, [1.01, 0.56, 0.01], atol=0.02)
    assert run.best == 2
    assert _codes(run) == ["better-minimum"]


def test_parabola_with_adam_visits_the_known_points():
    run = rv.descend("(x - 50)**2", {"x": 3}, "adam", learning_rate=1, steps=200)
    known = {1: 3.99999, 2: 4.99937, 10: 12.9182, 50: 43.1839, 100: 50.4798, 200: 50.0027}
    np.testing.assert_allclose(_params(run)[list(known), 0], list(known.values()), rtol=2e-6)
    assert run.dataset["gradient"].values[0, 0, 0] == -94


def test_five_points_follow_the_closed_form_of_descent():
    """With X the points beside ones: θ_k = θ* + (1 − α·XᵀX)^k·(θ₀ − θ*) for the loss ½Σr²."""
    random = np.random.default_rng(0)
    x, y = (np.linspace(-10, 10, 5) + random.normal(0, 1.5, 5) for _ in range(2))
    start = random.normal(0, 0.1, 2)
    problem = rv.Problem("y = w*x + b", {"x": x, "y": y}, loss="half_sse")
    run = rv.descend(
        problem, dict(zip("wb", start, strict=True)), learning_rate=0.002, steps=50, dtype="float64", stop=_NEVER
    )
    design = np.stack([x, np.ones(5)], axis=1)
    optimum, curvature = np.linalg.lstsq(design, y, rcond=None)[0], design.T @ design
    path = [
        optimum + np.linalg.matrix_power(np.eye(2) - 0.002 * curvature, step) @ (start - optimum) for step in range(51)
    ]
    np.testing.assert_allclose(_params(run), path, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(
        run.dataset["loss"].values[0], [np.sum((design @ at - y) ** 2) / 2 for at in path], rtol=1e-12
    )
    np.testing.assert_allclose(
        run.dataset["gradient"].values[0], [curvature @ (at - optimum) for at in path], rtol=1e-10, atol=1e-11
    )


# -- closed forms on quadratics -------------------------------------------------------------------------------

_MATRIX = np.array([[3.0, 1.0], [1.0, 2.0]])
_QUADRATIC = "(3*x**2 + 2*x*y + 2*y**2)/2"
_AT = np.array([2.0, -1.0])


def _quadratic(optimizer, rate, steps=40, dtype="float64"):
    start = {"x": _AT[0], "y": _AT[1]}
    return _params(
        rv.descend(_QUADRATIC, start, optimizer, learning_rate=rate, steps=steps, dtype=dtype, stop=_NEVER)
    )


@pytest.mark.parametrize("rate", [0.05, 0.25, 0.5])
def test_descent_shrinks_every_eigen_direction_by_one_minus_rate_times_curvature(rate):
    curvatures, directions = np.linalg.eigh(_MATRIX)
    found = _quadratic("sgd", rate) @ directions
    expected = (1 - rate * curvatures) ** np.arange(41)[:, None] * (_AT @ directions)
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-14)


def test_float32_is_close_to_float64():
    np.testing.assert_allclose(_quadratic("sgd", 0.25, dtype="float32"), _quadratic("sgd", 0.25), atol=1e-6)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("momentum", [0.5, 0.875])
def test_momentum_is_a_power_of_its_matrix(momentum, nesterov):
    """v ← m·v − α·λ·w, then w ← w + v, or w ← w + m·v − α·λ·w for Nesterov: a 2 × 2 matrix on (v, w).

    Reference: I. Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013.
    """
    rate = 0.125
    curvatures, directions = np.linalg.eigh(_MATRIX)
    found = _quadratic(f"sgd(momentum={momentum}, nesterov={nesterov})", rate) @ directions
    for index, (curvature, begin) in enumerate(zip(curvatures, _AT @ directions, strict=True)):
        first = [momentum, -rate * curvature]
        second = [momentum * first[0], 1 - rate * curvature * (1 + momentum)] if nesterov else [momentum, 1 + first[1]]
        power = np.array([np.linalg.matrix_power([first, second], step) @ [0, begin] for step in range(41)])
        np.testing.assert_allclose(found[:, index], power[:, 1], rtol=1e-9, atol=1e-13)


def _adam(rate, beta_1, beta_2, seen_1=None, seen_2=None):
    """Return the path of textbook Adam on the quadratic (Kingma & Ba 2015, the ε̂ of section 2), [step, param].

    The bias correction may see other betas.
    """
    seen_1, seen_2 = seen_1 or beta_1, seen_2 or beta_2
    at, first, second = _AT, np.zeros(2), np.zeros(2)
    path = [at]
    for step in range(1, 201):
        gradient = _MATRIX @ at
        first, second = beta_1 * first + (1 - beta_1) * gradient, beta_2 * second + (1 - beta_2) * gradient**2
        at = at - rate * np.sqrt(1 - seen_2**step) / (1 - seen_1**step) * first / (np.sqrt(second) + 1e-7)
        path.append(at)
    return np.array(path)


def test_adam_is_the_textbooks():
    """Keras rounds the betas of the bias correction through float32 even in float64."""
    found = _quadratic("adam", 0.1, steps=200)
    np.testing.assert_allclose(found, _adam(0.1, 0.9, 0.999), atol=1e-5)
    np.testing.assert_allclose(found[-1], _adam(0.1, 0.9, 0.999)[-1], atol=2.8e-6)
    rounded = (float(np.float32(beta)) for beta in (0.9, 0.999))
    np.testing.assert_allclose(found, _adam(0.1, 0.9, 0.999, *rounded), atol=1e-10)


def test_adam_with_betas_that_float32_holds_is_exactly_the_textbooks():
    found = _quadratic("adam(beta_1=0.875, beta_2=0.984375)", 0.125, steps=200)
    np.testing.assert_allclose(found, _adam(0.125, 0.875, 0.984375), atol=1e-10)


# -- starts and rates at once ---------------------------------------------------------------------------------


def test_every_start_descends_with_every_rate():
    run = rv.descend("x**2", [{"x": 1}, {"x": -2}], learning_rate=[0.25, 0.125], steps=8, dtype="float64")
    factors = np.array([0.5, 0.75, 0.5, 0.75])[:, None] ** np.arange(9)
    np.testing.assert_allclose(run.dataset["params"].values[..., 0], factors * [[1], [1], [-2], [-2]], rtol=1e-14)
    np.testing.assert_array_equal(run.dataset["learning_rate"].values[:, 0], [0.25, 0.125, 0.25, 0.125])
    assert run.settings["learning_rate"] == [0.25, 0.125]


def test_a_schedule_is_recorded_and_followed():
    schedule = engine.keras().optimizers.schedules.PiecewiseConstantDecay([2], [0.25, 0.125])
    run = rv.descend("x**2", {"x": 1}, learning_rate=schedule, steps=5, stop=_NEVER)
    rates = run.dataset["learning_rate"].values[0]
    assert rates.tolist() == [0.25] * 3 + [0.125] * 3
    np.testing.assert_allclose(_params(run)[1:, 0] / _params(run)[:-1, 0], 1 - 2 * rates[:-1], rtol=1e-6)
    assert run.settings["learning_rate"] is None


@settings(max_examples=10, deadline=None)
@given(
    rows=st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=3, max_size=3), rate=st.floats(0.001, 0.1)
)
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
        np.testing.assert_array_equal(values[ended:], np.broadcast_to(values[ended], values[ended:].shape), err_msg=name)


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
    return [kept.traces for kept in compilation._kept.values() if isinstance(kept, Steps)]


def test_a_second_descent_with_other_data_start_and_rate_compiles_nothing():
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


# -- ends -----------------------------------------------------------------------------------------------------


def test_the_gradient_rule_ends_at_the_first_small_gradient():
    run = rv.descend("x**2", {"x": 1}, learning_rate=0.25, steps=100, stop=rv.Stop(gradient=1e-3))
    gradient = np.abs(run.dataset["gradient"].values[0, :, 0])
    assert run.status is Status.converged
    assert (gradient[:-1] > 1e-3).all()
    assert gradient[-1] <= 1e-3
    assert int(run.dataset["steps_taken"][0]) == 11  # 2·2⁻¹¹ is the first below 10⁻³


def test_the_loss_rule_ends_at_the_first_small_change():
    run = rv.descend("x**2", {"x": 1}, learning_rate=0.25, steps=100, stop=rv.Stop(None, loss_change=1e-3))
    change = np.abs(np.diff(run.dataset["loss"].values[0]))
    assert run.status is Status.converged
    assert (change[:-1] >= 1e-3).all()
    assert change[-1] < 1e-3


def test_the_parabola_may_stop_when_its_loss_hardly_changes():
    run = rv.descend(
        "(x - 50)**2", {"x": 3}, "adam", learning_rate=1, steps=200, stop=rv.Stop(None, loss_change=0.001)
    )
    change = np.abs(np.diff(run.dataset["loss"].values[0]))
    assert change[-1] < 0.001 <= change[:-1].min()


def test_a_rule_switched_off_does_not_end_a_descent_at_the_minimum():
    run = rv.descend("x**2", {"x": 0}, steps=7, stop=_NEVER)
    assert run.status is Status.ran_out
    assert int(run.dataset["steps_taken"][0]) == 7


def test_a_start_at_the_minimum_has_converged_without_a_step():
    run = rv.descend("x**2", {"x": 0}, steps=7)
    assert (run.status, int(run.dataset["steps_taken"][0])) == (Status.converged, 0)


def test_unbounded_below_diverges():
    run = rv.descend("x**3", {"x": -1}, learning_rate=0.1, steps=2000)
    assert run.status is Status.diverged
    assert run.loss < -1e8


def test_too_large_a_rate_diverges_and_says_why():
    run = rv.descend("x**2", {"x": 1}, learning_rate=1.5, steps=500)
    assert run.status is Status.diverged
    assert _codes(run) == ["learning-rate-too-large"]


def test_overflow_is_not_finite():
    run = rv.descend("exp(x**2)", {"x": 5}, learning_rate=1, steps=20)
    assert run.status is Status.not_finite
    assert run.loss == np.inf or not np.isfinite(run.loss)


def test_nan_at_the_start_is_not_finite_at_step_zero():
    run = rv.descend("log(x)", {"x": -1}, steps=20)
    assert (run.status, int(run.dataset["steps_taken"][0])) == (Status.not_finite, 0)


def test_every_start_has_its_own_status():
    run = rv.descend("x**2 + 0*log(y)", [{"x": 0, "y": 1}, {"x": 4, "y": 1}, {"x": 1, "y": -1}], steps=10)
    assert run.statuses == (Status.converged, Status.ran_out, Status.not_finite)


# -- callback and keyboard ------------------------------------------------------------------------------------


def test_the_callback_sees_every_recorded_step():
    seen = []
    run = rv.descend(
        _QUADRATIC, [{"x": 1, "y": 2}, {"x": 2, "y": 2}], learning_rate=0.01, steps=17, record_every=5, callback=seen.append
    )
    assert [one.step for one in seen] == run.dataset["step"].values.tolist() == [0, 5, 10, 15, 17]
    for index, one in enumerate(seen):
        np.testing.assert_array_equal(one.params, run.dataset["params"].values[:, index])
        np.testing.assert_array_equal(one.loss, run.dataset["loss"].values[:, index])


def _stop_iteration(seen):
    if seen.step == 6:
        raise StopIteration


def _interrupt(seen):
    if seen.step == 6:
        raise KeyboardInterrupt


@pytest.mark.parametrize("callback", [lambda seen: seen.step == 6, _stop_iteration, _interrupt])
@pytest.mark.parametrize("optimizer", ["sgd", "lamb"])
def test_the_callback_may_stop(callback, optimizer):
    run = rv.descend(
        _QUADRATIC, [{"x": 1, "y": 2}, {"x": 2, "y": 2}], optimizer, learning_rate=0.01, steps=50, callback=callback
    )
    assert run.dataset["step"].values.tolist() == list(range(7))
    assert set(run.statuses) == {Status.stopped}


def test_an_error_of_the_callback_reaches_the_caller():
    def broken(seen):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rv.descend("x**2", {"x": 1}, steps=5, callback=broken)


def test_control_c_keeps_what_was_recorded():
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))

    def begin(seen):
        if seen.step == 0:
            timer.start()

    run = rv.descend(
        "(x - 1)**2", {"x": 3}, learning_rate=1e-7, steps=10_000_000, record_every=1000, stop=_NEVER, callback=begin
    )
    timer.join()
    assert run.status is Status.stopped
    last = int(run.dataset["step"][-1])
    assert 0 < last < 10_000_000
    assert int(run.dataset["steps_taken"][0]) == last
    assert len(run.dataset["step"]) == len(_kept(last, 1000))


def test_control_c_in_a_later_start_keeps_the_earlier_ones(monkeypatch):
    """Optimizers with norms take one start after the other."""
    calls = []
    advance = Steps.advance

    def interrupted(self, state, *given):
        calls.append(state.next_step)
        if calls.count(0) == 2:
            raise KeyboardInterrupt
        return advance(self, state, *given)

    monkeypatch.setattr(Steps, "advance", interrupted)
    try:
        run = rv.descend("x**2", [{"x": 1}, {"x": 2}, {"x": 3}], "lamb", learning_rate=0.01, steps=20)
    except KeyboardInterrupt:
        pytest.fail("the first start was lost")
    assert run.dataset["step"].values[-1] == 20
    assert run.statuses[0] is Status.ran_out


# -- bounds ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "lamb"])
def test_bounds_hold_at_every_step(two_layer, optimizer):
    problem = rv.Problem(
        "y = sin(b*cos(a*x))", {"x": two_layer.columns["x"], "y": two_layer.observed}, bounds={"b": (3, 5)}
    )
    run = rv.descend(problem, [{"a": 2, "b": 4.5}, {"a": 1, "b": 3}], optimizer, learning_rate=0.1, steps=60)
    b = run.dataset["params"].values[..., 1]
    assert (b >= 3).all()
    assert (b <= 5).all()
    assert (b == 3).any()


def test_descent_projects_onto_its_bounds():
    problem = rv.Problem("x**2", bounds={"x": (1, None)})
    run = rv.descend(problem, {"x": 4}, learning_rate=0.25, steps=20)
    assert _params(run)[:, 0].tolist() == [4, 2, 1]
    assert run.status is Status.converged


def test_a_gradient_into_the_bound_does_not_keep_a_descent_from_converging():
    run = rv.descend(rv.Problem("-x + y**2", bounds={"x": (0, 2)}), {"x": 0.5, "y": 1}, learning_rate=0.25, steps=100)
    assert run.status is Status.converged
    assert run.params["x"] == 2


def test_array_parameters_obey_their_bounds(classes):
    problem = rv.Problem(lambda x, w, b: x @ w + b, classes, bounds={"w": (-0.1, 0.1)})
    for optimizer in ("sgd", "muon"):
        run = rv.descend(problem, {"w": np.zeros((4, 3)), "b": np.zeros(3)}, optimizer, learning_rate=0.2, steps=20)
        assert np.abs(_params(run)[:, :12]).max() == pytest.approx(0.1)
        assert np.abs(_params(run)[:, 12:]).max() > 0.1


def test_a_start_outside_its_bounds_is_refused(refuses):
    with refuses(rv.ProblemError, "x within its bounds [1, 2]", "got 3"):
        rv.descend(rv.Problem("x**2", bounds={"x": (1, 2)}), {"x": 3})


@pytest.mark.parametrize("low", [0.1, 0.3, 1 / 3])
def test_a_descent_may_go_on_from_a_bound(low):
    problem = rv.Problem("x**2", bounds={"x": (low, None)})
    first = rv.descend(problem, {"x": 4}, learning_rate=0.25, steps=20)
    assert rv.descend(problem, first.params, steps=1).params["x"] == first.params["x"]


# -- mini-batches ---------------------------------------------------------------------------------------------


def _stochastic(line, optimizer="sgd", **changes):
    given = {"learning_rate": 0.1, "steps": 30, "batch_size": 16, "seed": 3, **changes}
    return rv.descend(line, [{"a": 0, "b": 0}, {"a": 3, "b": 1}], optimizer, **given)


@pytest.mark.parametrize("optimizer", ["sgd", "lamb"])
def test_same_seed_same_descent_and_another_seed_another(line, optimizer):
    first, again, other = (_stochastic(line, optimizer, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.dataset["params"], again.dataset["params"])
    assert not np.array_equal(first.dataset["params"], other.dataset["params"])


def test_the_loss_of_a_stochastic_descent_is_that_of_all_points(line):
    run = _stochastic(line)
    rows = run.dataset["params"].values
    np.testing.assert_allclose(run.dataset["loss"].values[1], line.losses(rows[1]), rtol=1e-4)
    assert run.loss < 0.1
    assert set(run.statuses) == {Status.ran_out}


def test_a_batch_of_all_points_is_the_full_descent(line):
    full, batch = _stochastic(line, batch_size=None), _stochastic(line, batch_size=200)
    np.testing.assert_allclose(batch.dataset["params"], full.dataset["params"], atol=1e-5)


def test_every_point_is_drawn_once_a_pass():
    """Half the sum of squares of a mean: with rate 1 a batch of one moves the parameter onto its point."""
    y = np.arange(8.0)
    problem = rv.Problem("y = a", {"y": y}, loss="half_sse")
    run = rv.descend(problem, {"a": 100}, learning_rate=1, steps=24, batch_size=1, stop=_NEVER)
    visited = _params(run)[1:, 0].reshape(3, 8)
    np.testing.assert_array_equal(np.sort(visited, axis=1), [y] * 3)
    assert not np.array_equal(visited[0], visited[1])


def test_a_long_stochastic_descent_records_like_a_short_one(line):
    full, some = (_stochastic(line, steps=700, record_every=k) for k in (1, 100))
    np.testing.assert_array_equal(some.dataset["params"], full.dataset["params"].sel(step=some.dataset["step"]))


# -- problems of all kinds ------------------------------------------------------------------------------------


def test_one_point_is_enough():
    run = rv.descend(rv.Problem("y = a*x", {"x": [2], "y": [6]}), {"a": 0}, learning_rate=0.1)
    assert run.params["a"] == pytest.approx(3, abs=1e-5)


def test_ten_parameters():
    text = " + ".join(f"(p{index} - {index})**2" for index in range(10))
    run = rv.descend(text, {f"p{index}": 1 for index in range(10)}, learning_rate=0.25, steps=60)
    np.testing.assert_allclose(list(run.params.values()), range(10), atol=1e-5)


def test_a_formula_may_be_given_in_place_of_a_problem():
    assert rv.descend(rv.Formula("(x - 1)**2"), {"x": 0}, learning_rate=0.5, steps=1).params == {"x": 1.0}


def test_sigma_weights_the_points():
    """Of a constant the best fit is the mean with weights 1/σ²."""
    data = {"y": [0.0, 1.0], "s": [1.0, 2.0]}
    run = rv.descend(rv.Problem("y = a", data, sigma="s"), {"a": 0}, learning_rate=0.5, steps=100)
    assert run.params["a"] == pytest.approx(0.25 / 1.25, abs=1e-5)


@pytest.mark.parametrize("starts", [1, 2])
def test_a_tensorflow_callable_descends(starts):
    tf = engine.tensorflow()
    run = rv.descend(
        lambda a, b: tf.sin(a) * tf.cos(b), [{"a": 1.0, "b": 2.0}, {"a": 2.0, "b": 0.2}][:starts], learning_rate=0.3
    )
    assert run.loss == pytest.approx(-1, abs=1e-5)
    assert run.params["a"] == pytest.approx(np.pi / 2, abs=1e-3)
    assert run.params["b"] == pytest.approx(np.pi, abs=1e-3)


def test_a_tensorflow_callable_with_a_table_agrees_with_its_formula(two_layer):
    tf = engine.tensorflow()
    data = {"x": two_layer.columns["x"], "y": two_layer.observed}
    problem = rv.Problem(lambda x, a, b: tf.sin(b * tf.cos(a * x)), data)
    found, expected = (rv.descend(one, {"a": 2, "b": 4.5}, learning_rate=0.1, steps=20) for one in (problem, two_layer))
    np.testing.assert_allclose(_params(found), _params(expected), atol=1e-5)


def test_a_callable_that_xla_does_not_know_still_descends():
    tf = engine.tensorflow()
    run = rv.descend(lambda a: tf.cast(tf.strings.to_number("1.0"), a.dtype) * (a - 2.0) ** 2, {"a": 1.0}, learning_rate=0.25)
    assert run.params["a"] == pytest.approx(2, abs=1e-5)


def test_a_callable_with_if_is_refused_and_says_what_to_write(refuses):
    def folded(a):
        return a * a if a > 0 else -a

    with refuses(rv.ProblemError, "folded(a)", "np.where"):
        rv.descend(folded, {"a": 1.0})


def test_a_callable_that_fails_is_refused(refuses):
    def broken(x, w):
        return x @ w

    with refuses(rv.ProblemError, "broken(x, w)"):
        rv.descend(rv.Problem(broken, {"x": np.ones((4, 3)), "y": np.ones(4)}), {"w": np.zeros(2)})


def test_predictions_of_another_shape_are_refused(classes, refuses):
    problem = rv.Problem(lambda x, w: x @ w, classes)
    with refuses(rv.ProblemError, "[30, 3]", "[30, 2]"):
        rv.descend(problem, {"w": np.zeros((4, 2))})


def test_a_callable_without_data_must_give_one_number(refuses):
    with refuses(rv.ProblemError, "one number", "[2, 2]"):
        rv.descend(lambda w: (w - 1) ** 2, {"w": np.zeros((2, 2))})


def test_an_array_start_of_a_formula_is_refused(refuses):
    with refuses(rv.ProblemError, "'a'"):
        rv.descend("a**2 + b**2", {"a": [1.0, 2.0], "b": 0.0})


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_keras_losses_by_name_and_object_descend(line, dtype):
    data = {"x": line.columns["x"], "y": line.observed}
    ours, *others = (
        rv.descend(rv.Problem("y = a*x + b", data, loss=loss), {"a": 0, "b": 1}, learning_rate=0.1, steps=30, dtype=dtype)
        for loss in ("mse", engine.keras().losses.MeanSquaredError(), "mean_squared_logarithmic_error")
    )
    np.testing.assert_allclose(_params(others[0]), _params(ours), rtol=1e-5, atol=1e-5)
    final = others[1].params["a"] * line.columns["x"] + others[1].params["b"]
    expected = np.mean((np.log1p(final) - np.log1p(line.observed)) ** 2)
    assert others[1].loss == pytest.approx(expected, rel=1e-5)


def _softmax(x, w, b):
    return engine.tensorflow().nn.softmax(x @ w + b)


@pytest.mark.parametrize("sparse", [False, True])
def test_categorical_crossentropy_of_array_parameters_has_its_closed_gradient(classes, sparse):
    """The gradient with respect to the biases is the mean of p − y; p = 1/3 at the start."""
    data = {"x": classes["x"], "y": classes["y"].argmax(1) if sparse else classes["y"]}
    loss = "sparse_categorical_crossentropy" if sparse else "categorical_crossentropy"
    start = {"w": np.zeros((4, 3)), "b": np.zeros(3)}
    run = rv.descend(rv.Problem(_softmax, data, loss=loss), start, learning_rate=0.5, steps=40)
    assert run.dataset["loss"].values[0, 0] == pytest.approx(np.log(3), rel=1e-5)
    error = 1 / 3 - classes["y"]
    expected = np.append((classes["x"].T @ error / 30).ravel(), error.mean(0))
    np.testing.assert_allclose(run.dataset["gradient"].values[0, 0], expected, atol=1e-6)
    assert run.loss < 0.6


# -- refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "fragment"),
    [
        ({"steps": -1}, "-1"), ({"steps": 2.5}, "2.5"), ({"steps": True}, "True"), ({"steps": "many"}, "'many'"),
        ({"record_every": 0}, "got 0"), ({"seed": -1}, "-1"), ({"dtype": "float16"}, "'float16'"),
        ({"batch_size": 5}, "table"), ({"steps": 10**9}, "record_every="), ({"learning_rate": -0.1}, "-0.1"),
        ({"optimizer": "addam"}, "'addam'"), ({"stop": 1e-3}, "0.001"), ({"callback": 3}, "3"), ({"start": {"y": 1}}, "'y'"),
    ],
)  # fmt: skip
def test_unusable_setting_is_refused(changes, fragment, refuses):
    with refuses(rv.ProblemError, fragment):
        rv.descend("x**2", **{"start": {"x": 1}, **changes})


@pytest.mark.parametrize("size", [0, 201, 1.5])
def test_unusable_batch_size_is_refused(line, size, refuses):
    with refuses(rv.ProblemError, "batch_size", str(size)):
        rv.descend(line, {"a": 0, "b": 0}, batch_size=size)


@pytest.mark.parametrize("rule", [{"gradient": -1}, {"loss_change": "small"}, {"diverge": [1, 2]}])
def test_unusable_stop_rule_is_refused(rule, refuses):
    with refuses(rv.ProblemError, *rule):
        rv.Stop(**rule)
