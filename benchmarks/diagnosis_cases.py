"""Cases for the diagnosis: runs whose trouble is known from how they are made.

What is expected of a case follows from its construction and a line of mathematics, said beside it, never from what the
diagnosis answers. On ½λx² plain descent multiplies x by 1 − αλ at each step: 2/λ is the edge; with momentum β it is
2(1 + β)/λ, with Nesterov's (2 + 2β)/(1 + 2β)/λ. Data of ``line``: x even over [−1, 1], so that the mean squared error
has the curvatures 2 (along b) and 0.67 (along a).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import ravine as rv
from ravine import engine


@dataclass(frozen=True)
class Case:
    """A run to be made, and the codes that its construction asks for; none for a healthy one."""

    name: str
    expected: frozenset[str]
    run: Callable[[], rv.Run]


def _case(name: str, codes: str, problem: Any, start: Any, optimizer: Any = "sgd", **settings: Any) -> Case:
    def run() -> rv.Run:
        made = problem() if callable(problem) and not isinstance(problem, rv.Problem) else problem
        given = {key: value() if callable(value) else value for key, value in settings.items()}
        return rv.descend(made, start, optimizer, progress=False, **given)

    return Case(name, frozenset(codes.split()), run)


def fitted(
    formula: str,
    truth: Callable[..., np.ndarray],
    noise: float = 0.1,
    x: Sequence[float] = (-1, 1, 200),
    seed: int = 0,
    **settings: Any,
) -> Callable[[], rv.Problem]:
    """Return what makes a problem of a formula and points of a curve, x evenly from low to high, with noise."""

    def make() -> rv.Problem:
        low, high, count = x
        at = np.linspace(low, high, int(count))
        y = truth(at) + noise * np.random.default_rng(seed).standard_normal(len(at))
        return rv.Problem(formula, {"x": at, "y": y}, **settings)

    return make


def line(formula: str = "y = a*x + b", noise: float = 0.1, **settings: Any) -> Callable[[], rv.Problem]:
    """Return what makes the problem of a line through (0, 2.5) with slope 1.2."""
    return fitted(formula, lambda x: 1.2 * x + 2.5, noise, **settings)


def two_layer() -> rv.Problem:
    """Return the smallest network, sin(b·cos(a·x)), with its data."""
    return fitted("y = sin(b*cos(a*x))", lambda x: np.sin(2.5 * np.cos(1.2 * x)))()


def _columns(formula: str, truth: Callable[..., np.ndarray], scales: Mapping[str, float], **settings: Any) -> Any:
    """Return what makes a problem of independent normal columns, each of its own scale."""

    def make() -> rv.Problem:
        random = np.random.default_rng(3)
        columns = {name: scale * random.standard_normal(150) for name, scale in scales.items()}
        y = truth(**columns) + 0.1 * random.standard_normal(150)
        return rv.Problem(formula, {**columns, "y": y}, **settings)

    return make


def _labels() -> rv.Problem:
    """Return a logistic regression whose classes overlap: P(y = 1) = σ(2x − 0.5)."""
    random = np.random.default_rng(5)
    x = np.linspace(-3, 3, 200)
    y = (random.uniform(size=200) < 1 / (1 + np.exp(0.5 - 2 * x))).astype(float)
    return rv.Problem("y = sigmoid(a*x + b)", {"x": x, "y": y}, loss="binary_crossentropy")


def _opaque_line() -> rv.Problem:
    def model(x: Any, a: float = 0.0, b: float = 0.0) -> Any:
        return engine.tensorflow().math.add(engine.tensorflow().multiply(a, x), b)

    x = np.linspace(-1, 1, 200)
    return rv.Problem(model, {"x": x, "y": 1.2 * x + 2.5 + 0.1 * np.random.default_rng(0).standard_normal(200)})


def _decaying() -> Any:
    return engine.keras().optimizers.schedules.ExponentialDecay(0.05, decay_steps=5, decay_rate=0.5)


ROSENBROCK = "(1 - x)**2 + 100*(y - x**2)**2"
HIMMELBLAU = "(x**2 + y - 11)**2 + (x + y**2 - 7)**2"
FORRESTER = "(6*x - 2)**2*sin(12*x - 4)"
TEN = " + ".join(f"{1 + 0.3 * index}*(p{index} - {index})**2" for index in range(10))
_THREE = [{"a": 5, "b": 4}, {"a": 5, "b": 1}, {"a": 2, "b": 4.5}]
_DECAY = fitted("y = a*exp(-b*x) + c", lambda x: 3 * np.exp(-1.5 * x) + 1, 0.05, (0, 4, 100))
_PEAK = fitted("y = a*exp(-((x - b)/c)**2)", lambda x: 2 * np.exp(-(((x - 0.5) / 0.8) ** 2)), 0.05, (-3, 3, 120))

HEALTHY = [
    _case("line, three starts", "", line(), _THREE, learning_rate=0.1, steps=400),
    _case("line, quick", "", line(), {"a": 5, "b": 4}, learning_rate=0.5, steps=100),
    _case("line without noise", "", line(noise=0), {"a": 5, "b": 4}, learning_rate=0.5, steps=100),
    _case("line, every 10th step", "", line(), {"a": 5, "b": 4}, learning_rate=0.1, steps=400, record_every=10),
    _case("line, 100 random starts", "", line(), rv.Normal(100, scale=3), learning_rate=0.3, steps=200),
    _case("line, bounds far away", "", line(bounds={"a": (-50, 50)}), {"a": 5, "b": 4}, learning_rate=0.3, steps=200),
    _case("line, huber", "", line(loss="huber"), {"a": 5, "b": 4}, learning_rate=0.5, steps=300),
    _case("line, opaque callable", "", _opaque_line, {"a": 5, "b": 4}, learning_rate=0.3, steps=200),
    _case("line, momentum", "", line(), {"a": 5, "b": 4}, "momentum", learning_rate=0.05, steps=400),
    _case("line, adam", "", line(), {"a": 5, "b": 4}, "adam", learning_rate=0.05, steps=1000),
    _case("line, rmsprop", "", line(), {"a": 5, "b": 4}, "rmsprop", learning_rate=0.01, steps=2000),
    _case("line, adagrad", "", line(), {"a": 5, "b": 4}, "adagrad", learning_rate=1, steps=1000),
    _case("line, mini-batches", "", line(), {"a": 5, "b": 4}, learning_rate=0.02, steps=2000, batch_size=50),
    _case("cubic", "", fitted("y = a*x**3 + b*x**2", lambda x: 1.2 * x**3 + 2.5 * x**2), _THREE, learning_rate=1,
          steps=400),
    _case("two layers, right valley", "", two_layer, {"a": 2, "b": 4.5}, learning_rate=0.1, steps=400),
    _case("parabola, adam", "", "(x - 50)**2", {"x": 3}, "adam", learning_rate=1, steps=200),
    _case("parabola, half the edge", "", "x**2", {"x": 3}, learning_rate=0.25, steps=100),
    _case("bowl, nesterov", "", "x**2 + 5*y**2", {"x": 3, "y": -2}, "nesterov", learning_rate=0.02, steps=400),
    _case("bowl, nadam", "", "x**2 + 3*y**2", {"x": 3, "y": -2}, "nadam", learning_rate=0.05, steps=800),
    _case("ten parameters", "", TEN, {f"p{index}": 0 for index in range(10)}, learning_rate=0.1, steps=300,
          dtype="float64"),
    _case("two equal wells", "", "x**4 - 2*x**2 + y**2", {"x": 0.5, "y": 1}, learning_rate=0.1, steps=200),
    _case("rosenbrock, bfgs", "", ROSENBROCK, {"x": -1.2, "y": 1}, "bfgs", steps=200),
    _case("himmelblau, nelder-mead", "", HIMMELBLAU, {"x": 0, "y": 0}, "nelder-mead", steps=400),
    _case("decay, lm", "", _DECAY, {"a": 1, "b": 1, "c": 0}, "lm", steps=100),
    _case("decay, momentum", "", _DECAY, {"a": 1, "b": 1, "c": 0}, "momentum", learning_rate=0.1, steps=2000),
    _case("peak, adam", "", _PEAK, {"a": 1, "b": 0, "c": 1}, "adam", learning_rate=0.02, steps=2000),
    _case("labels", "", _labels, {"a": 0, "b": 0}, learning_rate=1, steps=2000),
    _case("rate of a decay", "", fitted("y = exp(-b*x)", lambda x: np.exp(-2 * x), 0.02, (0, 3, 80)), {"b": 1},
          learning_rate=1, steps=400),
]  # fmt: skip

_BOWL = "5000*x**2 + 0.5*y**2"  # curvatures 10⁴ and 1
_FAR = {"x": 1, "y": 10}

TOO_LARGE = [  # the rate is above the edge of its rule
    _case("x², 1.05 of the edge", "learning-rate-too-large", "x**2", {"x": 3}, learning_rate=1.05, steps=100),
    _case("x², 10 edges", "learning-rate-too-large", "x**2", {"x": 3}, learning_rate=10, steps=100),
    _case("line, rate 1.2", "learning-rate-too-large", line(), {"a": 5, "b": 4}, learning_rate=1.2, steps=400),
    _case("bowl, 2.2/λ", "learning-rate-too-large", "x**2 + 5*y**2", {"x": 3, "y": 1}, learning_rate=0.22, steps=50),
    _case("x⁴ from far away", "learning-rate-too-large", "x**4", {"x": 3}, learning_rate=0.1, steps=50),
    # f″(0) = 1, so that the edge is 2; at 3 the jump stays bounded since the slope never exceeds 1.
    _case("ln cosh, rate 3", "learning-rate-too-large", "log(cosh(x))", {"x": 0.5}, learning_rate=3, steps=200),
    _case("momentum, edge 1.9", "learning-rate-too-large", "x**2", {"x": 3}, "momentum", learning_rate=2.2, steps=60),
    _case("nesterov, edge 0.68", "learning-rate-too-large", "x**2", {"x": 3}, "nesterov", learning_rate=0.8, steps=60),
    # Rates far above the distance that is to be gone: sign-like rules jump by about the rate.
    _case("rmsprop jumps by 2", "learning-rate-too-large", line(), {"a": 5, "b": 4}, "rmsprop", learning_rate=2,
          steps=300),
    _case("lion jumps by 1", "learning-rate-too-large", line(), {"a": 5, "b": 4}, "lion", learning_rate=1, steps=200),
    _case("adam, 20 times the distance", "learning-rate-too-large", "x**2", {"x": 0.5}, "adam", learning_rate=10,
          steps=40),
]  # fmt: skip

AT_EDGE = [  # exactly 2/λ, or its like
    _case("x², rate 1", "learning-rate-at-edge", "x**2", {"x": 3}, learning_rate=1, steps=100),
    _case("line, rate 1", "learning-rate-at-edge", line(), {"a": 5, "b": 4}, learning_rate=1, steps=400),
    _case("line, rate 1, every 2nd step", "learning-rate-at-edge", line(), {"a": 5, "b": 4}, learning_rate=1,
          steps=400, record_every=2),
    _case("bowl, 2/λ", "learning-rate-at-edge", "x**2 + 5*y**2", {"x": 3, "y": 1}, learning_rate=0.2, steps=100),
    _case("momentum at 1.9", "learning-rate-at-edge", "x**2", {"x": 3}, "momentum", learning_rate=1.9, steps=60),
]  # fmt: skip

TOO_SMALL = [  # after all steps most of the way is left, and 1/λ would have made it
    _case("x², rate 10⁻⁴", "learning-rate-too-small", "x**2", {"x": 3}, learning_rate=1e-4, steps=200),
    _case("line, rate 10⁻³", "learning-rate-too-small", line(), {"a": 5, "b": 4}, learning_rate=1e-3, steps=400),
    _case("line, rate 10⁻³, every 20th", "learning-rate-too-small", line(), {"a": 5, "b": 4}, learning_rate=1e-3,
          steps=400, record_every=20),
    _case("cubic, rate 10⁻³", "learning-rate-too-small",
          fitted("y = a*x**3 + b*x**2", lambda x: 1.2 * x**3 + 2.5 * x**2), {"a": 5, "b": 4}, learning_rate=1e-3,
          steps=400),
    _case("momentum, rate 10⁻⁵", "learning-rate-too-small", line(), {"a": 5, "b": 4}, "momentum", learning_rate=1e-5,
          steps=300),
    _case("adam, 0.001 a step of 47", "learning-rate-too-small", "(x - 50)**2", {"x": 3}, "adam", steps=200),
    _case("adadelta's default", "learning-rate-too-small", line(), {"a": 5, "b": 4}, "adadelta", steps=400),
    _case("adagrad's default", "learning-rate-too-small", line(), {"a": 5, "b": 4}, "adagrad", steps=400),
    _case("schedule that dies", "learning-rate-too-small", line(), {"a": 5, "b": 4}, learning_rate=_decaying,
          steps=400),
    _case("mini-batches, rate 10⁻⁴", "learning-rate-too-small", line(), {"a": 5, "b": 4}, learning_rate=1e-4,
          steps=400, batch_size=20),
]  # fmt: skip

ILL_CONDITIONED = [  # near the best rate of plain descent, yet too slow along the narrow valley
    _case("κ = 10⁴", "ill-conditioned", _BOWL, _FAR, learning_rate=1e-4, steps=400),
    _case("κ = 10⁴, zig-zag", "ill-conditioned", _BOWL, _FAR, learning_rate=1.6e-4, steps=400),
    _case("rosenbrock", "ill-conditioned", ROSENBROCK, {"x": -1.2, "y": 1}, learning_rate=0.001, steps=500),
    _case("x far from 0", "ill-conditioned", line(x=(90, 110, 100)), {"a": 1, "b": 0}, learning_rate=0.9e-4,
          steps=400),
    _case("columns of two scales", "ill-conditioned",
          _columns("y = a*u + b*v", lambda u, v: 0.02 * u + 3 * v, {"u": 100, "v": 1}), {"a": 0, "b": 0},
          learning_rate=5e-5, steps=300),
    _case("momentum, κ = 10⁶", "ill-conditioned", "500000*x**2 + 0.5*y**2", _FAR, "momentum", learning_rate=1e-6,
          steps=400),
]  # fmt: skip

FLAT = [  # no slope where it stands, though far better places exist
    _case("dead unit", "flat",
          fitted("y = relu(w*x - b)", lambda x: np.maximum(2 * x - 0.5, 0), 0.05), {"w": 1, "b": 4},
          learning_rate=0.1, steps=200),
    _case("saturated sigmoid", "flat", fitted("y = sigmoid(k*x - 40*c)", lambda x: 1 / (1 + np.exp(-4 * x)), 0.02),
          {"k": 1, "c": 1}, learning_rate=1, steps=200),
    _case("bump out of sight", "flat", "-exp(-(x - 3)**2)", {"x": -3}, learning_rate=0.1, steps=200),
    _case("saturated tanh, adam stops", "flat", fitted("y = tanh(w*x + b)", np.tanh, 0.02), {"w": 1, "b": 25},
          "adam", learning_rate=0.01, steps=200),
]  # fmt: skip

SADDLE = [  # the slope vanishes exactly, one curvature is negative
    _case("between two wells", "saddle", "x**2 + y**4 - 2*y**2", {"x": 1, "y": 0}, learning_rate=0.1, steps=300),
    # Only the product of a and b matters, wherever it stands.
    _case("product at 0", "saddle indistinguishable", line("y = a*b*x + c"), {"a": 0, "b": 0, "c": 0},
          learning_rate=0.2, steps=300),
    _case("between two wells, adam", "saddle", "(x**2 - 1)**2 + y**2", {"x": 0, "y": 1}, "adam", learning_rate=0.05,
          steps=600),
    _case("between two wells, bfgs", "saddle", "(x**2 - 1)**2 + y**2", {"x": 0, "y": 1}, "bfgs", steps=100),
]  # fmt: skip

LOCAL_MINIMUM = [  # a deeper one exists
    _case("two layers from (5, 1)", "local-minimum", two_layer, {"a": 5, "b": 1}, learning_rate=0.1, steps=400),
    _case("two layers, three starts", "local-minimum", two_layer, _THREE, learning_rate=0.1, steps=400),
    _case("tilted wells", "local-minimum", "x**4 - 3*x**2 + x", {"x": 2}, learning_rate=0.05, steps=200),
    _case("forrester", "local-minimum", FORRESTER, {"x": 0.1}, learning_rate=0.002, steps=400),
    _case("tilted wells, bfgs", "local-minimum", "x**4 - 3*x**2 + x", {"x": 2}, "bfgs", steps=100),
    _case("wrong frequency", "local-minimum", fitted("y = sin(w*x)", lambda x: np.sin(2 * x), 0.05, (0, 10, 150)),
          {"w": 4.5}, "adam", learning_rate=0.01, steps=800),
]  # fmt: skip

NO_EFFECT = [
    _case("0·b", "no-effect", line("y = a*x + 0*b + 2.5"), {"a": 5, "b": 4}, learning_rate=0.5, steps=200),
    _case("a column of zeros", "no-effect",
          _columns("y = a*u + b*v", lambda u, v: 2 * u, {"u": 1, "v": 0}), {"a": 0, "b": 1}, learning_rate=0.3,
          steps=200),
    _case("0·y, no data", "no-effect", "(x - 1)**2 + 0*y", {"x": 4, "y": 2}, learning_rate=0.2, steps=200),
]  # fmt: skip

INDISTINGUISHABLE = [
    _case("(a + b)·x", "indistinguishable", line("y = (a + b)*x + c"), {"a": 1, "b": 2, "c": 0}, learning_rate=0.3,
          steps=300),
    _case("a·b·x", "indistinguishable", line("y = a*b*x + c"), {"a": 1, "b": 2, "c": 0}, learning_rate=0.1, steps=400),
    _case("a·exp(b)·x, bfgs", "indistinguishable", line("y = a*exp(b)*x + c"), {"a": 1, "b": 0, "c": 0}, "bfgs",
          steps=200),
    _case("all at one x", "indistinguishable",
          lambda: rv.Problem("y = a*x + b", {"x": np.full(20, 1.0), "y": 3 + 0.1 * np.cos(np.arange(20.0))}),
          {"a": 0, "b": 0}, learning_rate=0.2, steps=200),
    _case("x + y, no data", "indistinguishable", "(x + y - 1)**2", {"x": 4, "y": 2}, learning_rate=0.1, steps=200),
]  # fmt: skip

AT_BOUND = [  # the minimum lies beyond
    _case("slope at most 1", "at-bound", line(bounds={"a": (None, 1)}), {"a": 0, "b": 4}, learning_rate=0.3, steps=300),
    _case("x at least 1", "at-bound", lambda: rv.Problem("x**2", bounds={"x": (1, None)}), {"x": 3},
          learning_rate=0.1, steps=200),
    _case("l-bfgs-b", "at-bound", lambda: rv.Problem(ROSENBROCK, bounds={"x": (-2, 0.5)}), {"x": -1.2, "y": 1},
          "l-bfgs-b", steps=200),
    _case("adam", "at-bound", line(bounds={"b": (3, 9)}), {"a": 0, "b": 5}, "adam", learning_rate=0.05, steps=1000),
]  # fmt: skip

OVERFLOW = [
    _case("exp(1000), at the start", "overflow", line("y = exp(a*x) + b"), {"a": 1000, "b": 0}, steps=50),
    _case("logarithm of a negative number", "overflow", "log(x) + x**2", {"x": -1}, steps=50),
    _case("division by 0", "overflow", "1/x + x", {"x": 0}, steps=50),
    # f″ ≤ 2, so that 0.3 is below the edge 1, but the bowl's bottom at x = −1 lies outside the root's domain.
    _case("a step out of the domain", "overflow", "(x + 1)**2 + sqrt(x)", {"x": 2}, learning_rate=0.3, steps=50),
    _case("infinite slope of the root", "overflow", "sqrt(x) + x**2", {"x": 0}, steps=50),
    # λ = f″ = 81·e⁹ + 2 at x = −1, far above 2/α = 2: the first step lands at 72,928, the second at −72,928.
    _case("a leap into exp", "overflow learning-rate-too-large", "exp(-9*x) + x**2", {"x": -1}, learning_rate=1,
          steps=50),
]  # fmt: skip

NOISE_FLOOR = [  # with curvature λ and noise of variance C the loss stays about αC/4 above the minimum
    _case("one point a step", "noise-floor", line(noise=1), {"a": 5, "b": 4}, learning_rate=0.2, steps=2000,
          batch_size=1),
    _case("two points a step", "noise-floor", line(noise=0.5), {"a": 5, "b": 4}, learning_rate=0.4, steps=1000,
          batch_size=2),
    _case("momentum, one point", "noise-floor", line(noise=1), {"a": 5, "b": 4}, "momentum", learning_rate=0.02,
          steps=2000, batch_size=1),
    _case("adam, one point", "noise-floor", line(noise=0.3), {"a": 5, "b": 4}, "adam", learning_rate=0.3, steps=2000,
          batch_size=1),
]  # fmt: skip

SEVERAL = [
    _case("rates 0.1, 1, 1.2", "learning-rate-at-edge learning-rate-too-large", line(), {"a": 5, "b": 4},
          learning_rate=[0.1, 1, 1.2], steps=400),
    _case("κ = 10⁴ and a small rate", "ill-conditioned learning-rate-too-small", _BOWL, _FAR, learning_rate=1e-6,
          steps=400),
    _case("0·b and a small rate", "no-effect learning-rate-too-small", line("y = a*x + 0*b + c"),
          {"a": 5, "b": 4, "c": 0}, learning_rate=1e-3, steps=300),
    _case("(a + b)·x and a large rate", "indistinguishable learning-rate-too-large", line("y = (a + b)*x + c"),
          {"a": 1, "b": 2, "c": 0}, learning_rate=3, steps=100),
    _case("0·y and a bound", "no-effect at-bound",
          lambda: rv.Problem("(x - 1)**2 + 0*y", bounds={"x": (2, 9)}), {"x": 4, "y": 2}, learning_rate=0.2, steps=200),
    _case("noise and a bound", "noise-floor at-bound", line(noise=1, bounds={"a": (None, 0.2)}), {"a": -2, "b": 4},
          learning_rate=0.2, steps=2000, batch_size=1),
    # At x = 2 the slope is 21: the rate 0.5 leaps to −8.5, where the slope is a hundred times as large.
    _case("one rate stuck, one too steep", "local-minimum learning-rate-too-large", "x**4 - 3*x**2 + x", {"x": 2},
          learning_rate=[0.05, 0.5], steps=200),
]  # fmt: skip

MADE = [
    *HEALTHY, *TOO_LARGE, *AT_EDGE, *TOO_SMALL, *ILL_CONDITIONED, *FLAT, *SADDLE, *LOCAL_MINIMUM, *NO_EFFECT,
    *INDISTINGUISHABLE, *AT_BOUND, *OVERFLOW, *NOISE_FLOOR, *SEVERAL,
]  # fmt: skip
