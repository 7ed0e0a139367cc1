"""Formulas: text or a traced Python function in, a checked tree out.

>>> formula = Formula("log(y) = a*exp(-b*x) + c")
>>> formula.names
('a', 'b', 'x', 'c')

A formula is never run as code. Python's parser gives the tree, a table of functions says what may be in it,
and one walker evaluates it with NumPy, TensorFlow or SymPy:

>>> from ravine.formula.math_numpy import MATH
>>> Formula("x**2 + 1").model.evaluate({"x": 3.0}, MATH)
10.0
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ravine.errors import FormulaError
from ravine.formula import tracing
from ravine.formula.reader import read
from ravine.formula.scanner import MAXIMUM_LENGTH
from ravine.formula.tracing import Untraceable
from ravine.formula.tree import Call, Name, Node, Number, names, replace_names

__all__ = ["Call", "Formula", "Name", "Node", "Number", "Untraceable"]


class Formula:
    """A checked formula: ``response = model``, or a model alone. Equal when the trees are.

    Parameters
    ----------
    text
        Python expression syntax with at most one ``=``.

    Attributes
    ----------
    text
        The text as given.
    response, model
        The trees left and right of ``=``; without one the response is None.
    names, response_names
        The names in the model and in the response, in the order of their first appearance.

    Raises
    ------
    FormulaError
        When the text is no formula: what was expected, with a caret under the place.

    Examples
    --------
    >>> formula = Formula("y=(a*x)+b")
    >>> formula
    Formula('y=(a*x)+b')
    >>> print(formula)
    y = a*x + b
    """

    __slots__ = ("_canonical", "model", "names", "response", "response_names", "text")

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise FormulaError(f'formula: expected a text such as "y = a*x + b", got {type(text).__name__}.')
        self.text = text
        self.response, self.model = read(text)
        self.names = names(self.model)
        self.response_names = names(self.response) if self.response else ()
        self._canonical = f"{self.response} = {self.model}" if self.response else str(self.model)
        if len(self._canonical) > MAXIMUM_LENGTH:
            message = f"formula: expected at most {MAXIMUM_LENGTH:,} characters when written out, got"
            raise FormulaError(f"{message} {len(self._canonical):,}. Shorten it.")

    @classmethod
    def trace(cls, function: Callable[..., Any]) -> Formula:
        """Return the formula of a Python function written with operators and NumPy.

        Raises
        ------
        Untraceable
            When the function does what no formula can; the message says what.

        Examples
        --------
        >>> import numpy as np
        >>> Formula.trace(lambda x, a, b: np.sin(b * np.cos(a * x)))
        Formula('sin(b*cos(a*x))')
        """
        text = str(tracing.trace(function))
        try:
            return cls(text)
        except FormulaError as error:
            raise Untraceable(error.message, error.text, error.column, error.length) from None

    def substitute(self, by: Mapping[str, Formula | float]) -> Formula:
        """Return the formula with names in its model replaced by numbers or by other formulas.

        Examples
        --------
        >>> Formula("y = a*exp(-b*x)").substitute({"b": Formula("2*a"), "a": 3.0})
        Formula('y = 3*exp(-(2*a)*x)')
        """
        trees = {name: _tree_of(part) for name, part in by.items()}
        model = replace_names(self.model, trees)
        return Formula(f"{self.response} = {model}" if self.response else str(model))

    def latex(self) -> str:
        r"""Return the formula in LaTeX, without the dollars.

        Examples
        --------
        >>> print(Formula("y = sqrt(a)*x**2").latex())
        y = \sqrt{a} x^{2}
        """
        from ravine.formula.math_sympy import latex

        sides = [latex(side) for side in (self.response, self.model) if side is not None]
        return " = ".join(sides)

    def __str__(self) -> str:
        return self._canonical

    def __repr__(self) -> str:
        return f"Formula({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Formula) and self._canonical == other._canonical

    def __hash__(self) -> int:
        return hash(self._canonical)

    def __reduce__(self) -> tuple[type[Formula], tuple[str]]:
        return Formula, (self.text,)


def _tree_of(part: Formula | float) -> Node:
    if isinstance(part, Formula):
        return part.model
    return Number(float(part)) if part >= 0 else Call("negative", (Number(-float(part)),))
