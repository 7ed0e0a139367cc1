"""How long until something stands on the terminal? Whole processes, with their peak memory.

Run it with ``python benchmarks/startup.py``; only on systems that can wait for one process (not on Windows).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import timing
from timing import Contender, Times

ROUNDS = 5
RAVINE = "from ravine.cli import main; main()"
SAVE = """
import sys
import ravine as rv
from ravine.lessons.data import data_of
formula = "y = sin(b*cos(a*x))"
run = rv.descend(rv.Problem(formula, data_of(formula)), {"a": 2, "b": 4.5}, learning_rate=0.1, steps=400)
rv.save(rv.with_surface(run), sys.argv[1])
"""
FIRST = """
import os, sys
if sys.argv[1:]:
    os.environ["TF_XLA_FLAGS"] = "--tf_xla_persistent_cache_directory=" + sys.argv[1]
import ravine as rv
from ravine.lessons.data import data_of
formula = "y = sin(b*cos(a*x))"
rv.descend(rv.Problem(formula, data_of(formula)), {"a": 2, "b": 4.5}, learning_rate=0.1, steps=400)
"""
_KILOBYTE = 1 if sys.platform == "darwin" else 1024  # the unit of ru_maxrss


def main() -> None:
    """Print the comparison."""
    timing.introduce(["typer", "rich", "xarray", "matplotlib", "tensorflow"])
    with tempfile.TemporaryDirectory() as folder:
        # Another process makes the file: what this one holds in memory would count as its children's.
        file, picture = Path(folder, "run.nc"), Path(folder, "surface.png")
        _peak_memory("-c", SAVE, str(file))
        show = ("-c", RAVINE, "show", str(file))
        commands: list[tuple[str, Sequence[str], float | None]] = [
            ("python, nothing else", ("-c", ""), None),
            ("`ravine --help`", ("-c", RAVINE, "--help"), 0.7),
            ("`ravine show FILE`", show, None),
            ("`ravine show FILE --plot surface`", (*show, "--plot", "surface", "--out", str(picture)), None),
            ("for comparison: `import tensorflow`", ("-c", "import tensorflow"), None),
            ("the same as ravine does it", ("-c", "from ravine import engine; engine.tensorflow()"), None),
            ("a first descent", ("-c", FIRST), None),
            ("the same, compiled by an earlier process (TF_XLA_FLAGS)", ("-c", FIRST, folder), None),
        ]
        rows = _measured(commands)
    timing.table("Whole processes", ("process", "time", "÷ `ravine --help`", "peak memory", "aim"), rows)
    print(f"\nAt the end: {timing.load()}.")


def _measured(commands: Sequence[tuple[str, Sequence[str], float | None]]) -> list[tuple[str, ...]]:
    peaks: dict[str, int] = {}

    def contender(name: str, words: Sequence[str]) -> Contender:
        def run() -> None:
            peaks[name] = max(peaks.get(name, 0), _peak_memory(*words))

        return Contender(name, run)

    times = timing.race([contender(name, words) for name, words, _ in commands], ROUNDS, warm_up=1)
    helped = times[1]
    return [
        (name, str(each), each.over(helped).as_ratio(), f"{peaks[name] / 1e6:.0f} MB", _aim(aim, each))
        for (name, _, aim), each in zip(commands, times, strict=True)
    ]


def _peak_memory(*words: str) -> int:
    """Run Python with these words to its end; return the most memory that it held, in bytes."""
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"startup: {' '.join(words[2:]) or 'python'} ended with exit code {process.returncode}.")
    return used.ru_maxrss * _KILOBYTE


def _aim(seconds: float | None, times: Times) -> str:
    return "" if seconds is None else timing.within(seconds, times)


if __name__ == "__main__":
    main()
