"""Bootstrap: how the answer scatters if the data are drawn again, a thousand refits in one batched minimization.

Every refit has data of its own, r = w·(prediction − y*)/σ.

Residuals: y* = prediction + σ·e*, with e* drawn from the residuals, each divided by √(1 − leverage) and their mean
taken off (under a robust loss the center where Σψ = 0). Pairs: whole rows of the table are drawn; a row drawn m times
has the weight √m. A robust loss keeps its scale.

Points far off are drawn like others. Now and then several of them fall where a parameter hangs on few points, such as
the beginning of a decay, and no loss resists that: a few refits lie so far away that they make the standard deviation
large. Percentiles hardly see them.

References
----------
B. Efron (1979), Bootstrap methods: another look at the jackknife, The Annals of Statistics 7 (1), 1–26.
A. C. Davison and D. V. Hinkley (1997), Bootstrap Methods and Their Application, Cambridge University Press, chapter 6.
M. Salibian-Barrera and R. H. Zamar (2002), Bootstrapping robust estimates of regression, The Annals of Statistics
30 (2), 556–582.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ravine.errors import ProblemError, did_you_mean
from ravine.fitting import robust
from ravine.fitting.refits import refit, with_data
from ravine.graph import Evaluator

if TYPE_CHECKING:
    from ravine.fitting.fitted import Fit

_ELEMENTS = 2**18  # of [row, point] at a time


@dataclass(frozen=True)
class Bootstrap:
    """The refits.

    Parameters
    ----------
    names
        Of the free parameters.
    params
        Of the refits that came to rest, [refit, param].
    asked
        How many refits there were.
    method
        ``"residuals"`` or ``"pairs"``.
    """

    names: tuple[str, ...]
    params: np.ndarray
    asked: int
    method: str

    @property
    def covariance(self) -> np.ndarray:
        """Covariance of the refits, [param, param]."""
        return np.atleast_2d(np.cov(self.params, rowvar=False))

    @property
    def stderr(self) -> dict[str, float]:
        """Standard deviation of the refits by name; under a robust loss `intervals` tell more (see the module)."""
        return dict(zip(self.names, np.sqrt(np.diag(self.covariance)).tolist(), strict=True))

    def intervals(self, level: float = 0.95) -> dict[str, tuple[float, float]]:
        """Return the percentile intervals by name."""
        tail = 50 * (1 - level)
        low, high = np.percentile(self.params, [tail, 100 - tail], axis=0)
        return {name: (float(a), float(b)) for name, a, b in zip(self.names, low, high, strict=True)}

    def band(self, fit: Fit, columns: Mapping[str, Any] | None = None, level: float = 0.95) -> np.ndarray:
        """Return the lower and upper percentile of the refitted curves, [2, point], at these inputs."""
        problem = robust.plain(fit.run.problem)
        there = problem.with_columns(problem.columns if columns is None else columns)
        curves = _curves(Evaluator(there), self.params)
        tail = 50 * (1 - level)
        return np.percentile(curves, [tail, 100 - tail], axis=0)


def bootstrap(fit: Fit, refits: int = 1000, method: str = "residuals", seed: int = 0) -> Bootstrap:
    """Fit again to data drawn anew, from the answer on, within its bounds.

    Parameters
    ----------
    fit
        Whose parameters' scatter is asked.
    refits
        How many.
    method
        ``"residuals"`` draws residuals and adds them to the curve: for scatter that is alike everywhere (in units of
        sigma). ``"pairs"`` draws rows of the table: for scatter that isn't.
    seed
        Of the draws.

    Raises
    ------
    ProblemError
        If the method is unknown, or there are too few points or refits.

    Examples
    --------
    >>> from ravine.fitting.answer import fit
    >>> line = fit("y = a*x", {"x": [1, 2, 3, 4], "y": [1.1, 1.9, 3.2, 3.9]})
    >>> found = bootstrap(line, 500)
    >>> round(found.stderr["a"] / line.params["a"].stderr, 1)
    1.0
    """
    if method not in _DRAWS:
        hint = did_you_mean(str(method), _DRAWS)
        raise ProblemError(f"bootstrap: expected 'residuals' or 'pairs' as method, got {method!r}.{hint}")
    if refits < 2:
        raise ProblemError(f"bootstrap: expected at least 2 refits, got {refits}.")
    if fit.goodness.degrees_of_freedom <= 0:
        raise ProblemError(
            f"bootstrap: expected more points than parameters, got {fit.goodness.points} and {fit.goodness.free}."
        )
    problem = fit.run.problem
    start = np.array([fit.params[name].value for name in fit.free])
    observed, weight = _DRAWS[method](fit, refits, np.random.default_rng(seed))
    found = refit(problem, with_data(problem, observed, weight), np.tile(start, (refits, 1)))
    return Bootstrap(fit.free, found.params[found.settled & np.isfinite(found.squares)], refits, method)


def _draw_residuals(fit: Fit, rows: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    problem = fit.run.problem
    assert problem.observed is not None
    sigma = np.ones(problem.points) if problem.sigma is None else problem.sigma
    leverage = _leverage(fit)
    # A point that its own parameter follows exactly has no residual, and none to give.
    scaled = np.where(leverage < 1 - 1e-9, fit.residuals / sigma / np.sqrt(np.maximum(1 - leverage, 1e-9)), 0.0)
    loss = robust.scaled(problem)
    scaled -= scaled.mean() if loss is None else loss.center(scaled)
    drawn = scaled[random.integers(problem.points, size=(rows, problem.points))]
    return problem.observed - fit.residuals + sigma * drawn, np.ones((rows, problem.points))


def _draw_pairs(fit: Fit, rows: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    problem = fit.run.problem
    assert problem.observed is not None
    share = np.full(problem.points, 1 / problem.points)
    times = random.multinomial(problem.points, share, size=rows)
    return np.broadcast_to(problem.observed, times.shape), np.sqrt(times.astype(float))


_DRAWS: Mapping[str, Callable[..., tuple[np.ndarray, np.ndarray]]] = {
    "residuals": _draw_residuals,
    "pairs": _draw_pairs,
}


def _leverage(fit: Fit) -> np.ndarray:
    """Return how much each observation moves its own prediction, 0 to 1, [point]."""
    row = np.array([fit.params[name].value for name in fit.free])
    jacobian = Evaluator(robust.plain(fit.run.problem)).jacobian(row)
    scale = np.linalg.norm(jacobian, axis=0)
    left, values, _ = np.linalg.svd(jacobian / np.where(scale > 0, scale, 1.0), full_matrices=False)
    return (left[:, values > 1e-12 * values.max(initial=0.0)] ** 2).sum(1)


def _curves(evaluator: Evaluator, params: np.ndarray) -> np.ndarray:
    """Return the predictions [row, point]; so many rows at a time that memory stays bounded."""
    rows = max(1, _ELEMENTS // evaluator.problem.points)
    parts = [
        evaluator.residuals_and_jacobians(params[first : first + rows])[0] for first in range(0, len(params), rows)
    ]
    return np.concatenate(parts)
