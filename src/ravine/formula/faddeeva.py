"""The Voigt profile for TensorFlow, from the Faddeeva function w(z) = exp(−z²)·erfc(−i·z), in elementwise real numbers.

w(z) = (i/π)·∫ exp(−t²)/(z − t) dt is summed by the trapezoidal rule with a step of h = √(π/12), and what the pole at
t = z takes away comes back as one term in closed form. Nodes k·h or (k + ½)·h, whichever stand farther from Re z: the
error of w is then below 2e-15 in the whole upper half plane. With z = x + i·y the nodes' shares in Re w are

    (2h/π)·y·exp(−t²)·(x² + y² + t²)/|z² − t²|²  > 0,

so that nothing cancels and small values in the wings are as accurate as large ones.

Far from the center, beyond |z|² = `_FAR` (so always for σ = 0), the series in σ²/(x + i·γ)² takes over: the derivative
w′ = −2·z·w + 2i/√π is exact, but its terms cancel in the wings.

References
----------
M. Al Azah and S. N. Chandler-Wilde (2021), Computation of the complex error function using modified trapezoidal
rules, SIAM Journal on Numerical Analysis 59 (5), 2346–2367, https://doi.org/10.1137/20M1373037
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

_STEP = math.sqrt(math.pi / 12)
_NODES = 12
_FAR = {"float64": 100.0, "float32": 25.0}  # |z|² from which the series has all digits
_SERIES = tuple(float(math.prod(range(1, 2 * k, 2))) for k in range(13))  # (2k − 1)!!


def profile(tf: Any) -> Callable[[Any, Any, Any], Any]:
    """Return ``voigt(x, sigma, gamma)`` for tensors of one dtype; derivatives of all orders are exact.

    The Gaussian's width enters by its square, so its sign has no meaning. Below γ = 0 the profile goes on
    analytically, V(γ) = 2·Re exp(−z²)/(σ·√2π) − V(−γ), as SciPy's does.
    """
    faddeeva = function(tf)

    def upper(x: Any, sigma: Any, gamma: Any) -> Any:
        squared = x * x + gamma * gamma
        is_near = squared < 2.0 * _FAR[x.dtype.name] * sigma * sigma
        # A branch that isn't taken gets harmless arguments: its infinite slopes times 0 would be NaN.
        beyond = tf.where(is_near, tf.ones_like(x), x), tf.where(is_near, tf.zeros_like(x), sigma)
        is_core = gamma < 0.1 * sigma  # exp(−z²) may be larger than the series there
        core = _gaussian(tf, *beyond, tf.where(is_core, gamma, tf.zeros_like(x)))
        far = _series(tf, *beyond, gamma) + tf.where(is_core, core, tf.zeros_like(x))
        width = math.sqrt(2.0) * tf.where(is_near, sigma, tf.ones_like(x))
        real, _ = faddeeva(tf.where(is_near, x, tf.zeros_like(x)) / width, gamma / width)
        return tf.where(is_near, real / (math.sqrt(math.pi) * width), far)

    def voigt(x: Any, sigma: Any, gamma: Any) -> Any:
        zero = tf.zeros_like(x + sigma + gamma)
        x, sigma, gamma = x + zero, tf.abs(sigma) + zero, gamma + zero
        is_below = gamma < 0
        found = upper(x, sigma, tf.where(is_below, -gamma, gamma))
        return tf.where(is_below, 2.0 * _gaussian(tf, x, sigma, tf.where(is_below, gamma, zero)) - found, found)

    return voigt


def function(tf: Any) -> Callable[[Any, Any], tuple[Any, Any]]:
    """Return a function from tensors x and y ≥ 0 to Re w(x + i·y) and Im w(x + i·y), for x² + y² below 1e18."""

    @tf.custom_gradient
    def faddeeva(x: Any, y: Any) -> Any:
        def gradient(of_real: Any, of_imaginary: Any) -> tuple[Any, Any]:
            real, imaginary = faddeeva(x, y)  # by itself, so that its derivatives are exact too
            across = -2.0 * (x * real - y * imaginary)
            along = 2.0 / math.sqrt(math.pi) - 2.0 * (x * imaginary + y * real)
            return of_real * across + of_imaginary * along, of_imaginary * across - of_real * along

        return _sum(tf, x, y), gradient

    return faddeeva


def _sum(tf: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """Return real and imaginary part of w for y ≥ 0."""
    away, sign = tf.abs(x), tf.sign(x)
    turns = away / _STEP
    turns = turns - tf.round(turns)  # −½ … ½ of a step from the nearest node k·h
    halved = tf.abs(turns) < 0.25
    squared, difference, product = away * away + y * y, away * away - y * y, 2.0 * away * y
    real, imaginary = tf.zeros_like(x), tf.zeros_like(x)
    for k in range(_NODES):
        node = [(_STEP * (k + shift)) ** 2 for shift in (0.5, 0.0)]
        weight = [math.exp(-node[0]), math.exp(-node[1]) / (2.0 if k == 0 else 1.0)]
        here = tf.where(halved, tf.constant(node[0], x.dtype), tf.constant(node[1], x.dtype))
        share = tf.where(halved, tf.constant(weight[0], x.dtype), tf.constant(weight[1], x.dtype))
        share /= (difference - here) ** 2 + product**2
        real += share * (squared + here)
        imaginary += share * (squared - here)
    factor = 2.0 * _STEP / math.pi
    pole = _pole(tf, (away, y, turns), halved)
    return factor * y * real + pole[0], sign * (factor * away * imaginary + pole[1])


def _pole(tf: Any, at: tuple[Any, Any, Any], halved: Any) -> tuple[Any, Any]:
    """Return what the pole takes away, 2·exp(−z²)·q/(q ± 1) with q = exp(2πi·z/h), + for the nodes (k + ½)·h."""
    x, y, turns = at
    counts = y < tf.maximum(x, math.pi / _STEP)
    height = tf.where(counts, y, tf.zeros_like(y))
    size, angle = tf.exp(-2.0 * math.pi / _STEP * height), 2.0 * math.pi * turns
    real, imaginary = size * tf.cos(angle), size * tf.sin(angle)
    side = tf.where(halved, tf.ones_like(x), -tf.ones_like(x))
    below = size * size + 1.0 + 2.0 * side * real
    real, imaginary = (size * size + side * real) / below, side * imaginary / below
    decay = 2.0 * tf.exp((height - x) * (height + x))
    cosine, sine = tf.cos(2.0 * x * height), tf.sin(2.0 * x * height)
    nothing = tf.zeros_like(x)
    found = decay * (cosine * real + sine * imaginary), decay * (cosine * imaginary - sine * real)
    return tf.where(counts, found[0], nothing), tf.where(counts, found[1], nothing)


def _series(tf: Any, x: Any, sigma: Any, gamma: Any) -> Any:
    """Return Re (i/π·ζ)·Σ (2k − 1)!!·(σ/ζ)^2k with ζ = x + i·γ: Lorentz's profile for σ = 0."""
    squared = x * x + gamma * gamma
    across, along = sigma * x / squared, -sigma * gamma / squared
    difference, product = across * across - along * along, 2.0 * across * along
    real, imaginary = tf.zeros_like(x), tf.zeros_like(x)
    for factor in reversed(_SERIES):
        real, imaginary = real * difference - imaginary * product + factor, real * product + imaginary * difference
    return (gamma * real - x * imaginary) / (math.pi * squared)


def _gaussian(tf: Any, x: Any, sigma: Any, gamma: Any) -> Any:
    """Return Re exp(−z²)/(σ·√2π), 0 for a width of 0."""
    is_wide = sigma > 0
    width = tf.where(is_wide, sigma, tf.ones_like(x))
    gamma = tf.where(is_wide, gamma, tf.zeros_like(x))
    size = tf.exp((gamma - x) * (gamma + x) / (2.0 * width * width)) / (math.sqrt(2.0 * math.pi) * width)
    return tf.where(is_wide, size * tf.cos(x / width * (gamma / width)), tf.zeros_like(x))
