"""``ravine race``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ravine import json_values, notes
from ravine.cli import options, output, problems, words

_EPILOG = """
[bold]Examples[/bold]

  Six optimizers from one place:
  ravine race "x**4 - 3*x**2 + y**2" --start x=2,y=1 --optimizer sgd,momentum,adam,rmsprop,lion,bfgs --out race/

  Ten random starts; 31 learning rates for everybody; a range of your own:
  ravine race "y = sin(b*cos(a*x))" data.csv --random normal:10 --optimizer sgd,adam,lm --budget 31
  ravine race "y = a*x + b" data.csv --start a=5,b=4 --rates 1e-3:1:log:20

  Drawn again from its file:
  ravine show race/race.nc --plot race --out race.pdf
"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(race)


def race(
    formula: options.Formula,
    table: options.Table = None,
    start: options.Start = None,
    grid: options.Grid = None,
    random: options.Random = None,
    box: options.Box = None,
    optimizer: Annotated[
        str, typer.Option(help="With commas between them; Keras's and SciPy's.")
    ] = "sgd,momentum,adam,rmsprop,lion,bfgs",
    budget: Annotated[
        int | None, typer.Option(help="How many learning rates everybody tries, from 1e-4 to 10. Default: 15.")
    ] = None,
    rates: Annotated[str | None, typer.Option(help="These rates instead: 1e-3:1:log:20, or 0.01,0.1,1.")] = None,
    steps: options.Steps = 200,
    loss: options.Loss = None,
    sigma: options.Sigma = None,
    bounds: options.Bounds = None,
    seed: options.Seed = 0,
    dtype: options.Dtype = "float64",
    stop_gradient: options.StopGradient = 1e-6,
    nan_policy: options.NanPolicy = "raise",
    out: Annotated[Path | None, typer.Option(help="Folder for race.nc and the picture.")] = None,
    save: Annotated[Path | None, typer.Option(help="Only the file of the race, such as race.nc.")] = None,
    as_json: options.AsJson = False,
) -> None:
    """Let optimizers race, each at its default and at the best of equally many learning rates."""
    import ravine as rv

    problem = problems.problem_of(formula, table, loss, sigma, bounds, nan_policy)
    found = rv.race(
        problem,
        problems.starts_of(problem, start, grid, random, box, seed),
        words.several(optimizer),
        steps=steps,
        budget=budget,
        rates=None if rates is None else words.spread("--rates", rates),
        dtype=dtype,
        stop=rv.Stop(gradient=stop_gradient),
    )
    show_race(found, output.write(found, "race", out, save), as_json=as_json)
    raise typer.Exit(exit_code(found))


def show_race(found: Any, files: list[Path], *, as_json: bool) -> None:
    """Print a race: one JSON object, or its table, its warnings and the files written."""
    output.show(found, describe(found, files) if as_json else None, files)


def describe(found: Any, files: list[Path]) -> dict[str, Any]:
    """Return the JSON object."""
    return {
        "formula": found.problem.title,
        "starts": found.starts,
        "steps": found.settings["steps"],
        "rates": list(found.settings["rates"]),
        "results": json_values.known(found.results()),
        "warnings": notes.described(found.warnings),
        "files": [str(file) for file in files],
    }


def exit_code(found: Any) -> int:
    """Return 0 if anybody got anywhere, 1 if nobody did, 130 after Ctrl-C."""
    import numpy as np

    if output.was_stopped(found):
        return 130
    return 0 if np.isfinite(found.lowest).any() else 1
