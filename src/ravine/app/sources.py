"""Sources: where the data on the page come from. A sketch is a recipe, own data are the numbers themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ravine.app import quotas
from ravine.errors import DataError, ProblemError
from ravine.problem import Problem
from ravine.table import read_table

Values = tuple[tuple[str, float], ...]
"""Values by name, in an order: ``(("a", 2.0), ("b", 4.5))``."""


@dataclass(frozen=True)
class Sketch:
    """Noisy data made with a formula: y = f(x; truth) + noise·N(0, 1).

    Parameters
    ----------
    formula
        ``y = …`` over one column.
    truth
        A value for every parameter.
    low, high, points
        The column: so many even values.
    noise
        Standard deviation of the normal noise.
    seed
        Of the noise.

    Examples
    --------
    >>> Sketch("y = a*x", (("a", 2.0),), 0.0, 1.0, 3, 0.0, 0).columns()["y"].tolist()
    [0.0, 1.0, 2.0]
    """

    formula: str
    truth: Values
    low: float
    high: float
    points: int
    noise: float
    seed: int

    @property
    def names(self) -> tuple[str, str]:
        """The column and the response."""
        return _names_of(self.formula, self.truth)

    def columns(self) -> dict[str, np.ndarray]:
        """Return both columns, [point] each."""
        x, y = self.names
        across = np.linspace(self.low, self.high, self.points)
        exact = Problem(self.formula, {x: across, y: across}).predict(dict(self.truth))
        return {x: across, y: exact + np.random.default_rng(self.seed).normal(0.0, self.noise, self.points)}

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "kind": "sketch",
            "formula": self.formula,
            "truth": dict(self.truth),
            "low": self.low,
            "high": self.high,
            "points": self.points,
            "noise": self.noise,
            "seed": self.seed,
        }


@dataclass(frozen=True)
class Own:
    """Columns of the user's own: name → numbers, [point] each."""

    name: str
    values: tuple[tuple[str, tuple[float, ...]], ...]

    def columns(self) -> dict[str, np.ndarray]:
        """Return the columns, [point] each."""
        return {name: np.array(column, float) for name, column in self.values}

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {"kind": "own", "name": self.name, "columns": {name: list(column) for name, column in self.values}}


Source = Sketch | Own


def of_json(given: Any) -> Source | None:
    """Read what `as_json` wrote, or what somebody made up.

    Raises
    ------
    RavineError
        If it is something else, or too much.
    """
    if given is None:
        return None
    kind = given.get("kind") if isinstance(given, Mapping) else None
    if kind == "sketch":
        return _sketch(given)
    if kind == "own":
        return own(
            quotas.check_length("data: name", given.get("name", "data"), quotas.NAME_LENGTH), given.get("columns")
        )
    raise DataError("data: expected a sketch or columns of your own, got something else. Load an example to begin.")


def own(name: str, columns: Any) -> Own:
    """Return columns of numbers as own data.

    Raises
    ------
    DataError
        If they are no columns of numbers of one length, or too many.
    """
    if not isinstance(columns, Mapping) or not columns:
        raise DataError("data: expected columns of numbers by name, got none.")
    if not all(isinstance(column, list | tuple | np.ndarray) for column in columns.values()):
        raise DataError("data: expected a list of numbers for each column, got something else.")
    quotas.check_rows(max(map(len, columns.values())), len(columns))
    found = []
    for column_name, column in columns.items():
        quotas.check_length("data: column name", column_name, quotas.NAME_LENGTH)
        if not column_name.isprintable():
            raise DataError("data: expected printable column names, got one with control characters. Rename it.")
        found.append((column_name, tuple(_number(column_name, value) for value in column)))
    read_table(dict(found))  # refuses columns of unequal length, twins and nameless ones
    return Own(name, tuple(found))


def read_upload(name: str, data: bytes) -> Own:
    """Read an uploaded text table; rows that lack a number are left out.

    Raises
    ------
    DataError
        If it is too large, no text table, or has no two columns of numbers.
    """
    if len(data) > quotas.UPLOAD_BYTES:
        raise DataError(
            f"upload: expected a file of at most {quotas.UPLOAD_BYTES / 1e6:g} MB, got {len(data) / 1e6:.1f} MB. "
            "Leave rows or columns out, or use the ravine command."
        )
    if not data.strip() or b"\0" in data or data.startswith((b"PK\x03\x04", b"PAR1\x15", b"\x1f\x8b", b"%PDF-", b"<")):
        raise DataError("upload: expected a table as text (CSV, TSV), got something else. Save it as CSV.")
    from ravine.table.text import read_text

    raw = read_text("upload", data)
    quotas.check_rows(max(map(len, raw.cells)), len(raw.names))
    table = read_table({str(name): cells for name, cells in zip(raw.names, raw.cells, strict=True)}, "omit")
    numbers = {name: table.columns[name] for name in table.names if name in table.columns}
    if len(numbers) < 2 or not len(table):
        raise DataError("upload: expected two columns of numbers or more, got fewer. Check the table.")
    return own(_short_name(name), numbers)


def _short_name(name: Any) -> str:
    """Return a file's name without folders and control characters."""
    text = str(name).replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in text if letter.isprintable())[: quotas.NAME_LENGTH] or "data"


def _number(column: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise DataError(f"data, column '{column}': expected numbers, got {type(value).__name__}.")
    return quotas.number(f"data, column '{column}'", float(value))


def _sketch(given: Mapping[str, Any]) -> Sketch:
    formula = quotas.check_formula(given.get("formula"))
    truth = values_of("truth", given.get("truth"))
    low, high = (quotas.number(f"data: {name}", given.get(name), -1e9, 1e9) for name in ("low", "high"))
    if not low < high:
        raise ProblemError(f"data: expected the range of x to rise, got {low:g} to {high:g}.")
    points = quotas.whole("data: points", given.get("points"), 2, quotas.ROWS)
    noise = quotas.number("data: noise", given.get("noise"), 0.0, 1e9)
    sketch = Sketch(formula, truth, low, high, points, noise, quotas.whole("data: seed", given.get("seed"), 0, 2**31))
    _names_of(formula, truth)
    return sketch


def _names_of(formula: str, truth: Values) -> tuple[str, str]:
    """Return the column and the response of a formula whose parameters have these values."""
    from ravine.formula import Formula

    read = Formula(formula)
    known = {name for name, _ in truth}
    columns = [name for name in read.names if name not in known and name not in ("pi", "e")]
    if len(columns) != 1 or len(read.response_names) != 1:
        raise ProblemError(
            "data: expected a formula such as y = a*x + b, with one column x and a true value for each parameter, "
            f"got '{formula}' and values for {', '.join(known) or 'none'}."
        )
    return columns[0], read.response_names[0]


def values_of(where: str, given: Any) -> Values:
    """Return finite values by name from a mapping.

    Raises
    ------
    ProblemError
        If it is none, or holds too many.
    """
    if not isinstance(given, Mapping):
        raise ProblemError(f"{where}: expected values by name, got {type(given).__name__}.")
    quotas.check_count(where, given, quotas.PARAMETERS)
    return tuple(
        (quotas.check_length(f"{where}: name", name, quotas.NAME_LENGTH), quotas.number(f"{where}: {name}", value))
        for name, value in given.items()
    )
