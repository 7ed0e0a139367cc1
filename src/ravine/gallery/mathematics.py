"""Mathematics: formulas in prose, typeset as MathML, which browsers draw by themselves."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ˣᶻᵀ", "0123456789−+xzT", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼ", "0123456789ij", strict=True))
_FUNCTIONS = "leaky_relu|sin|cos|tanh|tan|exp|ln|log|sigmoid|softmax|softplus|relu|max|min"
_GREEK = "αβγδεζηθκλμνξπρσφχψω∂∇"
_MARKS = f"[{''.join(_LOWERED)}]*[{''.join(_RAISED)}′]*"

_NO_WORD, _NO_LETTER = "(?<![A-Za-z0-9_.])", "(?![A-Za-z0-9_]|['’][a-z])"

_TOKEN = re.compile(
    rf"""(?P<number>{_NO_WORD}\d+(?:,\d{{3}})*(?:\.\d+)?(?:e[−+]?\d+)?{_MARKS}(?![A-Za-z%°]))
    |(?P<function>{_NO_WORD}(?:{_FUNCTIONS}){_MARKS}{_NO_LETTER})
    |(?P<name>{_NO_WORD}[A-Za-z](?:\d|{_MARKS}){_NO_LETTER}|[{_GREEK}]{_MARKS}|(?<=[{_GREEK}²])[A-Za-z]{_MARKS}{_NO_LETTER})
    |(?P<word>(?<=[*·])[A-Za-z]+|{_NO_WORD}[A-Za-z]+(?=[*·]))
    |(?P<power>\*\*)
    |(?P<sign>[=←+−·*×÷/≈≤≥√]|(?<=\s)[-<>](?=\s))
    |(?P<open>\()
    |(?P<close>\){_MARKS})
    |(?P<comma>,)
    |(?P<space>[ ]+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_SPACING = {
    "(": ' stretchy="false"', ")": ' stretchy="false"', "/": ' lspace="0" rspace="0"',
    "·": ' lspace=".12em" rspace=".12em"', "*": ' lspace=".12em" rspace=".12em"',
}  # fmt: skip
_OPERANDS = ("number", "name", "word", "close")


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


def marked(text: str) -> str:
    """Return a text as HTML, its formulas as MathML; what was meant to be typed, such as ``a**2``, stays as it is.

    Examples
    --------
    >>> marked("so y = x² & more")
    'so <math><mi>y</mi><mo>=</mo><msup><mi>x</mi><mn>2</mn></msup></math> &amp; more'
    >>> marked("a line, in Python a**2 + 1")
    'a line, in Python <code>a**2 + 1</code>'
    """
    return "".join(_typeset(run) for run in _runs(text))


def typeset(formula: str) -> str:
    """Return a whole formula as MathML for a line of its own.

    Examples
    --------
    >>> typeset("y = a*x")
    '<math display="block"><mi>y</mi><mo>=</mo><mi>a</mi><mo lspace=".12em" rspace=".12em">·</mo><mi>x</mi></math>'
    """
    spaced = re.sub(r"(?<=\w|\))\s*-\s*", " − ", formula).replace("-", "−")
    return f'<math display="block">{_mathml(_tokens(spaced))}</math>'


def _tokens(text: str) -> list[_Token]:
    return [_Token(str(match.lastgroup), match.group()) for match in _TOKEN.finditer(text)]


def _runs(text: str) -> Iterator[list[_Token]]:
    """Yield the text in pieces: formulas that may be some, and what lies between them."""
    run: list[_Token] = []
    for token in _tokens(text):
        depth = sum({"open": 1, "close": -1}.get(each.kind, 0) for each in run)
        before = next((each for each in reversed(run) if each.kind != "space"), None)
        is_beside = before is not None and before.kind in _OPERANDS and token.kind in ("number", "name", "function")
        ends = token.kind == "other" or (token.kind in ("comma", "close") and depth <= 0)
        if ends or (is_beside and run[-1].kind == "space") or (token.kind == "open" and _apart(run)):
            yield from _trimmed(run)
            run = []
        if ends:
            yield [_Token("other", token.text)]
        else:
            run.append(token)
    yield from _trimmed(run)


def _apart(run: Sequence[_Token]) -> bool:
    """Tell whether a bracket opens after a space behind a value, as brackets of prose do."""
    return len(run) > 1 and run[-1].kind == "space" and run[-2].kind in _OPERANDS


def _trimmed(run: Sequence[_Token]) -> Iterator[list[_Token]]:
    """Yield a run without what can't begin or end a formula, which is yielded as text."""
    opened = next((place for place in range(len(run)) if _is_open(run, place)), None)
    if opened is not None:
        yield from _trimmed(run[:opened])
        yield [_Token("other", run[opened].text)]
        yield from _trimmed(run[opened + 1 :])
        return
    first, last = 0, len(run)
    while first < last and not _begins(run, first):
        first += 1
    while last > first and run[last - 1].kind not in (*_OPERANDS, "function"):
        last -= 1
    yield [_Token("other", token.text) for token in run[:first]]
    yield list(run[first:last])
    yield [_Token("other", token.text) for token in run[last:]]


def _begins(run: Sequence[_Token], place: int) -> bool:
    token = run[place]
    if token.kind == "sign":
        following = run[place + 1].kind if place + 1 < len(run) else "space"
        return token.text in "−√" and following != "space"
    return token.kind in (*_OPERANDS, "function", "open") and token.kind != "close"


def _is_open(run: Sequence[_Token], place: int) -> bool:
    """Tell whether the bracket at a place is never closed."""
    if run[place].kind != "open":
        return False
    depth = 0
    for token in run[place:]:
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if depth == 0:
            return False
    return True


def _typeset(run: list[_Token]) -> str:
    text = "".join(token.text for token in run)
    if not _is_formula(run):
        return html.escape(text, quote=False)
    if any(token.kind == "power" for token in run) and "=" not in text:
        return f"<code>{html.escape(text)}</code>"
    return f"<math>{_mathml(run)}</math>"


def _is_formula(run: Sequence[_Token]) -> bool:
    """Tell whether a run relates values to each other or has signs that only formulas have."""
    kinds = [token.kind for token in run if token.kind != "space"]
    relates = any(sign in ("sign", "power") and before in _OPERANDS for before, sign in itertools.pairwise(kinds))
    relates |= any(token.text == "√" for token in run)
    applies = "function" in kinds[:-1]
    return relates or applies or any(_has_marks(token) for token in run)


def _has_marks(token: _Token) -> bool:
    marks = any(letter in _RAISED or letter in _LOWERED or letter == "′" for letter in token.text)
    return token.kind in ("number", "function", "name", "close") and (marks or token.text[0] in _GREEK)


def _mathml(run: Sequence[_Token]) -> str:
    """Return tokens side by side; a power or a root takes what follows it."""
    parts: list[str] = []
    waiting, before = "", None
    for token in run:
        if token.kind == "space":
            continue
        if token.kind == "power" or token.text == "√":
            waiting = token.text
            continue
        is_first = not parts or (before is not None and before.kind in ("sign", "open", "comma", "function"))
        before = token
        part = '<mo form="prefix">−</mo>' if is_first and token.text in "−-" else _part(token)
        if waiting == "**":
            part = f"<msup>{parts.pop()}{part}</msup>"
        elif waiting and token.kind != "open":
            part = f"<msqrt>{part}</msqrt>"
        elif waiting:
            part = f"<mo>√</mo>{part}"
        waiting = ""
        parts.append(part)
    return "".join(parts)


def _part(token: _Token) -> str:
    base = token.text.rstrip("".join((*_RAISED, *_LOWERED, "′")))
    marks = token.text[len(base) :]
    base += "′" * marks.count("′")
    raised = "".join(_RAISED.get(letter, "") for letter in marks)
    lowered = "".join(_LOWERED.get(letter, "") for letter in marks)
    if token.kind == "name" and len(base) == 2 and base[1].isdigit():
        base, lowered = base[0], base[1]
    tag = {"number": "mn", "name": "mi", "function": "mi", "word": "mi"}.get(token.kind, "mo")
    shown = "·" if base == "*" else "−" if base == "-" else html.escape(base)
    inside = f"<{tag}{_SPACING.get(base, '')}>{shown}</{tag}>"
    if lowered and raised:
        return f"<msubsup>{inside}{_script(lowered)}{_script(raised)}</msubsup>"
    if lowered:
        return f"<msub>{inside}{_script(lowered)}</msub>"
    return f"<msup>{inside}{_script(raised)}</msup>" if raised else inside


def _script(text: str) -> str:
    parts = [f"<mo>{text[0]}</mo>", text[1:]] if len(text) > 1 and text[0] in "−+" else ["", text]
    tag = "mn" if parts[1].isdigit() else "mi"
    inside = f"{parts[0]}<{tag}>{parts[1]}</{tag}>"
    return f"<mrow>{inside}</mrow>" if parts[0] else inside
