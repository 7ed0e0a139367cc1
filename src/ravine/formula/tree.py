"""The tree of a formula: numbers, names and calls.

Operators are calls of NumPy's names (``add``, ``power``, ``less``, …), so that whoever walks a tree has one
case for everything that computes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

from ravine.errors import FormulaError

Result = TypeVar("Result")


class Expression:
    """What numbers, names and calls can do; ``str(node)`` is the text with no parentheses beyond the necessary."""

    __slots__ = ()

    def evaluate(self, values: Mapping[str, Any], math: Mapping[str, Callable[..., Any]]) -> Any:
        """Calculate the value.

        Parameters
        ----------
        values
            The value of every name: numbers, arrays or tensors.
        math
            What calculates each function: ``math_numpy.MATH``, ``math_tensorflow.math()``, ``math_sympy.math()``.

        Raises
        ------
        FormulaError
            When a name has no value.

        Examples
        --------
        >>> from ravine.formula.math_numpy import MATH
        >>> Call("add", (Name("x"), Number(1.0))).evaluate({"x": 2.0}, MATH)
        3.0
        """

        def leaf(node: Number | Name) -> Any:
            return node.value if isinstance(node, Number) else _value_of(node, values)

        return fold(cast("Node", self), leaf, lambda call, arguments: math[call.function](*arguments))

    def __str__(self) -> str:
        return fold(cast("Node", self), _write_leaf, _write_call).text


@dataclass(frozen=True, slots=True)
class Number(Expression):
    """A finite constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Name(Expression):
    """A column, a parameter, or one of the constants pi and e."""

    name: str


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """A function (by its canonical name) of one or more nodes."""

    function: str
    arguments: tuple[Node, ...]


Node: TypeAlias = Number | Name | Call


def fold(node: Node, leaf: Callable[[Number | Name], Result], join: Callable[[Call, list[Result]], Result]) -> Result:
    """Reduce a tree from the leaves up, without recursion: a sum of 1,000 terms is 1,000 calls deep.

    Examples
    --------
    >>> fold(Call("add", (Name("x"), Number(1.0))), lambda leaf: 1, lambda call, sizes: 1 + sum(sizes))
    3
    """
    results: list[Result] = []
    pending: list[tuple[Node, bool]] = [(node, False)]
    while pending:
        current, has_arguments = pending.pop()
        if not isinstance(current, Call):
            results.append(leaf(current))
        elif has_arguments:
            first = len(results) - len(current.arguments)
            results[first:] = [join(current, results[first:])]
        else:
            pending.append((current, True))
            pending.extend((argument, False) for argument in reversed(current.arguments))
    return results.pop()


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and all nodes below it, in the order they are read.

    Examples
    --------
    >>> [str(part) for part in walk(Call("add", (Name("x"), Number(1.0))))]
    ['x + 1', 'x', '1']
    """
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        if isinstance(current, Call):
            pending.extend(reversed(current.arguments))


def replace_names(node: Node, by: Mapping[str, Node]) -> Node:
    """Return the tree with some of its names replaced by other trees.

    Examples
    --------
    >>> str(replace_names(Call("multiply", (Name("a"), Name("x"))), {"a": Call("add", (Name("b"), Number(1.0)))}))
    '(b + 1)*x'
    """

    def leaf(part: Number | Name) -> Node:
        return by.get(part.name, part) if isinstance(part, Name) else part

    return fold(node, leaf, lambda call, arguments: Call(call.function, tuple(arguments)))


def names(node: Node) -> tuple[str, ...]:
    """Return the names in a tree in the order of their first appearance.

    Examples
    --------
    >>> names(Call("add", (Call("multiply", (Name("b"), Name("a"))), Name("b"))))
    ('b', 'a')
    """
    return tuple(dict.fromkeys(part.name for part in walk(node) if isinstance(part, Name)))


def _value_of(node: Name, values: Mapping[str, Any]) -> Any:
    try:
        return values[node.name]
    except KeyError:
        known = ", ".join(values) or "none"
        raise FormulaError(f"formula: expected a value for '{node.name}', got values for: {known}.") from None


# How tightly a text holds together, from Python's grammar. Parentheses are written where an argument holds
# less tightly than its place asks for.
_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(9)


class _Written(NamedTuple):
    text: str
    hold: int


class _Infix(NamedTuple):
    symbol: str
    hold: int
    left: int
    right: int


_PREFIXES = {"negative": ("-", _SIGN), "logical_not": ("not ", _NOT)}
_INFIXES = {
    "logical_or": _Infix(" or ", _OR, _OR, _AND),
    "logical_and": _Infix(" and ", _AND, _AND, _NOT),
    "less": _Infix(" < ", _COMPARISON, _SUM, _SUM),
    "less_equal": _Infix(" <= ", _COMPARISON, _SUM, _SUM),
    "greater": _Infix(" > ", _COMPARISON, _SUM, _SUM),
    "greater_equal": _Infix(" >= ", _COMPARISON, _SUM, _SUM),
    "equal": _Infix(" == ", _COMPARISON, _SUM, _SUM),
    "not_equal": _Infix(" != ", _COMPARISON, _SUM, _SUM),
    "add": _Infix(" + ", _SUM, _SUM, _PRODUCT),
    "subtract": _Infix(" - ", _SUM, _SUM, _PRODUCT),
    "multiply": _Infix("*", _PRODUCT, _PRODUCT, _SIGN),
    "divide": _Infix("/", _PRODUCT, _PRODUCT, _SIGN),
    "floor_divide": _Infix("//", _PRODUCT, _PRODUCT, _SIGN),
    "remainder": _Infix(" % ", _PRODUCT, _PRODUCT, _SIGN),
    "power": _Infix("**", _POWER, _ATOM, _SIGN),
}


def _write_leaf(node: Number | Name) -> _Written:
    if isinstance(node, Name):
        return _Written(node.name, _ATOM)
    text = repr(float(node.value)).removesuffix(".0")
    return _Written(text, _SIGN if text.startswith("-") else _ATOM)


def _write_call(call: Call, arguments: list[_Written]) -> _Written:
    if call.function in _PREFIXES:
        symbol, hold = _PREFIXES[call.function]
        return _Written(symbol + _enclose(arguments[0], hold), hold)
    if call.function in _INFIXES:
        infix = _INFIXES[call.function]
        left, right = _enclose(arguments[0], infix.left), _enclose(arguments[1], infix.right)
        return _Written(left + infix.symbol + right, infix.hold)
    return _Written(f"{call.function}({', '.join(part.text for part in arguments)})", _ATOM)


def _enclose(part: _Written, hold: int) -> str:
    return part.text if part.hold >= hold else f"({part.text})"
