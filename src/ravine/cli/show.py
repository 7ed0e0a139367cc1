"""``ravine show``: a saved run, fit or map, printed or drawn again. Needs no TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ravine.cli import options, output, pictures
from ravine.cli.basins import show_basins
from ravine.cli.fit import show_fit
from ravine.cli.race import show_race
from ravine.cli.sweep import show_sweep
from ravine.errors import ProblemError

_EPILOG = """
[bold]Examples[/bold]

  ravine show out/run.nc
  ravine show out/run.nc --plot surface --out surface.png
  ravine show out/run.nc --plot contour --out contour.pdf --size column
  ravine show map/basins.nc --plot basins --out basins.png
"""


_PRINTERS = {
    "Run": output.show_run,
    "Fit": show_fit,
    "Basins": show_basins,
    "Race": show_race,
    "Sweep": show_sweep,
}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(show)


def show(
    file: Annotated[Path, typer.Argument(help="A run, fit or map, saved with --out or ravine.save.")],
    plot: Annotated[str | None, typer.Option(help=f"One of {', '.join(pictures.NAMES)}.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to draw it: PNG, SVG or PDF. Default: PLOT.png beside the file.")
    ] = None,
    colors: Annotated[Literal["even", "rainbow"], typer.Option(help="Even to the eye, or a rainbow.")] = "even",
    size: Annotated[Literal["slide", "column"], typer.Option(help="10 or 3.4 inches wide.")] = "slide",
    as_json: options.AsJson = False,
) -> None:
    """Print a saved run, or draw it."""
    import ravine as rv

    thing = rv.load(file)
    if plot is None and out is not None:
        plot = _only(thing)
    files = []
    if plot is not None:
        scene = pictures.scene(thing, plot, colors=colors)
        files.append(rv.save_picture(scene, out or file.parent / f"{plot}.png", size=size))
    if files and not as_json:
        print(f"Written: {files[0]}")
    else:
        _PRINTERS[type(thing).__name__](thing, files, as_json=as_json)


def _only(thing: Any) -> str:
    """Return the name of a thing's picture if it has just one."""
    suiting = pictures.suiting(thing)
    if len(suiting) > 1:
        raise ProblemError(f"--out: expected --plot with it, one of {', '.join(suiting)}, got none.")
    return suiting[0]
