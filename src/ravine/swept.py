"""Sweep: where descents ended, over learning rate, optimizer and start. No TensorFlow here."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ravine import ranking
from ravine.errors import ProblemError, did_you_mean
from ravine.notes import Note
from ravine.tabulated import as_html, as_text

if TYPE_CHECKING:
    from ravine.problem import Problem


class Outcome(enum.StrEnum):
    """How a descent of a sweep ended."""

    converged = "converged"
    ran_out = "ran_out"
    oscillating = "oscillating"
    diverged = "diverged"
    not_finite = "not_finite"

    @property
    def failed(self) -> bool:
        """Whether its final loss says nothing."""
        return self in (Outcome.diverged, Outcome.not_finite)

    @property
    def words(self) -> str:
        """What a legend calls it."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, eq=False)
class Sweep:
    """Where descents ended with every learning rate, by every optimizer, from every start.

    Parameters
    ----------
    dataset
        Dimensions ``optimizer``, ``rate``, ``start``, ``param``; variables

        - ``loss`` [optimizer, rate, start]: the last one; ``status`` (an `Outcome` value) and ``steps_taken`` alike;
        - ``params`` [optimizer, rate, start, param]: the last ones;
        - ``start_params`` [start, param] and ``start_loss`` [start];
        - ``edge`` [optimizer]: the learning rate beyond which no descent settles in the best minimum found, NaN where
          theory names none.
    problem
        What was made small.
    settings
        ``steps``, ``dtype``, ``stop``, ``curvature`` (λ_max at the best end, or None), ``optimizer_configs``,
        ``versions``, ``seconds``.
    warnings
        What the user should know.
    """

    dataset: xr.Dataset
    problem: Problem
    settings: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Note, ...] = ()

    @property
    def optimizers(self) -> tuple[str, ...]:
        """Names of the optimizers."""
        return tuple(str(name) for name in self.dataset["optimizer"].values)

    @property
    def rates(self) -> np.ndarray:
        """Learning rates, rising, [rate]."""
        return self.dataset["rate"].values

    @property
    def starts(self) -> int:
        """Number of starts."""
        return self.dataset.sizes["start"]

    @property
    def loss(self) -> np.ndarray:
        """Final losses, [optimizer, rate, start]; infinite where a descent failed."""
        failed = self._is(Outcome.diverged) | self._is(Outcome.not_finite)
        return np.where(failed, np.inf, self.dataset["loss"].values.astype(float))

    @property
    def median_loss(self) -> np.ndarray:
        """Medians of the final losses over the starts, [optimizer, rate]; infinite where half of them failed."""
        return ranking.middle(self.loss)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes that there are."""
        return tuple(outcome for outcome in Outcome if self._is(outcome).any())

    @property
    def lowest(self) -> float:
        """The lowest final loss of all, infinite if every descent failed."""
        return float(np.min(self.loss, initial=np.inf))

    @property
    def params(self) -> dict[str, float]:
        """The parameters with the lowest final loss, by name."""
        where = np.unravel_index(int(np.argmin(self.loss)), self.loss.shape)
        row = self.dataset["params"].values[where]
        return {str(name): float(value) for name, value in zip(self.dataset["param"].values, row, strict=True)}

    def share(self, outcome: Outcome | str) -> np.ndarray:
        """Return which share of the starts ended like this, [optimizer, rate].

        Raises
        ------
        ProblemError
            If there is no such outcome.
        """
        if outcome not in list(Outcome):
            known = ", ".join(Outcome)
            raise ProblemError(f"Sweep.share: expected {known}, got '{outcome}'.{did_you_mean(outcome, Outcome)}")
        return self._is(outcome).mean(axis=2)

    @property
    def edges(self) -> dict[str, float]:
        """Learning rates beyond which no descent settles in the best minimum found, where theory names one."""
        values = self.dataset["edge"].values
        return {name: float(edge) for name, edge in zip(self.optimizers, values, strict=True) if np.isfinite(edge)}

    @property
    def best_rates(self) -> dict[str, float]:
        """The learning rate with the lowest median final loss, by optimizer; of equal ones the quickest."""
        return {name: float(self.rates[rate]) for name, rate in zip(self.optimizers, self.best, strict=True)}

    @property
    def best(self) -> tuple[int, ...]:
        """Index of the best learning rate of each optimizer."""
        steps = self.dataset["steps_taken"].values
        return tuple(ranking.best_of(loss, taken, self.tolerance) for loss, taken in zip(self.loss, steps, strict=True))

    @property
    def tolerance(self) -> float:
        """Differences of losses that mean nothing: a millionth of the median way down."""
        begin = self.dataset["start_loss"].values.astype(float)
        middle = np.median(begin[np.isfinite(begin)]) if np.isfinite(begin).any() else np.nan
        dtype = self.settings.get("dtype", "float64")
        return float(ranking.tolerance(np.array([middle]), np.array([self.lowest]), dtype)[0])

    def table(self) -> list[list[str]]:
        """Header and one line per optimizer: its best learning rate, and what that brings."""
        rows = [["optimizer", "best rate", "median loss", "steps", "converged", "converges up to", "edge"]]
        medians, taken = self.median_loss, np.median(self.dataset["steps_taken"].values, axis=2)
        for index, (name, rate) in enumerate(zip(self.optimizers, self.best, strict=True)):
            ended = self._is(Outcome.converged)[index].sum(axis=1)
            all_of_them = self.rates[ended == self.starts]
            row = [name, f"{self.rates[rate]:.4g}", f"{medians[index, rate]:.6g}", f"{taken[index, rate]:.0f}"]
            row += [f"{ended[rate]} of {self.starts}", f"{all_of_them.max():.4g}" if all_of_them.size else "–"]
            rows.append([*row, f"{self.edges[name]:.4g}" if name in self.edges else "–"])
        return rows

    def headlines(self) -> list[str]:
        """Return what was swept, in two lines."""
        count = self.dataset["loss"].size
        rates = f"{self.rates.size} learning rates from {self.rates[0]:.4g} to {self.rates[-1]:.4g}"
        rates = rates if self.rates.size > 1 else f"the learning rate {self.rates[0]:.4g}"
        starts = f"{self.starts} starts" if self.starts > 1 else "1 start"
        words = {outcome: int(self._is(outcome).sum()) for outcome in Outcome}
        ends = ", ".join(f"{number:,} {outcome.words}" for outcome, number in words.items() if number)
        return [
            f"{count:,} descents: {ends}.",
            f"{self.problem.title}, {self.problem.loss.name}: {rates}, {starts}, "
            f"at most {self.settings['steps']} steps.",
        ]

    def remainder(self) -> list[str]:
        """Return what the columns mean, as far as it isn't plain."""
        lines = ["Best: the lowest median final loss over the starts; of equal ones the quickest."]
        curvature = self.settings.get("curvature")
        if self.edges and curvature:
            lines.append(
                f"Edge: beyond it no descent settles in the best minimum found, whose largest curvature is "
                f"λ = {curvature:.4g}."
            )
        return lines

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)

    def _is(self, outcome: Outcome | str) -> np.ndarray:
        return self.dataset["status"].values == str(outcome)
