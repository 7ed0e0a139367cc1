"""Dynamics: how fast a rule of descent shrinks the distance to a minimum, and from which rate on it doesn't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

_MOST_STEPS = 1e15
_CHANGES_UPDATES = (
    "clipnorm", "global_clipnorm", "clipvalue", "weight_decay", "use_ema", "gradient_accumulation_steps",
)  # fmt: skip

#: Rules whose steps are about as long as the learning rate, whatever the slope.
SIGN_LIKE = ("Adam", "AdamW", "Nadam", "Adamax", "RMSprop", "Lion")


@dataclass(frozen=True)
class Rule:
    """An update rule, as far as theory knows it.

    Parameters
    ----------
    kind
        ``plain``, ``momentum`` and ``nesterov`` are linear in the gradient; ``adaptive`` stands for all other rules of
        Keras; ``scipy`` has no learning rate.
    momentum
        β.
    name
        Of Keras's class, or of SciPy's method.
    """

    kind: Literal["plain", "momentum", "nesterov", "adaptive", "scipy"]
    momentum: float = 0.0
    name: str = "SGD"

    @classmethod
    def of(cls, settings: Mapping[str, Any], *, has_rate: bool) -> Rule:
        """Return the rule of a run from its settings."""
        described = settings.get("optimizer_config") or {}
        name, config = str(described.get("class_name", settings.get("optimizer", ""))), described.get("config", {})
        if not has_rate:
            return cls("scipy", 0.0, name)
        if name != "SGD" or any(config.get(key) for key in _CHANGES_UPDATES):
            return cls("adaptive", 0.0, name)
        momentum = float(config.get("momentum") or 0.0)
        kind = "plain" if not momentum else "nesterov" if config.get("nesterov") else "momentum"
        return cls(kind, momentum, name)

    @property
    def is_linear(self) -> bool:
        """Whether its updates are linear in the gradients, so that theory says where its edge is."""
        return self.kind in ("plain", "momentum", "nesterov")

    @property
    def edge_times_curvature(self) -> float:
        """The learning rate times curvature at which steps stop settling: 2, 2(1 + β), or (2 + 2β)/(1 + 2β)."""
        beta = self.momentum
        return (2 + 2 * beta) / (1 + 2 * beta) if self.kind == "nesterov" else 2 + 2 * beta

    @property
    def edge_text(self) -> str:
        """The edge as a formula."""
        return {"momentum": "2(1 + β)/λ", "nesterov": "(2 + 2β)/(1 + 2β)/λ"}.get(self.kind, "2/λ")

    def factors(self, rate: float, curvatures: np.ndarray) -> np.ndarray:
        """Return by what one step multiplies the distance, [direction], along directions of these curvatures.

        The largest root of z − 1 + q (plain), z² − (1 + β − q)z + β (momentum; Polyak, 1964), or
        z² − (1 + β)(1 − q)z + β(1 − q) (Nesterov, 1983), with q the rate times the curvature.

        Examples
        --------
        >>> Rule("plain").factors(0.1, np.array([2.0, 20.0])).round(12).tolist()
        [0.8, 1.0]
        >>> Rule("momentum", 0.9).factors(0.1, np.array([38.0])).round(12).tolist()
        [1.0]
        """
        q, beta = rate * np.asarray(curvatures, float), self.momentum
        if self.kind == "plain":
            return np.abs(1 - q)
        half = (1 + beta) * (1 - q) / 2 if self.kind == "nesterov" else (1 + beta - q) / 2
        rest = beta * (1 - q) if self.kind == "nesterov" else np.full_like(q, beta)
        root = np.sqrt((half**2 - rest).astype(complex))
        return np.maximum(np.abs(half + root), np.abs(half - root))


def steps_to_arrive(excess: np.ndarray, factors: np.ndarray, allowed: float) -> float:
    """Return after how many steps a sum of shrinking parts is small enough; infinite if never.

    Parameters
    ----------
    excess
        What each direction adds to the loss, [direction].
    factors
        By what a step multiplies the distance along each: the loss by its square, [direction].
    allowed
        What may be left in all.

    Examples
    --------
    Halving the distance divides the loss by 4: 1 becomes 1/64 in three steps.

    >>> steps_to_arrive(np.array([1.0]), np.array([0.5]), 1 / 64)
    3.0
    """

    def left(steps: float) -> float:
        with np.errstate(under="ignore"):
            return float((excess * np.minimum(factors, 1.0) ** (2 * steps)).sum())

    if not left(_MOST_STEPS) <= allowed:
        return np.inf
    low, high = 0.0, 1.0
    while left(high) > allowed * (1 + 1e-9):
        low, high = high, 2 * high
    while high - low > max(1.0, 1e-6 * high) / 2:
        middle = (low + high) / 2
        low, high = (middle, high) if left(middle) > allowed * (1 + 1e-9) else (low, middle)
    return float(np.ceil(high - 1e-6 * high))
