"""The lesson `parabola`: one variable, step by step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ravine.lessons.course import exercises, onward
from ravine.lessons.lesson import Block, Code, Data, Exercise, Heading, Lesson, Paragraph, Table, Teller, Text
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
_BEYOND = 60.0
_AT_ONCE = 0.5
_EDGE = 1.0


def _blocks(t: Teller) -> Iterator[Block]:
    problem = Problem(FORMULA)
    run = descend(problem, START, "adam", learning_rate=RATE, steps=STEPS)
    yield from _slope(t, run)
    yield from _steps(t, run)
    yield from _why(t, run)
    yield from _stopping(t, problem, run)
    yield from _exercises(t, problem)
    yield from _going_on(t)


def _slope(t: Teller, run: Run) -> Iterator[Block]:
    start = START["x"]
    slope = _columns(run)["derivative"][0]
    yield Heading(t.say("Which way is down?", "往哪边是下坡？"))
    yield Paragraph(
        t.say(
            f"We look for the x that makes {FORMULA} smallest, and we start at x = {number(start)}. What is to be made "
            "small is called the loss; here it is the formula itself. All that gradient descent needs is the slope, "
            "from the tape of the first lesson: "
            f"{number(slope)} at x = {number(start)}. On paper it is 2·(x − 50) = 2·({number(start)} − 50) = "
            f"{number(2 * (start - 50))}, the same. It is negative: downhill is to the right.",
            f"我们要找使 {FORMULA} 最小的 x，从 x = {number(start)} 出发。要减小的那个量叫损失，这里就是公式本身的值。"
            "梯度下降需要知道的只有一样东西：这里的导数。"
            f"第一课的梯度带求出：在 x = {number(start)} 处，导数是 {number(slope)}。"
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
            "The rule that turns slopes into steps is called the optimizer. The plain update of the first lesson is "
            "the simplest one, called sgd; Adam is the one most networks are trained with. Here Adam with learning "
            f"rate {number(RATE)} takes {STEPS} steps. Each row is one step: x before it, x after it, and the "
            "derivative that decided it.",
            "把导数变成步子的规则叫优化器。第一课里的普通更新是最简单的一种，名字是 sgd；"
            f"训练网络时用得最多的是 Adam。下面用 Adam，学习率 {number(RATE)}，走 {STEPS} 步。"
            "每行是一步：更新前的 x、更新后的 x，以及决定这一步的导数。",
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
            "Run Adam with the stop rule, then plain gradient descent: with a learning rate that suits the curve it "
            "needs far fewer steps here.",
            "先让 Adam 带着停止规则走一遍，再换成普通的梯度下降：只要学习率合适，它在这里反而快得多。",
        )
    )
    yield Code(
        f"{command} --optimizer adam --learning-rate {RATE:g} --steps {STEPS} --stop-loss-change {ENOUGH:g}\n"
        f"{command} --optimizer sgd --learning-rate {_PLAIN_RATE:g} --steps {_PLAIN_STEPS}",
        "shell",
    )
    yield from onward(
        t,
        "line",
        "two numbers at once, data with noise, and a learning rate that is exactly too large.",
        "一次找两个数，数据带噪声，还有一个恰好太大的学习率。",
    )


def _exercises(t: Teller, problem: Problem) -> Iterator[Block]:
    read = descend(problem, {"x": _BEYOND}, "sgd", steps=0).dataset["gradient"].values[0, 0, 0]
    once = descend(problem, START, "sgd", learning_rate=_AT_ONCE, steps=1)
    jumps = descend(problem, START, "sgd", learning_rate=_EDGE, steps=4)
    seen = ", ".join(number(x) for x in jumps.path(0)["params"].values[:, 0])
    yield from exercises(
        t,
        Exercise(
            t.say(
                f"What is the derivative at x = {number(_BEYOND)}, and which way is down there?",
                f"在 x = {number(_BEYOND)} 处导数是多少？往哪边是下坡？",
            ),
            t.say(
                f"{number(float(read))}, as 2·({number(_BEYOND)} − 50). It is positive, so downhill is to the left.",
                f"{number(float(read))}，即 2×({number(_BEYOND)} − 50)。它是正的，所以下坡在左边。",
            ),
        ),
        Exercise(
            t.say(
                f"With which learning rate does the plain update x ← x − α·2·(x − 50) reach the bottom from x = "
                f"{number(START['x'])} in one single step?",
                f"普通更新 x ← x − α·2·(x − 50) 用多大的学习率，能从 x = {number(START['x'])} 一步就到谷底？",
            ),
            t.say(
                f"α = {number(_AT_ONCE)}, for then x − 2·α·(x − 50) = 50, wherever x is. Ravine's step from "
                f"{number(START['x'])} ends at {number(once.params['x'])}.",
                f"α = {number(_AT_ONCE)}：这时不管 x 在哪里，x − 2·α·(x − 50) 都等于 50。"
                f"让 ravine 从 {number(START['x'])} 走一步，到了 {number(once.params['x'])}。",
            ),
        ),
        Exercise(
            t.say(
                f"And what does learning rate {number(_EDGE)} do? Compute two steps by hand.",
                f"学习率取 {number(_EDGE)} 又会怎样？手算两步看看。",
            ),
            t.say(
                f"It jumps to the other side and back, just as high: {seen}, and so on forever. The next lesson says "
                "why.",
                f"它跳到对面同样高的地方，再跳回来：{seen}，永远如此。下一课会讲为什么。",
            ),
        ),
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
