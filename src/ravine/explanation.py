"""Explanation: one update of a descent, taken apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ravine.chain import Chain
from ravine.contributions import Contributions
from ravine.errors import ProblemError
from ravine.ledger import Entry
from ravine.notes import Note
from ravine.problem import Problem

FORMATS = ("text", "html", "json")


@dataclass(frozen=True)
class Change:
    """A number before and after an update."""

    before: float
    after: float

    @property
    def decrease(self) -> float:
        """By how much it fell."""
        return self.before - self.after


@dataclass(frozen=True, eq=False)
class Explanation:
    """One update of a descent: what the gradient was, and what the optimizer made of it.

    Parameters
    ----------
    problem
        What is made small.
    optimizer
        Its name, as the run gives it.
    dtype
        In which the descent computed.
    step, start
        Which update: step 1 is the first one, from step 0 to step 1.
    before, gradient, after
        Parameters before the update, the gradient there, parameters after it, [param].
    learning_rate
        Of this update; NaN where the method has none.
    loss
        Over all points, as recorded.
    batch_loss
        Over the points that the gradient saw, where these aren't all; else None.
    batch
        Indices of these points, None for all.
    hessian
        Second derivatives of the loss before the update, [param, param] in float64; None if they can't be had.
    automatic
        The gradient by automatic differentiation, computed anew, [param]; None if it can't be.
    chain
        The gradient in symbols, or in one sentence why there is none.
    symbolic
        The numbers of the gradient in symbols, [param] in float64; None without.
    arithmetic
        The optimizer's lines with their numbers; empty for methods that keep no variables.
    optimizer_state
        The optimizer's own variables after the update, by Keras's names.
    points
        What each point adds, if asked for.
    notes
        What the user should know.
    language
        ``"en"`` or ``"zh"``.
    """

    problem: Problem
    optimizer: str
    dtype: str
    step: int
    start: int
    before: np.ndarray
    gradient: np.ndarray
    after: np.ndarray
    learning_rate: float
    loss: Change
    batch_loss: Change | None
    batch: np.ndarray | None
    hessian: np.ndarray | None
    automatic: np.ndarray | None
    chain: Chain | str
    symbolic: np.ndarray | None
    arithmetic: tuple[Entry, ...]
    optimizer_state: Mapping[str, Any]
    points: Contributions | None
    notes: tuple[Note, ...]
    language: str

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return self.problem.names

    @property
    def update(self) -> np.ndarray:
        """What was added to each parameter, [param]."""
        return self.after - self.before

    @property
    def recomputed(self) -> np.ndarray | None:
        """The parameters after the update by the lines of `arithmetic`, [param]; None without lines."""
        found = [entry.value for entry in self.arithmetic if entry.line.symbol == "theta"]
        if found:
            return found[-1]
        return self.before if self.arithmetic else None  # gradients are being collected

    @property
    def digits_off(self) -> float:
        """How far `recomputed` is from the record, in units of the last digit of the numbers met on the way."""
        if self.recomputed is None:
            return np.nan
        size = np.maximum(np.abs(self.before), np.maximum(np.abs(self.after), np.abs(self.update)))
        return float(np.max(np.abs(self.recomputed - self.after) / np.spacing(size.astype(self.dtype)), initial=0.0))

    @property
    def seen_loss(self) -> Change:
        """The loss whose gradient was taken: over the batch, or over all points."""
        return self.loss if self.batch_loss is None else self.batch_loss

    @property
    def predicted_decrease(self) -> tuple[float, float]:
        """By how much the loss should fall: by the slope alone, and by slope and curvature (NaN without a Hessian)."""
        move = self.update.astype(float)
        with np.errstate(all="ignore"):
            first = -float(self.gradient.astype(float) @ move)
            second = np.nan if self.hessian is None else first - 0.5 * float(move @ self.hessian @ move)
        return first, second

    @property
    def angle(self) -> float:
        """Degrees between the update and steepest descent; NaN where one of them is zero."""
        move, down = self.update.astype(float), -self.gradient.astype(float)
        with np.errstate(all="ignore"):
            cosine = move @ down / (np.linalg.norm(move) * np.linalg.norm(down))
        return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))

    def report(self, format: str = "text", width: int = 80) -> str:
        """Return the explanation in words and tables.

        Parameters
        ----------
        format
            ``"text"``, ``"html"`` (a page of its own) or ``"json"``.
        width
            Of the text, in columns.

        Raises
        ------
        ProblemError
            If the format is another one.
        """
        from ravine import account, document

        match format:
            case "text":
                return document.to_text(account.title(self), account.parts(self), width)
            case "html":
                return document.to_html(account.title(self), account.parts(self, whole=True), self.language)
            case "json":
                return json.dumps(self.to_dict(), allow_nan=False, indent=2, ensure_ascii=False)
        raise ProblemError(f"Explanation.report: expected a format among {', '.join(FORMATS)}, got {format!r}.")

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain values, None where there is no number."""
        from ravine import description

        return description.describe(self)

    def __repr__(self) -> str:
        return self.report()

    def _repr_html_(self) -> str:
        from ravine import account, document

        return document.to_fragment(account.title(self), account.parts(self, whole=True))
