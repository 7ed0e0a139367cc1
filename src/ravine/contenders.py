"""Contenders: several optimizers side by side, and the learning rates that each of them tries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from ravine import optimizers
from ravine.errors import ProblemError
from ravine.notes import Note
from ravine.optimizers import KerasMethod, Method
from ravine.progress import Progress

T = TypeVar("T")


@dataclass(frozen=True)
class Contender:
    """An optimizer under a name of its own.

    Parameters
    ----------
    name
        As the user wrote it; a number tells apart those that would share it.
    given
        What the user gave.
    method
        What that means.
    """

    name: str
    given: Any
    method: Method


def resolve(where: str, given: Any) -> tuple[Contender, ...]:
    """Return the optimizers that the user named.

    Parameters
    ----------
    where
        Who asks, for messages.
    given
        An optimizer as `ravine.descend` takes it, or several.

    Raises
    ------
    ProblemError
        If there is none, one comes twice, or one brings a schedule: constant learning rates are compared.

    Examples
    --------
    >>> [one.name for one in resolve("race", ["sgd", "momentum", "bfgs"])]
    ['sgd', 'momentum', 'bfgs']
    """
    several = isinstance(given, Sequence | np.ndarray) and not isinstance(given, str)
    listed = list(given) if several else [given]
    if not listed:
        raise ProblemError(f"{where}: expected at least one optimizer, such as 'sgd', got an empty list.")
    found: list[Contender] = []
    for each in listed:
        method = optimizers.resolve(each)
        if any(_are_same(method, other.method) for other in found):
            raise ProblemError(f"{where}: expected different optimizers, got '{method.name}' twice. Leave one out.")
        if isinstance(method, KerasMethod) and method.start_rates is None:
            raise ProblemError(
                f"{where}: '{method.name}' brings a schedule, but constant learning rates are tried here. "
                "Give the optimizer without it."
            )
        found.append(Contender(_own_name(method.name, [other.name for other in found]), each, method))
    return tuple(found)


def in_turns(
    field: Sequence[Contender], descents: int, turn: Callable[[Contender, Progress], T], progress: bool | None
) -> tuple[list[T], list[Note]]:
    """Let one after the other have a turn; return what came of it, and after Ctrl-C a note who had none.

    Parameters
    ----------
    field
        The contenders.
    descents
        How many one turn takes, for the bar.
    turn
        What to do in one; and whom to tell how many descents have ended.
    progress
        Whether to show the bar; by default on long work at a terminal.
    """
    done: list[T] = []
    with Progress(len(field) * descents, enabled=progress, unit="descents") as bar:
        try:
            for contender in field:
                bar.behind = len(done) * descents
                done.append(turn(contender, bar))
        except KeyboardInterrupt:
            if not done:
                raise
            missing = ", ".join(contender.name for contender in field[len(done) :])
            return done, [Note("stopped", f"Stopped before the end: {missing} had no turn.")]
    return done, []


def rates(where: str, given: Any) -> np.ndarray:
    """Return learning rates, rising, [rate].

    Raises
    ------
    ProblemError
        If there is none, one isn't a positive number, or one comes twice.

    Examples
    --------
    >>> rates("sweep", [1, 0.1])
    array([0.1, 1. ])
    """
    several = isinstance(given, Sequence | np.ndarray) and not isinstance(given, str)
    listed: Any = given if several and np.ndim(given) else [given]
    try:
        found = np.array([float(rate) for rate in listed])
    except (TypeError, ValueError):
        raise ProblemError(f"{where}: expected learning rates, such as [0.01, 0.1, 1], got {given!r}.") from None
    if not found.size:
        raise ProblemError(f"{where}: expected at least one learning rate, such as [0.01, 0.1, 1], got none.")
    wrong = found[~(np.isfinite(found) & (found > 0))]
    if wrong.size:
        raise ProblemError(f"{where}: expected learning rates above 0, got {wrong[0]:g}.")
    found = np.sort(found)
    twice = found[1:][np.diff(found) == 0]
    if twice.size:
        raise ProblemError(f"{where}: expected different learning rates, got {twice[0]:g} twice.")
    return found


def _are_same(one: Method, other: Method) -> bool:
    if isinstance(one, KerasMethod) and isinstance(other, KerasMethod):
        return one.key == other.key and one.start_rates == other.start_rates
    return one == other


def _own_name(name: str, taken: Sequence[str]) -> str:
    """Return the name, with a number if it is taken.

    Examples
    --------
    >>> _own_name("sgd", ["sgd", "adam"])
    'sgd (2)'
    """
    number = 1
    while (own := name if number == 1 else f"{name} ({number})") in taken:
        number += 1
    return own
