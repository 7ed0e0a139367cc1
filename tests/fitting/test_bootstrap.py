"""Bootstrap against the standard errors it must agree with, and against refits one by one."""

import numpy as np
import pytest

import ravine as rv
from ravine.fitting.bootstrap import bootstrap
from ravine.fitting.refits import refit, with_data

_X = np.linspace(0.2, 4, 60)


def _decay(noise=0.05, **options):
    y = 3 * np.exp(-1.2 * _X) + 0.5 + noise * np.random.default_rng(3).standard_normal(len(_X))
    return rv.fit("y = a*exp(-b*x) + c", {"x": _X, "y": y}, **options)


def test_scatter_of_a_thousand_refits_is_the_standard_error():
    fit = _decay()
    found = bootstrap(fit, 1000)
    assert found.params.shape == (1000, 3)
    for name, stderr in found.stderr.items():
        assert stderr == pytest.approx(fit.params[name].stderr, rel=0.1)


def test_pairs_see_scatter_that_isnt_alike_everywhere():
    """White's sandwich (XᵀX)⁻¹·Xᵀdiag(e²)X·(XᵀX)⁻¹ is what drawing rows comes to; the standard error misses it."""
    x = np.linspace(-1, 1, 400)
    y = 2 * x + x**2 * np.random.default_rng(3).standard_normal(400)
    fit = rv.fit("y = a*x + b", {"x": x, "y": y})
    design = np.stack([x, np.ones(400)], 1)
    inverse = np.linalg.inv(design.T @ design)
    sandwich = inverse @ (design.T * fit.residuals**2) @ design @ inverse
    found = bootstrap(fit, 1000, "pairs").covariance
    np.testing.assert_allclose(np.sqrt(np.diag(found)), np.sqrt(np.diag(sandwich)), rtol=0.1)
    assert np.sqrt(sandwich[0, 0]) > 1.3 * fit.params["a"].stderr


def test_percentile_intervals_lie_around_the_answer():
    fit = _decay()
    for name, (low, high) in bootstrap(fit).intervals().items():
        assert low < fit.params[name].value < high
        width = fit.params[name].high95 - fit.params[name].low95
        assert high - low == pytest.approx(width, rel=0.15)


def test_refits_are_what_fits_one_by_one_give():
    fit = _decay()
    observed = fit.problem.observed + np.array([[0.1], [-0.2]]) * np.sin(3 * _X)
    found = refit(
        fit.problem, with_data(fit.problem, observed, np.ones_like(observed)), np.tile([3.0, 1.2, 0.5], (2, 1))
    )
    for row, y in zip(found.params, observed, strict=True):
        alone = rv.fit("y = a*exp(-b*x) + c", {"x": _X, "y": y}, starts=8)
        np.testing.assert_allclose(row, list(alone.values.values()), rtol=1e-7)


def test_pairs_count_repeated_rows_like_a_table_with_these_rows():
    fit = _decay()
    times = np.random.default_rng(0).multinomial(60, np.full(60, 1 / 60))
    found = refit(
        fit.problem,
        with_data(fit.problem, fit.problem.observed[None], np.sqrt(times)[None]),
        np.array([[3.0, 1.2, 0.5]]),
    )
    drawn = {"x": np.repeat(_X, times), "y": np.repeat(fit.problem.observed, times)}
    alone = rv.fit("y = a*exp(-b*x) + c", drawn, starts=8)
    np.testing.assert_allclose(found.params[0], list(alone.values.values()), rtol=1e-7)


def test_residuals_scale_with_sigma():
    """Where sigma says the scatter is ten times larger, the drawn data scatter ten times more."""
    sigma = np.where(_X < 2, 0.01, 0.1)
    y = 2 * _X + 1 + sigma * np.random.default_rng(5).standard_normal(len(_X))
    fit = rv.fit("y = a*x + b", {"x": _X, "y": y, "dy": sigma}, sigma="dy")
    for name, stderr in bootstrap(fit).stderr.items():
        assert stderr == pytest.approx(fit.params[name].stderr, rel=0.15)


def test_more_refits_than_fit_into_one_batch_are_parted():
    x = np.linspace(0, 1, 5000)
    fit = rv.fit("y = a*x + b", {"x": x, "y": x + 0.1 * np.random.default_rng(0).standard_normal(5000)})
    found = bootstrap(fit, 130)
    assert found.params.shape == (130, 2)
    assert len(np.unique(found.params[:, 0])) == 130


def test_the_seed_decides():
    fit = _decay()
    one, same, other = (bootstrap(fit, 20, seed=seed).params for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).all()


def test_bounds_hold():
    fit = _decay(bounds={"c": (0.49, None)})
    assert bootstrap(fit, 200).params[:, 2].min() >= 0.49


def test_fixed_parameters_stay_out():
    assert bootstrap(_decay(fixed={"c": 0.5}), 10).names == ("a", "b")


def test_band_of_refits_is_the_confidence_band():
    fit = _decay()
    low, high = bootstrap(fit).band(fit, {"x": [0.5, 1.0]})
    half = fit.eval_uncertainty({"x": [0.5, 1.0]})
    np.testing.assert_allclose(high - low, 2 * half, rtol=0.15)


def test_wrong_words_are_refused(refuses):
    fit = _decay()
    with refuses(rv.ProblemError, "'pair'", "pairs"):
        bootstrap(fit, 10, "pair")
    with refuses(rv.ProblemError, "2 refits", "got 1"):
        bootstrap(fit, 1)
    with refuses(rv.ProblemError, "more points than parameters"):
        bootstrap(rv.fit("y = a*x + b", {"x": [0, 1], "y": [0, 1]}), 10)
