"""``ravine lesson``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

_EPILOG = """
[bold]Examples[/bold]

  ravine lesson
  ravine lesson line
  ravine lesson two-layer --language zh --out lessons/
"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(lesson)


def lesson(
    name: Annotated[str | None, typer.Argument(help="Which one; without a name they are listed.")] = None,
    language: Annotated[Literal["en", "zh"], typer.Option(help="English or Chinese.")] = "en",
    out: Annotated[
        Path | None, typer.Option(help="Folder for its pictures and data. Default: one of its name.")
    ] = None,
) -> None:
    """Tell a lesson: a short story with numbers and pictures from a real descent."""
    from rich.console import Console

    from ravine import lessons

    console = Console(highlight=False)
    if name is None:
        lessons.render.list_to_terminal(language, console)
        return
    story = lessons.tell(name, language)
    files = lessons.render.save(story, out or Path(name))
    lessons.render.to_terminal(story, console, files)
