"""The report of a fit, and the file it comes back from."""

import dataclasses
import json
import math
import subprocess
import sys

import numpy as np
import pytest

import ravine as rv
from ravine.fitting.digits import with_error
from ravine.fitting.statistics import significance


@pytest.fixture(scope="module")
def found():
    """Return a fit with everything in it: a bound, something fixed, something tied, a warning, several minima."""
    x = np.linspace(0, 4, 30)
    y = 2 * np.sin(1.5 * x) + 0.5 + 0.05 * np.random.default_rng(0).standard_normal(30)
    y[7] += 2
    return rv.fit(
        "y = a*sin(b*x) + c + d*x + k",
        {"x": x, "y": y},
        {"a": 1, "b": 1.3, "c": 0.1},
        bounds={"a": (0, 10)},
        fixed={"d": 0},
        ties={"k": "c/2"},
    )


def test_text_begins_with_formula_status_and_warnings(found):
    first, second, *rest = found.report().splitlines()
    assert first == found.problem.title
    assert second.startswith("Converged. 30 points, 3 free parameters")
    assert rest[: len(found.warnings)][0].startswith("! ")


def test_text_stays_within_80_columns(found):
    assert max(map(len, found.report().splitlines())) <= 80
    sides = {"value": 1.0, "min": -1000.5, "max": 1000.5}
    long = {f"a_rather_long_parameter_name_{index}": sides for index in range(3)}
    x = np.linspace(1, 2, 9)
    terms = " + ".join(f"{name}*x**{index}" for index, name in enumerate(long))
    text = rv.fit(f"y = {terms}", {"x": x, "y": np.exp(x)}, params=long).report()
    assert max(map(len, text.splitlines())) <= 80
    assert "in [-1000.5, 1000.5]" in text


def test_text_names_value_error_start_bounds_fixed_and_tied(found):
    lines = [line for line in found.report().splitlines() if line[:1] in {*"abcdk"} and "  " in line]
    rows = {line.split()[0]: line for line in lines}
    a = found.params["a"]
    assert " ± ".join(with_error(a.value, a.stderr)) in rows["a"]
    assert "in [0, 10]" in rows["a"]
    assert rows["d"].endswith("fixed")
    assert rows["k"].endswith("= c/2")


def test_t_and_p_are_shown_where_there_is_room(found):
    narrow = rv.fit("y = a*x", {"x": [1.0, 2, 3], "y": [1.1, 2.0, 2.9]})
    t, p = significance(narrow.params["a"].value, narrow.params["a"].stderr, 2)
    row = next(line for line in narrow.report().splitlines() if line.startswith("a "))
    assert row.split()[-2:] == [f"{t:.3g}", f"{p:.2g}"]
    assert "<th>t</th><th>p</th>" in found.report("html")


def test_p_rests_on_the_normal_distribution_when_sigma_is_absolute():
    data = {"x": [1.0, 2, 3], "y": [0.5, -0.2, 0.4]}
    sure = rv.fit("y = a + 0*x", data, sigma=0.3, absolute_sigma=True)
    described = json.loads(sure.report("json"))["params"]["a"]
    assert described["p"] == pytest.approx(math.erfc(described["t"] / math.sqrt(2)))


def test_repr_is_the_report(found):
    assert repr(found) == found.report()


def test_json_is_strict_and_holds_what_the_fit_holds(found):
    described = json.loads(found.report(format="json"), parse_constant=pytest.fail)
    assert described["params"]["a"] == {
        "start": 1.0,
        "value": found.values["a"],
        "stderr": found.params["a"].stderr,
        "low95": found.params["a"].low95,
        "high95": found.params["a"].high95,
        "t": pytest.approx(found.params["a"].value / found.params["a"].stderr),
        "p": pytest.approx(significance(found.params["a"].value, found.params["a"].stderr, 27)[1]),
    }
    assert (described["params"]["d"]["t"], described["params"]["d"]["p"]) == (None, None)
    assert described["loss"]["final"] == described["statistics"]["squares"] == found.loss
    assert [note["code"] for note in described["warnings"]] == [note.code for note in found.warnings]
    assert set(described["minima"][0]) == {"loss", "params", "share"}


def test_json_knows_no_nan():
    unsure = rv.fit("y = a + b*x", {"x": [1.0], "y": [2.0]})
    described = json.loads(unsure.report("json"), parse_constant=pytest.fail)
    assert described["params"]["a"]["stderr"] is None
    assert described["loss"]["start"] is None


def test_html_is_a_page_and_escapes():
    page = rv.fit("y = where(x < 2, a, b)", {"x": [0.0, 1, 2, 3], "y": [1.0, 2, 4, 5]})
    text = page.report("html")
    assert text.startswith("<!DOCTYPE html>")
    assert "x &lt; 2" in text
    assert "x < 2" not in text
    assert page._repr_html_() in text


def test_another_format_is_refused(found, refuses):
    with refuses(rv.ProblemError, "text, html, json", "'pdf'"):
        found.report("pdf")


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        (1.23456, 0.0123, ("1.235", "0.012")),
        (1234.5, 67.0, ("1234", "67")),
        (-0.5, 0.099, ("-0.500", "0.099")),
        (6.02214076e23, 1.5e16, ("6.02214076e+23", "0.00000015e+23")),
        (0.0, 0.25, ("0.00", "0.25")),
        (1e-30, 2e-31, ("1.00e-30", "0.20e-30")),
        (3.0, 0.0, ("3", "0")),
        (3.0, np.inf, ("3", "unknown")),
    ],
)
def test_a_value_has_as_many_digits_as_its_error_allows(value, error, said):
    assert with_error(value, error) == said


# -- the file


def _same(one, other):
    assert repr(one) == repr(other)
    assert one.params == other.params
    assert one.minima == other.minima
    assert one.goodness == other.goodness
    assert one.warnings == other.warnings
    assert one.run.dataset.equals(other.run.dataset)
    np.testing.assert_array_equal(one.covariance.matrix, other.covariance.matrix)
    assert dataclasses.replace(one.covariance, matrix=None) == dataclasses.replace(other.covariance, matrix=None)


def test_save_and_load_is_identity(found, tmp_path):
    again = rv.load(rv.save(found, tmp_path / "fit.nc"))
    assert isinstance(again, rv.Fit)
    _same(found, again)
    np.testing.assert_array_equal(again.eval_uncertainty([1.0, 2.0]), found.eval_uncertainty([1.0, 2.0]))


@pytest.mark.parametrize("function", [lambda x, a, b: a * np.exp(b * x), "y = a*exp(b*x)"])
def test_sigma_and_functions_survive(function, tmp_path):
    x = np.linspace(0, 1, 8)
    data = {"x": x, "y": np.exp(x), "unused": x, "s": 0.1 + x}
    one = rv.fit(function, {name: data[name] for name in ("x", "y")}, sigma=data["s"], absolute_sigma=True)
    again = rv.load(rv.save(one, tmp_path / "fit.nc"))
    _same(one, again)
    assert again.absolute_sigma
    np.testing.assert_array_equal(again.problem.sigma, data["s"])


def test_what_nothing_tells_survives(tmp_path):
    one = rv.fit("y = a + b*x", {"x": [1.0], "y": [2.0]})
    again = rv.load(rv.save(one, tmp_path / "fit.nc"))
    assert repr(one) == repr(again)


def test_runs_still_come_back_as_runs(found, tmp_path):
    assert isinstance(rv.load(rv.save(found.run, tmp_path / "run.nc")), rv.Run)


def test_only_runs_and_fits_are_saved(tmp_path, refuses):
    with refuses(rv.StoreError, "expected a run, fit, map of basins, race or sweep, got dict"):
        rv.save({}, tmp_path / "x.nc")


def test_a_saved_fit_opens_reports_and_draws_without_tensorflow(found, tmp_path):
    path = rv.save(found, tmp_path / "fit.nc")
    code = f"import sys, ravine as rv; rv.load({str(path)!r}).report(); print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# -- the picture


def test_the_picture_shows_curve_band_and_residuals(found):
    from ravine.view.scene import Dots, Line, Ribbon

    scene = rv.plots.fit(found)
    band = next(mark for mark in scene.panels[0].marks if getattr(mark, "label", "") == "95 % confidence band")
    curve = next(mark for mark in scene.panels[0].marks if isinstance(mark, Line) and mark.label == "fit")
    assert isinstance(band, Ribbon)
    np.testing.assert_allclose((band.low + band.high) / 2, curve.y, atol=1e-12)
    np.testing.assert_allclose(band.high - curve.y, found.eval_uncertainty(curve.x))
    residuals = next(mark for mark in scene.panels[1].marks if isinstance(mark, Dots))
    np.testing.assert_allclose(residuals.y, found.residuals)


def test_a_fit_that_is_not_sure_is_drawn_without_a_band():
    scene = rv.plots.fit(rv.fit("y = a + b*x", {"x": [1.0], "y": [2.0]}))
    assert "95 % confidence band" not in [getattr(mark, "label", "") for mark in scene.panels[0].marks]
