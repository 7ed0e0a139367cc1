import numpy as np
import pytest

import ravine as rv
from ravine.fitting.seeding import blind, seeds

X = np.linspace(0, 4, 50)


def test_a_linear_model_needs_one_seed_and_it_is_the_answer():
    problem = rv.Problem("y = a*x + b", {"x": X, "y": 3 * X - 1})
    rows = seeds(problem, 8)
    np.testing.assert_allclose(rows, [[3.0, -1.0]], rtol=1e-6)


def test_linear_parameters_are_solved_for():
    problem = rv.Problem("y = a*exp(-b*x) + c", {"x": X, "y": 2 * np.exp(-1.3 * X) + 0.5})
    best = seeds(problem, 8)[0]
    np.testing.assert_allclose(best, [2.0, 1.3, 0.5], rtol=0.05)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_seeds_live_on_the_scale_of_the_data(scale):
    problem = rv.Problem("y = a*exp(-((x - b)/c)**2)", {"x": scale * X, "y": 5 * np.exp(-(((X - 2.5) / 0.4) ** 2))})
    found = dict(zip(problem.names, seeds(problem, 8)[0], strict=True))
    assert found["b"] == pytest.approx(2.5 * scale, rel=0.2)
    assert abs(found["c"]) == pytest.approx(0.4 * scale, rel=0.5)


def test_the_same_seed_gives_the_same_starts_and_they_differ_from_each_other():
    problem = rv.Problem("y = sin(b*cos(a*x))", {"x": X, "y": np.sin(X)})
    rows = seeds(problem, 16, seed=3)
    np.testing.assert_array_equal(rows, seeds(problem, 16, seed=3))
    assert len(np.unique(rows, axis=0)) == 16


def test_seeds_keep_the_bounds():
    problem = rv.Problem("y = a*exp(-b*x)", {"x": X, "y": np.exp(-X)}, bounds={"a": (2.0, 3.0), "b": (None, 0.5)})
    rows = seeds(problem, 16)
    low, high = problem.limits()
    assert (rows >= low).all() and (rows <= high).all()


def test_sigma_weighs_the_points():
    y = np.where(X < 2, 1.0, 5.0)
    problem = rv.Problem("y = a", {"x": X, "y": y}, sigma=np.where(X < 2, 1e-6, 1.0))
    assert seeds(problem, 4)[0, 0] == pytest.approx(1.0, rel=1e-6)


def test_a_model_that_cannot_be_read_gets_starts_of_every_size_around_the_given_one():
    problem = rv.Problem("y = a*exp(-b*x)", {"x": X, "y": X}, bounds={"b": (0.0, None)})
    rows = blind(problem, np.array([100.0, 1.0]), 64)
    assert rows.shape == (64, 2)
    assert (rows[:, 1] >= 0).all()
    assert np.median(np.abs(rows[::2, 0])) > 10 * np.median(np.abs(rows[1::2, 0]))
