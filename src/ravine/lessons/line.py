"""The lesson `line`: three ways into one bowl, and a learning rate exactly at the edge."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ravine.lessons.data import data_of
from ravine.lessons.lesson import Block, Code, Data, Heading, Lesson, Paragraph, Quote, Table, Teller, Text
from ravine.lessons.two_parameters import (
    RATE,
    STARTS,
    STEPS,
    curvatures,
    descend_by,
    ends_table,
    fit_picture,
    introduction,
    problem_of,
    python_code,
    shell_code,
    surface_of,
    surface_picture,
)
from ravine.lessons.wording import number, percent, point, points
from ravine.plane import Surface
from ravine.run import Run
from ravine.view import plots

FORMULA = "y = a*x + b"
EDGE_RATE = 1.0
_SHOWN = 6
_BEYOND = 1.05


def _blocks(t: Teller) -> Iterator[Block]:
    problem = problem_of(FORMULA)
    surface = surface_of(problem)
    slow, edge = descend_by(problem, RATE), descend_by(problem, EDGE_RATE)
    data = data_of(FORMULA)
    steepest, flattest = curvatures([data["x"], np.ones_like(data["x"])])
    yield from _arriving(t, slow, surface)
    yield from _bowl(t, steepest, flattest)
    yield from _jumping(t, slow, edge, surface, steepest)
    yield from _going_on(t, edge, steepest)


def _arriving(t: Teller, run: Run, surface: Surface) -> Iterator[Block]:
    data = data_of(FORMULA)
    yield Heading(t.say("Three starts, one end", "三个起点，一个终点"))
    yield introduction(t, FORMULA)
    yield Data("line", data)
    yield python_code("line", FORMULA, STARTS[0], RATE)
    yield Paragraph(
        t.say(
            f"We go down from {points(STARTS)} with learning rate {number(RATE)}, {STEPS} steps at most:",
            f"分别从 {points(STARTS)} 出发，学习率取 {number(RATE)}，最多走 {STEPS} 步：",
        )
    )
    yield ends_table(t, run)
    exact = dict(zip(run.names, np.polyfit(data["x"], data["y"], 1).tolist(), strict=True))
    apart = max(abs(run.at(-1, start)[name] - exact[name]) for start in range(run.starts) for name in exact)
    yield Paragraph(
        t.say(
            "For a line, linear algebra knows the answer without any descent: least squares gives "
            f"{point(exact, 6)}. All three ends agree with it to about {number(apart, 1)}. What is left of the "
            f"loss, {number(run.loss)}, is the noise: no line can do better.",
            f"对直线来说，不用下降也能算出答案：线性代数给出的最小二乘解是 {point(exact, 6)}。"
            f"三个终点与它的差都在 {number(apart, 1)} 左右。剩下的损失 {number(run.loss)} 来自噪声，"
            "任何直线都不能更小。",
        )
    )
    title = t.label(f"{FORMULA}: the line found", f"{FORMULA}：找到的直线")
    yield fit_picture(t, run, title)
    yield surface_picture(t, run, surface, t.label("Three ways into one bowl", "三条路，同一个碗底"))


def _bowl(t: Teller, steepest: float, flattest: float) -> Iterator[Block]:
    yield Heading(t.say("Why it works", "为什么能到"))
    near, far = 1 - RATE * steepest, 1 - RATE * flattest
    yield Paragraph(
        t.say(
            f"The loss is a bowl. It curves most along b, λ = {number(steepest)}, and least along a, λ = "
            f"{number(flattest)}. In a bowl every step multiplies the distance to the bottom by 1 − α·λ: here by "
            f"{number(near)} along b and by {number(far)} along a. Both are smaller than 1, so the distance dies "
            f"out: after {STEPS} steps {number(far**STEPS, 1)} of it would be left along a.",
            f"这个损失是一只碗：沿 b 方向弯得最厉害，曲率 λ = {number(steepest)}；沿 a 方向最平缓，"
            f"λ = {number(flattest)}。在碗里，每走一步，离碗底的距离就乘以 1 − α·λ：沿 b 方向是 {number(near)}，"
            f"沿 a 方向是 {number(far)}。两个倍数都小于 1，所以距离不断缩小：走完 {STEPS} 步，"
            f"a 方向上只剩下原来的 {number(far**STEPS, 1)}。",
        )
    )


def _jumping(t: Teller, slow: Run, edge: Run, surface: Surface, steepest: float) -> Iterator[Block]:
    yield Heading(t.say("Ten times faster?", "快十倍行不行？"))
    ratio = EDGE_RATE / RATE
    yield Paragraph(
        t.say(
            f"A learning rate of {number(EDGE_RATE)} takes steps {number(ratio)} times as large. From "
            f"{point(STARTS[0])} this happens:",
            f"把学习率提高到 {number(EDGE_RATE)}，步子就大了 {number(ratio)} 倍。从 {point(STARTS[0])} 出发，"
            "结果是这样：",
        )
    )
    yield _first_steps(t, edge)
    low, high = sorted(edge.at(index, 0)["b"] for index in (-2, -1))
    yield Paragraph(
        t.say(
            f"a arrives, b never does: it jumps between {number(low)} and {number(high)} forever, at the same "
            f"height on both sides of the valley, and after {STEPS} steps the loss still is "
            f"{number(edge.dataset['loss'].values[0, -1])}. Ravine has noticed by itself:",
            f"a 到位了，b 却永远到不了：它在 {number(low)} 和 {number(high)} 之间来回跳，山谷两侧一样高，"
            f"{STEPS} 步之后损失仍是 {number(edge.dataset['loss'].values[0, -1])}。ravine 自己就发现了这一点，"
            "它的原话是：",
        )
    )
    for note in edge.warnings:
        if note.code == "learning-rate-at-edge":
            yield Quote(note.text)
    factor = 1 - EDGE_RATE * steepest
    yield Paragraph(
        t.say(
            f"The factor says why: 1 − α·λ = 1 − {number(EDGE_RATE)}·{number(steepest)} = {number(factor)}. The "
            "distance to the bottom changes its sign at every step and never its size. The bound on the learning "
            f"rate is 2/λ with the largest curvature λ; here it is {number(2 / steepest)}, and we sat exactly on "
            "it. A little less, and it arrives; a little more, and it climbs out of the bowl.",
            f"原因就在那个倍数里：1 − α·λ = 1 − {number(EDGE_RATE)}×{number(steepest)} = {number(factor)}。"
            "每走一步，离碗底的距离只变号，不变大小。学习率的上限是 2/λ（λ 取最大曲率），"
            f"这里等于 {number(2 / steepest)}，而我们正好踩在这条线上。小一点就能到，大一点就会越跳越高，跳出碗去。",
        )
    )
    caption = t.say(
        f"The same start with both learning rates, seen from above: {number(RATE)} arrives, {number(EDGE_RATE)} "
        "jumps to and fro.",
        f"从上往下看同一个起点、两种学习率：{number(RATE)} 走到了谷底，{number(EDGE_RATE)} 在两侧来回跳。",
    )
    title = t.label("Exactly at the edge: to and fro forever", "恰在边缘：永远来回跳")
    yield t.picture("edge", plots.contour([slow.select(0), edge.select(0)], surface), title, caption)


def _first_steps(t: Teller, run: Run) -> Table:
    path = run.path(0)
    rows = tuple(
        (str(step), *(number(value) for value in path["params"].values[step]), number(path["loss"].values[step]))
        for step in range(_SHOWN)
    )
    return Table((t.say("step", "步数"), "a", "b", t.say("loss", "损失")), rows)


def _going_on(t: Teller, edge: Run, steepest: float) -> Iterator[Block]:
    half, beyond = 1 / steepest, _BEYOND * 2 / steepest
    yield Heading(t.say("Try next", "接下来试试"))
    yield Paragraph(
        t.say(
            f"Take half of the edge, {number(half)}: the factor along b is 1 − {number(half)}·{number(steepest)} = "
            f"{number(1 - half * steepest)}, so b must be right after one single step.",
            f"取边缘值的一半 {number(half)}："
            f"b 方向的倍数是 1 − {number(half)}×{number(steepest)} = {number(1 - half * steepest)}，"
            "也就是说 b 只走一步就应该到位。",
        )
    )
    yield shell_code("line", FORMULA, STARTS[0], f"--learning-rate {half:g} --steps {STEPS}")
    yield Paragraph(
        t.say(
            f"And what does {percent(_BEYOND - 1)} too much do? Guess first, then go on in Python with learning "
            f"rate {number(beyond)}:",
            f"如果只比边缘值大 {percent(_BEYOND - 1)} 呢？先猜一猜，再在 Python 里用学习率 {number(beyond)} 验证：",
        )
    )
    yield Code(
        f'run = rv.descend(problem, start, "sgd", learning_rate={beyond:g}, steps={STEPS})\n'
        "for note in run.warnings:\n"
        "    print(note.text)"
    )


LESSON = Lesson("line", Text("A line, and a learning rate at the edge", "一条直线，和恰在边缘的学习率"), _blocks)
