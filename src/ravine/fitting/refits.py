"""Refits: many minimizations of one problem at once, each with something of its own.

A row can hold some parameters where they are, and it can have data of its own. The minimization evaluates only the
rows that haven't settled, so each carries its number along, as a last parameter without effect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ravine.fitting import levenberg, robust
from ravine.graph import Evaluator
from ravine.problem import Problem

Evaluate = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]

_ELEMENTS = 2**18  # of [row, residual] at a time
_TOLERANCE = 1e-13


@dataclass(frozen=True)
class Refits:
    """The ends: parameters [row, param], Σr² [row], and which rows have settled, [row]."""

    params: np.ndarray
    squares: np.ndarray
    settled: np.ndarray


def refit(problem: Problem, evaluate: Evaluate, rows: np.ndarray, steps: int = 100) -> Refits:
    """Minimize Σr² from every row [row, param] within the problem's bounds; memory stays bounded.

    Parameters
    ----------
    problem
        Whose bounds and number of points count.
    evaluate
        Residuals [row, residual] and Jacobians [row, residual, param] at rows [row, param] with these indices [row].
    rows
        Starts.
    steps
        The most iterations.
    """
    found = Refits(np.empty_like(rows), np.empty(len(rows)), np.empty(len(rows), bool))
    low, high = (
        np.append(side, open_side) for side, open_side in zip(problem.limits(), (-np.inf, np.inf), strict=True)
    )
    size = max(1, _ELEMENTS // problem.points)
    for first in range(0, len(rows), size):
        part = np.arange(first, min(first + size, len(rows)))
        numbered = np.column_stack([rows[part], part])
        end = levenberg.minimize(_numbered(evaluate), numbered, low, high, steps, _TOLERANCE)
        found.params[part], found.squares[part], found.settled[part] = end.params[:, :-1], end.squares, end.settled
    return found


def residuals_and_jacobians(problem: Problem) -> levenberg.Evaluate:
    """Return a function to what has the problem's loss as its sum of squares: residuals, bent if it is a robust one.

    Parameters
    ----------
    problem
        Under a sum of squares, or a robust loss at a known scale.
    """
    evaluate, loss = Evaluator(robust.plain(problem)).residuals_and_jacobians, robust.scaled(problem)
    return evaluate if loss is None else lambda rows: loss.bend(*evaluate(rows))


def holding(problem: Problem, held: np.ndarray) -> Evaluate:
    """Return residuals and Jacobians that leave the held parameters [row, param] without effect."""
    of_problem = residuals_and_jacobians(problem)

    def evaluate(rows: np.ndarray, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        residual, jacobian = of_problem(rows)
        return residual, np.where(held[index, None, :], 0.0, jacobian)

    return evaluate


def with_data(problem: Problem, observed: np.ndarray, weight: np.ndarray) -> Evaluate:
    """Return residuals and Jacobians w·(prediction − y*)/σ, where every row has its own data.

    Of a robust loss w² weighs what the loss makes of a residual. The compiled function gives predictions; what differs
    between the rows comes in outside of it.

    Parameters
    ----------
    problem
        The formula, its inputs and σ.
    observed, weight
        y* and w, [row, point].
    """
    evaluator, loss = Evaluator(robust.plain(problem).with_columns(problem.columns)), robust.scaled(problem)
    sigma = np.ones(1) if problem.sigma is None else problem.sigma

    def evaluate(rows: np.ndarray, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        predicted, slopes = evaluator.residuals_and_jacobians(rows)
        residual, slopes = (predicted - observed[index]) / sigma, slopes / sigma[:, None]
        bent = (residual, slopes) if loss is None else loss.bend(residual, slopes)
        return bent[0] * weight[index], bent[1] * weight[index, :, None]

    return evaluate


def _numbered(evaluate: Evaluate) -> levenberg.Evaluate:
    def of_numbered(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        residual, jacobian = evaluate(rows[:, :-1], rows[:, -1].astype(int))
        return residual, np.concatenate([jacobian, np.zeros((*jacobian.shape[:2], 1))], axis=2)

    return of_numbered
