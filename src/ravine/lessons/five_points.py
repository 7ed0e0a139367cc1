"""The lesson `five-points`: five noisy points, and what one update does to the weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ravine.lessons.course import exercises, onward
from ravine.lessons.data import FIVE, FIVE_NOISE, FIVE_REACH, WEIGHT_SCALE, five_points
from ravine.lessons.lesson import Block, Code, Data, Exercise, Heading, Lesson, Paragraph, Table, Teller, Text
from ravine.lessons.wording import literal, number, option, point
from ravine.loop import descend
from ravine.problem import Problem
from ravine.run import Run
from ravine.view import plots
from ravine.view.palette import BLUE, GREEN, RED
from ravine.view.scene import Axis, Dots, Line, Panel, Scene

FORMULA = "y = w0*one + w1*x"
RATE = 0.002
STEPS = 50
_NEXT_STEPS = 1000
_SCALED_RATE = 0.2
_NEAR = 0.01


def _blocks(t: Teller) -> Iterator[Block]:
    data, start = five_points()
    problem = Problem(FORMULA, data, loss="half_sse")
    run = descend(problem, start, "sgd", learning_rate=RATE, steps=STEPS)
    matrix = np.stack([data["one"], data["x"]], axis=1)
    exact = dict(zip(problem.names, np.linalg.lstsq(matrix, data["y"])[0].tolist(), strict=True))
    yield from _fitting(t, run, exact)
    yield from _one_update(t, run)
    yield from _reading(t, run)
    yield from _unequal(t, run, exact, np.linalg.eigvalsh(matrix.T @ matrix))
    yield from _exercises(t, run, exact)
    yield from _going_on(t, start)


def _fitting(t: Teller, run: Run, exact: dict[str, float]) -> Iterator[Block]:
    columns = {**run.problem.columns, "y": run.problem.observed}
    yield Heading(t.say("Five points and a line", "五个点，一条直线"))
    yield Paragraph(
        t.say(
            f"x and y are {FIVE} even values from {number(-FIVE_REACH)} to {number(FIVE_REACH)}, both blurred by "
            f"normal noise of standard deviation {number(FIVE_NOISE)}. The model is {FORMULA}: a column of ones "
            "beside x, each times a weight. The weights begin at small random numbers, normal(0, "
            f"{number(WEIGHT_SCALE)}). The loss is half the sum of squared errors; gradient descent takes {STEPS} "
            f"steps with learning rate {number(RATE)}.",
            f"x 和 y 都是从 {number(-FIVE_REACH)} 到 {number(FIVE_REACH)} 均匀取的 {FIVE} 个值，"
            f"各自加上标准差 {number(FIVE_NOISE)} 的正态噪声。模型是 {FORMULA}：x 旁边放一列 1，两列各乘一个权重。"
            f"权重的初值是很小的随机数，服从 normal(0, {number(WEIGHT_SCALE)})。损失取误差平方和的一半，"
            f"用梯度下降走 {STEPS} 步，学习率 {number(RATE)}。",
        )
    )
    yield Data("five-points", columns)
    yield _code(run.at(0, 0))
    caption = t.say(
        "Left: the points, what the model predicts at them, its line (green) and the exact least-squares line "
        "(red). Middle: the loss. Right: the slope over time, the line of every step from faint to strong.",
        "左：数据点、模型在这些点上的预测、拟合直线（绿）和精确的最小二乘直线（红）。中：损失。右：斜率的变化过程，"
        "每一步一条直线，由浅到深。",
    )
    title = t.label("Five points, fitted by descent", "用梯度下降拟合五个点")
    yield t.picture("panels", _panels(t, run, exact), title, caption)
    losses = run.dataset["loss"].values[0]
    yield Paragraph(
        t.say(
            f"The loss falls from {number(losses[0])} to {number(losses[-1])}; the weights (w0, w1) go from "
            f"{point(run.at(0))} to {point(run.params)}. Exact least squares is {point(exact)}.",
            f"损失从 {number(losses[0])} 降到 {number(losses[-1])}，"
            f"权重 (w0, w1) 从 {point(run.at(0))} 变成 {point(run.params)}。精确的最小二乘解是 {point(exact)}。",
        )
    )


def _one_update(t: Teller, run: Run) -> Iterator[Block]:
    before, after = run.at(0), run.at(1)
    losses, gradient = run.dataset["loss"].values[0], run.dataset["gradient"].values[0, 0]
    yield Heading(t.say("How does one update change the weights?", "一次更新怎样改变权重？"))
    yield Paragraph(
        t.say(
            f"Take the first one. The weights are (w0, w1) = {point(before)}. At each point the model predicts w0·1 "
            "+ w1·x; the error is prediction − y. A weight is to blame for an error as much as the number it is "
            "multiplied by, so each error counts for w0 times 1 and for w1 times x. The sums of these columns are "
            "the gradient:",
            f"就看第一次更新。此时权重 (w0, w1) = {point(before)}。在每个点上，模型的预测是 w0×1 + w1×x，"
            "误差 = 预测 − y。权重乘的那个数越大，它对误差的“责任”就越大，所以每个误差算到 w0 头上要乘 1，"
            "算到 w1 头上要乘 x。把这两列分别加起来，就是梯度：",
        )
    )
    yield _errors(t, run)
    yield Paragraph(
        t.say(
            "Automatic differentiation found the same: "
            f"{point(dict(zip(run.names, gradient.tolist(), strict=True)))}. The gradient points uphill, so the "
            "update subtracts it, multiplied by the learning rate:",
            f"自动微分得到的结果相同：{point(dict(zip(run.names, gradient.tolist(), strict=True)))}。梯度指向上坡，"
            "所以更新时要减去它，减之前先乘上学习率：",
        )
    )
    rows = tuple(
        (name, number(before[name]), number(slope), number(RATE * slope), number(after[name]))
        for name, slope in zip(run.names, gradient.tolist(), strict=True)
    )
    header = (t.say("weight", "权重"), t.say("before", "更新前"), t.say("gradient", "梯度"))
    yield Table((*header, t.say("rate × gradient", "学习率 × 梯度"), t.say("after", "更新后")), rows)
    yield Paragraph(
        t.say(
            f"With the new weights the loss is {number(losses[1])}; it was {number(losses[0])}.",
            f"换上新的权重，损失从 {number(losses[0])} 变成 {number(losses[1])}。",
        )
    )


def _errors(t: Teller, run: Run) -> Table:
    assert run.problem.observed is not None
    x, y = run.problem.columns["x"], run.problem.observed
    predicted = run.problem.predict(run.at(0))
    error = predicted - y
    rows = [tuple(number(value) for value in row) for row in zip(x, y, predicted, error, error, error * x, strict=True)]
    total = ("", "", "", t.say("sum", "合计"), number(error.sum()), number((error * x).sum()))
    prediction, wrong = t.say("prediction", "预测"), t.say("error", "误差")
    return Table(("x", "y", prediction, wrong, f"{wrong} × 1", f"{wrong} × x"), (*rows, total))


def _reading(t: Teller, run: Run) -> Iterator[Block]:
    start = run.at(0)
    reads = [descend(run.problem, start, "sgd", learning_rate=RATE, steps=0) for _ in range(2)]
    moved = descend(run.problem, start, "sgd", learning_rate=RATE, steps=1)
    yield Heading(t.say("Why does reading the weights not change them?", "为什么读取权重不会改变它？"))
    yield Paragraph(
        t.say(
            "Because computing loss and gradient only asks: what would happen here? With steps=0 ravine reads "
            "weights, loss and gradient and makes no update. We did that twice: the weights were "
            f"{point(reads[0].params)} the first time and {point(reads[1].params)} the second time, the loss "
            f"{number(reads[0].loss)} and {number(reads[1].loss)}. With steps=1 it runs the update step once, and "
            f"only then the weights are others: {point(moved.params)}. In TensorFlow it is the same: w.numpy() "
            "reads a variable as often as you like; only w.assign_sub(…) or optimizer.apply(…) changes it.",
            "因为计算损失和梯度只是在问“这里是什么情况”，并不动手。把 steps 设为 0，ravine 就只读取权重、"
            f"损失和梯度，不做更新。这样读两遍：权重第一遍是 {point(reads[0].params)}，"
            f"第二遍是 {point(reads[1].params)}，损失也分别是 {number(reads[0].loss)} 和 {number(reads[1].loss)}，"
            f"都没有变。把 steps 设为 1，更新才执行一次，这时权重才变成 {point(moved.params)}。"
            "TensorFlow 里也是这样：w.numpy() 读多少遍都行，"
            "只有 w.assign_sub(…) 或 optimizer.apply(…) 才会改变变量。",
        )
    )
    yield Code(
        "for steps in (0, 0, 1):\n"
        f"    now = rv.descend(problem, start, learning_rate={RATE:g}, steps=steps)\n"
        "    print(steps, now.params)"
    )


def _unequal(t: Teller, run: Run, exact: dict[str, float], curvatures: np.ndarray) -> Iterator[Block]:
    slow, fast = (1 - RATE * curvatures).tolist()
    left = {name: abs((run.params[name] - exact[name]) / (run.at(0)[name] - exact[name])) for name in run.names}
    yield Heading(t.say("Why w1 arrives first", "为什么 w1 先到位"))
    yield Paragraph(
        t.say(
            f"After {STEPS} steps w1 has {number(left['w1'], 2)} of its first distance left, w0 still "
            f"{number(left['w0'], 2)}. The column of x holds large numbers, the column of ones small ones, so the "
            f"loss is steep along w1 and flat along w0: its curvatures are {number(curvatures[1])} and "
            f"{number(curvatures[0])}. One step leaves {number(fast)} of the distance in the steep direction and "
            f"{number(slow)} in the flat one.",
            f"走完 {STEPS} 步，w1 与最优值的距离只剩下最初的 {number(left['w1'], 2)} 倍，"
            f"w0 却还剩 {number(left['w0'], 2)} 倍。x 那一列的数大，1 那一列的数小，所以损失沿 w1 方向陡、"
            f"沿 w0 方向平：两个曲率分别是 {number(curvatures[1])} 和 {number(curvatures[0])}。每走一步，"
            f"陡的方向上距离剩下 {number(fast)} 倍，平的方向上剩下 {number(slow)} 倍。",
        )
    )


def _code(start: dict[str, float]) -> Code:
    return Code(
        "import ravine as rv\n\n"
        "problem = rv.Problem(\n"
        f'    "{FORMULA}", "five-points/five-points.csv", loss="half_sse"\n'
        ")\n"
        f"start = {literal(start)}\n"
        f'run = rv.descend(problem, start, "sgd", learning_rate={RATE:g}, steps={STEPS})\n'
        "print(run.to_dataframe())   # weights, gradients and loss, step by step"
    )


def _going_on(t: Teller, start: dict[str, float]) -> Iterator[Block]:
    yield Heading(t.say("Try next", "接下来试试"))
    yield Paragraph(
        t.say(
            f"Give it {_NEXT_STEPS} steps, and watch the line turn until w0 has arrived too:",
            f"走 {_NEXT_STEPS} 步，看着直线慢慢转过去，直到 w0 也到位：",
        )
    )
    yield Code(
        f"{t.command('five-points').text} --out five-points\n"
        f'ravine descend "{FORMULA}" five-points/five-points.csv \\\n'
        f"    --start {option(start)} --loss half_sse \\\n"
        f"    --learning-rate {RATE:g} --steps {_NEXT_STEPS}",
        "shell",
    )
    yield Code(
        f'longer = rv.descend(problem, start, "sgd", learning_rate={RATE:g}, steps={_NEXT_STEPS})\n'
        'rv.save_picture(rv.plots.lines_over_time(longer), "five-points/longer.png")'
    )
    yield from onward(
        t,
        "two-layer",
        "the smallest network with two layers, where the start decides where the descent ends.",
        "最小的两层网络，从哪里出发，就决定了在哪里结束。",
    )


def _exercises(t: Teller, run: Run, exact: dict[str, float]) -> Iterator[Block]:
    start = run.at(0)
    longer = descend(run.problem, start, "sgd", learning_rate=RATE, steps=_NEXT_STEPS)
    doubled = descend(run.problem, start, "sgd", learning_rate=2 * RATE, steps=1)
    moved = {name: run.at(1)[name] - start[name] for name in run.names}
    scaled = _scaled(run)
    yield from exercises(
        t,
        Exercise(
            t.say(
                f"The first update moved the weights by {point(moved)}. By how much does it with twice the rate, "
                f"{number(2 * RATE)}?",
                f"第一次更新让权重变化了 {point(moved)}。学习率加倍，取 {number(2 * RATE)}，变化多少？",
            ),
            t.say(
                f"By twice as much: {point({name: doubled.params[name] - start[name] for name in run.names})}. The "
                "gradient at the start is the same.",
                f"正好两倍：{point({name: doubled.params[name] - start[name] for name in run.names})}，"
                "因为起点处的梯度没有变。",
            ),
        ),
        Exercise(
            t.say(
                f"Give it {_NEXT_STEPS} steps instead of {STEPS}. Does w0 arrive?",
                f"不止 {STEPS} 步，走 {_NEXT_STEPS} 步，w0 能到位吗？",
            ),
            t.say(
                f"Yes: (w0, w1) = {point(longer.params)}; exact least squares is {point(exact)}.",
                f"能：(w0, w1) = {point(longer.params)}，精确的最小二乘解是 {point(exact)}。",
            ),
        ),
        Exercise(
            t.say(
                f"Divide x by {number(FIVE_REACH)}, so that both columns hold numbers of one size. Now a rate of "
                f"{number(_SCALED_RATE)} is possible. How many steps until both weights are within {number(_NEAR)} of "
                "the exact ones?",
                f"把 x 除以 {number(FIVE_REACH)}，让两列的数大小相当。这时学习率可以取到 {number(_SCALED_RATE)}。"
                f"要多少步，两个权重才都离精确解不到 {number(_NEAR)}？",
            ),
            t.say(
                f"{_until_near(scaled)}. Without scaling, with rate {number(RATE)}, it takes {_until_near(longer)}. "
                "Numbers of one size make the bowl round, and round bowls are easy.",
                f"{_until_near(scaled)} 步。不缩放、学习率 {number(RATE)} 时要 {_until_near(longer)} 步。"
                "两列大小相当，碗就圆，圆的碗好走。",
            ),
        ),
    )


def _scaled(run: Run) -> Run:
    """Return a descent on the same points with x divided, so that both columns are of one size."""
    assert run.problem.observed is not None
    columns = {**run.problem.columns, "y": run.problem.observed}
    problem = Problem(FORMULA, {**columns, "x": columns["x"] / FIVE_REACH}, loss="half_sse")
    return descend(problem, run.at(0), "sgd", learning_rate=_SCALED_RATE, steps=_NEXT_STEPS)


def _until_near(run: Run) -> int:
    """Return the step from which on both weights stay near the exact ones."""
    assert run.problem.observed is not None
    columns, path = run.problem.columns, run.path(0)
    exact = np.linalg.lstsq(np.stack([columns["one"], columns["x"]], axis=1), run.problem.observed)[0]
    apart = np.abs(path["params"].values - exact).max(1)
    return int(path["step"].values[np.flatnonzero(apart > _NEAR)[-1] + 1])


def _panels(t: Teller, run: Run, exact: dict[str, float]) -> Scene:
    """Return data and lines, loss over steps, the line of every step."""
    problem = run.problem
    assert problem.observed is not None
    x = problem.columns["x"]
    ends = np.array([x.min(), x.max()])
    fitted, least = t.label("fitted line", "拟合直线"), t.label("least squares", "最小二乘")
    measured, predicted = t.label("data", "数据"), t.label("predictions", "预测")
    beside = {"one": np.ones(2), "x": ends}
    marks = (
        Line(ends, problem.predict(run.params, beside), color=GREEN, width=4, label=fitted),
        Line(ends, problem.predict(exact, beside), color=RED, dash="dashed", label=least),
        Dots(x, problem.observed, color=BLUE, size=8, label=measured),
        Dots(x, problem.predict(run.params), color=GREEN, size=8, shape="diamond", label=predicted),
    )
    lines = Panel(Axis("x"), Axis("y"), marks, title=t.label("Data and lines", "数据与直线"))
    over_time = plots.lines_over_time(run)
    slopes = replace(over_time.panels[0], title=t.label("Slope over time", "斜率的变化"))
    panels = (lines, plots.loss(run).panels[0], slopes)
    return Scene("", panels, over_time.subtitle, columns=len(panels))


LESSON = Lesson("five-points", Text("Five points, and what one update does", "五个点：一次更新做了什么"), _blocks)
