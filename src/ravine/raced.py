"""Race: optimizers from the same starts, each at its default and at the best learning rate it tried. No TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ravine import ranking
from ravine.errors import ProblemError, did_you_mean
from ravine.notes import Note
from ravine.run import Run, Status
from ravine.tabulated import as_html, as_text

if TYPE_CHECKING:
    import pandas as pd

    from ravine.problem import Problem

_FAILED = (Status.diverged, Status.not_finite)


@dataclass(frozen=True, eq=False)
class Entrant:
    """One optimizer of a race.

    Parameters
    ----------
    name
        As the user wrote it.
    default
        The run with the optimizer's own learning rate; of SciPy's methods, which have none, the only one.
    best
        The run with the best learning rate that was tried; the default run itself if none was better.
    trials
        Dimensions ``rate``, ``start``; variables ``loss``, ``status``, ``steps_taken``: where each rate that was tried
        ended. None for methods without a learning rate.
    """

    name: str
    default: Run
    best: Run
    trials: xr.Dataset | None = None

    @property
    def has_rate(self) -> bool:
        """Whether it has a learning rate."""
        return self.trials is not None

    @property
    def runs(self) -> dict[str, Run]:
        """Its runs by tuning: ``best`` and ``default``, ``best and default`` if they are the same, or ``none``."""
        if not self.has_rate:
            return {"none": self.default}
        if self.best is self.default:
            return {"best and default": self.best}
        return {"best": self.best, "default": self.default}


@dataclass(frozen=True, eq=False)
class Race:
    """Several optimizers from the same starts, and how soon each got down.

    Parameters
    ----------
    problem
        What was made small.
    entrants
        The optimizers, each with its runs.
    settings
        ``rates`` (the learning rates that every optimizer tried, beside its own), ``steps``, ``dtype``, ``stop``,
        ``versions``, ``seconds`` (of the whole race). The ``seconds`` of a run were measured when
        everything was compiled.
    warnings
        What the user should know.
    """

    problem: Problem
    entrants: tuple[Entrant, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Note, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the optimizers."""
        return tuple(entrant.name for entrant in self.entrants)

    @property
    def starts(self) -> int:
        """Number of starts."""
        return self.entrants[0].default.starts

    @property
    def runs(self) -> list[Run]:
        """All runs."""
        return [run for entrant in self.entrants for run in entrant.runs.values()]

    def __getitem__(self, name: str) -> Entrant:
        for entrant in self.entrants:
            if entrant.name == name:
                return entrant
        known = ", ".join(self.names)
        raise ProblemError(f"Race: expected one of {known}, got '{name}'.{did_you_mean(str(name), self.names)}")

    @cached_property
    def lowest(self) -> np.ndarray:
        """The lowest loss that anybody reached from each start, [start]; NaN where all failed."""
        found = np.full(self.starts, np.inf)
        for run in self.runs:
            loss = run.dataset["loss"].values.astype(float)
            failed = np.array([status in _FAILED for status in run.statuses])
            found = np.fmin(found, np.where(np.isfinite(loss) & ~failed[:, None], loss, np.inf).min(axis=1))
        return np.where(np.isfinite(found), found, np.nan)

    @cached_property
    def tolerance(self) -> np.ndarray:
        """How far above the lowest loss counts as arrived, [start]: a millionth of the way down."""
        begin = self.entrants[0].default.dataset["loss"].values[:, 0].astype(float)
        return ranking.tolerance(begin, self.lowest, self.settings.get("dtype", "float64"))

    def excess(self, run: Run) -> np.ndarray:
        """Return how far a run is above the lowest loss that anybody reached, [start, step]."""
        return run.dataset["loss"].values.astype(float) - self.lowest[:, None]

    def evaluations(self, run: Run) -> np.ndarray:
        """Return how often a run had asked for the loss or its gradient, [start, step].

        Where both were asked for, they mostly came from one evaluation: the larger of the two numbers. A Hessian
        counts as one gradient for each parameter. Keras's optimizers ask once a step.
        """
        if "loss_evaluations" in run.dataset:
            both = (run.dataset[f"{what}_evaluations"].values for what in ("loss", "gradient"))
            return np.maximum(*both).astype(float)
        return np.minimum(run.dataset["step"].values, run.dataset["steps_taken"].values[:, None]).astype(float)

    def seconds(self, run: Run) -> np.ndarray:
        """Return how long a run had taken, [start, step].

        The time of the whole run is measured, and spread evenly over the evaluations. All starts of a run go side by
        side, or as if they did.
        """
        asked = self.evaluations(run)
        return float(run.settings["seconds"]) * asked / max(1.0, float(asked.max()))

    def arrival(self, run: Run) -> np.ndarray:
        """Return the record [start] from which on a run stays within the tolerance; -1 where it never arrives."""
        with np.errstate(invalid="ignore"):
            outside = ~(self.excess(run) <= self.tolerance[:, None])
        count = outside.shape[1]
        last = count - 1 - np.argmax(outside[:, ::-1], axis=1)
        first = np.where(outside.any(axis=1), last + 1, 0)
        return np.where(first < count, first, -1)

    def results(self) -> list[dict[str, Any]]:
        """Return one row for each run: what it took to arrive. With several starts medians; NaN for never."""
        return [
            {"optimizer": entrant.name, "tuning": tuning, **self._result(run)}
            for entrant in self.entrants
            for tuning, run in entrant.runs.items()
        ]

    def to_dataframe(self) -> pd.DataFrame:
        """Return `results` as a table; ``status`` in words."""
        import pandas as pd

        return pd.DataFrame([{**row, "status": _counted(row["status"])} for row in self.results()])

    def table(self) -> list[list[str]]:
        """Header and one line for each run."""
        many = self.starts > 1
        counted = ["arrived"] if many else []
        rows = [["optimizer", "tuning", "rate", "loss", *counted, "steps", "evaluations", "ms", "status"]]
        for row in self.results():
            rate = f"{row['learning_rate']:.4g}" if np.isfinite(row["learning_rate"]) else "–"
            counts = [f"{row['arrived']} of {self.starts}"] if many else []
            took = [_number(row[key], "{:.0f}") for key in ("steps", "evaluations")]
            took.append(_number(1e3 * row["seconds"], "{:.3g}"))
            loss = f"{row['loss']:.6g}"
            rows.append([row["optimizer"], row["tuning"], rate, loss, *counts, *took, _counted(row["status"])])
        return rows

    def headlines(self) -> list[str]:
        """Return what raced, in three lines."""
        starts = f"{self.starts} starts" if self.starts > 1 else "1 start"
        optimizers = f"{len(self.entrants)} optimizers" if len(self.entrants) > 1 else "1 optimizer"
        return [
            f"{optimizers}, {starts}, at most {self.settings['steps']} steps.",
            f"{self.problem.title}, {self.problem.loss.name}",
            f"Best: {self.search}; by final loss, of equal ones the quickest.",
        ]

    @property
    def search(self) -> str:
        """How the best learning rates were found, in a few words."""
        rates = self.settings["rates"]
        if not any(entrant.has_rate for entrant in self.entrants):
            return "no optimizer here has a learning rate"
        if len(rates) == 1:
            return f"of the rate {rates[0]:.4g} and the default"
        return f"of {len(rates)} rates from {rates[0]:.4g} to {rates[-1]:.4g} and the default"

    def remainder(self) -> list[str]:
        """Return what the columns mean, as far as it isn't plain."""
        medians = " Medians over the starts." if self.starts > 1 else ""
        return [
            "Steps, evaluations (loss and gradient) and milliseconds (once compiled): until all but a millionth of "
            "the way",
            f"down to the lowest loss that anybody found was gone for good.{medians}",
        ]

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)

    def _result(self, run: Run) -> dict[str, Any]:
        arrival, each = self.arrival(run), np.arange(self.starts)
        steps = np.broadcast_to(run.dataset["step"].values, (self.starts, run.dataset.sizes["step"]))
        counts = {"steps": steps, "evaluations": self.evaluations(run), "seconds": self.seconds(run)}
        took = {key: np.where(arrival >= 0, values[each, arrival], np.inf) for key, values in counts.items()}
        loss, rate = (run.dataset[name].values.astype(float) for name in ("loss", "learning_rate"))
        medians = {key: float(ranking.middle(values)) for key, values in took.items()}
        return {
            "learning_rate": float(rate[0, 0]),
            "loss": float(loss[0, -1] if self.starts == 1 else ranking.middle(loss[:, -1])),
            "arrived": int((arrival >= 0).sum()),
            **{key: value if np.isfinite(value) else np.nan for key, value in medians.items()},
            "total_steps": int(run.dataset["steps_taken"].values.max()),
            "total_evaluations": int(self.evaluations(run).max()),
            "total_seconds": float(run.settings["seconds"]),
            "status": tuple(str(status) for status in run.statuses),
        }


def _counted(statuses: tuple[str, ...]) -> str:
    """Return statuses in words, counted if there are several.

    Examples
    --------
    >>> _counted(("ran_out",)), _counted(("converged", "ran_out", "converged"))
    ('ran out', '2 converged, 1 ran out')
    """
    kinds = dict.fromkeys(statuses)
    if len(statuses) == 1:
        return statuses[0].replace("_", " ")
    return ", ".join(f"{statuses.count(kind)} {kind.replace('_', ' ')}" for kind in kinds)


def _number(value: float, form: str) -> str:
    return form.format(value) if np.isfinite(value) else "–"
