"""From a scene to ink: a figure, or a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from ravine import files
from ravine.errors import ProblemError, StoreError, did_you_mean
from ravine.view.scene import Scene

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from plotly.graph_objects import Figure as PlotlyFigure

_LIBRARIES = ("matplotlib", "plotly")
_METADATA: dict[str, dict[str, None]] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
_SUFFIXES = (".png", ".svg", ".pdf", ".html")
_DOTS_PER_INCH = {"slide": 150, "column": 300}


@overload
def draw(scene: Scene, library: Literal["matplotlib"] = "matplotlib", *, size: str = "slide") -> Figure: ...


@overload
def draw(scene: Scene, library: Literal["plotly"], *, size: str = "slide") -> PlotlyFigure: ...


@overload
def draw(scene: Scene, library: str, *, size: str = "slide") -> Any: ...


def draw(scene: Scene, library: str = "matplotlib", *, size: str = "slide") -> Any:
    """Draw a scene.

    Parameters
    ----------
    scene
        From one of ``ravine.plots``.
    library
        ``matplotlib``; or ``plotly``, whose figures tell numbers under the pointer and can be turned.
    size
        ``slide`` (10 in wide) or ``column`` (3.4 in wide, for a page of two columns).

    Raises
    ------
    ProblemError
        If there is no such library or size, or if ``scene`` is no scene.

    Examples
    --------
    >>> from ravine.view.scene import Axis, Line, Panel
    >>> figure = draw(Scene("two points", (Panel(Axis("x"), Axis("y"), (Line([0, 1], [2, 3]),)),)))
    >>> len(figure.axes)
    1
    """
    if not isinstance(scene, Scene):
        raise ProblemError(f"draw: expected a scene such as ravine.plots.loss(run), got {type(scene).__name__}.")
    drawer: Any
    if _choose("draw: library", library, _LIBRARIES) == "plotly":
        from ravine.view import draw_plotly as drawer
    else:
        from ravine.view import draw_matplotlib as drawer
    return drawer.draw(scene, drawer.LOOKS[_choose("draw: size", size, drawer.LOOKS)])


def save_picture(
    scene: Scene, path: str | os.PathLike[str], *, size: str = "slide", dots_per_inch: int | None = None
) -> Path:
    """Draw a scene into a PNG, SVG, PDF or HTML file and return its path.

    The file is written beside its place and then renamed, so that nobody ever sees half a picture. HTML is drawn by
    Plotly, which is in the file: it opens without a network.

    Parameters
    ----------
    scene
        From one of ``ravine.plots``.
    path
        Its suffix says which format.
    size
        As in `draw`.
    dots_per_inch
        Resolution of a PNG; 150 for slides and 300 for columns by default.

    Raises
    ------
    StoreError
        If the suffix is another one, the folder isn't there, or the file can't be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        known = " or ".join(_SUFFIXES)
        raise StoreError(f"{path}: expected a name that ends in {known}, got '{path.name}'.")
    with files.replacing(path) as beside:
        if suffix == ".html":
            beside.write_text(_page(scene, size), encoding="utf-8")
        else:
            _save(draw(scene, size=size), beside, suffix, dots_per_inch or _DOTS_PER_INCH[size])
    return path


def _page(scene: Scene, size: str) -> str:
    """Return a page that holds nothing but the picture, always the same for the same scene."""
    settings = {"displaylogo": False, "responsive": True}
    return draw(scene, "plotly", size=size).to_html(config=settings, include_plotlyjs=True, div_id="picture")


def _save(figure: Figure, path: Path, suffix: str, dots_per_inch: int) -> None:
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    if suffix == ".png":  # savefig would draw everything twice, the first time into nothing and only to lay it out
        figure.set_dpi(dots_per_inch)
        FigureCanvasAgg(figure).print_png(path)
        return
    with matplotlib.rc_context({"svg.hashsalt": "ravine", "pdf.fonttype": 42}):
        figure.savefig(path, format=suffix[1:], dpi=dots_per_inch, facecolor="white", metadata=_METADATA[suffix])


def _choose(where: str, name: str, known: Any) -> str:
    if name not in known:
        raise ProblemError(f"{where}: expected {' or '.join(known)}, got {name!r}.{did_you_mean(str(name), known)}")
    return name
