"""Model: what predicts, either a checked tree of a formula or a callable that TensorFlow must call."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ravine.errors import FormulaError, ProblemError
from ravine.formula import Formula
from ravine.table import Table


@dataclass(frozen=True)
class Tree:
    """A model that ravine reads: a formula, typed or traced.

    Parameters
    ----------
    formula
        Its text and tree.
    arguments
        The order of its names: a callable's own; by default a, b, b2, b10, …
    """

    formula: Formula
    arguments: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The canonical text of the model."""
        return str(self.formula)

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the model, in order."""
        return self.arguments or tuple(sorted(self.formula.names, key=_by_letters_and_numbers))

    def __call__(self, values: Mapping[str, Any], math: Mapping[str, Callable[..., Any]]) -> Any:
        """Evaluate the formula at values by name, with the functions of one library."""
        return self.formula.model.evaluate(values, math)


@dataclass(frozen=True)
class Opaque:
    """A model that only TensorFlow can call, one start at a time.

    Parameters
    ----------
    text
        How reports name it.
    names
        Its arguments.
    function
        None when the model comes from a file, which holds no code.
    why
        Why it could not be traced to a formula.
    """

    text: str
    names: tuple[str, ...]
    function: Callable[..., Any] | None
    why: str = ""

    def __call__(self, values: Mapping[str, Any], math: Mapping[str, Callable[..., Any]]) -> Any:
        """Call the function with the values of its arguments."""
        if self.function is None:
            raise ProblemError(
                f"model: '{self.text}' is a Python function, which a file can't hold. Build the Problem again from it."
            )
        return self.function(**{name: values[name] for name in self.names})


Model = Tree | Opaque


def of(formula: Any, table: Table | None) -> tuple[Model, dict[str, Any]]:
    """Turn a text, a formula, a callable or a model into a model and the defaults of its parameters.

    Raises
    ------
    ProblemError
        If it is none of these.
    """
    if isinstance(formula, str):
        formula = Formula(formula)
    if isinstance(formula, Formula):
        return Tree(formula), {}
    if isinstance(formula, Tree | Opaque):
        return formula, {}
    if callable(formula):
        with_arrays = table is not None and any(column.ndim > 1 for column in table.columns.values())
        return of_callable(formula, may_trace=not with_arrays)
    raise ProblemError(f"Problem: expected a formula's text or a callable, got {type(formula).__name__}.")


def of_callable(function: Callable[..., Any], *, may_trace: bool) -> tuple[Model, dict[str, Any]]:
    """Turn a Python callable into a model and the defaults of its arguments.

    Raises
    ------
    FormulaError
        If its signature has no plain argument names.
    """
    names, defaults = _signature(function)
    label = getattr(function, "__name__", type(function).__name__)
    text = f"{'f' if label == '<lambda>' else label}({', '.join(names)})"
    if not may_trace or any(np.ndim(value) for value in defaults.values()):
        return Opaque(text, names, function, "it works on arrays"), defaults
    try:
        formula = Formula.trace(function)
    except FormulaError as problem:
        return Opaque(text, names, function, str(problem)), defaults
    if set(formula.names) != set(names):  # an argument without effect still is a parameter
        return Opaque(text, names, function, "an argument has no effect"), defaults
    return Tree(formula, names), defaults


def _by_letters_and_numbers(name: str) -> list[tuple[int, int | str]]:
    parts = re.split(r"(\d+)", name)
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts if part]


def _signature(function: Callable[..., Any]) -> tuple[tuple[str, ...], dict[str, Any]]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise FormulaError(f"callable: expected named arguments, got {function!r} without a signature.") from None
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise FormulaError(
                f"callable: expected plain named arguments, got '{parameter}'. Name every parameter in the signature."
            )
    if not parameters:
        raise FormulaError("callable: expected at least one argument, got none.")
    names = tuple(parameter.name for parameter in parameters)
    return names, {p.name: p.default for p in parameters if p.default is not p.empty}
