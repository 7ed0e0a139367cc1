"""Calculus: derivatives of formulas in symbols, by SymPy, written as formulas again.

A derivative is that of the smooth pieces: a step (``floor``, ``sign``, a comparison) has the slope 0 wherever it has
one, and what jumps is not remembered by a delta function.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ravine.errors import FormulaError
from ravine.formula import math_sympy
from ravine.formula.math_numpy import MATH
from ravine.formula.reader import read
from ravine.formula.tree import Node, names

_LARGEST = 4000  # operations of an expression that is still worth differentiating
_LONGEST = 2000  # characters that are still worth reading
_EXACTLY = 200  # numbers that SymPy may evaluate one by one, each about a millisecond


@dataclass(frozen=True, eq=False)
class Expression:
    """An expression in symbols.

    Parameters
    ----------
    symbolic
        SymPy's expression.
    constants
        Values of the names that stand for constants.
    """

    symbolic: Any
    constants: Mapping[str, float]

    @property
    def is_known(self) -> bool:
        """Whether it is closed: no derivative in it that SymPy could only write down."""
        sp = _sympy()
        return not self.symbolic.has(sp.Derivative, sp.Subs)

    @functools.cached_property
    def text(self) -> str:
        """The expression as a formula, where it is one: other functions keep SymPy's names."""
        return _writer()().doprint(self.symbolic)

    @property
    def shown(self) -> str:
        """The text, or what stands for it if it is too long to read."""
        if not self.is_known:
            return "(no closed form)"
        return self.text if len(self.text) <= _LONGEST else f"({_sympy().count_ops(self.symbolic):,} operations)"

    @property
    def latex(self) -> str:
        """The expression in LaTeX."""
        return _sympy().latex(self.symbolic)

    @property
    def mathml(self) -> str:
        """The expression in MathML, which browsers draw."""
        from sympy.printing.mathml import mathml

        return mathml(self.symbolic, printer="presentation")

    def derivative(self, name: str) -> Expression:
        """Return the derivative with respect to a name; by one that doesn't occur it is 0."""
        sp = _sympy()
        found = self.symbolic.diff(sp.Symbol(name, real=True))
        return Expression(_without_deltas(found), self.constants)

    @property
    def is_too_large(self) -> bool:
        """Whether another derivative would take too long."""
        return _sympy().count_ops(self.symbolic) > _LARGEST

    def evaluate(self, values: Mapping[str, Any]) -> np.ndarray | None:
        """Return its values for arrays [point]; None if nothing can calculate them.

        NumPy evaluates it as a formula. What is none, or overflows on the way, SymPy evaluates number by number.
        """
        if not self.is_known:
            return None
        shape = np.broadcast_shapes(*(np.shape(value) for value in values.values()))
        found = np.full(shape, np.nan)
        if "pi" in self.constants or "pi" not in values:  # a parameter of that name would hide the number
            with contextlib.suppress(FormulaError):  # of functions that formulas don't know
                node = read(self.text).model
                result = node.evaluate({"pi": np.pi, **self.constants, **values}, MATH)
                found = np.array(np.broadcast_to(result, shape), float)
        missing = np.flatnonzero(~np.isfinite(found.ravel()))
        if 0 < missing.size <= _EXACTLY:
            columns = {name: np.broadcast_to(value, shape).ravel() for name, value in values.items()}
            flat = found.ravel()
            for index in missing:
                flat[index] = self._exactly({name: float(column[index]) for name, column in columns.items()})
            found = flat.reshape(shape)
        return found

    def _exactly(self, values: Mapping[str, float]) -> float:
        sp = _sympy()
        by = {sp.Symbol(name, real=True): sp.Float(value, 30) for name, value in values.items()}
        try:
            number = self.symbolic.xreplace(by).doit().evalf(30)
            return float(number) if number.is_real else (np.inf if number == sp.oo else np.nan)
        except (TypeError, ValueError, ArithmeticError, AttributeError):
            return np.nan


def expression(node: Node, constants: Mapping[str, float] | None = None) -> Expression:
    """Return a tree as an expression to differentiate.

    Parameters
    ----------
    node
        The tree.
    constants
        Names that stand for numbers: ``pi`` and ``e`` are written as such, not as digits.

    Examples
    --------
    >>> from ravine.formula.reader import read
    >>> slope = expression(read("a*x**3 + leaky_relu(x)").model).derivative("x")
    >>> slope.text
    '3*a*x**2 + where(x > 0, 1, 0.2)'
    >>> slope.evaluate({"a": 1.0, "x": 2.0}).item()
    13.0
    """
    sp = _sympy()
    constants = dict(constants or {})
    exact = {"pi": sp.pi, "e": sp.E}
    symbols = {name: exact[name] if name in constants else sp.Symbol(name, real=True) for name in names(node)}
    return from_sympy(math_sympy.folded(node).evaluate(symbols, math_sympy.math()), constants)


def from_sympy(symbolic: Any, constants: Mapping[str, float] | None = None) -> Expression:
    """Return SymPy's expression as one whose steps have the slope 0."""
    return Expression(_smooth(math_sympy.as_number(symbolic)), dict(constants or {}))


def _sympy() -> Any:
    import sympy

    return sympy


@functools.cache
def _steps() -> dict[str, Any]:
    """Return SymPy's step functions by name, with the slope 0, and others that it differentiates clumsily."""
    sp = _sympy()

    def flat(self: Any, argindex: int = 1) -> Any:
        return sp.S.Zero

    def step(name: str) -> Any:
        return type(name, (sp.Function,), {"fdiff": flat, "is_real": True})

    def fdiff(self: Any, argindex: int = 1) -> Any:
        return sp.polygamma(0, self.args[0])

    made = {name: step(name) for name in ("floor", "ceil", "round", "sign", "heaviside")}
    made["lgamma"] = type("lgamma", (sp.Function,), {"fdiff": fdiff, "is_real": True, "_eval_evalf": _log_of_gamma})
    return made


def _log_of_gamma(self: Any, precision: int) -> Any:
    sp = _sympy()
    return sp.log(sp.Abs(sp.gamma(self.args[0])))._eval_evalf(precision)


def _smooth(symbolic: Any) -> Any:
    """Replace what SymPy differentiates into deltas or not at all."""
    sp, made = _sympy(), _steps()
    symbolic = symbolic.replace(sp.Mod, lambda x, y: x - y * sp.floor(x / y))
    symbolic = symbolic.replace(_is_log_of_gamma, lambda part: made["lgamma"](part.args[0].args[0].args[0]))
    symbolic = symbolic.replace(sp.Function("round"), made["round"])
    return _without_deltas(symbolic)


def _is_log_of_gamma(part: Any) -> bool:
    sp = _sympy()
    inside = part.args[0] if isinstance(part, sp.log) else part
    return inside is not part and isinstance(inside, sp.Abs) and isinstance(inside.args[0], sp.gamma)


def _without_deltas(symbolic: Any) -> Any:
    sp, made = _sympy(), _steps()
    for kind, name in ((sp.floor, "floor"), (sp.ceiling, "ceil"), (sp.sign, "sign")):
        symbolic = symbolic.replace(kind, made[name])
    symbolic = symbolic.replace(sp.Heaviside, lambda x, at_zero=sp.S.Half: made["heaviside"](x, at_zero))
    symbolic = symbolic.replace(sp.DiracDelta, lambda *_: sp.S.Zero)
    return symbolic.replace(lambda part: part.is_Float and part == int(part), lambda part: sp.Integer(int(part)))


_NAMES = {
    "Abs": "abs", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "asinh": "arcsinh",
    "acosh": "arccosh", "atanh": "arctanh", "ceiling": "ceil",
}  # fmt: skip


@functools.cache
def _writer() -> Any:
    """Return a printer of formulas, made when SymPy is there."""
    from sympy.printing.str import StrPrinter

    class Writer(StrPrinter):
        """Writes expressions in the words of formulas."""

        def _print_Function(self, expr: Any) -> str:  # noqa: N802 - SymPy's hooks
            name = _NAMES.get(expr.func.__name__, expr.func.__name__)
            arguments = list(expr.args)
            if name == "heaviside" and len(arguments) > 1 and arguments[1] == _sympy().S.Half:
                arguments = arguments[:1]
            if name == "polygamma" and arguments[0] == 0:
                name, arguments = "digamma", arguments[1:]
            return f"{name}({', '.join(self._print(argument) for argument in arguments)})"

        def _print_Abs(self, expr: Any) -> str:  # noqa: N802
            return f"abs({self._print(expr.args[0])})"

        def _print_Float(self, expr: Any) -> str:  # noqa: N802
            return repr(float(expr)).removesuffix(".0")

        def _print_Exp1(self, expr: Any) -> str:  # noqa: N802
            return "exp(1)"

        def _print_Max(self, expr: Any) -> str:  # noqa: N802
            return self._nested("maximum", expr.args)

        def _print_Min(self, expr: Any) -> str:  # noqa: N802
            return self._nested("minimum", expr.args)

        def _nested(self, name: str, arguments: Iterable[Any]) -> str:
            first, *rest = (self._print(argument) for argument in arguments)
            return functools.reduce(lambda left, right: f"{name}({left}, {right})", rest, first)

        def _print_Piecewise(self, expr: Any) -> str:  # noqa: N802
            *pieces, (last, _) = expr.args
            text = self._print(last)
            for value, condition in reversed(pieces):
                text = f"where({self._print(condition)}, {self._print(value)}, {text})"
            return text

        def _print_And(self, expr: Any) -> str:  # noqa: N802
            return " and ".join(f"({self._print(part)})" for part in expr.args)

        def _print_Or(self, expr: Any) -> str:  # noqa: N802
            return " or ".join(f"({self._print(part)})" for part in expr.args)

        def _print_Not(self, expr: Any) -> str:  # noqa: N802
            return f"not ({self._print(expr.args[0])})"

        def _print_Relational(self, expr: Any) -> str:  # noqa: N802
            return (
                f"({self._print(expr.lhs)}) {expr.rel_op} ({self._print(expr.rhs)})"
                if _is_nested(expr)
                else (f"{self._print(expr.lhs)} {expr.rel_op} {self._print(expr.rhs)}")
            )

    return Writer


def _is_nested(expr: Any) -> bool:
    return any(getattr(side, "is_Relational", False) for side in expr.args)
