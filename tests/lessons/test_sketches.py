from __future__ import annotations

import numpy as np
import pytest

from ravine.lessons.sketches import arrows, matrix
from ravine.view.scene import Raster, Tags


def test_each_arrow_has_a_shaft_and_two_strokes_from_its_tip() -> None:
    line = arrows(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[3.0, 0.0], [0.0, 3.0]]), head=0.5)
    x, y = line.x.reshape(2, 7), line.y.reshape(2, 7)
    np.testing.assert_array_equal(x[:, 0], [0, 1])
    for tip in (1, 4):
        np.testing.assert_array_equal(np.stack([x[:, tip], y[:, tip]], 1), [[3, 0], [1, 4]])
    assert np.isnan(x[:, [2, 6]]).all()
    for stroke in (3, 5):
        length = np.hypot(x[:, stroke] - x[:, 4], y[:, stroke] - y[:, 4])
        np.testing.assert_allclose(length, 0.5)
    assert (x[0, 3] < 3) and (y[0, 3] == pytest.approx(-y[0, 5]))


def test_an_arrow_of_no_length_is_a_point() -> None:
    line = arrows(np.zeros((1, 2)), np.zeros((1, 2)), head=0.5)
    assert np.nanmax(np.abs(line.x)) == 0


def test_a_matrix_shows_its_first_row_on_top_with_its_numbers() -> None:
    panel = matrix(np.array([[1.0, -2.0], [0.0, 4.0]]), ["top", "bottom"], ["left", "right"])
    cells, words = panel.marks
    assert isinstance(cells, Raster) and isinstance(words, Tags)
    np.testing.assert_array_equal(cells.kind, [[-1, 0], [0, 1]])
    assert dict(panel.y.ticks) == {0: "bottom", 1: "top"}
    assert {(x, y): word for x, y, word in zip(words.x, words.y, words.words, strict=True)} == {
        (0, 1): "1", (1, 1): "−2", (0, 0): "0", (1, 0): "4",
    }  # fmt: skip
    assert cells.shade[0, 1] == cells.shade.max()
