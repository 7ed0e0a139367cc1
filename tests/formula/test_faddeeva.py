"""The Voigt profile in TensorFlow: against closed forms, SciPy's, and mpmath's many digits."""

import functools
import math

import mpmath
import numpy as np
import pytest
from scipy import special

import ravine as rv
from ravine import engine, graph
from ravine.formula import Formula, faddeeva, math_sympy
from ravine.formula.math_numpy import MATH


@pytest.fixture(scope="module")
def tf():
    return engine.tensorflow()


@pytest.fixture(scope="module")
def voigt(tf):
    return tf.function(faddeeva.profile(tf), jit_compile=True)


def _points(dtype, count=50_000):
    """Return arguments of all sizes: |x| 1e-3 to 1e3, σ 1e-3 to 1e2, γ 1e-8 to 1e3."""
    random = np.random.default_rng(0)
    sign = random.choice([-1, 1], count)
    sizes = [10 ** random.uniform(*each, count) for each in ((-3, 3), (-3, 2), (-8, 3))]
    return [values.astype(dtype) for values in (sign * sizes[0], *sizes[1:])]


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 5e-13), ("float32", 1e-5)])
def test_values_of_all_sizes_are_scipys(voigt, dtype, tolerance):
    points = _points(dtype)
    expected = special.voigt_profile(*(each.astype(float) for each in points))
    found = voigt(*points).numpy()
    assert found.dtype == dtype
    counts = expected > 1e-30
    np.testing.assert_allclose(found[counts], expected[counts], rtol=tolerance)


def test_real_and_imaginary_part_of_w(tf):
    """Re w keeps its digits where it is 1e-11 of Im w, which the absolute accuracy of w alone wouldn't give."""
    x, y = np.meshgrid(np.linspace(0, 10, 501), [0, 1e-8, 1e-4, 0.03, 0.3, 1, 4, 9])
    there = x**2 + y**2 < 100
    x, y = x[there], y[there]
    real, imaginary = tf.function(faddeeva.function(tf), jit_compile=True)(x, y)
    expected = special.wofz(x + 1j * y)
    np.testing.assert_allclose(real, expected.real, rtol=5e-13)
    np.testing.assert_allclose(imaginary, expected.imag, rtol=1e-12)


@pytest.mark.parametrize("x", [0.0, 1.5, 9.9, 10.1, 30.0])
def test_without_a_lorentz_width_it_is_gauss(voigt, x):
    expected = math.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    assert float(voigt(*map(np.float64, (x, 1, 0)))) == pytest.approx(expected, rel=1e-13, abs=0)


@pytest.mark.parametrize("x", [0.0, 1.5, 1e6])
def test_without_a_gaussian_width_it_is_lorentz(voigt, x):
    assert float(voigt(*map(np.float64, (x, 0, 2)))) == pytest.approx(2 / math.pi / (x**2 + 4), rel=1e-14, abs=0)


def test_the_sign_of_sigma_has_no_meaning_and_gamma_goes_on_below_zero(voigt):
    x = np.linspace(-5, 5, 41)
    for sigma, gamma in ((-1.0, 0.5), (1.0, -0.3), (0.02, -1e-4)):
        expected = special.voigt_profile(x, abs(sigma), gamma)
        np.testing.assert_allclose(voigt(x, np.float64(sigma), np.float64(gamma)), expected, rtol=1e-11, atol=1e-15)
        np.testing.assert_array_equal(MATH["voigt"](x, sigma, gamma), expected)


def test_nan_and_the_point_of_no_width(voigt):
    assert np.isnan(voigt(*map(np.float64, (np.nan, 1, 1))))
    assert float(voigt(*map(np.float64, (2, 0, 0)))) == 0


@functools.cache
def _slopes(point):
    """Return the gradient [argument] and the Hessian [argument, argument]."""
    tf = engine.tensorflow()
    point = [tf.constant(value, tf.float64) for value in point]
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(point)
        with tf.GradientTape() as inner:
            inner.watch(point)
            value = faddeeva.profile(tf)(*point)
        slopes = inner.gradient(value, point)
    return np.array(slopes), np.array([outer.gradient(slope, point) for slope in slopes])


def _precise(x, sigma, gamma):
    z = mpmath.mpc(x, gamma) / (sigma * mpmath.sqrt(2))
    return (mpmath.exp(-z * z) * mpmath.erfc(-1j * z)).real / (sigma * mpmath.sqrt(2 * mpmath.pi))


# Near the center, on a node of the sum and between two, where the series begins, and far in the wings.
_PLACES = [
    (0.0, 1.0, 0.5),
    (0.3, 0.2, 1e-6),
    (1.25, 0.15, 5e-5),
    (-4.9, 0.9, 5.5),
    (13.0, 1.0, 0.1),
    (700.0, 28.0, 0.02),
]


@pytest.mark.parametrize("place", _PLACES)
def test_derivatives_are_those_of_fifty_digits(place):
    found = _slopes(place)[0]
    with mpmath.workdps(50):
        orders = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
        expected = [float(mpmath.diff(_precise, tuple(map(mpmath.mpf, place)), order)) for order in orders]
    np.testing.assert_allclose(found, expected, rtol=5e-11, atol=1e-300)


@pytest.mark.parametrize("place", _PLACES)
def test_second_derivatives_obey_heat_and_laplace(place):
    """V solves the equation of heat in σ²/2, V_σ = σ·V_xx, and Laplace's in x and γ, V_xx = −V_γγ."""
    slope, curvature = _slopes(place)
    np.testing.assert_allclose(slope[1], place[1] * curvature[0, 0], rtol=1e-8)
    np.testing.assert_allclose(curvature[2, 2], -curvature[0, 0], rtol=1e-8)
    np.testing.assert_allclose(curvature, curvature.T, rtol=1e-7, atol=1e-300)


def test_starts_are_batched_in_the_compiled_loss():
    x = np.linspace(-3, 3, 21)
    problem = rv.Problem("y = a*voigt(x - c, s, g)", {"x": x, "y": special.voigt_profile(x - 0.2, 0.7, 0.4)})
    rows = np.array([[1.0, 0.2, 0.7, 0.4], [2.0, 0.0, 1.0, 1.0], [1.0, 0.1, 1e-3, 0.5]])
    found = [graph.Evaluator(problem).loss_and_gradient(row)[0] for row in rows]
    np.testing.assert_allclose(found, problem.losses(rows), rtol=1e-12, atol=1e-30)
    run = rv.descend(
        problem, [{"a": 1, "c": 0, "s": 1, "g": 0.5}, {"a": 1, "c": 0, "s": 1e-3, "g": 0.5}], "adam", steps=5
    )
    assert np.isfinite(run.dataset["loss"]).all()


def test_scipys_own_is_traced():
    problem = rv.Problem(lambda x, a, s, g: a * special.voigt_profile(x, s, g), {"x": [0.0, 1.0], "y": [1.0, 0.5]})
    assert problem.title.endswith("a*voigt(x, s, g)")


def test_sympy_writes_it_and_has_its_digits():
    formula = Formula("y = a*voigt(x - c, s, g)")
    assert r"\operatorname{voigt}" in formula.latex()
    small = math_sympy.math()["voigt"](1000.0, 1.0, 1e-8)
    assert float(small) == pytest.approx(special.voigt_profile(1000.0, 1.0, 1e-8), rel=1e-13)
    assert float(math_sympy.math()["voigt"](1.0, 0.0, 1.0)) == pytest.approx(1 / (2 * math.pi))
