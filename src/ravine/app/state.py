"""State: all that one sees on the page, in one frozen value. Address, code and pictures are made of nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ravine.app import quotas, sources
from ravine.app.sources import Source, Values
from ravine.errors import ProblemError, did_you_mean

#: What the page offers: Keras's and SciPy's names, the latter without a learning rate.
OPTIMIZERS = (
    "sgd", "momentum", "nesterov", "adam", "rmsprop", "adagrad", "nadam", "lion", "bfgs", "l-bfgs-b", "nelder-mead",
)  # fmt: skip
WITHOUT_RATE = ("bfgs", "l-bfgs-b", "nelder-mead")
LANGUAGES = ("en", "zh")
RATES = (1e-5, 100.0)

Side = tuple[str, float, float]
"""A parameter and the range of it that one sees."""


@dataclass(frozen=True)
class State:
    """What one sees.

    Parameters
    ----------
    formula
        Text, as for `ravine.Problem`.
    data
        Where the data come from; None to minimize the formula itself.
    starts
        Where descents begin; empty for a suggestion.
    plane
        One or two parameters over which the loss is shown, with their ranges; empty for a suggestion.
    optimizers
        Which of `OPTIMIZERS` go down.
    learning_rate
        Of all that have one.
    steps
        The most updates.
    language
        Of the page: ``"en"`` or ``"zh"``.

    Examples
    --------
    >>> State("(x - 50)**2", starts=((("x", 3.0),),), learning_rate=1.0).rate_of("adam")
    1.0
    """

    formula: str
    data: Source | None = None
    starts: tuple[Values, ...] = ()
    plane: tuple[Side, ...] = ()
    optimizers: tuple[str, ...] = ("sgd",)
    learning_rate: float = 0.1
    steps: int = 200
    language: str = "en"

    def rate_of(self, optimizer: str) -> float | None:
        """Return the learning rate of an optimizer, None if it has none."""
        return None if optimizer in WITHOUT_RATE else self.learning_rate

    @property
    def box(self) -> dict[str, tuple[float, float]]:
        """The ranges by parameter."""
        return {name: (low, high) for name, low, high in self.plane}

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "formula": self.formula,
            "data": None if self.data is None else self.data.as_json(),
            "starts": [dict(start) for start in self.starts],
            "plane": [list(side) for side in self.plane],
            "optimizers": list(self.optimizers),
            "learning_rate": self.learning_rate,
            "steps": self.steps,
            "language": self.language,
        }


def of_json(given: Any) -> State:
    """Read what `State.as_json` wrote, or what somebody made up.

    Raises
    ------
    RavineError
        With one sentence, if it is something else or asks for too much.

    Examples
    --------
    >>> of_json({"formula": "x**2"}).steps
    200
    """
    if not isinstance(given, Mapping):
        raise ProblemError(f"page: expected its state by name, got {type(given).__name__}.")
    low, high = RATES
    return State(
        quotas.check_formula(given.get("formula")),
        sources.of_json(given.get("data")),
        _starts(given.get("starts", [])),
        _plane(given.get("plane", [])),
        _optimizers(given.get("optimizers", ["sgd"])),
        quotas.number("learning_rate", given.get("learning_rate", 0.1), low, high),
        quotas.whole("steps", given.get("steps", 200), 1, quotas.STEPS),
        _language(given.get("language", "en")),
    )


def without_place(state: State) -> State:
    """Return the state without starts and plane, to which a new formula gets new ones."""
    return replace(state, starts=(), plane=())


def _starts(given: Any) -> tuple[Values, ...]:
    if not isinstance(given, list | tuple):
        raise ProblemError(f"starts: expected a list, got {type(given).__name__}.")
    quotas.check_count("starts", given, quotas.STARTS)
    return tuple(sources.values_of("start", start) for start in given)


def _plane(given: Any) -> tuple[Side, ...]:
    if not isinstance(given, list | tuple) or len(given) > 2:
        raise ProblemError("plane: expected one or two parameters with their ranges.")
    return tuple(_side(side) for side in given)


def _side(given: Any) -> Side:
    if not isinstance(given, list | tuple) or len(given) != 3:
        raise ProblemError("plane: expected a parameter, its lowest and its highest value.")
    name = quotas.check_length("plane: name", given[0], quotas.NAME_LENGTH)
    low, high = (quotas.number(f"plane: {name}", value) for value in given[1:])
    if not low < high:
        raise ProblemError(f"plane: expected the range of {name} to rise, got {low:g} to {high:g}.")
    return name, low, high


def _optimizers(given: Any) -> tuple[str, ...]:
    if not isinstance(given, list | tuple) or not given:
        raise ProblemError("optimizers: expected at least one, got none. Choose one.")
    quotas.check_count("optimizers", given, quotas.OPTIMIZERS)
    for name in given:
        if name not in OPTIMIZERS:
            text = quotas.check_length("optimizers", name, quotas.NAME_LENGTH)
            hint = did_you_mean(text, OPTIMIZERS)
            raise ProblemError(f"optimizers: expected some of {', '.join(OPTIMIZERS)}, got '{text}'.{hint}")
    return tuple(dict.fromkeys(given))


def _language(given: Any) -> str:
    if given not in LANGUAGES:
        raise ProblemError(f"language: expected one of {', '.join(LANGUAGES)}.")
    return given
