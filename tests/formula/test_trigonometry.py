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
    if not trigonometry.is_fused():
        pytest.skip("this processor rounds a product before it subtracts it: the native functions are taken")
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


def test_nan_on_the_way_reaches_the_loss():
    """Of every formula under every loss; one function of all, since each costs a compilation."""
    texts = ["sin(x)", "2 - cos(x)/3", "-sin(x)*cos(x)", "exp(sin(x))", "sqrt(sin(x)) + log(cos(x))", "abs(sin(x))**3"]
    data = {"x": [1.0, 2.0], "y": [0.0, 0.0]}
    losses = ["mse", "sse", "half_sse", "mae", "cauchy"]
    problems = {(text, loss): rv.Problem(f"y = {text}*a", data, loss=loss) for text in texts for loss in losses}
    assert all(trigonometry.helps(each.model.formula.model) and each.loss.keeps_nan for each in problems.values())
    tf = engine.tensorflow()
    given = graph.inputs(problems["sin(x)", "mse"], "float32")
    given["columns"]["x"] = tf.constant([1.0, np.nan])

    @tf.function(autograph=False, jit_compile=True)
    def values(a):
        return [graph.losses(problem, a, given) for problem in problems.values()]

    finite = [key for key, value in zip(problems, values(tf.ones((1, 1))), strict=True) if not np.isnan(value)]
    assert finite == []


@pytest.mark.parametrize("text", ["where(sin(x) > 0, x, 1)", "minimum(sin(x), x)", "x**cos(x)", "sign(sin(x))", "x**2"])
def test_formulas_that_may_swallow_nan_or_have_no_sine_stay_native(text):
    assert not trigonometry.helps(rv.Formula(text).model)


@pytest.mark.parametrize("x", [3.0, 1000.0, 4000.0, 9000.0, 1e7])
def test_loss_and_slope_are_right_on_both_sides_of_the_limit(x):
    tf, problem = engine.tensorflow(), rv.Problem("sin(x)*cos(2*x)")
    both = tf.function(graph.losses_and_gradients, autograph=False, jit_compile=True)
    (loss,), (slope,) = both(problem, tf.constant([[x]]), graph.inputs(problem, "float32"))
    x = float(np.float32(x))
    assert float(loss) == pytest.approx(math.sin(x) * math.cos(2 * x), abs=1e-6)
    assert float(slope[0]) == pytest.approx(math.cos(x) * math.cos(2 * x) - 2 * math.sin(x) * math.sin(2 * x), abs=2e-6)


def test_infinite_arguments_give_nan():
    run = rv.descend("sin(1e30*x*x)", {"x": 1e10}, steps=1)
    assert run.status is rv.Status.not_finite
