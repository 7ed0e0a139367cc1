"""Words: what a user types after an option, read into what the library takes."""

from __future__ import annotations

import re
from typing import Any

from ravine.errors import ProblemError

_MOST = 10_000  # values of one option

_EXAMPLES = {
    "--at": "name=value or name=low:high:count, such as x=-10:10:21,a=2",
    "--start": "name=value, such as a=2,b=4.5",
    "--grid": "name=low:high:count, such as a=-2:7:10",
    "--bounds": "name=low:high, such as a=-2:7,b=0:",
    "--hold": "name=value, such as c=1,d=0",
    "--fixed": "name=value or name, such as c=1,d",
    "--box": "name=low:high, such as a=-2:7,b=-2:7",
}


def assignments(option: str, text: str) -> dict[str, str]:
    """Split ``a=2,b=4.5`` into names and words.

    Raises
    ------
    ProblemError
        If a part has no '=' or a name comes twice.

    Examples
    --------
    >>> assignments("--start", "a=2, b=4.5")
    {'a': '2', 'b': '4.5'}
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        name, equals, word = (piece.strip() for piece in part.partition("="))
        if not equals or not name or not word:
            raise ProblemError(f"{option}: expected {_EXAMPLES[option]}, got '{text}'.")
        if name in found:
            raise ProblemError(f"{option}: expected '{name}' once, got it twice in '{text}'.")
        found[name] = word
    return found


def number(option: str, word: str) -> float:
    """Read a number.

    Raises
    ------
    ProblemError
        If it is none.
    """
    try:
        return float(word)
    except ValueError:
        raise ProblemError(f"{option}: expected a number, got '{word}'.") from None


def count(option: str, word: str) -> int:
    """Read a whole number without a sign.

    Raises
    ------
    ProblemError
        If it is none.
    """
    if not word.strip().isdecimal():
        raise ProblemError(f"{option}: expected a count, such as 10, got '{word}'.")
    return int(word)


def number_or_name(word: str | None) -> float | str | None:
    """Read a number if it is one, else leave the name of a column."""
    try:
        return None if word is None else float(word)
    except ValueError:
        return word


def numbers(option: str, text: str) -> list[float]:
    """Read numbers with commas between them."""
    return [number(option, word.strip()) for word in text.split(",")]


def several(text: str) -> list[str]:
    """Read words with commas between them; commas within parentheses belong to a word.

    Examples
    --------
    >>> several("sgd(momentum=0.9, nesterov=True), adam")
    ['sgd(momentum=0.9, nesterov=True)', 'adam']
    """
    return [word.strip() for word in re.split(r",(?![^()]*\))", text) if word.strip()]


def spread(option: str, text: str) -> list[float]:
    """Read ``low:high:log:count`` or ``low:high:linear:count``, or numbers with commas between them.

    Raises
    ------
    ProblemError
        If the words are others, or the numbers don't rise.

    Examples
    --------
    >>> spread("--learning-rate", "0.01:1:log:3"), spread("--learning-rate", "0:1:linear:3")
    ([0.01, 0.1, 1.0], [0.0, 0.5, 1.0])
    """
    if ":" not in text:
        return numbers(option, text)
    parts = text.split(":")
    if len(parts) != 4 or parts[2].strip() not in ("log", "linear"):
        raise ProblemError(f"{option}: expected low:high:log:count, such as 1e-3:3:log:40, got '{text}'.")
    low, high, how_many = number(option, parts[0]), number(option, parts[1]), count(option, parts[3])
    is_log = parts[2].strip() == "log"
    if not low < high or (is_log and low <= 0):
        lowest = "0 < low < high" if is_log else "low < high"
        raise ProblemError(f"{option}: expected {lowest}, got {low:g} and {high:g} in '{text}'.")
    if not 2 <= how_many <= _MOST:
        raise ProblemError(f"{option}: expected a count from 2 to {_MOST:,}, got {how_many:,} in '{text}'.")
    ratio, step = high / low if is_log else 0.0, (high - low) / (how_many - 1)
    shares = [index / (how_many - 1) for index in range(how_many)]
    between = [low * ratio**share if is_log else low + index * step for index, share in enumerate(shares)]
    return [low, *(float(f"{value:.12g}") for value in between[1:-1]), high]


def names(text: str | None) -> list[str]:
    """Read ``a,b``; nothing for no text.

    Examples
    --------
    >>> names("a, b"), names(None)
    (['a', 'b'], [])
    """
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def start(text: str) -> dict[str, float]:
    """Read ``a=2,b=4.5``."""
    return values("--start", text)


def values(option: str, text: str) -> dict[str, float]:
    """Read ``a=2,b=4.5`` after any option."""
    return {name: number(option, word) for name, word in assignments(option, text).items()}


def grid(text: str) -> dict[str, tuple[float, float, int]]:
    """Read ``a=-2:7:10,b=-2:7:10``.

    Raises
    ------
    ProblemError
        If a side isn't low:high:count.
    """
    axes = {}
    for name, word in assignments("--grid", text).items():
        parts = word.split(":")
        if len(parts) != 3:
            raise ProblemError(f"--grid: expected {_EXAMPLES['--grid']}, got '{name}={word}'.")
        axes[name] = (number("--grid", parts[0]), number("--grid", parts[1]), count("--grid", parts[2]))
    return axes


def ranges(option: str, text: str) -> dict[str, tuple[float | None, float | None]]:
    """Read ``a=-2:7,b=0:``; an empty side is open.

    Examples
    --------
    >>> ranges("--bounds", "a=-2:7,b=0:")
    {'a': (-2.0, 7.0), 'b': (0.0, None)}
    """
    sides = {}
    for name, word in assignments(option, text).items():
        parts = word.split(":")
        if len(parts) != 2:
            raise ProblemError(f"{option}: expected {_EXAMPLES[option]}, got '{name}={word}'.")
        low, high = (number(option, part) if part.strip() else None for part in parts)
        sides[name] = (low, high)
    return sides


def fixed(text: str, start: dict[str, float]) -> dict[str, float]:
    """Read ``c=1,d``: values, or names whose start stays.

    Raises
    ------
    ProblemError
        If a name has neither a value nor a start.

    Examples
    --------
    >>> fixed("c=1, d", {"d": 2.0})
    {'c': 1.0, 'd': 2.0}
    """
    found = {}
    for part in text.split(","):
        name, equals, _ = (piece.strip() for piece in part.partition("="))
        if not equals and name in start:
            found[name] = start[name]
        elif not equals:
            raise ProblemError(
                f"--fixed: expected a value for '{name}', got none. Write {name}=1, or give it a --start."
            )
        else:
            found.update({name: number("--fixed", word) for name, word in assignments("--fixed", part).items()})
    return found


def ties(texts: list[str]) -> dict[str, str]:
    """Read ``b2=2*b1``, once for each tie.

    Raises
    ------
    ProblemError
        If a side is missing or a name comes twice.

    Examples
    --------
    >>> ties(["b2 = 2*b1", "c=minimum(b1, 1)"])
    {'b2': '2*b1', 'c': 'minimum(b1, 1)'}
    """
    found: dict[str, str] = {}
    for text in texts:
        name, _, expression = (piece.strip() for piece in text.partition("="))
        if not name or not expression:
            raise ProblemError(f"--tie: expected name=expression, such as b2=2*b1, got '{text}'.")
        if name in found:
            raise ProblemError(f"--tie: expected '{name}' once, got it twice.")
        found[name] = expression
    return found


def random_starts(text: str, box: str | None, seed: int) -> Any:
    """Read ``normal:100``, ``normal:100:3`` (scale 3) or ``uniform:100`` with its box.

    Raises
    ------
    ProblemError
        If the words are others, or a box is missing or too much.
    """
    from ravine.starts import Normal, Uniform

    kind, *rest = text.split(":")
    if kind == "normal" and 1 <= len(rest) <= 2:
        if box is not None:
            raise ProblemError("--box: expected uniform starts with it, got normal ones. Take --random uniform:COUNT.")
        scale = number("--random", rest[1]) if len(rest) == 2 else 1.0
        return Normal(count("--random", rest[0]), scale=scale, seed=seed)
    if kind == "uniform" and len(rest) == 1:
        sides = ranges("--box", box) if box is not None else {}
        if not sides or any(None in side for side in sides.values()):
            raise ProblemError("--random: expected --box a=-2:7,b=-2:7 with uniform starts, closed on both sides.")
        return Uniform(count("--random", rest[0]), sides, seed)  # type: ignore[arg-type]
    raise ProblemError(f"--random: expected normal:COUNT, normal:COUNT:SCALE or uniform:COUNT, got '{text}'.")
