"""Lattice: pixels, and the order in which they are computed."""

import numpy as np
import pytest

from ravine import lattice
from ravine.lattice import Lattice

_BOX = {"a": (0.0, 8.0), "b": (-1.0, 1.0)}


@pytest.mark.parametrize("counts", [(8, 8), (5, 3), (1, 7), (64, 48), (9,)])
def test_every_pixel_is_computed_once(counts):
    order = Lattice(dict(list(_BOX.items())[: len(counts)]), counts).order
    assert sorted(order.tolist()) == list(range(int(np.prod(counts))))


@pytest.mark.parametrize("count", [4, 16, 64])
def test_a_part_of_the_order_covers_the_map_evenly(count):
    order = Lattice(_BOX, (16, 16)).order[:count]
    side = int(np.sqrt(count))
    blocks = (order // 16 * side // 16) * side + order % 16 * side // 16
    assert len(set(blocks.tolist())) == count


def test_shares_of_pixels_are_shares_of_the_area():
    a, b = Lattice(_BOX, (4, 2)).axes
    assert a.tolist() == [1, 3, 5, 7]
    assert b.tolist() == [-0.5, 0.5]


def test_random_starts_are_the_same_for_the_same_seed():
    rows = Lattice(_BOX, random=50, seed=3).rows
    assert np.array_equal(rows, Lattice(_BOX, random=50, seed=3).rows)
    assert not np.array_equal(rows, Lattice(_BOX, random=50, seed=4).rows)
    assert (rows >= [0, -1]).all()
    assert (rows <= [8, 1]).all()


def test_more_than_two_parameters_get_random_starts():
    many = lattice.read("abc", dict.fromkeys("abc", (0, 1)), 128, None, 0)
    assert (many.counts, many.random, many.shape) == ((), 4096, (4096,))
