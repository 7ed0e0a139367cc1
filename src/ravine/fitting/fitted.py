"""Fit: the fitted parameters, how sure they are, and what to watch out for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from ravine.errors import ProblemError
from ravine.fitting import report, robust, synonyms
from ravine.fitting.findings import FittedParameter, Minimum, quantile
from ravine.fitting.statistics import Covariance, Goodness
from ravine.notes import Note
from ravine.problem import Problem
from ravine.run import Run

if TYPE_CHECKING:
    from ravine.fitting.bootstrap import Bootstrap
    from ravine.fitting.intervals import Band, Contour, Interval


@dataclass(frozen=True, repr=False)
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
    absolute_sigma
        Whether the errors rest on sigma alone and not on the size of the residuals; never so of a robust loss.

    Examples
    --------
    >>> from ravine import fit
    >>> result = fit("y = a*x", {"x": [1, 2, 3], "y": [2, 4, 6.3]})
    >>> result.params["a"].kind, round(float(result.predict(10.0)[0]), 2), len(result.warnings)
    ('free', 20.64, 0)
    """

    problem: Problem
    params: Mapping[str, FittedParameter]
    goodness: Goodness
    covariance: Covariance
    minima: tuple[Minimum, ...]
    run: Run
    warnings: list[Note] = field(default_factory=list)
    absolute_sigma: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", synonyms.named(self.params, self.correl))

    # -- lmfit's words ----------------------------------------------------------------------------------------

    chisqr = property(synonyms.chisqr)
    redchi = property(synonyms.redchi)
    aic = property(synonyms.aic)
    bic = property(synonyms.bic)
    rsquared = property(synonyms.rsquared)
    ndata = property(synonyms.ndata)
    nvarys = property(synonyms.nvarys)
    nfree = property(synonyms.nfree)
    var_names = property(synonyms.var_names)
    best_values = property(synonyms.best_values)
    init_values = property(synonyms.init_values)
    best_fit = property(synonyms.best_fit)
    residual = property(synonyms.residual)
    covar = property(synonyms.covar)
    correl = property(synonyms.correl)
    success = property(synonyms.success)
    message = property(synonyms.message)

    def eval(self, **columns: Any) -> np.ndarray:
        """Return the prediction at other inputs, ``eval(x=[1, 2])``, or at the table's own: ``predict``."""
        return self.predict(columns or None)

    def fit_report(self) -> str:
        """Return the report as text: ``report()``."""
        return self.report()

    # -- the answer -------------------------------------------------------------------------------------------

    @property
    def converged(self) -> bool:
        """Whether the answer came to rest."""
        return all(note.code != "not-converged" for note in self.warnings)

    @property
    def loss(self) -> float:
        """Σr² at the answer; 2·(k·s)²·Σρ of a robust loss, which is Σr² as long as no point lies far off."""
        return self.goodness.loss

    @property
    def scale(self) -> float:
        """The spread s of the residuals, in units of sigma, that the errors rest on; 1 when sigma is absolute."""
        return self.goodness.s if self.goodness.is_robust else math.sqrt(self.covariance.variance)

    @property
    def weights(self) -> np.ndarray:
        """How much each residual counts, ψ(u)/u, [point]: 1 in a sum of squares, less the farther a point lies off."""
        loss = robust.scaled(self.problem)
        return np.ones(self.residuals.shape) if loss is None else loss.weights(self._weighted(self.predict()))

    @property
    def dispersion(self) -> float:
        """By how much the loss rises when a parameter moves by its standard error, the others following."""
        loss = robust.scaled(self.problem)
        slope = 1.0 if loss is None else loss.mean_slope(self._weighted(self.predict()))
        return slope * self.covariance.variance

    def _weighted(self, prediction: np.ndarray) -> np.ndarray:
        """Return (prediction − observation)/σ."""
        return (prediction - self.problem.observed) / (1.0 if self.problem.sigma is None else self.problem.sigma)

    @property
    def start_loss(self) -> float:
        """The loss where the user asked to start, NaN without a whole start."""
        start = {name: each.asked.value for name, each in self.params.items()}
        start = {name: value for name, value in start.items() if value is not None}
        if len(start) < len(self.params) or not self.problem.is_callable or self.problem.observed is None:
            return math.nan
        with np.errstate(all="ignore"):
            residual, loss = self._weighted(self.problem.predict(start)), robust.scaled(self.problem)
            return float((residual**2).sum()) if loss is None else loss.total(residual)

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
        return self.problem.observed - self.predict()

    @property
    def correlation(self) -> np.ndarray:
        """Correlations of the free parameters, [param, param]."""
        errors = np.sqrt(np.diag(self.covariance.matrix))
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.covariance.matrix / np.outer(errors, errors)

    @overload
    def predict(self, columns: Any = None, *, return_std: Literal[False] = False) -> np.ndarray: ...

    @overload
    def predict(self, columns: Any = None, *, return_std: Literal[True]) -> tuple[np.ndarray, np.ndarray]: ...

    def predict(self, columns: Any = None, *, return_std: bool = False) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """Return the model's prediction, [point].

        Parameters
        ----------
        columns
            Inputs by column name, or the values of the only one; the table's by default.
        return_std
            Whether to return its standard error too, [point].
        """
        prediction = self.problem.predict(self.values, None if columns is None else self.inputs(columns))
        return (prediction, self._standard_error(columns)) if return_std else prediction

    def eval_uncertainty(self, columns: Any = None, level: float = 0.95) -> np.ndarray:
        """Return the half width of the confidence band of the prediction, [point].

        Parameters
        ----------
        columns
            Inputs by column name, or the values of the only one; the table's by default.
        level
            Probability that the band holds the true value at a point.
        """
        return self.quantile(level) * self._standard_error(columns)

    def _standard_error(self, columns: Any) -> np.ndarray:
        from ravine.graph import Evaluator

        problem = robust.plain(self.run.problem)
        there = problem.with_columns(self.problem.columns if columns is None else self.inputs(columns))
        jacobian = Evaluator(there).jacobian(np.array([self.params[name].value for name in self.free]))
        return np.sqrt(np.einsum("ip,pq,iq->i", jacobian, self.covariance.matrix, jacobian))

    def quantile(self, level: float = 0.95) -> float:
        """Return how many standard errors reach to the end of an interval of this level, NaN if nothing tells."""
        if not 0 < level < 1:
            raise ProblemError(f"Fit: expected a level between 0 and 1, got {level!r}. Give 0.95 for 95 %.")
        return quantile(self.goodness.degrees_of_freedom, level, absolute_sigma=self.absolute_sigma)

    def inputs(self, columns: Any) -> dict[str, np.ndarray]:
        """Return inputs by column name, [point] each, from such a mapping or the values of the only one.

        Raises
        ------
        ProblemError
            If a column is missing.
        """
        names = self.problem.variables
        if not isinstance(columns, Mapping) and not hasattr(columns, "columns"):
            if len(names) != 1:
                raise ProblemError(f"Fit: expected values for the columns {', '.join(names)} by name, got one array.")
            columns = {names[0]: columns}
        missing = [name for name in names if name not in columns]
        if missing:
            raise ProblemError(f"Fit: expected values for the columns {', '.join(names)}, got none for '{missing[0]}'.")
        return {name: np.atleast_1d(np.asarray(columns[name], float)) for name in names}

    def bands(self, columns: Any = None, level: float = 0.95) -> tuple[Band, Band]:
        """Return two bands around the prediction: where the curve lies, and where one more observation would.

        Parameters
        ----------
        columns
            Inputs by column name, or the values of the only one; the table's by default.
        level
            Confidence at each point.
        """
        from ravine.fitting import intervals

        inputs = None if columns is None else self.inputs(columns)
        return intervals.confidence_band(self, inputs, level), intervals.prediction_band(self, inputs, level)

    def conf_interval(self, names: Iterable[str] | None = None, level: float = 0.95) -> dict[str, Interval]:
        """Return the profile-likelihood intervals of free parameters (all by default), by name."""
        from ravine.fitting import intervals

        return intervals.profile_intervals(self, names, level)

    def contour(self, first: str, second: str, level: float = 0.95, points: int = 64) -> Contour:
        """Return the contour within which two parameters lie together with this confidence."""
        from ravine.fitting import intervals

        return intervals.contour(self, first, second, level, points)

    def bootstrap(self, refits: int = 1000, method: str = "residuals", seed: int = 0) -> Bootstrap:
        """Fit again to data drawn anew from the residuals (or ``"pairs"``, the rows); all refits descend at once."""
        from ravine.fitting import bootstrap

        return bootstrap.bootstrap(self, refits, method, seed)

    # -- what others look at ----------------------------------------------------------------------------------

    def report(self, format: str = "text") -> str:
        """Return the report: ``"text"`` (80 columns), ``"html"`` (a page of its own) or ``"json"``.

        Raises
        ------
        ProblemError
            If the format is another one.
        """
        return report.report(self, format)

    def with_warnings(self, warnings: Sequence[Note]) -> Fit:
        """Return this fit with warnings."""
        return replace(self, warnings=list(warnings))

    def __repr__(self) -> str:
        return report.to_text(self)

    def _repr_html_(self) -> str:
        return report.to_html(self)

    def __iter__(self) -> Iterator[np.ndarray]:
        """Unpack like SciPy's curve_fit: ``popt, pcov = fit``."""
        yield np.array([self.params[name].value for name in self.free])
        yield self.covariance.matrix
