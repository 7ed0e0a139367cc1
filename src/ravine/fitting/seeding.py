"""Seeding: starts for a fit, from the data's scales and the formula's structure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ravine.fitting import robust
from ravine.fitting.parts import Part, separate
from ravine.fitting.structure import Role, linear, roles
from ravine.formula import math_numpy
from ravine.model import Tree
from ravine.problem import Problem

_CANDIDATES = 4096
_POINTS = 128  # of the table that the candidates are compared on
_POINTS_OF_PARTS = 2048  # of all parts of a table together
_TRIES = 64  # of a part's own parameters for each value of the shared ones
_RIDGE = 1e-11
_REWEIGHTED = 6


def seeds(problem: Problem, count: int, seed: int = 0) -> np.ndarray:
    """Return the most promising of many spread candidates, [start, param], linear parameters solved exactly."""
    random = np.random.default_rng(seed)
    parts = separate(problem)
    if parts:
        return _seeds_in_parts(problem, parts, count, random)
    low, high = problem.limits()
    assert isinstance(problem.model, Tree)
    solved = linear(problem.model.formula.model, problem.names)
    candidates = np.clip(_spread(problem, random), low, high)
    thinned = _thinned(problem, random)
    with np.errstate(all="ignore"):
        rows, squares = _project(problem, candidates, solved, thinned)
    rows = np.clip(rows, low, high)
    return rows[_apart(rows, squares, count, _places(problem, [n for n in problem.names if n not in solved]))]


def _seeds_in_parts(problem: Problem, parts: Sequence[Part], count: int, random: np.random.Generator) -> np.ndarray:
    """Return starts of a problem in parts: to each value of the shared parameters, every part adds its own best.

    Drawn all at once, the parameters of many parts would never be right together. Candidates are judged with the
    linear ones solved for in each part by itself; in those that are chosen they are solved for over all parts.
    """
    assert isinstance(problem.model, Tree)
    solved = linear(problem.model.formula.model, problem.names)
    own = {name for part in parts for name in part.own}
    shared = [name for name in problem.names if name not in own]
    tries = _TRIES if own.difference(solved) else 1
    drawn = [_spread(part.problem, random) for part in parts]
    common = np.repeat(_from_any(parts, drawn, shared, random)[::tries], tries, 0)
    points = [_thinned(part.problem, random, max(32, _POINTS_OF_PARTS // len(parts))) for part in parts]
    total, values = np.zeros(_CANDIDATES // tries), {name: [] for name in problem.names}
    for part, candidates, here in zip(parts, drawn, points, strict=True):
        candidates[:, _places(part.problem, shared)] = common
        best, squares = _best_tries(part.problem, candidates, solved, here, tries)
        total += squares * part.problem.points / len(here)
        for name, column in zip(part.problem.names, best.T, strict=True):
            values[name].append(column)
    rows = np.stack([np.median(values[name], 0) for name in problem.names], 1)
    rows = rows[_apart(rows, total, count, _places(problem, [n for n in problem.names if n not in solved]))]
    everywhere = np.concatenate([part.points[here] for part, here in zip(parts, points, strict=True)])
    with np.errstate(all="ignore"):
        return np.clip(_project(problem, rows, solved, everywhere)[0], *problem.limits())


def _from_any(
    parts: Sequence[Part], drawn: Sequence[np.ndarray], shared: Sequence[str], random: np.random.Generator
) -> np.ndarray:
    """Return candidates of the shared parameters, [row, param], each drawn on the scales of one of the parts."""
    each = np.stack([rows[:, _places(part.problem, shared)] for part, rows in zip(parts, drawn, strict=True)])
    return each[random.integers(len(parts), size=_CANDIDATES), np.arange(_CANDIDATES)]


def _best_tries(
    problem: Problem, candidates: np.ndarray, solved: Sequence[str], points: np.ndarray, tries: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the best of every so many candidates, [row, param], linear parameters solved for, and its Σr², [row]."""
    low, high = problem.limits()
    with np.errstate(all="ignore"):
        rows, squares = _project(
            problem, np.clip(candidates, low, high), [name for name in solved if name in problem.names], points
        )
    best = squares.reshape(-1, tries).argmin(1) + tries * np.arange(len(rows) // tries)
    return np.clip(rows[best], low, high), squares[best]


def _places(problem: Problem, names: Sequence[str]) -> list[int]:
    return [problem.names.index(name) for name in names]


def blind(problem: Problem, start: np.ndarray | None, count: int, seed: int = 0) -> np.ndarray:
    """Return starts [start, param] for a model that can't be read: of every size, or around the start that is given."""
    random = np.random.default_rng(seed)
    low, high = problem.limits()
    shape = (count, len(problem.names))
    rows = random.choice([-1.0, 1.0], shape, p=[0.3, 0.7]) * np.exp(random.uniform(np.log(0.03), np.log(30), shape))
    if start is not None:
        rows[::2] = np.where(start == 0, 1.0, start) * rows[::2]
    return np.clip(rows, low, high)


def _thinned(problem: Problem, random: np.random.Generator, most: int = _POINTS) -> np.ndarray:
    """Return indices of at most so many points: one anywhere in each stretch, which no oscillation can hide from."""
    most = min(most, _POINTS)
    if problem.points <= most:
        return np.arange(problem.points)
    edges = np.linspace(0, problem.points, most + 1)
    return random.uniform(edges[:-1], edges[1:]).astype(int)


def _spread(problem: Problem, random: np.random.Generator) -> np.ndarray:
    """Return candidates [row, param]: each parameter on one of the scales that its role suggests, or on any."""
    assert isinstance(problem.model, Tree)
    kinds = roles(problem.model.formula.model, problem.names, problem.variables)
    values = np.concatenate([column.ravel() for column in problem.columns.values()]) if problem.columns else np.ones(1)
    columns = []
    for name in problem.names:
        choices = [_draw(role, values, random) for role in sorted(kinds[name])]
        choices.append(_anything(values, random))
        pick = random.choice(len(choices), _CANDIDATES, p=_weights(len(choices)))
        columns.append(np.choose(pick, choices))
    return np.stack(columns, 1)


def _weights(count: int) -> np.ndarray:
    own = np.full(count - 1, 0.85 / (count - 1))
    return np.append(own, 0.15)


def _draw(role: Role, values: np.ndarray, random: np.random.Generator) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    width = (high - low) or abs(high) or 1.0
    reach = max(abs(low), abs(high)) or 1.0
    size = _CANDIDATES
    signs = random.choice([-1.0, 1.0], size, p=[0.25, 0.75])
    match role:
        case Role.location:
            return random.uniform(low - 0.5 * width, high + 0.5 * width, size)
        case Role.rate:
            per = np.where(random.random(size) < 0.5, width, reach)
            return signs * np.exp(random.uniform(np.log(0.05), np.log(30), size)) / per
        case Role.scale:
            return signs * np.exp(random.uniform(np.log(0.01), np.log(10), size)) * width
        case Role.exponent:
            return random.uniform(-4, 6, size)
        case _:
            return signs * np.exp(random.uniform(np.log(1e-3), np.log(1e3), size))


def _anything(values: np.ndarray, random: np.random.Generator) -> np.ndarray:
    signs = random.choice([-1.0, 1.0], _CANDIDATES)
    return signs * np.exp(random.uniform(np.log(1e-5), np.log(1e4), _CANDIDATES))


def _project(
    problem: Problem, candidates: np.ndarray, solved: Sequence[str], points: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the candidates with their linear parameters solved, and Σr² (Σ|r| for a robust loss), [row]."""
    assert problem.observed is not None
    rows, observed = candidates.copy(), problem.observed[points, None]
    columns = {name: column[points, None] for name, column in problem.columns.items()}
    shape = (len(points), len(rows))
    weight = 1.0 if problem.sigma is None else 1 / problem.sigma[points, None]

    def predict(given: np.ndarray) -> np.ndarray:
        values = {**problem.constants, **problem.by_name(given.T), **columns}
        return np.broadcast_to(np.asarray(problem.model(values, math_numpy.MATH), float), shape) * weight

    where = _places(problem, solved)
    rows[:, where] = 0.0
    rest = observed * weight - predict(rows)  # [point, row]
    if where:
        basis = []
        for index in where:
            rows[:, index] = 1.0
            basis.append(predict(rows) - (observed * weight - rest))
            rows[:, index] = 0.0
        design = np.stack(basis, -1).transpose(1, 0, 2)  # [row, point, linear]
        rows[:, where], rest = (_least_absolute if robust.is_robust(problem) else _least_squares)(design, rest)
    squares = (np.abs(rest) if robust.is_robust(problem) else rest * rest).sum(0)
    return rows, np.where(np.isfinite(squares), squares, np.inf)


def _least_squares(design: np.ndarray, rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve every row's linear least squares; return the solutions [row, linear] and what is left [point, row].

    Normal equations are good enough to begin with; a small ridge decides what the data leave open.
    """
    usable = np.asarray(np.isfinite(design).all((1, 2)) & np.isfinite(rest).all(0))
    design = np.where(usable[:, None, None], design, 0.0)
    right = np.where(usable, rest, 0.0).T[..., None]
    norms = np.sqrt((design * design).sum(1))
    norms = np.where((norms > 0) & np.isfinite(norms), norms, 1.0)
    design = design / norms[:, None, :]
    transposed = np.swapaxes(design, 1, 2)
    normal = transposed @ design + _RIDGE * np.eye(design.shape[2])
    solution = np.linalg.solve(normal, transposed @ right)
    left = (right - design @ solution)[..., 0].T
    return solution[..., 0] / norms, np.where(usable, left, np.inf)


def _least_absolute(design: np.ndarray, rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve for small Σ|r| instead, by least squares whose weights follow from what was left (Schlossmacher, 1973)."""
    solution, left = _least_squares(design, rest)
    for _ in range(_REWEIGHTED):
        least = 0.1 * np.median(np.abs(left), 0)
        weight = 1 / np.sqrt(np.maximum(np.maximum(np.abs(left), least), 1e-300))  # [point, row]
        solution, _ = _least_squares(design * weight.T[..., None], rest * weight)
        left = rest - np.einsum("rpl,rl->pr", design, solution)
    return solution, np.where(np.isfinite(left).all(0), left, np.inf)


def _apart(rows: np.ndarray, squares: np.ndarray, count: int, nonlinear: list[int]) -> np.ndarray:
    """Return the indices of the best rows that don't crowd: each new one differs by 30 % in a nonlinear parameter."""
    order = np.argsort(squares, kind="stable")
    order = order[np.isfinite(squares[order])]
    if not nonlinear:
        return order[:1]
    left = order[: 40 * count]
    values = rows[:, nonlinear]
    sizes = np.abs(values) + 1e-12
    chosen: list[int] = []
    while left.size and len(chosen) < count:
        best = left[0]
        chosen.append(int(best))
        gap = np.abs(values[left] - values[best]) / (sizes[left] + sizes[best])
        left = left[gap.max(1) > 0.15]
    return np.array(chosen, int)
