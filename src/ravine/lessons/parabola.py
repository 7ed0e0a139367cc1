"""The lesson `parabola`: one variable, step by step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ravine.lessons.lesson import Block, Code, Data, Heading, Lesson, Paragraph, Table, Teller, Text
from ravine.lessons.wording import literal, number, option
from ravine.loop import descend
from ravine.problem import Problem
from ravine.run import Run
from ravine.settings import Stop
from ravine.surface import survey
from ravine.view import plots

FORMULA = "(x - 50)**2"
START = {"x": 3.0}
BOX = {"x": (0.0, 100.0)}
RATE = 1.0
STEPS = 200
ENOUGH = 0.001
_FIRST = 5
_PLAIN_RATE = 0.4
_PLAIN_STEPS = 20
_SHOWN = (1, 2, 10, 50, 100, 200)


def _blocks(t: Teller) -> Iterator[Block]:
    problem = Problem(FORMULA)
    run = descend(problem, START, "adam", learning_rate=RATE, steps=STEPS)
    yield from _slope(t, run)
    yield from _steps(t, run)
    yield from _why(t, run)
    yield from _stopping(t, problem, run)
    yield from _going_on(t)


def _slope(t: Teller, run: Run) -> Iterator[Block]:
    start = START["x"]
    slope = _columns(run)["derivative"][0]
    yield Heading(t.say("Which way is down?", "往哪边是下坡？"))
    yield Paragraph(
        t.say(
            f"We look for the x that makes {FORMULA} smallest, and we start at x = {number(start)}. All that "
            "gradient descent needs is the slope. TensorFlow finds it by automatic differentiation: "
            f"{number(slope)} at x = {number(start)}. On paper it is 2·(x − 50) = 2·({number(start)} − 50) = "
            f"{number(2 * (start - 50))}, the same. It is negative: downhill is to the right.",
            f"我们要找使 {FORMULA} 最小的 x，从 x = {number(start)} 出发。梯度下降需要知道的只有一样东西："
            f"这里的导数。TensorFlow 用自动微分求出：在 x = {number(start)} 处，导数是 {number(slope)}。"
            f"手算是 2×(x − 50) = 2×({number(start)} − 50) = {number(2 * (start - 50))}，完全一致。导数为负，"
            "说明下坡的方向在右边。",
        )
    )
    yield Code(
        "import ravine as rv\n\n"
        f"start = {literal(START)}\n"
        f'run = rv.descend("{FORMULA}", start, "adam", learning_rate={RATE:g}, steps={STEPS})\n'
        'print(run.dataset["gradient"].values[0, 0])   # the slope at the start\n'
        "print(run.to_dataframe())                     # every step"
    )


def _steps(t: Teller, run: Run) -> Iterator[Block]:
    columns = _columns(run)
    yield Heading(t.say("Step by step", "一步一步看"))
    yield Paragraph(
        t.say(
            f"Adam with learning rate {number(RATE)} takes {STEPS} steps. Each row is one step: x before it, x "
            "after it, and the derivative that decided it.",
            f"用 Adam，学习率 {number(RATE)}，走 {STEPS} 步。每行是一步：更新前的 x、更新后的 x，"
            "以及决定这一步的导数。",
        )
    )
    yield _step_table(t, run)
    yield Data("parabola-steps", columns)
    far = int(np.argmax(columns["after"]))
    yield Paragraph(
        t.say(
            f"x does not stop at the bottom: it runs past it as far as {number(columns['after'][far], 6)} (step "
            f"{number(columns['step'][far])}), comes back, and after {STEPS} steps stands at "
            f"{number(columns['after'][-1], 6)}.",
            "x 到了谷底并没有停下，而是冲过头，"
            f"最远到 {number(columns['after'][far], 6)}（第 {number(columns['step'][far])} 步），再退回来；"
            f"{STEPS} 步之后停在 {number(columns['after'][-1], 6)}。",
        )
    )
    title = t.label(f"{FORMULA}, {STEPS} steps of Adam", f"{FORMULA}：Adam 走 {STEPS} 步")
    caption = t.say(
        "The curve with all visited points in blue, start and end in red.",
        "函数曲线。蓝色是走过的每一点，红色是起点和终点。",
    )
    yield t.picture("curve", plots.curve(run, survey(run.problem, BOX)), title, caption)
    caption = t.say("x over the steps: past the bottom and back.", "x 随步数的变化：冲过谷底，再退回来。")
    yield t.picture("x", plots.params(run), t.label("x over the steps", "x 随步数的变化"), caption)


def _why(t: Teller, run: Run) -> Iterator[Block]:
    columns = _columns(run)
    first = columns["after"][0] - columns["before"][0]
    slope = columns["derivative"][0]
    yield Heading(t.say("Why the steps are so small", "步子为什么这么小"))
    plain = START["x"] - RATE * slope
    yield Paragraph(
        t.say(
            f"The first step moves x by {number(first)}, although the slope is {number(slope)}. Plain gradient "
            f"descent would go to {number(START['x'])} − {number(RATE)}·({number(slope)}) = {number(plain)}, just "
            "as high on the other side. Adam divides the slope by its own recent size, so that a step is about as "
            "long as the learning rate, however steep the hill. And it keeps a memory of earlier slopes: that is "
            "the momentum which carries x past the bottom.",
            f"导数高达 {number(slope)}，第一步却只让 x 移动了 {number(first)}。"
            f"普通的梯度下降会跳到 {number(START['x'])} − {number(RATE)}×({number(slope)}) = {number(plain)}，"
            "正好是对面同样高的地方。Adam 会把导数除以它自己最近的大小，所以不管坡有多陡，"
            "一步的长度都和学习率差不多。它还记得之前的导数，这就是动量；x 冲过谷底，就是被动量带过去的。",
        )
    )


def _stopping(t: Teller, problem: Problem, run: Run) -> Iterator[Block]:
    stopped = descend(problem, START, "adam", learning_rate=RATE, steps=STEPS, stop=Stop(loss_change=ENOUGH))
    taken = int(stopped.dataset["steps_taken"].values[0])
    losses = stopped.dataset["loss"].values[0]
    yield Heading(t.say("When to stop", "什么时候停"))
    yield Paragraph(
        t.say(
            f"One may stop as soon as a step changes the loss by less than {number(ENOUGH)}. Then Adam ends after "
            f"{taken} steps at x = {number(stopped.params['x'], 6)} with loss {number(losses[-1])}, for the last "
            f"step changed it by {number(abs(losses[-1] - losses[-2]), 2)} only. That is not yet the bottom: near "
            f"the turning point x hardly moves, so the loss hardly changes. All {STEPS} steps reach "
            f"{number(run.loss, 2)}. A small change is a hint, not a proof.",
            f"可以规定：某一步带来的损失变化小于 {number(ENOUGH)} 就停。"
            f"这样 Adam 走 {taken} 步后停在 x = {number(stopped.params['x'], 6)}，损失 {number(losses[-1])}，"
            f"因为最后一步只让损失变了 {number(abs(losses[-1] - losses[-2]), 2)}。但这里还不是谷底：x 正要掉头，"
            f"几乎不动，损失自然也几乎不变。走满 {STEPS} 步，损失能降到 {number(run.loss, 2)}。变化小只是线索，"
            "不能当作证明。",
        )
    )
    yield Code(
        f"settings = dict(learning_rate={RATE:g}, steps={STEPS}, stop=rv.Stop(loss_change={ENOUGH:g}))\n"
        f'print(rv.descend("{FORMULA}", start, "adam", **settings))'
    )


def _going_on(t: Teller) -> Iterator[Block]:
    command = f'ravine descend "{FORMULA}" --start {option(START)} \\\n   '
    yield Heading(t.say("Try next", "接下来试试"))
    yield Paragraph(
        t.say(
            "Plain gradient descent with a learning rate below the edge needs far fewer steps here. Where is the "
            "edge, when the curvature is 2 everywhere?",
            "在这里，学习率只要低于边缘值，普通的梯度下降反而快得多。曲率处处是 2，边缘值在哪里？",
        )
    )
    yield Code(
        f"{command} --optimizer adam --learning-rate {RATE:g} --steps {STEPS} --stop-loss-change {ENOUGH:g}\n"
        f"{command} --optimizer sgd --learning-rate {_PLAIN_RATE:g} --steps {_PLAIN_STEPS}",
        "shell",
    )


def _columns(run: Run) -> dict[str, np.ndarray]:
    """Return every update: its number, x before and after it, and the derivative before it, [step] each."""
    path = run.path(0)
    x, slope = path["params"].values[:, 0].astype(float), path["gradient"].values[:, 0].astype(float)
    return {"step": path["step"].values[1:], "before": x[:-1], "after": x[1:], "derivative": slope[:-1]}


def _step_table(t: Teller, run: Run) -> Table:
    columns = _columns(run)
    rows = tuple(_row(columns, step) for step in sorted({*range(1, _FIRST + 1), *_SHOWN}))
    header = (t.say("step", "步数"), t.say("x before", "更新前 x"), t.say("x after", "更新后 x"))
    return Table((*header, t.say("derivative", "导数")), rows)


def _row(columns: dict[str, np.ndarray], step: int) -> tuple[str, ...]:
    return (str(step), *(number(columns[name][step - 1], 6) for name in ("before", "after", "derivative")))


LESSON = Lesson("parabola", Text("One variable, step by step", "一个变量，一步一步往下走"), _blocks)
