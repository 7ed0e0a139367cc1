"""curve_fit: what SciPy's curve_fit promises, with ravine behind it.

The expected numbers have closed forms or come from exact data; where SciPy answers too, both are compared.
"""

import warnings

import numpy as np
import pytest
from scipy import optimize
from scipy.optimize import Bounds, OptimizeWarning

import ravine as rv

_X = np.linspace(0, 1, 11)
_METHODS = ["lm", "trf", "dogbox", None]


def _line(x, a, b):
    return a * x + b


def _decay(x, a, b):
    return a * np.exp(-b * x)


def _decay_slopes(x, a, b):
    return np.stack([np.exp(-b * x), -a * x * np.exp(-b * x)], 1)


def _closed_form(x, y, precision):
    """Return slope and intercept, the covariance without s², and χ² for a matrix of weights."""
    design = np.stack([x, np.ones_like(x)], 1)
    normal = design.T @ precision @ design
    params = np.linalg.solve(normal, design.T @ precision @ y)
    left = y - design @ params
    return params, np.linalg.inv(normal), float(left @ precision @ left)


@pytest.fixture
def noisy():
    x = np.linspace(0, 4, 30)
    return x, _decay(x, 2.5, 1.3) + 0.1 * np.random.default_rng(3).standard_normal(30)


# -- answers


@pytest.mark.parametrize("method", _METHODS)
def test_exact_data_give_their_parameters(method):
    popt, pcov = rv.curve_fit(_decay, _X, _decay(_X, 2, 3), method=method)
    assert popt == pytest.approx([2, 3], rel=1e-9)
    assert np.abs(pcov).max() < 1e-20


@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("scale", [1, 3])
def test_a_weighted_line_has_its_closed_form(scale, absolute):
    x, y = np.arange(6.0), np.array([1.0, 1, 5, 7, 8, 12])
    sigma = scale * np.array([1.0, 2, 1, 2, 1, 2])
    popt, pcov = rv.curve_fit(_line, x, y, p0=[2, 0], sigma=sigma, absolute_sigma=absolute)
    params, inverse, squares = _closed_form(x, y, np.diag(sigma**-2.0))
    assert popt == pytest.approx(params)
    np.testing.assert_allclose(pcov, inverse * (1 if absolute else squares / 4))


@pytest.mark.parametrize("absolute", [False, True])
def test_a_covariance_matrix_weights_as_its_inverse_says(absolute):
    x, y = np.arange(6.0), np.array([1.0, 1, 5, 7, 8, 12])
    root = np.random.default_rng(0).standard_normal((6, 6))
    sigma = root @ root.T + np.eye(6)
    popt, pcov = rv.curve_fit(_line, x, y, sigma=sigma, absolute_sigma=absolute)
    params, inverse, squares = _closed_form(x, y, np.linalg.inv(sigma))
    assert popt == pytest.approx(params)
    np.testing.assert_allclose(pcov, inverse * (1 if absolute else squares / 4), rtol=1e-7)


@pytest.mark.filterwarnings("ignore::scipy.optimize.OptimizeWarning")  # sigma is not that of the noise
@pytest.mark.parametrize("slopes", [None, _decay_slopes])
def test_a_diagonal_covariance_is_the_same_as_its_roots(noisy, slopes):
    x, y = noisy
    sigma = 0.1 + 0.05 * x
    one = rv.curve_fit(_decay, x, y, sigma=sigma)
    other = rv.curve_fit(_decay, x, y, sigma=np.diag(sigma**2), jac=slopes)
    np.testing.assert_allclose(one[0], other[0], rtol=1e-8)
    np.testing.assert_allclose(one[1], other[1], rtol=1e-6)


def test_one_sigma_stands_for_all(noisy):
    x, y = noisy
    one, many = (rv.curve_fit(_decay, x, y, sigma=sigma, absolute_sigma=True) for sigma in (2, np.full(30, 2.0)))
    np.testing.assert_array_equal(one[1], many[1])


def test_scipy_agrees(noisy):
    ours, theirs = (fit(_decay, *noisy) for fit in (rv.curve_fit, optimize.curve_fit))
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-6)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-4)  # SciPy's differences are forward ones


def test_lists_integers_and_single_precision_are_taken():
    assert rv.curve_fit(_line, [1, 2, 3, 4], [3, 5, 7, 9])[0] == pytest.approx([2, 1])
    x = np.arange(8, dtype=np.float32)
    popt, _ = rv.curve_fit(_line, x, (2 * x + 1 + np.sin(9 * x)).astype(np.float32))
    assert popt.dtype == np.float64


def test_methods_of_objects_are_functions_too():
    class Model:
        def curve(self, x, a, b):
            return _decay(x, a, b)

    assert rv.curve_fit(Model().curve, _X, _decay(_X, 2, 3))[0] == pytest.approx([2, 3])


def test_several_inputs_come_as_rows():
    x = np.random.default_rng(0).uniform(1, 2, (2, 20))
    popt, _ = rv.curve_fit(lambda x, a, b: a * x[0] + b * x[1] ** 2, x, 3 * x[0] - 2 * x[1] ** 2)
    assert popt == pytest.approx([3, -2])
    popt, _ = rv.curve_fit(lambda x, a, b: a * x[0, :] + b * x[1, :], x, 3 * x[0] - 2 * x[1])
    assert popt == pytest.approx([3, -2])


def test_a_function_may_take_any_number_of_parameters():
    def polynomial(x, *coefficients):
        return sum(c * x**power for power, c in enumerate(coefficients))

    y = 1 - 2 * _X + 3 * _X**2
    assert rv.curve_fit(polynomial, _X, y, p0=[1, 1, 1])[0] == pytest.approx([1, -2, 3])
    with pytest.raises(ValueError, match="Unable to determine number of fit parameters"):
        rv.curve_fit(polynomial, _X, y)


def test_functions_that_are_no_formulas_are_called():
    knots = np.array([0.0, 0.5, 1.0])

    def broken(x, low, middle, high):
        return np.interp(x, knots, np.array([low, middle, high]))

    popt, pcov = rv.curve_fit(broken, _X, broken(_X, 1, -1, 2))
    assert popt == pytest.approx([1, -1, 2])
    assert np.isfinite(pcov).all()


def test_a_function_may_ignore_x():
    assert rv.curve_fit(lambda _, a: a * np.arange(10), None, 2 * np.arange(10))[0] == pytest.approx([2])


def test_y_may_be_one_number_for_all():
    target = 3 * _X + 1
    popt, _ = rv.curve_fit(lambda x, a, b: a * x + b - target, _X, 0)
    assert popt == pytest.approx([3, 1])


def test_full_output_holds_residuals_and_a_message():
    popt, _, information, message, flag = rv.curve_fit(_line, _X, _X**2, full_output=True)
    np.testing.assert_allclose(information["fvec"], _line(_X, *popt) - _X**2, atol=1e-14)
    assert {"nfev", "fvec", "fjac", "ipvt", "qtf"} <= set(information)
    assert isinstance(message, str)
    assert flag in (1, 2, 3, 4)


@pytest.mark.parametrize("jac", ["2-point", "3-point", "cs", _decay_slopes])
def test_a_jacobian_changes_nothing(jac):
    assert rv.curve_fit(_decay, _X, _decay(_X, 2, 3), jac=jac)[0] == pytest.approx([2, 3])


def test_scipys_settings_are_accepted():
    assert rv.curve_fit(_line, _X, 2 * _X, maxfev=9, ftol=1e-3, xtol=1e-3)[0] == pytest.approx([2, 0], abs=1e-12)


# -- bounds


@pytest.mark.parametrize("bounds", [([1, 0], [1.5, 3]), Bounds([1, 0], [1.5, 3])])
def test_the_answer_lies_within_the_bounds(bounds):
    with pytest.warns(OptimizeWarning, match="'a' stands at its bound"):
        popt, _ = rv.curve_fit(_decay, _X, _decay(_X, 2, 2), bounds=bounds)
    slopes = _decay_slopes(_X, *popt)[:, 1]
    assert popt[0] == 1.5
    assert slopes @ (_decay(_X, *popt) - _decay(_X, 2, 2)) == pytest.approx(0, abs=1e-9)


def test_the_twin_that_the_start_leads_to_is_taken():
    x = np.linspace(-2 * np.pi, 2 * np.pi, 40)
    for bounds in ((-np.inf, np.inf), (-3 * np.pi, 3 * np.pi)):
        popt, _ = rv.curve_fit(lambda x, a: np.sin(x + a), x, np.sin(x), p0=2.1 * np.pi, bounds=bounds)
        assert popt == pytest.approx([2 * np.pi])


# -- warnings


def test_a_wrong_valley_is_left_and_told():
    x = np.random.default_rng(0).uniform(-1, 1, 80)
    with pytest.warns(OptimizeWarning, match="another valley"):
        popt, _ = rv.curve_fit(lambda x, a, b: np.sin(b * np.cos(a * x)), x, np.sin(2.5 * np.cos(1.2 * x)), [5, 4])
    assert np.abs(popt) == pytest.approx([1.2, 2.5])


@pytest.mark.parametrize(
    ("function", "x"), [(lambda x, a, b: a * x + 0 * b, _X), (lambda x, a, b: a * x, _X), (_line, _X[:2])]
)
def test_errors_that_nothing_tells_are_infinite(function, x):
    with pytest.warns(OptimizeWarning, match="Covariance of the parameters could not be estimated"):
        _, pcov = rv.curve_fit(function, x, 2 * x)
    np.testing.assert_array_equal(pcov, np.full((2, 2), np.inf))


def test_all_is_well_means_no_warning(noisy):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rv.curve_fit(_decay, *noisy)


# -- missing values


@pytest.mark.filterwarnings("ignore::scipy.optimize.OptimizeWarning")  # sigma is not that of the noise
@pytest.mark.parametrize("sigma", [None, "each", "matrix"])
def test_missing_values_may_be_left_out(noisy, sigma):
    x, y = (column.copy() for column in noisy)
    spread = {None: None, "each": 0.1 + 0.05 * x, "matrix": np.diag((0.1 + 0.05 * x) ** 2)}[sigma]
    x[3] = y[[5, 7]] = np.nan
    keep = np.isfinite(x + y)
    found = rv.curve_fit(_decay, x, y, sigma=spread, nan_policy="omit")
    if spread is not None:
        spread = spread[keep] if spread.ndim == 1 else spread[np.ix_(keep, keep)]
    expected = rv.curve_fit(_decay, x[keep], y[keep], sigma=spread)
    np.testing.assert_array_equal(found[0], expected[0])


def test_missing_values_in_any_input_are_left_out():
    x = np.array([[2.0, 3, np.nan, 4, 5], [2, 3, 1, np.nan, 7]])
    y = np.array([1.0, 2, 5, 3, 10])
    found = rv.curve_fit(lambda x, a, b: a * x[0] + b + x[1], x, y, nan_policy="omit")[0]
    assert found == pytest.approx(np.polyfit([2, 3, 5], [-1, -1, 3], 1))


# -- refusals


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        ({"ydata": [1, np.nan, 3]}, "finite numbers in ydata"),
        ({"xdata": [1, np.nan, 3]}, "finite numbers in xdata"),
        ({"ydata": [1, np.nan, 3], "check_finite": False}, "finite numbers in ydata"),
        ({"ydata": [1, np.nan, 3], "nan_policy": "raise"}, "The input contains nan"),
        ({"nan_policy": "propagate"}, "is not supported"),
        ({"nan_policy": "hi"}, "nan_policy must be one of {None, 'raise', 'omit'}"),
        ({"xdata": [], "ydata": []}, "must not be empty"),
        ({"method": "unknown"}, "'unknown'"),
        ({"method": "lm", "bounds": (0, 9)}, "only works for unconstrained"),
        ({"bounds": ([0, 1], [2, 1])}, "lower bound"),
        ({"bounds": ([0, 0, 0], 1)}, "2 lower and upper bounds"),
        ({"bounds": 3}, "(low, high)"),
        ({"p0": [5, 5], "bounds": (0, 1)}, "Initial guess is outside"),
        ({"sigma": [1, 2]}, "incorrect shape"),
        ({"sigma": [1, 0, 1]}, "positive, finite"),
        ({"sigma": -np.eye(3)}, "positive definite"),
        ({"ydata": ["a", "b", "c"]}, "numbers in ydata"),
        ({"args": (1,)}, "'args' is not"),
        ({"f": lambda x: x}, "Unable to determine"),
    ],
)
def test_bad_input_is_one_sentence_and_a_value_error(refuses, words, fragment):
    given = {"f": _line, "xdata": [1.0, 2, 3], "ydata": [1.0, 2, 4], **words}
    with refuses(rv.ProblemError, fragment):
        rv.curve_fit(**given)


def test_fewer_points_than_parameters_are_a_type_error():
    with pytest.raises(TypeError, match="The number of func parameters=3"):
        rv.curve_fit(lambda x, a, b, c: a * x + b + c, [1, 2], [3, 4])
