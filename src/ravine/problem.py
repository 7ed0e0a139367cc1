"""Problem: what to make small."""

from __future__ import annotations

import copy
import math as constants
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ravine import hints, limits, losses, model, observations
from ravine.errors import ProblemError, did_you_mean
from ravine.formula import Formula, math_numpy
from ravine.notes import Note
from ravine.observations import CONSTANTS, numbers
from ravine.table import read_table

_CHUNK = 2**18  # elements of [point, row] at a time: about what fits the second-level cache


class Problem:
    """A formula with parameters, a table, and how far the one is from the other.

    Parameters
    ----------
    formula
        ``"y = sin(b*cos(a*x))"`` with a table; an expression such as ``"(x - 50)**2"`` without; or a callable whose
        argument names are columns and parameters (defaults are starts), written with NumPy or TensorFlow.
    data
        Path, DataFrame, mapping of arrays ([point] or [point, …]) or `Table`; None to minimize the formula itself.
    loss
        A name (``"mse"``, ``"half_sse"``, ``"sse"``, ``"mae"``, ``"huber"``, ``"log_cosh"``, ``"cauchy"``,
        ``"binary_crossentropy"``, …), or any Keras loss; None is mse. Only with data.
    sigma
        Standard deviation of each observation: a column's name, a number, or an array [point]. Weights 1/σ.
    bounds
        ``{"a": (low, high)}``; None for an open side.
    response
        For a callable: the column it predicts (default: the only column that isn't an argument).
    nan_policy
        ``"raise"`` or ``"omit"`` rows with missing values.

    Raises
    ------
    FormulaError, DataError, ProblemError
        With one sentence each.

    Examples
    --------
    >>> problem = Problem("y = a*x + b", {"x": [0.0, 1.0], "y": [1.0, 3.0]})
    >>> problem.names
    ('a', 'b')
    >>> problem.losses([[2.0, 1.0], [0.0, 1.0]]).tolist()
    [0.0, 2.0]
    """

    def __init__(
        self,
        formula: str | Formula | Callable[..., Any],
        data: Any = None,
        *,
        loss: Any = None,
        sigma: Any = None,
        bounds: Mapping[str, tuple[float | None, float | None]] | None = None,
        response: str | None = None,
        nan_policy: str = "raise",
    ) -> None:
        self.table = None if data is None else read_table(data, nan_policy)
        self.loss = self._read_loss(loss)
        self.model, self.defaults = model.of(formula, self.table)
        self.function = None if formula is self.model or isinstance(formula, str | Formula) else formula
        self._name_parameters({})
        self._unused = self._unused_columns()
        self.response_names = observations.find_response(self.model, self.table, response)
        if self.table is not None:
            with_sigma = [sigma] if isinstance(sigma, str) else []
            self.table = self.table.select([*self.variables, *self.response_names, *with_sigma])
        self.columns = {name: self.table[name] for name in self.variables} if self.table else {}
        self.observed, self.response_label = observations.observe(self.model, self.table, self.response_names)
        self.sigma = observations.read_sigma(sigma, self.table, self.loss)
        self.bounds = self._checked(bounds or {})
        self._check_shapes_of_columns()

    # -- names ------------------------------------------------------------------------------------------------

    @property
    def has_data(self) -> bool:
        """Whether there is a table."""
        return self.table is not None

    @property
    def is_readable(self) -> bool:
        """Whether NumPy alone can evaluate it: a formula (typed or traced) under one of ravine's own losses."""
        return isinstance(self.model, model.Tree) and self.loss.keras is None

    @property
    def is_callable(self) -> bool:
        """Whether its model can be evaluated at all: a Python function that went through a file can't."""
        return isinstance(self.model, model.Tree) or self.model.function is not None

    @property
    def title(self) -> str:
        """The formula's text."""
        return self.model.text

    @property
    def names(self) -> tuple[str, ...]:
        """Flat names of the parameters: ``a``, or ``w[0,1]`` for an element of an array."""
        return tuple(
            name if not shape else f"{name}[{','.join(map(str, index))}]"
            for name, shape in self.shapes.items()
            for index in np.ndindex(*shape)
        )

    @property
    def notes(self) -> tuple[Note, ...]:
        """What the user should know before anything is computed."""
        said = [Note("table", text) for text in (self.table.notes if self.table else ())]
        said += [
            Note("constant-name", f"'{name}' is {kind} here, not the number {value:.6g}.")
            for name, value in CONSTANTS.items()
            for kind, there in (("the column", name in self.variables), ("a parameter", name in self.shapes))
            if there
        ]
        return tuple(said)

    def near_names(self) -> tuple[Note, ...]:
        """Return a note for each parameter that may be a mistyped column or function: ask when nobody named it."""
        return hints.near_names(self.shapes, self._unused) if self.function is None else ()

    def label(self, name: str) -> str:
        """Return an axis label: the name, with its unit if the table gives one."""
        return observations.label(self.table, name)

    def declare(self, shapes: Mapping[str, tuple[int, ...]]) -> Problem:
        """Return this problem with parameters of these shapes; ``pi`` or ``e`` among them is a parameter then.

        Raises
        ------
        ProblemError
            If a name is no parameter of the formula.
        """
        known = self.model.names
        for name in shapes:
            if name not in known or name in self.variables:
                raise ProblemError("start: " + self._unknown_parameter(name))
        if any(shapes.values()) and self.function is None and isinstance(self.model, model.Tree):
            name, shape = next((name, shape) for name, shape in shapes.items() if shape)
            raise ProblemError(
                f"start: expected one number for '{name}', got shape {list(shape)}. "
                "Give several starts as a list; arrays need a callable instead of a formula."
            )
        other = copy.copy(self)
        if self.function is not None and any(shapes.values()):
            other.model = model.of_callable(self.function, may_trace=False)[0]  # a formula knows numbers only
        other._name_parameters(shapes)
        return other

    def rewritten(self, formula: Formula, names: Sequence[str]) -> Problem:
        """Return this problem with another formula for the same response, whose free parameters these are."""
        other = copy.copy(self)
        other.model, other.function, other.bounds = model.Tree(formula), None, {}
        other._name_parameters(dict.fromkeys(names, ()))
        other.columns = {name: self.columns[name] for name in other.variables}
        return other

    def at_points(self, index: np.ndarray) -> Problem:
        """Return this problem with these points of the table only."""
        assert self.observed is not None
        other = copy.copy(self)
        other.columns = {name: column[index] for name, column in self.columns.items()}
        other.observed = self.observed[index]
        other.sigma = None if self.sigma is None else self.sigma[index]
        return other

    def with_columns(self, columns: Mapping[str, Any]) -> Problem:
        """Return this problem for other inputs; nothing is observed there, so its residuals are predictions."""
        other = copy.copy(self)
        other.columns = {name: np.atleast_1d(numbers(name, columns[name])) for name in self.variables}
        points = max((len(column) for column in other.columns.values()), default=1)
        other.observed, other.sigma = np.zeros(points), None
        return other

    def bounded(self, bounds: Mapping[str, tuple[float | None, float | None]]) -> Problem:
        """Return this problem with these bounds instead of its own."""
        other = copy.copy(self)
        other.bounds = other._checked(bounds)
        return other

    # -- numbers ----------------------------------------------------------------------------------------------

    def row(self, params: Mapping[str, Any]) -> np.ndarray:
        """Return [param] from values by name: flat names (``w[0,1]``) or whole arrays.

        Raises
        ------
        ProblemError
            If a parameter is missing, unknown, or has another shape.
        """
        if self.has_flat_names(params):
            return np.concatenate([_number(name, params[name], ()) for name in self.names])
        for name in params:
            if name not in self.shapes:
                raise ProblemError("start: " + self._unknown_parameter(name))
        missing = [name for name in self.shapes if name not in params]
        if missing:
            hint = hints.meant(missing[0], self._unused) or f" Give {missing[0]} too."
            raise ProblemError(
                f"start: expected a value for {_list(self.shapes)}, got none for {_list(missing)}.{hint}"
            )
        return np.concatenate([_number(name, params[name], shape) for name, shape in self.shapes.items()])

    def has_flat_names(self, params: Mapping[str, Any]) -> bool:
        """Whether these are the flat names of all parameters, as `Run.params` gives them."""
        return params.keys() == set(self.names)

    def by_name(self, row: Any) -> dict[str, Any]:
        """Return values by name from ``row`` [param, …]; an array parameter gets its shape, then the rest."""
        values, first = {}, 0
        for name, shape in self.shapes.items():
            size = constants.prod(shape)
            part = row[first : first + size]
            values[name] = part.reshape((*shape, *part.shape[1:])) if shape else part[0]
            first += size
        return values

    def predict(self, params: Mapping[str, Any], columns: Mapping[str, Any] | None = None) -> np.ndarray:
        """Return the model's prediction, [point, …], at the given parameters (flat names or whole arrays).

        Parameters
        ----------
        params
            A value for every parameter.
        columns
            Other inputs, by column name; the table's own by default.

        Raises
        ------
        ProblemError
            If a parameter or a column is missing, or isn't a number.
        """
        row = self.row(params)
        inputs = self.columns if columns is None else self._read_columns(columns)
        values = {**self.constants, **self.by_name(row), **inputs}
        with np.errstate(all="ignore"):
            found = np.asarray(self.model(values, math_numpy.MATH), float)
        points = next(iter(inputs.values())).shape[:1] if inputs else (self.points,)
        return np.broadcast_to(found, points) if found.ndim == 0 else found

    def losses(self, rows: Any, dtype: Any = np.float64) -> np.ndarray:
        """Return the loss [row] of every row of parameters [row, param]; memory stays bounded.

        Raises
        ------
        ProblemError
            If the problem isn't readable (see `is_readable`).
        """
        if not self.is_readable:
            raise ProblemError(f"Problem.losses: '{self.title}' needs TensorFlow; use ravine.survey or ravine.descend.")
        rows = np.asarray(rows, dtype)
        step = max(1, _CHUNK // max(1, self.points))
        with np.errstate(all="ignore"):
            parts = [self._losses(rows[first : first + step], dtype) for first in range(0, len(rows), step)]
        return np.concatenate(parts) if parts else np.empty(0, dtype)

    def _read_columns(self, columns: Mapping[str, Any]) -> dict[str, np.ndarray]:
        for name in self.variables:
            if name not in columns:
                raise ProblemError(
                    f"Problem.predict: expected the columns {_list(self.variables)}, got none for '{name}'."
                    + (did_you_mean(name, columns) or " Give it too.")
                )
        return {name: numbers(f"column '{name}'", columns[name]) for name in self.variables}

    @property
    def points(self) -> int:
        """Number of rows of the table; 1 without one."""
        return 1 if self.observed is None else len(self.observed)

    def _losses(self, rows: np.ndarray, dtype: Any) -> np.ndarray:
        columns = {name: column.astype(dtype)[:, None] for name, column in self.columns.items()}
        predicted = self.model({**self.constants, **self.by_name(rows.T), **columns}, math_numpy.MATH)
        if self.observed is None:
            return np.broadcast_to(np.asarray(predicted, dtype), rows.shape[:1])
        sigma = None if self.sigma is None else self.sigma.astype(dtype)[:, None]
        assert self.loss.pointwise is not None
        each = self.loss.pointwise(self.observed.astype(dtype)[:, None], predicted, sigma, math_numpy.MATH)
        each = np.broadcast_to(each, (self.points, len(rows)))
        return each.sum(0) if self.loss.reduction == "sum" else each.mean(0)

    # -- reading ----------------------------------------------------------------------------------------------

    def _name_parameters(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self.variables = tuple(name for name in self.model.names if self.table is not None and name in self.table)
        others = [name for name in self.model.names if name not in self.variables]
        may_be_constant = isinstance(self.model, model.Tree) and not set(others) <= set(CONSTANTS)
        constant = {name for name in CONSTANTS if may_be_constant and name in others and name not in shapes}
        self.constants = {name: CONSTANTS[name] for name in constant}
        defaults = {name: np.shape(value) for name, value in self.defaults.items()}
        tuned = [name for name in others if name not in constant]
        self.shapes = {name: tuple(shapes.get(name, defaults.get(name, ()))) for name in tuned}
        if not self.shapes:
            raise ProblemError(
                f"formula: expected at least one parameter to tune in '{self.title}', got none"
                + (f" (its names {_list(self.variables)} are columns)." if self.variables else ".")
            )

    def _read_loss(self, loss: Any) -> losses.Loss:
        if self.table is not None:
            return losses.resolve("mse" if loss is None else loss)
        if loss is None or loss is losses.VALUE:
            return losses.VALUE
        raise ProblemError(f"loss: expected a table to compare with, got none. Leave the loss {loss!r} out.")

    def _unused_columns(self) -> tuple[str, ...]:
        if self.table is None:
            return ()
        used = {self.table.alias(name) for name in self.variables}
        return tuple(name for name in (*self.table.names, *self.table.aliases) if self.table.alias(name) not in used)

    def _check_shapes_of_columns(self) -> None:
        if not isinstance(self.model, model.Tree):
            return
        for name, column in {**self.columns, self.response_label: self.observed}.items():
            if column is not None and column.ndim > 1:
                raise ProblemError(
                    f"formula: expected one number for each row of '{name}', got shape {list(column.shape)}. "
                    "Give a callable with TensorFlow operations instead of a formula."
                )

    def _checked(self, bounds: Any) -> dict[str, tuple[float, float]]:
        checked = limits.read(bounds)
        for name in checked:
            if name not in self.shapes:
                raise ProblemError("bounds: " + self._unknown_parameter(name))
        return checked

    def limits(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the lower and upper bound of every flat parameter, [param] each, infinite where open."""
        pairs = [
            self.bounds.get(name, (-np.inf, np.inf)) for name, shape in self.shapes.items() for _ in np.ndindex(*shape)
        ]
        low, high = np.array(pairs, float).T
        return low, high

    def _unknown_parameter(self, name: str) -> str:
        if name in self.variables:
            return f"'{name}' is a column of {self.table.source if self.table else 'the table'}, not a parameter."
        return f"'{name}' is no parameter of '{self.title}' (its parameters: {_list(self.shapes)})." + did_you_mean(
            str(name), self.shapes
        )


def _list(names: Any) -> str:
    return ", ".join(names)


def _number(name: str, value: Any, shape: tuple[int, ...]) -> np.ndarray:
    array = numbers(f"start of '{name}'", value)
    if array.shape != shape:
        expected = f"an array of shape {list(shape)}" if shape else "one number"
        raise ProblemError(f"start: expected {expected} for '{name}', got shape {list(array.shape)}.")
    return array.reshape(-1)
