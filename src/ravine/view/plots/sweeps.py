"""A sweep: final loss over the learning rate, how the starts ended, and the edge that theory knows."""

from __future__ import annotations

import numpy as np

from ravine.swept import Outcome, Sweep
from ravine.view.clipping import clip_path
from ravine.view.palette import DASHES, SERIES
from ravine.view.scales import finite
from ravine.view.scene import Axis, Dots, Line, Mark, Panel, Ribbon, Scene

_COLORS = {
    Outcome.converged: "#009E73",
    Outcome.ran_out: "#A9D6EF",
    Outcome.oscillating: "#E69F00",
    Outcome.diverged: "#C8553D",
    Outcome.not_finite: "#4B5563",
}
_THICK = 0.38  # half of a strip
_BEYOND = 1e9
_RANGE = 1e-7  # of the loss at the start: how far down a logarithmic axis reaches


def sweep(sweep: Sweep) -> Scene:
    """Show the final loss over the learning rate, and beneath it how the starts ended.

    Lines are medians over the starts, ribbons hold their middle half, dots mark the best learning rates, and a
    vertical line stands at the edge beyond which no descent settles, where theory names it. The strips show which
    share of the starts converged, ran out of steps, oscillated or diverged. On a logarithmic axis, losses below a
    ten-millionth of that at the start stand at its floor.

    Parameters
    ----------
    sweep
        Of one optimizer or several.
    """
    losses = _losses(sweep)
    strips = _strips(sweep)
    height = 0.35 + 0.16 * len(sweep.optimizers)
    panels = (losses, strips)
    return Scene(sweep.problem.title, panels, _subtitle(sweep), heights=(2.0, height), stacked=True)


def _subtitle(sweep: Sweep) -> str:
    starts = f"median and middle half of {sweep.starts} starts" if sweep.starts > 1 else "1 start"
    return f"{starts}, at most {sweep.settings['steps']} steps"


def _losses(sweep: Sweep) -> Panel:
    y_axis, shift = _axis_of_losses(sweep)
    values = np.sort(np.where(np.isfinite(sweep.loss), sweep.loss - shift, np.inf), axis=2)
    layers: list[list[Mark]] = [[], [], [], []]  # ribbons, edges, lines, dots: all of a kind lie under the next
    for index in range(len(sweep.optimizers)):
        for layer, marks in zip(layers, _of_optimizer(sweep, index, values[index], y_axis), strict=True):
            layer.extend(marks)
    marks = [mark for layer in layers for mark in layer]
    return Panel(_axis_of_rates(sweep), y_axis, tuple(marks), title="Final loss")


def _of_optimizer(sweep: Sweep, index: int, values: np.ndarray, axis: Axis) -> tuple[list[Mark], ...]:
    """Return ribbon, edge, line and dot of one optimizer, from its sorted losses [rate, start]."""
    name, color, dash = sweep.optimizers[index], SERIES[index % len(SERIES)], DASHES[index % len(DASHES)]
    first, middle, last = (_shown(_quantile(values, share), axis) for share in (0.25, 0.5, 0.75))
    assert axis.limits is not None
    low, high = axis.limits
    ribbons: list[Mark] = []
    if sweep.starts > 1 and sweep.rates.size > 1:
        sides = (np.minimum(side, high) for side in (first, last))
        ribbons.append(Ribbon(sweep.rates, *sides, opacity=0.16, color=color))
    alone = len(sweep.optimizers) == 1
    edge = _edge_label(sweep, name)
    edges: list[Mark] = []
    if edge and sweep.rates[0] <= sweep.edges[name] <= sweep.rates[-1]:
        x, y = np.full(2, sweep.edges[name]), np.array([low, high])
        edges.append(Line(x, y, width=1.4, dash="dotted", label=edge if alone else "", color=color))
    label = name if alone or not edge else f"{name} ({edge})"
    line = Line(*_within(sweep.rates, middle, axis), width=2.2, dash=dash, label=label, color=color)
    best = slice(sweep.best[index], sweep.best[index] + 1)
    label = "" if index else "best learning rate"
    dot = Dots(sweep.rates[best], middle[best], size=10.0, halo=True, label=label, color=color)
    return ribbons, edges, [line], [dot]


def _edge_label(sweep: Sweep, name: str) -> str:
    if name not in sweep.edges:
        return ""
    is_plain = np.isclose(sweep.edges[name] * (sweep.settings.get("curvature") or np.nan), 2)
    return f"edge {'2/λ = ' if is_plain else ''}{sweep.edges[name]:.3g}"


def _quantile(ordered: np.ndarray, share: float) -> np.ndarray:
    """Return a quantile over starts, [rate], from sorted losses [rate, start] of which some may be infinite."""
    place = share * (ordered.shape[1] - 1)
    below, above = ordered[:, int(np.floor(place))], ordered[:, int(np.ceil(place))]
    with np.errstate(invalid="ignore"):
        between = below + (place % 1) * (above - below)
    return np.where(np.isfinite(above), between, above)


def _within(rates: np.ndarray, values: np.ndarray, axis: Axis) -> tuple[np.ndarray, np.ndarray]:
    """Return a line up to where it leaves the panel: a legend may come to stand above it."""
    assert axis.limits is not None
    logs = axis.scale == "log"
    ceiling = np.log(axis.limits[1]) if logs else axis.limits[1]
    heights = np.log(values) if logs else values
    x, y = clip_path(np.column_stack([np.log(rates), heights]), ((-np.inf, np.inf), (-np.inf, float(ceiling)))).T
    return np.exp(x), np.exp(y) if logs else y


def _shown(values: np.ndarray, axis: Axis) -> np.ndarray:
    """Return values that stand above the floor; far beyond the ceiling at most."""
    assert axis.limits is not None
    low, high = axis.limits
    return np.clip(values, *((2 * low, _BEYOND * high) if axis.scale == "log" else (low, high + _BEYOND)))


def _axis_of_losses(sweep: Sweep) -> tuple[Axis, float]:
    """Return the axis, and what to subtract from a loss on it: logarithmic, above the lowest if some are negative."""
    begin = finite(sweep.dataset["start_loss"].values)
    losses = finite(sweep.loss)
    label = "final loss" if not sweep.problem.has_data else f"final loss ({sweep.problem.loss.name})"
    if not begin.size or not losses.size:
        return Axis(label, limits=(0.0, 1.0)), 0.0
    least = float(losses.min())
    shift = 0.0 if least >= 0 else least
    label += " above the lowest" if shift else ""
    top = float(np.median(begin)) - shift
    if not top > 0:
        return Axis(label, limits=(least - 1.0, least + 1.0)), 0.0
    floor = max(_RANGE * top, 0.8 * (least - shift))
    return Axis(label, "log", (floor / 2, 20 * top)), shift


def _axis_of_rates(sweep: Sweep) -> Axis:
    low, high = sweep.rates[0], sweep.rates[-1]
    room = (high / low) ** 0.02 if high > low else 2.0
    return Axis("learning rate", "log", (float(low / room), float(high * room)))


def _strips(sweep: Sweep) -> Panel:
    """Return the panel of shares: one strip for each optimizer, from top to bottom."""
    borders = _borders(sweep.rates)
    x = np.repeat(borders, 2)[1:-1]
    marks: list[Mark] = []
    for outcome, color in _COLORS.items():
        label = outcome.words
        for index in range(len(sweep.optimizers)):
            share = sweep.share(outcome)[index]
            if not share.any():
                continue
            before = list(_COLORS)[: list(_COLORS).index(outcome)]
            below = np.sum([np.zeros(share.size), *(sweep.share(other)[index] for other in before)], axis=0)
            low, high = (-index - _THICK + 2 * _THICK * part for part in (below, below + share))
            marks.append(_cells(x, low, high, color, label))
            label = ""
    count = len(sweep.optimizers)
    y = Axis("", limits=(0.5 - count, 0.5), ticks=tuple((-float(i), name) for i, name in enumerate(sweep.optimizers)))
    return Panel(_axis_of_rates(sweep), y, tuple(marks), title="How the starts ended")


def _cells(x: np.ndarray, low: np.ndarray, high: np.ndarray, color: str, label: str) -> Ribbon:
    """Return one outcome of one optimizer: a cell for each rate, left out where it has no share."""
    there = high > low
    low, high = (np.repeat(np.where(there, side, np.nan), 2) for side in (low, high))
    return Ribbon(x, low, high, color=color, opacity=0.9, label=label)


def _borders(rates: np.ndarray) -> np.ndarray:
    """Return the borders of cells around the rates, halfway on a logarithmic scale, [rate + 1].

    Examples
    --------
    >>> _borders(np.array([1.0, 100.0])).round(3).tolist()
    [0.1, 10.0, 1000.0]
    """
    logs = np.log(rates)
    if logs.size == 1:
        return rates[0] * np.array([0.5, 2.0])
    between = (logs[1:] + logs[:-1]) / 2
    return np.exp(np.concatenate([[2 * logs[0] - between[0]], between, [2 * logs[-1] - between[-1]]]))
