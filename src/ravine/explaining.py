"""explain: one update of a recorded descent, taken apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from ravine import chain, updates
from ravine.contributions import Contributions, contributions
from ravine.errors import ProblemError, RavineError, did_you_mean
from ravine.explanation import Change, Explanation
from ravine.graph import Evaluator
from ravine.notes import Note
from ravine.problem import Problem
from ravine.run import Run
from ravine.updates import Update

LANGUAGES = ("en", "zh")

_MOST = 100  # parameters whose Hessian is worth its time


def explain(run: Run, step: int, start: int = 0, *, per_point: bool = False, language: str = "en") -> Explanation:
    """Take one update of a descent apart.

    The formula; its gradient in symbols and in numbers; what the optimizer made of it, in its own variables; the new
    parameters; by how much the loss should have fallen, and did.

    Parameters
    ----------
    run
        A recorded descent.
    step
        Which update: 1 is the first one, from step 0 to step 1.
    start
        Of which start, counted from 0.
    per_point
        Whether to say what each point adds to the loss and its gradient.
    language
        ``"en"`` or ``"zh"``.

    Raises
    ------
    ProblemError
        If there is no such step or start, or the step can neither be found in the record nor replayed.

    Examples
    --------
    On (x − 2)² at x = 6 the slope is 8; a quarter of it leads to 4.

    >>> import ravine as rv
    >>> run = rv.descend("(x - 2)**2", {"x": 6}, learning_rate=0.25, steps=2)
    >>> found = explain(run, 1)
    >>> found.gradient.tolist(), found.update.tolist(), found.after.tolist()
    ([8.0], [-2.0], [4.0])
    >>> found.arithmetic[0].formula, found.arithmetic[0].with_numbers(0)
    ('θ ← θ − g·α', '6 − 8·0.25 = 4')
    """
    _check(run, language)
    update = updates.find(run, step, start)
    problem, notes = run.problem, list(update.notes)
    seen = problem if update.batch is None else problem.at_points(update.batch)
    if per_point and not problem.has_data:
        raise ProblemError(f"explain: expected a run with a table for its points, got '{problem.title}' without one.")
    hessian = automatic = points = None
    loss = Change(update.loss_before, update.loss_after)
    batch_loss = None
    dtype = str(update.before.dtype)
    try:
        hessian, automatic = _derivatives(seen, update, dtype)
        points = _points(seen, update, dtype) if per_point else None
        batch_loss = None if update.batch is None else _losses(seen, update, dtype)
    except RavineError as error:
        notes.append(Note("not-differentiated", _why(problem, error)))
    notes += _differences(update, automatic)
    symbols = chain.chain(seen)
    return Explanation(
        problem=problem,
        optimizer=str(run.settings.get("optimizer", "")),
        dtype=dtype,
        step=int(step),
        start=int(start),
        before=update.before,
        gradient=update.gradient,
        after=update.after,
        learning_rate=update.rate,
        loss=loss,
        batch_loss=batch_loss,
        batch=update.batch,
        hessian=hessian,
        automatic=automatic,
        chain=symbols,
        symbolic=None if isinstance(symbols, str) else symbols.gradient(seen, update.before),
        arithmetic=update.entries,
        optimizer_state=update.state,
        points=points,
        notes=tuple(notes),
        language=language,
    )


def _check(run: Any, language: str) -> None:
    if not isinstance(run, Run):
        got = type(run).__name__
        more = " Its descent is fit.run." if got == "Fit" else ""
        raise ProblemError(
            f"explain: expected a run from ravine.descend, got a {got}, which has no single updates.{more}"
        )
    if language not in LANGUAGES:
        hint = did_you_mean(str(language), LANGUAGES)
        raise ProblemError(f"language: expected {' or '.join(LANGUAGES)}, got {language!r}.{hint}")


def _derivatives(seen: Problem, update: Update, dtype: str) -> tuple[np.ndarray | None, np.ndarray]:
    """Return Hessian and gradient before the update, by automatic differentiation."""
    gradient = Evaluator(seen, dtype).loss_and_gradient(update.before)[1]
    if len(update.before) > _MOST:
        return None, gradient
    hessian = Evaluator(seen, "float64").hessian(update.before)
    return (hessian if np.isfinite(hessian).all() else None), gradient


def _points(seen: Problem, update: Update, dtype: str) -> Contributions:
    return contributions(seen, update.before, dtype, update.batch)


def _losses(seen: Problem, update: Update, dtype: str) -> Change:
    before, after = Evaluator(seen, dtype).losses(np.stack([update.before, update.after]))
    return Change(float(str(before)), float(str(after)))


def _why(problem: Problem, error: RavineError) -> str:
    if not problem.is_callable:
        return (
            f"'{problem.title}' is a Python function that the file doesn't hold: the gradient is the recorded one, and "
            "nothing can be computed anew."
        )
    return f"Nothing could be computed anew: {error}"


def _differences(update: Update, automatic: np.ndarray | None) -> list[Note]:
    """Say so if the gradient computed anew isn't the recorded one."""
    if automatic is None or not np.isfinite(update.gradient).all():
        return []
    size = np.abs(update.gradient).max(initial=0.0)
    tolerance = 1e-3 if update.gradient.dtype == np.float32 else 1e-9
    if np.allclose(automatic, update.gradient, rtol=tolerance, atol=tolerance * max(size, tolerance)):
        return []
    text = "The gradient computed anew differs from the recorded one: the problem isn't the one that was descended."
    return [Note("gradient-differs", text)]
