"""``ravine demo``: real data and the two-layer lesson, with pictures, in a minute."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ravine.cli import output


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("ravine-demo"),
) -> None:
    """Fit a law of nature to measured data, then tell the two-layer lesson; pictures included."""
    from rich.console import Console

    from ravine import lessons
    from ravine.cli.descend import write
    from ravine.lessons import lamp

    console = Console(highlight=False)
    console.print("1. A carbon filament lamp: how does its radiation grow with temperature?", style="bold")
    console.print(f"   {lamp.FORMULA}, {lamp.SOURCE}\n", style="dim", markup=False)
    run, files = write(lamp.run(), out / "lamp")
    output.show_run(run, [], as_json=False)
    console.print(f"\nPictures: {', '.join(str(file) for file in files[1:])}\n", soft_wrap=True)

    console.print("2. The smallest network with two layers: where you start decides where you end.\n", style="bold")
    story = lessons.tell("two-layer", "en")
    pictures = lessons.render.save(story, out / "two-layer")
    lessons.render.to_terminal(story, console, pictures)
    console.print(f"\nAll pictures are in {out.resolve()}", style="bold", soft_wrap=True)
