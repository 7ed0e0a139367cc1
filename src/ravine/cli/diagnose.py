"""``ravine diagnose``: what went wrong in a saved run, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from ravine.cli import options

_EPILOG = """
[bold]Examples[/bold]

  ravine descend "x**2" --start x=3 --learning-rate 1.2 --out out/
  ravine diagnose out/run.nc
  ravine diagnose out/run.nc --language zh
  ravine diagnose out/run.nc --json
"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(diagnose)


def diagnose(
    file: Annotated[Path, typer.Argument(help="A run, saved with --out or ravine.save.")],
    language: Annotated[Literal["en", "zh"], typer.Option(help="English or Chinese.")] = "en",
    as_json: options.AsJson = False,
) -> None:
    """Name what went wrong in a run and why, with evidence and a next step."""
    import ravine as rv

    found = rv.diagnose(rv.load(file), language=language)
    print(json.dumps(found.as_dict(), allow_nan=False, ensure_ascii=False) if as_json else found)
