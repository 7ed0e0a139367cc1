"""What the page needs to draw the model's curve at any parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from ravine.formula.functions import FUNCTIONS
from ravine.formula.tree import Call, walk
from ravine.model import Tree
from ravine.run import Run
from ravine.view.page.content import Said
from ravine.view.page.programs import program_of
from ravine.view.plots.inputs import SHOWN, grid_over, groups_of, observed_of, only_input, shown_of

#: Functions that the page's script can't calculate: none.
MISSING: frozenset[str] = frozenset()


def model_of(run: Run) -> tuple[dict[str, Any] | None, tuple[Said, ...]]:
    """Return the formula with its inputs as the page's script takes them, or None and the reason."""
    problem = run.problem
    if not problem.has_data:
        return None, ()
    if not isinstance(problem.model, Tree):
        return None, (("opaque", {}),)
    tree = problem.model.formula.model
    unknown = sorted({node.function for node in walk(tree) if isinstance(node, Call)} - (set(FUNCTIONS) - MISSING))
    if unknown:
        return None, (("unknown", {"names": ", ".join(unknown)}),)
    return {"program": program_of(tree), "constants": dict(problem.constants), **_inputs(run)}, ()


def _inputs(run: Run) -> dict[str, Any]:
    """Return grids to draw the curve over, one for each data set; or the observed points, over which it can't go."""
    name = only_input(run)
    if name is not None:
        return {"curves": [_curve(run, name, group) for group in groups_of(run)]}
    observed = observed_of(run, "export")
    if observed.ndim != 1:
        return {"curves": []}
    rows = shown_of(np.arange(observed.size), np.zeros(observed.size), min(SHOWN, 5000))
    columns = {each: column[rows] for each, column in run.problem.columns.items() if column.ndim == 1}
    return {"points": {"columns": columns, "observed": observed[rows]}}


def _curve(run: Run, name: str, group: Any) -> dict[str, Any]:
    grid, columns = grid_over(run, name, group)
    others = {each: float(column[0]) for each, column in columns.items() if each != name}
    return {"x": grid, "input": name, "others": others}
