"""Problem: what to make small."""

from __future__ import annotations

import copy
import math as constants
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ravine import losses, model
from ravine.errors import DataError, FormulaError, ProblemError, did_you_mean
from ravine.formula import Formula, math_numpy
from ravine.notes import Note
from ravine.table import Table, read_table

_CONSTANTS = {"pi": constants.pi, "e": constants.e}
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
        ``"binary_crossentropy"``, …), or any Keras loss.
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
        loss: Any = "mse",
        sigma: Any = None,
        bounds: Mapping[str, tuple[float | None, float | None]] | None = None,
        response: str | None = None,
        nan_policy: str = "raise",
    ) -> None:
        self.table: Table | None = None if data is None else read_table(data, nan_policy)
        self.loss = losses.VALUE if data is None else losses.resolve(loss)
        self.defaults: dict[str, Any] = {}
        self.function: Callable[..., Any] | None = None
        self._read_model(formula)
        self._name_parameters({})
        self.response_names = self._find_response(response)
        if self.table is not None:
            with_sigma = [sigma] if isinstance(sigma, str) else []
            self.table = self.table.select([*self.variables, *self.response_names, *with_sigma])
        self._read_response(self.response_names)
        self.sigma = self._read_sigma(sigma)
        self.bounds = self._read_bounds(bounds or {})

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
    def columns(self) -> dict[str, np.ndarray]:
        """The columns that the model uses, [point, …] each."""
        return {name: self.table[name] for name in self.variables} if self.table else {}

    @property
    def notes(self) -> tuple[Note, ...]:
        """What the user should know before anything is computed."""
        said = [Note("table", text) for text in (self.table.notes if self.table else ())]
        said += [
            Note("constant-name", f"'{name}' is {kind} here, not the number {value:.6g}.")
            for name, value in _CONSTANTS.items()
            for kind, there in (("the column", name in self.variables), ("a parameter", name in self.shapes))
            if there
        ]
        return tuple(said)

    def label(self, name: str) -> str:
        """Return an axis label: the name, with its unit if the table gives one."""
        unit = self.table.unit(name) if self._is_column(name) and self.table else ""
        return f"{name} ({unit})" if unit else name

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
                raise ProblemError(self._unknown_parameter(name))
        other = copy.copy(self)
        if self.function is not None and any(shapes.values()):
            other.model = model.of_callable(self.function, may_trace=False)[0]  # a formula knows numbers only
        other._name_parameters(shapes)
        return other

    def bounded(self, bounds: Mapping[str, tuple[float | None, float | None]]) -> Problem:
        """Return this problem with these bounds instead of its own."""
        other = copy.copy(self)
        other.bounds = other._read_bounds(bounds)
        return other

    # -- numbers ----------------------------------------------------------------------------------------------

    def row(self, params: Mapping[str, Any]) -> np.ndarray:
        """Return [param] from values by name.

        Raises
        ------
        ProblemError
            If a parameter is missing, unknown, or has another shape.
        """
        for name in params:
            if name not in self.shapes:
                raise ProblemError(self._unknown_parameter(name))
        missing = [name for name in self.shapes if name not in params]
        if missing:
            raise ProblemError(
                f"start: expected a value for {_list(self.shapes)}, got none for {_list(missing)}. Give {missing[0]} too."
            )
        return np.concatenate([_number(name, params[name], shape) for name, shape in self.shapes.items()])

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
        """
        row = np.array([float(params[name]) for name in self.names]) if set(params) == set(self.names) else self.row(params)
        inputs = self.columns if columns is None else {name: np.asarray(columns[name], float) for name in self.variables}
        values = {**self.constants, **self.by_name(row), **inputs}
        with np.errstate(all="ignore"):
            found = np.asarray(self.model(values, math_numpy.MATH), float)
        points = next(iter(inputs.values())).shape[:1] if inputs else np.shape(self.observed)[:1]
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

    @property
    def points(self) -> int:
        """Number of rows of the table; 1 without one."""
        return self.table.points if self.table else 1

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

    def _read_model(self, formula: Any) -> None:
        if isinstance(formula, str):
            formula = Formula(formula)
        self.model: model.Model
        if isinstance(formula, Formula):
            self.model = model.Tree(formula)
        elif isinstance(formula, model.Tree | model.Opaque):
            self.model = formula
        elif callable(formula):
            arrays = bool(self.table) and any(self.table[n].ndim > 1 for n in self.table.names if _is_numeric(self.table, n))
            self.function = formula
            self.model, self.defaults = model.of_callable(formula, may_trace=not arrays)
        else:
            raise ProblemError(f"Problem: expected a formula's text or a callable, got {type(formula).__name__}.")

    def _name_parameters(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self.variables = tuple(name for name in self.model.names if self._is_column(name))
        free = [name for name in self.model.names if name not in self.variables]
        others = [*(name for name in shapes if name in free), *(name for name in free if name not in shapes)]
        may_be_constant = isinstance(self.model, model.Tree)
        self.constants = {
            name: value for name, value in _CONSTANTS.items() if may_be_constant and name in others and name not in shapes
        }
        defaults = {name: np.shape(value) for name, value in self.defaults.items()}
        self.shapes = {name: tuple(shapes.get(name, defaults.get(name, ()))) for name in others if name not in self.constants}
        if not self.shapes:
            raise ProblemError(
                f"formula: expected at least one parameter to tune in '{self.title}', got none"
                + (f" (its names {_list(self.variables)} are columns)." if self.variables else ".")
            )

    def _is_column(self, name: str) -> bool:
        return self.table is not None and name in self.table

    def _find_response(self, response: str | None) -> tuple[str, ...]:
        """Return the columns that the response is made of, none without a table."""
        tree = self._response_tree()
        if self.table is None:
            if tree is not None:
                raise ProblemError(
                    f"Problem: '{self.title}' predicts {tree}, so it needs a table with that column. "
                    "Give data, or write only the expression to minimize."
                )
            return ()
        if tree is None:
            return (response or self._only_other_column(),)
        assert isinstance(self.model, model.Tree)
        return tuple(n for n in self.model.formula.response_names if self._is_column(n) or n not in _CONSTANTS)

    def _response_tree(self) -> Any:
        return self.model.formula.response if isinstance(self.model, model.Tree) else None

    def _read_response(self, names: tuple[str, ...]) -> None:
        self.observed: np.ndarray | None = None
        self.response_label = "value"
        if self.table is None:
            return
        tree = self._response_tree()
        self.observed = self.table[names[0]] if tree is None else self._observe(tree, names)
        text = names[0] if tree is None else str(tree)
        self.response_label = self.label(text)
        if not self.points:
            raise DataError(f"{self.table.source}: expected at least one row, got none.")

    def _observe(self, tree: Any, names: tuple[str, ...]) -> np.ndarray:
        assert self.table is not None
        columns = {name: self.table[name] for name in names}
        with np.errstate(all="ignore"):
            observed = np.asarray(tree.evaluate({**_CONSTANTS, **columns}, math_numpy.MATH), float)
        if observed.ndim == 0:
            raise FormulaError(f"formula: expected a column on the left of '=', got '{tree}'.")
        bad = np.flatnonzero(~np.isfinite(observed.reshape(len(observed), -1)).all(1))
        if bad.size:
            at = ", ".join(f"{name} = {column[bad[0]]:g}" for name, column in columns.items())
            raise DataError(f"{self.table.source}, data row {bad[0] + 1}: {tree} isn't finite at {at}.")
        return observed

    def _only_other_column(self) -> str:
        assert self.table is not None
        used = {self.table.alias(name) for name in self.variables}
        others = [name for name in self.table.names if name not in used]
        if "y" in others:
            return "y"
        if len(others) == 1:
            return others[0]
        raise ProblemError(
            f"Problem: expected to know which column '{self.title}' predicts, got {_list(others) or 'no column left'}. "
            "Write 'column = …' in a formula, or give response= with a callable."
        )

    def _read_sigma(self, sigma: Any) -> np.ndarray | None:
        if sigma is None:
            return None
        if self.table is None or self.observed is None:
            raise ProblemError("sigma: expected a table to weight, got none. Leave sigma out when there is no data.")
        if not self.loss.takes_sigma:
            raise ProblemError(f"sigma: the loss '{self.loss.name}' takes no weights 1/σ. Use mse, sse, huber, …")
        values = self.table[sigma] if isinstance(sigma, str) else _array("sigma", sigma)
        where = f"column '{sigma}'" if isinstance(sigma, str) else "sigma"
        if values.ndim == 0:
            values = np.full(self.points, float(values))
        if values.shape != (self.points,):
            raise ProblemError(f"{where}: expected {self.points} values, got shape {list(values.shape)}.")
        bad = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
        if bad.size:
            raise ProblemError(
                f"{where}: expected positive, finite standard deviations, got {values[bad[0]]:g} at data row {bad[0] + 1}."
            )
        return values

    def _read_bounds(self, bounds: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
        checked = {}
        for name, pair in bounds.items():
            if name not in self.shapes:
                raise ProblemError("bounds: " + self._unknown_parameter(name))
            if not isinstance(pair, Sequence) or len(pair) != 2 or isinstance(pair, str):
                raise ProblemError(f"bounds: expected (low, high) for '{name}', got {pair!r}. None opens a side.")
            low = -np.inf if pair[0] is None else float(_array(f"bounds of '{name}'", pair[0]))
            high = np.inf if pair[1] is None else float(_array(f"bounds of '{name}'", pair[1]))
            if not low < high:
                raise ProblemError(f"bounds: expected low < high for '{name}', got ({low:g}, {high:g}).")
            checked[name] = (low, high)
        return checked

    def limits(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the lower and upper bound of every flat parameter, [param] each, infinite where open."""
        pairs = [self.bounds.get(name, (-np.inf, np.inf)) for name, shape in self.shapes.items() for _ in np.ndindex(*shape)]
        low, high = np.array(pairs, float).T
        return low, high

    def _unknown_parameter(self, name: str) -> str:
        if name in self.variables:
            return f"'{name}' is a column of {self.table.source if self.table else 'the table'}, not a parameter."
        return (
            f"'{name}' is no parameter of '{self.title}' (its parameters: {_list(self.shapes)})."
            + did_you_mean(name, self.shapes)
        )


def _list(names: Any) -> str:
    return ", ".join(names)


def _is_numeric(table: Table, name: str) -> bool:
    try:
        table[name]
    except DataError:
        return False
    return True


def _array(where: str, value: Any) -> np.ndarray:
    try:
        return np.asarray(value, float)
    except (TypeError, ValueError):
        raise ProblemError(f"{where}: expected numbers, got {value!r}.") from None


def _number(name: str, value: Any, shape: tuple[int, ...]) -> np.ndarray:
    array = _array(f"start of '{name}'", value)
    if array.shape != shape:
        expected = f"an array of shape {list(shape)}" if shape else "one number"
        raise ProblemError(f"start: expected {expected} for '{name}', got shape {list(array.shape)}.")
    if not np.isfinite(array).all():
        raise ProblemError(f"start: expected finite numbers for '{name}', got {value!r}.")
    return array.reshape(-1)
