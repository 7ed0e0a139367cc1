from typing import Any

import numpy as np
import pytest
from matplotlib.lines import Line2D

from ravine.view import scene as parts
from ravine.view.drawing import draw
from ravine.view.scene import Axis, Panel, Scene

Line: Any = parts.Line  # lists will do for arrays here
STEPS = np.arange(200.0)


def drawn(marks: list[Any], **panel: Any) -> Any:
    """Return the axes of a scene after its layout is done."""
    figure = draw(Scene("", (Panel(Axis("step"), Axis("y"), tuple(marks), **panel),)))
    figure.draw_without_rendering()
    return figure.axes[0]


def share_beneath_legend(axes: Any) -> float:
    """Return the share of the points of all lines that lie under the legend."""
    box = axes.get_legend().get_window_extent()
    lines = [line for line in axes.lines if isinstance(line, Line2D)]
    points = np.concatenate([axes.transData.transform(line.get_xydata()) for line in lines])
    low, high = np.array(box.get_points())
    return float(((points > low) & (points < high)).all(axis=1).mean())


def test_a_legend_goes_to_the_empty_corner():
    axes = drawn([Line(STEPS, STEPS, label="rising")])
    assert share_beneath_legend(axes) == 0
    assert axes.get_ylim()[1] < 215


@pytest.mark.parametrize("length", [1, 20])
@pytest.mark.parametrize("count", [2, 8])
def test_a_legend_covers_nothing_where_lines_are_everywhere(count, length):
    marks = [Line(STEPS, np.sin(3.1 * STEPS + index), label=f"{index}" * length) for index in range(count)]
    assert share_beneath_legend(drawn(marks)) == 0


def test_a_legend_above_lines_on_a_logarithmic_axis_covers_nothing():
    marks = [Line(STEPS, 10 ** (4 * np.sin(3.1 * STEPS + index)), label=f"start number {index}") for index in range(3)]
    figure = draw(Scene("", (Panel(Axis("step"), Axis("loss", "log"), tuple(marks)),)))
    figure.draw_without_rendering()
    assert share_beneath_legend(figure.axes[0]) == 0


def test_lines_between_few_points_are_not_covered_either():
    zigzag = Line(STEPS, STEPS % 2, label="there and back")
    axes = drawn([zigzag])
    assert axes.get_legend().get_window_extent().y0 >= axes.transData.transform((0, 1))[1]


def test_many_short_names_stand_beside_their_lines_in_the_order_of_the_ends():
    ends = {"low": 0, "top": 9, "middle": 3, "above": 6}
    marks = [Line(STEPS, np.sin(STEPS * 3.1) + end * STEPS / 99, label=name) for name, end in ends.items()]
    axes = drawn([*marks, *(Line(STEPS, shift + 9 * np.sin(STEPS * 2.7)) for shift in (-9, 9))])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["top", "above", "middle", "low"]
    assert axes.get_legend().get_window_extent().x0 >= axes.get_window_extent().x1


def test_equal_limits_stay_equal_when_a_legend_finds_no_corner():
    marks = [Line(STEPS, 200 * np.sin(STEPS * index) ** 2, label=f"prediction {index}") for index in (1, 2, 3)]
    axes = drawn(marks, diagonal=True)
    assert share_beneath_legend(axes) == 0
    assert axes.get_ylim()[1] < 215
