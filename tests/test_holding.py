"""Holding: fewer parameters, the same loss."""

import numpy as np
import pytest

import ravine as rv
from ravine import graph
from ravine.holding import hold

_DATA = {"x": np.arange(5.0), "y": np.arange(5.0) ** 2}


@pytest.mark.parametrize("held", [{"b": -2.5}, {"a": 1e-30, "c": 3.0}, {}])
def test_the_loss_is_that_of_the_whole_problem(held):
    problem = rv.Problem("y = a*x**2 + b*x - c", _DATA, loss="huber", sigma=0.5)
    free = hold(problem, held)
    rows = np.random.default_rng(0).standard_normal((6, len(free.names)))
    whole = [[held.get(name, dict(zip(free.names, row, strict=True)).get(name)) for name in "abc"] for row in rows]
    assert free.names == tuple(name for name in "abc" if name not in held)
    np.testing.assert_allclose(free.losses(rows), problem.losses(whole), rtol=1e-12)


def test_bounds_of_the_others_stay():
    problem = rv.Problem("a + b + c", bounds={"a": (0, 1), "c": (None, 2)})
    low, high = hold(problem, {"a": 0.5}).limits()
    assert (low.tolist(), high.tolist()) == ([-np.inf, -np.inf], [np.inf, 2])


def test_a_callable_with_arrays_keeps_its_loss():
    def model(x, w, c=1.0):
        import tensorflow as tf

        return w[0] * x + w[1] * tf.sqrt(x) + c

    problem = rv.Problem(model, _DATA).declare({"w": (2,)})
    free = hold(problem, {"w[0]": 2.0})
    assert free.names == ("w[1]", "c")
    found = graph.Evaluator(free).losses([[3.0, 0.5]])
    assert found == pytest.approx(graph.Evaluator(problem).losses([[2.0, 3.0, 0.5]]))
