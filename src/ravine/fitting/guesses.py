"""Guesses: start values of ready formulas from the data themselves.

Most formulas are linear in some parameters once the others are known. So the others are tried on a grid that spans
what the data can show, each candidate's linear parameters follow from least squares, and the best candidate wins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy import special

Start = Callable[[np.ndarray, np.ndarray], dict[str, float]]
Basis = Callable[..., Sequence[np.ndarray]]
Grid = Callable[[np.ndarray, np.ndarray], Mapping[str, np.ndarray]]

_POINTS = 400
_FREQUENCIES = 4000
_NOTHING = 1e-100
_GAS = 8.31446261815324  # J/(mol·K), exact since 2019


def separable(linear: Sequence[str], basis: Basis, grid: Grid) -> Start:
    """Return a start for y = Σ linear_i · basis_i(x, nonlinear).

    Parameters
    ----------
    linear
        Names of the linear parameters.
    basis
        ``basis(x, **nonlinear)`` returns one array per linear parameter, broadcast over [candidate, point].
    grid
        ``grid(x, y)`` returns the values to try of each nonlinear parameter; all combinations are.

    Examples
    --------
    >>> start = separable(["a"], lambda x, b: [np.exp(b * x)], lambda x, y: {"b": np.array([-2.0, -1.0, 0.0])})
    >>> x = np.linspace(0, 1, 9)
    >>> {name: round(value, 6) for name, value in start(x, 3 * np.exp(-x)).items()}
    {'a': 3.0, 'b': -1.0}
    """

    def start(x: np.ndarray, y: np.ndarray) -> dict[str, float]:
        x, y = _thinned(x, y)
        axes = grid(x, y)
        meshes = np.meshgrid(*axes.values(), indexing="ij")
        values = {name: mesh.ravel() for name, mesh in zip(axes, meshes, strict=True)}
        with np.errstate(all="ignore"):
            columns = basis(x, **{name: value[:, None] for name, value in values.items()})
        shape = (len(next(iter(values.values()))), len(x))
        design = np.stack([np.broadcast_to(column, shape) for column in columns], -1)
        solution, squares = _solve(design, y)
        best = int(np.argmin(squares))
        found = dict(zip(linear, solution[best].tolist(), strict=True))
        return found | {name: float(value[best]) for name, value in values.items()}

    return start


def polynomial(names: Sequence[str]) -> Start:
    """Return a start for Σ names_i·x^i, the constant first: it is the answer already."""

    def start(x: np.ndarray, y: np.ndarray) -> dict[str, float]:
        degree = min(len(names) - 1, len(np.unique(x)) - 1)
        fitted = np.polynomial.Polynomial.fit(x, y, degree, domain=_domain(x)).convert()
        coefficients = np.zeros(len(names))
        coefficients[: len(fitted.coef)] = fitted.coef
        return dict(zip(names, coefficients.tolist(), strict=True))

    return start


def power(x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Return a start for a·x^b: a line through the logarithms of the size of y, large values counting most."""
    usable = (x > 0) & (y != 0)
    if usable.sum() < 2:
        return {"a": float(np.mean(y)), "b": 1.0}
    slope, constant = _line(np.log(x[usable]), np.log(np.abs(y[usable])), np.abs(y[usable]))
    return {"a": float(np.exp(constant) * np.sign(np.sum(y))), "b": slope}


def voigt(x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Return a start for area·V(x − center; σ, γ) + offset: Lorentz's peak, its width shared out between σ and γ."""
    peak = separable(
        ["height", "offset"],
        lambda x, center, width: [1 / (1 + ((x - center) / width) ** 2), 1.0 + 0 * x],
        places("center", "width"),
    )(x, y)
    shares = np.array([0.02, 0.1, 0.25, 0.5, 0.75, 1.0, 1.3])
    profile = separable(
        ["area", "offset"],
        lambda x, sigma, gamma: [special.voigt_profile(x - peak["center"], sigma, gamma), 1.0 + 0 * x],
        lambda x, y: {"sigma": shares * peak["width"], "gamma": shares * peak["width"]},
    )
    return {"center": peak["center"], **profile(x, y)}


def arrhenius(x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Return a start for A·exp(−E/(R·T)): a line through log y over 1/T."""
    usable = (x > 0) & (y > 0)
    if usable.sum() < 2:
        return {"prefactor": float(np.max(y)), "energy": 0.0}
    slope, constant = _line(1 / x[usable], np.log(y[usable]), y[usable])
    return {"prefactor": float(np.exp(np.clip(constant, -700, 700))), "energy": -_GAS * slope}


def sine(x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Return a start for offset + amplitude·sin(2π·frequency·x + phase)."""
    return _wave(x, y, damping=False)


def damped_sine(x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Return a start for offset + amplitude·exp(−decay·x)·sin(2π·frequency·x + phase)."""
    return _wave(x, y, damping=True)


def _wave(x: np.ndarray, y: np.ndarray, *, damping: bool) -> dict[str, float]:
    """Return the best wave out of a grid of frequencies (and decays), its amplitude and phase by least squares."""
    x, y = _drawn(x, y)
    width = _width(x)
    finest = len(np.unique(x)) / 2
    count = int(np.clip(8 * finest, 16, _FREQUENCIES))
    frequencies = np.linspace(0.2, max(finest, 1.0), count) / width
    decays = np.array([0.0, 1.0, 2.0, 4.0, 8.0, 16.0]) / width if damping else np.zeros(1)
    origin = x.min()
    best: tuple[float, dict[str, float]] = (np.inf, {})
    for decay in decays:
        for part in np.array_split(frequencies, max(1, len(frequencies) * len(x) // 10**6)):
            squares, found = _best_wave(x - origin, y, part, decay)
            if squares < 0.999 * best[0]:
                best = squares, found
    return _moved(best[1], origin, damping=damping)


def _best_wave(x: np.ndarray, y: np.ndarray, frequencies: np.ndarray, decay: float) -> tuple[float, dict[str, float]]:
    angle, fading = 2 * np.pi * frequencies[:, None] * x, np.exp(-decay * x)
    shape = angle.shape
    design = np.stack([np.sin(angle) * fading, np.cos(angle) * fading, np.ones(shape)], -1)
    solution, squares = _solve(design, y)
    index = int(np.argmin(squares))
    in_phase, ahead, offset = solution[index]
    found = {
        "offset": offset, "amplitude": np.hypot(in_phase, ahead), "frequency": frequencies[index],
        "phase": np.arctan2(ahead, in_phase), "decay": decay,
    }  # fmt: skip
    return float(squares[index]), {name: float(value) for name, value in found.items()}


def _moved(found: dict[str, float], origin: float, *, damping: bool) -> dict[str, float]:
    """Return a wave that was found over x − origin as one over x."""
    phase = found["phase"] - 2 * np.pi * found["frequency"] * origin
    found["phase"] = float(np.arctan2(np.sin(phase), np.cos(phase)))
    decay = found.pop("decay")
    if damping:
        found |= {"amplitude": found["amplitude"] * float(np.exp(np.clip(decay * origin, -700, 700))), "decay": decay}
    return found


def _solve(design: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve least squares for every candidate's design [candidate, point, linear]; return solutions and Σr²."""
    with np.errstate(all="ignore"):
        norms = np.sqrt((design * design).sum(1, keepdims=True))
        usable = np.isfinite(norms).all((1, 2))
        norms = np.where(np.isfinite(norms) & (norms > _NOTHING), norms, np.inf)  # such a column gets the factor 0
        scaled = np.where(usable[:, None, None], design, 0.0) / norms
        inverse = np.linalg.pinv(np.einsum("cpl,cpm->clm", scaled, scaled), rcond=1e-10, hermitian=True)
        solution = np.einsum("clm,cm->cl", inverse, np.einsum("cpl,p->cl", scaled, y))
        squares = ((y - np.einsum("cpl,cl->cp", scaled, solution)) ** 2).sum(1)
    return solution / norms[:, 0], np.where(usable & np.isfinite(squares), squares, np.inf)


# -- grids ----------------------------------------------------------------------------------------------------


def rates(name: str) -> Grid:
    """Return the grid of a rate whose exponential changes by what the range of x can show."""
    return lambda x, y: {name: np.geomspace(0.05, 300, 120) / _width(x)}


def places(center: str, width: str) -> Grid:
    """Return the grid of a peak's center and width: from a gap between points to the whole range."""

    def grid(x: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
        low, high, count = x.min(), x.max(), min(len(x), 80)
        return {center: np.linspace(low, high, count), width: np.geomspace(0.4 / count, 1.0, 24) * _width(x)}

    return grid


def turns(rate: str, middle: str) -> Grid:
    """Return the grid of a rise of either direction: its rate and where its middle lies, also beyond the data."""

    def grid(x: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
        width = _width(x)
        steep = np.geomspace(0.5, 200, 40) / width
        centers = np.linspace(x.min() - 0.5 * width, x.max() + 0.5 * width, 81)
        return {rate: np.concatenate([-steep, steep]), middle: centers}

    return grid


def sizes(scale: str, shape: str | None = None, shapes: Sequence[float] = ()) -> Grid:
    """Return the grid of a positive x at which half of something has happened, and of a shape."""

    def grid(x: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
        positive = np.abs(x[x != 0])
        low, high = (positive.min(), positive.max()) if positive.size else (1.0, 1.0)
        found = {scale: np.geomspace(0.1 * low, 10 * high, 80)}
        return found if shape is None else {**found, shape: np.asarray(shapes, float)}

    return grid


# -- the data -------------------------------------------------------------------------------------------------


def _thinned(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return at most so many points, spread over x."""
    order = np.argsort(x, kind="stable")
    chosen = order[np.unique(np.linspace(0, len(x) - 1, min(len(x), _POINTS)).astype(int))]
    return x[chosen], y[chosen]


def _drawn(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return at most so many points by lot: thinned evenly, a fast wave would pass for a slow one."""
    if len(x) <= 2 * _POINTS:
        return x, y
    chosen = np.random.default_rng(0).choice(len(x), 2 * _POINTS, replace=False)
    return x[chosen], y[chosen]


def _width(x: np.ndarray) -> float:
    return float(np.ptp(x)) or abs(float(x[0])) or 1.0


def _domain(x: np.ndarray) -> list[float]:
    low = float(x.min())
    return [low, low + _width(x)]


def _line(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Return slope and constant of a weighted line."""
    slope, constant = np.linalg.lstsq(np.stack([x, np.ones_like(x)], 1) * weight[:, None], y * weight, rcond=None)[0]
    return float(slope), float(constant)
