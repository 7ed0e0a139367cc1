import numpy as np
import pytest

import ravine as rv
from ravine import engine
from ravine.fitting.valley import search
from ravine.lessons.data import data_of

FORMULA = "y = sin(b*cos(a*x))"
X = np.linspace(0, 4, 60)


@pytest.fixture(scope="module")
def two_layer():
    return rv.Problem(FORMULA, data_of(FORMULA), loss="sse")


@pytest.fixture(scope="module")
def unreadable():
    def model(x, a, b, c):
        return a * engine.tensorflow().exp(-b * x) + c

    return rv.Problem(model, {"x": X, "y": 3 * np.exp(-1.3 * X) + 0.5}, loss="sse")


def test_without_a_start_the_best_minimum_comes_first(two_layer):
    found = search(two_layer, None, 32, 0)
    assert found.own is None
    np.testing.assert_allclose(found.ends[0].point.params[np.argsort(two_layer.names)], [1.2, 2.5], rtol=0.05)
    squares = [end.point.squares for end in found.ends]
    assert squares == sorted(squares)


def test_the_own_start_has_an_end_of_its_own_beside_the_best(two_layer):
    start = np.array([{"a": 5.0, "b": 1.0}[name] for name in two_layer.names])
    found = search(two_layer, start, 32, 0)
    assert found.own is not None and found.own > 0
    assert 0 in found.ends[found.own].starts
    assert found.ends[0].point.squares < 3 < found.ends[found.own].point.squares


def test_of_twins_the_one_of_the_own_start_comes_first(two_layer):
    start = np.array([{"a": -1.1, "b": 2.4}[name] for name in two_layer.names])
    found = search(two_layer, start, 32, 0)
    assert found.own == 0
    assert found.ends[0].point.params[two_layer.names.index("a")] < 0


def test_every_end_is_a_place_where_the_gradient_vanishes(two_layer):
    for end in search(two_layer, None, 32, 0).ends:
        if end.settled:
            gradient = end.point.jacobian.T @ end.point.residual
            norms = np.linalg.norm(end.point.jacobian, axis=0) * np.sqrt(end.point.squares)
            assert (np.abs(gradient) <= 1e-4 * norms + 1e-12).all()


def test_a_model_that_only_tensorflow_can_call_is_searched_too(unreadable):
    assert not unreadable.is_readable
    best = search(unreadable, None, 16, 0).ends[0]
    assert best.settled
    np.testing.assert_allclose(best.point.params, [3.0, 1.3, 0.5], rtol=1e-8)


def test_the_path_of_every_start_is_kept(two_layer):
    found = search(two_layer, None, 16, 0)
    steps = len(found.descent.path.params)
    assert found.descent.path.params[0].shape == (16, 2)
    assert found.descent.steps_taken.max() == steps - 1
