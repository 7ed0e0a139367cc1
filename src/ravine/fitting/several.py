"""Several data sets in one fit: some parameters shared, of the others one copy for every set.

A column says which set a row belongs to. Each set gets an indicator column, 1 in its rows and 0 elsewhere, and in the
formula a parameter that isn't shared becomes the sum of its copies, each times its set's indicator:

    y = a·exp(−k·x)  →  y = (a_1·run_1 + a_2·run_2)·exp(−k·x).

What was linear in a parameter stays linear in its copies, which a ``where`` would hide.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ravine.errors import DataError, FormulaError, ProblemError, did_you_mean
from ravine.fitting.parameters import Parameter, from_lmfit
from ravine.formula import Formula, Name
from ravine.formula.tree import replace_names
from ravine.model import Tree
from ravine.problem import Problem
from ravine.table import Table, read_table
from ravine.table.column import MISSING, Column
from ravine.table.files import read_file
from ravine.table.naming import tidy, to_identifier

Value = TypeVar("Value")
_MOST = 60  # sets; a formula has at most 200 names


@dataclass(frozen=True)
class Several:
    """A problem over several data sets.

    Parameters
    ----------
    problem
        Over all rows, with a copy of every parameter that isn't shared.
    alone
        The formula as it was written, over the same rows.
    sets
        The names of the sets as the table gives them.
    copies
        The names of a parameter's copies in the order of the sets; a shared one has no entry.
    rows
        Which points belong to each set, [set][point].
    """

    problem: Problem
    alone: Problem
    sets: tuple[str, ...]
    copies: Mapping[str, tuple[str, ...]]
    rows: tuple[np.ndarray, ...]

    def spread(self, asked: Mapping[str, Value]) -> dict[str, Value]:
        """Return what is asked of parameters (starts, bounds, …) for their copies too.

        What is said of one copy goes before what is said of all.

        Examples
        --------
        >>> data = {"run": [1, 1, 2, 2], "x": [0, 1, 0, 1], "y": [1, 2, 3, 4]}
        >>> found = several("y = a*x + b", data, "run", ["a"])
        >>> found.spread({"a": 1.0, "b": 2.0, "b_2": 3.0})
        {'a': 1.0, 'b_1': 2.0, 'b_2': 3.0}
        """
        everywhere = {copy: value for name, value in asked.items() for copy in self.copies.get(name, (name,))}
        return everywhere | {name: value for name, value in asked.items() if name not in self.copies}

    def spread_ties(self, ties: Mapping[str, Any]) -> dict[str, Any]:
        """Return ties for the copies too: a set's copy follows from the copies of the same set.

        Examples
        --------
        >>> data = {"run": [1, 1, 2, 2], "x": [0, 1, 0, 1], "y": [1, 2, 3, 4]}
        >>> several("y = a*x + b", data, "run").spread_ties({"a": "2*b"})
        {'a_1': '2*b_1', 'a_2': '2*b_2'}
        """
        found: dict[str, Any] = {}
        for name, text in ties.items():
            if name in self.copies:
                found |= {copy: self._tie_of_set(text, k) for k, copy in enumerate(self.copies[name])}
        return found | {name: text for name, text in ties.items() if name not in self.copies}

    def spread_params(self, params: Mapping[str, Any]) -> dict[str, Parameter]:
        """Return what lmfit's words ask of the copies too; an expression follows the copies of the same set.

        Examples
        --------
        >>> data = {"run": [1, 1, 2, 2], "x": [0, 1, 0, 1], "y": [1, 2, 3, 4]}
        >>> spread = several("y = a*x + b", data, "run").spread_params({"a": {"expr": "2*b"}, "b": 3})
        >>> spread["a_2"].expr, spread["b_2"].value
        ('2*b_2', 3.0)
        """
        asked = {name: from_lmfit(name, given) for name, given in params.items()}
        ties = self.spread_ties({name: each.expr for name, each in asked.items() if each.expr is not None})
        everywhere = self.spread(asked)
        return {name: replace(each, expr=each.expr and ties[name]) for name, each in everywhere.items()}

    def _tie_of_set(self, text: Any, number: int) -> Any:
        try:
            tree = Formula(text).model
        except FormulaError:
            return text  # refused where ties are read
        return str(replace_names(tree, {name: Name(copies[number]) for name, copies in self.copies.items()}))

    def of_set(self, values: Mapping[str, Value], number: int) -> dict[str, Value]:
        """Return the values that hold in one set, under the names of the formula as it was written.

        Examples
        --------
        >>> data = {"run": [1, 1, 2, 2], "x": [0, 1, 0, 1], "y": [1, 2, 3, 4]}
        >>> several("y = a*x + b", data, "run", ["a"]).of_set({"a": 1.0, "b_1": 2.0, "b_2": 3.0}, 1)
        {'a': 1.0, 'b': 3.0}
        """
        return {name: values[self.copies[name][number] if name in self.copies else name] for name in self.alone.names}

    def start(self, fit_one: Callable[[Problem], Mapping[str, float]]) -> dict[str, float]:
        """Return a start: its own parameters as found in each set by itself, the shared ones at their median there.

        Parameters
        ----------
        fit_one
            Returns the values fitted to the problem of one set.
        """
        each = [fit_one(self.alone.at_points(rows)) for rows in self.rows]
        found = {name: float(np.median([values[name] for values in each])) for name in self.alone.names}
        own = {copy: each[k][name] for name, copies in self.copies.items() for k, copy in enumerate(copies)}
        return {name: {**found, **own}[name] for name in self.problem.names}


def several(formula: str | Formula, data: Any, by: str, shared: Iterable[str] = (), **options: Any) -> Several:
    """Return the problem of one formula over several data sets.

    Parameters
    ----------
    formula
        As for one set.
    data
        A table of all sets together, as for `Problem`.
    by
        The column that names each row's set, by text or number.
    shared
        Parameters with one value for all sets.
    options
        Of `Problem`: loss, sigma, bounds (of a parameter or of one of its copies), nan_policy.

    Raises
    ------
    FormulaError, DataError, ProblemError
        With one sentence each.

    Examples
    --------
    >>> data = {"run": ["cold", "cold", "hot", "hot"], "x": [0, 1, 0, 1], "y": [1, 2, 1, 5]}
    >>> several("y = a*x + b", data, "run", ["b"]).problem.title
    'y = (a_cold*run_cold + a_hot*run_hot)*x + b'
    """
    bounds = options.pop("bounds", None)
    table = read_table(data, options.get("nan_policy", "raise"))
    alone = Problem(formula, table, **options)
    if not isinstance(alone.model, Tree) or alone.table is None:
        raise ProblemError(f"several: expected a formula, got '{alone.title}'. Write the model as text.")
    labels = _labels(data, table, by)
    sets, number = np.unique(labels, return_inverse=True)
    _check_sets(by, sets)
    own = _own(alone, shared)
    texts = [_text(label) for label in sets]
    taken = {*table.names, *table.aliases, *alone.model.names, *alone.response_names}
    indicators = _names(to_identifier(by), texts, taken)
    copies = {name: _names(name, texts, taken) for name in own}
    written = alone.model.formula.substitute({name: _sum(copies[name], indicators) for name in own})
    problem = alone
    if own:
        problem = Problem(written, _with_indicators(table, indicators, number), **options)
    kept = number[alone.table.kept]
    found = Several(problem, alone, tuple(texts), copies, tuple(np.flatnonzero(kept == k) for k in range(len(sets))))
    return replace(found, problem=problem.bounded(found.spread(bounds))) if bounds else found


def _own(alone: Problem, shared: Iterable[str]) -> list[str]:
    """Return the parameters that every set has for itself."""
    shared = [shared] if isinstance(shared, str) else list(shared)
    for name in shared:
        if name not in alone.names:
            raise ProblemError(
                f"shared: expected parameters among {', '.join(alone.names)}, got '{name}'."
                + did_you_mean(str(name), alone.names)
            )
    return [name for name in alone.names if name not in shared]


def _labels(data: Any, table: Table, by: str) -> np.ndarray:
    """Return the set of every row of the source, numbers or texts, [row]."""
    name = table.alias(by)
    if name is None:
        hint = did_you_mean(str(by), table.names)
        raise DataError(f"{table.source}: expected a column out of {', '.join(table.names)}, got {by!r}.{hint}")
    part = next(part for part in table.parts if part.name == name)
    if part.trouble is None and part.values.ndim == 1:
        labels = part.values
        missing = ~part.finite
    else:
        labels = np.array([str(cell).strip() for cell in _cells(data, name)])
        missing = np.isin(labels, MISSING)
    if len(labels) != len(table.rows):
        raise DataError(f"{table.source}, column {name!r}: expected the name of a set in each row, got something else.")
    if missing.any():
        row = table.rows[int(np.argmax(missing))]
        where = f"{table.source}, row {row}, column {name!r}"
        raise DataError(f"{where}: expected the name of a set, got none. Fill it in.")
    return labels


def _cells(data: Any, name: str) -> Sequence[Any]:
    """Return a column's cells as the source has them: a table keeps numbers only."""
    if isinstance(data, Table):
        raise DataError(
            f"{data.source}, column {name!r}: expected numbers that tell the sets apart, got text. "
            "Give the file, DataFrame or dict itself."
        )
    if isinstance(data, str | os.PathLike):
        raw = read_file(Path(os.path.expanduser(os.fsdecode(data))))
        return raw.cells[tidy(raw.names).index(name)]
    return next(data[key] for key in data if str(key).strip() == name)


def _check_sets(by: str, sets: np.ndarray) -> None:
    if not 2 <= len(sets) <= _MOST:
        raise ProblemError(
            f"several: expected 2 to {_MOST} different sets in column '{by}', got {len(sets)}. "
            "Each distinct value there is a set."
        )


def _text(label: Any) -> str:
    return repr(float(label)).removesuffix(".0").replace("-", "minus ") if isinstance(label, float) else str(label)


def _names(stem: str, texts: Sequence[str], taken: set[str]) -> tuple[str, ...]:
    """Return one name per set that nothing else has, and take it."""
    found = []
    for number, text in enumerate(texts, 1):
        name = to_identifier(f"{stem}_{text}") if text else f"{stem}_{number}"
        while name in taken:
            name += "_"
        taken.add(name)
        found.append(name)
    return tuple(found)


def _sum(copies: Collection[str], indicators: Collection[str]) -> Formula:
    return Formula(" + ".join(f"{copy}*{indicator}" for copy, indicator in zip(copies, indicators, strict=True)))


def _with_indicators(table: Table, names: Sequence[str], number: np.ndarray) -> Table:
    columns = tuple(Column(name, (number == k).astype(float), len(number)) for k, name in enumerate(names))
    return replace(table, parts=(*table.parts, *columns))
