"""Sine and cosine as polynomials, and where the native functions take over."""

import math

import numpy as np
import pytest

import ravine as rv
from ravine import engine, graph
from ravine.formula import trigonometry


@pytest.fixture(scope="module")
def polynomials():
    tf = engine.tensorflow()
    return tf.function(lambda x: trigonometry.sine_and_cosine(tf, x), jit_compile=True)


@pytest.mark.parametrize(("which", "exact"), [(0, math.sin), (1, math.cos)])
def test_at_most_two_units_in_the_last_place_off(polynomials, which, exact):
    random = np.random.default_rng(0)
    multiples = np.arange(-5215, 5215) * (np.pi / 4)  # where one of them is next to zero
    values = [random.uniform(-trigonometry.LIMIT, trigonometry.LIMIT, 100_000), random.uniform(-10, 10, 50_000)]
    arguments = np.concatenate([*values, multiples, 2 * multiples[1000:-1000], [0.0]]).astype("float32")
    arguments = arguments[np.abs(arguments) <= trigonometry.LIMIT]
    expected = np.array([exact(float(x)) for x in arguments])
    unit = np.spacing(np.abs(expected).astype("float32"))
    assert (np.abs(polynomials(arguments)[which].numpy() - expected) / unit).max() <= 2


def test_nan_where_the_polynomials_end(polynomials):
    sine, cosine = polynomials(np.array([np.nan, np.inf, 8193, -8193, 0], "float32"))
    assert np.isnan(sine[:4]).all() and np.isnan(cosine[:4]).all()
    assert (float(sine[4]), float(cosine[4])) == (0, 1)


@pytest.mark.parametrize("loss", ["mse", "sse", "half_sse", "mae", "cauchy"])
@pytest.mark.parametrize(
    "text", ["sin(x)", "2 - cos(x)/3", "-sin(x)*cos(x)", "exp(sin(x))", "sqrt(sin(x)) + log(cos(x))", "abs(sin(x))**3"]
)
def test_nan_on_the_way_reaches_the_loss(text, loss):
    problem = rv.Problem(f"y = {text}*a", {"x": [1.0, 2.0], "y": [0.0, 0.0]}, loss=loss)
    assert trigonometry.helps(problem.model.formula.model) and problem.loss.keeps_nan
    tf = engine.tensorflow()
    given = graph.inputs(problem, "float32")
    given["columns"]["x"] = tf.constant([1.0, np.nan])
    value = tf.function(lambda a: graph.losses(problem, a, given), jit_compile=True)(tf.ones((1, 1)))
    assert np.isnan(value)


@pytest.mark.parametrize("text", ["where(sin(x) > 0, x, 1)", "minimum(sin(x), x)", "x**cos(x)", "sign(sin(x))", "x**2"])
def test_formulas_that_may_swallow_nan_or_have_no_sine_stay_native(text):
    assert not trigonometry.helps(rv.Formula(text).model)


@pytest.mark.parametrize("x", [3.0, 9000.0, 1e7])
def test_loss_and_slope_are_right_on_both_sides_of_the_limit(x):
    evaluator = graph.Evaluator(rv.Problem("sin(x)*cos(2*x)"), "float32")
    loss, slope = evaluator.loss_and_gradient([x])
    x = float(np.float32(x))
    assert loss == pytest.approx(math.sin(x) * math.cos(2 * x), abs=1e-6)
    assert slope[0] == pytest.approx(math.cos(x) * math.cos(2 * x) - 2 * math.sin(x) * math.sin(2 * x), abs=2e-6)


def test_infinite_arguments_give_nan():
    run = rv.descend("sin(1e30*x*x)", {"x": 1e10}, steps=1)
    assert run.status is rv.Status.not_finite
