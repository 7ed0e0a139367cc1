import itertools
from typing import Any

import numpy as np
import pytest

from ravine.problem import Problem
from ravine.view import plots
from ravine.view.drawing import draw


def boxes_of_ticks(axis: Any) -> list[Any]:
    low, high = sorted(axis.get_view_interval())
    ticks = [tick for tick in axis.get_major_ticks() if tick.label1.get_text() and low <= tick.get_loc() <= high]
    return [tick.label1.get_window_extent() for tick in ticks if tick.label1.get_visible()]


def assert_apart(axis: Any) -> None:
    boxes = boxes_of_ticks(axis)
    for one, other in itertools.pairwise(boxes):
        assert not one.overlaps(other), axis.get_label_text()


@pytest.fixture
def two_columns(descend):
    rng = np.random.default_rng(0)
    u, v = rng.normal(size=(2, 60))
    problem = Problem("z = a*u + b*v + c", {"u": u, "v": v, "z": 1200 * u - 300 * v + 5000})
    return descend(problem, [(0, 0, 0)])


@pytest.mark.parametrize("size", ["slide", "column"])
@pytest.mark.parametrize("name", ["one_start", "three_starts", "parabola", "two_columns"])
def test_tick_labels_do_not_overlap(request, name, size):
    figure = draw(plots.summary(request.getfixturevalue(name)), size=size)
    figure.draw_without_rendering()
    for axes in figure.axes:
        assert_apart(axes.xaxis)
        assert_apart(axes.yaxis)


def test_tick_labels_on_both_sides_of_zero_do_not_overlap(line, descend):
    figure = draw(plots.params(descend(line, [(5, 4)], rate=1.5, steps=15), together=True), size="column")
    figure.draw_without_rendering()
    assert_apart(figure.axes[0].yaxis)
    assert len(boxes_of_ticks(figure.axes[0].yaxis)) >= 2


@pytest.mark.parametrize("size", ["slide", "column"])
def test_the_color_bar_stands_close_beside_the_cube_and_says_what_it_shows(one_start, bowl, size):
    figure = draw(plots.descent(one_start, bowl), size=size)
    figure.draw_without_rendering()
    (frame,) = figure.axes
    children: list[Any] = list(frame.child_axes)
    cube, bar = children
    surface = cube.collections[0].get_tightbbox()
    gap = (bar.get_window_extent().x0 - surface.x1) / figure.bbox.width
    assert 0 < gap < 0.15
    assert bar.get_ylabel() == "loss (mse)"
    assert bar.get_tightbbox().x1 <= figure.bbox.width


@pytest.mark.parametrize("size", ["slide", "column"])
def test_the_surface_uses_the_space_of_its_frame(one_start, bowl, size):
    figure = draw(plots.descent(one_start, bowl), size=size)
    figure.draw_without_rendering()
    (frame,) = figure.axes
    surface = frame.child_axes[0].get_window_extent()
    assert surface.width * surface.height > 0.4 * frame.get_window_extent().width * frame.get_window_extent().height


def test_words_on_the_axes_of_a_surface_stay_in_the_picture(one_start, bowl):
    for size in ("slide", "column"):
        figure = draw(plots.descent(one_start, bowl), size=size)
        figure.draw_without_rendering()
        cube: Any = figure.axes[0].child_axes[0]
        for axis in (cube.xaxis, cube.yaxis, cube.zaxis):
            box = axis.label.get_window_extent()
            assert min(box.x0, box.y0, figure.bbox.width - box.x1, figure.bbox.height - box.y1) >= 0
