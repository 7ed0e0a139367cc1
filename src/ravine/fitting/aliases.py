"""Aliases: of parameters that fit the data equally well, those that people would write down.

A sine through evenly spaced points has aliases, faster ones that meet the points as well and differ between them only.
The points can't decide; people do, for the curve that is flattest where the points lie. Of curves that are equally
flat they take the parameters with fewer negative ones, then the smaller nonlinear ones, so that a phase keeps no whole
turn.
"""

from __future__ import annotations

import numpy as np

from ravine.fitting.structure import linear
from ravine.fitting.twins import negatives
from ravine.model import Tree
from ravine.problem import Problem

_STEP = 1e-6  # of a column's width
_CLEAR = 1e-3  # relative difference that decides


def ranks(problem: Problem, rows: np.ndarray) -> np.ndarray:
    """Return the rank of every row of parameters [row, param], 0 for those that people would write; [row].

    Examples
    --------
    cos(7x) = cos(2π − 7)x at whole numbers.

    >>> problem = Problem("y = cos(b*x + c)", {"x": [0.0, 1.0, 2.0, 3.0], "y": np.cos([0.0, 7.0, 14.0, 21.0])})
    >>> ranks(problem, np.array([[7.0, 0.0], [7.0 - 2*np.pi, 0.0], [7.0 - 2*np.pi, 2*np.pi]])).tolist()
    [2, 0, 1]
    """
    if not isinstance(problem.model, Tree) or len(rows) < 2:
        return np.zeros(len(rows), int)
    solved = linear(problem.model.formula.model, problem.names)
    sizes = np.abs(rows[:, [name not in solved for name in problem.names]]).sum(1)
    signs = np.array([negatives(problem, row) for row in rows])
    keys = [_clearly([steepness(problem, row) for row in rows]), *signs.T, _clearly(sizes)]
    return np.unique(np.stack(keys, 1), axis=0, return_inverse=True)[1].ravel()


def steepness(problem: Problem, row: np.ndarray) -> float:
    """Return the mean square slope of the curve at the points, each input in units of its width.

    Examples
    --------
    >>> line = Problem("y = a*x + b", {"x": [0.0, 5.0], "y": [0.0, 1.0]})
    >>> round(steepness(line, np.array([0.2, 7.0])), 6)
    1.0
    """
    params, total = dict(zip(problem.names, row.tolist(), strict=True)), 0.0
    for name, column in problem.columns.items():
        width = float(np.ptp(column))
        if width == 0 or ((column == 0) | (column == 1)).all():
            continue  # a flag knows nothing between 0 and 1
        up, down = (
            problem.predict(params, {**problem.columns, name: column + side * _STEP * width}) for side in (0.5, -0.5)
        )
        with np.errstate(all="ignore"):
            squares = ((up - down) / _STEP) ** 2
        squares = squares[np.isfinite(squares)]
        total += float(squares.mean()) if squares.size else 0.0
    return total


def _clearly(values: list[float] | np.ndarray) -> np.ndarray:
    """Return the rank of every value; those that hardly differ share one."""
    found = np.asarray(values, float)
    order = np.argsort(found, kind="stable")
    ascending = found[order]
    steps = np.append(False, ascending[1:] > ascending[:-1] * (1 + _CLEAR) + 1e-300)
    ranked = np.empty(len(found), int)
    ranked[order] = np.cumsum(steps)
    return ranked
