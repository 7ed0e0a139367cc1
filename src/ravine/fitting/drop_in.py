"""curve_fit: SciPy's words and return values, ravine's search and warnings behind them.

A function written with NumPy's elementwise functions is traced to a formula and fitted by `ravine.fit`: from the
given start and from many others, with exact Jacobians. Any other Python function is called as it is, with central
differences, and so is everything when sigma is a covariance matrix.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ravine.errors import DescentError, FormulaError, ProblemError
from ravine.fitting.answer import fit
from ravine.fitting.arguments import check_method, read
from ravine.fitting.called import Answer, Asked, call, first, fit_called
from ravine.fitting.polish import Evaluate, Point
from ravine.fitting.statistics import covariance
from ravine.formula import Formula, math_numpy

_MESSAGES = {1: "The fit came to rest at a minimum.", 5: "The fit did not come to rest."}


def curve_fit(  # noqa: PLR0913, PLR0917 - SciPy's arguments
    f: Callable[..., Any],
    xdata: Any,
    ydata: Any,
    p0: Any = None,
    sigma: Any = None,
    absolute_sigma: bool = False,
    check_finite: bool | None = None,
    bounds: Any = (-np.inf, np.inf),
    method: str | None = None,
    jac: Any = None,
    *,
    full_output: bool = False,
    nan_policy: str | None = None,
    **kwargs: Any,
) -> tuple[Any, ...]:
    """Fit ``f(xdata, *params)`` to ``ydata``: a drop-in for `scipy.optimize.curve_fit` that finds the best valley.

    Parameters
    ----------
    f
        The model; its first argument is ``xdata``.
    xdata
        Input, [point] or [input, point], or anything ``f`` understands.
    ydata
        Observations, [point].
    p0
        Start, [param]; without it the starts come from the data.
    sigma
        Standard deviations of the observations, one or [point], or their covariance matrix [point, point].
    absolute_sigma
        Whether sigma is known absolutely; otherwise the errors are scaled by the residuals.
    check_finite
        Whether to refuse NaN and infinity (default: yes, unless ``nan_policy`` is given).
    bounds
        Lower and upper bounds, each a number or [param], or SciPy's ``Bounds``.
    method
        ``"lm"``, ``"trf"``, ``"dogbox"`` or None: accepted, and all lead to the same minimum.
    jac
        A function returning the Jacobian [point, param], or a scheme's name; formulas have exact ones of their own.
    full_output
        Whether to return ``infodict, mesg, ier`` too.
    nan_policy
        ``"raise"``, ``"omit"`` or None.
    **kwargs
        SciPy's settings of its methods are accepted and have no effect.

    Returns
    -------
    tuple
        ``popt`` [param] and ``pcov`` [param, param] (infinite where the data don't tell); with ``full_output`` also
        ``infodict`` (``nfev``, ``fvec``, ``fjac``, ``ipvt``, ``qtf``), a message and 1.

    Raises
    ------
    ProblemError
        If the arguments don't go together (a ValueError; a TypeError too for fewer points than parameters).
    DescentError
        If the fit does not come to rest (a RuntimeError).

    Warns
    -----
    scipy.optimize.OptimizeWarning
        Of whatever a fit's ``warnings`` hold.

    Examples
    --------
    >>> popt, pcov = curve_fit(lambda x, a, b: a * x + b, [0, 1, 2, 3], [1.1, 2.9, 5.1, 6.9])
    >>> popt.round(3).tolist()
    [1.96, 1.06]
    """
    if "args" in kwargs:
        raise ProblemError("curve_fit: 'args' is not a supported keyword argument. Put them into the function.")
    finite = nan_policy is None if check_finite is None else bool(check_finite)
    asked = read(f, xdata, ydata, p0, sigma, bounds, jac, finite, nan_policy)
    check_method(method, asked)
    model = _traced(asked)
    answer = fit_called(asked) if model is None else _fit_traced(asked, model)
    if not answer.settled:
        raise DescentError(f"curve_fit: {_MESSAGES[5]} Give a start p0 nearer to the answer, or bounds.")
    pcov, said = _covariance(asked, answer, absolute_sigma=absolute_sigma)
    _warn([*answer.said, *said])
    if not full_output:
        return answer.point.params, pcov
    return answer.point.params, pcov, _information(answer), _MESSAGES[1], 1


# -- fitting ------------------------------------------------------------------------------------------------------


def _traced(asked: Asked) -> Formula | None:
    """Return the model as a formula of columns ``x_0`` … and the parameters ``p_0`` …, None if it is none."""
    if not isinstance(asked.x, np.ndarray) or asked.x.ndim not in (1, 2) or asked.y.ndim != 1:
        return None
    if asked.x.shape[-1] != asked.y.size or (asked.sigma is not None and asked.sigma.ndim == 2):
        return None
    many = asked.x.ndim == 2
    inputs = [f"x_{index}" for index in range(len(asked.x) if many else 1)]
    params = [f"p_{index}" for index in range(len(asked.names))]

    def model(**values: Any) -> Any:
        x = tuple(values[name] for name in inputs)
        return asked.function(x if many else x[0], *(values[name] for name in params))

    kind = inspect.Parameter.KEYWORD_ONLY
    model.__signature__ = inspect.Signature([inspect.Parameter(n, kind) for n in (*inputs, *params)])  # type: ignore[attr-defined]
    try:
        formula = Formula.trace(model)
    except FormulaError:
        return None
    if not set(params) <= set(formula.names):
        return None
    return formula if _agrees(formula, asked) else None


def _agrees(formula: Formula, asked: Asked) -> bool:
    """Tell whether the formula gives what the function does, at the start and a little beside."""
    for row in (first(asked), np.clip(first(asked) * 1.1 + 0.013, asked.low, asked.high)):
        values = {**_columns(asked), **{f"p_{index}": value for index, value in enumerate(row)}}
        with np.errstate(all="ignore"):
            found = np.broadcast_to(formula.model.evaluate(values, math_numpy.MATH), asked.y.shape)
            if not np.allclose(found - asked.y, call(asked, row), rtol=1e-9, atol=1e-12, equal_nan=True):
                return False
    return True


def _columns(asked: Asked) -> dict[str, np.ndarray]:
    return {f"x_{index}": column for index, column in enumerate(np.atleast_2d(asked.x))}


def _fit_traced(asked: Asked, formula: Formula) -> Answer:
    names = [f"p_{index}" for index in range(len(asked.names))]
    result = fit(
        Formula(f"y = {formula.model}"),
        {**{name: column for name, column in _columns(asked).items() if name in formula.names}, "y": asked.y},
        None if asked.start is None else dict(zip(names, asked.start.tolist(), strict=True)),
        sigma=asked.sigma,
        bounds={name: _open(side) for name, *side in zip(names, asked.low, asked.high, strict=True)},
    )
    params = np.array([result.values[name] for name in names])
    order = [result.free.index(name) for name in names]
    evaluate = _evaluator(result.run.problem)
    residual, jacobian = evaluate(params[None, np.argsort(order)])
    texts = [note.text for note in result.warnings if note.code not in _OWN_WORDS]
    said = tuple(_renamed(text.removesuffix(_ADVICE).rstrip(), names, asked.names) for text in texts)
    steps = int(result.run.dataset["steps_taken"].values.sum())
    return Answer(Point(params, residual[0], jacobian[0][:, order]), result.converged, said, steps)


_OWN_WORDS = ("not-converged", "few-points", "no-effect", "indistinguishable")  # said by the covariance
_ADVICE = "starts=1 follows yours only."


def _evaluator(problem: Any) -> Evaluate:
    from ravine.graph import Evaluator

    return Evaluator(problem).residuals_and_jacobians


def _open(side: Sequence[float]) -> tuple[float | None, float | None]:
    low, high = (float(value) if np.isfinite(value) else None for value in side)
    return low, high


def _renamed(text: str, names: Sequence[str], given: Sequence[str]) -> str:
    for name, other in reversed(list(zip(names, given, strict=True))):
        text = text.replace(name, other)
    return text


# -- answering ----------------------------------------------------------------------------------------------------


def _covariance(asked: Asked, answer: Answer, *, absolute_sigma: bool) -> tuple[np.ndarray, list[str]]:
    """Return pcov, infinite as a whole where the data can't tell it, as SciPy does, and why."""
    points, count = answer.point.jacobian.shape
    free = points - count
    if free <= 0 and not absolute_sigma:
        why = f"{points} points can't say how sure {count} parameters are."
        return np.full((count, count), np.inf), [f"Covariance of the parameters could not be estimated: {why}"]
    sure = covariance(answer.point.jacobian, 1.0 if absolute_sigma else answer.point.squares / free)
    if np.isfinite(sure.matrix).all():
        return sure.matrix, []
    lost = [" and ".join(asked.names[index] for index in group) for group in sure.undetermined]
    why = f"the data can't determine {', '.join(lost)}." if lost else "the Jacobian isn't finite."
    return np.full((count, count), np.inf), [f"Covariance of the parameters could not be estimated: {why}"]


def _warn(said: Sequence[str]) -> None:
    from scipy.optimize import OptimizeWarning

    for text in said:
        warnings.warn(text, OptimizeWarning, stacklevel=3)


def _information(answer: Answer) -> dict[str, Any]:
    """Return what SciPy's infodict holds, its QR factors those of the Jacobian at the answer."""
    from scipy.linalg import qr

    found: Any = qr(answer.point.jacobian, mode="economic", pivoting=True)
    q, r, pivots = found
    return {
        "nfev": answer.calls,
        "fvec": answer.point.residual,
        "fjac": r,
        "ipvt": pivots + 1,
        "qtf": q.T @ answer.point.residual,
    }
