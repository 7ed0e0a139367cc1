"""Typeset: a formula in LaTeX as it was typed, in the same order, in a time that grows with its length only.

SymPy writes LaTeX too, but computes while it reads: ``9**(9**9*x/x)`` would never end.
"""

from __future__ import annotations

from typing import NamedTuple

from ravine.formula import Call, Formula, Name, Number
from ravine.formula.tree import fold

_SUM, _NEGATIVE, _PRODUCT, _POWER, _ATOM = range(5)
_SHORT = 24  # letters of an exponent beyond which exp() reads better

_SIGNS = {
    "add": "+", "subtract": "-", "less": "<", "less_equal": r"\le", "greater": ">", "greater_equal": r"\ge",
    "equal": "=", "not_equal": r"\ne", "remainder": r"\bmod",
}  # fmt: skip
_UPRIGHT = {
    "sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "arcsin", "arccos", "arctan", "minimum", "maximum",
}  # fmt: skip
_WRITTEN = {"minimum": r"\min", "maximum": r"\max", "log": r"\ln"}
_GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi", "pi",
    "rho", "sigma", "tau", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Phi", "Psi", "Omega",
}  # fmt: skip


class _Part(NamedTuple):
    text: str
    holds: int  # how tightly it holds together


def latex(formula: Formula) -> str:
    r"""Return a formula in LaTeX, without the dollars.

    Examples
    --------
    >>> print(latex(Formula("y = sin(b*cos(a*x))/2")))
    y = \frac{\sin\left(b \cos\left(a x\right)\right)}{2}
    >>> print(latex(Formula("(x - 50)**2 + top_1")))
    \left(x - 50\right)^{2} + \mathrm{top}_{1}
    """
    sides = [fold(side, _leaf, _joined).text for side in (formula.response, formula.model) if side is not None]
    return " = ".join(sides)


def _leaf(node: Number | Name) -> _Part:
    if isinstance(node, Name):
        return _Part(_name(node.name), _ATOM)
    text = f"{node.value:.6g}" if node.value != int(node.value) or abs(node.value) >= 1e6 else f"{node.value:.0f}"
    digits, _, exponent = text.partition("e")
    return _Part(rf"{digits} \cdot 10^{{{int(exponent)}}}", _PRODUCT) if exponent else _Part(digits, _ATOM)


def _name(name: str) -> str:
    letters, _, index = name.rstrip("_").partition("_")
    base = letters.rstrip("0123456789")
    index = (letters[len(base) :] + (f",{index}" if index and letters != base else index)) if base else index
    upright = base if len(base) == 1 else rf"\mathrm{{{base or letters}}}"
    word = f"\\{base}" if base in _GREEK else upright
    return f"{word}_{{{_escaped(index)}}}" if index else word


def _escaped(text: str) -> str:
    return text.replace("_", r"\_")


def _joined(call: Call, parts: list[_Part]) -> _Part:
    name = call.function
    match name, parts:
        case "multiply", [left, right]:
            return _Part(_product(left, right), _NEGATIVE if left.holds == _NEGATIVE else _PRODUCT)
        case "divide", [left, right]:
            return _Part(rf"\frac{{{left.text}}}{{{right.text}}}", _PRODUCT)
        case ("power", [left, right]):
            return _Part(f"{_held(left, _ATOM)}^{{{right.text}}}", _POWER)
        case "square", [one]:
            return _Part(f"{_held(one, _ATOM)}^{{2}}", _POWER)
        case "negative", [one]:
            return _Part(f"-{_held(one, _PRODUCT)}", _NEGATIVE)
        case "exp", [one] if len(one.text) <= _SHORT and "frac" not in one.text:
            return _Part(f"e^{{{one.text}}}", _POWER)
        case "sqrt", [one]:
            return _Part(rf"\sqrt{{{one.text}}}", _ATOM)
        case "abs", [one]:
            return _Part(rf"\left|{one.text}\right|", _ATOM)
    if name in _SIGNS and len(parts) == 2:
        left, right = parts
        return _Part(f"{_held(left, _SUM)} {_SIGNS[name]} {_held(right, _PRODUCT)}", _SUM)
    word = _WRITTEN.get(name, f"\\{name}") if name in _UPRIGHT else rf"\operatorname{{{_escaped(name)}}}"
    return _Part(rf"{word}\left({', '.join(part.text for part in parts)}\right)", _ATOM)


def _product(left: _Part, right: _Part) -> str:
    first, second = _held(left, _NEGATIVE), _held(right, _PRODUCT)
    sign = r" \cdot " if second[:1].isdigit() else r" \, " if "mathrm" in f"{first} {second}" else " "
    return f"{first}{sign}{second}"


def _held(part: _Part, needed: int) -> str:
    return part.text if part.holds >= needed else rf"\left({part.text}\right)"
