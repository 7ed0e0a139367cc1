"""Look at a formula's text, token by token, and refuse what is no formula with a sentence and a caret.

Python's own parser gives the tree later. Its messages speak of Python, though, and differ between versions;
what a user can get wrong is therefore caught here first.
"""

from __future__ import annotations

import keyword
import math
import re
import unicodedata
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from ravine.errors import FormulaError
from ravine.formula.functions import resolve

MAXIMUM_LENGTH = 10_000
MAXIMUM_NESTING = 100
MAXIMUM_WORD = 255


class Token(NamedTuple):
    """A piece of text: ``kind`` is number, name, word, operator, ``(``, ``)``, ``,``, ``=`` or end."""

    kind: str
    text: str
    column: int


_TOKEN = re.compile(
    r"""(?P<number>(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?)
      | (?P<name>[^\W\d](?:\w|[^\x00-\x7f\s])*)
      | (?P<operator>\*\*|//|<=|>=|==|!=|[-+*/%<>])
      | (?P<other>&&|\|\||:=|->|.)""",
    re.VERBOSE | re.DOTALL,
)

_HINTS = {
    "^": "Write ** for powers.",
    "&": "Write 'and'.",
    "&&": "Write 'and'.",
    "|": "Write 'or', or abs(x) for the absolute value.",
    "||": "Write 'or'.",
    "!": "Write 'not'.",
    "~": "Write = between response and model, or 'not'.",
    "@": "Write matrix products in a Python function.",
    ":=": "Write =.",
    ":": "Write where(condition, a, b) for a choice.",
    "?": "Write where(condition, a, b) for a choice.",
    "'": "A formula has no strings.",
    '"': "A formula has no strings.",
    "[": "Columns and parameters are named, not indexed; brackets are ( and ).",
    "]": "Columns and parameters are named, not indexed; brackets are ( and ).",
    "{": "Brackets are ( and ).",
    "}": "Brackets are ( and ).",
    ".": "Functions are called by their names alone: sin(x), not np.sin(x).",
    ";": "One formula at a time.",
    "#": "A formula has no comments.",
    "√": "Write sqrt(x).",
    "∞": "Numbers are finite.",
    "°": "Write radians(x).",
    "≤": "Write <=.",
    "≥": "Write >=.",
    "≠": "Write !=.",
    **dict.fromkeys("×·⋅∙•∗·", "Write *."),
    **dict.fromkeys("−–—‐‑‒", "Write - (the minus of the keyboard)."),
    **dict.fromkeys("÷∕⁄", "Write /."),
    **{character: f"Write **{power}." for power, character in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
}

_WORD_HINTS = {
    "if": "Write where(condition, a, b).",
    "else": "Write where(condition, a, b).",
    "for": "Write the terms out, or write a Python function.",
    "True": "Write 1.",
    "False": "Write 0.",
}


@dataclass
class _Place:
    """An open bracket: ``is_call`` tells whether commas are welcome."""

    column: int
    is_call: bool


def scan(text: str) -> list[Token]:
    """Return the tokens of a text that keeps to the grammar of formulas.

    Raises
    ------
    FormulaError
        When it does not; the message points at the first offending character.

    Examples
    --------
    >>> [token.text for token in scan("y = 2*x")]
    ['y', '=', '2', '*', 'x']
    >>> scan("y = 2x")
    Traceback (most recent call last):
    ravine.errors.FormulaError: formula: expected an operator between '2' and 'x'. Write 2*x.
      y = 2x
           ^
    """
    if len(text) > MAXIMUM_LENGTH:
        raise FormulaError(f"formula: expected at most {MAXIMUM_LENGTH:,} characters, got {len(text):,}. Shorten it.")
    tokens = _split(text)
    if not tokens:
        raise FormulaError('formula: expected a text such as "y = a*x + b", got an empty one.')
    _Grammar(text).check(tokens)
    return tokens


def plain(text: str) -> str:
    r"""Replace every kind of white space by as many blanks.

    Examples
    --------
    >>> plain("y =\n\tx")
    'y =  x'
    """
    return "".join(" " if character.isspace() else character for character in text)


def _split(text: str) -> list[Token]:
    tokens = []
    for match in _TOKEN.finditer(text):
        if match.group().isspace():
            continue
        token = Token(match.lastgroup or "", match.group(), match.start())
        tokens.append(_classify(text, token))
    return tokens


def _classify(text: str, token: Token) -> Token:
    if len(token.text) > MAXIMUM_WORD:
        message = f"formula: expected names and numbers of at most {MAXIMUM_WORD} characters, got {len(token.text):,}."
        raise FormulaError(message, text, *_extent(token))
    if token.kind == "number":
        return _check_number(text, token)
    if token.kind == "name":
        return _check_name(text, token)
    if token.kind == "other" and token.text in "(),=":
        return token._replace(kind=token.text)
    if token.kind == "other":
        _refuse_character(text, token.text, token.column)
    return token


def _check_number(text: str, token: Token) -> Token:
    try:
        value = float(token.text)
    except ValueError:
        raise FormulaError(f"formula: expected a number, got '{token.text}'.", text, *_extent(token)) from None
    if re.match(r"0[0-9_]+$", token.text):
        raise FormulaError("formula: a number begins with 0. Remove the zeros.", text, *_extent(token))
    if not math.isfinite(value):
        message = "formula: expected numbers up to 1.8e308, got a larger one."
        raise FormulaError(message, text, *_extent(token))
    return token


def _check_name(text: str, token: Token) -> Token:
    for column, character in enumerate(token.text, token.column):
        if character in _HINTS or not ("a" + character).isidentifier():
            _refuse_character(text, character, column)
    if token.text in ("and", "or", "not"):
        return token._replace(kind="word")
    if keyword.iskeyword(token.text):
        hint = _WORD_HINTS.get(token.text, f"Write '{token.text}_' if it is a name of yours.")
        message = f"formula: '{token.text}' is a reserved word of Python. {hint}"
        raise FormulaError(message, text, *_extent(token))
    return token


def _refuse_character(text: str, character: str, column: int) -> NoReturn:
    shown = f"'{character}'" if character.isprintable() else unicodedata.name(character, f"U+{ord(character):04X}")
    hint = _HINTS.get(character) or _ascii_hint(character)
    message = f"formula: {shown} has no meaning here. {hint}".rstrip()
    raise FormulaError(message, text, column, len(character))


def _ascii_hint(character: str) -> str:
    """Full-width brackets, subscripts and the like have an ASCII character of the same meaning."""
    same = str(int(character)) if character.isdecimal() else unicodedata.normalize("NFKC", character)
    return f"Write {same}." if same != character and same.isascii() and same.isprintable() else ""


def _extent(token: Token) -> tuple[int, int]:
    return token.column, len(token.text)


_START = Token("start", "", 0)


@dataclass
class _Grammar:
    """Values and operators take turns, brackets close: two states and a stack."""

    text: str
    open: list[_Place] = field(default_factory=list)
    before: Token = _START

    def check(self, tokens: list[Token]) -> None:
        for token in tokens:
            if self._has_value():
                self._after_value(token)
            else:
                self._for_value(token)
            self.before = token
        if self.open:
            raise FormulaError("formula: this bracket is never closed. Add ).", self.text, self.open[-1].column)
        if not self._has_value():
            self._refuse_gap("the end", len(self.text.rstrip()))

    def _has_value(self) -> bool:
        return self.before.kind in ("number", "name", ")")

    def _for_value(self, token: Token) -> None:
        """Take a token where a value must begin."""
        if token.kind == "(":
            self._open(token, is_call=False)
        elif token.kind == ")" and self.before.kind == "(" and self.open and self.open[-1].is_call:
            self.open.pop()
        elif token.text == "not" and self.before.kind == "operator":
            raise FormulaError("formula: 'not' needs brackets here. Write (not x).", self.text, *_extent(token))
        elif token.kind not in ("number", "name") and token.text not in ("+", "-", "not"):
            self._refuse_gap(f"'{token.text}'", token.column)

    def _after_value(self, token: Token) -> None:
        """Take a token where an operator must stand."""
        if token.kind == "(" and self.before.kind == "name":
            self._open(token, is_call=True)
        elif token.kind in ("(", "number", "name") or token.text == "not":
            self._refuse_product(token)
        elif token.kind == ")":
            self._close(token)
        elif token.kind == "," and not (self.open and self.open[-1].is_call):
            message = "formula: a comma stands between the arguments of a function only. Decimals have a point: 0.5."
            raise FormulaError(message, self.text, token.column)
        elif token.kind == "=" and self.open:
            message = "formula: '=' inside brackets. Write == to compare; arguments have no names."
            raise FormulaError(message, self.text, token.column)

    def _open(self, token: Token, *, is_call: bool) -> None:
        self.open.append(_Place(token.column, is_call))
        if len(self.open) > MAXIMUM_NESTING:
            message = f"formula: expected at most {MAXIMUM_NESTING} brackets in one another, got more."
            raise FormulaError(message, self.text, token.column)

    def _close(self, token: Token) -> None:
        if not self.open:
            raise FormulaError("formula: this bracket was never opened. Remove it.", self.text, token.column)
        self.open.pop()

    def _refuse_gap(self, got: str, column: int) -> NoReturn:
        after = f" after '{self.before.text}'" if self.before.text else ""
        message = f"formula: expected a number, a name or a bracket{after}, got {got}."
        raise FormulaError(message, self.text, column)

    def _refuse_product(self, token: Token) -> NoReturn:
        left, right = self.before, token
        if left.kind == "name" and resolve(left.text) is not None:
            hint = f" Write {left.text}({right.text})."
        elif right.kind == "word":
            hint = ""
        else:
            hint = f" Write {self._factor(left)}*{self._factor(right)}."
        message = f"formula: expected an operator between '{left.text}' and '{right.text}'.{hint}"
        raise FormulaError(message, self.text, *_extent(right))

    def _factor(self, token: Token) -> str:
        """Show a factor, of a longer one the near end."""
        if token.kind == ")":
            return "(…)"
        is_call = token.kind == "name" and resolve(token.text) is not None
        return f"{token.text}(…)" if is_call else token.text.replace("(", "(…)")
