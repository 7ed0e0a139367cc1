"""The command ``ravine``: reads words, calls the library, prints. No logic of its own."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from typing import Annotated

import typer

from ravine.cli import (
    animate,
    basins,
    demo,
    derive,
    descend,
    diagnose,
    explain,
    export,
    fit,
    gallery,
    lesson,
    models,
    race,
    serve,
    show,
    sweep,
    tensorboard,
)
from ravine.errors import RavineError

_EPILOG = """
[bold]Start here[/bold]

  ravine demo
  ravine lesson line
  ravine gallery --out gallery/
  ravine descend "(x - 50)**2" --start x=3 --optimizer adam --learning-rate 1
  ravine descend "y = a*x + b" data.csv --start a=5,b=4 --out out/
  ravine fit "y = a*exp(-b*x) + c" data.csv
  ravine basins "(x**2 + y - 11)**2 + (x + y**2 - 7)**2" --box x=-5:5,y=-5:5 --learning-rate 0.01 --out map/
  ravine race "x**4 - 3*x**2 + y**2" --start x=2,y=1 --optimizer sgd,momentum,adam,bfgs
  ravine sweep "y = a*x + b" data.csv --learning-rate 1e-3:3:log:40 --optimizer sgd,adam
  ravine show out/run.nc --plot surface
  ravine explain out/run.nc --step 1
  ravine derive "sigmoid(x)" --at x=-10:10:10 --order 2
  ravine animate out/run.nc run.gif
  ravine export out/run.nc run.html
"""

app = typer.Typer(
    name="ravine",
    help="See and trust gradient descent: a formula and a table in, a recorded descent and its pictures out.",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        import ravine

        print(f"ravine {ravine.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


for _command in (
    demo,
    descend,
    fit,
    basins,
    race,
    sweep,
    models,
    show,
    explain,
    diagnose,
    derive,
    animate,
    export,
    lesson,
    gallery,
    tensorboard,
    serve,
):
    _command.add_to(app)


def main() -> None:
    """Run the command line; every failure is one sentence on standard error and an exit code."""
    _open_streams()
    try:
        _run()
    except RavineError as error:
        _fail(str(error), 2)
    except KeyboardInterrupt:
        _fail("Stopped.", 130)
    except BrokenPipeError:  # the reader of our output is gone; nobody is left to tell
        _drop_output()
        sys.exit(1)
    except (MemoryError, OSError) as error:
        _drop_output()
        _fail(f"The system refused: {getattr(error, 'strerror', None) or str(error) or 'not enough memory'}.", 1)
    except Exception as error:
        if "RAVINE_TRACEBACK" in os.environ:
            raise
        what = (str(error).strip().splitlines() or ["no message"])[0].rstrip(".")
        _fail(f"ravine met an error of its own, {type(error).__name__}: {what}. RAVINE_TRACEBACK=1 shows where.", 1)


def _open_streams() -> None:
    """Let output go nowhere where it is closed, and show '?' where its encoding lacks a character."""
    # Python sets a closed stream to None, and print(file=None) would write what is meant for one into the other.
    sys.stdout, sys.stderr = (stream or open(os.devnull, "w") for stream in (sys.stdout, sys.stderr))  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _run() -> None:
    try:
        app([_protected(word) for word in sys.argv[1:]], prog_name="ravine")
    finally:
        sys.stdout.flush()


def _drop_output() -> None:
    """Send what is still unwritten nowhere: Python would try once more at exit, and complain."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _protected(word: str) -> str:
    """Put a space before a formula such as ``-x**2`` or a value such as ``-1``, which would be taken for an option."""
    return f" {word}" if re.match(r"-(?!-)(?![-\w]*$)", word) else word


def _fail(sentence: str, code: int) -> None:
    print(sentence, file=sys.stderr)
    sys.exit(code)
