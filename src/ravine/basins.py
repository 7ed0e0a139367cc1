"""Basins: which start ends where. NumPy and xarray only."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ravine.notes import Note
from ravine.run import Status

if TYPE_CHECKING:
    from ravine.problem import Problem

#: What stands in ``ending`` where a start reached no minimum.
NOT_CONVERGED, DIVERGED, NOT_FINITE, NOT_COMPUTED = -1, -2, -3, -4

#: What the numbers in ``status`` mean; -1 for a start that is still to be computed.
STATUSES = tuple(Status)

_WORDS = {
    NOT_CONVERGED: "not converged",
    DIVERGED: "diverged",
    NOT_FINITE: "not finite",
    NOT_COMPUTED: "not computed yet",
}
_SHOWN = 12
_SHOWN_PARAMS = 6


@dataclass(frozen=True)
class Basin:
    """The starts that end in one place, and that place.

    Parameters
    ----------
    params
        All parameters there, by flat name, those that are held among them.
    loss
        The loss there.
    kind
        ``minimum``; ``flat``, if the loss stays the same in some direction; ``saddle`` or ``maximum``, where only
        starts that stand on its ridges come to rest.
    share
        How many of the starts end there, 0 … 1.
    """

    params: Mapping[str, float]
    loss: float
    kind: str
    share: float


@dataclass(frozen=True, eq=False)
class Basins:
    """Which start ends in which minimum.

    Parameters
    ----------
    dataset
        Dimensions ``y``, ``x`` of a map over two parameters, ``x`` of a strip over one, ``start`` of random starts;
        the coordinates ``x`` and ``y`` hold the starts, the attributes ``x_name`` and ``y_name`` say of what.
        Variables:

        - ``ending``: index into ``minima``, or `NOT_CONVERGED`, `DIVERGED`, `NOT_FINITE`, `NOT_COMPUTED`;
        - ``steps_taken``, ``loss`` at the end, ``start_loss``;
        - ``params`` […, param] at the end; of random starts also ``start_params`` [start, param];
        - ``status``: index into `STATUSES`, by which rule the descent ended;
        - ``minimum_params`` [minimum, parameter], ``minimum_loss``, ``minimum_kind``, ``minimum_share`` [minimum].
    problem
        What was made small.
    held
        The values of the parameters that do not move, by name.
    settings
        ``box``, ``resolution`` or ``starts`` and ``seed``, ``optimizer``, ``optimizer_config``, ``learning_rate``,
        ``steps``, ``stop``, ``dtype``, ``tolerance``, ``versions``, ``seconds``.
    warnings
        What the user should know about the outcome; empty when all is well.
    """

    dataset: xr.Dataset
    problem: Problem
    held: Mapping[str, float] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Note, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters that move, in the order of the box."""
        return tuple(str(name) for name in self.dataset["param"].values)

    @property
    def box(self) -> dict[str, tuple[float, float]]:
        """The box of the starts."""
        return {name: (float(low), float(high)) for name, (low, high) in self.settings["box"].items()}

    @property
    def is_map(self) -> bool:
        """Whether the starts are the pixels of a map over two parameters."""
        return "y" in self.dataset.dims

    @property
    def is_strip(self) -> bool:
        """Whether the starts stand on a line over one parameter."""
        return "x" in self.dataset.dims and not self.is_map

    @property
    def ending(self) -> np.ndarray:
        """Index of the minimum of each start, or one of the negative numbers: [y, x], [x] or [start]."""
        return self.dataset["ending"].values

    @property
    def minima(self) -> tuple[Basin, ...]:
        """Where starts end, the lowest loss first; places that mirror each other each on its own."""
        names = [str(name) for name in self.dataset["parameter"].values]
        columns = (self.dataset[f"minimum_{key}"].values.tolist() for key in ("params", "loss", "kind", "share"))
        rows = zip(*columns, strict=True)
        return tuple(Basin(dict(zip(names, row, strict=True)), *rest) for row, *rest in rows)

    @property
    def not_converged(self) -> float:
        """Share of the starts that ran out of steps on the way."""
        return self._share(NOT_CONVERGED)

    @property
    def diverged(self) -> float:
        """Share of the starts whose loss left every bound."""
        return self._share(DIVERGED)

    @property
    def not_finite(self) -> float:
        """Share of the starts whose loss or gradient became NaN or infinite."""
        return self._share(NOT_FINITE)

    @property
    def computed(self) -> float:
        """Share of the starts that are computed: 1 unless it was interrupted."""
        return float(np.mean(self.ending != NOT_COMPUTED))

    @property
    def starts(self) -> np.ndarray:
        """Where each descent begins, [start, param], in the order of ``ending.ravel()``."""
        if "start_params" in self.dataset:
            return self.dataset["start_params"].values
        axes = [self.dataset[name].values for name in ("x", "y")[: len(self.names)]]
        return np.stack([axis.ravel() for axis in np.meshgrid(*axes)], axis=1)

    def at(self, start: Mapping[str, float]) -> int:
        """Return the ``ending`` of the start nearest to this one.

        Parameters
        ----------
        start
            A value for every parameter of the box.
        """
        widths = np.array([high - low for low, high in self.box.values()])
        away = (self.starts - np.array([float(start[name]) for name in self.names])) / widths
        return int(self.ending.ravel()[np.argmin((away**2).sum(1))])

    def __repr__(self) -> str:
        header, *rows = self.table()
        widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
        lines = [*self.headlines(), ""]
        for row in (header, *rows) if rows else ():
            lines.append("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        lines += [
            *self.remainder(),
            *(["", *(f"Warning: {note.text}" for note in self.warnings)] * bool(self.warnings)),
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        (head, what), (header, *rows) = self.headlines(), self.table()
        cells = "".join(f"<th>{html.escape(cell)}</th>" for cell in header)
        body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        notes = "".join(f"<p>⚠ {html.escape(note.text)}</p>" for note in self.warnings)
        more = "".join(f"<p>{html.escape(line)}</p>" for line in self.remainder())
        above = f"<p><b>{html.escape(head)}</b></p><p>{html.escape(what)}</p>"
        return f"{above}<table><tr>{cells}</tr>{body}</table>{more}{notes}"

    def headlines(self) -> list[str]:
        """Return how many places there are, and what went there how."""
        count, arrived = len(self.minima), sum(basin.share for basin in self.minima)
        one, many = ("place", "places") if {each.kind for each in self.minima} - {"minimum"} else ("minimum", "minima")
        head = f"{count} {one if count == 1 else many}, where {percent(arrived)} of the starts end."
        sides = ", ".join(f"{name} from {low:.4g} to {high:.4g}" for name, (low, high) in self.box.items())
        size = " × ".join(f"{size:,}" for size in self.ending.shape[::-1])
        optimizer = ", ".join(self.way())
        return [
            head if count else "No start came to rest.",
            f"{self.problem.title}, {optimizer}: {sides} ({size} starts)",
        ]

    def way(self) -> list[str]:
        """Return how it went downhill, in a few words."""
        rates = self.settings.get("learning_rate")
        rate = [f"learning rate {rates[0]:.4g}"] if rates else []
        return [str(self.settings["optimizer"]), *rate, f"{self.settings['steps']:,} steps"]

    def table(self) -> list[list[str]]:
        """Return a header and one line for each of the lowest minima."""
        names = list(self.dataset["parameter"].values)[:_SHOWN_PARAMS]
        more = ["…"] if self.dataset.sizes["parameter"] > len(names) else []
        rows = [["rank", "kind", "share", "loss", *map(str, names), *more]]
        for rank, basin in enumerate(self.minima[:_SHOWN], start=1):
            values = [f"{basin.params[str(name)]:.6g}" for name in names]
            rows.append([str(rank), basin.kind, percent(basin.share), f"{basin.loss:.6g}", *values, *more])
        return rows

    def remainder(self) -> list[str]:
        """Return what the table has no room for: further minima, and the starts that reached none."""
        rest = self.minima[_SHOWN:]
        lines = [f"… {len(rest)} more with {percent(sum(each.share for each in rest))} of the starts"] if rest else []
        missed = {_WORDS[code]: self._share(code) for code in (NOT_CONVERGED, DIVERGED, NOT_FINITE)}
        said = [f"{word} {percent(share)}" for word, share in missed.items() if share]
        said += [f"{_WORDS[NOT_COMPUTED]} {percent(1 - self.computed)} of all"] if self.computed < 1 else []
        return [*lines, *([", ".join(said)[:1].upper() + ", ".join(said)[1:]] if said else [])]

    def _share(self, code: int) -> float:
        """Return the share of a code among the starts that are computed."""
        return float(np.sum(self.ending == code)) / max(1, int(np.sum(self.ending != NOT_COMPUTED)))


def percent(share: float) -> str:
    """Write a share with about three digits, never as nothing or all unless it is.

    Examples
    --------
    >>> percent(0.25), percent(0.00002), percent(0.99999), percent(1)
    ('25 %', '0.002 %', '99.999 %', '100 %')
    """
    if share in (0, 1):
        return f"{100 * share:.0f} %"
    for digits in range(1, 7):
        text = f"{100 * share:.{digits}f}"
        if float(text) not in (0, 100):
            break
    return f"{float(text):g} %"
