"""From text to tree."""

from __future__ import annotations

import ast
import unicodedata
import warnings
from dataclasses import dataclass, field
from functools import reduce
from itertools import islice
from typing import Any, NamedTuple, NoReturn

from ravine.errors import FormulaError
from ravine.formula import functions
from ravine.formula.scanner import MAXIMUM_NESTING, Token, plain, scan
from ravine.formula.tree import Call, Name, Node, Number, names, walk

MAXIMUM_NAMES = 200
MAXIMUM_NODES = 10_000

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.FloorDiv: "floor_divide",
    ast.Mod: "remainder",
    ast.Pow: "power",
    ast.USub: "negative",
    ast.Not: "logical_not",
    ast.And: "logical_and",
    ast.Or: "logical_or",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
}


class Equation(NamedTuple):
    """What a text says: ``response = model``, or a model alone."""

    response: Node | None
    model: Node


def read(text: str) -> Equation:
    """Read a formula.

    Raises
    ------
    FormulaError
        When the text is no formula; the message says where and what to write instead.

    Examples
    --------
    >>> response, model = read("log(y) = a*exp(-b*x)")
    >>> str(response), str(model)
    ('log(y)', 'a*exp(-b*x)')
    """
    tokens = scan(text)
    signs = [token.column for token in tokens if token.kind == "="]
    if len(signs) > 1:
        message = "formula: expected one '=', got a second one. Write == to compare."
        raise FormulaError(message, text, signs[1])
    reader = _Reader(text, _spellings(tokens))
    if not signs:
        return reader.checked(Equation(None, reader.read_part(0, len(text))))
    response = reader.read_part(0, signs[0])
    return reader.checked(Equation(response, reader.read_part(signs[0] + 1, len(text))))


def _spellings(tokens: list[Token]) -> dict[str, str]:
    """Map every name as Python normalizes it to the user's first spelling of it.

    The micro sign and the Greek mu look alike and are one name; it is the one the user typed, because that is
    what a column is called.
    """
    spellings: dict[str, str] = {"π": "pi"}
    for token in tokens:
        if token.kind == "name":
            spellings.setdefault(unicodedata.normalize("NFKC", token.text), token.text)
    return spellings


@dataclass
class _Reader:
    text: str
    spellings: dict[str, str]
    depth: int = 0
    source: bytes = field(default=b"", init=False)

    def checked(self, equation: Equation) -> Equation:
        found = set(names(equation.model)).union(names(equation.response) if equation.response else ())
        if len(found) > MAXIMUM_NAMES:
            raise FormulaError(f"formula: expected at most {MAXIMUM_NAMES} names, got {len(found)}.")
        return equation

    def read_part(self, first: int, last: int) -> Node:
        """Read ``text[first:last]``, keeping its place so that columns stay true."""
        source = "(" + " " * first + plain(self.text[first:last]) + ")"
        self.source = source.encode()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # newer Pythons warn of "1or x"
                tree = ast.parse(source, mode="eval")
            return self.read(tree.body)
        except (RecursionError, MemoryError):
            raise FormulaError(f"formula: expected at most {MAXIMUM_NESTING} levels, got more.", self.text) from None
        except (SyntaxError, ValueError) as error:
            if isinstance(error, FormulaError):
                raise
            column = max(0, (getattr(error, "offset", 1) or 1) - 2)
            raise FormulaError("formula: this can't be read as an expression.", self.text, column) from None

    def read(self, tree: ast.expr) -> Node:
        self.depth += 1
        if self.depth > MAXIMUM_NESTING:
            self.refuse(tree, f"formula: expected at most {MAXIMUM_NESTING} levels, got more.")
        node = self.dispatch(tree)
        self.depth -= 1
        return node

    def dispatch(self, tree: ast.expr) -> Node:
        match tree:
            case ast.Constant(value=int() | float() as value):
                return Number(float(value))
            case ast.Name():
                return self.name(tree)
            case ast.Call():
                return self.call(tree)
            case ast.UnaryOp():
                return self.unary(tree)
            case ast.BinOp():
                return self.binary(tree)
            case ast.BoolOp():
                return self.chain(_OPERATORS[type(tree.op)], [self.read(value) for value in tree.values])
            case ast.Compare():
                return self.comparison(tree)
        self.refuse(tree, "formula: this has no meaning in a formula.")

    def name(self, tree: ast.Name) -> Node:
        name = self.spellings.get(tree.id, tree.id)
        function = functions.resolve(tree.id)
        if function is not None and tree.id not in functions.WORDS:
            call = ", ".join(("x", "y", "z")[: function.least])
            hint = f"Write {name}({call}), or rename it if it is a column or parameter."
            self.refuse(tree, f"formula: '{name}' is a function. {hint}")
        return Name(name)

    def call(self, tree: ast.Call) -> Node:
        if not isinstance(tree.func, ast.Name) or tree.keywords:
            self.refuse(tree, "formula: only a function can be called. Write * between factors.")
        function = functions.resolve(tree.func.id)
        if function is None:
            self.refuse_function(tree.func)
        if not function.least <= len(tree.args) <= function.most:
            self.refuse(tree, f"formula: {tree.func.id} takes {function.arity}, got {len(tree.args)}.")
        return Call(function.name, tuple(self.read(argument) for argument in tree.args))

    def unary(self, tree: ast.UnaryOp) -> Node:
        operand = self.read(tree.operand)
        if isinstance(tree.op, ast.UAdd):
            return operand
        if isinstance(tree.op, ast.USub) and isinstance(tree.operand, ast.Constant) and isinstance(operand, Number):
            return Number(-operand.value)
        return Call(_OPERATORS[type(tree.op)], (operand,))

    def binary(self, tree: ast.BinOp) -> Node:
        """Read ``a + b + c + …`` in a loop: a long sum is not deep."""
        spine: list[ast.BinOp] = []
        first: ast.expr = tree
        while isinstance(first, ast.BinOp):
            spine.append(first)
            first = first.left
        node = self.read(first)
        for part in reversed(spine):
            node = Call(_OPERATORS[type(part.op)], (node, self.read(part.right)))
        return node

    def comparison(self, tree: ast.Compare) -> Node:
        """Read ``a < b < c`` as ``a < b and b < c``: chains inside chains double with every level."""
        sides = [self.read(side) for side in (tree.left, *tree.comparators)]
        pairs = zip(tree.ops, sides, sides[1:], strict=False)
        node = self.chain("logical_and", [Call(_OPERATORS[type(op)], (left, right)) for op, left, right in pairs])
        if len(list(islice(walk(node), MAXIMUM_NODES + 1))) > MAXIMUM_NODES:
            self.refuse(tree, f"formula: expected at most {MAXIMUM_NODES:,} operations, got more.")
        return node

    def chain(self, function: str, nodes: list[Node]) -> Node:
        return reduce(lambda left, right: Call(function, (left, right)), nodes)

    def refuse_function(self, tree: ast.Name) -> NoReturn:
        name = self.spellings.get(tree.id, tree.id)
        hint = functions.suggest(tree.id) or f" If '{name}' is a parameter, write {name}*(…)."
        self.refuse(tree, f"formula: unknown function '{name}'.{hint}")

    def refuse(self, tree: Any, message: str) -> NoReturn:
        first, last = (len(self.source[:end].decode()) - 1 for end in (tree.col_offset, tree.end_col_offset))
        raise FormulaError(message, self.text, first, last - first)
