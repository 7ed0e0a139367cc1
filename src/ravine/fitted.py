"""Fit: the fitted parameters, how sure they are, and what to watch out for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ravine.graph import Evaluator
from ravine.notes import Note
from ravine.parameters import Parameter
from ravine.problem import Problem
from ravine.run import Run
from ravine.statistics import Covariance, Goodness, half_width


@dataclass(frozen=True)
class FittedParameter:
    """One parameter: value, standard error (NaN if the data don't tell), 95 % interval, what was asked of it."""

    value: float
    stderr: float
    low95: float
    high95: float
    asked: Parameter
    is_free: bool


@dataclass(frozen=True)
class Minimum:
    """One of the minima found: Σr², all parameters, and the share of the starts that came to it."""

    loss: float
    params: Mapping[str, float]
    share: float


@dataclass(frozen=True)
class Fit:
    """The answer of `ravine.fit`.

    Parameters
    ----------
    problem
        With all parameters.
    params
        By name: ``fit.params["a"].value``, ``.stderr``.
    goodness
        s, χ², R², AIC, …
    covariance
        Of the free parameters, in their order in ``run.names``.
    minima
        All distinct minima found, best first.
    run
        Every start's way down (over the free parameters).
    warnings
        What to watch out for; empty when all is well.
    """

    problem: Problem
    params: Mapping[str, FittedParameter]
    goodness: Goodness
    covariance: Covariance
    minima: tuple[Minimum, ...]
    run: Run
    warnings: tuple[Note, ...] = ()

    @property
    def loss(self) -> float:
        """Σr² at the answer."""
        return self.goodness.squares

    @property
    def values(self) -> dict[str, float]:
        """Values by name."""
        return {name: each.value for name, each in self.params.items()}

    @property
    def free(self) -> tuple[str, ...]:
        """Names of the free parameters."""
        return self.run.names

    @property
    def residuals(self) -> np.ndarray:
        """Observation − prediction, [point]."""
        assert self.problem.observed is not None
        return self.problem.observed - self.problem.predict(self.values)

    @property
    def correlation(self) -> np.ndarray:
        """Correlations of the free parameters, [param, param]."""
        errors = np.sqrt(np.diag(self.covariance.matrix))
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.covariance.matrix / np.outer(errors, errors)

    def predict(self, columns: Mapping[str, Any] | None = None) -> np.ndarray:
        """Return the model's prediction [point] for these inputs (the table's by default)."""
        return self.problem.predict(self.values, columns)

    def eval_uncertainty(self, columns: Mapping[str, Any] | None = None, level: float = 0.95) -> np.ndarray:
        """Return the half width of the confidence band of the prediction, [point]."""
        there = self.run.problem.with_columns(self.problem.columns if columns is None else columns)
        row = np.array([self.params[name].value for name in self.free])
        jacobian = Evaluator(there).jacobian(row)
        variance = np.einsum("ip,pq,iq->i", jacobian, self.covariance.matrix, jacobian)
        return np.array([half_width(error, self.goodness.degrees_of_freedom, level) for error in np.sqrt(variance)])

    def with_warnings(self, warnings: Sequence[Note]) -> Fit:
        """Return this fit with warnings."""
        return replace(self, warnings=tuple(warnings))

    def __iter__(self) -> Iterator[np.ndarray]:
        """Unpack like SciPy's curve_fit: ``popt, pcov = fit``."""
        yield np.array([self.params[name].value for name in self.free])
        yield self.covariance.matrix
