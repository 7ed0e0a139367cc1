"""Who notices a wrong minimum? 961 starts on sin(b·cos(a·x)), by ravine, SciPy's curve_fit, lmfit and iminuit.

The starts stand on a grid over [−2, 7]². An answer is right if its sum of squares is the least known (the twins with
−a are right too), and wrong and unwarned if it isn't and the fitter reports success.
"""

from __future__ import annotations

import itertools
import sys
import time
import warnings
from collections import Counter

import numpy as np

import fitters
import ravine as rv
import timing
from fitters import Fitter
from ravine import engine
from ravine.lessons.data import data_of

FORMULA = "y = sin(b*cos(a*x))"
SIDE = 31
FITTERS: dict[str, Fitter] = {
    "ravine": fitters.ravine, "curve_fit": fitters.curve_fit, "lmfit": fitters.lmfit, "iminuit": fitters.iminuit,
}  # fmt: skip


def main(side: int = SIDE) -> None:
    """Print the share of right, warned and silently wrong answers of each fitter."""
    engine.keras()
    timing.introduce(["tensorflow", "numpy", "scipy", "lmfit", "iminuit"])
    problem = rv.Problem(FORMULA, data_of(FORMULA), loss="sse")
    least = rv.fit(problem).loss
    rows = []
    for name, fit in FITTERS.items():
        if name in ("lmfit", "iminuit") and not timing.is_installed(name):
            continue
        began = time.perf_counter()
        counts = outcomes(problem, fit, least, side)
        each = (time.perf_counter() - began) / side**2
        shares = (f"{100 * counts[kind] / side**2:.1f} %" for kind in ("right", "warned", "silently wrong"))
        rows.append((name, *shares, f"{1000 * each:.1f} ms"))
    head = ("fitter", "right", "wrong, but said so", "wrong and unwarned", "one fit")
    timing.table(f"`{FORMULA}` from {side**2} starts", head, rows)


def outcomes(problem: rv.Problem, fit: Fitter, least: float, side: int) -> Counter[str]:
    """Return how many starts end right, warned or silently wrong."""
    grid = np.linspace(-2.0, 7.0, side)
    return Counter(_outcome(problem, fit, least, {"a": a, "b": b}) for a, b in itertools.product(grid, grid))


def _outcome(problem: rv.Problem, fit: Fitter, least: float, start: dict[str, float]) -> str:
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            answer = fit(problem, start)
    except RuntimeError:
        return "warned"
    squares = float(problem.losses([[answer.values[name] for name in problem.names]])[0])
    if squares <= least * (1 + 1e-6):
        return "right"
    return "warned" if answer.is_warned or said else "silently wrong"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIDE)
