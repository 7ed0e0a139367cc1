"""``ravine animate``: a saved run, fit or race as a film."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

_EPILOG = """
[bold]Examples[/bold]

  ravine animate out/run.nc run.gif
  ravine animate out/run.nc run.mp4 --seconds 15 --fps 30 --size large
  ravine animate fit/fit.nc fit.gif
"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(animate)


def animate(
    file: Annotated[Path, typer.Argument(help="A run, fit or race, saved with --out or ravine.save.")],
    out: Annotated[Path, typer.Argument(help="The film: its name ends in .gif or .mp4.")],
    seconds: Annotated[float, typer.Option(help="How long it takes, start and end held for one each.")] = 8.0,
    fps: Annotated[int, typer.Option(help="Frames a second.")] = 20,
    size: Annotated[
        Literal["small", "slide", "large"], typer.Option(help="640 × 360, 960 × 540 or 1280 × 720 pixels.")
    ] = "slide",
) -> None:
    """Make a film of a saved run, fit or race."""
    import ravine as rv

    print(f"Written: {rv.animate(rv.load(file), out, seconds=seconds, fps=fps, size=size)}")
