"""Findings: what a fit says of one parameter, and of one minimum."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ravine.fitting.parameters import Parameter


@dataclass(frozen=True)
class FittedParameter:
    """One parameter and what is known of it.

    Parameters
    ----------
    value
        At the minimum.
    stderr
        Standard error, NaN where the data don't tell, 0 for a fixed one.
    low95, high95
        95 % interval by Student's t (by the normal distribution when sigma is absolute).
    asked
        Start, bounds, whether it is fixed or tied.
    is_free
        Whether it was tuned.
    name
        What the formula calls it.
    correl
        Correlations with the other free parameters, by name; empty unless it is free.
    """

    value: float
    stderr: float
    low95: float
    high95: float
    asked: Parameter
    is_free: bool
    name: str = ""
    correl: Mapping[str, float] = field(default_factory=dict)

    min = property(lambda self: self.asked.min, doc="The lower bound, −∞ if there is none.")
    max = property(lambda self: self.asked.max, doc="The upper bound, ∞ if there is none.")
    vary = property(lambda self: self.is_free, doc="Whether it was tuned, in lmfit's word.")
    expr = property(lambda self: self.asked.expr, doc="The expression it follows from, None if it is free or fixed.")
    init_value = property(lambda self: self.asked.value, doc="The start that was asked for, None if none was.")

    @property
    def kind(self) -> str:
        """``"free"``, ``"fixed"`` or ``"tied"``."""
        return "free" if self.is_free else "fixed" if self.asked.expr is None else "tied"


@dataclass(frozen=True)
class Minimum:
    """One of the minima found: its loss (see `Fit.loss`), all parameters, the share of the starts that came to it."""

    loss: float
    params: Mapping[str, float]
    share: float


def quantile(degrees_of_freedom: int, level: float = 0.95, *, absolute_sigma: bool = False) -> float:
    """Return Student's t for an interval of this level, the normal distribution's when sigma is absolute.

    Examples
    --------
    >>> round(quantile(10), 3), round(quantile(10, absolute_sigma=True), 3), quantile(0)
    (2.228, 1.96, nan)
    """
    from scipy import stats

    if absolute_sigma:
        return float(stats.norm.ppf(0.5 + level / 2))
    return float(stats.t.ppf(0.5 + level / 2, degrees_of_freedom)) if degrees_of_freedom > 0 else math.nan
