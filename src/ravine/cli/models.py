"""``ravine models``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ravine.fitting.ready import Model

_EPILOG = """
[bold]Examples[/bold]

  ravine models
  ravine models gaussian
  ravine models "polynomial(4)"
  ravine fit gaussian data.csv --x time --y counts
"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(models)


def models(
    name: Annotated[str | None, typer.Argument(help="Which one; without a name all are listed.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the ready formulas, or tell one's parameters and where it comes from."""
    from ravine.fitting import ready

    chosen = list(ready.models.values()) if name is None else [ready.models[name]]
    if as_json:
        print(json.dumps([_describe(model) for model in chosen], ensure_ascii=False))
    elif name is not None:
        _tell(chosen[0])
    elif sys.stdout.isatty():
        _print_table(chosen)
    else:
        print(ready.models)


def _describe(model: Model) -> dict[str, object]:
    return {
        "name": model.name,
        "formula": model.formula,
        "params": dict(model.params),
        "reference": model.reference,
    }


def _tell(model: Model) -> None:
    width = max(len(name) for name in model.params)
    lines = [f"  {name.ljust(width)}  {meaning}" for name, meaning in model.params.items()]
    print("\n".join([f"{model.name}: {model.formula}", *lines, model.reference]))


def _print_table(chosen: list[Model]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("name", style="bold", no_wrap=True)
    for column in ("formula", "parameters"):
        table.add_column(column, overflow="fold")
    for model in chosen:
        table.add_row(model.name, model.formula, ", ".join(model.params))
    Console(highlight=False, markup=False).print(table)
