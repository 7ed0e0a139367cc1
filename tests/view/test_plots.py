import dataclasses
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from ravine.errors import ProblemError
from ravine.plane import Surface
from ravine.problem import Problem
from ravine.surface import survey
from ravine.view import palette, plots
from ravine.view.drawing import draw
from ravine.view.scene import Dots, Field, Line, Lines, Scene, Sheet, Whiskers, Words
from ravine.view.series import series_of


def marks(scene: Scene, kind: type, panel: int = 0, **wanted: Any) -> list[Any]:
    return [
        mark
        for mark in scene.panels[panel].marks
        if isinstance(mark, kind) and all(getattr(mark, name) == value for name, value in wanted.items())
    ]


# -- surfaces


def test_descent_holds_the_numbers_of_the_run(one_start, bowl):
    scene = plots.descent(one_start, bowl)
    (path,) = marks(scene, Line)
    np.testing.assert_array_equal(np.column_stack([path.x, path.y]), one_start.dataset["params"].values[0])
    np.testing.assert_array_equal(path.hover["loss"], one_start.dataset["loss"].values[0])
    np.testing.assert_allclose(path.z, path.hover["loss"], atol=bowl.best_loss)
    assert path.color == palette.RED
    assert scene.title == "y = a*x + b"


def test_descent_marks_start_end_and_best_grid_point(one_start, bowl):
    scene = plots.descent(one_start, bowl)
    (start,), (end,), (best,) = (marks(scene, Dots, label=label) for label in ("start", "end", "best of the grid"))
    assert (start.x[0], start.y[0]) == (5, 4)
    assert {"a": end.x[0], "b": end.y[0]} == one_start.params
    assert {"a": best.x[0], "b": best.y[0]} == bowl.best
    assert start.size > end.size
    assert (start.color, best.color) == (palette.RED, palette.GREEN)


def test_descent_can_show_one_start_only(three_starts, bowl):
    scene = plots.descent(three_starts, bowl, start=1)
    assert [mark.x[0] for mark in marks(scene, Dots, label="start")] == [5.0]
    assert len(marks(scene, Line)) == 1
    assert len(marks(plots.descent(three_starts, bowl), Line)) == 3


def test_rainbow_is_an_option(one_start, bowl):
    (sheet,) = marks(plots.descent(one_start, bowl, colors="rainbow"), Sheet)
    assert sheet.scale.colors == "rainbow"


def test_a_surface_is_surveyed_when_none_is_given(one_start):
    assert plots.descent(one_start) == plots.descent(one_start, survey(one_start.problem, around=[one_start]))


def test_cells_that_are_not_finite_or_too_high_are_left_out(one_start):
    x = np.linspace(-6, 7, 14)
    loss = np.add.outer(x**2, x**2) + np.where(x > 5, 1e30, 0.0)
    loss[0, 0] = np.nan
    (sheet,) = marks(plots.descent(one_start, Surface.of(("a", "b"), (x, x), loss, {})), Sheet)
    assert np.isnan(sheet.z[0, 0])
    assert np.isnan(sheet.z[:, -1]).all()
    assert np.nanmax(sheet.z) <= 10 * sheet.scale.high < 1e7


def test_a_loss_over_decades_gets_a_logarithmic_height(one_start):
    x = np.linspace(-2, 7, 40)
    steep = Surface.of(("a", "b"), (x, x), np.exp(3 * np.add.outer(x, x)), {})
    drawn = [plots.descent(one_start, steep), plots.descent(one_start, steep, height="linear")]
    assert [scene.panels[0].z and scene.panels[0].z.scale for scene in drawn] == ["log", "linear"]


def test_the_ceiling_is_a_level_rim(one_start):
    x = np.linspace(-6, 7, 60)
    steep = Surface.of(("a", "b"), (x, x), np.exp(np.add.outer(x, x) / 2), {})
    panel = plots.descent(one_start, steep, height="linear").panels[0]
    figure = draw(Scene("", (panel,)))
    sheet: Any = figure.axes[0].child_axes[0].collections[0]
    heights = sheet._faces[..., 2]
    ceiling = panel.z.limits[1] if panel.z and panel.z.limits else np.nan
    assert heights.max() == pytest.approx(ceiling)
    assert (np.isclose(heights, ceiling).sum(axis=1) >= 2).sum() > 20


def test_a_start_above_the_surface_gets_a_logarithmic_height(descend):
    rng = np.random.default_rng(0)
    u, v = rng.normal(size=(2, 60))
    run = descend(Problem("z = a*u + b*v + c", {"u": u, "v": v, "z": 12 * u - 3 * v + 500}), [(0, 0, 0)])
    scene = plots.descent(run)
    (start,) = marks(scene, Dots, label="start")
    height = scene.panels[0].z
    assert height is not None
    assert height.scale == "log"
    np.testing.assert_allclose(start.z, run.dataset["loss"].values[0, 0])


def test_a_run_without_a_step_has_no_path(line, descend, bowl):
    scene = plots.descent(descend(line, [(5, 4)], steps=0), bowl)
    assert not marks(scene, Line)
    assert len(marks(scene, Dots, label="start")) == 1


def test_a_diverging_path_ends_where_it_leaves_the_picture(line, descend, bowl):
    scene = plots.contour(descend(line, [(5, 4)], rate=3, steps=60), bowl)
    (path,) = marks(scene, Line)
    assert (np.nanmin(path.y), np.nanmax(path.y)) >= (-2, -2)
    assert np.nanmax(np.abs(path.y)) <= 7
    assert len(marks(scene, Dots, label="leaves the picture")) == 1
    assert not marks(scene, Dots, label="end")


def test_contour_tells_optimizers_apart_by_color_dash_and_shape(line, descend, bowl):
    runs = [descend(line, [(5, 4)], name=name) for name in ("sgd", "adam", "rmsprop")]
    scene = plots.contour(runs, bowl)
    lines = marks(scene, Line)
    assert [each.label for each in lines] == ["sgd", "adam", "rmsprop"]
    assert len({each.color for each in lines}) == len({each.dash for each in lines}) == 3
    starts = [mark for mark in marks(scene, Dots) if mark.label in ("sgd", "adam", "rmsprop")]
    assert len({mark.shape for mark in starts}) == 3


def test_runs_of_one_optimizer_are_named_by_their_rates(line, descend):
    scene = plots.loss([descend(line, [(5, 4)], rate=rate) for rate in (0.1, 0.3)])
    assert [mark.label for mark in marks(scene, Line)] == ["sgd, rate 0.1", "sgd, rate 0.3"]


def test_runs_of_one_optimizer_are_named_by_momentum_before_rates(line, descend):
    plain, heavy = descend(line, [(5, 4)], rate=0.1), descend(line, [(5, 4)], rate=0.02)
    heavy.settings["optimizer_config"] = {"config": {"momentum": 0.9}}
    scene = plots.loss([plain, heavy, descend(line, [(5, 4)], name="adam")])
    assert [mark.label for mark in marks(scene, Line)] == ["sgd", "sgd, momentum 0.9", "adam"]


def test_methods_without_a_rate_are_numbered(line, descend):
    runs = [descend(line, [(5, 4)], rate=np.nan, steps=2, name="lm") for _ in range(2)]
    assert [each.label for each in series_of(runs)] == ["lm (0)", "lm (1)"]


def test_a_constant_loss_says_so(descend):
    scene = plots.contour(descend(Problem("0*a + 0*b + 3"), [(1, 2)], steps=2))
    assert marks(scene, Words)[0].text == "constant loss 3"
    assert not marks(scene, Field)


def test_curve_shows_all_visited_points(parabola):
    scene = plots.curve(parabola)
    visited, start, end = marks(scene, Dots)
    np.testing.assert_array_equal(visited.x, parabola.dataset["params"].values[0, :, 0])
    np.testing.assert_array_equal(visited.y, parabola.dataset["loss"].values[0])
    assert visited.color == palette.BLUE
    assert (start.x[0], start.y[0], start.color) == (3, 47**2, palette.RED)
    assert end.x[0] == parabola.params["x"]


def test_one_parameter_gets_a_curve_instead_of_a_surface(parabola):
    assert plots.descent(parabola) == plots.contour(parabola) == plots.curve(parabola)


def test_curve_refuses_a_surface_over_two_parameters(one_start, bowl):
    with pytest.raises(ProblemError, match="one over a and b"):
        plots.curve(one_start, bowl)


def test_a_surface_over_other_parameters_is_refused(one_start):
    other = Surface.of(("u", "v"), (np.arange(2), np.arange(2)), np.zeros((2, 2)), {})
    with pytest.raises(ProblemError, match="expected a surface over a, b, got one over u"):
        plots.descent(one_start, other)


# -- data


def test_fit_shows_data_curve_and_residuals(one_start):
    scene = plots.fit(one_start)
    (data,), (curve,) = marks(scene, Dots), marks(scene, Line)
    x, observed = one_start.problem.columns["x"], one_start.problem.observed
    np.testing.assert_array_equal(data.y, observed)
    a, b = one_start.params.values()
    np.testing.assert_allclose(curve.y, a * curve.x + b)
    assert curve.x.size > 400
    (residuals,) = marks(scene, Dots, panel=1)
    np.testing.assert_allclose(residuals.y, observed - (a * x + b))


@pytest.mark.parametrize(("points", "above"), [(6, Dots), (100, Line)])
def test_few_data_lie_above_the_curve_and_many_beneath(descend, points, above):
    x = np.linspace(0, 1, points)
    panel = plots.fit(descend(Problem("y = a*x", {"x": x, "y": x}), [(0,)], rate=0.1)).panels[0]
    assert isinstance(panel.marks[-1], above)


def test_a_fit_far_from_its_data_says_so(line, descend):
    assert marks(plots.fit(descend(line, [(5, 4)], rate=3, steps=60)), Line, label="fit (outside the picture)")
    assert marks(plots.fit(descend(line, [(5, 4)])), Line, label="fit")


def test_sigma_gives_error_bars(descend):
    data = {"x": [0.0, 1.0, 2.0], "y": [1.0, 2.0, 3.5], "s": [0.1, 0.2, 0.3]}
    scene = plots.fit(descend(Problem("y = a*x + b", data, sigma="s"), [(0, 0)], rate=0.001))
    for panel in (0, 1):
        np.testing.assert_array_equal(marks(scene, Whiskers, panel)[0].half, [0.1, 0.2, 0.3])


def test_fit_draws_other_curves_beside(one_start):
    scene = plots.fit(one_start, beside={"truth": {"a": 1.2, "b": 2.5}})
    (truth,) = marks(scene, Line, label="truth")
    np.testing.assert_allclose(truth.y, 1.2 * truth.x + 2.5)


def test_several_inputs_show_predicted_against_observed(descend):
    rng = np.random.default_rng(0)
    u, v = rng.normal(size=(2, 30))
    run = descend(Problem("y = a*u + b*v", {"u": u, "v": v, "y": u - v}), [(0, 0)])
    (data,) = marks(plots.fit(run), Dots)
    np.testing.assert_array_equal(data.x, u - v)
    np.testing.assert_allclose(data.y, run.params["a"] * u + run.params["b"] * v)


def test_a_column_of_ones_does_not_count_as_an_input(descend):
    x = np.linspace(0, 1, 9)
    run = descend(Problem("y = a*x + b*one", {"x": x, "one": np.ones(9), "y": 2 * x}), [(0, 0)])
    assert plots.fit(run).panels[0].x.label == "x"


def test_axes_carry_units(descend):
    run = descend(Problem("voltage = a*time", {"time (s)": [1.0, 2.0], "voltage (V)": [1.0, 2.0]}), [(0,)], rate=0.01)
    panel = plots.fit(run).panels[0]
    assert "s" in panel.x.label.removeprefix("time")
    assert "V" in panel.y.label.removeprefix("voltage")


def test_lines_over_time_hold_the_line_of_every_step(one_start):
    (lines,) = marks(plots.lines_over_time(one_start), Lines)
    np.testing.assert_array_equal(lines.value, np.arange(41))
    params = one_start.dataset["params"].values[0]
    np.testing.assert_allclose(lines.y, params[:, :1] * lines.x + params[:, 1:])


@pytest.mark.parametrize("plot", [plots.fit, plots.lines_over_time])
def test_plots_of_data_need_data(plot, parabola):
    with pytest.raises(ProblemError, match=rf"plots\.{plot.__name__}: expected a run with a table"):
        plot(parabola)


# -- histories


def test_loss_holds_the_losses_of_every_start(three_starts):
    lines = marks(plots.loss(three_starts), Line)
    np.testing.assert_array_equal([each.y for each in lines], three_starts.dataset["loss"].values)
    assert [each.label for each in lines] == ["from (5, 4)", "from (5, 1)", "from (2, 4.5)"]


def test_many_starts_are_drawn_faintly_but_for_twelve(line, descend):
    run = descend(line, np.random.default_rng(1).normal(size=(300, 2)), steps=5)
    lines = marks(plots.loss(run), Line)
    assert len(lines) == 13
    assert np.isnan(lines[0].y).sum() == 300 - 12 - 1
    np.testing.assert_array_equal(lines[-1].y, run.dataset["loss"].values[run.best])


def test_loss_is_logarithmic_when_it_helps(one_start, parabola):
    assert plots.loss(parabola).panels[0].y.scale == "log"
    few = dataclasses.replace(one_start, dataset=one_start.dataset.isel(step=slice(0, 3)).copy(deep=True))
    few.dataset["steps_taken"][:] = 2
    assert plots.loss(few).panels[0].y.scale == "linear"


def test_infinite_losses_leave_gaps(parabola):
    dataset = parabola.dataset.copy(deep=True)
    dataset["loss"][0, 5] = np.inf
    (line,) = marks(plots.loss(dataclasses.replace(parabola, dataset=dataset)), Line)
    assert np.isnan(line.y[5])
    assert np.isfinite(line.y[[4, 6]]).all()


def test_params_of_one_start_share_a_panel_when_their_scales_are_alike(one_start):
    scene = plots.params(one_start)
    assert len(scene.panels) == 1
    np.testing.assert_array_equal([mark.y for mark in marks(scene, Line)], one_start.dataset["params"].values[0].T)


def test_params_of_several_starts_get_panels_of_their_own(three_starts):
    scene = plots.params(three_starts)
    assert [panel.y.label for panel in scene.panels] == ["a", "b"]
    assert len(marks(scene, Line, panel=1)) == 3


def test_many_params_show_those_that_moved_most(descend):
    text = " + ".join(f"{index}*p{index}**2" for index in range(20))
    scene = plots.params(descend(Problem(text), [np.ones(20)], rate=0.01, steps=3))
    assert [panel.y.label for panel in scene.panels] == [f"p{index}" for index in range(8, 20)]
    assert "12 of 20" in scene.subtitle


# -- pages


def test_summary_shows_surface_fit_loss_and_params(one_start, bowl):
    page = plots.summary(one_start, bowl)
    parts = [plots.descent(one_start, bowl), plots.fit(one_start), plots.loss(one_start), plots.params(one_start)]
    assert page.panels == tuple(part.panels[0] for part in parts)


def test_summary_without_data_shows_the_surface_from_above(descend):
    page = plots.summary(descend(Problem("x**2 + 10*y**2"), [(1, 1)], rate=0.02))
    assert [panel.z is not None for panel in page.panels] == [True, False, False, False]
    assert any(isinstance(mark, Field) for mark in page.panels[1].marks)


@pytest.mark.parametrize(("rate", "steps"), [(0.1, 0), (0.1, 30), (1e6, 1), (1e6, 30)])
@pytest.mark.parametrize("text", ["y = a*x + b", "y = a*x", "y = exp(a*x*50) + b", "y = a + b*x + c*x**2 + d*x**3"])
def test_every_plot_draws_every_run(line, descend, text, rate, steps):
    problem = Problem(text, line.table)
    run = descend(problem, np.linspace(0.5, 2, 2 * len(problem.names)).reshape(2, -1), rate=rate, steps=steps)
    scenes = [
        plots.summary(run),
        plots.contour(run),
        plots.loss([run, run]),
        plots.params(run),
        plots.lines_over_time(run),
    ]
    for scene in scenes:
        assert len(draw(scene).axes) >= len(scene.panels)


def test_what_is_no_run_is_refused(line):
    with pytest.raises(ProblemError, match=r"plots\.loss: expected a run or a list of runs, got Problem"):
        plots.loss([line])
    with pytest.raises(ProblemError, match="at least one run"):
        plots.loss([])


def test_plots_import_neither_tensorflow_nor_matplotlib():
    code = (
        "import sys, ravine.view.plots, ravine.view.drawing;"
        "print([name for name in ('tensorflow', 'keras', 'matplotlib', 'plotly') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
