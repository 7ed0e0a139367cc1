"""Surface and plane: the loss on a box, and the box around a descent."""

import numpy as np
import pytest

import ravine as rv
from ravine import engine, plane
from ravine import surface as surfaces
from ravine.run import Status


def test_the_surface_is_the_loss_at_every_grid_point(line):
    surface = rv.survey(line, {"a": (0, 2), "b": (1, 4)}, resolution=4, dtype="float64")
    assert surface.names == ("a", "b")
    assert surface.loss.shape == (4, 4)
    for row, b in enumerate(np.linspace(1, 4, 4)):
        for column, a in enumerate(np.linspace(0, 2, 4)):
            expected = np.mean((a * line.columns["x"] + b - line.observed) ** 2)
            assert surface.loss[row, column] == pytest.approx(expected, rel=1e-12)


def test_the_box_names_the_axes(line):
    surface = rv.survey(line, {"b": (1, 4), "a": (0, 2)}, resolution=3)
    assert surface.names == ("b", "a")
    assert (surface.x[0], surface.x[-1], surface.y[0], surface.y[-1]) == (1, 4, 0, 2)


def test_the_best_point_is_the_lowest_finite_one():
    surface = rv.survey(rv.Problem("(a - 2)**2 + (b + 1)**2 + 0*sqrt(a)"), {"a": (-3, 3), "b": (-1, 1)}, resolution=7)
    assert np.isnan(surface.loss).any()
    assert surface.best == {"a": 2.0, "b": -1.0}
    assert surface.best_loss == 0


def test_one_parameter_has_a_curve():
    surface = rv.survey(rv.Problem("(x - 50)**2"), {"x": (0, 100)})
    assert surface.names == ("x",)
    assert surface.loss.shape == (801,)
    assert surface.best == {"x": 50.0}
    assert surface.loss[0] == 2500


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_loss_has_the_dtype_asked_for(line, dtype):
    assert rv.survey(line, {"a": (0, 1), "b": (0, 1)}, resolution=3, dtype=dtype).loss.dtype == dtype


def test_other_parameters_are_held():
    problem = rv.Problem("a + 10*b + 100*c + 1000*d")
    surface = rv.survey(problem, {"c": (0, 1), "a": (0, 1)}, at={"b": 3, "d": 2}, resolution=2)
    assert surface.loss.tolist() == [[2030, 2130], [2031, 2131]]
    assert surface.best == {"a": 0.0, "b": 3.0, "c": 0.0, "d": 2.0}


def test_defaults_of_a_callable_hold_the_others():
    surface = rv.survey(rv.Problem(lambda a, b=7.0: a + b), {"a": (0, 1)}, resolution=2)
    assert surface.loss.tolist() == [7, 8]


def test_a_large_surface_in_pieces_is_the_same(two_layer, monkeypatch):
    box = {"a": (-2, 7), "b": (-2, 7)}
    expected = rv.survey(two_layer, box, resolution=101).loss
    monkeypatch.setattr("ravine.problem._CHUNK", 1000)
    np.testing.assert_allclose(rv.survey(two_layer, box, resolution=101).loss, expected, rtol=1e-5, atol=1e-6)


def test_a_tensorflow_callable_has_the_surface_of_its_formula(two_layer):
    tf = engine.tensorflow()
    data = {"x": two_layer.columns["x"], "y": two_layer.observed}
    problem = rv.Problem(lambda x, a, b: tf.sin(b * tf.cos(a * x)), data)
    box = {"a": (-2, 7), "b": (-2, 7)}
    found, expected = (rv.survey(one, box, resolution=23).loss for one in (problem, two_layer))
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6)


def test_a_keras_loss_has_a_surface(line):
    data = {"x": line.columns["x"], "y": line.observed}
    problem = rv.Problem("y = a*x + b", data, loss=engine.keras().losses.MeanSquaredError())
    box = {"a": (0, 2), "b": (1, 4)}
    found, expected = (rv.survey(one, box, resolution=9).loss for one in (problem, line))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_elements_of_array_parameters_have_a_surface(classes):
    problem = rv.Problem(lambda x, w, b: x @ w + b, classes)
    run = rv.descend(problem, {"w": np.zeros((4, 3)), "b": np.zeros(3)}, learning_rate=0.1, steps=20)
    surface = rv.survey(problem, {"w[1,2]": (-1, 1), "b[0]": (-1, 1)}, around=run, resolution=5, dtype="float64")
    at = run.at(-1)
    w = np.array([[at[f"w[{row},{column}]"] for column in range(3)] for row in range(4)])
    b = np.array([at[f"b[{column}]"] for column in range(3)])
    w[1, 2], b[0] = 0.5, -1
    assert surface.loss[0, 3] == pytest.approx(np.mean((classes["x"] @ w + b - classes["y"]) ** 2), rel=1e-6)


# -- the automatic box ----------------------------------------------------------------------------------------


def _holds(surface, params):
    axes = dict(zip(surface.names, (surface.x, surface.y), strict=False))
    return all(axis[0] < params[name] < axis[-1] for name, axis in axes.items())


def test_the_box_around_a_run_holds_every_path_and_end_with_a_margin(two_layer, three_starts):
    run = rv.descend(two_layer, three_starts, learning_rate=0.1, steps=100)
    surface = rv.survey(two_layer, around=run, resolution=41)
    rows = run.dataset["params"].values.reshape(-1, 2)
    assert all(_holds(surface, {"a": a, "b": b}) for a, b in rows)
    assert surface.x[-1] - surface.x[0] < 2 * np.ptp(rows[:, 0])


def test_the_box_around_a_run_holds_the_best_point_of_its_surface_inside():
    """A short path on a bowl: the lowest point lies outside of the path's own box."""
    problem = rv.Problem("(a - 3)**2 + (b - 3)**2")
    run = rv.descend(problem, {"a": 0, "b": 0}, learning_rate=0.02, steps=20)
    surface = rv.survey(problem, around=run, resolution=101)
    assert _holds(surface, run.params)
    assert _holds(surface, {"a": 3, "b": 3})


def test_the_box_around_several_runs_holds_them_all(two_layer):
    runs = [rv.descend(two_layer, {"a": a, "b": 4.5}, learning_rate=0.1, steps=30) for a in (2, 6)]
    surface = rv.survey(two_layer, around=runs, resolution=21)
    assert all(_holds(surface, run.at(index)) for run in runs for index in (0, -1))


def test_a_diverged_path_does_not_blow_up_the_box():
    problem = rv.Problem("x**2 + 0.1*y**2")
    run = rv.descend(problem, [{"x": 1, "y": 1}, {"x": 1, "y": 2}], learning_rate=[0.1, 1.5], steps=200)
    assert Status.diverged in run.statuses
    surface = rv.survey(problem, around=run)
    assert np.abs(surface.x).max() < 20
    assert np.abs(surface.y).max() < 20


def test_a_path_that_never_moved_still_has_a_box():
    run = rv.descend("x**2 + y**2", {"x": 0, "y": 1e6}, steps=0)
    surface = rv.survey(run.problem, around=run, resolution=3)
    assert surface.x[0] < 0 < surface.x[-1]
    assert surface.y[0] < 1e6 < surface.y[-1]


def test_a_start_that_is_not_finite_still_has_a_box():
    run = rv.descend("log(x) + y**2", {"x": -1, "y": 1}, steps=5)
    surface = rv.survey(run.problem, around=run, resolution=11)
    assert np.isfinite(surface.x).all()
    assert surface.x[0] < -1 < surface.x[-1]


def test_ten_parameters_have_a_surface_over_any_two_around_a_run():
    text = " + ".join(f"(p{index} - {index})**2" for index in range(10))
    run = rv.descend(text, {f"p{index}": 0 for index in range(10)}, learning_rate=0.25, steps=3)
    surface = rv.survey(run.problem, around=run, names=["p7", "p2"], resolution=5)
    assert surface.names == ("p7", "p2")
    assert {name: surface.held[name] for name in surface.held} == {
        name: value for name, value in run.params.items() if name not in ("p7", "p2")
    }


def test_rows_of_a_grid_let_the_first_name_vary_fastest():
    rows = plane.grid_rows(["a", "b"], ["a", "b"], [np.array([1.0, 2.0]), np.array([5.0, 6.0, 7.0])], {})
    assert rows.tolist() == [[1, 5], [2, 5], [1, 6], [2, 6], [1, 7], [2, 7]]


# -- refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "fragment"),
    [
        ({}, "neither"), ({"box": {"c": (0, 1)}}, "'c'"), ({"box": {"a": (1, 0), "b": (0, 1)}}, "(1, 0)"),
        ({"box": {"a": (0, 0), "b": (0, 1)}}, "(0, 0)"), ({"box": {"a": (0, np.inf), "b": (0, 1)}}, "inf"),
        ({"box": {"a": (0,), "b": (0, 1)}}, "(0,)"), ({"box": {"a": 5, "b": (0, 1)}}, "5"),
        ({"box": {"a": ("low", 1), "b": (0, 1)}}, "'low'"), ({"box": {"a": (0, 1)}}, "b"),
        ({"box": {"a": (0, 1), "b": (0, 1)}, "resolution": 1}, "got 1"),
        ({"box": {"a": (0, 1), "b": (0, 1)}, "resolution": 2.5}, "2.5"),
        ({"box": {"a": (0, 1), "b": (0, 1)}, "resolution": 10**6}, "1000000"),
        ({"box": {"a": (0, 1), "b": (0, 1)}, "names": ["a", "a"]}, "a, a"),
        ({"box": {"a": (0, 1)}, "names": ["a", "b"]}, "'b'"), ({"box": {"a": (0, 1)}, "at": {"b": "x"}}, "'x'"),
        ({"box": {"a": (0, 1)}, "at": {"b": 1, "c": 2}}, "'c'"), ({"around": []}, "neither"),
        ({"box": {"a": (0, 1), "b": (0, 1)}, "dtype": "float16"}, "'float16'"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(line, given, fragment, refuses):
    with refuses(rv.ProblemError, fragment):
        rv.survey(line, **given)


def test_the_largest_surface_is_bounded():
    assert surfaces._MOST <= 4096


def test_surfaces_of_other_boxes_are_not_equal(line):
    first, second = (rv.survey(line, {"a": (0, high), "b": (0, 1)}, resolution=3) for high in (1, 2))
    assert first != second


def test_a_very_large_table_gets_a_coarser_surface_by_default():
    x = np.linspace(0, 1, 40_000)
    problem = rv.Problem("y = a*x + b", {"x": x, "y": 2 * x + 1})
    surface = rv.survey(problem, {"a": (1, 3), "b": (0, 2)})
    assert 41 <= surface.x.size < 201
    assert surface.best_loss < 0.01
