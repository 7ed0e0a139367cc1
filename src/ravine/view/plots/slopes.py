"""A function of one variable with its derivatives beneath it."""

from __future__ import annotations

import numpy as np

from ravine.derivatives import Derivatives
from ravine.errors import ProblemError
from ravine.view.palette import DASHES, INK, PALE, SERIES
from ravine.view.scales import finite
from ravine.view.scene import Axis, Dots, Line, Mark, Panel, Rule, Scene, Words

_MARKS = ("f", "f′", "f″", "f‴")
_MOST = 4  # outputs whose lines can be told apart
_WILD = 2  # times the usual span: what reaches farther is a singularity
_DOTTED = 60  # points that are still shown one by one


def derivatives(found: Derivatives) -> Scene:
    """Show a function over a range and, beneath it, its derivatives; dots are differences of values alone.

    Parameters
    ----------
    found
        Of `ravine.derive`, by one variable over a range.

    Raises
    ------
    ProblemError
        If there is no range, or more than one variable.
    """
    curve = found.curve
    if curve is None:
        raise ProblemError(
            "plots.derivatives: expected derivatives of a formula by one variable over a range, such as "
            "derive(\"sigmoid(x)\", {'x': '-10:10:41'}). Use plots.matrix for a Jacobian or Hessian."
        )
    (name,) = found.names
    count = min(len(found.formulas), _MOST)
    limits = (float(curve.x[0]), float(curve.x[-1]))
    panels = []
    for order, values in enumerate(curve.values):
        marks: list[Mark] = [Rule(0.0, color=PALE, width=1.5)]
        for output in range(count):
            label = found.formulas[output] if order == 0 and count > 1 else ""
            marks.append(_line(curve.x, values[output], output, label))
            marks += _dots(found, order, output) if order and found.points <= _DOTTED else []
        if not finite(values[:count]).size:
            marks.append(Words("no finite value here"))
        height = Axis(_sign(order), limits=_limits(values[:count]))
        panels.append(Panel(Axis(name, limits=limits), height, tuple(marks)))
    return Scene(_title(found), tuple(panels), _subtitle(found), stacked=True, heights=(1.0,) * len(panels))


def _limits(values: np.ndarray) -> tuple[float, float] | None:
    """Return limits that leave the highest peaks of a singularity out, None where nothing needs to be."""
    known = finite(values)
    if not known.size:
        return None
    low, high = np.quantile(known, [0.02, 0.98])
    if np.ptp(known) <= _WILD * (high - low) or high <= low:
        return None
    margin, rim = 0.4 * (high - low), 0.08 * (high - low)
    return float(max(known.min() - rim, low - margin)), float(min(known.max() + rim, high + margin))


def _line(x: np.ndarray, y: np.ndarray, output: int, label: str) -> Line:
    """Return a line that is interrupted where the function isn't finite or jumps."""
    y = np.where(np.isfinite(y), y, np.nan)
    step = np.abs(np.diff(y, prepend=y[:1]))
    span = np.ptp(finite(y)) if finite(y).size else 0.0
    usual = float(np.nanmedian(step)) if np.isfinite(step).any() else 0.0
    jumps = (step > 0.2 * span) & (step > 20 * usual)
    shown = np.where(jumps, np.nan, y)
    return Line(x, shown, color=SERIES[output], dash=DASHES[output], width=2.6, label=label)


def _dots(found: Derivatives, order: int, output: int) -> list[Mark]:
    (name,) = found.names
    part = found.of(*[name] * order, output=output)
    scale = np.ptp(finite(found.curve.values[order, output])) if found.curve is not None else 0.0
    sure = np.isfinite(part.differences) & (part.error <= 0.05 * scale + 1e-9)
    label = "differences" if order == 1 and output == 0 else ""
    return [Dots(found.at[name][sure], part.differences[sure], color=INK, size=5.5, halo=True, label=label)]


def _sign(order: int) -> str:
    return _MARKS[order] if order < len(_MARKS) else f"derivative {order}"


def _title(found: Derivatives) -> str:
    first, *others = found.formulas
    return f"{len(found.formulas)} functions and their derivatives" if others else f"f = {first}"


def _subtitle(found: Derivatives) -> str:
    held = [f"{name} = {float(column[0]):.4g}" for name, column in found.at.items() if name not in found.names]
    return f"automatic differentiation{', at ' + ', '.join(held) if held else ''}"
