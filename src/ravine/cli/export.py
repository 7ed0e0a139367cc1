"""``ravine export``: a saved result as one page that opens without a network. Needs no TensorFlow."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import typer

from ravine.errors import ProblemError

_EPILOG = """
[bold]Examples[/bold]

  ravine export out/run.nc
  ravine export out/run.nc run.html --language zh
  ravine export fit/fit.nc --pair b,c --out fit.html
  ravine export race/race.nc
"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(export)


def export(
    file: Annotated[
        Path, typer.Argument(help="What '--out' or ravine.save wrote: a run, fit, map of basins, race or sweep.")
    ],
    page: Annotated[Path | None, typer.Argument(help="The page. Default: the file's name with .html.")] = None,
    out: Annotated[Path | None, typer.Option(help="The same, as an option.")] = None,
    language: Annotated[Literal["en", "zh"], typer.Option(help="In which the page opens.")] = "en",
    pair: Annotated[
        str | None, typer.Option(help="Of more than two parameters, those of the first plane: a,b.")
    ] = None,
) -> None:
    """Write a page: every step, surface, fit and report in one HTML file."""
    import ravine as rv

    if page is not None and out is not None and page != out:
        raise ProblemError(f"--out: expected one place for the page, got {page} and {out}. Leave one out.")
    both = None if pair is None else _two(pair)
    result = rv.load(file)
    print(f"Written: {rv.export(result, page or out or file.with_suffix('.html'), language=language, pair=both)}")


def _two(pair: str) -> tuple[str, str]:
    """Read ``a,b``; the commas of ``w[0,1]`` don't count."""
    names = [name.strip() for name in re.split(r",(?![^\[]*\])", pair) if name.strip()]
    if len(names) != 2:
        raise ProblemError(f"--pair: expected two parameters such as a,b, got '{pair}'.")
    return names[0], names[1]
