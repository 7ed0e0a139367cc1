"""Pictures of derivatives: curves over a range, matrices as heat maps."""

import numpy as np
import pytest

import ravine as rv
from ravine.derivatives import Curve, Derivative, Derivatives
from ravine.view.scene import Dots, Line, Raster, Tags


def parabola(**changes):
    """Return x² and its slope at three points, written by hand."""
    x = np.array([-1.0, 0.0, 1.0])
    grid = np.linspace(-1, 1, 11)
    part = Derivative(0, ("x",), 2 * x, 2 * x, 2 * x, np.full(3, 1e-9), None)
    given = {
        "formulas": ("x**2",),
        "names": ("x",),
        "at": {"x": x},
        "order": 1,
        "values": (x**2)[None],
        "parts": (part,),
        "curve": Curve(grid, np.stack([grid**2, 2 * grid])[:, None]),
        "notes": (),
    }
    return Derivatives(**{**given, **changes})


def marks_of(panel, kind):
    return [mark for mark in panel.marks if isinstance(mark, kind)]


def test_a_function_stands_above_its_derivative():
    scene = rv.plots.derivatives(parabola())
    assert [panel.y.label for panel in scene.panels] == ["f", "f′"]
    assert scene.stacked and scene.title == "f = x**2"
    (slope,) = marks_of(scene.panels[1], Line)
    np.testing.assert_array_equal(slope.y, 2 * slope.x)
    (dots,) = marks_of(scene.panels[1], Dots)
    assert dots.y.tolist() == [-2, 0, 2] and dots.label == "differences"


def test_a_line_breaks_where_the_slope_jumps():
    grid = np.linspace(-1, 1, 101)
    curve = Curve(grid, np.stack([np.abs(grid), np.sign(grid)])[:, None])
    (line,) = marks_of(rv.plots.derivatives(parabola(curve=curve)).panels[1], Line)
    assert np.isnan(line.y).any() and set(line.y[np.isfinite(line.y)]) <= {-1.0, 0.0, 1.0}


def test_a_singularity_does_not_flatten_the_rest():
    grid = np.linspace(0.001, 1, 1001)
    curve = Curve(grid, np.stack([np.log(grid), 1 / grid])[:, None])
    low, high = rv.plots.derivatives(parabola(curve=curve)).panels[1].y.limits
    assert low <= 1 and 10 < high < 200


def test_without_a_range_there_is_no_curve(refuses):
    with refuses(rv.ProblemError, "plots.derivatives: expected", "plots.matrix"):
        rv.plots.derivatives(parabola(curve=None))


def test_a_matrix_shows_sign_size_and_number():
    scene = rv.plots.matrix([[4.0, -4.0], [0.0, 1.0]], ["f", "g"], ["a", "b"])
    (panel,) = scene.panels
    (raster,) = marks_of(panel, Raster)
    top_left, top_right, bottom_left = raster.rgb[1, 0], raster.rgb[1, 1], raster.rgb[0, 0]
    assert top_left[0] > top_left[2] and top_right[2] > top_right[0]
    assert bottom_left.tolist() == [255, 255, 255]
    assert dict(panel.x.ticks) == {1.0: "a", 2.0: "b"} and dict(panel.y.ticks) == {2.0: "f", 1.0: "g"}
    words = {
        (x, y): word for mark in marks_of(panel, Tags) for x, y, word in zip(mark.x, mark.y, mark.words, strict=True)
    }
    assert words == {(1, 2): "4", (2, 2): "−4", (1, 1): "0", (2, 1): "1"}


def test_nan_has_no_color():
    (raster,) = marks_of(rv.plots.matrix([[np.nan, 1.0]]).panels[0], Raster)
    assert raster.kind.tolist() == [[-1, 200]]


def test_derivatives_become_their_jacobian():
    scene = rv.plots.matrix(parabola(), point=2)
    assert scene.title == "Gradient of x**2" and scene.subtitle == "at x = 1"


@pytest.mark.parametrize(
    ("values", "rows", "fragments"),
    [([1.0, 2.0], (), ("shape [2]",)), ([[1.0, 2.0]], ("a", "b"), ("1 names of rows", "got 2"))],
)
def test_what_is_no_matrix_is_refused(refuses, values, rows, fragments):
    with refuses(rv.ProblemError, "plots.matrix: expected", *fragments):
        rv.plots.matrix(values, rows)


def test_both_pictures_can_be_drawn(tmp_path):
    for name, scene in (("curve", rv.plots.derivatives(parabola())), ("matrix", rv.plots.matrix(np.eye(3)))):
        assert rv.save_picture(scene, tmp_path / f"{name}.png").stat().st_size > 5000
