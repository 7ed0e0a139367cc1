"""How often do 95 % intervals hold the truth where a tenth of the points lie far off? Under each robust loss.

Decays of 40 points, a tenth of them with ten times the noise. The curve's first points decide a and its last ones c, so
that the mean of ψ′ over all points is a little too sure of a and too unsure of c.

Run it with ``python benchmarks/coverage.py``, or with another number of data sets behind it.
"""

from __future__ import annotations

import sys

import numpy as np

import ravine as rv
import timing

FORMULA, TRUTH = "y = a*exp(-b*x) + c", {"a": 3.0, "b": 1.3, "c": 0.5}
LOSSES = ("huber", "log_cosh", "cauchy")
COUNT = 200


def main(count: int = COUNT) -> None:
    """Print the share of intervals that hold the truth, by loss and parameter."""
    timing.introduce(["tensorflow", "numpy"])
    rows = [(loss, *(f"{share:.1%}" for share in _shares(loss, count))) for loss in LOSSES]
    title = f"95 % intervals that hold the truth, of {count} data sets (binomial error {np.sqrt(0.0475 / count):.1%})"
    timing.table(title, ("loss", *TRUTH), rows)


def _shares(loss: str, count: int) -> np.ndarray:
    random = np.random.default_rng(5)
    x, hits = np.linspace(0, 4, 40), np.zeros(len(TRUTH))
    for _ in range(count):
        noise = 0.1 * np.where(random.random(40) < 0.1, 10.0, 1.0) * random.normal(size=40)
        found = rv.fit(FORMULA, {"x": x, "y": 3 * np.exp(-1.3 * x) + 0.5 + noise}, TRUTH, loss=loss, starts=1)
        hits += [found.params[name].low95 <= truth <= found.params[name].high95 for name, truth in TRUTH.items()]
    return hits / count


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
