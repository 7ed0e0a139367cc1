"""Batches: which points each step sees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravine.batches import Batches


@st.composite
def _points_and_size(draw):
    points = draw(st.integers(1, 30))
    return points, draw(st.integers(1, points))


@given(_points_and_size(), st.integers(1, 5))
def test_every_pass_sees_every_point_once(sizes, passes):
    points, size = sizes
    steps = passes * points  # so many steps are `size` times so many passes
    stream = Batches(points, size, seed=3).next(steps, steps).ravel()
    for one in stream.reshape(-1, points):
        assert sorted(one) == list(range(points))


@given(_points_and_size(), st.lists(st.integers(0, 7), min_size=1, max_size=5))
def test_how_it_is_asked_does_not_matter(sizes, asked):
    points, size = sizes
    together = Batches(points, size, seed=1).next(sum(asked), sum(asked))
    stream = Batches(points, size, seed=1)
    apart = [stream.next(steps, 7)[:steps] for steps in asked]
    np.testing.assert_array_equal(np.concatenate(apart), together)


def test_the_array_is_as_long_as_the_capacity():
    batches = Batches(5, 2, seed=0).next(3, 8)
    assert (batches.shape, batches.dtype) == ((8, 2), np.int32)
    assert not batches[3:].any()


@pytest.mark.parametrize(("seed", "same"), [(0, True), (1, False)])
def test_the_seed_decides(seed, same):
    first, second = (Batches(100, 10, each).next(10, 10) for each in (0, seed))
    assert np.array_equal(first, second) is same


def test_without_a_size_there_are_no_batches():
    assert Batches(5, None, seed=0).next(3, 8) is None
