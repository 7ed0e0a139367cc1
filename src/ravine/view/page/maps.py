"""The page of basins: which start ends where, and the places where they end."""

from __future__ import annotations

from dataclasses import replace

from ravine.basins import Basins
from ravine.errors import ProblemError
from ravine.view import plots
from ravine.view.page.content import Content, Picture, Said, Table
from ravine.view.page.runs import Pair
from ravine.view.page.tables import settings_rows

_SIDE = 256  # pixels along a side that a page holds, with what a pointer may ask of each


def content_of(found: Basins, pair: Pair | None = None) -> Content:
    """Return what stands on the page of basins.

    Parameters
    ----------
    found
        A map, a strip or random starts.
    pair
        Of random starts, the parameters over which they are shown.

    Raises
    ------
    ProblemError
        If the pair isn't what the starts differ in.
    """
    if pair is not None and (len(found.names) < 2 or (found.is_map and set(pair) != set(found.names))):
        raise ProblemError(f"export: pair: expected the parameters {', '.join(found.names)}, got {', '.join(pair)}.")
    shown, remarks = _thinned(found)
    scene = plots.basins(shown, None if found.is_map else pair)
    return Content(
        title=found.problem.title,
        headlines=tuple(found.headlines()),
        pictures=(Picture("map", scene),),
        tables=(Table("minima", found.table(), 4, found.remainder()),) if found.minima else (),
        settings=settings_rows(found.problem, None, {**found.settings, "held": dict(found.held)}),
        warnings=tuple(note.text for note in found.warnings),
        remarks=remarks,
    )


def _thinned(found: Basins) -> tuple[Basins, tuple[Said, ...]]:
    """Return a map with at most as many pixels as a page should carry; shares and minima stay those of all."""
    steps = {name: -(-found.dataset.sizes[name] // _SIDE) for name in ("x", "y") if name in found.dataset.dims}
    if not found.is_map or max(steps.values()) == 1:
        return found, ()
    dataset = found.dataset.isel({name: slice(step // 2, None, step) for name, step in steps.items()})
    said = {"shown": _size(dataset.sizes), "all": _size(found.dataset.sizes)}
    return replace(found, dataset=dataset), (("some_pixels", said),)


def _size(sizes: object) -> str:
    return f"{sizes['x']} × {sizes['y']}"  # type: ignore[index]
