"""Carry a formula to the browser: its tree as a program for a stack, which the page's own script runs.

Nothing is evaluated as text there either: the script knows numbers, names and the functions of `ravine.formula`.
"""

from __future__ import annotations

from typing import Any

from ravine.formula.tree import Call, Name, Node, Number, fold

Program = list[list[Any]]


def program_of(node: Node) -> Program:
    """Return the steps that calculate a tree: ``[0, number]``, ``[1, name]``, ``[2, function, arguments]``.

    Examples
    --------
    >>> program_of(Call("add", (Name("x"), Number(1.0))))
    [[1, 'x'], [0, 1.0], [2, 'add', 2]]
    """
    steps: Program = []

    def leaf(part: Number | Name) -> None:
        steps.append([0, part.value] if isinstance(part, Number) else [1, part.name])

    def join(call: Call, arguments: list[None]) -> None:
        steps.append([2, call.function, len(arguments)])

    fold(node, leaf, join)
    return steps
