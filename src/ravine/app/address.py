"""Address: a state as the part of a web address behind #, and back. It never leaves the browser."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from ravine.app import state as states
from ravine.app.sources import Own, Sketch, Source, Values
from ravine.app.state import State
from ravine.errors import ProblemError

LONGEST = 6_000
_LONGEST_READ = 20_000


def write(state: State) -> str:
    """Return a state as a readable query.

    Own data that would make the address too long are left out, see `holds_all`.

    Examples
    --------
    >>> write(State("x**2", starts=((("x", 3.0),),), learning_rate=0.5))
    'formula=x**2&start=x:3.0&optimizer=sgd&rate=0.5&steps=200&language=en'
    """
    pairs = _pairs(state)
    query = _joined(pairs)
    if len(query) > LONGEST:
        query = _joined([pair for pair in pairs if pair[0] != "column"])
    return query


def holds_all(state: State) -> bool:
    """Tell whether the address says everything: own data may be too large for it."""
    return len(_joined(_pairs(state))) <= LONGEST


def read(text: str) -> State:
    """Read an address, with or without its ``#``.

    Raises
    ------
    RavineError
        If it is none of ours, or asks for too much.

    Examples
    --------
    >>> read("#formula=x**2&start=x:3&rate=0.5").starts
    ((('x', 3.0),),)
    """
    if len(text) > _LONGEST_READ:
        raise ProblemError(f"address: expected at most {_LONGEST_READ:,} characters, got {len(text):,}.")
    try:
        pairs = parse_qsl(text.removeprefix("#"), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        raise ProblemError("address: expected one that this page made, got another.") from None
    several: dict[str, list[str]] = {}
    for name, value in pairs:
        several.setdefault(name, []).append(value)
    return states.of_json(_as_json(several))


def _as_json(several: dict[str, list[str]]) -> dict[str, Any]:
    one = {name: values[-1] for name, values in several.items()}
    given: dict[str, Any] = {"formula": one.get("formula"), "language": one.get("language", "en")}
    given["data"] = _source_of(one, several)
    given["starts"] = [_values_of(text) for text in several.get("start", [])]
    given["plane"] = [[name, low, high] for name, low, high in map(_range_of, several.get("show", []))]
    given["optimizers"] = several.get("optimizer", ["sgd"])
    given["learning_rate"] = _number(one.get("rate", "0.1"))
    given["steps"] = _number(one.get("steps", "200"))
    return given


def _source_of(one: dict[str, str], several: dict[str, list[str]]) -> dict[str, Any] | None:
    if "sketch" in one:
        _, low, high = _range_of(f":{one.get('x', '')}")
        return {
            "kind": "sketch",
            "formula": one["sketch"],
            "truth": _values_of(one.get("truth", "")),
            "low": low,
            "high": high,
            "points": _number(one.get("points", "")),
            "noise": _number(one.get("noise", "")),
            "seed": _number(one.get("seed", "0")),
        }
    if "column" not in several:
        return None
    parts = [text.rpartition(":") for text in several["column"]]
    columns = {name: [_number(word) for word in words.split(",")] for name, _, words in parts}
    return {"kind": "own", "name": one.get("data", "data"), "columns": columns}


def _pairs(state: State) -> list[tuple[str, str]]:
    pairs = [("formula", state.formula), *_of_source(state.data)]
    pairs += [("start", _values(start)) for start in state.starts]
    pairs += [("show", f"{name}:{low!r}:{high!r}") for name, low, high in state.plane]
    pairs += [("optimizer", name) for name in state.optimizers]
    return [*pairs, ("rate", repr(state.learning_rate)), ("steps", str(state.steps)), ("language", state.language)]


def _of_source(source: Source | None) -> list[tuple[str, str]]:
    match source:
        case Sketch():
            return [
                ("sketch", source.formula), ("truth", _values(source.truth)), ("x", f"{source.low!r}:{source.high!r}"),
                ("points", str(source.points)), ("noise", repr(source.noise)), ("seed", str(source.seed)),
            ]  # fmt: skip
        case Own():
            columns = [("column", f"{name}:{','.join(map(repr, values))}") for name, values in source.values]
            return [("data", source.name), *columns]
    return []


def _joined(pairs: list[tuple[str, str]]) -> str:
    return urlencode(pairs, safe="*():,/^")


def _values(values: Values) -> str:
    return ",".join(f"{name}:{value!r}" for name, value in values)


def _values_of(text: str) -> dict[str, float]:
    parts = [part.rpartition(":") for part in text.split(",") if part]
    return {name: _number(word) for name, _, word in parts}


def _range_of(text: str) -> tuple[str, float, float]:
    parts = text.rsplit(":", 2)
    if len(parts) != 3:
        raise ProblemError("address: expected a range such as -2:7, got another. Copy the whole address.")
    return parts[0], _number(parts[1]), _number(parts[2])


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise ProblemError("address: expected a number, got something else. Copy the whole address.") from None
