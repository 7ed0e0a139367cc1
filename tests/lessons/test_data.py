from __future__ import annotations

import numpy as np

from ravine.lessons.data import NOISE, data_of, five_points


def test_data_are_the_formula_at_the_true_values_plus_noise() -> None:
    data = data_of("y = a*x**3 + b*x**2")
    x, noise = data["x"], data["y"] - (1.2 * data["x"] ** 3 + 2.5 * data["x"] ** 2)
    np.testing.assert_allclose(x, np.linspace(-1, 1, 200))
    assert abs(noise.mean()) < 3 * NOISE / np.sqrt(200)
    assert 0.8 * NOISE < noise.std() < 1.2 * NOISE


def test_data_are_the_same_every_time() -> None:
    np.testing.assert_array_equal(data_of("y = a*x + b")["y"], data_of("y = a*x + b")["y"])


def test_five_points_lie_near_even_steps_with_small_weights() -> None:
    data, weights = five_points()
    for name in ("x", "y"):
        assert np.abs(data[name] - np.linspace(-10, 10, 5)).max() < 4 * 1.5
    assert max(map(abs, weights.values())) < 4 * 0.1
