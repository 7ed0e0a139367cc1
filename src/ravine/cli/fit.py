"""``ravine fit``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ravine.cli import options, output, problems, words

_REFITS = 2_000_000  # points of all contours, about half a minute

_EPILOG = """
[bold]Examples[/bold]

  No start needed; names that are columns are variables, the others parameters:
  ravine fit "y = b1*(1 - exp(-b2*x))" data.csv

  A ready formula over two columns (ravine models lists them); several data sets that share a parameter:
  ravine fit gaussian data.csv --x time --y counts
  ravine fit "y = a*exp(-b*x)" data.csv --by run --shared b

  Bounds, a fixed parameter, one tied to another, weights 1/σ; report and pictures into a folder:
  ravine fit "y = a*exp(-b*x) + c" data.csv --bounds b=0: --fixed c=1 --sigma s --out out/
  ravine fit "y = a*exp(-b*x) + c*exp(-d*x)" data.csv --tie "d=2*b"

  Some points lie far off: they pull no harder than others (huber), or hardly at all (cauchy):
  ravine fit "y = a*exp(-b*x)" data.csv --loss huber

  Your own valley only, and the answer for a program:
  ravine fit "y = sin(b*cos(a*x))" data.csv --start a=1,b=2 --starts 1
  ravine fit "y = a*x + b" data.csv --json
"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(fit)


def fit(
    formula: Annotated[
        str, typer.Argument(help="'y = a*x + b': column, '=', columns and parameters; or one of ravine models.")
    ],
    table: Annotated[Path, typer.Argument(help="CSV, TSV, Parquet, NPZ or Excel.")],
    x: Annotated[str | None, typer.Option(help="Column that a ready formula calls x.")] = None,
    y: Annotated[str | None, typer.Option(help="Column that a ready formula calls y.")] = None,
    by: Annotated[
        str | None, typer.Option(help="Column that tells data sets apart, each with parameters of its own.")
    ] = None,
    shared: Annotated[str | None, typer.Option(help="Parameters with one value for all data sets: b,c.")] = None,
    start: Annotated[str | None, typer.Option(help="Where to begin: a=2,b=4.5. Checked against other starts.")] = None,
    bounds: options.Bounds = None,
    positive: Annotated[str | None, typer.Option(help="Parameters that stay above 0: a,b.")] = None,
    fixed: Annotated[str | None, typer.Option(help="Parameters that stay: c=1, or c for its --start.")] = None,
    tie: Annotated[
        list[str] | None, typer.Option(help="A parameter that follows from others: b2=2*b1. Repeat.")
    ] = None,
    sigma: options.Sigma = None,
    absolute_sigma: Annotated[
        bool, typer.Option("--absolute-sigma", help="Errors from sigma alone, not scaled by the residuals.")
    ] = False,
    loss: Annotated[
        str | None, typer.Option(help="sse; or huber, log_cosh, cauchy: points far off weigh less. Default: sse.")
    ] = None,
    starts: Annotated[
        int, typer.Option(help="How many other starts; 1: only --start decides, others merely warn.")
    ] = 64,
    seed: Annotated[int, typer.Option(help="Of the other starts.")] = 0,
    nan_policy: options.NanPolicy = "raise",
    out: Annotated[Path | None, typer.Option(help="Folder for fit.nc, report.txt, report.html and pictures.")] = None,
    as_json: options.AsJson = False,
) -> None:
    """Fit a formula to a table from many starts; say how sure the answer is."""
    import ravine as rv

    problems.check_order(formula)
    given = None if start is None else words.start(start)
    found = rv.fit(
        formula,
        table,
        given,
        x=x,
        y=y,
        by=by,
        shared=words.names(shared),
        sigma=words.number_or_name(sigma),
        absolute_sigma=absolute_sigma,
        bounds=None if bounds is None else words.ranges("--bounds", bounds),
        positive=words.names(positive),
        fixed=None if fixed is None else words.fixed(fixed, given or {}),
        ties=words.ties(tie or []),
        loss=loss,
        starts=starts,
        seed=seed,
        nan_policy=nan_policy,
    )
    show_fit(found, [] if out is None else write(found, out), as_json=as_json)
    raise typer.Exit(0 if found.converged else 1)


def write(found: Any, folder: Path) -> list[Path]:
    """Write a fit, its report and its pictures into a folder; return the files."""
    import ravine as rv
    from ravine.files import make_folder

    make_folder(folder)
    files = [rv.save(found, folder / "fit.nc")]
    for name, format in (("report.txt", "text"), ("report.html", "html")):
        files.append(_write_text(folder / name, found.report(format)))
    for name, scene in _pictures(found).items():
        files.append(rv.save_picture(scene, folder / f"{name}.png"))
    return files


def _pictures(found: Any) -> dict[str, Any]:
    """Return the scenes that suit a fit, by name: how sure the answer is if that takes seconds, the valleys if few."""
    from ravine import plots

    scenes = {"fit": plots.fit(found), "loss": plots.loss(found.run)}
    count = len(found.free)
    refits = count * (count - 1) * found.goodness.points  # two contours of every pair of parameters
    if 2 <= count <= 6 and refits <= _REFITS and found.problem.loss.is_sum_of_squares:
        scenes["confidence"] = plots.confidence(found)
    if 1 <= count <= 2:
        scenes["valleys"] = plots.valleys(found)
    return scenes


def _write_text(path: Path, text: str) -> Path:
    from ravine.files import replacing

    with replacing(path) as beside:
        beside.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    return path


def show_fit(found: Any, files: list[Path], *, as_json: bool) -> None:
    """Print a fit: one JSON object, or its report and the files written."""
    from ravine.fitting.report import describe

    described = {**describe(found), "files": [str(file) for file in files]}
    output.show(found.report(), described if as_json else None, files)
