"""From a Python function, written with NumPy, to a tree: call it once with symbols and watch."""

from __future__ import annotations

import inspect
import math
import numbers
from collections.abc import Callable
from typing import Any, NoReturn

from ravine.errors import FormulaError
from ravine.formula import functions
from ravine.formula.tree import Call, Name, Node, Number

MAXIMUM_NODES = 2000

_TRUTHS = frozenset(
    ["less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "logical_and", "logical_or", "logical_not"]
)


class Untraceable(FormulaError):
    """The function does something that has no place in a formula; it can still be called with tensors."""


def trace(function: Callable[..., Any]) -> Node:
    """Return the tree of what a function calculates from its parameters.

    Raises
    ------
    Untraceable
        When the function does more than elementwise arithmetic on numbers.

    Examples
    --------
    >>> import numpy as np
    >>> print(trace(lambda x, a, b: a * np.exp(-b * x)))
    a*exp(-b*x)
    """
    label = getattr(function, "__name__", type(function).__name__)
    symbols = {name: Symbol(Name(name), 1) for name in _parameters(function, label)}
    try:
        return _lift(function(**symbols)).node
    except Untraceable as error:
        raise Untraceable(f"{label}: expected a formula, got a function that {error.message}") from None
    except Exception as error:
        reason = f"raised {type(error).__name__} when called with symbols"
        raise Untraceable(f"{label}: expected a formula, got a function that {reason}.") from error


def _parameters(function: Callable[..., Any], label: str) -> list[str]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise Untraceable(f"{label}: expected a function with a signature, got one without.") from None
    for parameter in parameters:
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            message = f"{label}: expected named parameters, got '{parameter}'. Name every parameter."
            raise Untraceable(message)
    return [parameter.name for parameter in parameters]


def _lift(value: Any) -> Symbol:
    """Return a number as a symbol, a symbol as itself."""
    if isinstance(value, Symbol):
        return value
    shape = getattr(value, "shape", ())
    if shape == () and type(value).__module__ == "numpy":
        value = value.item()
    if isinstance(value, numbers.Real) and math.isfinite(value):
        return Symbol(Number(float(value)), 1)
    if isinstance(value, numbers.Real):
        raise Untraceable("uses a number that is not finite.")
    kind = f"an array of shape {tuple(shape)}" if shape else f"a value of type {type(value).__name__}"
    raise Untraceable(f"uses or returns {kind}; formulas calculate with numbers.")


def _call(function: str, *operands: Any) -> Symbol:
    lifted = [_lift(operand) for operand in operands]
    size = 1 + sum(symbol.size for symbol in lifted)
    if size > MAXIMUM_NODES:
        raise Untraceable(f"grows beyond {MAXIMUM_NODES:,} operations.")
    return Symbol(Call(function, tuple(symbol.node for symbol in lifted)), size)


def _binary(function: str) -> tuple[Callable[..., Symbol], Callable[..., Symbol]]:
    """Return an operator's method and its reflection."""
    return (
        lambda self, other: _call(function, self, other),
        lambda self, other: _call(function, other, self),
    )


def _logical(function: str) -> Callable[..., Symbol]:
    """Return the method for ``&`` and ``|``, NumPy's way to join comparisons."""

    def join(self: Symbol, other: Any) -> Symbol:
        if not (self.is_truth and _lift(other).is_truth):
            raise Untraceable("joins numbers by & or |, which formulas do with comparisons only.")
        return _call(function, self, other)

    return join


def _unary(function: str) -> Callable[..., Symbol]:
    return lambda self: _call(function, self)


def _refusal(reason: str) -> Callable[..., NoReturn]:
    def refuse(self: Symbol, *_: Any, **__: Any) -> NoReturn:
        raise Untraceable(reason)

    return refuse


class Symbol:
    """A stand-in for a number: remembers what is done to it.

    Parameters
    ----------
    node
        What has been calculated so far.
    size
        The number of nodes in it, shared ones counted every time.
    """

    __slots__ = ("node", "size")
    __hash__ = None  # type: ignore[assignment]  # == makes a tree

    def __init__(self, node: Node, size: int) -> None:
        self.node = node
        self.size = size

    @property
    def is_truth(self) -> bool:
        """Whether it is the outcome of a comparison."""
        return isinstance(self.node, Call) and self.node.function in _TRUTHS

    __add__, __radd__ = _binary("add")
    __sub__, __rsub__ = _binary("subtract")
    __mul__, __rmul__ = _binary("multiply")
    __truediv__, __rtruediv__ = _binary("divide")
    __floordiv__, __rfloordiv__ = _binary("floor_divide")
    __mod__, __rmod__ = _binary("remainder")
    __pow__, __rpow__ = _binary("power")
    __lt__, __gt__ = _binary("less")[0], _binary("greater")[0]
    __le__, __ge__ = _binary("less_equal")[0], _binary("greater_equal")[0]
    __eq__, __ne__ = _binary("equal")[0], _binary("not_equal")[0]  # type: ignore[assignment]
    __and__ = __rand__ = _logical("logical_and")
    __or__ = __ror__ = _logical("logical_or")
    __neg__, __abs__ = _unary("negative"), _unary("abs")
    __floor__, __ceil__, __trunc__ = _unary("floor"), _unary("ceil"), _unary("trunc")

    __bool__ = _refusal("decides by `if`, `and`, `or` or `not` on a parameter. Write np.where and np.logical_and.")
    __float__ = __int__ = __index__ = __complex__ = _refusal(
        "makes a plain number of a parameter. Write np.sin for math.sin."
    )
    __getitem__ = __iter__ = __len__ = _refusal("takes a parameter for an array.")
    __array__ = _refusal("makes an array of a parameter.")
    __matmul__ = __rmatmul__ = _refusal("multiplies matrices.")

    def __pos__(self) -> Symbol:
        return self

    def __invert__(self) -> Symbol:
        return _call("logical_not", self) if self.is_truth else _refusal("applies ~ to a number.")(self)

    def __round__(self, digits: int | None = None) -> Symbol:
        return _round(self, digits or 0)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Symbol:
        """Take part in NumPy's and SciPy's elementwise functions."""
        function = functions.resolve(ufunc.__name__)
        if method != "__call__":
            raise Untraceable(f"uses np.{ufunc.__name__}.{method}, which formulas lack.")
        if settings:
            raise Untraceable(f"passes {next(iter(settings))}= to np.{ufunc.__name__}, which formulas can't.")
        if ufunc.__name__ == "positive":
            return self
        if function is None:
            raise Untraceable(f"uses {ufunc.__name__}, which formulas lack.")
        return _call(function.name, *inputs)

    def __array_function__(self, function: Any, _types: Any, arguments: Any, settings: Any) -> Symbol:
        """Take part in those of NumPy's other functions that work elementwise."""
        if function.__name__ not in _ARRAY_FUNCTIONS:
            raise Untraceable(f"uses np.{function.__name__}, which formulas lack.")
        return _ARRAY_FUNCTIONS[function.__name__](*arguments, **settings)


def _where(condition: Any, chosen: Any, other: Any) -> Symbol:
    return _call("where", condition, chosen, other)


def _clip(x: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Symbol:
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    if low is not None and high is not None:
        return _call("clip", x, low, high)
    if low is not None:
        return _call("maximum", x, low)
    return _lift(x) if high is None else _call("minimum", x, high)


def _round(x: Any, decimals: int = 0) -> Symbol:
    if decimals:
        raise Untraceable("rounds to decimals.")
    return _call("round", x)


_ARRAY_FUNCTIONS = {"where": _where, "clip": _clip, "round": _round, "around": _round}
