import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ravine.view import scales

ANY = arrays(float, st.integers(0, 60), elements=st.floats(allow_nan=True, allow_infinity=True))


def test_losses_over_many_decades_are_logarithmic():
    assert scales.scale_of_losses(np.logspace(0, -5, 20)) == "log"
    assert scales.scale_of_losses(np.array([1.0, 1e-4, 0.0])) == "log"


@pytest.mark.parametrize("losses", [[], [np.nan], [0.0, 0.0], [2.0, 1.0], [5.0]])
def test_other_losses_are_linear(losses):
    assert scales.scale_of_losses(np.array(losses)) == "linear"


def test_negative_losses_that_explode_get_a_symmetric_logarithm():
    assert scales.scale_of_losses(np.array([-1.0, -2.0, -4.0, -1e12])) == "symlog"


def test_an_exploding_surface_is_cut_so_that_the_valley_stays_visible():
    losses = np.append(np.linspace(0, 1, 1000), [1e30, np.inf, np.nan])
    assert scales.floor_and_ceiling(losses, np.array([0.5]), log=False)[1] < 4


def test_the_losses_of_the_path_stay_in_sight():
    losses = np.append(np.linspace(0, 1, 1000), 1e30)
    assert scales.floor_and_ceiling(losses, np.array([5.0]), log=False)[1] == 5.0


def test_a_constant_surface_has_some_height():
    low, high = scales.floor_and_ceiling(np.full(9, 3.0), np.array([3.0]), log=False)
    assert low < 3 < high


def test_levels_are_denser_in_the_valley():
    x = np.linspace(-1, 1, 101)
    levels = np.array(scales.levels_of(x**2 + x[:, None] ** 2))
    assert levels[1] - levels[0] < (levels[-1] - levels[-2]) / 3


def test_equal_losses_have_no_levels():
    assert scales.levels_of(np.full((5, 5), 2.0)) == ()
    assert scales.levels_of(np.full((5, 5), np.nan)) == ()


@given(ANY)
def test_levels_always_rise(losses):
    levels = scales.levels_of(losses)
    assert all(low < high for low, high in itertools.pairwise(levels))
    assert np.isfinite(levels).all()


@given(ANY, ANY, st.booleans())
def test_the_ceiling_is_always_above_the_floor(losses, path, log):
    low, high = scales.floor_and_ceiling(losses, path, log=log)
    assert low < high
    assert np.isfinite([low, high]).all()
    assert not log or low > 0
