import numpy as np
import pytest

from ravine.fitting.polish import Point, polish

OPEN = np.array([-np.inf, -np.inf]), np.array([np.inf, np.inf])


def one(function):
    """Return a function of rows from one of a single row."""

    def evaluate(rows):
        residual, jacobian = zip(*(function(*row) for row in rows), strict=True)
        return np.array(residual), np.array(jacobian)

    return evaluate


def ill_conditioned(a, b):
    """Two columns that differ by 1e-9: normal equations see one."""
    design = np.array([[1.0, 1.0], [1.0, 1.0 + 1e-9], [1.0, 1.0 - 1e-9]])
    return design @ [a - 1, b - 2], design


def large_residual(a, b):
    """r = (a, b, 3 + a² + b²/2): Σr² = a² + b² + (3 + a² + b²/2)², least at 0, where plain Gauss–Newton diverges."""
    return np.array([a, b, 3 - 0.1 * a * a + b * b / 2]), np.array([[1.0, 0], [0, 1.0], [-0.2 * a, b]])


def test_an_ill_conditioned_line_is_solved_by_singular_values():
    point, settled = polish(one(ill_conditioned), np.array([1.5, 1.5]), *OPEN)
    assert settled
    np.testing.assert_allclose(point.params, [1.0, 2.0], rtol=1e-6)


def test_newton_converges_where_gauss_newton_would_diverge():
    point, settled = polish(one(large_residual), np.array([0.2, 0.3]), *OPEN)
    assert settled
    np.testing.assert_allclose(point.params, 0.0, atol=1e-12)


def test_a_parameter_without_effect_stays():
    def flat(a, b):
        return np.array([a - 1, 2 * a]), np.array([[1.0, 0.0], [2.0, 0.0]])

    point, settled = polish(one(flat), np.array([5.0, 7.0]), *OPEN)
    assert settled
    np.testing.assert_allclose(point.params, [0.2, 7.0], rtol=1e-12)


def test_at_a_bound_the_others_are_polished():
    def plane(a, b):
        return np.array([a - b, b - 3]), np.array([[1.0, -1.0], [0.0, 1.0]])

    point, settled = polish(one(plane), np.array([1.0, 1.0]), np.array([-9.0, -9.0]), np.array([9.0, 2.0]))
    assert settled
    np.testing.assert_allclose(point.params, [2.0, 2.0], rtol=1e-12)


def test_what_is_not_finite_comes_back_unsettled():
    def broken(a, b):
        return np.array([a]), np.array([[np.nan, 1.0]])

    point, settled = polish(one(broken), np.array([1.0, 1.0]), *OPEN)
    assert not settled
    assert np.isinf(point.squares)


def test_an_end_that_cannot_reach_the_best_is_left_early():
    counts = {}

    def crawl(best):
        calls = 0

        def evaluate(rows):
            nonlocal calls
            calls += 1
            x, y = rows[0]
            return np.array([[1e4 * (y - x**2), 1 - x]]), np.array([[[-2e4 * x, 1e4], [-1.0, 0.0]]])

        polish(evaluate, np.array([-1.0, 1.0]), *OPEN, best=best)
        return calls

    counts = [crawl(best) for best in (np.inf, 1e-9)]
    assert counts[1] < counts[0]


@pytest.mark.parametrize("points", [3, 100, 70_000])
def test_a_reduced_point_has_the_same_products(points):
    random = np.random.default_rng(0)
    jacobian, residual = random.standard_normal((points, 4)), random.standard_normal(points)
    small, turned = Point(np.zeros(4), residual, jacobian).reduced
    assert len(turned) <= 5
    np.testing.assert_allclose(small.T @ small, jacobian.T @ jacobian, atol=1e-9 * points)
    np.testing.assert_allclose(small.T @ turned, jacobian.T @ residual, atol=1e-9 * points)


def test_solving_for_linear_parameters_straightens_a_bent_valley():
    """b1·(b2 + x)^(−1/b3), as in NIST's Bennett5: without it, hundreds of steps aren't enough."""
    x = np.linspace(7, 15, 40)
    calls = 0

    def power(b1, b2, b3):
        nonlocal calls
        calls += 1
        shape = (b2 + x) ** (-1 / b3)
        slopes = [shape, -b1 * shape / (b3 * (b2 + x)), b1 * shape * np.log(b2 + x) / b3**2]
        return b1 * shape + 2500 * (47 + x) ** (-1 / 0.93), np.stack(slopes, 1)

    limits = np.full(3, -np.inf), np.full(3, np.inf)
    point, settled = polish(one(power), np.array([-2000.0, 50.0, 0.8]), *limits, linear=[0])
    assert settled
    assert calls < 100
    np.testing.assert_allclose(point.params, [-2500.0, 47.0, 0.93], rtol=1e-6)
