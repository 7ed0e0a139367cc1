"""Slopes: derivatives told in tables, and as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ravine import json_values, notes
from ravine.document import Equation, Heading, Paragraph, Part, Table

if TYPE_CHECKING:
    from ravine.derivatives import Derivative, Derivatives

_ROWS = 25
_MATRICES = 3


def title(found: Derivatives) -> str:
    """Return the headline."""
    what = ", ".join(found.formulas[:4]) + (f" and {len(found.formulas) - 4} more" if len(found.formulas) > 4 else "")
    return f"Derivatives of {what}"


def parts(found: Derivatives) -> list[Part]:
    """Return the account."""
    return list(_tell(found))


def _tell(found: Derivatives) -> Iterator[Part]:
    for note in found.notes:
        yield Paragraph(note.text, warning=True)
    yield Heading("In symbols")
    for part in found.parts:
        if part.expression is not None:
            drawn = part.expression.is_known and not part.expression.shown.startswith("(")
            name = symbol(part, found)
            yield Equation(
                f"{name} = {part.expression.shown}",
                f"<mrow>{_drawn(part, found)}<mo>=</mo>{part.expression.mathml}</mrow>" if drawn else "",
            )
        elif part.output == 0:
            yield Equation(f"{symbol(part, found)}: no formula")
    if found.points == 1:
        yield from _at_one_point(found)
    elif len(found.names) == 1 and len(found.formulas) == 1:
        yield from _over_points(found)
    else:
        yield from _matrices(found)
    if found.points > 1:
        yield Heading("How well they agree")
        yield _agreement(found)


def symbol(part: Derivative, found: Derivatives) -> str:
    """Return the usual sign of a derivative.

    It is f′ for one variable and one output, ∂²f/∂a∂b or ∂f₂/∂a otherwise.
    """
    f = function(part.output, found)
    degree = len(part.path)
    if len(found.names) == 1 and len(found.at) == 1:
        return f"{f}{('′', '″', '‴')[degree - 1]}" if degree <= 3 else f"{f}⁽{_raised(degree)}⁾"
    power = _raised(degree) if degree > 1 else ""
    below = "".join(
        f"∂{name}{_raised(part.path.count(name)) if part.path.count(name) > 1 else ''}"
        for name in dict.fromkeys(part.path)
    )
    return f"∂{power}{f}/{below}"


def function(output: int, found: Derivatives) -> str:
    """Return the sign of an output: f, or f₁, f₂ and so on."""
    return "f" if len(found.formulas) == 1 else f"f{str(output + 1).translate(_BELOW)}"


_ABOVE = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _raised(number: int) -> str:
    return str(number).translate(_ABOVE)


def _drawn(part: Derivative, found: Derivatives) -> str:
    name = symbol(part, found)
    if "/" not in name:
        return f"<mi>{name}</mi>"
    above, below = name.split("/")
    return f"<mfrac><mi>{above}</mi><mi>{below}</mi></mfrac>"


def _over_points(found: Derivatives) -> Iterator[Part]:
    """Return a table of values and derivatives, then one of each order, found in three ways."""
    (name,) = found.names
    rows = _chosen(found.points)
    yield Heading("Values")
    yield from _held(found)
    header = (name, "f", *(symbol(part, found) for part in found.parts))
    columns = [found.at[name], found.values[0], *(part.automatic for part in found.parts)]
    yield Table(header, tuple(tuple(_number(column[row]) for column in columns) for row in rows))
    for part in found.parts:
        yield Heading(f"{symbol(part, found)}, three ways")
        yield Table((name, *_WAYS), tuple((_number(found.at[name][row]), *_ways(part, row)) for row in rows))
    if len(rows) < found.points:
        yield Paragraph(f"Shown are {len(rows)} of {found.points:,} points.")


_WAYS = ("automatic", "by the formula", "differences", "± error")


def _ways(part: Derivative, row: int) -> tuple[str, ...]:
    symbolic = "–" if part.symbolic is None else _number(part.symbolic[row])
    error = part.error[row]
    return (
        _number(part.automatic[row]),
        symbolic,
        _number(part.differences[row]),
        f"{error:.0e}" if np.isfinite(error) else "–",
    )


def _at_one_point(found: Derivatives) -> Iterator[Part]:
    yield Heading("Values")
    where = ", ".join(f"{name} = {_number(column[0])}" for name, column in found.at.items())
    values = ", ".join(f"{function(i, found)} = {_number(value[0])}" for i, value in enumerate(found.values))
    yield Paragraph(f"At {where}: {values}")
    rows = tuple((symbol(part, found), *_ways(part, 0)) for part in found.parts)
    yield Table(("", *_WAYS), rows[: 4 * _ROWS])
    if len(found.formulas) > 1 and len(found.names) > 1:
        yield from _matrix(
            "Jacobian", [function(i, found) for i in range(len(found.formulas))], found, found.jacobian[0]
        )
    if found.order == 2 and len(found.names) > 1:
        yield from _matrix("Hessian", list(found.names), found, found.hessian[0])


def _matrices(found: Derivatives) -> Iterator[Part]:
    """Return Jacobian (and Hessian) at the first points, by automatic differentiation."""
    for row in range(min(found.points, _MATRICES)):
        where = ", ".join(f"{name} = {_number(column[row])}" for name, column in found.at.items())
        names = [function(i, found) for i in range(len(found.formulas))]
        kind = "Gradient" if len(names) == 1 else "Jacobian"
        yield from _matrix(f"{kind} at {where}", names, found, found.jacobian[row])
        if found.order == 2 and len(found.names) > 1 and len(names) == 1:
            yield from _matrix(f"Hessian at {where}", list(found.names), found, found.hessian[row])
    if found.points > _MATRICES:
        yield Paragraph(f"Shown are the first {_MATRICES} of {found.points:,} points.")


def _matrix(heading: str, names: list[str], found: Derivatives, matrix: np.ndarray) -> Iterator[Part]:
    yield Heading(heading)
    rows = tuple((name, *map(_number, row)) for name, row in zip(names, matrix, strict=True))
    yield Table(("", *(f"∂/∂{name}" for name in found.names)), rows)


def _held(found: Derivatives) -> Iterator[Part]:
    held = [f"{name} = {_number(column[0])}" for name, column in found.at.items() if name not in found.names]
    if held:
        yield Paragraph(f"with {', '.join(held)}")


def _agreement(found: Derivatives) -> Table:
    rows = []
    for part in found.parts[: 2 * _ROWS]:
        symbolic = "–" if part.symbolic is None else _largest(part.automatic - part.symbolic)
        rows.append((symbol(part, found), symbolic, _largest(part.automatic - part.differences), _largest(part.error)))
    return Table(("", "automatic − formula", "automatic − differences", "estimated error"), tuple(rows))


def _largest(values: np.ndarray) -> str:
    known = np.abs(values[np.isfinite(values)])
    return f"{known.max():.1e}" if known.size else "–"


def _chosen(count: int) -> list[int]:
    return sorted(set(np.linspace(0, count - 1, min(count, _ROWS)).round().astype(int).tolist()))


def _number(value: float) -> str:
    if np.isnan(value):
        return "NaN"
    return f"{value + 0.0:.8g}".replace("inf", "∞").replace("-", "−")


def describe(found: Derivatives) -> dict[str, Any]:
    """Return derivatives as plain values for JSON, None where there is no number."""
    return {
        "formulas": list(found.formulas),
        "with_respect_to": list(found.names),
        "order": found.order,
        "at": {name: _numbers(column) for name, column in found.at.items()},
        "values": [_numbers(row) for row in found.values],
        "derivatives": [_describe_part(part) for part in found.parts],
        "warnings": notes.described(found.notes),
    }


def _describe_part(part: Derivative) -> dict[str, Any]:
    known = part.expression if part.expression is not None and part.expression.is_known else None
    return {
        "output": part.output,
        "with_respect_to": list(part.path),
        "text": known.text if known else None,
        "latex": known.latex if known else None,
        "automatic": _numbers(part.automatic),
        "symbolic": None if part.symbolic is None else _numbers(part.symbolic),
        "differences": _numbers(part.differences),
        "error": _numbers(part.error),
    }


def _numbers(values: np.ndarray) -> list[float | None]:
    return [json_values.number(value) for value in values]
