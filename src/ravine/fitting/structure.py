"""Structure: how each parameter enters a formula, read off its tree.

A model is often linear in some of its parameters, which then needn't be guessed: least squares gives them once the
others are known (variable projection). The others get guesses on the scale of what they meet.

References
----------
G. H. Golub and V. Pereyra (1973), The differentiation of pseudo-inverses and nonlinear least squares problems whose
variables separate, SIAM Journal on Numerical Analysis 10 (2), 413–432.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping

from ravine.formula.tree import Call, Name, Node, Number, fold, replace_names, walk


class Role(enum.StrEnum):
    """What a nonlinear parameter does to a column."""

    location = "location"  # x − b: it lives where x lives
    rate = "rate"  # b·x: it lives on the scale of 1/x
    scale = "scale"  # x/b: it lives on the scale of x
    exponent = "exponent"  # x**b
    other = "other"


def linear(model: Node, params: Collection[str]) -> tuple[str, ...]:
    """Return a largest prefix-greedy set of parameters in which the model is jointly affine.

    Examples
    --------
    >>> from ravine.formula import Formula
    >>> linear(Formula("a*exp(-b*x) + c").model, ["a", "b", "c"])
    ('a', 'c')
    """
    chosen: list[str] = []
    for name in params:
        if _degree(model, {*chosen, name}) <= 1:
            chosen.append(name)
    return tuple(chosen)


def _degree(model: Node, names: Collection[str]) -> int:
    """Return the degree of the model as a polynomial in these names, 2 for anything that isn't affine."""

    def leaf(node: Number | Name) -> int:
        return int(isinstance(node, Name) and node.name in names)

    def join(call: Call, degrees: list[int]) -> int:
        if not any(degrees):
            return 0
        match call.function:
            case "add" | "subtract":
                return max(degrees)
            case "negative":
                return degrees[0]
            case "multiply":
                return min(2, sum(degrees))
            case "divide":
                return degrees[0] if not degrees[1] else 2
            case _:
                return 2

    return fold(model, leaf, join)


def roles(model: Node, params: Collection[str], columns: Collection[str]) -> Mapping[str, set[Role]]:
    """Return what each parameter does, as far as the tree tells.

    Examples
    --------
    >>> from ravine.formula import Formula
    >>> found = roles(Formula("a*exp(-((x - b)/c)**2)").model, ["b", "c"], ["x"])
    >>> sorted(found["b"]), sorted(found["c"])
    ([<Role.location: 'location'>], [<Role.scale: 'scale'>])
    """
    found: dict[str, set[Role]] = {name: set() for name in params}
    for node in walk(model):
        if not isinstance(node, Call) or len(node.arguments) != 2:
            continue
        for own, other in (node.arguments, node.arguments[::-1]):
            for name in _bare(own, params):
                if _mentions(other, columns):
                    found[name].add(_role(node, is_second=own is node.arguments[1]))
    return {name: kinds or {Role.other} for name, kinds in found.items()}


def _role(call: Call, *, is_second: bool) -> Role:
    match call.function:
        case "add" | "subtract":
            return Role.location
        case "multiply":
            return Role.rate
        case "divide":
            return Role.scale if is_second else Role.other
        case "power":
            return Role.exponent if is_second else Role.other
        case _:
            return Role.other


def _bare(node: Node, params: Collection[str]) -> tuple[str, ...]:
    """Return the parameters that a factor consists of: ``b``, ``-b``, ``b**2``, ``2*b``."""
    names = {part.name for part in walk(node) if isinstance(part, Name)}
    return tuple(names) if names and names <= set(params) else ()


def _mentions(node: Node, columns: Collection[str]) -> bool:
    return any(isinstance(part, Name) and part.name in columns for part in walk(node))


def interchangeable(model: Node, params: Collection[str]) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Return groups of parameter tuples that can change places, since their terms of the sum look alike.

    Examples
    --------
    >>> from ravine.formula import Formula
    >>> interchangeable(Formula("a*exp(-b*x) + c*exp(-d*x)").model, ["a", "b", "c", "d"])
    ((('a', 'b'), ('c', 'd')),)
    """
    alike: dict[tuple[bool, Node], list[tuple[str, ...]]] = {}
    counts: dict[str, int] = dict.fromkeys(params, 0)
    for is_negative, term in _terms(model):
        inside = tuple(
            dict.fromkeys(node.name for node in walk(term) if isinstance(node, Name) and node.name in counts)
        )
        for name in inside:
            counts[name] += 1
        shape = replace_names(term, {name: Name(f"{place}") for place, name in enumerate(inside)})
        alike.setdefault((is_negative, shape), []).append(inside)
    groups = (tuple(names for names in group if all(counts[name] == 1 for name in names)) for group in alike.values())
    return tuple(group for group in groups if len(group) > 1 and group[0])


def put_in(model: Node, known: Mapping[str, float]) -> Node:
    """Return the tree with numbers for some names, and without what adds 0 or multiplies by 0 or 1 then.

    Examples
    --------
    >>> from ravine.formula import Formula
    >>> str(put_in(Formula("(a*p + b*q)*exp(-x)").model, {"p": 1.0, "q": 0.0}))
    'a*exp(-x)'
    """

    def join(call: Call, arguments: list[Node]) -> Node:
        match call.function, arguments:
            case ("multiply", [Number(0.0) as zero, _]) | ("multiply", [_, Number(0.0) as zero]):
                return zero
            case ("multiply", [Number(1.0), rest]) | ("multiply", [rest, Number(1.0)]):
                return rest
            case ("add", [Number(0.0), rest]) | ("add" | "subtract", [rest, Number(0.0)]):
                return rest
            case _:
                return Call(call.function, tuple(arguments))

    def leaf(part: Number | Name) -> Node:
        return Number(float(known[part.name])) if isinstance(part, Name) and part.name in known else part

    return fold(model, leaf, join)


def _terms(model: Node) -> list[tuple[bool, Node]]:
    """Return the terms of the topmost sum, each with whether it is subtracted."""
    pending, found = [(False, model)], []
    while pending:
        is_negative, node = pending.pop()
        match node:
            case Call("add", (left, right)):
                pending += [(is_negative, right), (is_negative, left)]
            case Call("subtract", (left, right)):
                pending += [(not is_negative, right), (is_negative, left)]
            case Call("negative", (inner,)):
                pending.append((not is_negative, inner))
            case _:
                found.append((is_negative, node))
    return found
