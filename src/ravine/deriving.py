"""derive: values and derivatives of formulas, by automatic differentiation, in symbols and by differences."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ravine import differences, model
from ravine.derivatives import Curve, Derivative, Derivatives
from ravine.errors import ProblemError, did_you_mean
from ravine.formula import calculus
from ravine.formula.calculus import Expression
from ravine.model import Tree
from ravine.notes import Note
from ravine.taped import Outputs

_CONSTANTS = {"pi": math.pi, "e": math.e}
_HIGHEST = 8
_MOST_POINTS = 100_000
_MOST_VARIABLES = 40
_GRID = 401
_CALLED = 200  # points at which a callable is called one by one

Where = Mapping[str, Any]


def derive(formula: Any, at: Where, order: int = 1, with_respect_to: str | Sequence[str] | None = None) -> Derivatives:
    """Find values and derivatives of formulas at points, in three ways.

    By automatic differentiation (TensorFlow, float64), in symbols (SymPy), and by differences of values alone, whose
    error is estimated. Each is right in its own way; where they disagree a note says why.

    Parameters
    ----------
    formula
        A formula, or a callable of numbers; a list of them for several outputs (their Jacobian).
    at
        Where: for every name a number, several, or a range ``"low:high:count"``.
    order
        The highest order: up to 8 for one variable, 2 for several (the Hessian).
    with_respect_to
        Names to differentiate by; all by default.

    Raises
    ------
    FormulaError
        If a text is no formula.
    ProblemError
        If names, values and order don't go together.

    Examples
    --------
    For y = w·x² + w·b at w = 1, b = 2, x = 3: ∂y/∂x = 6 and ∂²y/∂x² = 2.

    >>> found = derive("w*x**2 + w*b", {"w": 1, "b": 2, "x": 3}, order=2)
    >>> found.of("x").automatic.tolist(), found.of("x", "x").automatic.tolist(), found.of("x", "w").expression.text
    ([6.0], [2.0], '2*x')
    """
    models = _read(formula)
    points = _points(models, at)
    names = _names(models, points, with_respect_to)
    _check_order(order, names)
    outputs = Outputs(models, {name: value for name, value in _CONSTANTS.items() if name not in points})
    if not outputs.is_readable and len(next(iter(points.values()))) > _CALLED:
        raise ProblemError(f"derive: expected at most {_CALLED} points for a function that is no formula, got more.")
    values = outputs(points)
    symbols = _expressions(outputs)
    parts = tuple(_parts(outputs, symbols, points, values, names, order))
    texts = tuple(each.text for each in models)
    texts = texts if len(texts) == len(values) else tuple(f"{texts[0]}[{index}]" for index in range(len(values)))
    return Derivatives(
        formulas=texts,
        names=names,
        at=points,
        order=order,
        values=values,
        parts=parts,
        curve=_curve(outputs, points, names, order),
        notes=tuple(_notes(outputs, points, names, values, parts)),
    )


# -- what is asked ----------------------------------------------------------------------------------------------------


def _read(formula: Any) -> tuple[model.Model, ...]:
    several = list(formula) if isinstance(formula, list | tuple) else [formula]
    if not several:
        raise ProblemError("derive: expected a formula, or a list of them, got an empty list.")
    return tuple(model.of(each, None)[0] for each in several)


def _points(models: Sequence[model.Model], at: Where) -> dict[str, np.ndarray]:
    """Return the values of all names that occur, [point] each."""
    if not isinstance(at, Mapping):
        raise ProblemError(f"derive: expected where by name, such as {{'x': 3}}, got {at!r}.")
    used = list(dict.fromkeys(name for each in models for name in _names_of(each)))
    for name in at:
        if name not in used:
            raise ProblemError(
                f"derive: '{name}' is no name in the formula (it has {', '.join(used)})." + did_you_mean(name, used)
            )
    missing = [name for name in used if name not in at and name not in _CONSTANTS]
    if missing:
        raise ProblemError(
            f"derive: expected a value for {', '.join(missing)}, got none. "
            f"Give {missing[0]}=1, say, or {missing[0]}=-1:1:21."
        )
    columns = {name: _values(name, at[name]) for name in used if name in at}
    if not columns:
        raise ProblemError("derive: expected at least one name to differentiate by, got a formula of constants.")
    count = max(map(len, columns.values()))
    for name, column in columns.items():
        if len(column) not in (1, count):
            raise ProblemError(
                f"derive: expected {count} values for '{name}' like for the others, or one, got {len(column)}."
            )
    return {name: np.array(np.broadcast_to(column, count)) for name, column in columns.items()}


def _names_of(each: model.Model) -> Sequence[str]:
    return each.formula.names if isinstance(each, Tree) and not each.arguments else each.names


def _values(name: str, given: Any) -> np.ndarray:
    """Return a number, several, or those of a range, [point]."""
    if isinstance(given, str):
        return _range(name, given)
    try:
        column = np.atleast_1d(np.asarray(given, float))
    except (TypeError, ValueError):
        column = np.empty(0)
    if column.ndim != 1 or not column.size or not np.isfinite(column).all():
        raise ProblemError(f"derive: expected finite numbers or low:high:count for '{name}', got {given!r}.")
    return _few(name, column)


def _range(name: str, text: str) -> np.ndarray:
    parts = text.split(":")
    try:
        numbers = [float(part) for part in parts[:2]]
        count = int(parts[2]) if len(parts) == 3 else 1
    except ValueError:
        numbers, count = [], 0
    if not (len(parts) == 1 or (len(parts) == 3 and count >= 2)) or not numbers or not np.isfinite(numbers).all():
        raise ProblemError(
            f"derive: expected a number or low:high:count for '{name}', such as -10:10:21, got '{text}'."
        )
    if count > _MOST_POINTS:
        raise ProblemError(f"derive: expected at most {_MOST_POINTS:,} points, got {count:,} for '{name}'.")
    return np.array(numbers) if len(parts) == 1 else np.linspace(numbers[0], numbers[1], count)


def _few(name: str, column: np.ndarray) -> np.ndarray:
    if len(column) > _MOST_POINTS:
        raise ProblemError(f"derive: expected at most {_MOST_POINTS:,} points, got {len(column):,} for '{name}'.")
    return column


def _names(models: Sequence[model.Model], points: Where, asked: str | Sequence[str] | None) -> tuple[str, ...]:
    wanted = list(points) if asked is None else [asked] if isinstance(asked, str) else list(asked)
    for name in wanted:
        if name not in points:
            raise ProblemError(
                f"with_respect_to: expected some of {', '.join(points)}, got '{name}'."
                + did_you_mean(str(name), points)
            )
    if not wanted or len(wanted) > _MOST_VARIABLES:
        raise ProblemError(f"with_respect_to: expected 1 to {_MOST_VARIABLES} names, got {len(wanted)}.")
    return tuple(dict.fromkeys(wanted))


def _check_order(order: Any, names: Sequence[str]) -> None:
    most = _HIGHEST if len(names) == 1 else 2
    if isinstance(order, bool) or not isinstance(order, int | np.integer) or not 1 <= order <= most:
        several = f" for {len(names)} variables ({', '.join(names)}); name one for higher orders" if most == 2 else ""
        raise ProblemError(f"order: expected a whole number from 1 to {most}{several}, got {order!r}.")


# -- the answers ------------------------------------------------------------------------------------------------------


def _expressions(outputs: Outputs) -> list[Expression | None]:
    return [
        calculus.expression(each.formula.model, outputs.constants) if isinstance(each, Tree) else None
        for each in outputs.models
    ]


def _parts(
    outputs: Outputs,
    symbols: list[Expression | None],
    at: Mapping[str, np.ndarray],
    values: np.ndarray,
    names: Sequence[str],
    order: int,
) -> Iterator[Derivative]:
    known: dict[tuple[int, tuple[str, ...]], Expression | None] = {(i, ()): each for i, each in enumerate(symbols)}
    for degree in range(1, order + 1):
        for path in itertools.combinations_with_replacement(names, degree):
            automatic = outputs.derivative(at, path)
            found, error = differences.difference(outputs, at, path)
            found, error = (np.broadcast_to(each, values.shape) for each in (found, error))
            for output in range(len(values)):
                before = known.get((output, path[:-1]))
                is_hard = before is None or before.is_too_large or not before.is_known
                expression = None if is_hard else before.derivative(path[-1])  # type: ignore[union-attr]
                known[output, path] = expression
                symbolic = None if expression is None else expression.evaluate(at)
                if symbolic is not None:
                    symbolic = np.where(np.isfinite(values[output]), symbolic, np.nan)
                yield Derivative(output, path, automatic[output], symbolic, found[output], error[output], expression)


def _curve(outputs: Outputs, at: Mapping[str, np.ndarray], names: Sequence[str], order: int) -> Curve | None:
    """Return function and derivatives on a fine grid, if one variable runs over a range."""
    varying = [name for name, column in at.items() if np.ptp(column) > 0]
    if varying != [names[0]] or len(names) > 1 or not outputs.is_readable:
        return None
    name = names[0]
    x = np.union1d(np.linspace(at[name].min(), at[name].max(), _GRID), at[name][:_GRID])
    fine = {other: np.full(x.size, column[0]) for other, column in at.items()} | {name: x}
    rows = [outputs(fine), *(outputs.derivative(fine, [name] * degree) for degree in range(1, order + 1))]
    rows = [np.where(np.isfinite(rows[0]), row, np.nan) for row in rows]  # no slope where there is no value
    return Curve(x, np.stack(rows))


# -- what to watch out for ----------------------------------------------------------------------------------------


def _notes(
    outputs: Outputs,
    at: Mapping[str, np.ndarray],
    names: Sequence[str],
    values: np.ndarray,
    parts: Sequence[Derivative],
) -> Iterator[Note]:
    outside = np.asarray(~np.isfinite(values).all(0))
    for got, where in (("NaN", np.isnan(values)), ("infinite", np.isinf(values))):
        if where.any():
            places = _places(at, np.any(where, axis=0, keepdims=True)[0])
            yield Note("undefined", f"The function is {got} at {places}: it has no derivative there.")
    seen = outside.copy()
    for part in parts:
        if part.path == part.path[:1] * len(part.path) and (len(names) == 1 or len(part.path) == 1):
            for note, where in _corners(outputs, at, part, seen):
                seen |= where
                yield note
    for part in parts:
        yield from _disagreements(at, part, seen)


def _corners(
    outputs: Outputs, at: Mapping[str, np.ndarray], part: Derivative, seen: np.ndarray
) -> Iterator[tuple[Note, np.ndarray]]:
    """Note where what is differentiated jumps or has a corner."""
    before, name = part.path[:-1], part.path[-1]

    def below(where: Mapping[str, np.ndarray]) -> np.ndarray:
        return outputs.derivative(where, before) if before else outputs(where)

    jumps, kinks, left, right = (each[part.output] for each in differences.corners(below, at, name))
    what = "The function" if not before else f"The derivative of order {len(before)}"
    for where, code in ((jumps & ~seen, "jump"), (kinks & ~seen, "kink")):
        if not where.any():
            continue
        index = int(np.flatnonzero(where)[0])
        chosen = f"automatic differentiation answers {_plain(part.automatic[index])}"
        chosen += "" if part.symbolic is None else f", the formula {_plain(part.symbolic[index])}"
        how = (
            "jumps"
            if code == "jump"
            else f"has a corner (slope {_plain(left[index])} before, {_plain(right[index])} after)"
        )
        yield Note(code, f"{what} {how} at {_places(at, where)}: no derivative there; {chosen}."), where


def _disagreements(at: Mapping[str, np.ndarray], part: Derivative, seen: np.ndarray) -> Iterator[Note]:
    """Note where the three ways differ for no reason that was found."""
    size = np.maximum(1.0, np.abs(part.differences))
    label = " ".join(f"∂{name}" for name in part.path)
    lost = ~np.isfinite(part.automatic) & ~seen
    if part.symbolic is not None:
        rescued = lost & np.isfinite(part.symbolic)
        if rescued.any():
            yield Note(
                "not-automatic",
                f"Automatic differentiation ({label}) finds {_plain(part.automatic[rescued][0])} at "
                f"{_places(at, rescued)}, "
                f"the formula {_plain(part.symbolic[rescued][0])}: 0·∞ on its way through the formula.",
            )
        lost &= ~rescued
        off = np.isfinite(part.symbolic) & ~seen & (np.abs(part.automatic - part.symbolic) > 1e-7 * size)
        if off.any():
            yield Note("ways-differ", f"Formula and automatic differentiation ({label}) differ at {_places(at, off)}.")
    if lost.any():
        yield Note("singular", f"The derivative ({label}) is {_plain(part.automatic[lost][0])} at {_places(at, lost)}.")
    off = (
        np.isfinite(part.differences)
        & ~seen
        & (np.abs(part.automatic - part.differences) > 20 * part.error + 1e-5 * size)
    )
    if off.any():
        yield Note(
            "ways-differ",
            f"Differences and automatic differentiation ({label}) differ at {_places(at, off)}: the function bends "
            "on a smaller scale than differences resolve, or isn't smooth there.",
        )


def _places(at: Mapping[str, np.ndarray], where: np.ndarray) -> str:
    """Return the first places, by the names that vary."""
    varying = [name for name, column in at.items() if np.ptp(column) > 0] or list(at)
    index = np.flatnonzero(where)
    said = [", ".join(f"{name} = {_plain(at[name][i])}" for name in varying) for i in index[:3]]
    more = f" and {len(index) - 3} more points" if len(index) > 3 else ""
    return "; ".join(said) + more


def _plain(value: Any) -> str:
    if np.isnan(value):
        return "NaN"
    return f"{value + 0.0:.6g}".replace("inf", "∞").replace("-", "−")
