"""``ravine show``: a saved run, printed or drawn again. Needs no TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ravine.cli import output
from ravine.errors import ProblemError, did_you_mean

_EPILOG = """
[bold]Examples[/bold]

  ravine show out/run.nc
  ravine show out/run.nc --plot surface --out surface.png
  ravine show out/run.nc --plot contour --out contour.pdf --size column
"""


def _plot(name: str) -> Callable[..., Any]:
    def make(run: Any, **options: Any) -> Any:
        import ravine as rv

        return getattr(rv.plots, name)(run, **options)

    return make


PLOTS: dict[str, Callable[..., Any]] = {
    "summary": _plot("summary"),
    "surface": _plot("descent"),
    "contour": _plot("contour"),
    "fit": _plot("fit"),
    "loss": _plot("loss"),
    "params": _plot("params"),
    "lines": _plot("lines_over_time"),
    "curve": _plot("curve"),
}

_COLORED = ("surface", "contour")


def fitting(run: Any) -> list[str]:
    """Return the names of the plots that make sense for a run."""
    alone, with_table = len(run.names) == 1, run.problem.has_data
    unfit = {"surface", "contour"} if alone else {"curve"}
    unfit |= set() if with_table else {"fit", "lines"}
    if with_table and len(run.problem.variables) != 1:
        unfit.add("lines")
    return [name for name in PLOTS if name not in unfit]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(show)


def show(
    file: Annotated[Path, typer.Argument(help="A run saved by 'descend --out' or ravine.save.")],
    plot: Annotated[str | None, typer.Option(help=f"One of {', '.join(PLOTS)}.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to draw it: PNG, SVG or PDF. Default: PLOT.png beside the file.")
    ] = None,
    colors: Annotated[Literal["even", "rainbow"], typer.Option(help="Even to the eye, or a rainbow.")] = "even",
    size: Annotated[Literal["slide", "column"], typer.Option(help="10 or 3.4 inches wide.")] = "slide",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Print a saved run, or draw it."""
    import ravine as rv

    run = rv.load(file)
    if isinstance(run, rv.Fit):
        return _show_fit(run, file, plot, out, size, as_json=as_json)
    files = []
    if plot is not None:
        if plot in PLOTS and plot not in fitting(run):
            raise ProblemError(f"--plot: '{plot}' doesn't fit this run. Take one of {', '.join(fitting(run))}.")
        options = {"colors": colors} if plot in _COLORED else {}
        scene = _choose(plot)(run, **options)
        files.append(rv.save_picture(scene, out or file.parent / f"{plot}.png", size=size))
    elif out is not None:
        raise ProblemError(f"--out: expected --plot with it, one of {', '.join(PLOTS)}, got none.")
    if plot is not None and not as_json:
        print(f"Written: {files[0]}")
    else:
        output.show_run(run, files, as_json=as_json)


def _show_fit(found: Any, file: Path, plot: str | None, out: Path | None, size: Any, *, as_json: bool) -> None:
    """Print a saved fit, or draw it or its search."""
    import ravine as rv
    from ravine.cli.fit import show_fit

    if plot is None:
        return show_fit(found, [], as_json=as_json)
    scene = _choose(plot)(found if plot == "fit" else found.run)
    print(f"Written: {rv.save_picture(scene, out or file.parent / f'{plot}.png', size=size)}")


def _choose(name: str) -> Callable[..., Any]:
    if name not in PLOTS:
        raise ProblemError(f"--plot: expected one of {', '.join(PLOTS)}, got '{name}'.{did_you_mean(name, PLOTS)}")
    return PLOTS[name]
