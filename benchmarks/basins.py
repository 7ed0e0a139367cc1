"""How fast are thousands of descents at once? ravine beside JAX, NumPy by hand and vectorized C, in turns.

Run it with ``python benchmarks/basins.py``. Ratios stay when the machine is busy, times do not.
"""

from __future__ import annotations

import contextlib
import ctypes
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import ravine as rv
import timing
from basins_tasks import POINTS, TASKS, Task
from ravine import endings, optimizers
from ravine.settings import Settings
from timing import Contender, Times

STARTS, STEPS = 4096, 400
ENDLESS, LEAVING = rv.Stop(gradient=None, diverge=None), rv.Stop(gradient=1e-4)
HERE = Path(__file__).parent
AIM = 0.33  # seconds, 4,096 starts on the machine of docs/architecture.md


def main() -> None:
    """Print all comparisons."""
    timing.introduce(["tensorflow", "keras", "numpy", "jax", "optax"])
    with _jax() as ask, _c_library() as library:
        side_by_side("two_layer", "sgd", ask, library)
        leaving("two_layer", "sgd")
        for name, optimizer in (("two_layer", "adam"), ("line", "sgd"), ("cubic", "sgd"), ("exponentials", "sgd")):
            side_by_side(name, optimizer, ask, None)
    growth()
    memory()
    print(f"\nAt the end: {timing.load()}.")


def side_by_side(name: str, optimizer: str, ask: subprocess.Popen | None, library: ctypes.CDLL | None) -> None:
    """Compare everybody on one formula; nobody leaves early."""
    task = TASKS[name]
    contenders = [Contender("ravine (`endings.find`)", lambda: _find(task, optimizer, ENDLESS))]
    if ask is not None:
        contenders.append(Contender("JAX + optax, `vmap` of `scan`", lambda: _answer(ask, name, optimizer)))
    if library is not None:
        contenders.append(Contender("C, vectorized, all cores", lambda: _by_c(library, task)))
    times = timing.race(contenders, 5)
    if optimizer == "sgd":
        contenders.append(Contender("NumPy by hand", lambda: _by_numpy(task)))
        times.append(Times((timing.timed(contenders[-1]),) * 5))
    rows = [
        (contender.name, str(each), each.over(times[0]).as_ratio())
        for contender, each in zip(contenders, times, strict=True)
    ]
    if library is not None:
        rows[0] = (*rows[0][:2], f"1× (aim {timing.within(AIM, times[0])})")
    title = f"{STARTS:,} starts × {STEPS} steps × {POINTS} points of {task.text}, {optimizer}, float32, nobody leaves"
    timing.table(title, ("", "time", "÷ ravine"), rows)


def leaving(name: str, optimizer: str) -> None:
    """Compare the same with and without starts that leave once they have converged."""
    task = TASKS[name]
    contenders = [Contender("all stay", lambda: _find(task, optimizer, ENDLESS))]
    contenders.append(Contender("the converged leave", lambda: _find(task, optimizer, LEAVING)))
    times = timing.race(contenders, 5)
    ends = [_find(task, optimizer, stop) for stop in (ENDLESS, LEAVING)]
    gone = endings.STATUSES.index(rv.Status.converged)
    apart = np.abs(ends[0].loss - ends[1].loss)[ends[1].code == gone].max()
    rows = [
        (each.name, str(spent), spent.over(times[0]).as_ratio()) for each, spent in zip(contenders, times, strict=True)
    ]
    share = (ends[1].code == gone).mean()
    mean = ends[1].steps_taken.mean()
    timing.table(f"Leaving early: {share:.0%} converge, {mean:.0f} steps on average", ("", "time", "÷ all stay"), rows)
    print(f"\nLoss where they left and where they end otherwise differ by at most {apart:.1e}.")


def growth() -> None:
    """Time more starts, points, steps and parameters."""
    sizes = (
        (1024, 200, 400), (4096, 200, 400), (16384, 200, 400), (65536, 200, 400), (4096, 20, 400), (4096, 2000, 400),
        (4096, 200, 40), (4096, 200, 4000),
    )  # fmt: skip
    rows = [_grown(TASKS["two_layer"], *size) for size in sizes]
    rows += [_grown(TASKS[name], STARTS, POINTS, STEPS) for name in ("line", "cubic", "exponentials")]
    timing.table("Growth", ("starts", "points", "steps", "parameters", "time", "per start, point and step"), rows)


def _grown(task: Task, starts: int, points: int, steps: int) -> tuple[str, ...]:
    (times,) = timing.race([Contender("", lambda: _find(task, "sgd", ENDLESS, starts, points, steps))], 2, warm_up=1)
    each = f"{1e9 * times.median / (starts * points * steps):.2f} ns"
    return f"{starts:,}", f"{points:,}", f"{steps:,}", str(len(task.truth)), str(times), each


def memory() -> None:
    """Measure the peak memory of a map of 512 × 512 in a process of its own, beyond the import."""
    code = (
        "import resource; from ravine import engine; engine.keras(); import basins; import ravine as rv\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20\n"
        "before = peak(); basins._map(512); print(f'{peak() - before:.2f} {peak():.2f}')"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True, check=True)
    beyond, whole = found.stdout.split()
    print(
        f"\nA map of 512 × 512 of the two-layer lesson: {beyond} GB beyond the import, {whole} GB in all (aim: 1.5 GB)."
    )


def _map(resolution: int) -> rv.Basins:
    x, y = TASKS["two_layer"].data
    problem = rv.Problem(TASKS["two_layer"].text, {"x": x, "y": y})
    return rv.map_basins(problem, {"a": (-2, 7), "b": (-2, 7)}, resolution, learning_rate=0.1, steps=STEPS)


def _find(
    task: Task, optimizer: str, stop: rv.Stop, starts: int = STARTS, points: int = POINTS, steps: int = STEPS
) -> endings.Endings:
    x, y = task.table(points)
    problem = rv.Problem(task.text, {"x": x, "y": y})
    method = optimizers.resolve(optimizer, task.rate)
    return endings.find(problem, method, task.starts(starts), Settings(steps, None, 0, "float32", 1, stop))


def _by_numpy(task: Task) -> np.ndarray:
    """Descend with arrays [param, start, point] in float32 and slopes by hand; return the last losses."""
    x, y = (column.astype(np.float32)[None] for column in task.data)
    params = task.starts(STARTS).astype(np.float32).T[..., None]
    for _ in range(STEPS):
        residual = task.predict(params, x, np) - y
        loss = (residual**2).mean(1)
        slopes = [2 * (residual * slope).mean(1) for slope in task.slopes(params, x)]
        params = params - np.float32(task.rate) * np.stack(slopes)[..., None]
    return loss


def _by_c(library: ctypes.CDLL, task: Task) -> np.ndarray:
    a, b = (np.ascontiguousarray(column, np.float32) for column in task.starts(STARTS).T)
    x, y = (column.astype(np.float32) for column in task.data)
    loss = np.empty_like(a)
    pointers = [array.ctypes.data_as(ctypes.POINTER(ctypes.c_float)) for array in (a, b, loss, x, y)]
    library.descend(*pointers, len(a), len(x), STEPS, ctypes.c_float(task.rate))
    return loss


@contextlib.contextmanager
def _c_library() -> Iterator[ctypes.CDLL | None]:
    """Compile the reference; None without gcc."""
    if shutil.which("gcc") is None:
        print("C: not compared, gcc is not installed.")
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        flags = ["-O3", "-march=native", "-ffast-math", "-fopenmp", "-shared", "-fPIC"]
        built = Path(folder) / "basins.so"
        subprocess.run(["gcc", *flags, "-o", built, HERE / "basins.c", "-lm"], check=True)
        yield ctypes.CDLL(str(built))


@contextlib.contextmanager
def _jax() -> Iterator[subprocess.Popen | None]:
    """Start JAX in a process of its own; None if it isn't installed."""
    if not (timing.is_installed("jax") and timing.is_installed("optax")):
        print("JAX: not compared, jax or optax is not installed. `pip install 'ravine[bench]'` brings them.")
        yield None
        return
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, HERE / "basins_jax.py"], stdin=pipe, stdout=pipe, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def _answer(process: subprocess.Popen, name: str, optimizer: str) -> str:
    assert process.stdin is not None and process.stdout is not None
    print(name, optimizer, STARTS, STEPS, file=process.stdin, flush=True)
    return process.stdout.readline()


if __name__ == "__main__":
    main()
