"""fit: the answers have closed forms, and what can't be fitted is said in one sentence."""

from dataclasses import dataclass

import numpy as np
import pytest

import ravine as rv

_X = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
_Y = np.array([1.1, 2.9, 5.2, 6.8, 9.1, 10.9])


def _closed_form(x, y, weight):
    """Return intercept and slope of a weighted line, their covariance without s², and χ²."""
    design = np.stack([np.ones_like(x), x], 1)
    normal = design.T @ (weight[:, None] * design)
    params = np.linalg.solve(normal, design.T @ (weight * y))
    return params, np.linalg.inv(normal), float(weight @ (y - design @ params) ** 2)


def _codes(found):
    return [note.code for note in found.warnings]


def _line(**changes):
    return {"x": _X, "y": _Y, **changes}


@pytest.fixture(scope="module")
def line():
    return rv.fit("y = a + b*x", _line())


# -- answers


@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("sigma", [None, 0.3, [0.1, 0.2, 0.1, 0.2, 0.4, 0.1]])
def test_a_straight_line_has_the_errors_of_its_closed_form(sigma, absolute):
    found = rv.fit("y = a + b*x", _line(), sigma=sigma, absolute_sigma=absolute)
    weight = np.broadcast_to(1.0 if sigma is None else np.array(sigma) ** -2.0, _X.shape)
    params, inverse, squares = _closed_form(_X, _Y, weight)
    covariance = inverse * (1.0 if absolute else squares / 4)
    assert list(found.values.values()) == pytest.approx(params, rel=1e-12)
    assert found.loss == pytest.approx(squares)
    errors = [each.stderr for each in found.params.values()]
    assert errors == pytest.approx(np.sqrt(np.diag(covariance)))
    popt, pcov = found
    np.testing.assert_allclose(popt, params)
    np.testing.assert_allclose(pcov, covariance)
    reach = 1.959964 if absolute else 2.776445  # 97.5 % of the normal distribution, of Student's t with 4 degrees
    assert found.params["b"].high95 - found.params["b"].value == pytest.approx(reach * errors[1], rel=1e-6)


def test_statistics_of_a_line_agree_with_their_definitions(line):
    squares = _closed_form(_X, _Y, np.ones(6))[2]
    total = ((_Y - _Y.mean()) ** 2).sum()
    found = line.goodness
    assert (found.points, found.free, found.degrees_of_freedom) == (6, 2, 4)
    assert found.s == pytest.approx(np.sqrt(squares / 4))
    assert found.r_squared == pytest.approx(1 - squares / total)
    assert found.aic == pytest.approx(6 * np.log(squares / 6) + 4)
    np.testing.assert_allclose(line.residuals, _Y - line.predict())


def test_all_is_well_means_no_warning(line):
    assert line.warnings == []
    assert line.converged
    assert [each.share for each in line.minima] == [1.0]


def test_the_band_of_a_line_is_narrowest_in_the_middle(line):
    half = line.eval_uncertainty([2.5, 0.0])
    spread = ((_X - 2.5) ** 2).sum()
    expected = 2.776445 * line.goodness.s * np.sqrt(1 / 6 + np.array([0, 2.5**2]) / spread)
    np.testing.assert_allclose(half, expected, rtol=1e-6)
    prediction, error = line.predict([2.5, 0.0], return_std=True)
    np.testing.assert_allclose(half, line.quantile(0.95) * error)
    np.testing.assert_array_equal(prediction, line.predict([2.5, 0.0]))
    with_name = line.eval_uncertainty({"x": [2.5, 0.0]})
    np.testing.assert_array_equal(half, with_name)


def test_a_bound_that_binds_is_kept_and_said():
    found = rv.fit("y = a + b*x", _line(), bounds={"b": (None, 1.5)})
    assert found.values["b"] == 1.5
    assert found.values["a"] == pytest.approx((_Y - 1.5 * _X).mean())
    assert _codes(found)[0] == "at-bound"


def test_a_fixed_parameter_stays_and_takes_no_degree_of_freedom():
    found = rv.fit("y = a + b*x", _line(), fixed={"a": 1})
    assert (found.values["a"], found.params["a"].stderr, found.params["a"].kind) == (1.0, 0.0, "fixed")
    assert found.values["b"] == pytest.approx(_X @ (_Y - 1) / (_X @ _X))
    assert found.goodness.free == 1
    by_name = rv.fit("y = a + b*x", _line(), {"a": 1}, fixed=["a"])
    assert by_name.values == found.values


def test_a_tie_follows_and_has_the_error_that_follows():
    found = rv.fit("y = a + b*x", _line(), ties={"a": "b/2 + 0.1"})
    basis = _X + 0.5
    assert found.values["b"] == pytest.approx(basis @ (_Y - 0.1) / (basis @ basis))
    assert found.values["a"] == pytest.approx(found.values["b"] / 2 + 0.1)
    assert found.params["a"].stderr == pytest.approx(found.params["b"].stderr / 2)
    assert found.params["a"].kind == "tied"


@dataclass
class _Lmfit:
    """What ravine looks at in an lmfit.Parameter."""

    value: float = -np.inf
    min: float = -np.inf
    max: float = np.inf
    vary: bool = True
    expr: str | None = None


@pytest.mark.parametrize(
    "params",
    [
        {"a": _Lmfit(1, vary=False), "b": _Lmfit(3, min=0)},
        {"a": {"value": 1, "vary": False}, "b": {"value": 3, "min": 0}},
        {"a": rv.Parameter(1, vary=False), "b": 3},
    ],
)
def test_lmfits_words_are_understood(params):
    found = rv.fit("y = a + b*x", _line(), params=params)
    assert found.values == pytest.approx({"a": 1, "b": _X @ (_Y - 1) / (_X @ _X)})


def test_lmfits_expressions_are_ties():
    found = rv.fit("y = a + b*x", _line(), params={"a": _Lmfit(expr="b/2"), "b": _Lmfit(1.0)})
    assert found.values["a"] == pytest.approx(found.values["b"] / 2)


def test_another_valley_than_that_of_the_start_is_never_silent():
    x = np.random.default_rng(0).uniform(-1, 1, 120)
    data = {"x": x, "y": np.sin(2.5 * np.cos(1.2 * x))}
    start = {"a": 5.0, "b": 4.0}
    best, own = (rv.fit("y = sin(b*cos(a*x))", data, start, starts=starts) for starts in (64, 1))
    assert best.loss < 1e-20
    assert own.loss > 1
    assert _codes(best)[0] == "other-valley"
    assert _codes(own)[0] == "better-minimum"


def test_the_users_own_twin_is_kept():
    x = np.linspace(0, 3, 40)
    found = rv.fit("y = a*sin(b*x)", {"x": x, "y": 2 * np.sin(1.5 * x)}, {"a": -1.5, "b": -1.4})
    assert found.values == pytest.approx({"a": -2, "b": -1.5})
    assert found.warnings == []


# -- starts


def _oscillation():
    x = np.linspace(0, 10, 200)
    return {"x": x, "y": 2 * np.sin(40 * x + 0.5)}


@pytest.mark.parametrize("start", [{"w": 39.9}, {"w": 39.9, "p": 0.1}])
def test_a_partial_start_leads_where_it_points(start):
    found = rv.fit("y = a*sin(w*x + p)", _oscillation(), start, starts=2)
    assert found.loss < 1e-18
    assert abs(found.values["w"]) == pytest.approx(40)
    assert found.params["w"].asked.value == 39.9
    assert found.params["a"].asked.value is None


def test_a_bad_partial_start_does_no_harm_and_no_warning():
    found = rv.fit("y = a + b*x", _line(), {"b": 1e6})
    assert found.values == pytest.approx(rv.fit("y = a + b*x", _line()).values)
    assert found.warnings == []


# -- ready formulas


def _peak(name="x"):
    t = np.linspace(0, 10, 50)
    noise = 0.02 * np.random.default_rng(1).standard_normal(50)
    return {name: t, "counts": 3 * np.exp(-(((t - 4) / 1.2) ** 2) / 2) + 0.5 + noise}


def test_a_ready_formula_needs_a_name_only():
    found = rv.fit("gaussian", _peak("time"), x="time", y="counts")
    assert found.problem.title.startswith("counts = height*exp(-((time - center)")
    assert found.values == pytest.approx({"height": 3, "center": 4, "width": 1.2, "offset": 0.5}, rel=0.05)
    assert found.warnings == []
    assert rv.fit("Gauss", _peak("time")).values == pytest.approx(found.values)
    assert rv.models["gaussian"].params["center"]


def test_a_start_of_ones_own_and_bounds_go_with_a_ready_formula():
    found = rv.fit("line", _line(), {"slope": 1, "intercept": 0}, bounds={"slope": (None, 1.5)})
    assert found.values["slope"] == 1.5
    assert found.params["slope"].asked.value == 1
    assert rv.fit("line", _line(), bounds={"slope": (None, 1.5)}).values == pytest.approx(found.values)


def test_a_ready_formula_leaves_out_missing_rows():
    assert rv.fit("line", _line(y=[*_Y[:5], np.nan]), nan_policy="omit").goodness.points == 5


# -- several data sets


def _decays(labels=(1, 2, 3)):
    x = np.tile(np.linspace(0, 4, 12), 3)
    size = np.repeat([1.0, 2.0, 5.0], 12)
    return {"set": np.repeat(labels, 12), "x": x, "y": size * np.exp(-0.7 * x) + 0.01 * np.cos(7 * x)}


def test_sets_share_a_rate_and_have_sizes_of_their_own():
    found = rv.fit("y = a*exp(-b*x)", _decays(), by="set", shared=["b"])
    sizes = "where(k == 1, a_1, where(k == 2, a_2, a_3))"
    data = _decays()
    same = rv.fit(f"y = ({sizes})*exp(-b*x)", {"k": data["set"], "x": data["x"], "y": data["y"]})
    assert list(found.params) == ["a_1", "a_2", "a_3", "b"]
    assert found.values == pytest.approx({name: same.values[name] for name in found.values})
    assert found.params["b"].stderr == pytest.approx(same.params["b"].stderr)
    assert found.goodness.free == 4
    assert "a_3" in found.report()


def test_without_anything_shared_each_set_has_its_own_answer():
    data = _decays(("cold", "mild", "hot"))
    found = rv.fit("y = a*exp(-b*x)", data, by="set")
    for label in ("cold", "mild", "hot"):
        rows = data["set"] == label
        alone = rv.fit("y = a*exp(-b*x)", {"x": data["x"][rows], "y": data["y"][rows]})
        assert [found.values[f"{name}_{label}"] for name in "ab"] == pytest.approx([*alone.values.values()])


@pytest.mark.parametrize(
    "options",
    [
        {"fixed": {"c": 0.0}},
        {"fixed": ["c"], "start": {"c": 0.0}},
        {"ties": {"c": "0*a"}},
        {"params": {"c": {"value": 0.0, "vary": False}}},
        {"start": {"a": 1, "a_2": 2, "b": 0.5, "c": 0.1}, "fixed": {"c": 0.0}, "bounds": {"a": (0, None)}},
    ],
)
def test_what_is_asked_of_a_parameter_is_asked_of_its_copies(options):
    found = rv.fit("y = a*exp(-b*x) + c", _decays(), by="set", shared="b", **options)
    expected = rv.fit("y = a*exp(-b*x)", _decays(), by="set", shared="b").values
    assert found.values == pytest.approx({**expected, "c_1": 0, "c_2": 0, "c_3": 0})


def test_a_ready_formula_over_sets():
    found = rv.fit("exponential_decay", _decays(), by="set", shared=["rate", "offset"])
    assert found.values["rate"] == pytest.approx(0.7, rel=0.05)
    assert {"amplitude_1", "amplitude_2", "amplitude_3"} < set(found.values)


@pytest.mark.parametrize(
    ("formula", "options", "fragment"),
    [
        ("y = a*x", {"x": "x"}, "ready formula, got them with 'y = a*x'"),
        ("gausian", {}, "Did you mean 'gaussian'"),
        ("line", {"x": "tme"}, "tme"),
        ("y = a*x", {"shared": ["a"]}, "shared: expected by="),
        ("y = a*x", {"by": "st"}, "Did you mean 'set'"),
        ("y = a*x", {"by": "set", "shared": "q"}, "shared: expected parameters among a, got 'q'"),
        ("y = a*x", {"by": "set", "bounds": {"q": (0, 1)}}, "a_1"),
        (rv.Problem("y = a*x", _line()), {"by": "set"}, "by: expected a formula and a table"),
    ],
)
def test_words_that_do_not_go_together_are_refused(refuses, formula, options, fragment):
    with refuses(rv.RavineError, fragment):
        rv.fit(formula, _decays(), **options)


# -- too little, or too much alike


def test_as_many_points_as_parameters_leave_no_error():
    found = rv.fit("y = a + b*x", {"x": [0, 1], "y": [1, 3]})
    assert found.values == pytest.approx({"a": 1, "b": 2})
    assert np.isnan(found.params["a"].stderr)
    assert "few-points" in _codes(found)


def test_one_point_can_not_tell_a_line():
    found = rv.fit("y = a + b*x", {"x": [2.0], "y": [3.0]})
    assert found.predict()[0] == pytest.approx(3)
    assert "few-points" in _codes(found)
    assert "unknown" in found.report()


def test_fewer_points_than_parameters_are_said():
    found = rv.fit("y = a + b*x + c*x**2", {"x": [0, 1], "y": [1, 3]})
    assert "few-points" in _codes(found)


def test_a_constant_y_has_no_r_squared_and_a_flat_line():
    found = rv.fit("y = a + b*x", _line(y=np.full(6, 3.0)))
    assert found.values == pytest.approx({"a": 3, "b": 0}, abs=1e-12)
    assert np.isnan(found.goodness.r_squared)


def test_duplicated_x_can_not_tell_slope_from_intercept():
    found = rv.fit("y = a + b*x", _line(x=np.full(6, 2.0)))
    assert found.predict() == pytest.approx(np.full(6, _Y.mean()))
    assert "indistinguishable" in _codes(found)
    assert np.isnan([each.stderr for each in found.params.values()]).all()


def test_repeated_measurements_are_fine():
    found = rv.fit("y = a + b*x", {"x": np.repeat(_X, 2), "y": np.concatenate([_Y, _Y])[np.argsort(np.tile(_X, 2))]})
    assert list(found.values.values()) == pytest.approx(_closed_form(_X, _Y, np.ones(6))[0])


def test_a_parameter_without_effect_is_named():
    found = rv.fit("y = a*x + 0*b", _line())
    assert "'b' has no effect" in next(note.text for note in found.warnings if note.code == "no-effect")


# -- refusals


@pytest.mark.parametrize(
    ("data", "options", "fragment"),
    [
        (_line(y=[1, np.nan, 5, 7, 9, 11]), {}, "missing"),
        (_line(y=[1, np.inf, 5, 7, 9, 11]), {}, "inf"),
        (_line(), {"sigma": [1, 2]}, "sigma: expected 6 values"),
        (_line(), {"sigma": 0}, "sigma: expected a positive"),
        (_line(), {"sigma": [1, 1, 0, 1, 1, 1]}, "sigma: expected positive"),
        (_line(), {"sigma": "dy"}, "dy"),
        (_line(), {"bounds": {"b": (3, 1)}}, "bounds: expected low < high for 'b'"),
        (_line(), {"start": {"b": 5}, "bounds": {"b": (0, 1)}}, "start: expected 'b' within its bounds [0, 1], got 5"),
        (_line(), {"start": {"c": 5}}, "start: expected parameters among a, b, got 'c'"),
        (_line(), {"start": {"a": np.nan}}, "start: expected a finite number for 'a'"),
        (_line(), {"fixed": ["a"]}, "fixed: expected a value for 'a'"),
        (_line(), {"ties": {"a": "b", "b": "a"}}, "circle"),
        (_line(), {"ties": {"a": "2*a"}}, "circle"),
        (_line(), {"ties": {"a": "2*z"}}, "ties of 'a'"),
        (_line(), {"params": {"a": {"minimum": 1}}}, "got 'minimum'"),
        (_line(), {"fixed": {"a": 1, "b": 2}}, "free"),
        (_line(), {"starts": 0}, "starts"),
        (_line(), {"seed": -1}, "seed"),
        (None, {}, "table"),
    ],
)
def test_bad_input_is_one_sentence(refuses, data, options, fragment):
    with refuses(rv.RavineError, fragment):
        rv.fit("y = a + b*x", data, **options)


def test_a_loss_without_standard_errors_is_refused(refuses):
    with refuses(rv.ProblemError, "kink"):
        rv.fit(rv.Problem("y = a*x", _line(), loss="mae"))


def test_missing_rows_may_be_left_out():
    found = rv.fit("y = a + b*x", _line(y=[*_Y[:5], np.nan]), nan_policy="omit")
    assert found.goodness.points == 5
