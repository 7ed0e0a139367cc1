"""Parameters of a fit: which are free, which are fixed, and which follow from others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ravine.errors import FormulaError, ProblemError, did_you_mean
from ravine.formula import Formula, math_numpy
from ravine.model import Tree
from ravine.observations import CONSTANTS
from ravine.problem import Problem


@dataclass(frozen=True)
class Parameter:
    """What is asked of one parameter; the words are lmfit's.

    Parameters
    ----------
    value
        Where to start, or where to stay; None if nothing is known.
    min, max
        Bounds.
    vary
        False keeps it at its value.
    expr
        An expression of other parameters that it always equals.
    """

    value: float | None = None
    min: float = -np.inf
    max: float = np.inf
    vary: bool = True
    expr: str | None = None


@dataclass(frozen=True)
class Parameters:
    """The parameters of a problem, by name, and the problem that is left when only the free ones are tuned.

    Parameters
    ----------
    asked
        All parameters of the formula.
    problem
        Its formula has numbers and expressions in place of what is fixed and tied.
    ties
        The tied ones, as formulas of free ones.
    """

    asked: Mapping[str, Parameter]
    problem: Problem
    ties: Mapping[str, Formula]

    def complete(self, free: Mapping[str, float]) -> dict[str, float]:
        """Return the values of all parameters from those of the free ones."""
        values = {}
        for name, parameter in self.asked.items():
            if name in self.ties:
                values[name] = float(self.ties[name].model.evaluate({**CONSTANTS, **free}, math_numpy.MATH))
            else:
                values[name] = float(free[name]) if name in free else float(parameter.value or 0.0)
        return values


def read(
    problem: Problem,
    start: Mapping[str, float] | None = None,
    bounds: Mapping[str, Any] | None = None,
    fixed: Mapping[str, float] | Sequence[str] | None = None,
    ties: Mapping[str, str] | None = None,
    params: Any = None,
    *,
    positive: str | Iterable[str] = (),
) -> Parameters:
    """Check what is asked and return it with the problem that is left.

    Parameters
    ----------
    problem
        With all parameters of its formula.
    start, bounds
        By name; `bounds` add to the problem's own.
    fixed
        Values by name, or names whose start values stay.
    ties
        ``{"b2": "2*b1"}``.
    params
        lmfit's way: a mapping of names to numbers, mappings with its words, or objects with its attributes.
    positive
        Names of parameters whose bounds end at 0, whatever else is said of them.

    Raises
    ------
    ProblemError
        If a name is unknown, a value is missing or outside its bounds, or ties go in a circle.
    """
    limits = zip(problem.names, *problem.limits(), strict=True)
    asked = {name: Parameter(min=low, max=high) for name, low, high in limits}
    for where, given in (("params", params), ("start", start), ("ties", ties), ("fixed", fixed)):
        _check_names(problem, where, given)
    for name, given in dict(params or {}).items():
        asked[name] = from_lmfit(name, given)
    for name, value in {**problem.defaults, **(start or {})}.items():
        asked[name] = replace(asked[name], value=_number("start", name, value))
    for name, side in problem.bounded(bounds or {}).bounds.items():
        asked[name] = replace(asked[name], min=side[0], max=side[1])
    given_fixed = fixed if isinstance(fixed, Mapping) else dict.fromkeys(fixed or ())
    for name, value in given_fixed.items():
        kept = asked[name].value if value is None else _number("fixed", name, value)
        asked[name] = replace(asked[name], value=kept, vary=False)
    for name, text in (ties or {}).items():
        if name in given_fixed:
            raise ProblemError(
                f"fixed: expected a parameter without a tie, got '{name}' = {text}. Leave one of them out."
            )
        asked[name] = replace(asked[name], expr=text)
    for name in names_of("positive", positive):
        asked[name] = _above_zero(name, asked[_known(problem, "positive", name)])
    for name, parameter in asked.items():
        _check(name, parameter)
    return _reduce(problem, asked)


def _reduce(problem: Problem, asked: Mapping[str, Parameter]) -> Parameters:
    tied = {name: parameter.expr for name, parameter in asked.items() if parameter.expr is not None}
    constants = {
        name: parameter.value
        for name, parameter in asked.items()
        if not parameter.vary and name not in tied and parameter.value is not None
    }
    if not tied and not constants:
        limits = {name: (p.min, p.max) for name, p in asked.items() if np.isfinite((p.min, p.max)).any()}
        return Parameters(asked, problem.bounded(limits), {})
    if not isinstance(problem.model, Tree):
        raise ProblemError(
            f"fit: expected a formula to fix or tie parameters in, got the callable '{problem.title}'. "
            "Write it with NumPy functions, or give the constant inside it."
        )
    ties = {name: formula.substitute(constants) for name, formula in _resolve(tied, problem).items()}
    free = {name: p for name, p in asked.items() if name not in tied and name not in constants}
    if not free:
        raise ProblemError("fit: expected at least one free parameter, got all of them fixed or tied. Free one.")
    formula = problem.model.formula.substitute({**constants, **ties})
    limits = {name: (p.min, p.max) for name, p in free.items() if np.isfinite((p.min, p.max)).any()}
    return Parameters(asked, problem.rewritten(formula, list(free)).bounded(limits), ties)


def _resolve(tied: Mapping[str, str], problem: Problem) -> dict[str, Formula]:
    """Return the ties with other tied parameters put in, so that only free and fixed ones are left."""
    formulas = {}
    for name, text in tied.items():
        try:
            formulas[name] = Formula(text)
        except FormulaError as error:
            raise ProblemError(f"ties: '{name}' can't be read as a formula: {error.message}") from None
        for part in formulas[name].names:
            if part not in CONSTANTS:
                _known(problem, f"ties of '{name}'", part)
    for _ in tied:
        formulas = {
            name: formula.substitute(
                {part: formulas[part] for part in formula.names if part in formulas and part != name}
            )
            for name, formula in formulas.items()
        }
    for name, formula in formulas.items():
        if set(formula.names) & set(tied):
            raise ProblemError(
                f"ties: expected '{name}' to follow from other parameters, got a circle ({name} = {tied[name]})."
            )
    return formulas


def names_of(where: str, given: Any) -> list[str]:
    """Return one name or several as a list.

    Raises
    ------
    ProblemError
        If it is neither.

    Examples
    --------
    >>> names_of("positive", "a"), names_of("positive", ("a", "b"))
    (['a'], ['a', 'b'])
    """
    names = [given] if isinstance(given, str) else list(given) if isinstance(given, Iterable) else [given]
    for name in names:
        if not isinstance(name, str):
            raise ProblemError(f"{where}: expected names of parameters such as ['a', 'b'], got {given!r}.")
    return names


def _above_zero(name: str, parameter: Parameter) -> Parameter:
    """Return what is asked of a parameter that must be positive."""
    if parameter.expr is not None:
        raise ProblemError(
            f"positive: expected a free parameter, got '{name}', which follows from {parameter.expr}. "
            "Ask it of the parameters there."
        )
    if parameter.max <= 0:
        raise ProblemError(
            f"positive: expected bounds of '{name}' that reach above 0, got ({parameter.min:g}, {parameter.max:g}). "
            "Change one of the two."
        )
    if parameter.value is not None and parameter.value <= 0:
        raise ProblemError(
            f"positive: expected a value above 0 for '{name}', got {parameter.value:g}. Start it at another one."
        )
    return replace(parameter, min=max(parameter.min, 0.0))


def from_lmfit(name: str, given: Any) -> Parameter:
    """Return what a number, a mapping with lmfit's words or an object with its attributes asks of a parameter.

    Raises
    ------
    ProblemError
        If it is something else.

    Examples
    --------
    >>> from_lmfit("a", {"value": 1, "min": 0}).min, from_lmfit("a", 2).value
    (0.0, 2.0)
    """
    words = ("value", "min", "max", "vary", "expr")
    if isinstance(given, Mapping):
        unknown = [word for word in given if word not in words]
        if unknown:
            raise ProblemError(f"params: expected {', '.join(words)} for '{name}', got '{unknown[0]}'.")
        found = dict(given)
    elif hasattr(given, "value"):
        found = {word: getattr(given, word, None) for word in words}
    else:
        found = {"value": given}
    value = found.get("value")
    low, high = found.get("min"), found.get("max")
    return Parameter(
        None if value is None or not np.isfinite(value) else _number("params", name, value),
        -np.inf if low is None else _number("params", name, low, infinite=True),
        np.inf if high is None else _number("params", name, high, infinite=True),
        found.get("vary") is not False,
        found.get("expr") or None,
    )


def _check(name: str, parameter: Parameter) -> None:
    if not parameter.vary and parameter.value is None and parameter.expr is None:
        raise ProblemError(f"fixed: expected a value for '{name}', got none. Give fixed={{'{name}': 1.0}}.")
    if not parameter.min < parameter.max:
        raise ProblemError(f"bounds: expected low < high for '{name}', got ({parameter.min:g}, {parameter.max:g}).")
    if parameter.value is not None and not parameter.min <= parameter.value <= parameter.max:
        raise ProblemError(
            f"start: expected '{name}' within its bounds [{parameter.min:g}, {parameter.max:g}], "
            f"got {parameter.value:g}."
        )


def _check_names(problem: Problem, where: str, given: Any) -> None:
    """Refuse what names no parameters, or others than the formula's."""
    names_alone = where == "fixed" and isinstance(given, Sequence) and not isinstance(given, str)
    if given is not None and not (names_alone or isinstance(given, Mapping)):
        raise ProblemError(f"{where}: expected values by name such as {{'{problem.names[0]}': 1.0}}, got {given!r}.")
    for name in given or ():
        _known(problem, where, name)


def _known(problem: Problem, where: str, name: str) -> str:
    if name not in problem.names:
        raise ProblemError(
            f"{where}: expected parameters among {', '.join(problem.names)}, got '{name}'."
            + did_you_mean(str(name), problem.names)
        )
    return name


def _number(where: str, name: str, value: Any, *, infinite: bool = False) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError):
        raise ProblemError(f"{where}: expected a number for '{name}', got {value!r}.") from None
    if not (np.isfinite(found) or (infinite and not np.isnan(found))):
        raise ProblemError(f"{where}: expected a finite number for '{name}', got {value!r}.")
    return found
