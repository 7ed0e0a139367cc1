"""Output: a run for people or for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ravine import json_values, notes

if TYPE_CHECKING:
    from ravine.run import Run


def say(sentence: str) -> None:
    """Tell the user something beside the result, on standard error."""
    print(sentence, file=sys.stderr)


def show(found: Any, described: dict[str, Any] | None, files: Sequence[Path]) -> None:
    """Print the JSON object if there is one, else the result as text and the files written."""
    if described is not None:
        print(json.dumps(described, allow_nan=False))
        return
    print(found)
    _show_files(files)


def _show_files(files: Sequence[Path]) -> None:
    if files:
        print("\nWritten: " + ", ".join(str(file) for file in files))


def show_run(run: Run, files: Sequence[Path], *, as_json: bool) -> None:
    """Print a run: one JSON object, or its status, a table, its warnings and the files written."""
    if sys.stdout.isatty() and not as_json:
        _print_table(run)
        _show_files(files)
    else:
        show(run, describe(run, files) if as_json else None, files)


def exit_code(run: Run) -> int:
    """Return 0 if the best start got somewhere, 1 if even that failed, 130 after Ctrl-C."""
    from ravine.run import Status

    gave_up = any(note.code == "method-gave-up" for note in run.warnings)
    if Status.stopped in run.statuses and not gave_up:
        return 130
    return 1 if run.status in (Status.diverged, Status.not_finite) else 0


def describe(run: Run, files: Sequence[Path]) -> dict[str, Any]:
    """Return the JSON object: one run, or ``runs`` with the index of the best one."""
    common = {
        "warnings": notes.described(run.warnings),
        "files": [str(file) for file in files],
    }
    if run.starts == 1:
        return {**_describe_start(run, 0), **common}
    return {"runs": [{**_describe_start(run, start), **common} for start in range(run.starts)], "best": run.best}


def _describe_start(run: Run, start: int) -> dict[str, Any]:
    params, loss, rate = (run.dataset[name].values[start] for name in ("params", "loss", "learning_rate"))
    return {
        "formula": run.problem.title,
        "status": str(run.statuses[start]),
        "optimizer": run.settings["optimizer"],
        "learning_rate": json_values.number(rate[0]),
        "steps": int(run.dataset["steps_taken"].values[start]),
        "loss": {"start": json_values.number(loss[0]), "final": json_values.number(loss[-1])},
        "params": {
            name: {"start": json_values.number(params[0, index]), "value": json_values.number(params[-1, index])}
            for index, name in enumerate(run.names)
        },
    }


def _print_table(run: Run) -> None:
    from rich.console import Console
    from rich.table import Table

    from ravine.run import Status

    console = Console(highlight=False)
    head, what = run.headlines()
    good = run.status in (Status.converged, Status.ran_out)
    console.print(head, style="bold green" if run.status is Status.converged else "bold yellow" if good else "bold red")
    console.print(what, style="dim", markup=False)
    header, *rows = _narrowed(run.table(), console.width)
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    for index, name in enumerate(header):
        is_whole = all(" " not in row[index] for row in rows)
        table.add_column(name, justify="right", overflow="fold", no_wrap=is_whole)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    for line in run.remainder():
        console.print(line, markup=False)
    for note in run.warnings:
        console.print(f"\n! {note.text}", style="yellow", markup=False)


def _narrowed(table: list[list[str]], width: int) -> list[list[str]]:
    """Leave the last columns out if they don't fit even with every cell broken at its arrow."""
    narrowest = [max(len(word) for cell in column for word in cell.split()) for column in zip(*table, strict=True)]
    fitting = int(np.sum(np.cumsum(np.array(narrowest) + 2) <= width - len("…")))
    return table if fitting >= len(narrowest) - 1 else [[*row[:fitting], "…"] for row in table]


def write(found: Any, kind: str, folder: Path | None, file: Path | None) -> list[Path]:
    """Write a map, race or sweep where it is asked for: with its picture into a folder, alone into a file."""
    import ravine as rv
    from ravine.files import make_folder

    files: list[Path] = []
    if folder is not None:
        make_folder(folder)
        files.append(rv.save(found, folder / f"{kind}.nc"))
        files.append(rv.save_picture(getattr(rv.plots, kind)(found), folder / f"{kind}.png"))
    return files if file is None else [*files, rv.save(found, file)]


def was_stopped(found: Any) -> bool:
    """Tell whether Ctrl-C cut it short."""
    return any(note.code == "stopped" for note in found.warnings)
