"""Ready formulas: each finds its own start, by any name, over any columns."""

import lmfit
import numpy as np
import pytest
from scipy import special

import ravine as rv
from ravine.fitting.ready import Models, models, polynomial, resolve, with_data
from ravine.formula import Formula
from ravine.formula.math_numpy import MATH

_X = np.linspace(0.2, 10, 80)
_TRUTH = {
    "line": {"slope": 2, "intercept": -1},
    "polynomial(2)": {"c0": 1, "c1": -2, "c2": 0.3},
    "polynomial(3)": {"c0": 9, "c1": -2, "c2": 0.3, "c3": 0.1},
    "exponential_decay": {"amplitude": 3, "rate": 0.7, "offset": 1},
    "exponential_growth": {"amplitude": 0.1, "rate": 0.6, "offset": 2},
    "power": {"a": 2, "b": -1.3},
    "logistic": {"top": 5, "rate": 1.5, "middle": 4},
    "gompertz": {"top": 5, "rate": 0.8, "middle": 3},
    "gaussian": {"height": 4, "center": 6, "width": 0.7, "offset": 1},
    "lorentzian": {"height": -4, "center": 3, "width": 0.5, "offset": 1},
    "voigt": {"area": 6, "center": 5, "sigma": 0.6, "gamma": 0.4, "offset": 0.3},
    "pseudo_voigt": {"height": 4, "center": 5, "fraction": 0.4, "width": 1, "offset": 0.3},
    "sine": {"amplitude": 2, "frequency": 0.8, "phase": 1, "offset": 3},
    "damped_sine": {"amplitude": 4, "decay": 0.3, "frequency": 0.9, "phase": -2, "offset": 1},
    "michaelis_menten": {"top": 4, "half": 1.2},
    "hill": {"top": 4, "half": 3, "n": 2.5},
    "arrhenius": {"prefactor": 1e6, "energy": 4e4},
    "weibull_growth": {"top": 5, "drop": 4, "scale": 4, "shape": 2.2},
}


def _evaluate(name, x, params):
    return Formula(models[name].formula).model.evaluate({**params, "x": x, "pi": np.pi}, MATH)


def test_every_formula_is_tested():
    assert set(_TRUTH) == set(models)


@pytest.mark.parametrize("name", _TRUTH)
@pytest.mark.parametrize("seed", [0, 1])
def test_own_start_leads_to_the_truth_without_other_starts(name, seed):
    x = np.linspace(280, 400, 60) if name == "arrhenius" else _X
    exact = _evaluate(name, x, _TRUTH[name])
    y = exact + 0.01 * exact.std() * np.random.default_rng(seed).standard_normal(len(x))
    fit = rv.fit(models[name].formula, {"x": x, "y": y}, models[name].start(x, y), starts=1)
    assert fit.goodness.r_squared > 0.9995
    for parameter, value in _TRUTH[name].items():
        found = fit.params[parameter]
        assert abs(found.value - value) < 5 * found.stderr


@pytest.mark.parametrize("name", _TRUTH)
def test_parameters_are_those_of_the_formula_and_explained(name):
    model = models[name]
    assert set(Formula(model.formula).names) - {"x", "pi"} == set(model.params)
    assert all(model.params.values())
    assert model.reference


@pytest.mark.parametrize("name", _TRUTH)
@pytest.mark.parametrize("y", [[2.0, 2.0, 2.0, 2.0], [0.0, 0.0, 0.0, 0.0], [1.0, -1.0, 1.0, -1.0]])
def test_starts_are_finite_for_odd_data(name, y):
    for x in ([0.0, 1.0, 2.0, 3.0], [2.0, 2.0, 2.0, 2.0], [-1.0, 0.0, 1.0, 1e6]):
        start = models[name].start(np.array(x), np.array(y))
        assert set(start) == set(models[name].params)
        assert np.isfinite(list(start.values())).all()


def test_a_voigt_peak_is_as_lmfit_finds_it():
    x, random = np.linspace(-6, 8, 120), np.random.default_rng(3)
    y = 5 * special.voigt_profile(x - 0.7, 0.9, 0.6) + 0.01 * random.standard_normal(120)
    here = rv.fit("voigt", {"x": x, "y": y}, fixed={"offset": 0}, absolute_sigma=False)
    model = lmfit.models.VoigtModel()
    params = model.make_params(amplitude=4, center=0.5, sigma=0.7)
    params["gamma"].set(value=0.5, vary=True, expr="")
    there = model.fit(y, params, x=x, fit_kws={"xtol": 1e-13, "ftol": 1e-13})
    truth = {"area": 5, "center": 0.7, "sigma": 0.9, "gamma": 0.6}
    for name, value in truth.items():
        found, theirs = here.params[name], there.params["amplitude" if name == "area" else name]
        assert abs(found.value - value) < 4 * found.stderr
        assert found.value == pytest.approx(theirs.value, rel=1e-6)
        assert found.stderr == pytest.approx(theirs.stderr, rel=1e-4)


def test_fast_wave_among_many_points_is_found():
    x = np.sort(np.random.default_rng(0).uniform(50, 60, 5000))
    y = np.sin(2 * np.pi * 17.3 * x + 1) + 0.1 * np.random.default_rng(1).standard_normal(5000)
    assert models["sine"].start(x, y)["frequency"] == pytest.approx(17.3, rel=2e-3)


def test_other_names_mean_the_same():
    assert models["Gauss"] is models["gaussian"]
    assert models["michaelis-menten"] is models["michaelis_menten"]
    assert models["pseudo-voigt"] is models["pseudo_voigt"]
    assert models["quadratic"] is models["polynomial(2)"]
    assert models["polynomial(4)"].formula == "y = c0 + c1*x + c2*x**2 + c3*x**3 + c4*x**4"


def test_models_are_a_mapping():
    assert isinstance(models, Models)
    assert "hill" in models
    assert "mountain" not in models
    assert len(models) == len(list(models)) == 18


def test_parameters_make_way_for_columns():
    text, start = resolve("power", "a", "b")
    assert text == "b = a_*a**b_"
    assert set(start(_X, _X**2)) == {"a_", "b_"}


def test_columns_are_found_by_name_or_because_there_are_two():
    data = {"time (s)": _X, "counts": 2 * _X + 1, "other": _X}
    text, start = with_data("line", data, "time", "counts")
    assert text == "counts = slope*time + intercept"
    assert start == pytest.approx({"slope": 2, "intercept": 1})
    del data["other"]
    assert with_data("line", data)[0] == text
    assert with_data("line", data, y="time")[0] == "time = slope*counts + intercept"
    assert with_data("line", {"x": _X, "y": _X, "z": _X})[0] == "y = slope*x + intercept"


def test_wrong_words_are_refused(refuses):
    with refuses(rv.ProblemError, "'gausian'", "gaussian"):
        models["gausian"]
    with refuses(rv.ProblemError, "0 to 20", "21"):
        polynomial(21)
    with refuses(rv.ProblemError, "'time (s)'"):
        resolve("line", "time (s)", "y")
    with refuses(rv.ProblemError, "which column is x", "p, q, r"):
        with_data("line", {"p": _X, "q": _X, "r": _X})
    with refuses(rv.DataError, "'tme'"):
        with_data("line", {"time": _X, "y": _X}, "tme", "y")
