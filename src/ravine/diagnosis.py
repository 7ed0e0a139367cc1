"""Diagnosis: what a run's own record says about its outcome."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ravine.notes import Note
from ravine.plane import Surface
from ravine.run import Run, Status

_UNFINISHED = (Status.ran_out, Status.diverged, Status.not_finite)


def notes(run: Run, *, plain_descent: bool) -> tuple[Note, ...]:
    """Return what the user should know.

    Parameters
    ----------
    run
        A finished run without warnings.
    plain_descent
        Whether it was gradient descent without momentum, schedule, clipping or mini-batches, so that the classical
        bound on the learning rate, 2/λ with λ the largest curvature, applies.
    """
    found = [*run.problem.notes, *_resolution(run)]
    rates = _learning_rates(run) if plain_descent and run.settings["record_every"] == 1 else {}
    unexplained = np.array([start not in rates for start in range(run.starts)])
    return (*found, *_unique(rates.values()), *_rose(run, unexplained), *_better_elsewhere(run, unexplained))


def curvature_along(params: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """Return the mean curvature of the loss along each step, [step − 1], from the record [step, param].

    Along a step Δθ the gradient changes by Δg = H̄·Δθ, with H̄ the mean Hessian on the way, so that Δθ·Δg/Δθ·Δθ is
    its Rayleigh quotient: a lower bound on the largest curvature, reached where gradient descent jumps to and fro.

    Examples
    --------
    On x² the curvature is 2 everywhere.

    >>> curvature_along(np.array([[1.0], [-1.0], [1.0]]), np.array([[2.0], [-2.0], [2.0]])).tolist()
    [2.0, 2.0]
    """
    with np.errstate(all="ignore"):
        step, change = np.diff(params.astype(float), axis=0), np.diff(gradient.astype(float), axis=0)
        found = (step * change).sum(1) / (step * step).sum(1)
    return np.where(np.isfinite(found), found, 0.0)


def _learning_rates(run: Run) -> dict[int, Note]:
    """Return what is wrong with the learning rate, by start."""
    params, gradient, rate = (run.dataset[name].values for name in ("params", "gradient", "learning_rate"))
    said = {}
    for start, status in enumerate(run.statuses):
        own = run.recorded(start)
        if status not in _UNFINISHED or own < 3:
            continue
        # The end shows how a descent that stays bounded jumps; of one that left, the beginning shows why.
        shown = slice(max(0, own - 5), own) if status is Status.ran_out else slice(0, 5)
        curvature = curvature_along(params[start, shown], gradient[start, shown]).max()
        note = _rate_note(float(rate[start, 0]), curvature)
        if note is not None:
            said[start] = note
    return said


def _unique(notes: Iterable[Note]) -> list[Note]:
    """Return the first note of each kind and learning rate."""
    kinds: dict[tuple[str, str], Note] = {}
    for note in notes:
        kinds.setdefault((note.code, note.text.partition(":")[0].partition(",")[0]), note)
    return list(kinds.values())


def _rate_note(rate: float, curvature: float) -> Note | None:
    if not curvature > 0 or rate * curvature < 1.98:
        return None
    edge = 2 / curvature
    advice = f"Take a smaller one, such as {_one_digit(edge / 2)}."
    measured = f"2/λ = {edge:.4g}, where λ = {curvature:.4g} is the largest curvature met on the way"
    if rate * curvature <= 2.02:
        text = f"Learning rate {rate:g} sits at the edge {measured}: the parameters jump to and fro forever. {advice}"
        return Note("learning-rate-at-edge", text)
    return Note(
        "learning-rate-too-large", f"Learning rate {rate:g} is above {measured}: each step overshoots. {advice}"
    )


def _rose(run: Run, asked: np.ndarray) -> list[Note]:
    loss = run.dataset["loss"].values
    ran_out = np.array([status is Status.ran_out for status in run.statuses])
    rose = np.flatnonzero(asked & ran_out & (loss[:, -1] > loss[:, 0]))
    if not rose.size:
        return []
    which = f"Start {rose[0]}" if rose.size == 1 else f"{rose.size} of {run.starts} starts"
    return [Note("loss-rose", f"{which} ended at a higher loss than at the beginning: take a smaller learning rate.")]


def better_on(surface: Surface, run: Run) -> tuple[Note, ...]:
    """Return a warning if the surface holds a clearly lower loss than the run's best start came to."""
    where = " ".join(f"{name} = {surface.best[name]:.4g}" for name in surface.names)
    if run.problem.bounds or not _caught(run, surface.best_loss)[run.best]:
        return ()
    text = (
        f"A better place is known: the surface falls to {surface.best_loss:.4g} near {where}, but the best start "
        f"ended at {run.loss:.4g}. Start there."
    )
    return (Note("better-minimum", text),)


def _better_elsewhere(run: Run, asked: np.ndarray) -> list[Note]:
    """Warn of starts whose final loss is clearly worse than the best one's."""
    final, best = run.dataset["loss"].values[:, -1], run.loss
    where = np.flatnonzero(asked & _caught(run, best))
    if not where.size:
        return []
    if where.size <= 3:
        which = ", ".join(f"start {index} ended at loss {final[index]:.4g}" for index in where)
    else:
        which = f"{where.size} of {run.starts} starts ended at a loss of {final[where].min():.4g} or more"
    return [Note("better-minimum", f"A better minimum is known: {which}, but start {run.best} reached {best:.4g}.")]


def _caught(run: Run, best: float) -> np.ndarray:
    """Tell which starts came to rest clearly above a loss that is known, [start]."""
    loss = run.dataset["loss"].values.astype(float)
    if not np.isfinite(best):
        return np.zeros(run.starts, bool)
    final = loss[:, -1]
    spread = np.max(loss[:, 0], initial=best, where=np.isfinite(loss[:, 0])) - best
    ended = np.array([status in (Status.converged, Status.ran_out, Status.stopped) for status in run.statuses])
    # A start that is still on its way down is slow, not caught: its last tenth must have gained next to nothing.
    tenth = min(max(1, loss.shape[1] // 10), loss.shape[1] - 1)
    with np.errstate(invalid="ignore"):
        above = final - best > np.maximum(1e-3 * spread, 0.05 * abs(best))
        at_rest = (loss[:, -1 - tenth] - final < 0.02 * (final - best)) & (tenth > 0)
    return ended & np.isfinite(final) & above & at_rest


def _resolution(run: Run) -> list[Note]:
    """Warn of columns whose values float32 can hardly tell apart, such as years or time stamps."""
    if run.settings["dtype"] != "float32":
        return []
    coarse = []
    for name, column in run.problem.columns.items():
        grain = float(np.finfo(np.float32).eps) * np.abs(column).max()
        if grain > 1e-3 * (column.max() - column.min()) > 0:
            coarse.append(name)
    text = (
        f"float32 can hardly tell the values of {', '.join(coarse)} apart: take dtype float64, or subtract an offset."
    )
    return [Note("float32-resolution", text)] if coarse else []


def _one_digit(value: float) -> str:
    return f"{float(f'{value:.1g}'):g}"
