"""Robust losses: points that lie far off weigh less, and the errors say so.

With u = r/(k·s), where s is the spread of the residuals and k belongs to the loss, a fit minimizes

    2·(k·s)²·Σρ(u),    ρ(u) ≈ ½u² near 0,

which is Σr² as long as no point lies far off. Least squares minimizes it unchanged: with g(u) = sign(u)·√(2ρ(u)) it is
the sum of squares of k·s·g, whose derivatives are ψ(u)/g(u) times those of r, ψ = ρ′.

At the minimum the covariance of the parameters is Huber's H1 (1981, equation 7.6.4),

    V·(JᵀJ)⁻¹,    V = K²·(k·s)²·[Σψ²/(n − p)]/m²,    m = Σψ′/n,    K = 1 + (p/n)·var(ψ′)/m²,

and the loss rises by m·V when a parameter moves by its standard error.

References
----------
P. J. Huber (1981), Robust Statistics, Wiley, chapter 7.
R. M. Schrader and T. P. Hettmansperger (1980), Robust analysis of variance based upon a likelihood ratio criterion,
Biometrika 67 (1), 93–101.
P. W. Holland and R. E. Welsch (1977), Robust regression using iteratively reweighted least-squares, Communications in
Statistics – Theory and Methods 6 (9), 813–827.
J. O. Street, R. J. Carroll and D. Ruppert (1988), A note on computing robust regression estimates via iteratively
reweighted least squares, The American Statistician 42 (2), 152–154.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ravine import losses
from ravine.losses import Loss

if TYPE_CHECKING:
    from ravine.problem import Problem

#: k of each loss: with it the errors of clean normal data are 1/√0.95 times those of least squares.
TUNING: Mapping[str, float] = {"huber": 1.345, "log_cosh": 1.2047, "cauchy": 2.3849}

_ROUNDS = 200  # of weighted means
_QUARTILE = 0.6744897501960817  # half of all normal deviates are smaller, in standard deviations


@dataclass(frozen=True)
class Scaled:
    """A robust loss at the size of residuals, ``reach`` = k·s, from which on they weigh less.

    It is the `pointwise` of a `Loss`, so that surfaces and descents see what the fit minimized.
    """

    name: str
    reach: float

    def __call__(self, observed: Any, predicted: Any, sigma: Any, math: losses.Math) -> Any:
        """Return 2·reach²·ρ(r/reach), elementwise."""
        residual = predicted - observed
        residual = residual if sigma is None else residual / sigma
        pointwise = losses.resolve(self.name).pointwise
        assert pointwise is not None
        return _SHAPES[self.name].factor * self.reach**2 * pointwise(0.0, residual / self.reach, None, math)

    @property
    def scale(self) -> float:
        """The spread s."""
        return self.reach / TUNING[self.name]

    def total(self, residual: np.ndarray) -> float:
        """Return 2·reach²·Σρ of residuals (prediction − observation)/σ."""
        return float(((self.reach * _SHAPES[self.name].root(residual / self.reach)) ** 2).sum())

    def bend(self, residual: np.ndarray, jacobian: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what has the loss as its sum of squares, and its derivatives: [..., residual], [..., residual, param].

        Examples
        --------
        At r = 2.5 Huber's 2·ρ is 2·2.5 − 1 = 4 = 2².

        >>> bent, slopes = Scaled("huber", 1.0).bend(np.array([0.5, -2.5]), np.ones((2, 1)))
        >>> bent.tolist(), slopes.tolist()
        ([0.5, -2.0], [[1.0], [0.5]])
        """
        shape, u = _SHAPES[self.name], residual / self.reach
        root = shape.root(u)
        is_small = np.abs(root) < 1e-100
        slope = np.where(is_small, 1.0, shape.psi(u) / np.where(is_small, 1.0, root))
        return self.reach * root, jacobian * slope[..., None]

    def weights(self, residual: np.ndarray) -> np.ndarray:
        """Return ψ(u)/u: 1 for residuals that count in full, towards 0 the farther off they are."""
        u = residual / self.reach
        is_small = np.abs(u) < 1e-100
        return np.where(is_small, 1.0, _SHAPES[self.name].psi(u) / np.where(is_small, 1.0, u))

    def center(self, residual: np.ndarray) -> float:
        """Return where residuals [point] of this loss have their center, Σψ = 0: the mean, but for those far off.

        Examples
        --------
        Of four points ψ is −1, 0, 0 and 1 around 0; their mean is 24.75.

        >>> round(Scaled("huber", 1.0).center(np.array([-1.0, 0.0, 0.0, 100.0])), 6)
        0.0
        """
        found = float(np.median(residual))
        for _ in range(_ROUNDS):
            weight = self.weights(residual - found)
            before, found = found, float(weight @ residual / weight.sum())
            if abs(found - before) <= 1e-12 * self.reach:
                break
        return found

    def variance(self, residual: np.ndarray, free: int) -> float:
        """Return V, by which (JᵀJ)⁻¹ becomes the covariance of so many free parameters; NaN if nothing tells."""
        u, points = residual / self.reach, residual.size
        slopes, mean = _SHAPES[self.name].slope(u), self.mean_slope(residual)
        if points <= free or not mean > 0:
            return math.nan
        correction = 1 + free / points * float(slopes.var()) / mean**2
        spread = float((_SHAPES[self.name].psi(u) ** 2).sum()) / (points - free)
        return (correction * self.reach / mean) ** 2 * spread

    def mean_slope(self, residual: np.ndarray) -> float:
        """Return m, the mean of ψ′: 1 if all points count in full."""
        return float(_SHAPES[self.name].slope(residual / self.reach).mean())


@dataclass(frozen=True)
class _Shape:
    """ρ by what a fit needs of it: g = sign(u)·√(2ρ), ψ = ρ′ and ψ′; 2ρ is ``factor`` times the loss of that name."""

    root: Callable[[np.ndarray], np.ndarray]
    psi: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    factor: float = 2.0


def _root_of_huber(u: np.ndarray) -> np.ndarray:
    return np.where(np.abs(u) <= 1, u, np.sign(u) * np.sqrt(np.maximum(2 * np.abs(u) - 1, 1.0)))


def _root_of_log_cosh(u: np.ndarray) -> np.ndarray:
    size = np.abs(u)
    near = np.log1p(2 * np.sinh(np.minimum(size, 1.0) / 2) ** 2)  # cosh u = 1 + 2·sinh²(u/2): no digits are lost
    return np.sign(u) * np.sqrt(2 * np.where(size < 1, near, size + np.log1p(np.exp(-2 * size)) - math.log(2)))


_SHAPES: Mapping[str, _Shape] = {
    "huber": _Shape(_root_of_huber, lambda u: np.clip(u, -1.0, 1.0), lambda u: (np.abs(u) <= 1).astype(float)),
    "log_cosh": _Shape(_root_of_log_cosh, np.tanh, lambda u: 1 - np.tanh(u) ** 2),
    "cauchy": _Shape(
        lambda u: np.sign(u) * np.sqrt(np.log1p(u * u)),
        lambda u: u / (1 + u * u),
        lambda u: (1 - u * u) / (1 + u * u) ** 2,
        factor=1.0,
    ),
}


def at_scale(name: str, scale: float) -> Loss:
    """Return a robust loss at a known spread of the residuals.

    Examples
    --------
    Residuals within 1.345·s count as in a sum of squares.

    >>> from ravine.formula import math_numpy
    >>> at_scale("huber", 2.0).pointwise(0.0, np.array([0.5, 2.0]), None, math_numpy.MATH).tolist()
    [0.25, 4.0]
    """
    return Loss(name, "2(ks)²·Σρ(r/(ks))", Scaled(name, TUNING[name] * scale), "sum")


def is_robust(problem: Problem) -> bool:
    """Tell whether a problem's loss is a robust one, at a known scale or not."""
    return problem.loss.keras is None and problem.loss.name in TUNING


def scaled(problem: Problem) -> Scaled | None:
    """Return a problem's robust loss at its scale; None for other losses, and where the scale isn't known."""
    return problem.loss.pointwise if isinstance(problem.loss.pointwise, Scaled) else None


def under(problem: Problem, loss: Loss | str) -> Problem:
    """Return a problem with another loss of its residuals."""
    other = copy.copy(problem)
    other.loss = losses.resolve(loss)
    return other


def plain(problem: Problem) -> Problem:
    """Return a problem whose compiled residuals don't depend on a scale: they serve the next fit too."""
    return problem if scaled(problem) is None else under(problem, "sse")


def scale(residual: np.ndarray, free: int) -> np.ndarray:
    """Return the spread s by the median of |r|, [...], from residuals [..., residual].

    The p − 1 smallest are left out: so many residuals p free parameters can make vanish (Street et al., 1988).

    Examples
    --------
    >>> float(scale(np.array([-0.6744897501960817, 0.0, 0.1, 0.6744897501960817, 99.0]), 3))
    1.0
    """
    left = max(0, min(free, residual.shape[-1]) - 1)
    return np.median(np.sort(np.abs(residual), axis=-1)[..., left:], axis=-1) / _QUARTILE
