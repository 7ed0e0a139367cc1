import numpy as np
import pytest

from ravine.fitting.levenberg import minimize

OPEN = np.array([-np.inf, -np.inf]), np.array([np.inf, np.inf])
X = np.linspace(0, 2, 15)


def decay(rows):
    """Residuals of a·exp(−b·x) against 3·exp(−1.5·x)."""
    a, b = rows[:, :1], rows[:, 1:]
    shape = np.exp(-b * X)
    return a * shape - 3 * np.exp(-1.5 * X), np.stack([shape, -a * X * shape], -1)


def rosenbrock(rows):
    x, y = rows.T
    zero = np.zeros_like(x)
    residual = np.stack([10 * (y - x * x), 1 - x], 1)
    return residual, np.stack([np.stack([-20 * x, 10 + zero], 1), np.stack([zero - 1, zero], 1)], 1)


def test_all_rows_come_to_the_minimum():
    end = minimize(decay, np.array([[1.0, 1.0], [5.0, 0.1], [0.5, 3.0]]), *OPEN)
    assert end.settled.all()
    np.testing.assert_allclose(end.params, [[3.0, 1.5]] * 3, rtol=1e-6)


def test_a_curved_valley_is_followed():
    end = minimize(rosenbrock, np.array([[-1.2, 1.0]]), *OPEN)
    np.testing.assert_allclose(end.params, [[1.0, 1.0]], rtol=1e-6)


def test_rows_do_not_influence_each_other():
    rows = np.array([[1.0, 1.0], [5.0, 0.1], [-2.0, 2.0], [1e3, -4.0]])
    together = minimize(decay, rows, *OPEN)
    for index, row in enumerate(rows):
        alone = minimize(decay, row[None], *OPEN)
        np.testing.assert_allclose(alone.params[0], together.params[index], rtol=1e-9)
        assert abs(alone.steps_taken[0] - together.steps_taken[index]) <= 1  # sums of other shapes round otherwise


def test_bounds_hold_on_the_whole_path_and_the_answer_stands_at_the_bound():
    low, high = np.array([0.0, 2.0]), np.array([10.0, 5.0])
    end = minimize(decay, np.array([[1.0, 4.0]]), low, high)
    path = np.stack(end.path.params)
    assert (path >= low).all() and (path <= high).all()
    assert end.params[0, 1] == 2.0
    shape = np.exp(-2 * X)
    assert end.params[0, 0] == pytest.approx(3 * np.exp(-1.5 * X) @ shape / (shape @ shape), rel=1e-6)


def test_a_start_that_is_not_finite_is_left_alone():
    end = minimize(decay, np.array([[1.0, 1.0], [1.0, -1e6]]), *OPEN)
    assert np.isinf(end.squares[1])
    assert end.steps_taken[1] == 0
    assert end.squares[0] < 1e-12


def test_settled_rows_are_evaluated_no_more():
    counts = []

    def counted(rows):
        counts.append(len(rows))
        return decay(rows)

    end = minimize(counted, np.array([[3.0, 1.5], [1.0, -0.5]]), *OPEN)
    assert counts[0] == 2
    assert counts[-1] == 1
    assert sum(counts[1:]) == end.steps_taken.sum()


def test_the_path_goes_downhill_and_ends_at_the_end():
    end = minimize(rosenbrock, np.array([[-1.2, 1.0], [2.0, -3.0]]), *OPEN)
    squares = np.stack(end.path.squares)
    assert (np.diff(squares, axis=0) <= 0).all()
    np.testing.assert_array_equal(end.path.params[-1], end.params)
