"""Optimizers: a name, a configuration or an instance becomes a `KerasMethod` or a `ScipyMethod`."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ravine import engine
from ravine.compilation import remember
from ravine.errors import ProblemError, did_you_mean

#: Keras optimizers that treat every element of a variable alike, so that one variable can hold many descents.
_ELEMENTWISE = {"SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "Lion"}

#: Wrappers around other optimizers, which have no update rule of their own.
_WRAPPERS = {"LossScaleOptimizer", "MultiOptimizer", "OptimizerMap"}

#: Names in use for settings of Keras's SGD.
_SHORTHANDS: dict[str, tuple[str, dict[str, Any]]] = {
    "gd": ("sgd", {}),
    "gradient_descent": ("sgd", {}),
    "momentum": ("sgd", {"momentum": 0.9}),
    "nesterov": ("sgd", {"momentum": 0.9, "nesterov": True}),
}

_KERAS_NAMES = (
    "adadelta", "adafactor", "adagrad", "adam", "adamax", "adamw", "ftrl", "lamb", "lion", "muon", "nadam", "rmsprop",
    "schedulefreeadamw", "sgd",
)  # fmt: skip

#: ``scipy.optimize.minimize`` methods, with what each needs beside the value.
_MINIMIZE = {
    "nelder-mead": "", "powell": "", "cobyla": "", "cobyqa": "", "cg": "g", "bfgs": "g", "l-bfgs-b": "g", "tnc": "g",
    "slsqp": "g", "newton-cg": "gh", "dogleg": "gh", "trust-ncg": "gh", "trust-krylov": "gh", "trust-exact": "gh",
    "trust-constr": "gh",
}  # fmt: skip

_LEAST_SQUARES = ("lm", "trf", "dogbox")

_BOUNDED = {
    "nelder-mead", "powell", "cobyla", "cobyqa", "l-bfgs-b", "tnc", "slsqp", "trust-constr", "trf", "dogbox",
}  # fmt: skip


@dataclass(frozen=True)
class ScipyMethod:
    """A method of ``scipy.optimize.minimize`` or ``least_squares``.

    Parameters
    ----------
    name
        SciPy's name, in lower case.
    """

    name: str

    @property
    def is_least_squares(self) -> bool:
        """Whether it needs residuals instead of a loss."""
        return self.name in _LEAST_SQUARES

    @property
    def takes_bounds(self) -> bool:
        """Whether it obeys bounds."""
        return self.name in _BOUNDED

    @property
    def needs_gradient(self) -> bool:
        """Whether it reads the gradient."""
        return "g" in _MINIMIZE.get(self.name, "")

    @property
    def needs_hessian(self) -> bool:
        """Whether it reads the Hessian."""
        return "h" in _MINIMIZE.get(self.name, "")

    @property
    def config(self) -> dict[str, Any]:
        """What a file says of it."""
        return {"class_name": self.name, "config": {}}


@dataclass(frozen=True)
class KerasMethod:
    """A Keras optimizer, ready to be built with any learning rates.

    Parameters
    ----------
    optimizer
        An instance that is never applied; its configuration is the recipe.
    name
        How reports name it.
    rates
        The learning rates asked for, None to follow the optimizer's own (its number or its schedule).
    """

    optimizer: Any
    name: str
    rates: tuple[float, ...] | None = None

    @cached_property
    def config(self) -> dict[str, Any]:
        """The configuration, as JSON-ready values, without the learning rate unless it is a schedule."""
        config = {key: value for key, value in _recipe(self.optimizer).items() if key != "name"}
        if self.rates is not None or not self.has_schedule:
            config.pop("learning_rate", None)
        return {"class_name": type(self.optimizer).__name__, "config": json.loads(json.dumps(config, default=str))}

    @property
    def key(self) -> Hashable:
        """What distinguishes its compiled update from another's: the recipe, and the schedule or its class."""
        own = self.optimizer._learning_rate
        schedule = None
        if self.rates is None and self.has_schedule:
            schedule = type(own) if hasattr(own, "get_config") else own
        return type(self.optimizer), json.dumps(self.config, sort_keys=True), schedule

    @property
    def has_schedule(self) -> bool:
        """Whether its own learning rate changes with the steps."""
        own = self.optimizer._learning_rate
        return callable(own) and not hasattr(own, "assign")

    @property
    def start_rates(self) -> tuple[float, ...] | None:
        """The learning rates to run with; None for a schedule."""
        if self.rates is not None:
            return self.rates
        return None if self.has_schedule else (float(str(np.float32(float(self.optimizer.learning_rate)))),)

    @property
    def is_elementwise(self) -> bool:
        """Whether many descents may share one variable without influencing each other."""
        own = self.optimizer
        return (
            type(own).__name__ in _ELEMENTWISE
            and type(own).__module__.startswith("keras.")
            and not own.clipnorm
            and not own.global_clipnorm
        )

    @property
    def is_plain_descent(self) -> bool:
        """Whether it is gradient descent with nothing else: θ ← θ − α·∇f(θ)."""
        return self.is_linear_descent and not self.optimizer.momentum

    @property
    def is_linear_descent(self) -> bool:
        """Whether its updates are linear in the gradients: plain descent, or with momentum of either kind."""
        own = self.optimizer
        return (
            type(own).__name__ == "SGD"
            and not self.has_schedule
            and not any((own.clipnorm, own.global_clipnorm, own.clipvalue, own.weight_decay, own.use_ema))
            and not own.gradient_accumulation_steps
        )

    def build(self, learning_rate: Callable[[], Any] | None) -> Any:
        """Return a new Keras optimizer; ``learning_rate`` yields a tensor, None keeps the schedule."""
        # A schedule goes in as it is: from its configuration Keras finds no class that isn't registered.
        rate = self.optimizer._learning_rate if learning_rate is None else learning_rate
        return type(self.optimizer).from_config({**_recipe(self.optimizer), "learning_rate": rate})


Method = KerasMethod | ScipyMethod


def resolve(optimizer: Any, learning_rate: Any = None) -> Method:
    """Turn what the user gave into a method.

    Parameters
    ----------
    optimizer
        A Keras name (``"adam"``), a shorthand (``"momentum"``, ``"nesterov"``), a call (``"sgd(momentum=0.9)"``), a
        Keras configuration, instance or class, or a SciPy method (``"bfgs"``, ``"lm"``, …).
    learning_rate
        A number, several numbers (each start descends with each), a Keras schedule, or None for the optimizer's own.

    Raises
    ------
    ProblemError
        If there is no such optimizer, or its settings are wrong.

    Examples
    --------
    >>> resolve("L-BFGS-B").takes_bounds
    True
    """
    if isinstance(optimizer, str):
        name, settings = _read_call(optimizer)
        if name in _MINIMIZE or name in _LEAST_SQUARES:
            return _scipy(name, settings, learning_rate)
        instance = remember(("optimizer", name, repr(settings)), lambda: _by_name(optimizer, name, settings))
    else:
        instance = _instance(optimizer)
        name = type(instance).__name__.lower()
    return _with_rate(instance, name if not isinstance(optimizer, str) else optimizer.strip(), learning_rate)


def names() -> list[str]:
    """Return every name that `resolve` knows: Keras's, the shorthands, SciPy's."""
    return [*_KERAS_NAMES, *_SHORTHANDS, *_MINIMIZE, *_LEAST_SQUARES]


def _scipy(name: str, settings: Mapping[str, Any], learning_rate: Any) -> ScipyMethod:
    if settings:
        raise ProblemError(f"optimizer: '{name}' takes no settings here, got {', '.join(settings)}.")
    if learning_rate is not None:
        raise ProblemError(
            f"learning_rate: SciPy's '{name}' chooses its own step lengths. Leave the learning rate out."
        )
    return ScipyMethod(name)


def _read_call(text: str) -> tuple[str, dict[str, Any]]:
    """Split ``sgd(momentum=0.9)`` into its name and settings; values are literals, nothing is evaluated."""
    name, parenthesis, _ = text.strip().partition("(")
    settings: dict[str, Any] = {}
    if parenthesis:
        try:
            call = ast.parse(text.strip(), mode="eval").body
            if not isinstance(call, ast.Call) or call.args:
                raise ValueError
            settings = {keyword.arg or "": ast.literal_eval(keyword.value) for keyword in call.keywords}
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            raise ProblemError(
                f"optimizer: expected name(setting=value, …) such as sgd(momentum=0.9), got '{text[:80]}'."
            ) from None
    name = name.strip().lower()
    return name, settings


def _by_name(given: str, name: str, settings: dict[str, Any]) -> Any:
    plain = name.replace("-", "_").replace(" ", "_")
    base, preset = _SHORTHANDS.get(plain, (plain.replace("_", ""), {}))
    kinds = {kind.__name__.lower(): kind for kind in _keras_kinds()}
    if base not in kinds:
        there = [known for known in _KERAS_NAMES if known in kinds]  # older versions of Keras know fewer
        raise ProblemError(
            f"optimizer: expected a Keras optimizer ({', '.join(there)}), momentum, nesterov, or a SciPy method "
            f"({', '.join([*_MINIMIZE, *_LEAST_SQUARES])}), got '{given}'."
            f"{did_you_mean(name, [*there, *_SHORTHANDS, *_MINIMIZE, *_LEAST_SQUARES])}"
        )
    return _construct(kinds[base], {**preset, **settings})


def _keras_kinds() -> list[type]:
    optimizers = engine.keras().optimizers
    kinds = [kind for kind in vars(optimizers).values() if inspect.isclass(kind)]
    return [
        kind
        for kind in kinds
        if issubclass(kind, optimizers.Optimizer)
        and kind is not optimizers.Optimizer
        and kind.__name__ not in _WRAPPERS
    ]


def _construct(kind: type, settings: dict[str, Any]) -> Any:
    accepted = inspect.signature(kind).parameters
    for name in settings:
        if name not in accepted:
            raise ProblemError(
                f"optimizer: {kind.__name__} has no setting '{name}' (it has {', '.join(list(accepted)[:-1])})."
                + did_you_mean(name, accepted)
            )
    try:
        if settings:
            _try(kind(**settings))
        return kind(**settings)
    except Exception as problem:  # of any kind: Keras checks some settings, TensorFlow stumbles over others
        raise ProblemError(f"optimizer: {kind.__name__} refused its settings: {_first_line(problem)}") from None


def _try(optimizer: Any) -> None:
    """Let it make one step: some settings only fail then."""
    variable = engine.keras().Variable(1.0)
    optimizer.build([variable])
    optimizer.apply([engine.tensorflow().constant(0.5)])


def _instance(given: Any) -> Any:
    keras = engine.keras()
    if isinstance(given, Mapping):
        try:
            given = keras.optimizers.deserialize(dict(given))
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            raise ProblemError(
                f"optimizer: Keras can't build one from this configuration: {_first_line(problem)}"
            ) from None
    if inspect.isclass(given) and issubclass(given, keras.optimizers.Optimizer):
        given = _construct(given, {})
    if not isinstance(given, keras.optimizers.Optimizer):
        raise ProblemError(f"optimizer: expected a name, a configuration or a Keras optimizer, got {given!r}.")
    if type(given).__name__ in _WRAPPERS:
        raise ProblemError(f"optimizer: {type(given).__name__} only wraps other optimizers. Give the one inside it.")
    return given


def _with_rate(instance: Any, name: str, learning_rate: Any) -> KerasMethod:
    if learning_rate is None:
        return KerasMethod(instance, name)
    if isinstance(learning_rate, engine.keras().optimizers.schedules.LearningRateSchedule):
        config = {**_recipe(instance), "learning_rate": learning_rate}
        return KerasMethod(type(instance).from_config(config), name)
    several = isinstance(learning_rate, Sequence | np.ndarray) and not isinstance(learning_rate, str)
    given: Any = learning_rate if several and np.ndim(learning_rate) else [learning_rate]
    try:
        rates = tuple(float(rate) for rate in given)
    except (TypeError, ValueError):
        rates = ()
    if not rates or not all(np.isfinite(rate) and rate >= 0 for rate in rates):
        raise ProblemError(
            f"learning_rate: expected a number of 0 or more, several such, or a Keras schedule, got {learning_rate!r}."
        )
    return KerasMethod(instance, name, rates)


def _recipe(optimizer: Any) -> dict[str, Any]:
    try:
        return optimizer.get_config()
    except NotImplementedError:
        own = type(optimizer._learning_rate).__name__
        raise ProblemError(
            f"learning_rate: expected a schedule with get_config(), got {own} without one. Add the method."
        ) from None


def _first_line(problem: Exception) -> str:
    lines = str(problem).strip().splitlines() or [type(problem).__name__]
    return lines[0].rstrip(".") + "."
