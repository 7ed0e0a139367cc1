"""Intervals against closed forms, lmfit, iminuit, and simulation."""

import warnings

import numpy as np
import pytest
from scipy import stats

import ravine as rv
from ravine.fitting.intervals import confidence_band, contour, prediction_band, profile, profile_intervals
from ravine.fitting.refits import refit, with_data

_X = np.linspace(0.2, 4, 30)

# formula, the same for Python, truth, noise
_PROBLEMS = {
    "line": ("y = a*x + b", lambda x, a, b: a * x + b, {"a": 2.0, "b": -1.0}, 0.3),
    "parabola": ("y = a*x**2 + b*x + c", lambda x, a, b, c: a * x**2 + b * x + c, {"a": 0.5, "b": -1.0, "c": 3.0}, 0.2),
    "decay": ("y = a*exp(-b*x)", lambda x, a, b: a * np.exp(-b * x), {"a": 3.0, "b": 0.7}, 0.1),
    "decay-offset": (
        "y = a*exp(-b*x) + c", lambda x, a, b, c: a * np.exp(-b * x) + c, {"a": 3.0, "b": 1.2, "c": 0.5}, 0.05,
    ),
    "power": ("y = a*x**b", lambda x, a, b: a * x**b, {"a": 2.0, "b": 1.4}, 0.3),
    "saturation": ("y = a*x/(b + x)", lambda x, a, b: a * x / (b + x), {"a": 4.0, "b": 0.8}, 0.1),
    "gauss": (
        "y = a*exp(-((x - b)/c)**2)", lambda x, a, b, c: a * np.exp(-(((x - b) / c) ** 2)),
        {"a": 3.0, "b": 2.0, "c": 0.8}, 0.1,
    ),
    "lorentz": (
        "y = a/(1 + ((x - b)/c)**2)", lambda x, a, b, c: a / (1 + ((x - b) / c) ** 2),
        {"a": 3.0, "b": 2.0, "c": 0.5}, 0.1,
    ),
    "sine": ("y = a*sin(b*x + c)", lambda x, a, b, c: a * np.sin(b * x + c), {"a": 2.0, "b": 2.5, "c": 0.3}, 0.2),
    "logistic": (
        "y = a/(1 + exp(-b*(x - c)))", lambda x, a, b, c: a / (1 + np.exp(-b * (x - c))),
        {"a": 5.0, "b": 2.5, "c": 1.8}, 0.1,
    ),
}  # fmt: skip


def _data(name):
    formula, function, truth, noise = _PROBLEMS[name]
    y = function(_X, **truth) + noise * np.random.default_rng(7).standard_normal(len(_X))
    return formula, function, truth, noise, y


def _line(**options):
    formula, *_, y = _data("line")
    return rv.fit(formula, {"x": _X, "y": y}, **options)


@pytest.mark.parametrize("name", _PROBLEMS)
def test_errors_intervals_and_bands_agree_with_lmfit(name):
    lmfit = pytest.importorskip("lmfit")
    formula, function, truth, _, y = _data(name)
    ours = rv.fit(formula, {"x": _X, "y": y}, truth, starts=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # uncertainties warns of its own future
        theirs = lmfit.Model(function).fit(y, x=_X, **truth, fit_kws={"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15})
        ends = lmfit.conf_interval(theirs, theirs, sigmas=[0.95])
        band, wide = theirs.eval_uncertainty(sigma=0.95), theirs.dely_predicted
    found = profile_intervals(ours)
    for each, parameter in ours.params.items():
        stderr = theirs.params[each].stderr
        assert parameter.stderr == pytest.approx(stderr, rel=1e-4)
        low, high = ends[each][0][1], ends[each][-1][1]
        assert (found[each].low, found[each].high) == pytest.approx((low, high), abs=1e-4 * stderr)
    np.testing.assert_allclose(confidence_band(ours).high - ours.predict(), band, rtol=1e-4)
    np.testing.assert_allclose(prediction_band(ours).high - ours.predict(), wide, rtol=1e-4)


@pytest.mark.parametrize("name", _PROBLEMS)
def test_intervals_under_absolute_sigma_agree_with_iminuits_minos(name):
    iminuit = pytest.importorskip("iminuit")
    from iminuit.cost import LeastSquares

    formula, function, truth, noise, y = _data(name)
    ours = rv.fit(formula, {"x": _X, "y": y}, truth, sigma=noise, absolute_sigma=True, starts=1)
    theirs = iminuit.Minuit(LeastSquares(_X, y, noise, function), **truth)
    theirs.tol, theirs.strategy = 1e-6, 2
    theirs.migrad()
    theirs.minos(cl=0.95)
    found = profile_intervals(ours)
    for each in ours.free:
        merror, stderr = theirs.merrors[each], ours.params[each].stderr
        ends = theirs.values[each] + merror.lower, theirs.values[each] + merror.upper
        # MINOS stops when Δχ² is right to a thousandth or so.
        assert (found[each].low, found[each].high) == pytest.approx(ends, abs=2e-3 * stderr)


@pytest.mark.parametrize("name", _PROBLEMS)
def test_iminuits_own_profile_reaches_the_level_at_our_ends(name):
    """MINOS's own ends are no measure: it stops looking for the level at a coarse tolerance.

    Its minimizer can be asked for more. Near an end Δχ² = τ² rises by 2·τ per standard error, so that a Δχ² right to
    a share of 1e-6 places the end within 1e-6·τ/2 of a standard error.
    """
    iminuit = pytest.importorskip("iminuit")
    from iminuit.cost import LeastSquares

    formula, function, truth, noise, y = _data(name)
    ours = rv.fit(formula, {"x": _X, "y": y}, truth, sigma=noise, starts=1)

    def least(start, held=None):
        theirs = iminuit.Minuit(LeastSquares(_X, y, noise, function), **start)
        theirs.tol, theirs.strategy = 1e-8, 2
        if held:
            theirs.fixed[held] = True
        theirs.migrad(ncall=10_000)
        return theirs.fval

    lowest = least(ours.values)
    freedom = len(_X) - len(truth)
    level = stats.f.ppf(0.95, 1, freedom) * lowest / freedom  # t²·s²
    for each, interval in profile_intervals(ours).items():
        for end in (interval.low, interval.high):
            assert least({**ours.values, each: end}, each) - lowest == pytest.approx(level, rel=1e-6)


def test_intervals_of_a_linear_formula_are_students():
    fit = _line()
    for name, found in profile_intervals(fit).items():
        each = fit.params[name]
        assert (found.low, found.high) == pytest.approx((each.low95, each.high95), rel=1e-7)


def test_intervals_under_absolute_sigma_are_the_normals():
    fit = _line(sigma=0.3, absolute_sigma=True)
    found, each = profile_intervals(fit, ["a"], 0.9)["a"], fit.params["a"]
    assert found.high - each.value == pytest.approx(stats.norm.ppf(0.95) * each.stderr, rel=1e-7)


def test_interval_ends_where_the_refitted_sum_of_squares_says():
    formula, _, truth, _, y = _data("decay-offset")
    fit = rv.fit(formula, {"x": _X, "y": y}, truth)
    end = profile_intervals(fit)["b"].high
    held = rv.fit(formula, {"x": _X, "y": y}, truth, fixed={"b": end})
    freedom = fit.goodness.degrees_of_freedom
    assert held.loss / fit.loss - 1 == pytest.approx(stats.f.ppf(0.95, 1, freedom) / freedom, rel=1e-7)


def test_interval_stops_at_a_bound():
    fit = _line(bounds={"a": (1.99, None)})
    assert profile_intervals(fit)["a"].low == 1.99


def test_interval_is_open_where_the_data_set_no_limit():
    """Nothing tells how fast 1/(1 + b·x) falls once it lies below the noise."""
    x = np.array([1.0, 2.0, 3.0, 4.0])
    fit = rv.fit("y = 1/(1 + b*x)", {"x": x, "y": [0.02, -0.02, 0.01, 0.01]}, bounds={"b": (0, None)})
    assert profile_intervals(fit)["b"].high == np.inf


def test_interval_of_an_undetermined_parameter_is_unknown():
    fit = rv.fit("y = a*b*x", {"x": _X, "y": 2 * _X + 0.1 * np.sin(9 * _X)}, {"a": 1.0, "b": 2.0})
    found = profile_intervals(fit)["a"]
    assert np.isnan([found.low, found.high]).all()


def test_profile_of_a_linear_formula_is_straight():
    found = profile(_line(), "a", reach=2, points=5)
    np.testing.assert_allclose(found.tau, [-2, -1, 0, 1, 2], atol=1e-6)


def test_contour_of_a_linear_formula_is_the_ellipse():
    fit = _line()
    found = contour(fit, "a", "b", level=0.9)
    offset = np.stack([found.x, found.y], 1) - [fit.values["a"], fit.values["b"]]
    distance = np.einsum("ip,pq,iq->i", offset, np.linalg.inv(fit.covariance.matrix), offset)
    np.testing.assert_allclose(distance, 2 * stats.f.ppf(0.9, 2, fit.goodness.degrees_of_freedom), rtol=1e-6)
    assert (found.x[0], found.y[0]) == (found.x[-1], found.y[-1])


def test_contour_of_three_parameters_lies_on_the_refitted_level():
    formula, _, truth, _, y = _data("gauss")
    fit = rv.fit(formula, {"x": _X, "y": y}, truth)
    found = contour(fit, "a", "c", points=8)
    rise = 2 * stats.f.ppf(0.95, 2, fit.goodness.degrees_of_freedom) * fit.goodness.reduced_chi_squared
    for a, c in zip(found.x[:3], found.y[:3], strict=True):
        held = rv.fit(formula, {"x": _X, "y": y}, truth, fixed={"a": a, "c": c})
        assert held.loss - fit.loss == pytest.approx(rise, rel=1e-6)


def test_prediction_band_takes_the_scatter_of_new_observations():
    fit = _line(sigma=np.full(len(_X), 0.3))
    band = prediction_band(fit, {"x": [1.0]}, sigma=0.3)
    curve = confidence_band(fit, {"x": [1.0]})
    t = stats.t.ppf(0.975, fit.goodness.degrees_of_freedom)
    own = (t * fit.goodness.s * 0.3) ** 2
    assert (band.high[0] - band.prediction[0]) ** 2 == pytest.approx((curve.high[0] - curve.prediction[0]) ** 2 + own)


def test_wrong_words_are_refused(refuses):
    fit = _line()
    with refuses(rv.ProblemError, "'slope'", "a, b"):
        profile_intervals(fit, ["slope"])
    with refuses(rv.ProblemError, "level", "95"):
        profile_intervals(fit, level=95)
    with refuses(rv.ProblemError, "twice"):
        contour(fit, "a", "a")
    with refuses(rv.ProblemError, "sigma"):
        prediction_band(_line(sigma=0.3), {"x": [1.0]})


@pytest.mark.slow
def test_95_percent_intervals_hold_the_truth_in_95_percent_of_2000_fits():
    formula, function, truth, noise, y = _data("decay-offset")
    problem = rv.Problem(formula, {"x": _X, "y": y})
    exact = np.array([truth[name] for name in problem.names])
    data = function(_X, **truth) + noise * np.random.default_rng(11).standard_normal((2000, len(_X)))
    ones = np.ones_like(data)
    evaluate = with_data(problem, data, ones)
    found = refit(problem, evaluate, np.tile(exact, (2000, 1)))
    assert found.settled.all()
    _, jacobian = evaluate(found.params, np.arange(2000))
    freedom = len(_X) - len(exact)
    inverse = np.linalg.inv(np.einsum("rip,riq->rpq", jacobian, jacobian))
    variance = np.einsum("rpp->rp", inverse) * found.squares[:, None] / freedom
    reach = stats.t.ppf(0.975, freedom)
    inside = np.abs(found.params - exact) <= reach * np.sqrt(variance)
    assert ((inside.mean(0) > 0.93) & (inside.mean(0) < 0.97)).all(), inside.mean(0)
    slopes = jacobian[:, 10]
    curve = np.einsum("rp,rpq,rq->r", slopes, inverse, slopes) * found.squares / freedom
    truly = function(_X[10], **truth)
    held = np.abs(function(_X[10], *found.params.T) - truly) <= reach * np.sqrt(curve)
    assert 0.93 < held.mean() < 0.97
    limit = 1 + stats.f.ppf(0.95, 1, freedom) / freedom  # the profile interval holds b if S(b held at the truth) is low
    for index in range(len(exact)):
        assert 0.93 < _profile_coverage(problem, data, exact, found, index, limit) < 0.97


def _profile_coverage(problem, data, exact, found, index, limit):
    evaluate = with_data(problem, data, np.ones_like(data))
    free = np.arange(len(exact)) != index

    def held(rows, number):
        residual, jacobian = evaluate(rows, number)
        return residual, jacobian * free

    start = found.params.copy()
    start[:, index] = exact[index]
    return (refit(problem, held, start).squares <= limit * found.squares).mean()
