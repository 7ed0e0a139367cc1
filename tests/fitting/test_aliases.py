import numpy as np
import pytest

import ravine as rv
from ravine.fitting.aliases import ranks, steepness

SINE = "y = a*sin(b*x + c)"
X = np.linspace(0.1, 5, 30)
TURN = 2 * np.pi / (X[1] - X[0])  # of b, which the points can't see


def _alias(values, turns):
    """Return the parameters of the sine that is faster by so many turns from point to point."""
    return {"a": values["a"], "b": values["b"] + turns * TURN, "c": values["c"] - turns * TURN * X[0]}


def _swing(seed=0, b=2.5):
    noise = 0.1 * np.random.default_rng(seed).normal(size=X.size)
    return {"x": X, "y": 2 * np.sin(b * X + 0.5) + noise}


def test_aliases_meet_the_points_alike():
    problem = rv.Problem(SINE, _swing())
    truth = {"a": 2.0, "b": 2.5, "c": 0.5}
    for turns in (-2, -1, 1, 3):
        np.testing.assert_allclose(problem.predict(_alias(truth, turns)), problem.predict(truth), atol=1e-12)


def test_the_slowest_alias_is_what_people_would_write():
    problem = rv.Problem(SINE, _swing())
    truth = {"a": 2.0, "b": 2.5, "c": 0.5}
    rows = np.array([problem.row(_alias(truth, turns)) for turns in (2, -1, 0, 1)])
    assert ranks(problem, rows).tolist() == [3, 1, 0, 2]


def test_rows_that_hardly_differ_have_one_rank():
    problem = rv.Problem(SINE, _swing())
    row = problem.row({"a": 2.0, "b": 2.5, "c": 0.5})
    assert ranks(problem, np.array([row, row * (1 + 1e-6), 2 * row])).tolist() == [0, 0, 1]


def test_steepness_does_not_depend_on_the_unit_of_x():
    """The mean square of 2·cos x over two whole turns is 2, times the square of the width."""
    x = np.linspace(0, 4 * np.pi, 400, endpoint=False)
    for unit in (1.0, 1000.0):
        problem = rv.Problem("y = a*sin(b*x)", {"x": x * unit, "y": x})
        found = steepness(problem, problem.row({"a": 2.0, "b": 1 / unit}))
        assert found == pytest.approx(2 * np.ptp(x) ** 2, rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_a_fit_of_a_sampled_sine_answers_with_the_slowest_one(seed):
    found = rv.fit(SINE, _swing(seed), seed=seed)
    assert found.values["b"] == pytest.approx(2.5, abs=0.05)
    assert found.values["a"] > 0
    assert abs(found.values["c"]) <= np.pi


def test_a_period_is_the_longest_one():
    assert rv.fit("y = a*sin(2*pi*x/b + c)", _swing()).values["b"] == pytest.approx(2 * np.pi / 2.5, rel=0.02)


def test_the_own_start_says_which_alias_is_meant():
    start = _alias({"a": 2.0, "b": 2.5, "c": 0.5}, 1)
    found = rv.fit(SINE, _swing(), start)
    assert found.values["b"] == pytest.approx(start["b"], abs=0.05)
    assert not found.warnings


def test_eight_sets_share_the_slowest_frequency():
    random = np.random.default_rng(0)
    sets = [random.uniform(1, 3) * np.sin(2.5 * X + random.uniform(0.2, 1.2)) for _ in range(8)]
    y = np.concatenate(sets) + 0.1 * random.normal(size=8 * X.size)
    data = {"run": np.repeat(np.arange(8), X.size), "x": np.tile(X, 8), "y": y}
    found = rv.fit(SINE, data, by="run", shared="b")
    assert found.values["b"] == pytest.approx(2.5, abs=0.02)
    assert all(found.values[f"a_{number}"] > 0 for number in range(8))
