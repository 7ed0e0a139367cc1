"""Catalog: what a ready formula is, and how one is found by its name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ravine.errors import ProblemError, did_you_mean
from ravine.fitting import guesses
from ravine.fitting.guesses import Start
from ravine.formula import Formula, Name
from ravine.formula.tree import replace_names

_HIGHEST = 20
_POLYNOMIAL = re.compile(r"polynomial\s*\(\s*(\d+)\s*\)")


@dataclass(frozen=True)
class Model:
    """A ready formula.

    Parameters
    ----------
    name
        What it is called by.
    formula
        Over the columns x and y.
    params
        What each parameter means.
    start
        ``start(x, y)`` returns start values by name from arrays [point].
    reference
        Where it comes from.

    Examples
    --------
    >>> import numpy as np
    >>> from ravine.fitting.ready import models
    >>> x = np.linspace(0, 4, 9)
    >>> {name: round(value, 6) for name, value in models["line"].start(x, 2*x + 1).items()}
    {'intercept': 1.0, 'slope': 2.0}
    """

    name: str
    formula: str
    params: Mapping[str, str]
    start: Start
    reference: str

    def over(self, x: str, y: str) -> tuple[str, Start]:
        """Return the formula over columns of these names, and a start for it.

        A parameter that is called like a column gets an underscore.

        Examples
        --------
        >>> from ravine.fitting.ready import models
        >>> models["power"].over("a", "counts")[0]
        'counts = a_*a**b'
        """
        renamed = {name: _apart(name, (x, y)) for name in self.params}
        trees = {name: Name(other) for name, other in {**renamed, "x": x}.items()}
        text = f"{y} = {replace_names(Formula(self.formula).model, trees)}"
        return text, lambda xs, ys: {renamed[name]: value for name, value in self.start(xs, ys).items()}


class Models(Mapping[str, Model]):
    """The ready formulas by name; ``models["polynomial(3)"]`` too, and every name's common other names."""

    def __init__(self, rows: tuple[Model, ...], aliases: Mapping[str, str]) -> None:
        self._rows = MappingProxyType({row.name: row for row in rows})
        self._aliases = MappingProxyType(dict(aliases))

    def __getitem__(self, name: str) -> Model:
        found = self.get(name)
        if found is None:
            hint = did_you_mean(str(name), [*self._rows, *self._aliases])
            raise ProblemError(
                f"models: expected a ready formula, got {name!r}.{hint or ' `ravine models` lists them.'}"
            )
        return found

    def get(self, name: Any, default: Any = None) -> Any:
        """Return the formula of that name or the default."""
        key = str(name).strip().lower().replace("-", "_").replace(" ", "_")
        key = self._aliases.get(key, key)
        of_degree = _POLYNOMIAL.fullmatch(key)
        if of_degree and key not in self._rows:
            return polynomial(int(of_degree[1]))
        return self._rows.get(key, default)

    def __contains__(self, name: object) -> bool:
        return self.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        width = max(len(name) for name in self)
        return "\n".join(f"{row.name.ljust(width)}  {row.formula}" for row in self.values())


def polynomial(degree: int) -> Model:
    """Return the polynomial of this degree, c0 + c1·x + c2·x² and so on.

    Raises
    ------
    ProblemError
        If the degree isn't one of 0 to 20.

    Examples
    --------
    >>> polynomial(2).formula
    'y = c0 + c1*x + c2*x**2'
    """
    if not 0 <= degree <= _HIGHEST:
        raise ProblemError(f"polynomial: expected a degree from 0 to {_HIGHEST}, got {degree}.")
    names = [f"c{power}" for power in range(degree + 1)]
    powers = ["", "*x", *(f"*x**{power}" for power in range(2, degree + 1))]
    terms = [f"{name}{power}" for name, power in zip(names, powers, strict=False)]
    meanings = {name: f"coefficient of x**{power}" for power, name in enumerate(names)}
    start = guesses.polynomial(names)
    return Model(f"polynomial({degree})", f"y = {' + '.join(terms)}", meanings, start, "A. M. Legendre (1805)")


def _apart(name: str, taken: tuple[str, ...]) -> str:
    while name in taken:
        name += "_"
    return name
