"""lmfit's words mean what they mean in lmfit: the same problem there gives the same numbers."""

import math

import lmfit
import numpy as np
import pytest

import ravine as rv
from ravine.fitting import synonyms
from ravine.notes import Note

_X = np.linspace(0, 4, 30)
_Y = 3 * np.exp(-1.2 * _X) + 0.5 + 0.02 * np.random.default_rng(0).standard_normal(30)
_START = {"a": 2.0, "b": 1.0, "c": 0.0}


def _decay(x, a, b, c):
    return a * np.exp(-b * x) + c


@pytest.fixture(scope="module")
def both():
    """Return the fit here and there, with bounds of c and a sigma."""
    sigma = np.linspace(0.01, 0.03, 30)
    data = {"x": _X, "y": _Y, "dy": sigma}
    here = rv.fit("y = a*exp(-b*x) + c", data, _START, bounds={"c": (-1, 2)}, sigma="dy")
    model = lmfit.Model(_decay)
    params = model.make_params(**_START)
    params["c"].set(min=-1, max=2)
    return here, model.fit(_Y, params, x=_X, weights=1 / sigma, fit_kws={"xtol": 1e-12, "ftol": 1e-12})


@pytest.mark.parametrize("word", ["chisqr", "redchi", "aic", "bic", "ndata", "nvarys", "nfree"])
def test_numbers_are_lmfits(both, word):
    here, there = both
    assert getattr(here, word) == pytest.approx(getattr(there, word), rel=1e-6)


# lmfit takes its Jacobian by forward differences, which leaves four digits of a covariance.
@pytest.mark.parametrize(("word", "tolerance"), [("best_fit", 1e-6), ("residual", 1e-6), ("covar", 1e-4)])
def test_arrays_are_lmfits(both, word, tolerance):
    here, there = both
    expected = getattr(there, word)
    np.testing.assert_allclose(getattr(here, word), expected, rtol=tolerance, atol=1e-6 * np.abs(expected).max())


def test_names_and_values_are_lmfits(both):
    here, there = both
    assert here.var_names == there.var_names
    assert here.best_values == pytest.approx(there.best_values, rel=1e-6)
    assert here.init_values == _START == {name: there.init_values[name] for name in _START}
    assert here.success is there.success is True
    assert here.message == "Fit succeeded."


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_parameters_know_lmfits_words(both, name):
    here, there = (fit.params[name] for fit in both)
    for word in ("value", "stderr", "min", "max", "init_value"):
        assert getattr(here, word) == pytest.approx(getattr(there, word), rel=1e-5)
    assert (here.name, here.vary, here.expr) == (there.name, there.vary, there.expr)
    assert here.correl == pytest.approx(there.correl, rel=1e-4)
    assert both[0].correl[name] == here.correl


def test_r_squared_without_weights_is_lmfits():
    here = rv.fit("y = a*exp(-b*x) + c", {"x": _X, "y": _Y}, _START)
    there = lmfit.Model(_decay).fit(_Y, x=_X, **_START)
    assert here.rsquared == pytest.approx(there.rsquared, rel=1e-6)


def test_evaluation_and_report(both):
    here, there = both
    np.testing.assert_allclose(here.eval(x=[0.5, 9.0]), there.eval(x=np.array([0.5, 9.0])), rtol=1e-6)
    np.testing.assert_array_equal(here.eval(), here.best_fit)
    assert here.fit_report() == here.report()


def test_what_was_fixed_or_tied_has_no_correlation():
    here = rv.fit(
        "y = a*exp(-b*x) + c", {"x": _X, "y": _Y}, params={"c": {"value": 0.5, "vary": False}, "a": {"expr": "2*b"}}
    )
    assert (here.var_names, here.params["c"].correl, here.params["a"].correl) == (["b"], {}, {})
    assert (here.params["c"].vary, here.params["a"].vary, here.params["a"].expr) == (False, False, "2*b")
    assert here.params["b"].init_value is None and here.params["b"].min == -math.inf
    assert here.init_values == {"c": 0.5}


def test_a_saved_fit_knows_them_too(both, tmp_path):
    again = rv.load(rv.save(both[0], tmp_path / "fit.nc"))
    assert again.correl == both[0].correl
    assert again.params["b"].name == "b"


def test_a_fit_that_did_not_settle_says_so(both):
    here = both[0].with_warnings([Note("not-converged", "It did not settle.")])
    assert (here.success, here.message) == (False, "It did not settle.")


def test_every_word_says_what_it_is():
    words = [value for name, value in vars(rv.Fit).items() if isinstance(value, property) and hasattr(synonyms, name)]
    assert len(words) == 17
    assert all(word.__doc__ for word in words)
