"""Gallery: what the page can be opened with: lessons, functions known from textbooks, ready formulas."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ravine.app.sources import Own, Sketch, Source, Values
from ravine.app.state import State
from ravine.errors import ProblemError
from ravine.fitting.ready import models, with_data
from ravine.lessons.data import NOISE, POINTS, SEED, TRUTH
from ravine.lessons.two_parameters import BOX, RATE, STARTS, STEPS

_PLANE = tuple((name, *side) for name, side in BOX.items())
_POINTS, _NOISE, _SEED = 80, 0.05, 0


@dataclass(frozen=True)
class Example:
    """A state with its name in both languages; ``kind`` groups the choices."""

    kind: str
    en: str
    zh: str
    state: State


def _lesson(formula: str, start: int) -> State:
    """Return a lesson's formula with its data and one of its starts."""
    sketch = Sketch(formula, tuple(TRUTH.items()), -1.0, 1.0, POINTS, NOISE, SEED)
    begin = tuple((name, float(value)) for name, value in STARTS[start].items())
    return State(formula, sketch, (begin,), _PLANE, ("sgd",), RATE, STEPS)


def _function(formula: str, start: dict[str, float], side: tuple[float, float], rate: float, steps: int = 200) -> State:
    plane = tuple((name, *side) for name in start)
    return State(formula, None, (tuple(start.items()),), plane, ("sgd",), rate, steps)


EXAMPLES: dict[str, Example] = {
    "two-layer": Example(
        "lesson", "Two layers: sin(b·cos(a·x))", "两层：sin(b·cos(a·x))", _lesson("y = sin(b*cos(a*x))", 2)
    ),
    "line": Example("lesson", "A line: a·x + b", "直线：a·x + b", _lesson("y = a*x + b", 0)),
    "cubic": Example("lesson", "A cubic: a·x³ + b·x²", "三次：a·x³ + b·x²", _lesson("y = a*x**3 + b*x**2", 0)),
    "parabola": Example(
        "lesson", "A parabola: (x − 50)²", "抛物线：(x − 50)²",
        _function("(x - 50)**2", {"x": 3.0}, (-10.0, 110.0), 0.1),
    ),
    "himmelblau": Example(
        "function", "Himmelblau: four minima", "Himmelblau：四个最小值",
        _function("(x**2 + y - 11)**2 + (x + y**2 - 7)**2", {"x": 0.0, "y": 4.5}, (-5.0, 5.0), 0.01),
    ),
    "rosenbrock": Example(
        "function", "Rosenbrock: the curved ravine", "Rosenbrock：弯曲的峡谷",
        _function("(1 - x)**2 + 100*(y - x**2)**2", {"x": -1.2, "y": 1.0}, (-2.0, 2.0), 0.001, 2000),
    ),
    "saddle": Example(
        "function", "A saddle between two valleys", "两谷之间的鞍点",
        _function("x**4/4 - x**2/2 + y**2", {"x": 0.02, "y": 1.2}, (-1.8, 1.8), 0.1),
    ),
    "bumps": Example(
        "function", "Many bumps (Rastrigin)", "许多坑（Rastrigin）",
        _function("20 + x**2 - 10*cos(2*pi*x) + y**2 - 10*cos(2*pi*y)", {"x": 2.3, "y": -1.7}, (-3.0, 3.0), 0.002),
    ),
}  # fmt: skip

#: True values with which a ready formula is sketched, and the range of x.
_TRUTHS: dict[str, tuple[tuple[float, ...], float, float]] = {
    "line": ((2.0, 1.0), -2.0, 2.0),
    "polynomial(2)": ((1.0, -0.5, 0.8), -2.0, 2.0),
    "polynomial(3)": ((0.5, -1.0, 0.3, 0.4), -2.0, 2.0),
    "exponential_decay": ((2.0, 1.2, 0.3), 0.0, 4.0),
    "exponential_growth": ((0.3, 0.8, 0.2), 0.0, 3.0),
    "power": ((1.5, 0.6), 0.1, 4.0),
    "logistic": ((2.0, 1.5, 3.0), 0.0, 6.0),
    "gompertz": ((2.0, 1.0, 2.0), 0.0, 6.0),
    "gaussian": ((1.5, 0.5, 0.8, 0.2), -3.0, 4.0),
    "lorentzian": ((1.5, 0.5, 0.6, 0.2), -3.0, 4.0),
    "voigt": ((2.0, 0.5, 0.5, 0.4, 0.1), -3.0, 4.0),
    "pseudo_voigt": ((1.5, 0.5, 0.5, 0.7, 0.1), -3.0, 4.0),
    "sine": ((1.0, 0.4, 0.5, 0.2), 0.0, 5.0),
    "damped_sine": ((1.5, 0.4, 0.6, 0.3, 0.1), 0.0, 6.0),
    "michaelis_menten": ((2.0, 1.0), 0.05, 6.0),
    "hill": ((2.0, 1.5, 2.5), 0.05, 5.0),
    "weibull_growth": ((2.0, 1.5, 2.0, 1.5), 0.05, 5.0),
}


def open_example(name: str, language: str = "en") -> State:
    """Return the state of an example or of a ready formula with data sketched for it.

    Raises
    ------
    ProblemError
        If there is none of this name.

    Examples
    --------
    >>> open_example("model:gaussian").formula
    'y = height*exp(-((x - center)/width)**2/2) + offset'
    """
    if name in EXAMPLES:
        return replace(EXAMPLES[name].state, language=language)
    kind, _, model = name.partition(":")
    if kind != "model" or model not in _TRUTHS:
        raise ProblemError("example: expected one of the list, got another. Choose one.")
    return _ready(model, language)


def ready_names() -> tuple[str, ...]:
    """Return the names of the ready formulas that can be sketched."""
    return tuple(_TRUTHS)


def on_own(name: str, data: Own, x: str, y: str, language: str = "en") -> State:
    """Return a ready formula on two columns of the user's own data, beginning halfway to where the data suggest.

    Raises
    ------
    RavineError
        If there is no such formula or column.
    """
    if name not in _TRUTHS:
        raise ProblemError("model: expected a ready formula of the list, got another. Choose one.")
    formula, start = with_data(name, data.columns(), x, y)
    begin: Values = tuple((param, float(f"{0.5 * value + 0.1:.3g}")) for param, value in start.items())
    return State(formula, data, (begin,), (), ("adam",), 0.05, 400, language)


def sketch_for(formula: str, names: tuple[str, ...], response: str) -> Source | None:
    """Return data for a formula that has none: its column is the one called x or t."""
    column = next((name for name in ("x", "t") if name in names), None)
    truth = tuple((name, 1.0) for name in names if name not in (column, "pi", "e"))
    if column is None or not truth or not response:
        return None
    return Sketch(formula, truth, 0.0, 4.0, _POINTS, _NOISE, _SEED)


def _ready(name: str, language: str) -> State:
    values, low, high = _TRUTHS[name]
    model = models[name]
    truth = tuple(zip(model.params, values, strict=True))
    sketch = Sketch(model.formula, truth, low, high, _POINTS, _NOISE, _SEED)
    begin = tuple((param, round(0.6 * value + 0.1, 2)) for param, value in truth)
    return State(model.formula, sketch, (begin,), (), ("adam",), 0.05, 400, language)
