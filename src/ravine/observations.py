"""Observations: which columns the model predicts, their values and their standard deviations."""

from __future__ import annotations

import math as constants
from collections.abc import Mapping
from typing import Any

import numpy as np

from ravine.errors import DataError, FormulaError, ProblemError
from ravine.formula import math_numpy
from ravine.formula.tree import Call
from ravine.losses import Loss
from ravine.model import Model, Tree
from ravine.table import Table

#: Names that are numbers unless a column or a parameter has them.
CONSTANTS: Mapping[str, float] = {"pi": constants.pi, "e": constants.e}


def find_response(model: Model, table: Table | None, given: str | None) -> tuple[str, ...]:
    """Return the columns that the response is made of, none without a table.

    Raises
    ------
    ProblemError
        If a formula with a response has no table, or nothing says what a model predicts.
    """
    tree = _left_side(model)
    if table is None:
        if tree is not None:
            raise ProblemError(
                f"Problem: '{model.text}' predicts {tree}, so it needs a table with that column. "
                "Give data, or write only the expression to minimize."
            )
        return ()
    if tree is None:
        _check_comparison(model)
        return (given or _only_other_column(model, table),)
    assert isinstance(model, Tree)
    return tuple(name for name in model.formula.response_names if name in table or name not in CONSTANTS)


def observe(model: Model, table: Table | None, names: tuple[str, ...]) -> tuple[np.ndarray | None, str]:
    """Return the observed values, [point, …], and their label; None and "value" without a table.

    Raises
    ------
    FormulaError, DataError
        If the left side of the formula is no column, or isn't finite somewhere.
    """
    if table is None:
        return None, "value"
    tree = _left_side(model)
    text = names[0] if tree is None else str(tree)
    return (table[names[0]] if tree is None else _evaluate(tree, table, names)), label(table, text)


def label(table: Table | None, name: str) -> str:
    """Return an axis label: the name, with its unit if the table gives one."""
    unit = table.unit(name) if table is not None and name in table else ""
    return f"{name} ({unit})" if unit else name


def read_sigma(sigma: Any, table: Table | None, loss: Loss) -> np.ndarray | None:
    """Return the standard deviation of every observation, [point], None if none is given.

    Raises
    ------
    ProblemError
        If there is nothing to weight, or a value isn't positive and finite.
    """
    if sigma is None:
        return None
    if table is None:
        raise ProblemError("sigma: expected a table to weight, got none. Leave sigma out when there is no data.")
    if not loss.takes_sigma:
        raise ProblemError(f"sigma: the loss '{loss.name}' takes no weights 1/σ. Use mse, sse, huber, …")
    where = f"column '{sigma}'" if isinstance(sigma, str) else "sigma"
    values = table[sigma] if isinstance(sigma, str) else numbers("sigma", sigma)
    if values.ndim == 0:
        if not (np.isfinite(values) and values > 0):
            raise ProblemError(f"sigma: expected a positive, finite standard deviation, got {values:g}.")
        values = np.full(table.points, float(values))
    if values.shape == (len(table.rows),) and table.points < len(table.rows):
        values = values[table.kept]  # rows left out by nan_policy
    if values.shape != (table.points,):
        raise ProblemError(f"{where}: expected {table.points} values, got shape {list(values.shape)}.")
    bad = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
    if bad.size:
        got = f"{values[bad[0]]:g} in {table.where(bad[0])}"
        raise ProblemError(f"{where}: expected positive, finite standard deviations, got {got}.")
    return values


def numbers(where: str, value: Any) -> np.ndarray:
    """Return numbers as an array.

    Raises
    ------
    ProblemError
        If they are none.
    """
    try:
        return np.asarray(float("none") if value is None else value, float)  # NumPy takes None for NaN
    except (TypeError, ValueError):
        raise ProblemError(f"{where}: expected numbers, got {value!r}.") from None


def _left_side(model: Model) -> Any:
    return model.formula.response if isinstance(model, Tree) else None


def _check_comparison(model: Model) -> None:
    """Refuse ``y == a*x``, which would take y for an input and predict another column by 0 and 1."""
    if isinstance(model, Tree) and isinstance(top := model.formula.model, Call) and top.function == "equal":
        left, right = top.arguments
        raise ProblemError(f"formula: expected '=' after the response, got '=='. Write {left} = {right}.")


def _only_other_column(model: Model, table: Table) -> str:
    used = {table.alias(name) for name in model.names}
    others = [name for name in table.names if name not in used]
    if "y" in others:
        return "y"
    if len(others) == 1:
        return others[0]
    raise ProblemError(
        f"Problem: expected to know which column '{model.text}' predicts, got {', '.join(others) or 'no column left'}. "
        "Write 'column = …' in a formula, or give response= with a callable."
    )


def _evaluate(tree: Any, table: Table, names: tuple[str, ...]) -> np.ndarray:
    columns = {name: table[name] for name in names}
    with np.errstate(all="ignore"):
        observed = np.asarray(tree.evaluate({**CONSTANTS, **columns}, math_numpy.MATH), float)
    if observed.ndim == 0:
        raise FormulaError(f"formula: expected a column on the left of '=', got '{tree}'.")
    bad = np.flatnonzero(~np.isfinite(observed.reshape(len(observed), -1)).all(1))
    if bad.size:
        at = ", ".join(f"{name} = {column[bad[0]]:g}" for name, column in columns.items())
        raise DataError(f"{table.where(bad[0])}: expected {tree} to be finite, got {at}. Mend or remove the row.")
    return observed
