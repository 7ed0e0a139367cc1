"""The functions of formulas in SymPy, for LaTeX and symbolic derivatives."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ravine.errors import MissingDependency
from ravine.formula.functions import CONSTANTS
from ravine.formula.math_numpy import MATH
from ravine.formula.tree import Call, Name, Node, Number, fold, names

_TINIEST, _HUGEST = 1e-15, 1e15  # of constants that SymPy may treat exactly


@functools.cache
def math() -> Mapping[str, Callable[..., Any]]:
    """Return the functions by canonical name, importing SymPy on the first call.

    Examples
    --------
    >>> import sympy
    >>> math()["power"](sympy.Symbol("x"), 2.0)
    x**2
    """
    sp = _sympy()
    arithmetic = {**_arithmetic(sp), **_elementary(sp), **_special(sp)}
    return MappingProxyType({**{name: _on_numbers(sp, f) for name, f in arithmetic.items()}, **_choices(sp)})


def symbols(node: Node) -> dict[str, Any]:
    """Return a real SymPy symbol for every name of a tree, and SymPy's own pi and e."""
    sp = _sympy()
    constants = {"pi": sp.pi, "e": sp.E}
    return {name: constants[name] if name in CONSTANTS else sp.Symbol(name, real=True) for name in names(node)}


def express(node: Node) -> Any:
    """Return a tree as a SymPy expression.

    Examples
    --------
    >>> from ravine.formula.reader import read
    >>> express(read("2*pi*x + x").model)
    x + 2*pi*x
    """
    sp = _sympy()
    return _number(sp, folded(node).evaluate(symbols(node), math()))


def folded(node: Node) -> Node:
    """Return a tree whose constant parts are numbers where they are huge or tiny.

    SymPy would write 9**9**9 out, digit by digit.

    Examples
    --------
    >>> from ravine.formula.reader import read
    >>> latex(read("9**9**9*x").model).split()[-1]
    'x'
    """

    def leaf(part: Number | Name) -> tuple[Node, float | None]:
        return part, part.value if isinstance(part, Number) else None

    def join(call: Call, parts: list[tuple[Node, float | None]]) -> tuple[Node, float | None]:
        values = [value for _, value in parts]
        kept = Call(call.function, tuple(node for node, _ in parts))
        if any(value is None for value in values):
            return kept, None
        value = float(MATH[call.function](*values))
        return (kept if value == 0 or _TINIEST < abs(value) < _HUGEST else Number(value)), value

    return fold(node, leaf, join)[0]


def latex(node: Node) -> str:
    r"""Return a tree in LaTeX.

    Examples
    --------
    >>> from ravine.formula.reader import read
    >>> print(latex(read("sin(alpha)/2").model))
    \frac{\sin{\left(\alpha \right)}}{2}
    """
    return _sympy().latex(express(node))


def symbol(name: str) -> Any:
    """Return a real symbol of SymPy's."""
    return _sympy().Symbol(name, real=True)


def as_number(value: Any) -> Any:
    """Return what the functions here made of a formula as an expression: truth is 1 or 0."""
    return _number(_sympy(), value)


def _sympy() -> Any:
    try:
        import sympy
    except ImportError:
        message = "formula: SymPy writes formulas in LaTeX, and it isn't installed. Run: pip install ravine[sympy]"
        raise MissingDependency(message) from None
    return sympy


def _exact(sp: Any, value: Any) -> Any:
    """Return whole floats as integers: ``x**2``, not ``x**2.0``."""
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return sp.Integer(int(value)) if is_whole else sp.sympify(value)


def _number(sp: Any, value: Any) -> Any:
    """Return truth as 1 or 0."""
    value = _exact(sp, value)
    return sp.Piecewise((1, value), (0, True)) if _is_truth(sp, value) else value


def _truth(sp: Any, value: Any) -> Any:
    """Return a number as the statement that it is not 0."""
    value = _exact(sp, value)
    return value if _is_truth(sp, value) else sp.Ne(value, 0)


def _is_truth(sp: Any, value: Any) -> bool:
    return isinstance(value, sp.logic.boolalg.Boolean) and not isinstance(value, sp.Symbol)


def _on_numbers(sp: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments: function(*(_number(sp, argument) for argument in arguments))


def _on_truths(sp: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments: function(*(_truth(sp, argument) for argument in arguments))


def _arithmetic(sp: Any) -> dict[str, Callable[..., Any]]:
    return {
        "add": lambda x, y: x + y,
        "subtract": lambda x, y: x - y,
        "multiply": lambda x, y: x * y,
        "divide": lambda x, y: x / y,
        "floor_divide": lambda x, y: sp.floor(x / y),
        "remainder": sp.Mod,
        "power": sp.Pow,
        "negative": lambda x: -x,
        "reciprocal": lambda x: 1 / x,
        "square": lambda x: x**2,
        "sqrt": sp.sqrt,
        "cbrt": lambda x: sp.sign(x) * sp.cbrt(sp.Abs(x)),
        "hypot": lambda x, y: sp.sqrt(x**2 + y**2),
        "abs": sp.Abs,
        "sign": sp.sign,
        "floor": sp.floor,
        "ceil": sp.ceiling,
        "round": sp.Function("round"),
        "trunc": lambda x: sp.sign(x) * sp.floor(sp.Abs(x)),
        "minimum": sp.Min,
        "maximum": sp.Max,
        "clip": lambda x, low, high: sp.Min(sp.Max(x, low), high),
    }


def _elementary(sp: Any) -> dict[str, Callable[..., Any]]:
    return {
        "sin": sp.sin,
        "cos": sp.cos,
        "tan": sp.tan,
        "arcsin": sp.asin,
        "arccos": sp.acos,
        "arctan": sp.atan,
        "arctan2": sp.atan2,
        "sinh": sp.sinh,
        "cosh": sp.cosh,
        "tanh": sp.tanh,
        "arcsinh": sp.asinh,
        "arccosh": sp.acosh,
        "arctanh": sp.atanh,
        "radians": lambda x: x * sp.pi / 180,
        "degrees": lambda x: x * 180 / sp.pi,
        "exp": sp.exp,
        "exp2": lambda x: 2**x,
        "expm1": lambda x: sp.exp(x) - 1,
        "log": sp.log,
        "log1p": lambda x: sp.log(1 + x),
        "log2": lambda x: sp.log(x) / sp.log(2),
        "log10": lambda x: sp.log(x) / sp.log(10),
        "logaddexp": lambda x, y: sp.log(sp.exp(x) + sp.exp(y)),
    }


def _choices(sp: Any) -> dict[str, Callable[..., Any]]:
    def where(condition: Any, chosen: Any, other: Any) -> Any:
        return sp.Piecewise((_number(sp, chosen), _truth(sp, condition)), (_number(sp, other), True))

    comparisons = {
        "less": sp.Lt,
        "less_equal": sp.Le,
        "greater": sp.Gt,
        "greater_equal": sp.Ge,
        "equal": sp.Eq,
        "not_equal": sp.Ne,
    }
    logic = {"logical_and": sp.And, "logical_or": sp.Or, "logical_not": sp.Not}
    return {
        "where": where,
        **{name: _on_numbers(sp, compare) for name, compare in comparisons.items()},
        **{name: _on_truths(sp, join) for name, join in logic.items()},
    }


def _special(sp: Any) -> dict[str, Callable[..., Any]]:
    def leaky_relu(x: Any, slope: Any = 0.2) -> Any:
        return sp.Piecewise((x, x > 0), (slope * x, True))

    from sympy.utilities.lambdify import implemented_function

    def voigt(x: Any, sigma: Any, gamma: Any) -> Any:
        """Return a profile of numbers; twice the digits, because a small γ's share is small beside Im w."""
        import mpmath

        with mpmath.workprec(2 * max(mpmath.mp.prec, 128)):
            x, sigma, gamma = (mpmath.mpf(value) for value in (x, sigma, gamma))
            if sigma == 0:
                return gamma / (mpmath.pi * (x * x + gamma * gamma))
            width = abs(sigma) * mpmath.sqrt(2)
            z = mpmath.mpc(x, gamma) / width
            return (mpmath.exp(-z * z) * mpmath.erfc(-1j * z)).real / (width * mpmath.sqrt(mpmath.pi))

    return {
        "voigt": implemented_function(sp.Function("voigt", real=True), voigt),
        "heaviside": lambda x, at_zero=0.5: sp.Heaviside(x, sp.nsimplify(at_zero)),
        "erf": sp.erf,
        "erfc": sp.erfc,
        "lgamma": lambda x: sp.log(sp.Abs(sp.gamma(x))),
        "sigmoid": lambda x: 1 / (1 + sp.exp(-x)),
        "softplus": lambda x: sp.log(1 + sp.exp(x)),
        "relu": lambda x: sp.Max(x, 0),
        "leaky_relu": leaky_relu,
        "swish": lambda x: x / (1 + sp.exp(-x)),
        "gelu": lambda x: x * (1 + sp.erf(x / sp.sqrt(2))) / 2,
    }
