"""SciPy's minimizers, fed with TensorFlow's exact derivatives and recorded like every other descent."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
from scipy import optimize

from ravine.errors import ProblemError
from ravine.graph import Evaluator
from ravine.notes import Note
from ravine.optimizers import ScipyMethod
from ravine.problem import Problem
from ravine.progress import Progress
from ravine.recording import Recording, join
from ravine.run import Status
from ravine.settings import Intermediate, Settings

_TOLERANCE = 1e-12  # of least_squares, relative: parameters, cost and gradient


def record(problem: Problem, method: ScipyMethod, rows: np.ndarray, settings: Settings, bar: Progress) -> Recording:
    """Minimize from every start [start, param], one after the other.

    A step is one iteration of the method; for least squares, one accepted point (a new Jacobian).

    Raises
    ------
    ProblemError
        If the method can't do what the problem asks for.
    """
    _check(problem, method, settings)
    settings.check(problem, len(rows))
    bar.total *= len(rows)
    parts = []
    for row in rows:
        parts.append(_Minimization(problem, method, settings, bar).run(row))
        bar.behind += settings.steps
        if parts[-1].status[0] is Status.stopped and not parts[-1].notes:  # by the user
            break
    return join(parts, settings.record_every)


class _Stopped(Exception):
    """Thrown through SciPy to end a minimization; its arguments are the status and, if need be, a reason."""


class _Evaluations:
    """What a method asks for, counted; loss and gradient come together, and are kept for who asks next.

    A Jacobian counts as one gradient, a Hessian as one for each parameter: so many derivatives of a gradient it holds.
    """

    def __init__(self, problem: Problem) -> None:
        self.evaluator = Evaluator(problem, "float64")
        self.losses = self.gradients = 0
        self.at: np.ndarray | None = None
        self.found: tuple[float, np.ndarray] = (np.nan, np.empty(0))

    def seen(self, at: np.ndarray) -> tuple[float, np.ndarray]:
        """Return loss and gradient [param] without counting them: for the record."""
        if self.at is None or not np.array_equal(at, self.at):
            self.found = self.evaluator.loss_and_gradient(at)
            self.at = np.array(at, float)
        return self.found

    def loss(self, at: np.ndarray) -> float:
        """Return the loss."""
        self.losses += 1
        return self.seen(at)[0]

    def gradient(self, at: np.ndarray) -> np.ndarray:
        """Return the gradient, [param]."""
        self.gradients += 1
        return self.seen(at)[1].copy()

    def hessian(self, at: np.ndarray) -> np.ndarray:
        """Return the Hessian, [param, param]."""
        self.gradients += len(at)
        return self.evaluator.hessian(at)

    def residuals(self, at: np.ndarray) -> np.ndarray:
        """Return the residuals, [residual]."""
        self.losses += 1
        return self.evaluator.residuals(at)

    def jacobian(self, at: np.ndarray) -> np.ndarray:
        """Return the Jacobian, [residual, param]."""
        self.gradients += 1
        return self.evaluator.jacobian(at)


class _Minimization:
    """One start of one method."""

    def __init__(self, problem: Problem, method: ScipyMethod, settings: Settings, bar: Progress) -> None:
        self.problem, self.method, self.settings, self.bar = problem, method, settings, bar
        self.evaluations = _Evaluations(problem)
        self.points: list[np.ndarray] = []
        self.counts: list[tuple[int, int]] = []  # of losses and gradients asked for, up to each point
        self.losses: list[float] = []
        self.gradients: list[np.ndarray] = []
        self.reasons: list[str] = []  # why the method gave up
        self.failure: Exception | None = None  # of the callback

    def run(self, row: np.ndarray) -> Recording:
        """Go from one start [param]; what was reached before an interruption is kept."""
        self._visit(row)
        try:
            self._judge()
            status = self._solve(row) if self.settings.steps else Status.ran_out
        except _Stopped as stopped:
            status, *self.reasons = stopped.args
        except (ValueError, ArithmeticError, np.linalg.LinAlgError) as error:
            if error is self.failure:
                raise
            status, self.reasons = Status.stopped, [str(error)]
        except KeyboardInterrupt:
            status = Status.stopped
        return self._recording(status)

    def _solve(self, row: np.ndarray) -> Status:
        with warnings.catch_warnings():  # the status says what these warnings say
            warnings.simplefilter("ignore")
            found = self._least_squares(row) if self.method.is_least_squares else self._minimize(row)
        if not np.array_equal(found.x, self.points[-1]):
            self._visit(found.x)
        self._judge(is_last=True)
        if found.success:
            return Status.converged
        if len(self.points) - 1 >= self.settings.steps or re.search("maximum number|limit", found.message.lower()):
            return Status.ran_out
        raise _Stopped(Status.stopped, found.message)

    def _minimize(self, row: np.ndarray) -> Any:
        method = self.method
        options: dict[str, Any] = {"maxiter": self.settings.steps}
        if method.name == "tnc":
            options = {"maxfun": 20 * self.settings.steps}
        if self.settings.stop.gradient is not None and method.name in ("bfgs", "cg", "trust-constr", "l-bfgs-b"):
            options["gtol"] = self.settings.stop.gradient
        return optimize.minimize(
            self.evaluations.loss,
            row,
            method=method.name,
            jac=self.evaluations.gradient if method.needs_gradient else None,
            hess=self.evaluations.hessian if method.needs_hessian else None,
            bounds=self._bounds(),
            callback=self._told if method.name == "tnc" else self._told_by_name,
            options=options,
        )

    def _least_squares(self, row: np.ndarray) -> Any:
        low, high = self.problem.limits()
        tolerances = dict.fromkeys(("ftol", "xtol", "gtol"), _TOLERANCE)
        return optimize.least_squares(
            self.evaluations.residuals,
            row,
            jac=self._jacobian,  # pyright: ignore[reportArgumentType] - SciPy's stubs know strings only
            bounds=(low, high) if self.problem.bounds else (-np.inf, np.inf),
            method=self.method.name,
            x_scale="jac",
            max_nfev=20 * self.settings.steps,
            **tolerances,
        )

    def _jacobian(self, at: np.ndarray) -> np.ndarray:
        slopes = self.evaluations.jacobian(at)
        self._told(at)
        return slopes

    def _told_by_name(self, intermediate_result: optimize.OptimizeResult) -> None:
        self._told(intermediate_result.x)

    def _told(self, at: np.ndarray) -> None:
        """Record an iterate; end the method when the steps are used up or the callback says so."""
        if np.array_equal(at, self.points[-1]):
            return
        self._visit(at)
        self.bar.show(len(self.points) - 1, self.losses[-1])
        self._judge()

    def _judge(self, *, is_last: bool = False) -> None:
        """End the method when the newest point is no place to go on from, the steps are used up, or on request."""
        step, loss = len(self.points) - 1, self.losses[-1]
        if not (np.isfinite(loss) and np.isfinite(self.gradients[-1]).all()):
            raise _Stopped(Status.not_finite)
        diverge = self.settings.stop.diverge
        if diverge is not None and abs(loss) > diverge * (1 + abs(self.losses[0])):
            raise _Stopped(Status.diverged)
        is_recorded = is_last or step % self.settings.record_every == 0
        if is_recorded and self._asked_to_stop(step) and not is_last:
            raise _Stopped(Status.stopped)
        if step >= self.settings.steps and not is_last:
            raise _Stopped(Status.ran_out)

    def _asked_to_stop(self, step: int) -> bool:
        if self.settings.callback is None:
            return False
        try:
            seen = Intermediate(step, self.points[-1][None], np.array(self.losses[-1:]), self.problem.names)
            return bool(self.settings.callback(seen))
        except StopIteration:
            return True
        except Exception as error:
            self.failure = error
            raise

    def _visit(self, at: np.ndarray) -> None:
        loss, gradient = self.evaluations.seen(at)
        self.counts.append((self.evaluations.losses, self.evaluations.gradients))
        self.points.append(np.array(at, float))
        self.losses.append(loss)
        self.gradients.append(gradient)

    def _bounds(self) -> Any:
        return list(zip(*self.problem.limits(), strict=True)) if self.problem.bounds else None

    def _recording(self, status: Status) -> Recording:
        last = len(self.points) - 1
        step = np.unique(np.append(np.arange(0, last + 1, self.settings.record_every), last))
        loss = np.array(self.losses)[None, step]
        said = [f"SciPy's {self.method.name} gave up after {last} steps: {reason}" for reason in self.reasons]
        return Recording(
            step=step,
            params=np.array(self.points)[None, step],
            gradient=np.array(self.gradients)[None, step],
            loss=loss,
            learning_rate=np.full_like(loss, np.nan),
            status=[status],
            steps_taken=np.array([last]),
            evaluations=np.array(self.counts)[None, step],
            notes=tuple(Note("method-gave-up", text) for text in said),
        )


def _check(problem: Problem, method: ScipyMethod, settings: Settings) -> None:
    if settings.batch_size is not None:
        raise ProblemError(f"batch_size: SciPy's '{method.name}' needs all points at every step. Leave it out.")
    if problem.bounds and not method.takes_bounds:
        raise ProblemError(
            f"bounds: SciPy's '{method.name}' knows none. Take "
            + ("trf or dogbox." if method.is_least_squares else "l-bfgs-b, tnc, slsqp, trust-constr or nelder-mead.")
        )
    if not method.is_least_squares:
        return
    if problem.observed is None or not problem.loss.is_sum_of_squares:
        got = f"the loss '{problem.loss.name}'" if problem.has_data else "no table"
        raise ProblemError(
            f"optimizer: '{method.name}' makes a sum of squared residuals small, got {got}. "
            "Give data with the loss mse, sse or half_sse, or take bfgs."
        )
    if method.name == "lm" and np.size(problem.observed) < len(problem.names):
        raise ProblemError(
            f"optimizer: 'lm' needs at least as many points as parameters ({len(problem.names)}), "
            f"got {np.size(problem.observed)}. Take trf."
        )
