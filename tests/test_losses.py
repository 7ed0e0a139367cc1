"""Losses: closed forms on NumPy, the same in TensorFlow, and Keras's own as a witness."""

import pickle

import numpy as np
import pytest

import ravine as rv
from ravine import engine, losses
from ravine.graph import Evaluator

_OBSERVED = np.array([0.0, 1.0, 1.0, 0.0])
_PREDICTED = np.array([0.5, 1.0, -2.0, 0.25])  # residuals ½, 0, −3, ¼
_R = _PREDICTED - _OBSERVED


def _problem(loss, sigma=None):
    """Return a problem whose prediction is a + x with x the given predictions: at a = 0 it predicts them."""
    return rv.Problem("y = a + x", {"x": _PREDICTED, "y": _OBSERVED}, loss=loss, sigma=sigma)


CLOSED_FORMS = {
    "mse": 0.25 * (0.25 + 9 + 0.0625),
    "half_sse": 0.5 * (0.25 + 9 + 0.0625),
    "sse": 0.25 + 9 + 0.0625,
    "mae": 0.25 * 3.75,
    "huber": 0.25 * (0.125 + 2.5 + 0.03125),
    "log_cosh": np.mean(np.log(np.cosh(_R))),
    "cauchy": np.mean(np.log(1 + _R**2)),
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_loss_is_its_closed_form(name):
    assert _problem(name).losses([[0.0]])[0] == pytest.approx(CLOSED_FORMS[name], rel=1e-14)


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_tensorflow_evaluates_the_same_loss(name):
    rows = np.linspace(-2, 2, 7)[:, None]
    problem = _problem(name)
    np.testing.assert_allclose(Evaluator(problem).losses(rows), problem.losses(rows), rtol=1e-13)


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_sigma_divides_the_residuals(name):
    half_the_residuals = rv.Problem("y = a + x", {"x": _PREDICTED / 2, "y": _OBSERVED / 2}, loss=name)
    assert _problem(name, sigma=2).losses([[0.0]]) == pytest.approx(half_the_residuals.losses([[0.0]]))


def test_sigma_of_every_point_counts():
    weighted = _problem("sse", sigma=[1, 2, 3, 0.5]).losses([[0.0]])[0]
    assert weighted == pytest.approx(0.5**2 + 0 + 1 + 0.5**2)


def test_binary_crossentropy_is_its_closed_form():
    data = {"x": [0.8, 0.25], "y": [1, 0]}
    value = rv.Problem("y = a + x", data, loss="binary_crossentropy").losses([[0.0]])[0]
    assert value == pytest.approx(-(np.log(0.8) + np.log(0.75)) / 2)


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_binary_crossentropy_of_a_certain_prediction_is_finite(certain):
    problem = rv.Problem("y = a + 0*x", {"x": [0, 0], "y": [0, 1]}, loss="binary_crossentropy")
    assert np.isfinite(problem.losses([[certain]]))


@pytest.mark.parametrize("name", ["mse", "mae", "huber", "log_cosh", "binary_crossentropy"])
def test_keras_agrees_with_the_losses_written_here(name):
    data = {"x": [0.1, 0.4, 0.9], "y": [0.0, 1.0, 1.0]}
    theirs = engine.keras().losses.get(name)
    if name == "huber":
        theirs = engine.keras().losses.Huber()
    ours, keras_own = (rv.Problem("y = a*x", data, loss=loss) for loss in (name, theirs))
    rows = [[0.5], [1.0], [0.2]]
    np.testing.assert_allclose(Evaluator(keras_own).losses(rows), ours.losses(rows), rtol=1e-6)


def test_log_cosh_of_a_huge_residual_does_not_overflow():
    problem = rv.Problem("y = a + 0*x", {"x": [0], "y": [0]}, loss="log_cosh")
    assert problem.losses([[1e6]])[0] == pytest.approx(1e6 - np.log(2))


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("mean_squared_error", "mse"), ("MSE", "mse"), ("half sum of squares", "half_sse"), ("logcosh", "log_cosh"),
        ("Binary-Cross-Entropy", "binary_crossentropy"), ("categorical_cross_entropy", "categorical_crossentropy"),
    ],
)  # fmt: skip
def test_other_spellings_mean_the_same(given, name):
    assert losses.resolve(given).name == name


def test_every_name_resolves_to_a_loss_of_that_name():
    assert [losses.resolve(name).name for name in losses.names()] == losses.names()


def test_a_loss_resolves_to_itself():
    loss = losses.resolve("mse")
    assert losses.resolve(loss) is loss


def test_least_squares_are_the_three_sums_of_squares():
    assert [name for name in losses.names() if losses.resolve(name).is_sum_of_squares] == ["mse", "half_sse", "sse"]


def test_keras_loss_by_object_and_function():
    given = engine.keras().losses.Huber(delta=0.5)
    size = np.abs(_R)
    expected = np.mean(np.where(size <= 0.5, _R**2 / 2, 0.5 * size - 0.125))
    for loss in (given, given.call):
        assert Evaluator(_problem(loss)).losses([[0.0]])[0] == pytest.approx(expected, rel=1e-6)


def test_keras_loss_by_configuration():
    keras = engine.keras()
    configuration = keras.losses.serialize(keras.losses.MeanSquaredError())
    assert Evaluator(_problem(configuration)).losses([[0.0]])[0] == pytest.approx(CLOSED_FORMS["mse"], rel=1e-6)


def test_unknown_loss_names_it_and_suggests(refuses):
    with refuses(rv.ProblemError, "'hubber'", "Did you mean 'huber'?"):
        losses.resolve("hubber")


def test_a_number_is_no_loss(refuses):
    with refuses(rv.ProblemError, "got 3"):
        losses.resolve(3)


def test_a_configuration_that_keras_cannot_read_is_refused(refuses):
    with refuses(rv.ProblemError, "NoSuchLoss"):
        losses.resolve({"class_name": "NoSuchLoss", "config": {}})


@pytest.mark.parametrize("loss", ["binary_crossentropy", "categorical_crossentropy"])
def test_sigma_with_a_loss_of_probabilities_is_refused(loss, refuses):
    with refuses(rv.ProblemError, loss):
        _problem(loss, sigma=1)


def test_every_loss_survives_pickling():
    for name in CLOSED_FORMS:
        assert pickle.loads(pickle.dumps(losses.resolve(name))) is losses.resolve(name)


def test_a_class_of_keras_is_taken_with_its_defaults():
    huber = engine.keras().losses.Huber
    assert isinstance(losses.resolve(huber).keras, huber)
