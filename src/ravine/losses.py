"""Losses: a name, a Keras loss or its configuration becomes a `Loss`.

The losses with a name here are written once over a table of elementary functions (see
`ravine.formula.math_numpy`), so they run on NumPy arrays and inside TensorFlow graphs alike. Everything else is
Keras's own.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import math as constants
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ravine import engine
from ravine.errors import ProblemError, did_you_mean

Math = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Loss:
    """How far predictions are from observations, as one number.

    Parameters
    ----------
    name
        The field's name, as given in reports.
    equation
        In Unicode; r = (prediction − observation)/σ, p a predicted probability.
    pointwise
        ``pointwise(observed, predicted, sigma, math)``, shapes [point, …], elementwise; None for Keras losses.
    reduction
        ``"mean"`` or ``"sum"`` over all points.
    keras
        A Keras loss object or function, None for the losses written here.
    """

    name: str
    equation: str
    pointwise: Callable[[Any, Any, Any, Math], Any] | None = None
    reduction: str = "mean"
    keras: Any = None

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Pickle a loss written here by its name: its function is a closure, which can't be."""
        return (resolve, (self.name,)) if _NAMED.get(self.name) is self else object.__reduce_ex__(self, protocol)

    @property
    def is_sum_of_squares(self) -> bool:
        """Whether minimizing it is a least-squares problem."""
        return self.keras is None and self.name in _SQUARES

    @property
    def keeps_nan(self) -> bool:
        """Whether it is NaN whenever a prediction is."""
        return self.keras is None and self.name in (*_SQUARES, "mae", "cauchy", VALUE.name)

    @property
    def takes_sigma(self) -> bool:
        """Whether it is a loss of residuals, which weights 1/σ scale."""
        return self.keras is None and self.name in _RESIDUAL


_SQUARES = ("mse", "sse", "half_sse")


def _of_residual(rho: Callable[[Any, Math], Any]) -> Callable[[Any, Any, Any, Math], Any]:
    def pointwise(observed: Any, predicted: Any, sigma: Any, math: Math) -> Any:
        residual = predicted - observed
        return rho(residual if sigma is None else residual / sigma, math)

    return pointwise


def _huber(r: Any, math: Math) -> Any:
    size = math["abs"](r)
    return math["where"](math["less_equal"](size, 1.0), 0.5 * r * r, size - 0.5)


def _log_cosh(r: Any, math: Math) -> Any:
    size = math["abs"](r)  # |r| + ln(1 + e^(−2|r|)) − ln 2 cannot overflow, ln(cosh r) does from |r| = 89 on
    return size + math["softplus"](-2.0 * size) - constants.log(2.0)


def _binary_crossentropy(observed: Any, predicted: Any, sigma: Any, math: Math) -> Any:
    epsilon = 1e-7  # Keras's own fuzz factor
    p = math["minimum"](math["maximum"](predicted, epsilon), 1.0 - epsilon)
    return -observed * math["log"](p) - (1.0 - observed) * math["log"](1.0 - p)


_RESIDUAL: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("mse", "Σr²/n", _of_residual(lambda r, math: r * r)),
        Loss("half_sse", "½Σr²", _of_residual(lambda r, math: 0.5 * r * r), "sum"),
        Loss("sse", "Σr²", _of_residual(lambda r, math: r * r), "sum"),
        Loss("mae", "Σ|r|/n", _of_residual(lambda r, math: math["abs"](r))),
        Loss("huber", "Σρ(r)/n, ρ = ½r² for |r| ≤ 1, |r| − ½ beyond", _of_residual(_huber)),
        Loss("log_cosh", "Σln(cosh r)/n", _of_residual(_log_cosh)),
        Loss("cauchy", "Σln(1 + r²)/n", _of_residual(lambda r, math: math["log1p"](r * r))),
    )
}

_NAMED: dict[str, Loss] = {
    **_RESIDUAL,
    "binary_crossentropy": Loss("binary_crossentropy", "−Σ(y·ln p + (1 − y)·ln(1 − p))/n", _binary_crossentropy),
}

_ALIASES = {
    "mean_squared_error": "mse",
    "meansquarederror": "mse",
    "meanabsoluteerror": "mae",
    "sum_of_squares": "sse",
    "half_sum_of_squares": "half_sse",
    "mean_absolute_error": "mae",
    "logcosh": "log_cosh",
    "binary_cross_entropy": "binary_crossentropy",
    "categorical_cross_entropy": "categorical_crossentropy",
    "sparse_categorical_cross_entropy": "sparse_categorical_crossentropy",
}

#: The loss of a problem without data: the function's own value.
VALUE = Loss("value", "f")


def resolve(loss: Any) -> Loss:
    """Turn a name, a configuration, a function or a Keras loss into a `Loss`.

    Raises
    ------
    ProblemError
        If there is no such loss.

    Examples
    --------
    >>> resolve("mean_squared_error").equation
    'Σr²/n'
    """
    if isinstance(loss, Loss):
        return loss
    if isinstance(loss, str):
        name = loss.strip().lower().replace("-", "_").replace(" ", "_")
        name = _ALIASES.get(name, name)
        return _NAMED[name] if name in _NAMED else _keras_by_name(loss, name)
    return _keras_object(loss)


def names() -> list[str]:
    """Return the losses written here, and Keras's for classification."""
    return [*_NAMED, "categorical_crossentropy", "sparse_categorical_crossentropy"]


def describe(loss: Loss) -> dict[str, Any]:
    """Return a loss as JSON-ready values, for a file."""
    if loss.keras is None:
        return {"name": loss.name}
    if isinstance(loss.keras, _Recorded):
        return {"name": loss.name, "keras": loss.keras.config}
    try:
        config = engine.keras().losses.serialize(loss.keras)
        if isinstance(config, dict) and isinstance(
            config["config"], dict
        ):  # some losses leave their settings out of their configuration (Keras 3.15: Huber)
            config["config"] = {**getattr(loss.keras, "_fn_kwargs", {}), **config["config"]}
        return {"name": loss.name, "keras": json.dumps(config)}
    except (TypeError, ValueError):  # a user's own function
        return {"name": loss.name, "keras": "null"}


def rebuild(described: Mapping[str, Any]) -> Loss:
    """Return the loss that `describe` described, without importing Keras."""
    if "keras" in described:
        return Loss(described["name"], "Keras", keras=_Recorded(described["keras"]))
    return VALUE if described["name"] == VALUE.name else _NAMED[described["name"]]


@dataclass(frozen=True)
class _Recorded:
    """A Keras loss from a file, built when it is first called."""

    config: str

    def __call__(self, observed: Any, predicted: Any) -> Any:
        config = json.loads(self.config)
        found = None if config is None else engine.keras().losses.deserialize(config)
        if not callable(found):  # of a function that Keras doesn't know, only the name comes back
            raise ProblemError("loss: a file can't hold a loss that is a Python function. Build the Problem again.")
        return found(observed, predicted)


def _keras_by_name(given: str, name: str) -> Loss:
    try:
        found = _first_known(given, name)
    except ValueError:
        hint = did_you_mean(name, [*names(), *_ALIASES])
        raise ProblemError(
            f"loss: expected one of {', '.join(names())} or another Keras loss, got '{given}'.{hint}"
        ) from None
    return Loss(name, "Keras", keras=found)


def _first_known(*names: str) -> Any:
    """Return Keras's loss of the first name that it knows: a class's own spelling, or the usual lower case."""
    for name in names[:-1]:
        with contextlib.suppress(ValueError):
            return engine.keras().losses.get(name)
    return engine.keras().losses.get(names[-1])


def _keras_object(loss: Any) -> Loss:
    keras = engine.keras()
    if isinstance(loss, Mapping):
        try:
            loss = keras.losses.deserialize(dict(loss))
        except (ValueError, TypeError, KeyError) as problem:
            raise ProblemError(f"loss: Keras can't build a loss from this configuration: {problem}") from None
    if inspect.isclass(loss) and issubclass(loss, keras.losses.Loss):
        loss = loss()
    if not callable(loss):
        raise ProblemError(f"loss: expected a name, a Keras loss or a function (y_true, y_pred), got {loss!r}.")
    name = getattr(loss, "name", None) or getattr(loss, "__name__", type(loss).__name__)
    return Loss(str(name), "Keras", keras=loss)
