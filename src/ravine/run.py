"""Run: what happened on the way down."""

from __future__ import annotations

import enum
import html
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ravine.errors import DescentError, ProblemError
from ravine.notes import Note

if TYPE_CHECKING:
    import pandas as pd

    from ravine.plane import Surface
    from ravine.problem import Problem


class Status(enum.StrEnum):
    """How a descent ended. The value goes into files; ``sentence`` is for people."""

    converged = "converged"
    ran_out = "ran_out"
    diverged = "diverged"
    not_finite = "not_finite"
    stopped = "stopped"

    @property
    def sentence(self) -> str:
        """What happened and what to do, in one sentence."""
        return _SENTENCES[self]


_SENTENCES = {
    Status.converged: "Converged: the stop rule is met.",
    Status.ran_out: "Ran out of steps: the stop rule is not met yet. Give more steps.",
    Status.diverged: "Diverged: the loss left every bound. Give a smaller learning rate, or bounds.",
    Status.not_finite: "Not finite: the loss or its gradient became NaN or infinite. Give a smaller learning "
    "rate, bounds, or another start.",
    Status.stopped: "Stopped before the end: what was recorded until then is kept.",
}


@dataclass(frozen=True, eq=False)
class Run:
    """A recorded descent of one or many starts.

    Parameters
    ----------
    dataset
        Dimensions ``start``, ``step``, ``param``; variables

        - ``params`` [start, step, param], ``gradient`` [start, step, param], ``loss`` [start, step],
          ``learning_rate`` [start, step] (NaN where the method has none);
        - ``status`` [start] (a `Status` value), ``steps_taken`` [start];
        - of SciPy's methods also ``loss_evaluations`` and ``gradient_evaluations`` [start, step]: how many the method
          had asked for by then (a Jacobian counts as one gradient, a Hessian as one for each parameter). A step of
          Keras takes one of both.

        The coordinate ``step`` counts updates: 0 is the start. A start that ended before the others keeps its
        last values from ``steps_taken`` on.
    problem
        What was made small; plots evaluate the formula through it.
    settings
        ``optimizer``, ``optimizer_config``, ``learning_rate``, ``steps``, ``batch_size``, ``seed``, ``dtype``,
        ``record_every``, ``stop``, ``versions``, ``seconds``.
    warnings
        What the user should know about the outcome; empty when all is well.
    surface
        The loss around the way, if somebody surveyed and kept it; plots draw it instead of surveying anew.
    """

    dataset: xr.Dataset
    problem: Problem
    settings: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Note, ...] = ()
    surface: Surface | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in the order of the dimension ``param``."""
        return tuple(str(name) for name in self.dataset["param"].values)

    @property
    def starts(self) -> int:
        """Number of starts."""
        return self.dataset.sizes["start"]

    @property
    def statuses(self) -> tuple[Status, ...]:
        """How each start ended."""
        return tuple(Status(str(value)) for value in self.dataset["status"].values)

    @property
    def status(self) -> Status:
        """How the best start ended."""
        return self.statuses[self.best]

    @property
    def best(self) -> int:
        """Index of the start with the lowest finite final loss (0 when none is finite)."""
        final = self.dataset["loss"].values[:, -1]
        return int(np.argmin(np.where(np.isfinite(final), final, np.inf)))

    @property
    def loss(self) -> float:
        """Final loss of the best start."""
        return float(self.dataset["loss"].values[self.best, -1])

    @property
    def params(self) -> dict[str, float]:
        """Final parameters of the best start, by name."""
        return self.at(-1)

    def at(self, index: int, start: int | None = None) -> dict[str, float]:
        """Return the parameters at a recorded step (``index`` counts records, -1 is the last), by name."""
        row = self.dataset["params"].values[self.best if start is None else start, index]
        return {name: float(value) for name, value in zip(self.names, row, strict=True)}

    def recorded(self, start: int) -> int:
        """Return how many records of this start are its own (later ones repeat the last)."""
        steps = self.dataset["step"].values
        return int(np.searchsorted(steps, int(self.dataset["steps_taken"].values[start]))) + 1

    def path(self, start: int) -> xr.Dataset:
        """Return the records of one start, without the repetitions after its end."""
        return self.dataset.isel(start=start, step=slice(0, self.recorded(start)))

    def raise_for_status(self) -> Run:
        """Raise `DescentError` unless every start converged; return the run itself.

        Raises
        ------
        DescentError
            If any start has another status than ``converged``.
        """
        for start, status in enumerate(self.statuses):
            if status is not Status.converged:
                raise DescentError(f"start {start}: {status.sentence}")
        return self

    def to_dataframe(self) -> pd.DataFrame:
        """Return a long table: one row per start and recorded step, parameters and gradients as columns.

        Rows after a start's end are left out. A parameter named like another column, such as ``step``, becomes
        ``param step``.
        """
        import pandas as pd

        parts = []
        for start in range(self.starts):
            path = self.path(start)
            columns: dict[str, Any] = {"start": start, "step": path["step"].values}
            columns["loss"] = path["loss"].values
            columns["learning_rate"] = path["learning_rate"].values
            for index, name in enumerate(self.names):
                columns[f"param {name}" if name in _COLUMNS else name] = path["params"].values[:, index]
            for index, name in enumerate(self.names):
                columns[f"gradient {name}"] = path["gradient"].values[:, index]
            parts.append(pd.DataFrame(columns))
        return pd.concat(parts, ignore_index=True)

    def select(self, start: int) -> Run:
        """Return a run that holds one start only."""
        if not -self.starts <= start < self.starts:
            raise ProblemError(f"Run.select: expected a start from 0 to {self.starts - 1}, got {start}.")
        return replace(self, dataset=self.dataset.isel(start=[start]))

    def __repr__(self) -> str:
        lines = [*self.headlines(), ""]
        table = self.table()
        widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
        for row in table:
            lines.append("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        lines += self.remainder()
        lines += ["", *(f"Warning: {note.text}" for note in self.warnings)] if self.warnings else []
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head, *rest = self.headlines()
        header, *rows = self.table()
        cells = "".join(f"<th>{html.escape(cell)}</th>" for cell in header)
        body = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in rows)
        notes = "".join(f"<p>⚠ {html.escape(note.text)}</p>" for note in self.warnings)
        below = "".join(f"<p>{html.escape(line)}</p>" for line in rest)
        more = "".join(f"<p>{html.escape(line)}</p>" for line in self.remainder())
        return f"<p><b>{html.escape(head)}</b></p>{below}<table><tr>{cells}</tr>{body}</table>{more}{notes}"

    def headlines(self) -> list[str]:
        """Return how it ended, and what was made small by what."""
        counts = {status: self.statuses.count(status) for status in Status if status in self.statuses}
        if self.starts == 1:
            head = self.status.sentence
        elif len(counts) == 1:
            head = f"All {self.starts} starts: {self.status.sentence}"
        else:
            head = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in counts.items()) + "."
        optimizer = self.settings.get("optimizer", "")
        return [head, f"{self.problem.title}, {self.problem.loss.name}, {optimizer}".rstrip(", ")]

    def table(self) -> list[list[str]]:
        """Header and one line per start (the first few), best marked."""
        rates = self.dataset["learning_rate"].values
        with_rate = bool(np.isfinite(rates).any())
        header = ["start", "status", "steps", *(["rate"] if with_rate else []), "loss"]
        names = self.names[:_SHOWN_PARAMS]
        header += [*names, *(["…"] if len(self.names) > len(names) else [])]
        rows = [header]
        for start in self._shown():
            mark = "*" if start == self.best and self.starts > 1 else ""
            row = [f"{start}{mark}", str(self.statuses[start]), f"{int(self.dataset['steps_taken'].values[start])}"]
            row += [f"{rates[start, 0]:.4g}"] if with_rate else []
            losses = self.dataset["loss"].values[start]
            row.append(f"{losses[0]:.4g} → {losses[-1]:.6g}")
            ends = self.dataset["params"].values[start]
            row += [f"{ends[0, i]:.4g} → {ends[-1, i]:.6g}" for i in range(len(names))]
            rows.append([*row, *(["…"] if len(self.names) > len(names) else [])])
        return rows

    def _shown(self) -> list[int]:
        """Return the starts that a table shows: the first ones, and the best one wherever it stands."""
        first = list(range(min(self.starts, _SHOWN)))
        return first if self.best in first else [*first[:-1], self.best]

    def remainder(self) -> list[str]:
        """Return what the table has no room for: how many starts it leaves out, and all parameters of the best."""
        lines = [f"… {self.starts - _SHOWN} more starts"] if self.starts > _SHOWN else []
        if len(self.names) > _SHOWN_PARAMS:
            which = "At the end" if self.starts == 1 else f"Start {self.best} at the end"
            values = zip(self.names, self.dataset["params"].values[self.best, -1], strict=True)
            text = f"{which}: {', '.join(f'{name} = {value:.6g}' for name, value in values)}"
            lines += textwrap.wrap(text, 100, subsequent_indent="  ", break_long_words=False)
        return lines


_COLUMNS = ("start", "step", "loss", "learning_rate")
_SHOWN = 12
_SHOWN_PARAMS = 6
