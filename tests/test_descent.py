"""Descent with Keras's optimizers: starts and rates, bounds, mini-batches, problems of all kinds."""

import numpy as np
import pytest

import ravine as rv
from ravine import engine
from ravine.run import Status

_NEVER = rv.Stop(None, None, None)


def _params(run, start=0):
    return run.dataset["params"].values[start].astype(float)


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


@pytest.mark.parametrize("low", [0.1, 0.3, 1 / 3, 0.7])
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
    run = rv.descend(
        lambda a: tf.cast(tf.strings.to_number("1.0"), a.dtype) * (a - 2.0) ** 2, {"a": 1.0}, learning_rate=0.25
    )
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
    for count in (1, 2):
        with refuses(rv.ProblemError, "[30, 3]", "[30, 2]"):
            rv.descend(problem, [{"w": np.zeros((4, 2))}] * count)


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
        rv.descend(
            rv.Problem("y = a*x + b", data, loss=loss), {"a": 0, "b": 1}, learning_rate=0.1, steps=30, dtype=dtype
        )
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
        ({"optimizer": "addam"}, "'addam'"), ({"stop": 1e-3}, "0.001"), ({"callback": 3}, "3"),
        ({"start": {"y": 1}}, "'y'"),
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


def test_sigma_belongs_to_rows_of_a_response_with_several_columns():
    y, sigma = np.arange(9.0).reshape(3, 3), np.array([1.0, 2.0, 4.0])
    problem = rv.Problem(lambda x, w: 0 * x + w, {"x": y, "y": y}, sigma=sigma, response="y")
    run = rv.descend(problem, {"w": 0.0}, steps=0)
    assert run.loss == pytest.approx(np.mean((y / sigma[:, None]) ** 2))


def test_a_callable_object_without_a_hash_descends():
    class Bowl:
        __hash__ = None

        def __call__(self, a):
            return engine.tensorflow().square(a - 2.0)

    assert rv.descend(Bowl(), {"a": 1.0}, learning_rate=0.25).params["a"] == pytest.approx(2, abs=1e-5)
