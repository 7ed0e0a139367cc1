"""``ravine descend``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ravine.cli import options, output, problems, words

_EPILOG = """
[bold]Examples[/bold]

  Minimize a function:
  ravine descend "(x - 50)**2" --start x=3 --optimizer adam --learning-rate 1 --steps 200

  Fit a formula to a table; names that are columns are variables, the others parameters:
  ravine descend "y = sin(b*cos(a*x))" data.csv --start a=2,b=4.5 --learning-rate 0.1 --steps 400 --out out/

  Three starts, two learning rates, all at once:
  ravine descend "y = a*x + b" data.csv --start a=5,b=4 --start a=5,b=1 --start a=2,b=4.5 --learning-rate 0.1,1

  A hundred random starts; SciPy's methods; settings of an optimizer:
  ravine descend "y = a*x + b" data.csv --random normal:100
  ravine descend "y = b1*x**b2" data.csv --start b1=1,b2=5 --optimizer lm
  ravine descend "x**4 - 3*x**2" --start x=2 --optimizer "sgd(momentum=0.9)" --learning-rate 0.01
"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(descend)


def descend(
    formula: options.Formula,
    table: options.Table = None,
    start: options.Start = None,
    grid: options.Grid = None,
    random: options.Random = None,
    box: options.Box = None,
    optimizer: Annotated[
        str, typer.Option(help="sgd, momentum, adam, rmsprop, lion, … or SciPy's bfgs, lm, nelder-mead, …")
    ] = "sgd",
    learning_rate: Annotated[
        str | None, typer.Option(help="One, or several with commas. Default: the optimizer's own.")
    ] = None,
    steps: options.Steps = 200,
    loss: options.Loss = None,
    sigma: options.Sigma = None,
    bounds: options.Bounds = None,
    batch_size: Annotated[int | None, typer.Option(help="Rows drawn for each step; default: all of them.")] = None,
    seed: Annotated[int, typer.Option(help="Of random starts and mini-batches.")] = 0,
    dtype: options.Dtype = "float32",
    record_every: Annotated[int, typer.Option(help="Record every k-th step.")] = 1,
    stop_gradient: options.StopGradient = 1e-6,
    stop_loss_change: Annotated[
        float | None, typer.Option(help="Converged when a step changes the loss by less.")
    ] = None,
    nan_policy: options.NanPolicy = "raise",
    out: Annotated[Path | None, typer.Option(help="Folder for run.nc and the pictures.")] = None,
    as_json: options.AsJson = False,
) -> None:
    """Go downhill, record every step, show the way."""
    import ravine as rv

    problem = problems.problem_of(formula, table, loss, sigma, bounds, nan_policy)
    run = rv.descend(
        problem,
        problems.starts_of(problem, start, grid, random, box, seed),
        optimizer,
        learning_rate=_rates(learning_rate),
        steps=steps,
        batch_size=batch_size,
        seed=seed,
        dtype=dtype,
        record_every=record_every,
        stop=rv.Stop(gradient=stop_gradient, loss_change=stop_loss_change),
    )
    files: list[Path] = []
    if out is not None:
        run, files = write(run, out)
    output.show_run(run, files, as_json=as_json)
    raise typer.Exit(output.exit_code(run))


def write(run: Any, folder: Path) -> tuple[Any, list[Path]]:
    """Survey the surface around a run and write both with the pictures that fit into a folder."""
    import ravine as rv
    from ravine.cli import pictures
    from ravine.files import make_folder

    make_folder(folder)
    run = rv.with_surface(run)
    files = [rv.save(run, folder / "run.nc")]
    files += [rv.save_picture(pictures.scene(run, name), folder / f"{name}.png") for name in pictures.suiting(run)]
    return run, files


def _rates(text: str | None) -> list[float] | None:
    return None if text is None else words.numbers("--learning-rate", text)
