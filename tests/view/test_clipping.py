import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ravine.view.clipping import clip_cells, clip_path, is_inside

BOX = ((-1.0, 1.0), (-1.0, 1.0))


def test_a_path_inside_stays_as_it_is():
    rows = np.array([[0.1, 0.2, 7.0], [0.3, -0.4, 8.0]])
    np.testing.assert_array_equal(clip_path(rows, BOX), rows)


def test_a_path_that_leaves_ends_at_the_border_with_values_in_between():
    rows = np.array([[0.0, 0.0, 10.0], [2.0, 0.0, 20.0]])
    np.testing.assert_array_equal(clip_path(rows, BOX), [[0, 0, 10], [1, 0, 15]])


def test_a_path_that_comes_back_is_interrupted():
    rows = np.array([[0.0, 0.0], [0.0, 2.0], [0.5, 2.0], [0.5, 0.0]])
    clipped = clip_path(rows, BOX)
    np.testing.assert_array_equal(clipped, [[0, 0], [0, 1], [np.nan, np.nan], [0.5, 1], [0.5, 0]])


def test_a_segment_may_cross_the_whole_box():
    np.testing.assert_array_equal(clip_path(np.array([[-3.0, 0.5], [3.0, 0.5]]), BOX), [[-1, 0.5], [1, 0.5]])


def test_a_third_side_may_be_open():
    rows = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 4.0]])
    np.testing.assert_array_equal(clip_path(rows, (*BOX, (-np.inf, 1.0))), [[0, 0, 0], [0, 0, 1]])


def test_numbers_that_are_not_finite_interrupt_the_path():
    rows = np.array([[0.0, 0.0], [np.nan, 0.0], [np.inf, 0.0], [0.5, 0.0], [0.6, 0.0]])
    np.testing.assert_array_equal(clip_path(rows, BOX), [[0.5, 0], [0.6, 0]])


@given(
    arrays(float, st.tuples(st.integers(1, 12), st.just(2)), elements=st.floats(allow_nan=True, allow_infinity=True))
)
def test_nothing_lies_outside_the_box(rows):
    clipped = clip_path(rows, BOX)
    drawn = clipped[np.isfinite(clipped).all(1)]
    assert is_inside(drawn, ((-1 - 1e-9, 1 + 1e-9), (-1 - 1e-9, 1 + 1e-9))).all()


def test_cells_are_cut_exactly_at_the_ceiling():
    cell = np.array([[[0.0, 0, 0], [1, 0, 0], [1, 1, 4], [0, 1, 4]]])
    (cut,) = clip_cells(cell, 1.0)
    np.testing.assert_array_equal(cut, [[0, 0, 0], [1, 0, 0], [1, 0.25, 1], [0, 0.25, 1]])


def test_cells_below_the_ceiling_stay_and_those_above_go():
    flat = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
    cells = np.stack([flat, flat + np.array([0, 0, 2])])
    np.testing.assert_array_equal(clip_cells(cells, 1.0), cells[:1])
    assert clip_cells(cells, -1.0).shape == (0, 4, 3)


def test_a_cell_with_one_corner_above_gets_a_fifth_corner():
    cells = np.array([[[0.0, 0, 0], [1, 0, 0], [1, 1, 2], [0, 1, 0]]])
    assert clip_cells(cells, 1.0).shape == (1, 5, 3)
    assert clip_cells(cells, 1.0)[..., 2].max() == 1
