"""Pictures: which plots suit what a file holds, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ravine.errors import ProblemError, did_you_mean


def _always(_: Any) -> bool:
    return True


@dataclass(frozen=True)
class Picture:
    """One of ``ravine.plots``, and what it suits.

    Parameters
    ----------
    plot
        The function's name.
    suits
        Whether a thing can be drawn so.
    of_run
        Whether it shows the Run of a fit instead of the fit.
    has_colors
        Whether it takes a choice of colors.
    """

    plot: str
    suits: Callable[[Any], bool] = _always
    of_run: bool = False
    has_colors: bool = False


def _is_alone(thing: Any) -> bool:
    return len(_run(thing).names) == 1


def _has_pair(thing: Any) -> bool:
    return not _is_alone(thing)


def _has_table(thing: Any) -> bool:
    return thing.problem.has_data


def _is_curve(thing: Any) -> bool:
    return thing.problem.has_data and len(thing.problem.variables) == 1


def _run(thing: Any) -> Any:
    return getattr(thing, "run", thing)


def _has_regions(fit: Any) -> bool:
    return len(fit.free) > 1 and fit.problem.loss.is_sum_of_squares


_OF_A_RUN = {
    "summary": Picture("summary"),
    "surface": Picture("descent", _has_pair, has_colors=True),
    "contour": Picture("contour", _has_pair, has_colors=True),
    "fit": Picture("fit", _has_table),
    "loss": Picture("loss"),
    "params": Picture("params"),
    "lines": Picture("lines_over_time", _is_curve),
    "curve": Picture("curve", _is_alone),
}

_OF_A_FIT = {
    "fit": Picture("fit"),
    "confidence": Picture("confidence", _has_regions),
    "profile": Picture("profile"),
    "valleys": Picture("valleys", lambda fit: len(fit.free) <= 2),
    "surface": Picture("descent", _has_pair, of_run=True, has_colors=True),
    "contour": Picture("contour", _has_pair, of_run=True, has_colors=True),
    "loss": Picture("loss", of_run=True),
    "params": Picture("params", of_run=True),
}

_KINDS: Mapping[str, Mapping[str, Picture]] = {
    "Run": _OF_A_RUN,
    "Fit": _OF_A_FIT,
    "Basins": {"basins": Picture("basins")},
    "Race": {"race": Picture("race")},
    "Sweep": {"sweep": Picture("sweep")},
}

#: All names, each once.
NAMES = list(dict.fromkeys(name for kind in _KINDS.values() for name in kind))


def suiting(thing: Any) -> list[str]:
    """Return the names of the pictures that make sense for a thing, its main one first."""
    return [name for name, picture in _KINDS[type(thing).__name__].items() if picture.suits(thing)]


def scene(thing: Any, name: str, **options: Any) -> Any:
    """Return the scene of a thing by the picture's name; ``colors`` matters where a picture has some to choose.

    Raises
    ------
    ProblemError
        If there is no such picture, or none of this thing.
    """
    import ravine as rv

    if name not in NAMES:
        raise ProblemError(f"--plot: expected one of {', '.join(NAMES)}, got '{name}'.{did_you_mean(name, NAMES)}")
    if name not in (those := suiting(thing)):
        kind = type(thing).__name__.lower()
        raise ProblemError(f"--plot: '{name}' doesn't suit this {kind}. Take one of {', '.join(those)}.")
    picture = _KINDS[type(thing).__name__][name]
    shown = thing.run if picture.of_run else thing
    return getattr(rv.plots, picture.plot)(shown, **(options if picture.has_colors else {}))
