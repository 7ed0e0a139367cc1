"""``ravine gallery``: all lessons as one site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ravine.cli.output import say

_EPILOG = """
[bold]Examples[/bold]

  ravine gallery
  ravine gallery --out gallery/
  ravine gallery --lesson line --lesson two-layer --out two/
"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(gallery)


def gallery(
    out: Annotated[Path, typer.Option(help="The folder.")] = Path("gallery"),
    lesson: Annotated[list[str] | None, typer.Option(help="Only this one. Repeat for several.")] = None,
) -> None:
    """Write all lessons as a site: English and Chinese, pictures alive, no network needed."""
    from ravine.gallery.site import build_gallery

    say("Telling the lessons in two languages; this takes about a minute.")
    print(f"Written: {build_gallery(out, lessons=lesson)}")
