"""``ravine tensorboard``: a saved result as event files, and TensorBoard over them."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Annotated

import typer

from ravine.cli.output import say

_EPILOG = """
[bold]Examples[/bold]

  ravine tensorboard out/run.nc --logdir logs
  ravine tensorboard out/run.nc --logdir logs --port 6007
  ravine tensorboard sweep/sweep.nc --logdir logs --no-serve

  Only the server, over what is in a folder already:
  ravine tensorboard --logdir logs
"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(tensorboard)


def tensorboard(
    file: Annotated[
        Path | None, typer.Argument(help="A run, fit, map, race or sweep; none to show what is in the folder.")
    ] = None,
    logdir: Annotated[Path, typer.Option(help="The log folder; each result goes into a new folder in it.")] = Path(
        "logs"
    ),
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Start TensorBoard, or only write.")] = True,
    host: Annotated[str, typer.Option(help="Address to listen on; by default this machine only.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port; 0 takes any free one.")] = 6006,
) -> None:
    """Write a result for TensorBoard and start it."""
    if not serve:
        _write(file, logdir)
        return
    from ravine import listening
    from ravine.bridge import server
    from ravine.bridge.events import event_files

    with listening.held(host, port, "tensorboard") as ours:  # before anything is written
        _write(file, logdir)
        event_files(logdir)
        say("Starting TensorBoard; Ctrl-C ends it.")
        server.serve(logdir, host, ours, lambda address: print(f"Listening on {address}", flush=True))


def _write(file: Path | None, logdir: Path) -> None:
    import ravine as rv

    if file is not None:
        print(f"Written: {rv.to_tensorboard(rv.load(file), _unused(logdir / folder_of(file)))}", flush=True)


def folder_of(file: Path) -> str:
    """Return the folder of a result in the log folder: by its file, or by the file's folder if that says more.

    Examples
    --------
    >>> folder_of(Path("out/run.nc")), folder_of(Path("decay.nc"))
    ('out', 'decay')
    """
    usual = ("run", "fit", "basins", "race", "sweep")
    parent = file.absolute().parent.name
    return parent if file.stem in usual and parent else file.stem


def _unused(folder: Path) -> Path:
    """Return a folder that isn't there yet, so that two results don't run into each other."""
    numbers = itertools.count(2)
    found = folder
    while found.exists():
        found = folder.with_name(f"{folder.name}-{next(numbers)}")
    return found
