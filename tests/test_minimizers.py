"""SciPy's methods: certified answers, exact derivatives, the same record as every other descent."""

import json
import signal
from pathlib import Path

import numpy as np
import pytest

import ravine as rv
from ravine import optimizers
from ravine.run import Status

_NIST = Path(__file__).parent / "data" / "nist"  # NIST Statistical Reference Datasets, nonlinear regression
_PROBLEMS = json.loads((_NIST / "nist.json").read_text())["problems"]
_CERTIFIED = {one["name"]: one for one in _PROBLEMS if one["name"] in ("Misra1a", "DanWood")}
_METHODS = [name for name in optimizers.names() if isinstance(optimizers.resolve(name), optimizers.ScipyMethod)]
_LEAST_SQUARES = ["lm", "trf", "dogbox"]
_OF_ANY_LOSS = [name for name in _METHODS if name not in _LEAST_SQUARES]
_ROSENBROCK = "(1 - x)**2 + 100*(y - x**2)**2"
_WITHOUT_BOUNDS = ["bfgs", "cg", "newton-cg", "dogleg", "trust-ncg", "trust-krylov", "trust-exact", "lm"]
_BOUNDED = [name for name in _METHODS if name not in _WITHOUT_BOUNDS]


@pytest.mark.parametrize("start", ["start1", "start2"])
@pytest.mark.parametrize("name", _CERTIFIED)
@pytest.mark.parametrize("method", _LEAST_SQUARES)
def test_least_squares_find_the_certified_values_to_six_digits(name, start, method):
    certified = _CERTIFIED[name]
    problem = rv.Problem(certified["formula"], _NIST / f"{name}.csv", loss="sse")
    run = rv.descend(problem, certified[start], method, steps=200)
    assert run.status is Status.converged
    assert run.params == pytest.approx(certified["certified"], rel=1e-6)
    assert run.loss == pytest.approx(certified["residual_sum_of_squares"], rel=1e-6)


@pytest.mark.parametrize("method", _OF_ANY_LOSS)
def test_every_method_finds_the_minimum_of_a_bowl(method):
    run = rv.descend("(x - 1)**2 + 2*(y + 2)**2 + (x - 1)**4", {"x": 3, "y": 1}, method, steps=500)
    assert run.status is Status.converged
    assert run.params == pytest.approx({"x": 1, "y": -2}, abs=2e-3)
    _assert_recorded_whole(run)


@pytest.mark.parametrize("method", ["bfgs", "newton-cg", "trust-exact", "l-bfgs-b", "trust-constr"])
def test_methods_with_derivatives_solve_rosenbrocks_valley(method):
    run = rv.descend(_ROSENBROCK, {"x": -1.2, "y": 1}, method, steps=500)
    assert run.params == pytest.approx({"x": 1, "y": 1}, abs=1e-4)


@pytest.mark.parametrize("method", _METHODS)
def test_every_method_arrives_on_the_cubic(cubic, method):
    run = rv.descend(cubic, {"a": 2, "b": 4.5}, method, steps=500)
    x = cubic.columns["x"]
    expected = np.linalg.lstsq(np.stack([x**3, x**2], axis=1), cubic.observed, rcond=None)[0]
    np.testing.assert_allclose(list(run.params.values()), expected, atol=2e-3)
    _assert_recorded_whole(run)


def _assert_recorded_whole(run):
    """Loss and gradient of every recorded point are those of the problem; there is no learning rate."""
    rows = run.dataset["params"].values[0]
    np.testing.assert_allclose(run.dataset["loss"].values[0], run.problem.losses(rows), rtol=1e-10, atol=1e-14)
    assert run.dataset["params"].dtype == np.float64
    assert np.isnan(run.dataset["learning_rate"].values).all()
    assert run.dataset["step"].values.tolist() == list(range(len(rows)))
    assert int(run.dataset["steps_taken"][0]) == len(rows) - 1


@pytest.mark.parametrize("method", _METHODS)
def test_no_method_takes_more_steps_than_asked_for(two_layer, method):
    run = rv.descend(two_layer, {"a": 2, "b": 4.5}, method, steps=3)
    assert int(run.dataset["steps_taken"][0]) <= 3


@pytest.mark.parametrize("method", _METHODS)
def test_zero_steps_record_the_start(two_layer, method):
    run = rv.descend(two_layer, {"a": 2, "b": 4.5}, method, steps=0)
    assert run.dataset["params"].values.tolist() == [[[2.0, 4.5]]]
    assert run.status is Status.ran_out


def test_a_newton_step_on_a_quadratic_arrives_at_once():
    run = rv.descend("x**2 + x*y + y**2 - x", {"x": 5, "y": -7}, "newton-cg", steps=50)
    assert run.params == pytest.approx({"x": 2 / 3, "y": -1 / 3}, abs=1e-10)


@pytest.mark.parametrize("loss", ["mse", "sse", "half_sse"])
def test_least_squares_with_sigma_is_the_weighted_mean(loss):
    data = {"y": [0.0, 1.0], "s": [1.0, 2.0]}
    run = rv.descend(rv.Problem("y = a", data, sigma="s", loss=loss), {"a": 3}, "lm")
    assert run.params["a"] == pytest.approx(0.2, abs=1e-12)


@pytest.mark.parametrize("method", ["lm", "bfgs", "trust-exact"])
def test_array_parameters_arrive_at_least_squares(classes, method):
    problem = rv.Problem(lambda x, w, b: x @ w + b, classes)
    run = rv.descend(problem, {"w": np.zeros((4, 3)), "b": np.zeros(3)}, method)
    design = np.c_[classes["x"], np.ones(30)]
    expected = np.linalg.lstsq(design, classes["y"], rcond=None)[0].ravel()
    np.testing.assert_allclose(list(run.params.values()), expected, atol=1e-5)


# -- several starts, records, callback ------------------------------------------------------------------------


def test_several_starts_go_one_after_the_other(two_layer, three_starts):
    together = rv.descend(two_layer, three_starts, "bfgs")
    for index, start in enumerate(three_starts):
        alone = rv.descend(two_layer, start, "bfgs")
        np.testing.assert_array_equal(together.path(index)["params"], alone.dataset["params"][0])
        assert together.statuses[index] == alone.status


@pytest.mark.parametrize("method", ["bfgs", "lm", "nelder-mead"])
def test_recording_every_kth_step_is_slicing_the_full_record(two_layer, three_starts, method):
    full = rv.descend(two_layer, three_starts, method)
    last = int(full.dataset["step"][-1])
    for every in (2, 7, 1000):
        some = rv.descend(two_layer, three_starts, method, record_every=every)
        steps = np.unique(np.append(np.arange(0, last + 1, every), last))
        np.testing.assert_array_equal(some.dataset["step"], steps)
        for name in ("params", "gradient", "loss"):
            np.testing.assert_array_equal(some.dataset[name], full.dataset[name].sel(step=steps))
        np.testing.assert_array_equal(some.dataset["steps_taken"], full.dataset["steps_taken"])


@pytest.mark.parametrize("method", _METHODS)
def test_the_callback_may_stop_every_method(two_layer, method):
    seen = []

    def after_two(one):
        seen.append(one)
        return one.step == 2

    run = rv.descend(two_layer, {"a": 1.4, "b": 2.9}, method, callback=after_two)
    if int(run.dataset["steps_taken"][0]) >= 2:
        assert run.status is Status.stopped
        assert int(run.dataset["steps_taken"][0]) == 2
    for one in seen:
        np.testing.assert_array_equal(one.params[0], run.dataset["params"].values[0, one.step])
        assert one.loss[0] == run.dataset["loss"].values[0, one.step]


def test_the_callback_sees_the_start_as_with_keras(two_layer):
    steps = {}
    for optimizer in ("sgd", "bfgs"):
        seen = []
        rv.descend(two_layer, {"a": 2, "b": 4.5}, optimizer, steps=3, callback=seen.append)
        steps[optimizer] = [one.step for one in seen]
    assert steps["bfgs"] == steps["sgd"] == [0, 1, 2, 3]


def test_control_c_keeps_what_was_recorded():
    def press(seen):
        if seen.step == 4:
            signal.raise_signal(signal.SIGINT)

    run = rv.descend(_ROSENBROCK, [{"x": -1.2, "y": 1}, {"x": 0, "y": 0}], "bfgs", callback=press)
    assert run.statuses == (Status.stopped,)
    assert run.dataset["step"].values.tolist() == [0, 1, 2, 3, 4]


# -- ends and bounds ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["bfgs", "nelder-mead", "trust-exact"])
def test_nan_at_the_start_is_not_finite(method):
    run = rv.descend("log(x)", {"x": -1}, method)
    assert run.status is Status.not_finite
    assert run.dataset["step"].values.tolist() == [0]


@pytest.mark.parametrize("method", _OF_ANY_LOSS)
def test_unbounded_below_never_raises_nor_converges(method):
    run = rv.descend("x**3", {"x": -1}, method, steps=50)
    assert run.status is not Status.converged


@pytest.mark.parametrize("method", _BOUNDED)
def test_bounds_hold_and_are_reached(method):
    data = {"x": [0.0, 1.0, 2.0], "y": [0.0, 3.0, 6.0]}
    problem = rv.Problem("y = a*x + b", data, bounds={"a": (0, 2)})
    run = rv.descend(problem, {"a": 1, "b": 0}, method, steps=300)
    a = run.dataset["params"].values[0, :, 0]
    if method == "cobyla":  # takes bounds for constraints, which its trial points may violate
        a = a[-1:]
    assert (a >= -1e-9).all()
    assert (a <= 2 + 1e-9).all()
    assert run.params == pytest.approx({"a": 2, "b": 1}, abs=5e-3)


@pytest.mark.parametrize("method", _WITHOUT_BOUNDS)
def test_bounds_with_a_method_that_knows_none_are_refused(method, refuses):
    problem = rv.Problem("y = a*x", {"x": [1], "y": [1]}, bounds={"a": (0, 1)})
    with refuses(rv.ProblemError, f"'{method}'", "bounds"):
        rv.descend(problem, {"a": 0.5}, method)


# -- refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", _LEAST_SQUARES)
def test_least_squares_of_something_else_is_refused(line, method, refuses):
    with refuses(rv.ProblemError, f"'{method}'", "no table"):
        rv.descend("x**2", {"x": 1}, method)
    other = rv.Problem("y = a*x + b", {"x": line.columns["x"], "y": line.observed}, loss="mae")
    with refuses(rv.ProblemError, f"'{method}'", "'mae'"):
        rv.descend(other, {"a": 1, "b": 1}, method)


def test_lm_with_fewer_points_than_parameters_is_refused(refuses):
    problem = rv.Problem("y = a*x + b", {"x": [1], "y": [1]})
    with refuses(rv.ProblemError, "(2)", "got 1", "trf"):
        rv.descend(problem, {"a": 0, "b": 0}, "lm")


def test_mini_batches_are_refused(line, refuses):
    with refuses(rv.ProblemError, "batch_size", "'bfgs'"):
        rv.descend(line, {"a": 0, "b": 0}, "bfgs", batch_size=5)


def test_a_learning_rate_is_refused(line, refuses):
    with refuses(rv.ProblemError, "learning_rate", "'lm'"):
        rv.descend(line, {"a": 0, "b": 0}, "lm", learning_rate=0.1)


@pytest.mark.parametrize("method", ["bfgs", "nelder-mead", "lm"])
@pytest.mark.parametrize("kind", [ValueError, ZeroDivisionError])
def test_an_error_of_the_callback_reaches_the_caller(line, method, kind):
    def broken(seen):
        raise kind

    with pytest.raises(kind):
        rv.descend(line, {"a": 0, "b": 0}, method, callback=broken)


def test_a_gradient_rule_of_zero_is_obeyed():
    """On x⁴ SciPy's own rule, a gradient of 1e-5, would end near 0.01."""
    assert abs(rv.descend("x**4", {"x": 1}, "bfgs", stop=rv.Stop(gradient=0)).params["x"]) < 1e-4
