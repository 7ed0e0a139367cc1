"""Chain: the gradient of a problem's loss in symbols, by the chain rule.

With a table the loss is a sum over points of ρ(r), r = (ŷ − y)/σ, so ∂L/∂θ is the sum of ρ′(r)/σ·∂ŷ/∂θ; the two
factors are short where their sum, written out, is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ravine import losses
from ravine.formula import calculus, math_sympy
from ravine.formula.calculus import Expression
from ravine.model import Tree
from ravine.problem import Problem


@dataclass(frozen=True, eq=False)
class Chain:
    """A gradient in symbols.

    Parameters
    ----------
    model
        The model, or what is minimized.
    inner
        The model's derivative with respect to each parameter.
    outer
        The derivative of a point's loss: with respect to the residual ``r``, or to the prediction where the loss is no
        function of residuals; None without a table.
    clipped
        The same where the loss keeps predictions off the ends of its domain, for numbers instead of eyes.
    symbol
        What ``outer`` is a function of.
    over
        ``"mean"`` or ``"sum"`` over points; empty without a table.
    is_weighted
        Whether residuals are in units of σ.
    """

    model: Expression
    inner: Mapping[str, Expression]
    outer: Expression | None
    clipped: Expression | None
    symbol: str
    over: str
    is_weighted: bool

    @property
    def whole(self) -> dict[str, Expression]:
        """What is summed over points for each parameter; without a table the gradient itself."""
        if self.outer is None:
            return dict(self.inner)
        constants = self.model.constants
        by = math_sympy.symbol("sigma_y") if self.is_weighted else 1
        return {
            name: Expression(self.outer.symbolic * each.symbolic / by, constants) for name, each in self.inner.items()
        }

    @property
    def is_known(self) -> bool:
        """Whether SymPy found every derivative."""
        return all(each.is_known for each in (*self.inner.values(), *([self.outer] if self.outer else [])))

    def gradient(self, problem: Problem, row: np.ndarray) -> np.ndarray | None:
        """Return the numbers of the gradient in float64, [param], at a row [param]; None if it isn't known."""
        values: dict[str, Any] = {**problem.by_name(row.astype(float)), **problem.columns}
        inner = [self.inner[name].evaluate(values) for name in problem.names]
        if any(each is None for each in inner):
            return None
        if self.clipped is None:
            return np.array([float(each) for each in inner])  # type: ignore[arg-type]
        observed, sigma = problem.observed, 1.0 if problem.sigma is None else problem.sigma
        assert observed is not None
        predicted = np.broadcast_to(self.model.evaluate(values), observed.shape)  # type: ignore[arg-type]
        at = {"r": (predicted - observed) / sigma} if self.symbol == "r" else {"p": predicted, "y": observed}
        outer = self.clipped.evaluate(at)
        if outer is None:
            return None
        shares = [np.broadcast_to(outer * each / sigma, observed.shape) for each in inner]  # type: ignore[operator]
        return np.array([share.mean() if self.over == "mean" else share.sum() for share in shares])


def chain(problem: Problem) -> Chain | str:
    """Return the gradient of a problem in symbols, or in one sentence why there is none.

    Examples
    --------
    >>> found = chain(Problem("y = a*x + b", {"x": [0.0, 1.0], "y": [1.0, 3.0]}))
    >>> {name: each.text for name, each in found.whole.items()}
    {'a': '2*r*x', 'b': '2*r'}
    >>> found.gradient(Problem("y = a*x + b", {"x": [0.0, 1.0], "y": [1.0, 3.0]}), np.array([0.0, 0.0])).tolist()
    [-3.0, -4.0]
    """
    if not isinstance(problem.model, Tree):
        why = getattr(problem.model, "why", "").rstrip(".")
        return f"'{problem.title}' is a Python function that can't be read as a formula{f' ({why})' if why else ''}."
    if problem.loss.keras is not None:
        return f"The loss '{problem.loss.name}' is Keras's own and has no formula here."
    model = calculus.expression(problem.model.formula.model, problem.constants)
    if model.is_too_large:
        return "The formula is too long to be differentiated in symbols."
    inner = {name: model.derivative(name) for name in problem.names}
    if problem.observed is None:
        return Chain(model, inner, None, None, "", "", is_weighted=False)
    outer, clipped, symbol = _outer(problem.loss)
    return Chain(model, inner, outer, clipped, symbol, problem.loss.reduction, is_weighted=problem.sigma is not None)


def _outer(loss: losses.Loss) -> tuple[Expression, Expression, str]:
    """Return the slope of one point's loss, to be read and to be evaluated, and what it is a slope by."""
    assert loss.pointwise is not None
    math = math_sympy.math()
    if loss.takes_sigma:
        slope = calculus.from_sympy(loss.pointwise(0, math_sympy.symbol("r"), None, math)).derivative("r")
        return slope, slope, "r"
    observed, predicted = math_sympy.symbol("y"), math_sympy.symbol("p")
    exact = calculus.from_sympy(loss.pointwise(observed, predicted, None, math)).derivative("p")
    free = {**math, "minimum": lambda x, limit: x, "maximum": lambda x, limit: x}
    return calculus.from_sympy(loss.pointwise(observed, predicted, None, free)).derivative("p"), exact, "p"
