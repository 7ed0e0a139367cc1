"""Statistics: how sure a fit is of its parameters, from the Jacobian at the minimum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

_NEGLIGIBLE = 1e-12
_TOUCHING = 1e-6  # squared share of a direction without effect from which a parameter belongs to it
_PERFECT = 1e-250  # what χ²/N counts as at least, as in lmfit: a perfect fit has a logarithm too


@dataclass(frozen=True)
class Covariance:
    """Covariance of the free parameters, and what the data can't decide.

    Parameters
    ----------
    matrix
        [param, param]; NaN in the rows and columns of parameters that the data don't determine.
    undetermined
        Groups of parameters (indices) without effect (one) or that can't be told apart (several).
    variance
        What (JᵀJ)⁻¹ was multiplied with: s², or 1 when sigma is absolute; V of a robust loss.
    """

    matrix: np.ndarray
    undetermined: tuple[tuple[int, ...], ...]
    variance: float


def covariance(jacobian: np.ndarray, variance: float) -> Covariance:
    """Return s²·(JᵀJ)⁻¹ by the singular values of J [residual, param] with scaled columns.

    Parameters
    ----------
    jacobian
        Derivatives of the weighted residuals.
    variance
        s², or 1 when sigma is absolute; V of a robust loss.

    Examples
    --------
    Two points at x = ±1 determine a line's slope and intercept alike.

    >>> covariance(np.array([[1.0, 1.0], [-1.0, 1.0]]), 4.0).matrix.round(12).tolist()
    [[2.0, 0.0], [0.0, 2.0]]

    Nobody can tell the a from the b in (a + b)·x.

    >>> covariance(np.array([[1.0, 1.0], [2.0, 2.0]]), 4.0).undetermined
    ((0, 1),)
    """
    width = jacobian.shape[1]
    largest = np.abs(jacobian).max(0, initial=0.0)
    scale = largest * np.linalg.norm(jacobian / np.where(largest > 0, largest, 1.0), axis=0)  # no square underflows
    scale = np.where(scale > 0, scale, 1.0)
    square = np.concatenate([jacobian / scale, np.zeros((max(0, width - len(jacobian)), width))])
    _, values, right = np.linalg.svd(square, full_matrices=False)
    weak = values <= _NEGLIGIBLE * values.max(initial=0.0)
    groups = _connected(right[weak])
    inverse = np.where(weak, 0.0, 1 / np.where(weak, 1.0, values) ** 2)
    with np.errstate(over="ignore"):  # the variance of what hardly matters can be too large for a float
        matrix = (right.T * inverse) @ right * variance / scale[:, None] / scale
    lost = [index for group in groups for index in group]
    matrix[lost, :] = matrix[:, lost] = np.nan
    return Covariance(matrix, groups, variance)


def _connected(directions: np.ndarray) -> tuple[tuple[int, ...], ...]:
    """Return the groups of parameters that directions without effect [direction, param] tie together.

    The directions are any basis of what has no effect; the projector on it doesn't depend on the choice.
    """
    touching = np.abs(directions.T @ directions) > _TOUCHING
    count, labels = connected_components(csr_array(touching), directed=False)
    groups = [tuple(np.flatnonzero(labels == label).tolist()) for label in range(count)]
    return tuple(group for group in groups if touching[group[0], group[0]])


@dataclass(frozen=True)
class Goodness:
    """How well a model with k free parameters describes N weighted observations.

    Parameters
    ----------
    points, free
        N and k.
    squares
        χ² = Σr², weighted by 1/σ².
    total_squares
        Σ((y − ȳ)/σ)², around the weighted mean.
    robust_loss, robust_scale
        2·(k·s)²·Σρ and s of a robust loss, None of a sum of squares. All but s is said of the sum of squares all the
        same; criteria that need a likelihood are NaN.
    """

    points: int
    free: int
    squares: float
    total_squares: float
    robust_loss: float | None = None
    robust_scale: float | None = None

    @property
    def is_robust(self) -> bool:
        """Whether another loss than the sum of squares was minimized."""
        return self.robust_scale is not None

    @property
    def loss(self) -> float:
        """What was minimized: χ², or 2·(k·s)²·Σρ of a robust loss, which is χ² as long as no point lies far off."""
        return self.squares if self.robust_loss is None else self.robust_loss

    @property
    def degrees_of_freedom(self) -> int:
        """N − k."""
        return self.points - self.free

    @property
    def reduced_chi_squared(self) -> float:
        """χ²/(N − k), NaN without degrees of freedom."""
        return self.squares / self.degrees_of_freedom if self.degrees_of_freedom > 0 else float("nan")

    @property
    def s(self) -> float:
        """Residual standard deviation, √(χ²/(N − k)); the scale of a robust loss."""
        return float(np.sqrt(self.reduced_chi_squared)) if self.robust_scale is None else self.robust_scale

    @property
    def r_squared(self) -> float:
        """1 − Σr²/Σ(y − ȳ)²."""
        return 1 - self.squares / self.total_squares if self.total_squares > 0 else float("nan")

    @property
    def adjusted_r_squared(self) -> float:
        """R² for the degrees of freedom: 1 − (1 − R²)·(N − 1)/(N − k)."""
        if self.degrees_of_freedom <= 0:
            return float("nan")
        return 1 - (1 - self.r_squared) * (self.points - 1) / self.degrees_of_freedom

    @property
    def aic(self) -> float:
        """Akaike's criterion, N·ln(χ²/N) + 2k; NaN of a robust loss, as are the next two."""
        return self._log_likelihood() + 2 * self.free

    @property
    def aicc(self) -> float:
        """AIC corrected for few points, AIC + 2k(k + 1)/(N − k − 1)."""
        rest = self.points - self.free - 1
        return self.aic + 2 * self.free * (self.free + 1) / rest if rest > 0 else float("nan")

    @property
    def bic(self) -> float:
        """Schwarz's criterion, N·ln(χ²/N) + k·ln N."""
        return self._log_likelihood() + self.free * float(np.log(self.points))

    def _log_likelihood(self) -> float:
        if self.is_robust:
            return float("nan")
        return self.points * float(np.log(max(self.squares / self.points, _PERFECT)))

    def as_dict(self) -> dict[str, float]:
        """Return all of it by name."""
        names = (
            "points", "free", "degrees_of_freedom", "squares", "reduced_chi_squared", "s", "r_squared",
            "adjusted_r_squared", "aic", "aicc", "bic",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


def significance(value: float, stderr: float, degrees_of_freedom: float) -> tuple[float, float]:
    """Return t = value/stderr and the probability p of a |t| as large if the true value were 0.

    Examples
    --------
    >>> t, p = significance(2.228, 1.0, 10)
    >>> t, round(p, 3)
    (2.228, 0.05)
    """
    from scipy import stats  # takes a quarter of what it takes to show a saved run

    if not (degrees_of_freedom > 0 and stderr > 0):
        return float("nan"), float("nan")
    t = value / stderr
    return t, float(2 * stats.t.sf(abs(t), degrees_of_freedom))


def runs_test(residual: np.ndarray) -> float:
    """Return the probability of so few or so many runs of equal sign by chance (Wald and Wolfowitz, 1940).

    Examples
    --------
    >>> runs_test(np.array([1.0] * 10 + [-1.0] * 10)) < 0.001
    True
    """
    from scipy import stats

    signs = residual[residual != 0] > 0
    above, below = int(signs.sum()), int((~signs).sum())
    if min(above, below) < 4:
        return 1.0
    runs = 1 + int((signs[1:] != signs[:-1]).sum())
    total = above + below
    mean = 1 + 2 * above * below / total
    variance = (mean - 1) * (mean - 2) / (total - 1)
    return float(2 * stats.norm.sf(abs(runs - mean) / np.sqrt(variance)))
