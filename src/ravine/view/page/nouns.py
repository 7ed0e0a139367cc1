"""Which result becomes which content of a page: one row a noun."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ravine.basins import Basins
from ravine.errors import ProblemError
from ravine.fitting.fitted import Fit
from ravine.raced import Race
from ravine.run import Run
from ravine.swept import Sweep
from ravine.view.page import fits, maps, races, runs, sweeps
from ravine.view.page.content import Content
from ravine.view.page.runs import Pair

CONTENTS: Mapping[type, Callable[[Any, Pair | None], Content]] = MappingProxyType(
    {
        Run: runs.content_of,
        Fit: fits.content_of,
        Basins: maps.content_of,
        Race: races.content_of,
        Sweep: sweeps.content_of,
    }
)


def content_of(result: Any, pair: Pair | None) -> Content:
    """Return what stands on the page of a result.

    Raises
    ------
    ProblemError
        If there is no page for such a thing.
    """
    for kind, make in CONTENTS.items():
        if isinstance(result, kind):
            return make(result, pair)
    known = [kind.__name__ for kind in CONTENTS]
    expected = f"{', '.join(known[:-1])} or {known[-1]}"
    raise ProblemError(f"export: expected a {expected}, got {type(result).__name__}.")
