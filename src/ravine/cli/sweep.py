"""``ravine sweep``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ravine import json_values, notes
from ravine.cli import options, output, problems, words
from ravine.errors import ProblemError

_EPILOG = """
[bold]Examples[/bold]

  Forty learning rates, two optimizers, fifty random starts:
  ravine sweep "y = a*x + b" data.csv --learning-rate 1e-3:3:log:40 --optimizer sgd,adam --seed-starts 50 --out sweep/

  From one place; evenly spaced rates; a few of them:
  ravine sweep "(x - 2)**2" --start x=6 --learning-rate 0.1:1.2:linear:23
  ravine sweep "(x - 2)**2" --start x=6 --learning-rate 0.5,0.99,1,1.01

  Drawn again from its file:
  ravine show sweep/sweep.nc --plot sweep --out sweep.pdf
"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(sweep)


def sweep(
    formula: options.Formula,
    table: options.Table = None,
    learning_rate: Annotated[
        str, typer.Option(help="low:high:log:count, low:high:linear:count, or several with commas.")
    ] = "1e-4:10:log:41",
    optimizer: Annotated[str, typer.Option(help="Keras's, with commas between them.")] = "sgd",
    start: options.Start = None,
    grid: options.Grid = None,
    random: options.Random = None,
    box: options.Box = None,
    seed_starts: Annotated[
        int | None, typer.Option(help="So many random starts of scale 1, if no others are named. Default: 20.")
    ] = None,
    seed: options.Seed = 0,
    steps: options.Steps = 200,
    loss: options.Loss = None,
    sigma: options.Sigma = None,
    bounds: options.Bounds = None,
    dtype: options.Dtype = "float64",
    stop_gradient: options.StopGradient = 1e-6,
    nan_policy: options.NanPolicy = "raise",
    out: Annotated[Path | None, typer.Option(help="Folder for sweep.nc and the picture.")] = None,
    save: Annotated[Path | None, typer.Option(help="Only the file of the sweep, such as sweep.nc.")] = None,
    as_json: options.AsJson = False,
) -> None:
    """Sweep the learning rate: which ones converge, oscillate or diverge, and which is best."""
    import ravine as rv

    problem = problems.problem_of(formula, table, loss, sigma, bounds, nan_policy)
    is_named = any(way is not None for way in (start, grid, random, box))
    if is_named and seed_starts is not None:
        raise ProblemError("--seed-starts: expected no other starts beside these random ones, got some. Leave one out.")
    found = rv.sweep(
        problem,
        words.spread("--learning-rate", learning_rate),
        words.several(optimizer),
        problems.starts_of(problem, start, grid, random, box, seed) if is_named else None,
        count=seed_starts,
        seed=seed,
        steps=steps,
        dtype=dtype,
        stop=rv.Stop(gradient=stop_gradient),
    )
    show_sweep(found, output.write(found, "sweep", out, save), as_json=as_json)
    raise typer.Exit(exit_code(found))


def show_sweep(found: Any, files: list[Path], *, as_json: bool) -> None:
    """Print a sweep: one JSON object, or its table, its warnings and the files written."""
    output.show(found, describe(found, files) if as_json else None, files)


def describe(found: Any, files: list[Path]) -> dict[str, Any]:
    """Return the JSON object."""
    return {
        "formula": found.problem.title,
        "starts": found.starts,
        "steps": found.settings["steps"],
        "learning_rates": found.rates.tolist(),
        "optimizers": [_of_optimizer(found, index) for index in range(len(found.optimizers))],
        "lowest": {
            "loss": json_values.known(found.lowest),
            "params": {name: json_values.known(value) for name, value in found.params.items()},
        },
        "curvature": found.settings["curvature"],
        "warnings": notes.described(found.warnings),
        "files": [str(file) for file in files],
    }


def exit_code(found: Any) -> int:
    """Return 0 if any descent got anywhere, 1 if none did, 130 after Ctrl-C."""
    import math

    if output.was_stopped(found):
        return 130
    return 0 if math.isfinite(found.lowest) else 1


def _of_optimizer(found: Any, index: int) -> dict[str, Any]:
    name = found.optimizers[index]
    medians = found.median_loss[index]
    return {
        "optimizer": name,
        "best_rate": found.best_rates[name],
        "best_loss": json_values.known(float(medians[found.best[index]])),
        "edge": found.edges.get(name),
        "median_loss": [json_values.known(float(loss)) for loss in medians],
        "shares": {str(outcome): found.share(outcome)[index].tolist() for outcome in found.outcomes},
    }
