"""``ravine explain``: one update of a saved run, taken apart."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Annotated

import typer

from ravine.cli import options, output
from ravine.errors import ProblemError

_NARROWEST, _WIDEST = 60, 120

_EPILOG = """
[bold]Examples[/bold]

  The third update of a run: gradient, the optimizer's arithmetic, new parameters, loss:
  ravine explain out/run.nc --step 3

  Of another start; what each point adds; as a page; in Chinese; for a program:
  ravine explain out/run.nc --step 3 --start-index 2
  ravine explain out/run.nc --step 1 --points --html step.html
  ravine explain out/run.nc --step 1 --language zh
  ravine explain out/run.nc --step 1 --json
"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(explain)


def explain(
    file: Annotated[Path, typer.Argument(help="A run saved by 'descend --out' or ravine.save.")],
    step: Annotated[int, typer.Option(help="Which update; 1 is the first, from step 0 to step 1.")] = 1,
    start_index: Annotated[int, typer.Option(help="Of which start, counted from 0.")] = 0,
    points: Annotated[bool, typer.Option("--points", help="Say what each point adds to loss and gradient.")] = False,
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
    html: Annotated[Path | None, typer.Option(help="Write it as a page too.")] = None,
    as_json: options.AsJson = False,
) -> None:
    """Take one update apart: gradient, the optimizer's arithmetic, new parameters, loss."""
    import ravine as rv
    from ravine.files import write_text
    from ravine.run import Run

    run = rv.load(file)
    if not isinstance(run, Run):
        kind = type(run).__name__.lower()
        raise ProblemError(
            f"{file}: expected a run saved by 'ravine descend --out', got a {kind}, which has no updates."
        )
    found = rv.explain(run, step, start_index, per_point=points, language=language)
    if html is not None:
        write_text(html, found.report("html"))
    if as_json:
        print(json.dumps(found.to_dict(), allow_nan=False))
        return
    print(found.report("text", width_of_terminal()))
    if html is not None:
        output.say(f"Written: {html}")


def width_of_terminal() -> int:
    """Return the width of the terminal, within what reads well."""
    return min(max(shutil.get_terminal_size((80, 24)).columns, _NARROWEST), _WIDEST)
