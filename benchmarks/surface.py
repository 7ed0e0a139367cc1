"""How fast is a surface? NumPy in pieces that fit the cache beside the same as a compiled TensorFlow graph.

Run it with ``make bench``. It is why `ravine.survey` evaluates formulas with NumPy.
"""

from __future__ import annotations

import numpy as np

import ravine as rv
import timing
from ravine import engine, graph
from ravine.lessons.data import data_of
from ravine.plane import Surface, grid_rows
from timing import Contender

FORMULAS = ("y = sin(b*cos(a*x))", "y = a*x + b", "y = a*(1 - exp(-b*x))", "y = tanh(a*x + b)")
BOX = {"a": (-2.0, 7.0), "b": (-2.0, 7.0)}
SIDE = 512
ROUNDS = 5


def main() -> None:
    """Print the comparison."""
    engine.keras()
    timing.introduce(["tensorflow", "numpy"])
    rows = [_compared(formula, dtype) for formula in FORMULAS for dtype in ("float32", "float64")]
    head = ("formula", "dtype", "`ravine.survey` (NumPy)", "aim", "compiled graph", "graph ÷ NumPy", "first call")
    timing.table(f"A surface of {SIDE} × {SIDE} over {data_of(FORMULAS[0])['x'].size} points", head, rows)
    print(f"\nAt the end: {timing.load()}.")


def _compared(formula: str, dtype: str) -> tuple[str, ...]:
    problem = rv.Problem(formula, data_of(formula))
    by_numpy = Contender("NumPy", lambda: rv.survey(problem, BOX, resolution=SIDE, dtype=dtype))
    by_graph = Contender("graph", lambda: _survey_in_graph(problem, dtype))
    first = timing.timed(by_graph)
    difference = np.abs(by_numpy.run().loss / by_graph.run().loss - 1).max()
    assert difference < 1e-3, f"{formula}: the surfaces differ by {difference:.1e}"
    numpy, compiled = timing.race([by_numpy, by_graph], ROUNDS, warm_up=0)
    extra = f"+ {max(first - compiled.median, 0):.2f} s"
    ratio = compiled.over(numpy).as_ratio()
    return f"`{formula}`", dtype, str(numpy), timing.within(1, numpy), str(compiled), ratio, extra


def _survey_in_graph(problem: rv.Problem, dtype: str) -> Surface:
    axes = [np.linspace(*side, SIDE) for side in BOX.values()]
    rows = grid_rows(problem.names, list(BOX), axes, {})
    losses = graph.Evaluator(problem, dtype).losses(rows)
    return Surface.of(list(BOX), axes, losses.reshape(SIDE, SIDE), {})


if __name__ == "__main__":
    main()
