"""The lesson `line`: three ways into one bowl, and a learning rate exactly at the edge."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ravine.lessons.course import exercises, onward
from ravine.lessons.data import data_of
from ravine.lessons.lesson import Block, Code, Data, Exercise, Heading, Lesson, Paragraph, Quote, Table, Teller, Text
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
from ravine.loop import descend
from ravine.plane import Surface
from ravine.problem import Problem
from ravine.run import Run
from ravine.view import plots

FORMULA = "y = a*x + b"
EDGE_RATE = 1.0
_SHOWN = 6
_BEYOND = 1.05
_CLIMB = 20
_NEAR = 0.01


def _blocks(t: Teller) -> Iterator[Block]:
    problem = problem_of(FORMULA)
    surface = surface_of(problem)
    slow, edge = descend_by(problem, RATE), descend_by(problem, EDGE_RATE)
    data = data_of(FORMULA)
    steepest, flattest = curvatures([data["x"], np.ones_like(data["x"])])
    yield from _arriving(t, slow, surface)
    yield from _bowl(t, steepest, flattest)
    yield from _jumping(t, slow, edge, surface, steepest)
    yield from _exercises(t, problem, slow, steepest)
    yield from _going_on(t, steepest)


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
            "The loss is a bowl. How strongly it bends is its curvature λ, the second derivative: it bends most along "
            f"b, λ = {number(steepest)}, and least along a, λ = "
            f"{number(flattest)}. In a bowl every step multiplies the distance to the bottom by 1 − α·λ: here by "
            f"{number(near)} along b and by {number(far)} along a. Both are smaller than 1, so the distance dies "
            f"out: after {STEPS} steps {number(far**STEPS, 1)} of it would be left along a.",
            f"这个损失是一只碗。它弯得多厉害，由曲率 λ（二阶导数）表示：沿 b 方向弯得最厉害，λ = {number(steepest)}；"
            "沿 a 方向最平缓，"
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


def _exercises(t: Teller, problem: Problem, slow: Run, steepest: float) -> Iterator[Block]:
    half, beyond = 1 / steepest, _BEYOND * 2 / steepest
    start, end = STARTS[0], slow.at(-1, 0)
    once = descend(problem, dict(start), "sgd", learning_rate=half, steps=1)
    climbing = descend(problem, dict(start), "sgd", learning_rate=beyond, steps=_CLIMB)
    losses, factor, distance = climbing.dataset["loss"].values[0], 1 - beyond * steepest, start["b"] - end["b"]
    yield from exercises(
        t,
        Exercise(
            t.say(
                f"Take half of the edge, {number(half)}. The factor along b is 1 − {number(half)}·{number(steepest)}. "
                f"Where is b after one single step from {point(start)}?",
                f"学习率取边缘值的一半 {number(half)}，b 方向的倍数是 1 − {number(half)}×{number(steepest)}。"
                f"从 {point(start)} 出发只走一步，b 在哪里？",
            ),
            t.say(
                f"The factor is {number(1 - half * steepest)}: nothing is left of the distance. The run says b = "
                f"{number(once.params['b'], 5)}; {STEPS} steps with rate {number(RATE)} ended at "
                f"{number(end['b'], 5)}.",
                f"倍数是 {number(1 - half * steepest)}：距离一点也不剩。实际走一步，b = {number(once.params['b'], 5)}；"
                f"学习率 {number(RATE)} 走 {STEPS} 步的终点是 {number(end['b'], 5)}。",
            ),
        ),
        Exercise(
            t.say(
                f"And {percent(_BEYOND - 1)} above the edge, with learning rate {number(beyond)}: what becomes of the "
                f"distance along b in {_CLIMB} steps? And of the loss?",
                f"学习率 {number(beyond)}，只比边缘值大 {percent(_BEYOND - 1)}：走 {_CLIMB} 步，"
                "b 方向的距离会变成几倍？损失呢？",
            ),
            t.say(
                f"The factor is {number(factor)}, so the distance grows to {number(abs(factor) ** _CLIMB, 3)} times "
                "its size, and its part of the loss, distance² here, to the square of that: from "
                f"{number(distance**2)} to {number((distance * factor**_CLIMB) ** 2, 3)}. The run's loss is then "
                f"{number(losses[-1], 3)}; what it had along a is nearly gone.",
                f"倍数是 {number(factor)}，距离变成原来的 {number(abs(factor) ** _CLIMB, 3)} 倍，"
                "它在损失里所占的那部分（这里正好是距离的平方）则按平方增长："
                f"从 {number(distance**2)} 变成 {number((distance * factor**_CLIMB) ** 2, 3)}。"
                f"实际运行的损失是 {number(losses[-1], 3)}；a 方向的那部分已经几乎没有了。",
            ),
        ),
        Exercise(
            t.say(
                f"With rate {number(RATE)}: how many steps does it take from {point(start)} until a and b are within "
                f"{number(_NEAR)} of their ends? Which of the two is later, and why?",
                f"学习率 {number(RATE)}：从 {point(start)} 出发，a 和 b 各要多少步才能离终点不到 {number(_NEAR)}？"
                "谁更慢，为什么？",
            ),
            t.say(
                f"a needs {_until_near(slow, 'a')} steps, b {_until_near(slow, 'b')}. a is later: its direction has "
                "the smaller curvature, so each step removes less of the distance.",
                f"a 要 {_until_near(slow, 'a')} 步，b 要 {_until_near(slow, 'b')} 步。a 更慢：它那个方向的曲率小，"
                "每一步去掉的距离就少。",
            ),
        ),
    )


def _until_near(run: Run, name: str) -> int:
    """Return the step from which on a parameter of the first start stays near its end."""
    path = run.path(0)
    values = path["params"].sel(param=name).values
    return int(path["step"].values[np.flatnonzero(np.abs(values - values[-1]) > _NEAR)[-1] + 1])


def _going_on(t: Teller, steepest: float) -> Iterator[Block]:
    half, beyond = 1 / steepest, _BEYOND * 2 / steepest
    yield Heading(t.say("Try next", "接下来试试"))
    yield Paragraph(
        t.say(
            "Check the first exercise on the command line, the second in Python, and read what ravine says of it:",
            "第一题可以在命令行里验证，第二题在 Python 里验证，看看 ravine 怎么说：",
        )
    )
    yield shell_code(t, "line", FORMULA, STARTS[0], f"--learning-rate {half:g} --steps {STEPS}")
    yield Code(
        f'run = rv.descend(problem, start, "sgd", learning_rate={beyond:g}, steps={STEPS})\n'
        "for note in run.warnings:\n"
        "    print(note.text)"
    )
    yield from onward(
        t,
        "cubic",
        "another formula with the same two numbers, and other methods on the same surface.",
        "还是两个数，换一个公式，再让别的方法走在同一个曲面上。",
    )


LESSON = Lesson("line", Text("A line, and a learning rate at the edge", "一条直线，和恰在边缘的学习率"), _blocks)
