"""Intervals: how far the parameters and the curve can move before the data object.

A standard error is the width of a parabola. Here the sum of squares itself is followed: away from the minimum some
parameters are held while all others are fitted again, and the profile is

    τ = √((S − S_min)/s²),

which is the distance in standard errors if the formula is linear. The ends of an interval lie where τ reaches the
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
from scipy import stats

from ravine.errors import ProblemError, did_you_mean
from ravine.fitting.refits import holding, refit
from ravine.graph import Evaluator
from ravine.observations import numbers

if TYPE_CHECKING:
    from ravine.fitting.fitted import Fit

_ROUNDS = 40
_FAR = 1e3  # standard errors beyond which an interval counts as open
_CLOSE = 1e-8  # relative difference of τ from what it should be


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
    held, rays = _axes(fit, [i for i in index for _ in range(2)])
    rays[1::2] *= -1
    reach = _Search(fit, held, rays).cross(np.sqrt(_quantile(fit, 1, level)))
    ends = _at(fit, rays, reach)[np.arange(len(rays)), np.repeat(index, 2)]
    values = _row(fit)[index]
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
    held, rays = _axes(fit, [index] * points)
    tau, params = _Search(fit, held, rays).profile(distance)
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
    held, rays = _rays(fit, index, np.stack([np.cos(angle), np.sin(angle)], 1))
    reach = _Search(fit, held, rays).cross(np.sqrt(_quantile(fit, 2, level)))
    edge = _at(fit, rays, np.where(np.isfinite(reach), reach, np.nan))[:, index]
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
    own = fit.covariance.variance * (1.0 if scatter is None else scatter**2)
    half = np.sqrt(_quantile(fit, 1, level) * (variance + own))
    return Band(prediction, prediction - half, prediction + half, level)


def _quantile(fit: Fit, together: int, level: float) -> float:
    """Return how much (S − S_min)/s² may rise when so many parameters are asked about together."""
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


def _row(fit: Fit) -> np.ndarray:
    return np.array([fit.params[name].value for name in fit.free])


def _propagated(fit: Fit, columns: Mapping[str, Any] | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the prediction and its variance, [point] each."""
    there = fit.run.problem.with_columns(fit.run.problem.columns if columns is None else columns)
    evaluator, row = Evaluator(there), _row(fit)
    jacobian = evaluator.jacobian(row)
    return evaluator.residuals(row), np.einsum("ip,pq,iq->i", jacobian, fit.covariance.matrix, jacobian)


def _axes(fit: Fit, index: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return what is held and the rays along one parameter each, [row, param] both."""
    parts = [_rays(fit, [i], np.ones((1, 1))) for i in index]
    return np.concatenate([held for held, _ in parts]), np.concatenate([rays for _, rays in parts])


def _rays(fit: Fit, index: list[int], directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what is held and rays [row, param] on which τ = 1 is one unit away if the formula is linear.

    The parameters that aren't held follow as their covariance with the held ones says.
    """
    matrix = fit.covariance.matrix
    own = matrix[np.ix_(index, index)]
    held = np.zeros((len(directions), len(matrix)), bool)
    held[:, index] = True
    if not bool(np.all(np.isfinite(own))) or not bool(np.all(np.diag(own) > 0)):
        return held, np.full(held.shape, np.nan)
    spread = np.sqrt(np.diag(own))
    values, vectors = np.linalg.eigh(own / np.outer(spread, spread))
    steps = directions @ (vectors * np.sqrt(np.maximum(values, 0.0))).T * spread
    follow = np.nan_to_num(matrix[:, index]) / spread @ np.linalg.pinv(own / np.outer(spread, spread)) / spread
    rays = steps @ follow.T
    rays[:, index] = steps
    return held, rays


def _at(fit: Fit, rays: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Return the points at these distances along the rays, [row, param], within the bounds."""
    with np.errstate(invalid="ignore"):
        moved = np.where(rays == 0, 0.0, rays * reach[:, None])
    return np.clip(_row(fit) + moved, *fit.run.problem.limits())


class _Search:
    """Profiles along rays, all rows at once, each continued from where it was fitted last."""

    def __init__(self, fit: Fit, held: np.ndarray, rays: np.ndarray) -> None:
        self.fit, self.held, self.rays = fit, held, rays
        self.low, self.high = fit.run.problem.limits()
        self.evaluate = holding(fit.run.problem, held)
        self.bend = np.zeros_like(rays)  # how far the others lie off the ray, per square of the distance

    def profile(self, distance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return τ [row] and all parameters [row, param] at these distances."""
        there = _at(self.fit, self.rays, distance)
        usable = np.asarray(np.isfinite(there).all(1))
        start = np.where(usable[:, None], there + self.bend * distance[:, None] ** 2, _row(self.fit))
        found = refit(self.fit.run.problem, self.evaluate, np.clip(start, self.low, self.high))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            bend = np.where(self.held, 0.0, (found.params - there) / distance[:, None] ** 2)
            self.bend = np.nan_to_num(bend, posinf=0.0, neginf=0.0)
            rise = np.maximum(found.squares - self.fit.loss, 0.0) / self.fit.covariance.variance
        return np.where(usable, np.sqrt(rise), np.nan), np.where(usable[:, None], found.params, np.nan)

    def cross(self, target: float) -> np.ndarray:
        """Return the distances [row] at which τ reaches the target: infinite where it never does, NaN if unknown.

        A ray that meets a bound of what it holds ends there.
        """
        limit = self._room()
        near = _ends(len(self.rays), 0.0, 0.0)
        far = _ends(len(self.rays), np.inf, np.nan)
        distance = np.minimum(np.full(len(self.rays), target), limit)
        done = ~(np.isfinite(self.rays).all(axis=1) & np.isfinite(distance))
        distance[done] = np.nan
        for _ in range(_ROUNDS):
            tau, _ = self.profile(np.where(np.isfinite(distance), distance, 0.0))
            done |= np.abs(tau - target) <= _CLOSE * target
            below = ~done & (tau < target)
            done |= below & (distance >= limit)
            near = np.where(below, np.stack([distance, tau]), near)
            far = np.where(~done & ~below, np.stack([distance, tau]), far)
            open_end = below & (distance > _FAR * target)
            distance, done = np.where(open_end, np.inf, distance), done | open_end
            done |= far[0] - near[0] <= _CLOSE * near[0]
            if done.all():
                break
            distance = np.where(done, distance, np.minimum(_next(near, far, target), limit))
        return distance

    def _room(self) -> np.ndarray:
        """Return how far each ray can go before what it holds meets a bound, [row]."""
        edge = np.where(self.rays > 0, self.high, self.low)
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.where(self.held & (self.rays != 0), (edge - _row(self.fit)) / self.rays, np.inf)
        return np.nan_to_num(room, nan=np.inf, posinf=np.inf).min(1)


def _ends(rows: int, distance: float, tau: float) -> np.ndarray:
    """Return one end of every bracket: its distance and τ, [2, row]."""
    return np.stack([np.full(rows, distance), np.full(rows, tau)])


def _next(near: np.ndarray, far: np.ndarray, target: float) -> np.ndarray:
    """Return where to look next: the straight line through the bracket, well inside it; further out without one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        beyond = near[0] * np.clip(1.05 * target / near[1], 1.05, 4.0)
        share = (target - near[1]) / (far[1] - near[1])
        share = np.where(np.isfinite(share), np.clip(share, 0.02, 0.98), 0.5)
        return np.where(np.isfinite(far[0]), near[0] + share * (far[0] - near[0]), beyond)
