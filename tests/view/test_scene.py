import dataclasses
from typing import Any

import numpy as np
import pytest

from ravine.errors import ProblemError
from ravine.view import scene as parts
from ravine.view.scene import Axis, ColorScale, Panel, Scene

Line: Any = parts.Line  # lists will do for arrays here
Dots: Any = parts.Dots
Lines: Any = parts.Lines
Sheet: Any = parts.Sheet


def test_equal_marks_hold_equal_arrays():
    assert Line([0, np.nan], [1, 2]) == Line([0, np.nan], [1, 2])
    assert Line([0, 1], [1, 2]) != Line([0, 1], [1, 3])
    assert Line([0, 1], [1, 2]) != Line([0, 1], [1, 2], color="#000000")
    assert Line([0, 1], [1, 2]) != Dots([0, 1], [1, 2])


def test_hover_columns_count_in_comparisons():
    one = Dots([0], [1], hover={"step": np.array([3.0])})
    assert one == Dots([0], [1], hover={"step": np.array([3.0])})
    assert one != Dots([0], [1], hover={"step": np.array([4.0])})


def test_scenes_are_compared_down_to_the_last_mark():
    def scene(last: float) -> Scene:
        return Scene("t", (Panel(Axis("x"), Axis("y"), (Line([0, 1], [2, last]),)),))

    assert scene(3) == scene(3)
    assert scene(3) != scene(4)


def test_marks_keep_arrays_of_their_own():
    x = np.array([0.0, 1.0])
    line = Line(x, x)
    x[0] = 9
    assert line.x[0] == 0
    with pytest.raises(ValueError, match="read-only"):
        line.x[0] = 5
    with pytest.raises(dataclasses.FrozenInstanceError):
        line.color = "#000000"


@pytest.mark.parametrize(
    ("make", "where"),
    [
        (lambda: Line([0, 1], [0]), r"Line\.y: expected an array of shape \(2,\), got \(1,\)"),
        (lambda: Sheet([0, 1], [0, 1, 2], np.zeros((2, 3)), ColorScale(0, 1)), r"Sheet\.z: expected .*\(3, 2\)"),
        (lambda: Lines([0, 1], np.zeros((3, 2)), [1, 2], ColorScale(0, 1)), r"Lines\.y: expected .*\(2, 2\)"),
        (lambda: Dots([0], [1], hover={"step": np.zeros(2)}), r"Dots\.hover\['step'\]: expected 1 values, got 2"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(make, where):
    with pytest.raises(ProblemError, match=where):
        make()
