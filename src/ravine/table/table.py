"""Table: named columns of numbers, and clear words where a cell is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ravine.errors import DataError, did_you_mean
from ravine.table.column import Column, Trouble
from ravine.table.naming import aliases_of, split_unit

_SHOWN = 20


@dataclass(frozen=True, eq=False)
class Table:
    """Named columns with one number (or array) per point.

    A column that can't be used, because it holds text or dates, does no harm until someone asks for it.

    Parameters
    ----------
    source
        The file's name, "data" for a table from memory.
    parts
        All columns, in the source's order.
    rows
        The number of every point's row, as the source counts rows, [point].
    counting
        How the rows are counted, where it isn't plain: "counted from 0".
    nan_policy
        "raise": asking for a column with a missing or infinite number is an error. "omit": points where any
        usable column lacks a number are left out.
    reading_notes
        What the user should know about how the source was read.

    Examples
    --------
    >>> from ravine.table import read_table
    >>> table = read_table({"x": [1, 2, 3], "y": [2.5, float("nan"), 4.5]}, nan_policy="omit")
    >>> table["y"]
    array([2.5, 4.5])
    >>> table.select(["x"])["x"]
    array([1., 2., 3.])
    """

    source: str
    parts: tuple[Column, ...]
    rows: Sequence[int] | np.ndarray
    counting: str = ""
    nan_policy: str = "raise"
    reading_notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns, usable or not."""
        return tuple(part.name for part in self.parts)

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Names a formula can write for columns whose own names it can't: alias → column."""
        return aliases_of(self.names)

    @cached_property
    def kept(self) -> np.ndarray:
        """Which points of the source are in the table, counted from 0, [point]."""
        keep = np.ones(len(self.rows), dtype=bool)
        for part in self._readable() if self.nan_policy == "omit" else ():
            keep &= part.finite
        return np.flatnonzero(keep)

    @property
    def points(self) -> int:
        """Number of points."""
        return len(self.kept)

    @cached_property
    def columns(self) -> dict[str, np.ndarray]:
        """The usable columns by name, float64 [point, …]."""
        usable = [part for part in self._readable() if self.nan_policy == "omit" or part.finite.all()]
        whole = self.points == len(self.rows)
        return {part.name: part.values if whole else part.values[self.kept] for part in usable}

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know about the table, one sentence each."""
        left_out = len(self.rows) - self.points
        if not left_out:
            return self.reading_notes
        rows = "1 row" if left_out == 1 else f"{left_out} rows"
        return (*self.reading_notes, f"{self.source}: {rows} with missing or infinite values left out.")

    def alias(self, name: str) -> str | None:
        """Return the column that a name in a formula means: its own name or an alias; None when there is none.

        Examples
        --------
        >>> from ravine.table import read_table
        >>> read_table({"time (s)": [0, 1]}).alias("time")
        'time (s)'
        """
        return name if name in self.names else self.aliases.get(name)

    def unit(self, name: str) -> str:
        """Return the unit that the column's name tells, "" when it tells none.

        Examples
        --------
        >>> from ravine.table import read_table
        >>> read_table({"time (s)": [0, 1]}).unit("time")
        's'
        """
        return split_unit(self._part(name).name)[1]

    def where(self, point: int) -> str:
        """Return where a point stands in the source, to begin a message with.

        Examples
        --------
        >>> from ravine.table import read_table
        >>> read_table({"x": [1, 2]}).where(1)
        'data, row 1 (counted from 0)'
        """
        return self._row(int(self.kept[point]))

    def select(self, names: Iterable[str]) -> Table:
        """Return a table of these columns only; with "omit", rows that lack a number elsewhere come back.

        Raises
        ------
        DataError
            If there is no such column.
        """
        return replace(self, parts=tuple(dict.fromkeys(self._part(name) for name in names)))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.alias(name) is not None

    def __getitem__(self, name: str) -> np.ndarray:
        """Return a column by name or alias, float64 [point, …].

        Raises
        ------
        DataError
            If there is no such column, it holds something else than numbers, or numbers are missing.
        """
        part = self._part(name)
        if part.trouble is not None:
            raise self._refused(part, part.trouble)
        if self.nan_policy == "raise" and not part.finite.all():
            raise self._incomplete(part)
        if not self.points:
            raise DataError(f"{self.source}: expected rows with a number in every column, got none. Fill the gaps.")
        return self.columns[part.name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return self.points

    def __repr__(self) -> str:
        points = "1 point" if self.points == 1 else f"{self.points} points"
        shown = self.parts[:_SHOWN]
        width = max((len(part.name) for part in shown), default=0)
        lines = [f"  {part.name.ljust(width)}  {self._summary(part)}" for part in shown]
        more = [f"  … {len(self.parts) - _SHOWN} more columns"] if len(self.parts) > _SHOWN else []
        return "\n".join([f"{self.source}: {points}", *lines, *more, *self.notes])

    def _readable(self) -> list[Column]:
        return [part for part in self.parts if part.trouble is None]

    def _part(self, name: str) -> Column:
        meant = self.alias(str(name))
        for part in self.parts:
            if part.name == meant:
                return part
        hint = did_you_mean(str(name), [*self.names, *self.aliases]) or " Name one of these."
        raise DataError(f"{self.source}: expected a column out of {_listed(self.names)}, got {name!r}.{hint}")

    def _summary(self, part: Column) -> str:
        if part.name not in self.columns or not self.columns[part.name].size:
            return f"not usable: {part.trouble.got}" if part.trouble else "not usable: missing or infinite values"
        values = self.columns[part.name]
        return f"{values.min():.6g} … {values.max():.6g}"

    def _row(self, position: int) -> str:
        counting = f" ({self.counting})" if self.counting else ""
        return f"{self.source}, row {self.rows[position]}{counting}"

    def _refused(self, part: Column, trouble: Trouble) -> DataError:
        if trouble.position is None:
            return DataError(f"{self.source}, column {part.name!r}: expected numbers, got {trouble.got}. {trouble.fix}")
        where = f"{self._row(trouble.position)}, column {part.name!r}"
        return DataError(f"{where}: expected a number, got {trouble.got}. {trouble.fix}")

    def _incomplete(self, part: Column) -> DataError:
        first = int(np.argmin(part.finite))
        others = int(np.count_nonzero(~part.finite)) - 1
        got = "a missing value" if np.isnan(part.values[first]).any() else "an infinite value"
        more = f" (and {others} more such row{'s' if others > 1 else ''})" if others else ""
        return DataError(
            f"{self._row(first)}, column {part.name!r}: expected a number, got {got}{more}. "
            "Fill it in, or leave such rows out (nan_policy omit)."
        )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(repr(name) for name in names[:_SHOWN]) + more
