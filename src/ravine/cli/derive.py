"""``ravine derive``: values and derivatives of formulas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ravine.cli import options, output, words
from ravine.cli.explain import width_of_terminal

_EPILOG = """
[bold]Examples[/bold]

  A function with two derivatives over a range, as tables and as a picture:
  ravine derive "sigmoid(x)" --at x=-10:10:10 --order 2 --out sigmoid.png

  Gradient and Hessian at a point; the Jacobian of several formulas:
  ravine derive "w*x**2 + w*b" --at w=1,b=2,x=3 --order 2
  ravine derive "exp(a)/(exp(a) + exp(b))" "exp(b)/(exp(a) + exp(b))" --at a=0,b=1

  By one name only, the others held; for a program:
  ravine derive "sin(b*cos(a*x))" --at a=1.2,b=2.5,x=-1:1:21 --with-respect-to x --json
"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(derive)


def derive(
    formula: Annotated[list[str], typer.Argument(help="'sigmoid(x)'; several for a Jacobian.")],
    at: Annotated[list[str], typer.Option(help="Where: x=3, x=-10:10:21, several with commas. Repeatable.")],
    order: Annotated[int, typer.Option(help="The highest derivative.")] = 1,
    with_respect_to: Annotated[str | None, typer.Option(help="By which names: x or a,b. Default: all of --at.")] = None,
    out: Annotated[Path | None, typer.Option(help="Draw it: PNG, SVG or PDF.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the tables as a page.")] = None,
    as_json: options.AsJson = False,
) -> None:
    """Derive a formula: automatically, in symbols and by differences."""
    import ravine as rv
    from ravine.files import write_text

    where = words.assignments("--at", ",".join(at))
    found = rv.derive(formula if len(formula) > 1 else formula[0], where, order, words.names(with_respect_to) or None)
    files = [] if out is None else [rv.save_picture(picture(found), out)]
    if html is not None:
        files.append(write_text(html, found.report("html")))
    if as_json:
        print(json.dumps({**found.to_dict(), "files": [str(file) for file in files]}, allow_nan=False))
        return
    print(found.report("text", width_of_terminal()))
    for file in files:
        output.say(f"Written: {file}")


def picture(found: Any) -> Any:
    """Return the scene that suits derivatives: curves over a range, else a matrix."""
    from ravine import plots

    return plots.matrix(found) if found.curve is None else plots.derivatives(found)
