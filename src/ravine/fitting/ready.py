"""Ready formulas with their own starts, by name: ``rv.models["gaussian"]``.

>>> models["line"].formula
'y = slope*x + intercept'
>>> models["michaelis"]
Traceback (most recent call last):
ravine.errors.ProblemError: models: expected a ready formula, got 'michaelis'. Did you mean 'michaelis_menten'?
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ravine.errors import ProblemError
from ravine.fitting import guesses
from ravine.fitting.catalog import Model, Models, polynomial
from ravine.fitting.guesses import Start
from ravine.table import read_table
from ravine.table.naming import to_identifier


def resolve(name: str, x: str = "x", y: str = "y") -> tuple[str, Start]:
    """Return the text of a ready formula over the columns x and y, and what makes its start from their values.

    Raises
    ------
    ProblemError
        If there is no such formula, or a column is called what no formula can write.

    Examples
    --------
    >>> text, start = resolve("exponential_decay", "time", "counts")
    >>> text
    'counts = amplitude*exp(-rate*time) + offset'
    """
    for axis, column in (("x", x), ("y", y)):
        if to_identifier(column) != column:
            raise ProblemError(f"models: expected a plain name as {axis}, got {column!r}.")
    return models[name].over(x, y)


def with_data(name: str, data: Any, x: str | None = None, y: str | None = None) -> tuple[str, dict[str, float]]:
    """Return the text of a ready formula over columns of a table, and its start values.

    Without names the columns are x and y, or the only two of a table.

    Raises
    ------
    ProblemError, DataError
        If there is no such formula or column, or it isn't clear which are meant.

    Examples
    --------
    >>> with_data("line", {"time (s)": [0.0, 1.0, 2.0], "height (m)": [1.0, 3.0, 5.0]})[0]
    'height = slope*time + intercept'
    """
    table = read_table(data)
    across, up = _columns(table, x, y)
    text, start = resolve(name, _written(table, across), _written(table, up))
    xs, ys = table[across], table[up]
    known = np.isfinite(xs) & np.isfinite(ys)
    return text, start(np.asarray(xs, float)[known], np.asarray(ys, float)[known])


def _columns(table: Any, x: str | None, y: str | None) -> tuple[str, str]:
    names = list(table.names)
    if x is None:
        others = [name for name in names if y is None or table.alias(y) != name]
        x = "x" if "x" in table else others[0] if len(names) == 2 else None
    if y is None:
        others = [name for name in names if x is None or table.alias(x) != name]
        y = "y" if "y" in table else others[0] if len(names) == 2 else None
    for axis, column in (("x", x), ("y", y)):
        if column is None:
            raise ProblemError(f"models: expected to know which column is {axis}, got {', '.join(names)}. Name it.")
        table[column]
    assert x is not None
    assert y is not None
    return x, y


def _written(table: Any, column: str) -> str:
    """Return what a formula can call the column."""
    name = table.alias(column)
    if to_identifier(name) == name:
        return name
    return next((alias for alias, meant in table.aliases.items() if meant == name), name)


_BASELINE = {"offset": "the level far away"}
_PEAK = {"height": "height above the offset", "center": "where the peak is"}

_ROWS = (
    Model(
        "line",
        "y = slope*x + intercept",
        {"slope": "rise per unit of x", "intercept": "value at x = 0"},
        guesses.polynomial(["intercept", "slope"]),
        "A. M. Legendre (1805)",
    ),
    polynomial(2),
    polynomial(3),
    Model(
        "exponential_decay",
        "y = amplitude*exp(-rate*x) + offset",
        {"amplitude": "what decays, at x = 0", "rate": "1/time constant", "offset": "what is left"},
        guesses.separable(
            ["amplitude", "offset"], lambda x, rate: [np.exp(-rate * x), 1.0 + 0 * x], guesses.rates("rate")
        ),
        "E. Rutherford and F. Soddy (1902)",
    ),
    Model(
        "exponential_growth",
        "y = amplitude*exp(rate*x) + offset",
        {"amplitude": "what grows, at x = 0", "rate": "growth per unit of x", "offset": "what doesn't grow"},
        guesses.separable(
            ["amplitude", "offset"], lambda x, rate: [np.exp(rate * x), 1.0 + 0 * x], guesses.rates("rate")
        ),
        "T. R. Malthus (1798)",
    ),
    Model(
        "power",
        "y = a*x**b",
        {"a": "value at x = 1", "b": "exponent"},
        guesses.power,
        "M. E. J. Newman (2005), Contemporary Physics 46 (5), 323–351",
    ),
    Model(
        "logistic",
        "y = top/(1 + exp(-rate*(x - middle)))",
        {"top": "the level it grows to", "rate": "steepness", "middle": "where half is reached"},
        guesses.separable(
            ["top"], lambda x, rate, middle: [1 / (1 + np.exp(-rate * (x - middle)))], guesses.turns("rate", "middle")
        ),
        "P. F. Verhulst (1838)",
    ),
    Model(
        "gompertz",
        "y = top*exp(-exp(-rate*(x - middle)))",
        {"top": "the level it grows to", "rate": "steepness", "middle": "where it grows fastest, at top/e"},
        guesses.separable(
            ["top"], lambda x, rate, middle: [np.exp(-np.exp(-rate * (x - middle)))], guesses.turns("rate", "middle")
        ),
        "B. Gompertz (1825), Philosophical Transactions 115, 513–583",
    ),
    Model(
        "gaussian",
        "y = height*exp(-((x - center)/width)**2/2) + offset",
        {**_PEAK, "width": "standard deviation", **_BASELINE},
        guesses.separable(
            ["height", "offset"],
            lambda x, center, width: [np.exp(-(((x - center) / width) ** 2) / 2), 1.0 + 0 * x],
            guesses.places("center", "width"),
        ),
        "C. F. Gauss (1809)",
    ),
    Model(
        "lorentzian",
        "y = height/(1 + ((x - center)/width)**2) + offset",
        {**_PEAK, "width": "half width at half height", **_BASELINE},
        guesses.separable(
            ["height", "offset"],
            lambda x, center, width: [1 / (1 + ((x - center) / width) ** 2), 1.0 + 0 * x],
            guesses.places("center", "width"),
        ),
        "H. A. Lorentz (1906)",
    ),
    Model(
        "voigt",
        "y = area*voigt(x - center, sigma, gamma) + offset",
        {
            "area": "area above the offset", "center": _PEAK["center"], "sigma": "standard deviation of Gauss's share",
            "gamma": "half width at half height of Lorentz's share", **_BASELINE,
        },
        guesses.voigt,
        "W. Voigt (1912), Sitzungsberichte der K. B. Akademie der Wissenschaften zu München, 603–620",
    ),
    Model(
        "pseudo_voigt",
        "y = height*(fraction/(1 + ((x - center)/width)**2) + (1 - fraction)*exp(-log(2)*((x - center)/width)**2))"
        " + offset",
        {**_PEAK, "fraction": "Lorentzian share", "width": "half width at half height", **_BASELINE},
        lambda x, y: {"fraction": 0.5, **models["lorentzian"].start(x, y)},
        "G. K. Wertheim et al. (1974), Review of Scientific Instruments 45 (11), 1369–1371",
    ),
    Model(
        "sine",
        "y = amplitude*sin(2*pi*frequency*x + phase) + offset",
        {"amplitude": "half the swing", "frequency": "swings per unit of x", "phase": "angle at x = 0", **_BASELINE},
        guesses.sine,
        "N. R. Lomb (1976), Astrophysics and Space Science 39, 447–462",
    ),
    Model(
        "damped_sine",
        "y = amplitude*exp(-decay*x)*sin(2*pi*frequency*x + phase) + offset",
        {
            "amplitude": "half the swing at x = 0", "decay": "1/time constant", "frequency": "swings per unit of x",
            "phase": "angle at x = 0", **_BASELINE,
        },
        guesses.damped_sine,
        "Lord Rayleigh (1877), The Theory of Sound, chapter 3",
    ),
    Model(
        "michaelis_menten",
        "y = top*x/(half + x)",
        {"top": "the greatest rate", "half": "x at half of it"},
        guesses.separable(["top"], lambda x, half: [x / (half + x)], guesses.sizes("half")),
        "L. Michaelis and M. L. Menten (1913), Biochemische Zeitschrift 49, 333–369",
    ),
    Model(
        "hill",
        "y = top*x**n/(half**n + x**n)",
        {"top": "the greatest response", "half": "x at half of it", "n": "steepness, the Hill coefficient"},
        guesses.separable(
            ["top"],
            lambda x, half, n: [1 / (1 + (half / np.where(x > 0, x, 1e-300)) ** n)],
            guesses.sizes("half", "n", np.geomspace(0.3, 8, 20).tolist()),
        ),
        "A. V. Hill (1910), The Journal of Physiology 40, iv–vii",
    ),
    Model(
        "arrhenius",
        "y = prefactor*exp(-energy/(8.31446261815324*x))",
        {"prefactor": "value at infinite temperature", "energy": "activation energy in J/mol; x in kelvin"},
        guesses.arrhenius,
        "S. Arrhenius (1889), Zeitschrift für Physikalische Chemie 4, 226–248",
    ),
    Model(
        "weibull_growth",
        "y = top - drop*exp(-(x/scale)**shape)",
        {"top": "the level it grows to", "drop": "top less the value at 0", "scale": "x at 63 %", "shape": "exponent"},
        guesses.separable(
            ["top", "drop"],
            lambda x, scale, shape: [1.0 + 0 * x, -np.exp(-((x / scale) ** shape))],
            guesses.sizes("scale", "shape", np.geomspace(0.3, 8, 20).tolist()),
        ),
        "D. A. Ratkowsky (1983), Nonlinear Regression Modeling, Marcel Dekker, chapter 4",
    ),
)  # fmt: skip

_ALIASES = {
    "linear": "line", "quadratic": "polynomial(2)", "parabola": "polynomial(2)", "cubic": "polynomial(3)",
    "exponential": "exponential_decay", "decay": "exponential_decay", "growth": "exponential_growth",
    "power_law": "power", "sigmoid": "logistic", "gauss": "gaussian", "normal": "gaussian", "lorentz": "lorentzian",
    "cauchy": "lorentzian", "pseudovoigt": "pseudo_voigt", "sinus": "sine", "sin": "sine", "weibull": "weibull_growth",
}  # fmt: skip

#: The ready formulas by name.
models = Models(_ROWS, _ALIASES)
