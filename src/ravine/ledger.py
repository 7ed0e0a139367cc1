"""Ledger: an optimizer's own variables through the updates, every line of its arithmetic with its numbers.

Each line is a formula of ravine's own, evaluated with NumPy in the run's dtype, so that what is shown is what was
computed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ravine.arithmetic import CLIPPED, Config, Line, after, before, rule
from ravine.formula.math_numpy import MATH
from ravine.formula.reader import read
from ravine.formula.tree import Name, Node, Number, names, replace_names


@dataclass(frozen=True, eq=False)
class Entry:
    """A line with its numbers: ``inputs`` by symbol and ``value``, one number or [param] each."""

    line: Line
    inputs: Mapping[str, Any]
    value: Any

    @property
    def is_shared(self) -> bool:
        """Whether all parameters share the value."""
        return np.ndim(self.value) == 0

    @property
    def formula(self) -> str:
        """The line in symbols.

        Examples
        --------
        >>> Entry(Line("theta", "theta - g*alpha", "", ""), {}, 0.0).formula
        'θ ← θ − g·α'
        """
        symbol = _SYMBOLS.get(self.line.symbol, self.line.symbol)
        is_assigned = self.line.symbol in used(self.line.text) or self.line.keeps
        shown = replace_names(tree(self.line.text), {name: Name(_SYMBOLS[name]) for name in _SYMBOLS})
        return f"{symbol} {'←' if is_assigned else '='} {_pretty(str(shown))}"

    @property
    def template(self) -> list[str | tuple[str]]:
        """The right side in pieces: signs, and the symbols of the inputs where their numbers go.

        Examples
        --------
        >>> Entry(Line("theta", "theta - g*alpha", "", ""), {}, 0.0).template
        [('theta',), ' − ', ('g',), '·', ('alpha',)]
        """
        marked = {name: Name(f"{_MARK}{name}{_MARK}") for name in used(self.line.text)}
        pieces = _pretty(str(replace_names(tree(self.line.text), marked))).split(_MARK)
        return [(piece,) if place % 2 else piece for place, piece in enumerate(pieces) if piece or place % 2]

    def with_numbers(self, index: int) -> str:
        """Return the right side with the numbers of one parameter in it, and what comes out."""
        values = {name: Number(_one(value, index)) for name, value in self.inputs.items()}
        if not all(np.isfinite(number.value) for number in values.values()):
            return written(_one(self.value, index))
        return f"{_pretty(_rounded(tree(self.line.text), values))} = {written(_one(self.value, index))}"


_MARK = "\N{REPLACEMENT CHARACTER}"  # in no formula

_SYMBOLS = {
    "theta": "θ", "alpha": "α", "alpha_t": "αₜ", "beta_1": "β₁", "beta_2": "β₂", "epsilon": "ε", "rho": "ρ",
    "cast_beta_1": "β₁", "cast_beta_2": "β₂", "cast_momentum": "μ", "momentum": "μ", "cast_decay": "0.96",
    "cast_weight_decay": "w", "m_hat": "m̂", "v_hat": "v̂", "v_max": "v̂", "u_next": "uₜ₊₁", "u": "uₜ", "U": "Uₜ",
    "U_next": "Uₜ₊₁", "mean": "ḡ", "norm": "‖g‖", "all_norm": "‖all g‖", "ema": "η", "average": "θ̄", "c": "c",
    "low": "low", "high": "high", "count": "n", "total": "G", "scale": "s", "moved": "Δ", "squares": "E[g²]",
    "moves": "E[Δ²]", "largest": "u", "push": "b",
}  # fmt: skip


@cache
def tree(text: str) -> Node:
    """Return the tree of a line's formula."""
    return read(text).model


@cache
def used(text: str) -> tuple[str, ...]:
    """Return the symbols that a line's formula reads."""
    return names(tree(text))


def written(value: float) -> str:
    """Return a number as people write it: the fewest digits that stand for it, at most ten.

    Examples
    --------
    >>> written(-0.1), written(1e-7)
    ('−0.1', '1e−7')
    """
    return _pretty(f"{value:.10g}" if len(repr(value)) > 12 else repr(float(value)).removesuffix(".0"))


def _rounded(node: Node, values: Mapping[str, Number]) -> str:
    return str(replace_names(node, {name: Number(float(f"{each.value:.7g}")) for name, each in values.items()}))


def _one(value: Any, index: int) -> float:
    """Return one parameter's number as the shortest float that stands for it."""
    one = np.ravel(value)[index if np.ndim(value) else 0]
    return float(str(one))


_SUPERSCRIPTS = str.maketrans("0123456789t", "⁰¹²³⁴⁵⁶⁷⁸⁹ᵗ")


def _pretty(text: str) -> str:
    """Write a formula with signs of print.

    Examples
    --------
    >>> _pretty("m*sqrt(1 - b**t) - 2e-07")
    'm·√(1 − bᵗ) − 2e−7'
    """
    text = re.sub(r"\*\*(\d+|t)(?![\w.])", lambda found: found.group(1).translate(_SUPERSCRIPTS), text)
    text = text.replace("**", "^").replace("*", "·").replace("sqrt(", "√(").replace("-", "−")
    text = re.sub(r"(?<=\d)(e[−+]?)0+(\d)", r"\1\2", text)
    text = re.sub(r"(?<=[·/+−^]) ?−[\d.]+(e[−+]?\d+)?", lambda found: _enclosed(found.group()), text)
    return text.replace("maximum", "max").replace("minimum", "min")


def _enclosed(number: str) -> str:
    """Put a negative number that follows an operator into parentheses."""
    return f"{number[: number.index('−')]}({number.lstrip()})"


class Ledger:
    """An optimizer's own variables, and what each update does to them.

    Parameters
    ----------
    kind
        Class of the optimizer, such as ``"Adam"``.
    config
        Its settings, as Keras writes them.
    shapes
        Of the parameters, in order: norms are taken over each.
    dtype
        ``"float32"`` or ``"float64"``.
    limits
        Bounds of the parameters, [param] each; None without.

    Examples
    --------
    >>> ledger = Ledger("SGD", {"momentum": 0.5}, [()], "float64")
    >>> for _ in range(2):
    ...     entries = ledger.update(np.array([1.0]), np.array([2.0]), 0.1)
    >>> [(entry.formula, entry.value.tolist()) for entry in entries]
    [('m ← m·μ − g·α', [-0.30000000000000004]), ('θ ← θ + m', [0.7])]
    """

    def __init__(
        self,
        kind: str,
        config: Config,
        shapes: list[tuple[int, ...]],
        dtype: str,
        limits: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> None:
        self.config, self.shapes, self.dtype, self.limits = config, shapes, np.dtype(dtype), limits
        self.steps = 0  # gradients seen
        self._rule = rule(kind, config)
        width = sum(int(np.prod(shape)) for shape in shapes)
        kept = [line.symbol for line in (*self._rule, *after(config, 0, bounded=False)) if line.keeps]
        self.held: dict[str, Any] = {symbol: np.zeros(width, self.dtype) for symbol in kept}
        if "U" in self.held:
            self.held["U"] = self.dtype.type(1)
        if kind == "Adagrad":
            first = np.float32(config.get("initial_accumulator_value", 0.1))  # Keras casts it too
            self.held["v"] = np.full(width, first, self.dtype)
        if self._together:
            self.held["total"] = np.zeros(width, self.dtype)

    @property
    def _together(self) -> int:
        """How many gradients make one update; 0 where each makes its own."""
        return int(self.config.get("gradient_accumulation_steps") or 0)

    @property
    def iterations(self) -> int:
        """Updates made, as Keras counts them."""
        return self.steps // self._together if self._together else self.steps

    def state(self) -> dict[str, Any]:
        """Return the optimizer's own variables by Keras's names, one number or [param] each."""
        named = {line.symbol: line.keeps for line in (*self._rule, *after(self.config, 0, bounded=False)) if line.keeps}
        named["total"] = "gradient_accumulator"
        return {named[symbol]: value for symbol, value in self.held.items()}

    def update(self, params: np.ndarray, gradient: np.ndarray, rate: float) -> list[Entry]:
        """Make one update from parameters and gradient [param] with this learning rate, and return its lines."""
        values = {**self.settings(rate), **self.held}
        values.update(theta=params.astype(self.dtype), g=gradient.astype(self.dtype))
        entries = []
        with np.errstate(all="ignore"):
            for line in self.lines():
                if line.text.find("norm") >= 0:
                    values.update(self._norms(values["g"]))
                found = tree(line.text).evaluate(values, MATH)
                found = np.asarray(found, self.dtype) if np.ndim(found) else self.dtype.type(found)
                entries.append(Entry(line, {name: values[name] for name in used(line.text)}, found))
                values[line.symbol] = found
        self.held = {symbol: values[symbol] for symbol in self.held}
        if self._is_full and self._together:
            self.held["total"] = np.zeros_like(self.held["total"])
        self.steps += 1
        return entries

    @property
    def _is_full(self) -> bool:
        return not self._together or (self.steps + 1) % self._together == 0

    def lines(self) -> list[Line]:
        """Return the lines of the next update."""
        last = after(self.config, self.iterations, bounded=self.limits is not None)
        first = []
        if self.config.get("loss_scale_factor") is not None:
            first.append(Line("g", "g/scale", "the loss's scale taken out", "除去损失的放大倍数"))
        if self._together and not self._is_full:
            text = f"waits: {self._together} gradients make one update"
            return [
                *first,
                Line("total", "g + total", text, f"先攒着：{self._together} 个梯度更新一次", "gradient_accumulator"),
                *last,
            ]
        if self._together:
            first.append(
                Line("g", "(g + total)/count", "mean of the gradients since the last update", "上次更新以来梯度的平均")
            )
        return [*first, *before(self.config), *self._rule, *last]

    def settings(self, rate: float) -> dict[str, Any]:
        """Return the settings by symbol: Python's floats, which take the dtype of what they meet, and cast ones."""
        config, kind = self.config, self.dtype.type
        names_of = ("beta_1", "beta_2", "rho", "epsilon", "momentum")
        settings: dict[str, Any] = {name: float(config[name]) for name in names_of if config.get(name) is not None}
        cast = {**settings, "decay": 0.96, "weight_decay": config.get("weight_decay") or 0.0}
        settings.update({f"cast_{name}": kind(np.float32(value)) for name, value in cast.items()})
        clip = next((config[name] for name in CLIPPED if config.get(name)), 0.0)
        settings.update(alpha=kind(rate), t=kind(self.iterations + 1), c=float(clip), count=float(self._together or 1))
        settings["scale"] = float(config.get("loss_scale_factor") or 1.0)
        settings["ema"] = float(config.get("ema_momentum") or 0.0) if self.iterations else 0.0
        if self.limits is not None:
            settings["low"], settings["high"] = (side.astype(self.dtype) for side in self.limits)
        return settings

    def _norms(self, gradient: np.ndarray) -> dict[str, np.ndarray]:
        """Return the length of the gradient over each variable, [param], and over all."""
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        parts = np.split(gradient, np.cumsum(sizes)[:-1])
        lengths = [np.sqrt(np.sum(part * part)) for part in parts]
        return {"norm": np.repeat(lengths, sizes), "all_norm": np.sqrt(np.sum(gradient * gradient))}
