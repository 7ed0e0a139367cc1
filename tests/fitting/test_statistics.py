"""Statistics against closed forms and lmfit's definitions."""

import math

import numpy as np
import pytest

import ravine as rv
from ravine.fitting.statistics import Goodness, covariance, runs_test, significance

_RANDOM = np.random.default_rng(0)


def test_covariance_is_the_inverse_of_the_normal_matrix():
    jacobian = _RANDOM.standard_normal((20, 3)) * [1e-8, 1, 1e8]
    expected = 2.5 * np.linalg.inv(jacobian.T @ jacobian)
    np.testing.assert_allclose(covariance(jacobian, 2.5).matrix, expected, rtol=1e-9)


def test_covariance_survives_columns_whose_squares_underflow():
    jacobian = _RANDOM.standard_normal((20, 2))
    expected = covariance(jacobian, 1.0).matrix
    found = covariance(jacobian * [1e-170, 1.0], 1.0)
    assert found.undetermined == ()
    np.testing.assert_allclose(found.matrix[1, 1], expected[1, 1])


def test_parameter_without_effect_is_named_and_the_others_keep_their_errors():
    jacobian = _RANDOM.standard_normal((20, 3))
    jacobian[:, 1] = 0
    found = covariance(jacobian, 1.0)
    assert found.undetermined == ((1,),)
    assert np.isnan(found.matrix[1]).all()
    alone = covariance(jacobian[:, [0, 2]], 1.0).matrix
    np.testing.assert_allclose(found.matrix[np.ix_([0, 2], [0, 2])], alone)


def test_several_groups_are_kept_apart():
    one, two, three = _RANDOM.standard_normal((3, 20))
    jacobian = np.stack([one, two, 2 * one, 0 * one, three, -two, 0 * one], 1)
    assert covariance(jacobian, 1.0).undetermined == ((0, 2), (1, 5), (3,), (6,))


def test_fewer_points_than_parameters_leave_parameters_undetermined():
    found = covariance(np.array([[1.0, 2.0, 0.0]]), 1.0)
    assert found.undetermined == ((0, 1), (2,))
    assert np.isnan(found.matrix).all()


def test_criteria_follow_their_definitions():
    goodness = Goodness(points=20, free=3, squares=4.0, total_squares=50.0)
    assert goodness.aic == pytest.approx(20 * math.log(0.2) + 6)
    assert goodness.aicc == pytest.approx(goodness.aic + 2 * 3 * 4 / 16)
    assert goodness.bic == pytest.approx(20 * math.log(0.2) + 3 * math.log(20))
    assert goodness.r_squared == pytest.approx(0.92)
    assert goodness.adjusted_r_squared == pytest.approx(1 - 0.08 * 19 / 17)
    assert goodness.s == pytest.approx(math.sqrt(4 / 17))


def test_perfect_fit_has_finite_criteria():
    assert math.isfinite(Goodness(5, 1, 0.0, 1.0).aic)


def test_no_degrees_of_freedom_give_no_errors():
    goodness = Goodness(2, 2, 0.0, 1.0)
    assert math.isnan(goodness.s)
    assert math.isnan(goodness.aicc)
    assert significance(1.0, 0.1, 0) == pytest.approx((math.nan, math.nan), nan_ok=True)


def test_criteria_are_lmfits():
    lmfit = pytest.importorskip("lmfit")
    x = np.linspace(0, 5, 30)
    y = 3 * np.exp(-x) + 0.1 * np.random.default_rng(1).standard_normal(30)
    ours = rv.fit("y = a*exp(-b*x)", {"x": x, "y": y}).goodness
    theirs = lmfit.Model(lambda x, a, b: a * np.exp(-b * x)).fit(y, x=x, a=3, b=1)
    assert ours.squares == pytest.approx(theirs.chisqr, rel=1e-9)
    assert ours.reduced_chi_squared == pytest.approx(theirs.redchi, rel=1e-9)
    assert ours.aic == pytest.approx(theirs.aic, rel=1e-9)
    assert ours.bic == pytest.approx(theirs.bic, rel=1e-9)
    assert ours.r_squared == pytest.approx(theirs.rsquared, rel=1e-9)


def test_significance_is_students():
    t, p = significance(-2.0, 1.0, 1)  # with one degree of freedom t is Cauchy's: p = 1 − 2·atan(|t|)/π
    assert t == -2
    assert p == pytest.approx(1 - 2 * math.atan(2) / math.pi)


def test_runs_test_lets_chance_pass_and_sees_patterns():
    assert runs_test(np.random.default_rng(0).standard_normal(100)) > 0.01
    assert runs_test(np.sin(np.linspace(0, 6, 100))) < 1e-6
    assert runs_test(np.tile([1.0, -1.0], 50)) < 1e-6
