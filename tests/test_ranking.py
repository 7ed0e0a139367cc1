"""Which end is lower, and which differences mean nothing."""

import numpy as np
import pytest

from ravine import ranking


def test_tolerance_is_a_millionth_of_the_way_down_whatever_the_unit_and_the_zero_of_the_loss():
    ways = ranking.tolerance(np.array([5.0, 5000.0, 1005.0]), np.array([1.0, 1000.0, 1001.0]), "float64")
    assert ways == pytest.approx([4e-6, 4e-3, 4e-6])


def test_tolerance_is_no_less_than_what_the_number_format_tells_apart():
    (near,) = ranking.tolerance(np.array([1000.5]), np.array([1000.0]), "float32")
    assert near == pytest.approx(4 * 2.0**-23 * 1000)


def test_tolerance_without_a_finite_way_is_that_of_the_number_format():
    assert ranking.tolerance(np.array([np.inf]), np.array([0.0]), "float64") == 0


def test_middle_takes_failures_for_infinite():
    assert ranking.middle(np.array([[3.0, 1.0, np.nan], [np.inf, 1.0, np.nan]])).tolist() == [3.0, np.inf]
    assert ranking.middle(np.array([1.0, 2.0, 4.0, 9.0])) == 3.0


def test_best_is_the_lowest_median_not_the_lowest_of_all():
    loss = np.array([[0.0, 9.0, 9.0], [1.0, 1.0, 1.0]])
    assert ranking.best_of(loss, np.ones((2, 3)), 0.0) == 1


def test_of_equal_ones_the_quickest_is_best_and_of_equally_quick_ones_the_lowest():
    loss = np.array([[1.0], [1.0 + 1e-9], [1.0 - 1e-9], [2.0]])
    assert ranking.best_of(loss, np.array([[5], [4], [5], [1]]), 1e-6) == 1
    assert ranking.best_of(loss, np.array([[5], [5], [5], [1]]), 1e-6) == 2


def test_where_all_failed_the_first_is_as_good_as_any():
    assert ranking.best_of(np.full((3, 2), np.inf), np.ones((3, 2)), 0.0) == 0
