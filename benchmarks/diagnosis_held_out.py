"""Held-out cases for the diagnosis: other formulas and data, all written before the first of them was run."""

from __future__ import annotations

import numpy as np

import ravine as rv
from diagnosis_cases import Case, _case, _columns, fitted, line

_POWER = fitted("y = a*x**b", lambda x: 2 * x**1.5, 0.05, (0.2, 3, 90), seed=11)
_WAVE = fitted("y = a*sin(x) + b*cos(x) + c", lambda x: 1.5 * np.sin(x) - np.cos(x) + 0.5, 0.2, (0, 12, 160), seed=12)
_GROWTH = fitted("y = k/(1 + exp(-r*(x - t)))", lambda x: 5 / (1 + np.exp(-2 * (x - 1))), 0.1, (-3, 5, 100), seed=13)
_BEALE = "(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2"


def _binary() -> rv.Problem:
    x = np.linspace(-2, 2, 120)
    y = (np.random.default_rng(8).uniform(size=120) < 1 / (1 + np.exp(-1.5 * x))).astype(float)
    return rv.Problem("y = sigmoid(a*x + b)", {"x": x, "y": y}, loss="binary_crossentropy")


HELD_OUT: list[Case] = [
    # Healthy: curvatures and rates leave a factor of two to the edge and enough steps.
    _case("wave", "", _WAVE, {"a": 0, "b": 0, "c": 0}, learning_rate=0.3, steps=300),
    _case("wave, adamw", "", _WAVE, {"a": 0, "b": 0, "c": 0}, "adamw", learning_rate=0.02, steps=1500),
    _case("power, l-bfgs-b", "", _POWER, {"a": 1, "b": 1}, "l-bfgs-b", steps=100),
    _case("power, adam", "", _POWER, {"a": 1, "b": 1}, "adam", learning_rate=0.02, steps=1500),
    _case("growth, trf", "", _GROWTH, {"k": 4, "r": 1, "t": 0}, "trf", steps=100),
    _case("beale, bfgs", "", _BEALE, {"x": 1, "y": 0}, "bfgs", steps=200),
    _case("absolute deviations, cauchy", "", line(loss="cauchy"), {"a": 1, "b": 2}, learning_rate=0.3, steps=400),
    _case("classes, momentum", "", _binary, {"a": 0, "b": 0}, "momentum", learning_rate=0.3, steps=400),
    _case("three columns, batches", "", _columns("y = a*u + b*v + c*w", lambda u, v, w: u - v + 2 * w,
          {"u": 1, "v": 1, "w": 1}), {"a": 0, "b": 0, "c": 0}, learning_rate=0.02, steps=2000, batch_size=30),
    _case("quartic bowl", "", "(x - 2)**4 + (x - 2)**2", {"x": 4}, learning_rate=0.02, steps=400),
    # The mean squares of the columns are about 1, so that the edge is about 1.
    _case("three columns, rate 3", "learning-rate-too-large", _columns("y = a*u + b*v + c*w",
          lambda u, v, w: u - v + 2 * w, {"u": 1, "v": 1, "w": 1}), {"a": 0, "b": 0, "c": 0}, learning_rate=3,
          steps=60),
    _case("nesterov 0.5, edge 3/2/4", "learning-rate-too-large", "2*(x - 1)**2", {"x": 3},
          "sgd(momentum=0.5, nesterov=True)", learning_rate=0.45, steps=80),
    _case("lion, rate 5", "learning-rate-too-large", "(x - 1)**2", {"x": 0}, "lion", learning_rate=5, steps=40),
    # 2/λ with λ = 8 and 16.
    _case("edge of 4x²", "learning-rate-at-edge", "4*(x - 1)**2 + y**2", {"x": 3, "y": 1}, learning_rate=0.25,
          steps=80),
    _case("edge of momentum 0.5", "learning-rate-at-edge", "8*(x - 1)**2", {"x": 3}, "sgd(momentum=0.5)",
          learning_rate=3 / 16, steps=80),
    _case("wave, rate 2·10⁻⁴", "learning-rate-too-small", _WAVE, {"a": 0, "b": 0, "c": 0}, learning_rate=2e-4,
          steps=300),
    _case("rmsprop, 10⁻³ a step of 30", "learning-rate-too-small", "(x - 30)**2 + 1", {"x": 0}, "rmsprop", steps=300),
    _case("nesterov, 10⁻⁶", "learning-rate-too-small", _WAVE, {"a": 0, "b": 0, "c": 0}, "nesterov",
          learning_rate=1e-6, steps=300),
    # Curvatures 2·10⁵ and 2 along turned axes.
    _case("turned valley", "ill-conditioned", "100000*(x - y)**2 + (x + y - 4)**2", {"x": 5, "y": 5},
          learning_rate=2e-6, steps=300),
    _case("x in 1000s", "ill-conditioned", line(noise=1e-3, x=(1000, 1010, 80)), {"a": 0, "b": 0},
          learning_rate=5e-7, steps=300),
    # σ(−55) = 10⁻²⁴, times k: nothing moves.
    _case("saturated growth", "flat", _GROWTH, {"k": 1e-9, "r": 1, "t": 60}, learning_rate=0.1, steps=100),
    _case("dead on both sides", "flat", "1 - exp(-(x**2 + y**2))", {"x": 6, "y": 5}, learning_rate=0.5, steps=100),
    _case("monkey's back", "saddle", "x**2 - y**2 + y**4/4", {"x": 2, "y": 0}, "momentum", learning_rate=0.05,
          steps=400),
    _case("two factors at 0", "saddle indistinguishable", "(x*y - 1)**2", {"x": 0, "y": 0}, learning_rate=0.1,
          steps=100),
    # (x² − 1)² tilted by 0.3x: the wells at −1.04 and 0.96 differ by 0.6.
    _case("tilted wells, momentum", "local-minimum", "(x**2 - 1)**2 + 0.3*x", {"x": 1.4}, "momentum",
          learning_rate=0.005, steps=500),
    _case("wave of wrong length", "local-minimum", fitted("y = cos(w*x)", lambda x: np.cos(3 * x), 0.05, (0, 8, 120)),
          {"w": 6}, learning_rate=0.005, steps=1500),
    _case("hidden zero", "no-effect", _POWER().rewritten(rv.Formula("y = a*x**1.5 + (b - b)"), ["a", "b"]),
          {"a": 1, "b": 1}, learning_rate=0.05, steps=300),
    _case("difference only", "indistinguishable", fitted("y = exp(a - b)*x", lambda x: 2 * x, 0.05, seed=14),
          {"a": 0.3, "b": 0}, learning_rate=0.2, steps=400),
    _case("three for one", "indistinguishable", fitted("y = a*x + b*x + c*x + d", lambda x: 2 * x + 1, 0.05, seed=15),
          {"a": 0, "b": 1, "c": 0, "d": 0}, "adam", learning_rate=0.05, steps=800),
    _case("ceiling", "at-bound", fitted("y = a*x**2 + b", lambda x: 3 * x**2, 0.1, seed=16, bounds={"a": (0, 2)}),
          {"a": 1, "b": 0}, learning_rate=0.3, steps=300),
    _case("power of a negative", "overflow", "x**0.5 + (x - 1)**2", {"x": -2}, steps=30),
    _case("cosh(800)", "overflow", "cosh(8*x)", {"x": 100}, steps=30),
    # Gradient noise of variance about 8·σ² = 2 at batches of 1: α·C/4 = 0.15 over the floor 0.25.
    _case("wave, one point a step", "noise-floor",
          fitted("y = a*sin(x) + b*cos(x) + c", np.sin, 0.5, (0, 12, 160), seed=17),
          {"a": 0, "b": 0, "c": 0}, learning_rate=0.3, steps=2000, batch_size=1),
    _case("small rate, no effect, in a bound", "no-effect at-bound",
          lambda: rv.Problem("(x - 5)**2 + y**2 + 0*z", bounds={"x": (None, 3)}), {"x": 0, "y": 1, "z": 1},
          learning_rate=0.2, steps=100),
    _case("wave, clipped slopes", "", _WAVE, {"a": 0, "b": 0, "c": 0}, "sgd(clipnorm=1.0)", learning_rate=0.2,
          steps=400),
    _case("bowl, adamax", "", "3*(x - 2)**2 + (y + 1)**2", {"x": 0, "y": 0}, "adamax", learning_rate=0.05, steps=800),
    _case("growth, 20 starts, newton-cg", "", "(x - 1)**2 + (y - 2)**4 + y**2", rv.Normal(20, seed=4), "newton-cg",
          steps=100),
    _case("one point, small rate", "", line(noise=0.3), {"a": 1, "b": 2}, learning_rate=0.002, steps=4000,
          batch_size=2),
    # f″ = 12x² − 4 is 8 at the wells ±1: the edge is 1/4.
    _case("two wells, rate 0.27", "learning-rate-too-large", "x**4 - 2*x**2", {"x": 0.9}, learning_rate=0.27,
          steps=200),
    _case("adagrad in a long valley", "learning-rate-too-small", "(x - 40)**2 + y**2", {"x": 0, "y": 1}, "adagrad",
          learning_rate=0.01, steps=300),
    _case("floor of a bounded bowl", "at-bound indistinguishable",
          lambda: rv.Problem("(x + y - 3)**2 + (z - 2)**2", bounds={"z": (None, 1)}), {"x": 0, "y": 0, "z": 0},
          learning_rate=0.1, steps=200),
    _case("acos beyond 1", "overflow", fitted("y = arccos(a*x)", np.arccos, 0.01, (-0.9, 0.9, 60), seed=18), {"a": 1.5},
          learning_rate=0.1, steps=50),
]  # fmt: skip
