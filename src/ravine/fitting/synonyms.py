"""Synonyms: what lmfit calls the parts of a fit, so that those who come from there find them by the names they know.

Each function takes a fit; `Fit` has them as properties.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ravine.fitting.fitted import Fit, FittedParameter


def chisqr(fit: Fit) -> float:
    """χ² = Σr², weighted by 1/σ²: ``goodness.squares``."""
    return fit.goodness.squares


def redchi(fit: Fit) -> float:
    """χ²/(N − k): ``goodness.reduced_chi_squared``."""
    return fit.goodness.reduced_chi_squared


def aic(fit: Fit) -> float:
    """Akaike's criterion, N·ln(χ²/N) + 2k: ``goodness.aic``."""
    return fit.goodness.aic


def bic(fit: Fit) -> float:
    """Schwarz's criterion, N·ln(χ²/N) + k·ln N: ``goodness.bic``."""
    return fit.goodness.bic


def rsquared(fit: Fit) -> float:
    """R² = 1 − Σr²/Σ(y − ȳ)², weighted by 1/σ² (not so in lmfit): ``goodness.r_squared``."""
    return fit.goodness.r_squared


def ndata(fit: Fit) -> int:
    """N, the number of observations: ``goodness.points``."""
    return fit.goodness.points


def nvarys(fit: Fit) -> int:
    """k, the number of free parameters: ``goodness.free``."""
    return fit.goodness.free


def nfree(fit: Fit) -> int:
    """N − k: ``goodness.degrees_of_freedom``."""
    return fit.goodness.degrees_of_freedom


def var_names(fit: Fit) -> list[str]:
    """Names of the free parameters, in the order of ``covar``: ``free``."""
    return list(fit.free)


def best_values(fit: Fit) -> dict[str, float]:
    """Values by name: ``values``."""
    return fit.values


def init_values(fit: Fit) -> dict[str, float]:
    """Start values that were asked for, by name."""
    return {name: each.asked.value for name, each in fit.params.items() if each.asked.value is not None}


def best_fit(fit: Fit) -> np.ndarray:
    """Prediction in the rows of the table, [point]: ``predict()``."""
    return fit.predict()


def residual(fit: Fit) -> np.ndarray:
    """(observation − prediction)/σ, [point], with the sign of lmfit's models; ``residuals`` without 1/σ."""
    return fit.residuals if fit.problem.sigma is None else fit.residuals / fit.problem.sigma


def covar(fit: Fit) -> np.ndarray:
    """Covariance of the free parameters, [param, param]: ``covariance.matrix``."""
    return fit.covariance.matrix


def correl(fit: Fit) -> dict[str, dict[str, float]]:
    """Correlation of each free parameter with every other, by both names: ``correlation``."""
    rows = zip(fit.free, fit.correlation.tolist(), strict=True)
    return {
        name: {other: value for other, value in zip(fit.free, row, strict=True) if other != name} for name, row in rows
    }


def success(fit: Fit) -> bool:
    """Whether the answer came to rest: ``converged``."""
    return fit.converged


def message(fit: Fit) -> str:
    """How the fit ended, in a sentence."""
    return next((note.text for note in fit.warnings if note.code == "not-converged"), "Fit succeeded.")


def named(params: Mapping[str, FittedParameter], correlations: Mapping[str, Mapping[str, float]]) -> dict:
    """Return the parameters with their names and correlations."""
    return {name: replace(each, name=name, correl=correlations.get(name, {})) for name, each in params.items()}
