"""How many digits are right? Certified least-squares problems of NIST's, by ravine, SciPy's curve_fit and lmfit.

From both certified starts and from none, each fitter with its defaults. Digits are −log₁₀ of the largest relative
error over the parameters, and over their standard errors; NIST certifies 11 digits.
"""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import fitters
import ravine as rv
import timing
from fitters import Answer, Fitter
from ravine import engine

FOLDER = Path(__file__).parents[1] / "tests" / "data" / "nist"
STARTS = {"start 1": "start1", "start 2": "start2", "no start": None}
FITTERS: dict[str, Fitter] = {"ravine": fitters.ravine, "curve_fit": fitters.curve_fit, "lmfit": fitters.lmfit}


@dataclass(frozen=True)
class Score:
    """Digits of the worst parameter and standard error (0 without an answer), seconds, and whether it warned."""

    params: float
    errors: float
    seconds: float
    is_warned: bool

    def __str__(self) -> str:
        said = ", warned" if self.is_warned else ""
        return f"{self.params:.1f} / {self.errors:.1f} ({self.seconds:.2f} s{said})"


def main() -> None:
    """Print a table for each start, and how many cases have how many digits."""
    certified = json.loads((FOLDER / "nist.json").read_text())
    engine.keras()
    timing.introduce(["tensorflow", "numpy", "scipy", "lmfit"])
    print(f"Source: {certified['source']}.")
    installed = {name: fit for name, fit in FITTERS.items() if name != "lmfit" or timing.is_installed("lmfit")}
    for title, key in STARTS.items():
        scores = {each["name"]: [score(fit, each, key) for fit in installed.values()] for each in certified["problems"]}
        head = ("problem", *installed)
        timing.table(f"{title}: digits of the worst parameter / standard error", head, map(_line, scores.items()))
        for name, own in zip(installed, zip(*scores.values(), strict=True), strict=True):
            print(f"{name}: {_summary(own)}")


def score(fit: Fitter, certified: Mapping[str, Any], key: str | None) -> Score:
    """Return how well one fitter does on one problem."""
    problem = rv.Problem(certified["formula"], FOLDER / f"{certified['name']}.csv", loss="sse")
    began = time.perf_counter()
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            answer = fit(problem, certified[key] if key else None)
    except Exception:  # a fitter that raises has said that there is no answer
        return Score(0.0, 0.0, time.perf_counter() - began, is_warned=True)
    seconds = time.perf_counter() - began
    is_warned = answer.is_warned or any("ovariance" in str(each.message) for each in said)
    return Score(*_digits(answer, certified), seconds, is_warned)


def _digits(answer: Answer, certified: Mapping[str, Any]) -> tuple[float, float]:
    pairs = ((answer.values, certified["certified"]), (answer.errors, certified["certified_standard_error"]))
    return digits(*pairs[0]), digits(*pairs[1])


def digits(found: Mapping[str, float], right: Mapping[str, float]) -> float:
    """Return the digits of the worst value, between 0 and 11."""
    worst = max(abs(found[name] / right[name] - 1) for name in right)
    return float(np.clip(-np.log10(max(worst, 1e-11)), 0, 11)) if np.isfinite(worst) else 0.0


def _line(item: tuple[str, list[Score]]) -> tuple[str, ...]:
    return item[0], *map(str, item[1])


def _summary(scores: tuple[Score, ...]) -> str:
    exact = sum(each.params >= 9 and each.errors >= 7 for each in scores)
    good = sum(each.params >= 6 for each in scores)
    silent = sum(each.params < 4 and not each.is_warned for each in scores)
    seconds = np.median([each.seconds for each in scores])
    return (
        f"9 and 7 digits in {exact} of {len(scores)}, 6 digits in {good}, silently wrong in {silent}; "
        f"median {seconds:.2f} s"
    )


if __name__ == "__main__":
    main()
