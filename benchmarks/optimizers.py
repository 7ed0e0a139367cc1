"""Which optimizer for which landscape? Steps until the bottom, at the best of equally many rates and at the default."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

import ravine as rv
import timing

OPTIMIZERS = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "lion", "bfgs")
STEPS = 2000


def main() -> None:
    """Race over every landscape and print one table of steps."""
    timing.introduce(["tensorflow", "keras", "scipy"])
    landscapes = _landscapes()
    rows: dict[str, list[str]] = {name: [name] for name in OPTIMIZERS}
    for problem, start in landscapes.values():
        race = rv.race(problem, start, OPTIMIZERS, steps=STEPS)
        for name, cell in _steps(race).items():
            rows[name].append(cell)
    head = ("optimizer", *landscapes)
    timing.table(f"steps to the bottom: best rate / Keras's default, – if not within {STEPS}", head, rows.values())


def _steps(race: rv.Race) -> dict[str, str]:
    found: dict[str, dict[str, str]] = {}
    for row in race.to_dataframe().itertuples():
        count = "–" if np.isnan(row.steps) else str(int(row.steps))
        found.setdefault(row.optimizer, {})[row.tuning] = count
    return {name: _cell(tunings) for name, tunings in found.items()}


def _cell(tunings: Mapping[str, str]) -> str:
    if "none" in tunings:
        return tunings["none"]
    both = tunings.get("best and default")
    return f"{tunings.get('best', both)} / {tunings.get('default', both)}"


def _landscapes() -> dict[str, tuple[rv.Problem, dict[str, float]]]:
    random = np.random.default_rng(0)
    x = np.linspace(0.0, 4.0, 60)
    decays = {"x": x, "y": 2 * np.exp(-x) + np.exp(-0.3 * x) + 0.01 * random.standard_normal(x.size)}
    wide = {"x": np.linspace(0, 30, 60), "y": 2 * np.linspace(0, 30, 60) + 5 + random.standard_normal(60)}
    layers = np.linspace(-1, 1, 200)
    network = {"x": layers, "y": np.sin(2.5 * np.cos(1.2 * layers)) + 0.1 * random.standard_normal(200)}
    return {
        "round bowl": (rv.Problem("(x - 2)**2 + 2*(y + 1)**2"), {"x": -3.0, "y": 4.0}),
        "narrow valley": (rv.Problem("(1 - x)**2 + 100*(y - x**2)**2"), {"x": -1.2, "y": 1.0}),
        "unscaled column": (rv.Problem("y = a*x + b", wide), {"a": 0.0, "b": 0.0}),
        "two layers": (rv.Problem("y = sin(b*cos(a*x))", network), {"a": 2.0, "b": 4.5}),
        "two decays": (rv.Problem("y = a*exp(-b*x) + c*exp(-d*x)", decays), {"a": 1.0, "b": 2.0, "c": 1.0, "d": 0.1}),
    }


if __name__ == "__main__":
    main()
