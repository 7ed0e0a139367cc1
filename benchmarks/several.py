"""How long does a fit of several data sets together take? Exponential decays with a shared rate, by number of sets."""

from __future__ import annotations

import numpy as np

import ravine as rv
import timing
from ravine import engine
from timing import Contender, Times

FORMULA = "y = a*exp(-k*x) + c"
POINTS = 30  # of each set
SHARED = {"k": "k: all else is linear", "c": "c: each set has a rate of its own"}
AIMS = {8: 3.0, 40: 20.0}  # seconds by number of sets


def main() -> None:
    """Print the seconds of a fit for each number of sets and each shared parameter."""
    engine.keras()
    timing.introduce(["tensorflow", "numpy"])
    rows = []
    for shared, title in SHARED.items():
        for sets, aim in AIMS.items():
            first, again = (Times((seconds,)) for seconds in _twice(sets, shared))
            rows.append((title, str(sets), str(2 * sets + 1), _said(first), _said(again), timing.within(aim, first)))
    head = ("shared", "sets", "parameters", "first fit, which compiles", "the same again", "aim of the first")
    timing.table(f"`{FORMULA}`, {POINTS} points a set", head, rows)


def _twice(sets: int, shared: str) -> tuple[float, float]:
    data = decays(sets, shared)
    contender = Contender("ravine", lambda: rv.fit(FORMULA, data, by="set", shared=shared))
    return timing.timed(contender), timing.timed(contender)


def _said(times: Times) -> str:
    return f"{times.median:.1f} s"


def decays(sets: int, shared: str) -> dict[str, np.ndarray]:
    """Return decays with an amplitude of their own, and an offset or a rate."""
    random = np.random.default_rng(0)
    x = np.linspace(0.0, 5.0, POINTS)
    amplitude = random.uniform(1.0, 3.0, (sets, 1))
    rate = 1.3 if shared == "k" else random.uniform(0.5, 2.0, (sets, 1))
    offset = 0.4 if shared == "c" else random.uniform(0.2, 0.8, (sets, 1))
    y = amplitude * np.exp(-rate * x) + offset + 0.02 * random.standard_normal((sets, POINTS))
    return {"set": np.repeat(np.arange(1, sets + 1), POINTS), "x": np.tile(x, sets), "y": y.ravel()}


if __name__ == "__main__":
    main()
