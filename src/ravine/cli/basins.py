"""``ravine basins``: which start ends where."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ravine import json_values, notes
from ravine.cli import options, output, problems, words
from ravine.errors import ProblemError

_EPILOG = """
[bold]Examples[/bold]

  A map: from which of 65,536 starts does gradient descent find the best fit?
  ravine basins "y = sin(b*cos(a*x))" data.csv --box a=-2:7,b=-2:7 --resolution 256 --learning-rate 0.1 --out map/

  A function; one parameter, a strip; a third parameter held:
  ravine basins "(x**2 + y - 11)**2 + (x + y**2 - 7)**2" --box x=-5:5,y=-5:5 --learning-rate 0.01
  ravine basins "(6*x - 2)**2*sin(12*x - 4)" --box x=0:1 --resolution 400 --learning-rate 0.001
  ravine basins "y = a*exp(-b*x) + c" data.csv --box a=0:5,b=0:3 --hold c=1 --optimizer adam --learning-rate 0.05

  Ctrl-C leaves a part of the map, which goes on later:
  ravine basins --resume map/basins.nc
"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(basins)


def basins(
    context: typer.Context,
    formula: Annotated[
        str | None, typer.Argument(help="'y = a*x + b' with a table; '(x - 50)**2' without; none with --resume.")
    ] = None,
    table: options.Table = None,
    box: Annotated[
        str | None, typer.Option(help="Where descents begin: a=-2:7,b=-2:7 for a map, one for a strip, more at random.")
    ] = None,
    resolution: Annotated[
        str | None, typer.Option(help="Pixels along each side, or columns x rows: 256, 320x200. Default: 128.")
    ] = None,
    optimizer: Annotated[str, typer.Option(help="sgd, momentum, adam, rmsprop, lion, … or SciPy's bfgs, …")] = "sgd",
    learning_rate: Annotated[float | None, typer.Option(help="Default: the optimizer's own.")] = None,
    steps: options.Steps = 400,
    hold: Annotated[str | None, typer.Option(help="The parameters that don't move: c=1,d=0.")] = None,
    starts: Annotated[int | None, typer.Option(help="So many random starts instead of pixels.")] = None,
    seed: options.Seed = 0,
    loss: options.Loss = None,
    sigma: options.Sigma = None,
    bounds: options.Bounds = None,
    dtype: options.Dtype = "float32",
    stop_gradient: Annotated[
        float | None, typer.Option(help="Converged when no slope is larger. Default: what the loss's scale allows.")
    ] = None,
    tolerance: Annotated[float, typer.Option(help="How near is arrived, as a share of the box.")] = 1e-3,
    nan_policy: options.NanPolicy = "raise",
    resume: Annotated[Path | None, typer.Option(help="A map that was interrupted: compute what is missing.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for basins.nc and the picture.")] = None,
    save: Annotated[Path | None, typer.Option(help="Only the file of the map, such as map.nc.")] = None,
    as_json: options.AsJson = False,
) -> None:
    """Map which start ends in which minimum."""
    import ravine as rv

    if formula is None:
        _check_alone(context, resume)
        found = rv.map_basins(resume=resume)
    else:
        found = rv.map_basins(
            problems.problem_of(formula, table, loss, sigma, bounds, nan_policy),
            _box(box),
            128 if resolution is None else _resolution(resolution),
            optimizer,
            learning_rate=learning_rate,
            steps=steps,
            held=None if hold is None else words.values("--hold", hold),
            starts=starts,
            seed=seed,
            dtype=dtype,
            stop=None if stop_gradient is None else rv.Stop(gradient=stop_gradient),
            tolerance=tolerance,
            resume=resume,
        )
    show_basins(found, _write(found, out, save, resume), as_json=as_json)
    raise typer.Exit(exit_code(found))


def show_basins(found: Any, files: list[Path], *, as_json: bool) -> None:
    """Print a map: one JSON object, or its table, its warnings and the files written."""
    output.show(found, describe(found, files) if as_json else None, files)


def describe(found: Any, files: list[Path]) -> dict[str, Any]:
    """Return the JSON object."""
    rates = found.settings["learning_rate"]
    return {
        "formula": found.problem.title,
        "optimizer": found.settings["optimizer"],
        "learning_rate": None if rates is None else rates[0],
        "steps": found.settings["steps"],
        "box": {name: list(side) for name, side in found.box.items()},
        "held": dict(found.held),
        "starts": int(found.ending.size),
        "computed": found.computed,
        "minima": [
            {
                "params": dict(each.params),
                "loss": json_values.number(each.loss),
                "kind": each.kind,
                "share": each.share,
            }
            for each in found.minima
        ],
        "not_converged": found.not_converged,
        "diverged": found.diverged,
        "not_finite": found.not_finite,
        "warnings": notes.described(found.warnings),
        "files": [str(file) for file in files],
    }


def exit_code(found: Any) -> int:
    """Return 0 if any start came to rest, 1 if none did, 130 after Ctrl-C."""
    if found.computed < 1:
        return 130
    return 0 if found.minima else 1


def _write(found: Any, folder: Path | None, file: Path | None, resume: Path | None) -> list[Path]:
    """Write the map where it is asked for; one that was resumed, or broken off, never only into the air."""
    if folder is None and file is None:
        file = _free_name() if resume is None and found.computed < 1 else resume
    return output.write(found, "basins", folder, file)


def _free_name() -> Path:
    """Return a name in this folder that no file has yet."""
    names = (Path(f"basins{number or ''}.nc") for number in range(10_000))
    return next(name for name in names if not name.exists())


def _check_alone(context: typer.Context, resume: Path | None) -> None:
    """Refuse settings beside a map that has its own."""
    if resume is None:
        raise ProblemError("basins: expected a formula and --box, or --resume with a map's file, got neither.")
    asked = [name for name in context.params if name not in ("resume", "out", "save", "as_json")]
    given = [name for name in asked if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"]
    if given:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise ProblemError(f"--resume: expected the formula with {options}, got none. Leave {options} out.")


def _box(text: str | None) -> Any:
    if text is None:
        raise ProblemError("--box: expected where descents begin, such as a=-2:7,b=-2:7, got none.")
    return words.ranges("--box", text)


def _resolution(text: str) -> Any:
    parts = [words.count("--resolution", part) for part in text.replace("×", "x").split("x")]
    return parts[0] if len(parts) == 1 else tuple(parts)
