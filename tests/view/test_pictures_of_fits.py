"""Pictures of a fit: bands, residuals, confidence regions, profiles, valleys."""

import itertools
from typing import Any

import numpy as np
import pytest

import ravine as rv
from ravine.errors import ProblemError
from ravine.fitting import intervals
from ravine.view import palette, plots
from ravine.view.drawing import draw
from ravine.view.plots import inputs
from ravine.view.scene import Area, Dots, Field, Line, Panel, Ribbon, Scene, Whiskers, Words

X = np.linspace(0, 4, 30)
NOISE = np.random.default_rng(3).normal(size=30)


def kind(panel: Panel, wanted: type, label: str | None = None) -> list[Any]:
    return [mark for mark in panel.marks if isinstance(mark, wanted) and label in (None, getattr(mark, "label", None))]


@pytest.fixture(scope="module")
def line() -> rv.Fit:
    return rv.fit("y = a*x + b", {"x": X, "y": 1.2 * X + 2.5 + 0.3 * NOISE})


@pytest.fixture(scope="module")
def decay() -> rv.Fit:
    return rv.fit("y = a*exp(-b*x) + c", {"x": X, "y": 2.5 * np.exp(-1.3 * X) + 0.5 + 0.1 * NOISE})


@pytest.fixture(scope="module")
def open_above() -> rv.Fit:
    """Fit of BoxBOD's shape to five points, whose rate the data don't limit above."""
    return rv.fit("y = b1*(1 - exp(-b2*x))", {"x": [1, 2, 3, 5, 7], "y": [8.3, 10.3, 19.0, 16.0, 15.6]})


@pytest.fixture(scope="module")
def two_sets() -> rv.Fit:
    data = {"run": ["cold", "hot"] * 15, "x": X, "y": np.tile([1.0, 2.0], 15) * np.exp(-X) + 0.05 * NOISE}
    return rv.fit("y = a*exp(-k*x)", data, by="run", shared="k")


@pytest.fixture(scope="module")
def exact() -> rv.Fit:
    return rv.fit("y = a*x + b", {"x": [0.0, 1.0], "y": [1.0, 3.0]})


# -- data and fit


def test_bands_are_filled_from_one_end_to_the_other(decay):
    prediction, confidence = kind(plots.fit(decay).panels[0], Ribbon)
    for ribbon, band in zip((confidence, prediction), decay.bands({"x": confidence.x}), strict=True):
        np.testing.assert_allclose(ribbon.low, band.low, rtol=1e-9)
        np.testing.assert_allclose(ribbon.high, band.high, rtol=1e-9)
    assert (confidence.label, prediction.label) == ("95 % confidence band", "95 % prediction band")


def test_one_sigma_for_all_widens_the_prediction_band_by_itself():
    found = rv.fit("y = a*x + b", {"x": X, "y": X + 0.2 * NOISE}, sigma=0.2, absolute_sigma=True)
    scene = plots.fit(found)
    (prediction,) = kind(scene.panels[0], Ribbon, "95 % prediction band")
    band = intervals.prediction_band(found, {"x": prediction.x}, sigma=0.2)
    np.testing.assert_allclose(prediction.high, band.high, rtol=1e-9)
    np.testing.assert_array_equal(kind(scene.panels[1], Whiskers)[0].half, np.full(30, 0.2))


def test_sigma_that_varies_leaves_the_confidence_band_only():
    found = rv.fit("y = a*x + b", {"x": X, "y": X + 0.2 * NOISE, "s": 0.1 + X}, sigma="s")
    assert [each.label for each in kind(plots.fit(found).panels[0], Ribbon)] == ["95 % confidence band"]


def test_nothing_is_known_without_degrees_of_freedom(exact):
    scene = plots.fit(exact)
    assert not kind(scene.panels[0], Ribbon)
    assert "nan" not in scene.subtitle


def test_every_set_has_its_color_its_curve_and_its_points(two_sets):
    main, residuals = plots.fit(two_sets).panels
    for name, color in (("run_cold", palette.SERIES[0]), ("run_hot", palette.SERIES[1])):
        (curve,), (dots,) = kind(main, Line, name), kind(main, Dots, name)
        assert curve.color == dots.color == color
        a = two_sets.values["a" + name.removeprefix("run")]
        np.testing.assert_allclose(curve.y, a * np.exp(-two_sets.values["k"] * curve.x))
    np.testing.assert_allclose(
        np.concatenate([each.y for each in kind(residuals, Dots)]),
        np.concatenate([two_sets.residuals[0::2], two_sets.residuals[1::2]]),
    )
    assert main.x.label == "x"


def test_columns_of_zeros_and_ones_that_overlap_are_no_sets():
    data = {"u": np.arange(8.0) % 2, "v": np.arange(8.0) // 4, "x": X[:8], "y": NOISE[:8]}
    scene = plots.fit(rv.fit("y = a*u + b*v + c*x", data))
    assert scene.panels[0].x.label == "observed y"


def test_of_very_many_points_the_farthest_are_drawn():
    x = np.linspace(0, 1, 50_000)
    y = 2 * x + 1e-3 * np.sin(1e4 * x)
    y[31_415] += 5
    scene = plots.fit(rv.fit("y = a*x + b", {"x": x, "y": y}))
    (dots,) = kind(scene.panels[0], Dots)
    assert dots.x.size <= inputs.SHOWN
    assert x[31_415] in dots.x
    assert scene.subtitle.endswith("points drawn")


# -- confidence


def test_regions_of_a_linear_formula_are_ellipses(line):
    (panel,) = plots.confidence(line, "a", "b").panels
    outer, inner, *ellipses = kind(panel, Line)
    for edge, ellipse in zip((outer, inner), ellipses, strict=True):
        np.testing.assert_allclose(edge.x, ellipse.x, rtol=1e-6)
        np.testing.assert_allclose(edge.y, ellipse.y, rtol=1e-6)
    assert [each.label for each in kind(panel, Area)] == ["95 %", "68 %"]


def test_the_edge_of_a_region_is_the_contour_of_the_fit(decay):
    (panel,) = plots.confidence(decay, "b", "a", levels=[0.9]).panels
    edge, _ = kind(panel, Line)
    contour = decay.contour("b", "a", level=0.9)
    np.testing.assert_array_equal([edge.x, edge.y], [contour.x, contour.y])
    assert (panel.x.label, panel.y.label) == ("b", "a")


def test_three_parameters_make_a_triangle_with_its_legend_in_the_gap(decay):
    scene = plots.confidence(decay)
    assert scene.columns == 2
    assert [panel.blank for panel in scene.panels] == [False, True, False, False]
    assert [(panel.x.label, panel.y.label) for panel in scene.panels] == [("", "b"), ("", ""), ("a", "c"), ("b", "")]
    assert {mark.label for mark in kind(scene.panels[1], Area)} == {"68 %", "95 %"}
    assert not any(mark.label for panel in (scene.panels[0], *scene.panels[2:]) for mark in kind(panel, Area))


def test_an_open_region_runs_out_of_the_picture_and_says_so(open_above):
    scene = plots.confidence(open_above)
    (panel,) = scene.panels
    limits = panel.y.limits
    assert limits is not None
    assert max(mark.y.max() for mark in kind(panel, Area)) > limits[1]
    assert "beyond the picture" in scene.subtitle or "open at 95 %" in scene.subtitle


def test_a_contour_without_an_end_is_drawn_far_out(line, monkeypatch):
    closed = line.contour("a", "b")
    x, y = closed.x.copy(), closed.y.copy()
    x[3:8], y[3:8] = np.nan, np.nan
    monkeypatch.setattr(intervals, "contour", lambda *_: intervals.Contour(("a", "b"), x, y, 0.95))
    scene = plots.confidence(line, "a", "b", levels=[0.95])
    area, (edge, ellipse) = kind(scene.panels[0], Area)[0], kind(scene.panels[0], Line)
    assert "open at 95 %" in scene.subtitle
    assert np.isfinite(area.x).all()
    assert np.abs(area.x - 1.2).max() > 100 * np.abs(ellipse.x - 1.2).max()
    assert np.isnan(edge.x).sum() == 3  # the points between the first and the last one at infinity


def test_bounds_cut_regions():
    found = rv.fit("y = a*x + b", {"x": X, "y": 1.2 * X + 0.1 + 0.3 * NOISE}, bounds={"b": (0, None)})
    assert min(mark.y.min() for mark in kind(plots.confidence(found).panels[0], Area)) >= 0


def test_other_minima_in_the_picture_are_marked():
    found = rv.fit("y = a**2*x + b", {"x": X, "y": 1e-4 * X + 0.3 * NOISE}, {"a": 0.1, "b": 0.0})
    (panel,) = plots.confidence(found).panels
    assert len(kind(panel, Dots, "minimum")) == 1
    others = sum(mark.x.size for mark in kind(panel, Dots, "other minima"))
    box = np.array([panel.x.limits, panel.y.limits])
    places = [[each.params["a"], each.params["b"]] for each in found.minima]
    inside = [((box[:, 0] <= place) & (place <= box[:, 1])).all() for place in places]
    assert others == sum(inside) - 1


def test_without_degrees_of_freedom_a_sentence_takes_the_place_of_regions(exact):
    for scene in (plots.confidence(exact), plots.profile(exact, "a")):
        assert "don't tell" in kind(scene.panels[0], Words)[0].text


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda fit: plots.confidence(fit.run), "expected a fit from ravine.fit, got Run"),
        (lambda fit: plots.confidence(fit, "a"), "expected two parameters or none, got 'a'"),
        (lambda fit: plots.confidence(fit, "a", "aa"), "got 'aa'"),
        (lambda fit: plots.confidence(fit, "a", "a"), "got 'a' twice"),
        (lambda fit: plots.confidence(fit, "a", "b", levels=(95,)), "levels between 0 and 1"),
        (lambda fit: plots.profile(fit, "z"), "got 'z'"),
        (lambda fit: plots.profile(fit, []), "at least one free parameter"),
        (lambda fit: plots.profile(fit.run), "expected a fit from ravine.fit, got Run"),
        (lambda fit: plots.valleys(fit.run), "expected a fit from ravine.fit, got Run"),
    ],
)
def test_what_cannot_be_shown_gets_one_sentence(line, ask, message):
    with pytest.raises(ProblemError, match=message):
        ask(line)


def test_pictures_refuse_too_many_parameters(decay):
    with pytest.raises(ProblemError, match="one or two free parameters, got 3"):
        plots.valleys(decay)
    seven = rv.fit("y = a+b*x+c*x**2+d*x**3+e1*x**4+f*x**5+g*x**6", {"x": X, "y": NOISE})
    with pytest.raises(ProblemError, match="2 to 6 free parameters, got 7"):
        plots.confidence(seven)


# -- profiles


def test_a_profile_is_straight_for_a_linear_formula(line):
    (panel,) = plots.profile(line, "a").panels
    straight, curve = kind(panel, Line)
    stderr = line.params["a"].stderr
    np.testing.assert_allclose((curve.x - line.values["a"]) / stderr, curve.y, atol=1e-5)
    np.testing.assert_allclose((straight.x - line.values["a"]) / stderr, straight.y, atol=1e-12)


def test_the_ends_of_the_interval_lie_on_the_profile_at_t(decay):
    (panel,) = plots.profile(decay, "b").panels
    ends = kind(panel, Dots, "ends of the 95 % interval")[0]
    interval = decay.conf_interval("b")["b"]
    np.testing.assert_allclose(ends.x, [interval.low, interval.high])
    np.testing.assert_allclose(np.abs(ends.y), decay.quantile(), rtol=2e-3)


def test_an_open_interval_says_so_and_has_one_end(open_above):
    scene = plots.profile(open_above, "b2")
    assert scene.subtitle.endswith("open above")
    assert kind(scene.panels[0], Dots, "ends of the 95 % interval")[0].x.size == 1


def test_profiles_of_several_parameters_have_one_legend(decay):
    scene = plots.profile(decay)
    assert [panel.blank for panel in scene.panels] == [False, False, False, True]
    assert [panel.x.label for panel in scene.panels[:3]] == ["a", "b", "c"]


# -- valleys


def test_starts_have_the_color_of_the_minimum_they_came_to():
    data = {"x": X, "y": np.sin(2.2 * np.cos(1.7 * X)) + 0.05 * NOISE}
    found = rv.fit("y = sin(b*cos(a*x))", data, {"a": 0.3, "b": 4})
    (panel,) = plots.valleys(found).panels
    assert len(kind(panel, Field)) == 1
    bottoms = {mark.color: mark for mark in kind(panel, Dots) if mark.shape == "diamond"}
    best = bottoms[palette.SERIES[0]]
    assert (best.x[0], best.y[0]) == (found.values["a"], found.values["b"])
    final = found.run.dataset["loss"].values[:, -1]
    came = f"Σr² = {found.loss:.4g}: "
    counts = [int(mark.label.removeprefix(came).split()[0]) for mark in kind(panel, Dots) if came in mark.label]
    assert sum(counts) == np.isclose(final, found.loss, rtol=1e-3).sum() > 0


def test_valleys_of_one_parameter_lie_on_a_curve():
    found = rv.fit("y = exp(-a*x)", {"x": X, "y": np.exp(-0.7 * X) + 0.02 * NOISE})
    (panel,) = plots.valleys(found).panels
    assert panel.x.label == "a"
    bottom = [mark for mark in kind(panel, Dots) if mark.shape == "diamond"][-1]
    assert bottom.x[0] == found.values["a"]
    assert bottom.y[0] == pytest.approx(found.loss)


# -- ink


@pytest.fixture(scope="module")
def all_pictures(line, decay, open_above, two_sets, exact) -> list[Scene]:
    fits, kinds = [line, decay, open_above, two_sets, exact], (plots.fit, plots.confidence, plots.profile)
    return [plot(found) for found, plot in itertools.product(fits, kinds)]


@pytest.mark.parametrize("size", ["slide", "column"])
def test_every_picture_of_a_fit_draws(all_pictures, line, open_above, exact, size):
    for scene in all_pictures:
        figure = draw(scene, size=size)
        figure.draw_without_rendering()
        assert len(figure.axes) == len(scene.panels)
    for found in (line, open_above, exact):
        draw(plots.valleys(found), size=size).draw_without_rendering()
