"""Problems: what the words of a command ask for, and where descents begin."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ravine.cli import output, words


def problem_of(
    formula: str, table: Path | None, loss: str | None, sigma: str | None, bounds: str | None, nan_policy: str
) -> Any:
    """Return the problem that the options name."""
    import ravine as rv

    check_order(formula)
    limits = None if bounds is None else words.ranges("--bounds", bounds)
    return rv.Problem(
        formula, table, loss=loss, sigma=words.number_or_name(sigma), bounds=limits, nan_policy=nan_policy
    )


def check_order(formula: str) -> None:
    """Refuse a file where the formula belongs.

    Raises
    ------
    FormulaError
        If the word is the name of a file.
    """
    from ravine.errors import FormulaError

    if os.path.splitext(formula)[1] and os.path.isfile(formula):
        raise FormulaError(
            f"formula: expected one such as 'y = a*x + b', got the file {formula}. The formula comes first."
        )


def starts_of(
    problem: Any, given: list[str] | None, grid: str | None, random: str | None, box: str | None, seed: int
) -> Any:
    """Return the starts that the options name, or sensible ones, which are told.

    Raises
    ------
    ProblemError
        If the options name starts in more than one way, or wrongly.
    """
    from ravine import starts
    from ravine.errors import ProblemError

    ways = [name for name, way in (("--start", given), ("--grid", grid), ("--random", random)) if way is not None]
    if len(ways) > 1:
        raise ProblemError(f"starts: expected one of --start, --grid and --random, got {' and '.join(ways)}.")
    if random is not None:
        return words.random_starts(random, box, seed)
    if box is not None:
        raise ProblemError("--box: expected --random uniform:COUNT with it, got none. It holds random starts.")
    if grid is not None:
        return starts.Grid(words.grid(grid))
    if given is not None:
        return [words.start(text) for text in given]
    suggested = starts.suggest(problem)
    said = "; ".join(", ".join(f"{name}={value:g}" for name, value in each.items()) for each in suggested)
    output.say(f"No --start given: beginning at {said}.")
    for note in problem.near_names():
        output.say(note.text)
    return suggested
