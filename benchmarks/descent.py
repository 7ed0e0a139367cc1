"""How fast is a descent? The two-layer lesson against the same loop as others write it, in turns.

Run it with ``make bench``. Ratios stay when the machine is busy, times do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

import ravine as rv
import rivals
import timing
from ravine import engine, graph, keras_descent, optimizers
from ravine.lessons.data import data_of
from ravine.progress import Progress
from ravine.settings import Settings
from ravine.steps import Limits, Steps, compiled_steps
from rivals import Task
from timing import Contender, Times

FORMULA = "y = sin(b*cos(a*x))"
TASK = Task(data_of(FORMULA), {"a": 2.0, "b": 4.5}, rate=0.1, steps=400)
ENDLESS = rv.Stop(gradient=None)  # nobody may arrive early: the others have no stop rules
GROWTH = ((1, 1), (16, 1), (256, 1), (4096, 1), (256, 20), (256, 400), (4096, 400))  # starts, record_every
WITHOUT_JAX = "JAX: not compared, jax or optax is not installed. `pip install 'ravine[bench]'` brings them."


def main() -> None:
    """Print all comparisons."""
    engine.keras()
    timing.introduce(["tensorflow", "keras", "numpy", "jax", "optax"])
    first_calls()
    side_by_side()
    second_descent()
    growth()
    print(f"\nAt the end: {timing.load()}.")


def first_calls(rounds: int = 5) -> None:
    """Time descents that nobody has compiled yet: a formula with another number in it every time."""
    offsets = iter(range(1, 10 * rounds))

    def fresh() -> rv.Run:
        return _descend(TASK, f"{FORMULA} + {next(offsets)}/1000")

    def fresh_by_jax() -> np.ndarray:
        return rivals.jax(TASK, next(offsets) / 1000)()

    contenders = [Contender("`ravine.descend`", fresh)]
    if _has_jax():
        contenders.append(Contender("JAX + optax", fresh_by_jax))
    first = [timing.timed(contender) for contender in contenders]
    times = timing.race(contenders, rounds, warm_up=0)
    aims = [timing.within(1, times[0]), ""]
    rows = [
        (contender.name, f"{seconds:.2f} s", str(each), aim)
        for contender, seconds, each, aim in zip(contenders, first, times, aims, strict=False)
    ]
    head = ("a formula never seen before", "first in the process", "each further one", "aim")
    timing.table("First call, compilation included", head, rows)


def side_by_side() -> None:
    """Compare the warm descent with the others: they are loops alone, so the aims are set against our loop alone."""
    slow = [
        Contender("graph and session, fetches, then update (tutorials)", rivals.session(TASK, calls=2)),
        Contender("graph and session, update and fetches in one call", rivals.session(TASK, calls=1)),
        Contender("eager tape loop, Keras optimizer", rivals.eager(TASK)),
    ]
    fast = [_recording_only()]
    if _has_jax():
        fast.append(Contender("JAX + optax, jitted `lax.scan`", rivals.jax(TASK)))
    _check_that_all_arrive([*slow, *fast[1:]])
    ours = [_loop_only(), Contender("`ravine.descend`, the whole call with Problem and Run", lambda: _descend(TASK))]
    rows = _compared([*ours, *fast], 100, [None, None, None, 1])
    rows += _compared([*ours, *slow], 7, [None, None, 30, None, 200])[2:]
    head = (f"{TASK.steps} steps, {TASK.data['x'].size} points, float32", "time", "÷ our loop", "÷ whole call", "aim")
    timing.table("The two-layer descent, warm", head, rows)
    if not _has_jax():
        print(f"\n{WITHOUT_JAX}")


def second_descent() -> None:
    """Count what other data, another start and another rate compile: nothing."""
    other = replace(TASK, data={"x": 2 * TASK.data["x"], "y": TASK.data["y"] ** 2}, start={"a": 1, "b": 1}, rate=0.05)
    loop = _compiled_loop()
    rows = []
    for label, task in (("the same again", TASK), ("other data, start and rate", other)):
        seconds = timing.timed(Contender(label, lambda task=task: _descend(task)))
        assert _compiled_loop() is loop
        rows.append((label, f"{1e3 * seconds:.3g} ms", str(loop.traces), f"1: {_reached(loop.traces == 1)}"))
    timing.table("A second descent compiles nothing", ("descent", "time", "traces so far", "aim"), rows)


def growth() -> None:
    """Time many starts at once, and records of different sizes."""
    problem = rv.Problem(FORMULA, TASK.data)
    rows = []
    for count, every in GROWTH:
        times, size = _time_many(problem, count, every)
        each = times.median / (count * TASK.steps * problem.points)
        rows.append((f"{count:,}", f"{every}", str(times), f"{size / 1e3:,.1f} kB", f"{1e9 * each:.1f} ns"))
    head = ("starts", "recorded each … steps", "time", "record", "per start, step and point")
    timing.table(f"Many starts, {TASK.steps} steps, {problem.points} points, float32", head, rows)


def _descend(task: Task, formula: str = FORMULA) -> rv.Run:
    problem = rv.Problem(formula, dict(task.data))
    return rv.descend(problem, task.start, "sgd", learning_rate=task.rate, steps=task.steps, stop=ENDLESS)


def _recording_only() -> Contender:
    problem, method = rv.Problem(FORMULA, dict(TASK.data)), _method()
    settings = Settings(TASK.steps, None, 0, "float32", 1, ENDLESS)
    rows, bar = np.array([list(TASK.start.values())]), Progress(TASK.steps, enabled=False)
    return Contender(
        "… without Problem and Run (`keras_descent.record`)",
        lambda: keras_descent.record(problem, method, rows, settings, bar),
    )


def _loop_only() -> Contender:
    """Return the compiled loop alone, from tensors to arrays: what the record costs is the rest."""
    loop, limits = _compiled_loop(), Limits(-1.0, -1.0, 1e8)
    given = graph.inputs(loop.problem, "float32")
    begun = loop.begin(np.array([list(TASK.start.values())]), np.array([TASK.rate]), loop.problem.limits())
    return Contender("our compiled loop (`Steps.advance`)", lambda: loop.advance(begun, TASK.steps, 1, given, limits))


def _compiled_loop() -> Steps:
    """Return the loop that `ravine.descend` compiles for the task, from its memory."""
    problem, method = rv.Problem(FORMULA, dict(TASK.data)), _method()
    settings = Settings(TASK.steps, None, 0, "float32", 1, ENDLESS)
    capacity = keras_descent._capacity(1, len(problem.names), settings)
    with compiled_steps(problem, method, 1, "float32", capacity) as loop:
        return loop


def _method() -> optimizers.KerasMethod:
    method = optimizers.resolve("sgd", TASK.rate)
    assert isinstance(method, optimizers.KerasMethod)
    return method


def _check_that_all_arrive(contenders: Sequence[Contender]) -> None:
    """Compare apples with apples: everybody takes all the steps and ends where ravine does."""
    run = _descend(TASK)
    path = run.dataset["params"].values[0]
    assert len(path) == TASK.steps + 1
    for contender in contenders:
        np.testing.assert_allclose(contender.run()[:, :2], path, atol=1e-3, err_msg=contender.name)


def _compared(contenders: Sequence[Contender], rounds: int, aims: Sequence[float | None]) -> list[tuple[str, ...]]:
    """Return a row for each contender, with its times as multiples of the first one's and of the second one's."""
    times = timing.race(contenders, rounds)
    rows = []
    for contender, each, aim in zip(contenders, times, aims, strict=False):
        ratios = [each.over(times[0]), each.over(times[1])]
        reached = "" if aim is None else timing.against(aim, ratios[0])
        rows.append((contender.name, str(each), ratios[0].as_ratio(), ratios[1].as_ratio(), reached))
    return rows


def _time_many(problem: rv.Problem, count: int, every: int) -> tuple[Times, int]:
    """Return the times of a descent from so many starts, and the bytes that it recorded."""
    starts = rv.Normal(count, center={"a": 2.0, "b": 4.5}, scale=0.5)

    def descend() -> rv.Run:
        return rv.descend(
            problem, starts, learning_rate=TASK.rate, steps=TASK.steps, record_every=every, stop=ENDLESS, progress=False
        )

    size = descend().dataset.nbytes
    return timing.race([Contender("", descend)], 3, warm_up=0)[0], size


def _has_jax() -> bool:
    return timing.is_installed("jax") and timing.is_installed("optax")


def _reached(good: bool) -> str:
    return "reached" if good else "MISSED"


if __name__ == "__main__":
    main()
