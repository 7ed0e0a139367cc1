"""Intervals: how far the parameters and the curve can move before the data object.

A standard error is the width of a parabola. Here the sum of squares itself is followed: away from the minimum some
parameters are held while all others are fitted again, and the profile is

    τ = √((S − S_min)/s²),

which is the distance in standard errors if the formula is linear. Of a robust loss it is that loss which is followed,
and by m·V that it is divided (see `ravine.fitting.robust`). The ends of an interval lie where τ reaches the
quantile of Student's t (of the normal distribution if sigma is absolute), those of a contour of two parameters where
τ² reaches 2·F (χ² with two degrees of freedom). All profile points of one round are one batched minimization.

References
----------
D. M. Bates and D. G. Watts (1988), Nonlinear Regression Analysis and Its Applications, Wiley, chapter 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ravine.errors import ProblemError, did_you_mean
from ravine.fitting import robust
from ravine.fitting.rays import Search, at, axes, rays_of, row_of
from ravine.graph import Evaluator
from ravine.observations import numbers

if TYPE_CHECKING:
    from ravine.fitting.fitted import Fit


@dataclass(frozen=True)
class Interval:
    """A profile-likelihood interval.

    Parameters
    ----------
    value
        The fitted value.
    low, high
        Its ends: infinite where the data set no limit, at the bound where that comes first.
    level
        Its confidence.
    """

    value: float
    low: float
    high: float
    level: float


@dataclass(frozen=True)
class Profile:
    """A profile: values held [point], τ there with its sign [point], all free parameters [point, param]."""

    name: str
    held: np.ndarray
    tau: np.ndarray
    params: np.ndarray


@dataclass(frozen=True)
class Contour:
    """A confidence contour of two parameters: its points, closed, [point] each; NaN where it is open."""

    names: tuple[str, str]
    x: np.ndarray
    y: np.ndarray
    level: float


@dataclass(frozen=True)
class Band:
    """The prediction and the band around it, [point] each."""

    prediction: np.ndarray
    low: np.ndarray
    high: np.ndarray
    level: float


def profile_intervals(fit: Fit, names: Iterable[str] | None = None, level: float = 0.95) -> dict[str, Interval]:
    """Return the profile-likelihood intervals of free parameters (all by default).

    Raises
    ------
    ProblemError
        If a name is no free parameter, or the level no probability.

    Examples
    --------
    >>> from ravine.fitting.answer import fit
    >>> line = fit("y = a*x + b", {"x": [0, 1, 2, 3], "y": [1.1, 2.9, 5.1, 6.9]})
    >>> found = profile_intervals(line, ["a"])["a"]
    >>> round(found.low, 3), round(found.high, 3), round(line.params["a"].low95, 3)
    (1.717, 2.203, 1.717)
    """
    chosen = _free(fit, names)
    index = [fit.free.index(name) for name in chosen]
    held, rays = axes(fit, [i for i in index for _ in range(2)])
    rays[1::2] *= -1
    reach = Search(fit, held, rays).cross(np.sqrt(_quantile(fit, 1, level)))
    ends = at(fit, rays, reach)[np.arange(len(rays)), np.repeat(index, 2)]
    values = row_of(fit)[index]
    return {
        name: Interval(float(value), float(low), float(high), level)
        for name, value, high, low in zip(chosen, values, ends[::2], ends[1::2], strict=True)
    }


def profile(fit: Fit, name: str, reach: float = 3.0, points: int = 41) -> Profile:
    """Return the profile of a parameter over so many standard errors to both sides.

    Raises
    ------
    ProblemError
        If it is no free parameter.
    """
    (chosen,) = _free(fit, [name])
    index = fit.free.index(chosen)
    distance = np.linspace(-reach, reach, points)
    held, rays = axes(fit, [index] * points)
    tau, params = Search(fit, held, rays).profile(distance)
    return Profile(chosen, params[:, index], np.sign(distance) * tau, params)


def contour(fit: Fit, first: str, second: str, level: float = 0.95, points: int = 64) -> Contour:
    """Return the contour within which two parameters lie together with this confidence.

    It is followed along rays from the minimum, so a bay that a ray enters twice is cut off.

    Raises
    ------
    ProblemError
        If these aren't two free parameters, or the level is no probability.
    """
    one, two = _free(fit, [first, second])
    if one == two:
        raise ProblemError(f"contour: expected two parameters, got '{one}' twice.")
    index = [fit.free.index(one), fit.free.index(two)]
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    held, rays = rays_of(fit, index, np.stack([np.cos(angle), np.sin(angle)], 1))
    reach = Search(fit, held, rays).cross(np.sqrt(_quantile(fit, 2, level)))
    edge = at(fit, rays, np.where(np.isfinite(reach), reach, np.nan))[:, index]
    x, y = np.concatenate([edge, edge[:1]]).T
    return Contour((one, two), x, y, level)


def confidence_band(fit: Fit, columns: Mapping[str, Any] | None = None, level: float = 0.95) -> Band:
    """Return where the curve lies with this confidence, at each of these inputs (the table's by default).

    Linear propagation: prediction ± t·√(J·C·Jᵀ).
    """
    prediction, variance = _propagated(fit, columns)
    half = np.sqrt(_quantile(fit, 1, level) * variance)
    return Band(prediction, prediction - half, prediction + half, level)


def prediction_band(fit: Fit, columns: Mapping[str, Any] | None = None, level: float = 0.95, sigma: Any = None) -> Band:
    """Return where one more observation would lie with this confidence, at each of these inputs.

    Its own scatter adds to the curve's: prediction ± t·√(J·C·Jᵀ + s²·σ²).

    Parameters
    ----------
    fit
        The fit.
    columns
        Inputs by name; the table's by default.
    level
        Of confidence.
    sigma
        Standard deviation of the new observations, as in the fit: numbers or [point]. Needed at new inputs if the
        fit had one.

    Raises
    ------
    ProblemError
        If that is missing.
    """
    prediction, variance = _propagated(fit, columns)
    known = fit.problem.sigma if columns is None else None
    if sigma is None and known is None and fit.problem.sigma is not None:
        raise ProblemError("prediction_band: expected sigma at the new inputs, since the fit has weights, got none.")
    scatter = known if sigma is None else numbers("sigma", sigma)
    own = fit.scale**2 * (1.0 if scatter is None else scatter**2)
    half = np.sqrt(_quantile(fit, 1, level) * (variance + own))
    return Band(prediction, prediction - half, prediction + half, level)


def _quantile(fit: Fit, together: int, level: float) -> float:
    """Return how much (S − S_min)/s² may rise when so many parameters are asked about together."""
    from scipy import stats

    if not 0 < level < 1:
        raise ProblemError(f"level: expected a confidence between 0 and 1 such as 0.95, got {level!r}.")
    if fit.absolute_sigma:
        return float(stats.chi2.ppf(level, together))
    freedom = fit.goodness.degrees_of_freedom
    return float(together * stats.f.ppf(level, together, freedom)) if freedom > 0 else float("nan")


def _free(fit: Fit, names: Iterable[str] | None) -> list[str]:
    chosen = list(fit.free if names is None else [names] if isinstance(names, str) else names)
    for name in chosen:
        if name not in fit.free:
            raise ProblemError(
                f"intervals: expected free parameters among {', '.join(fit.free)}, got '{name}'."
                + did_you_mean(str(name), fit.free)
            )
    return chosen


def _propagated(fit: Fit, columns: Mapping[str, Any] | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the prediction and its variance, [point] each."""
    problem = robust.plain(fit.run.problem)
    there = problem.with_columns(problem.columns if columns is None else columns)
    evaluator, row = Evaluator(there), row_of(fit)
    jacobian = evaluator.jacobian(row)
    return evaluator.residuals(row), np.einsum("ip,pq,iq->i", jacobian, fit.covariance.matrix, jacobian)
