"""The lamp: measured data for the demonstration, with a certified answer.

The energy that a carbon filament radiates per area and second, over its absolute temperature. Stefan and Boltzmann
expect the fourth power.
"""

from __future__ import annotations

from pathlib import Path

from ravine.loop import descend
from ravine.problem import Problem
from ravine.run import Run

FORMULA = "energy = b1*temperature**b2"
SOURCE = "6 measurements, NIST StRD DanWood (certified: b1 = 0.76886226176, b2 = 3.8604055871)"
DATA = Path(__file__).with_name("danwood.csv")


def run() -> Run:
    """Descend from NIST's first start with Adam."""
    return descend(Problem(FORMULA, DATA), {"b1": 1, "b2": 5}, "adam", learning_rate=0.1, steps=2000)
