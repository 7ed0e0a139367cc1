"""The lesson `two-layer`: the smallest network with two activated layers, and its many minima."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ravine.lessons.course import exercises, onward
from ravine.lessons.data import data_of
from ravine.lessons.lesson import Block, Code, Data, Exercise, Heading, Lesson, Paragraph, Quote, Table, Teller, Text
from ravine.lessons.two_parameters import (
    BOX,
    RATE,
    STARTS,
    STEPS,
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
from ravine.starts import Grid, Normal
from ravine.view import plots
from ravine.view.palette import INK, RED, SHAPES
from ravine.view.scene import Axis, ColorScale, Dots, Field, Line, Mark, Panel, Scene

FORMULA = "y = sin(b*cos(a*x))"
RANDOM = 500
SCALES = (1.0, 2.0, 3.0)
SEED = 0
SIDE = 64
_FINE = 6


@dataclass(frozen=True)
class Landmarks:
    """Where descents are known to end: the losses there, rising, by kind.

    Parameters
    ----------
    best
        The best end and its parameters.
    flat
        The loss of the best constant: of a network whose inner weight died.
    others
        Losses of the worse ends.
    """

    best: float
    flat: float
    others: tuple[float, ...]

    @property
    def borders(self) -> np.ndarray:
        """Losses halfway between one landmark and the next."""
        rising = np.sort([self.best, self.flat, *self.others])
        return (rising[:-1] + rising[1:]) / 2


def _blocks(t: Teller) -> Iterator[Block]:
    problem = problem_of(FORMULA)
    surface = surface_of(problem)
    run = descend_by(problem, RATE)
    assert problem.observed is not None
    final = run.dataset["loss"].values[:, -1].astype(float)
    others = tuple(loss for start, loss in enumerate(final) if start != run.best)
    landmarks = Landmarks(final[run.best], float(np.var(problem.observed)), others)
    yield from _three(t, run, surface)
    yield from _many(t, problem, run, landmarks)
    yield from _map(t, problem, run, landmarks)
    yield from _exercises(t, problem, run)
    yield from _going_on(t, run, landmarks)


def _three(t: Teller, run: Run, surface: Surface) -> Iterator[Block]:
    yield Heading(t.say("The smallest network", "最小的网络"))
    yield Paragraph(
        t.say(
            "A neural network computes in layers. Each multiplies what comes in by weights, the numbers to be found, "
            "and "
            "sends the result through a function that bends, its activation. An inner layer with weight a and "
            "activation cos, an outer layer with weight b and activation sin: that "
            f"is the smallest neural network with two activated layers, {FORMULA}.",
            "神经网络是一层一层计算的：每一层先把输入乘上权重（就是要找的那些数），再送进一个会拐弯的函数，叫激活函数。"
            f"内层权重 a、激活函数 cos，外层权重 b、激活函数 sin，合起来就是 {FORMULA}："
            "这是有两个激活层的最小的神经网络。",
        )
    )
    yield introduction(t, FORMULA)
    yield Data("two-layer", data_of(FORMULA))
    yield python_code("two-layer", FORMULA, STARTS[2], RATE)
    yield Paragraph(
        t.say(
            f"From {points(STARTS)} with learning rate {number(RATE)}, {STEPS} steps:",
            f"分别从 {points(STARTS)} 出发，学习率 {number(RATE)}，走 {STEPS} 步：",
        )
    )
    yield ends_table(t, run)
    yield Paragraph(
        t.say(
            f"Only {point(run.at(0))} arrives. The other two stop in local minima: every small step from there goes "
            "up, and gradient descent sees no farther than one step. A single descent can't tell; ravine compares "
            "and says:",
            f"只有从 {point(run.at(0))} 出发的那次到了。另外两次停在局部极小值：从那里往哪边迈一小步都是上坡，"
            "而梯度下降只看得到脚下这一步。单看一次下降，无从分辨；ravine 把几次放在一起比较，它的原话是：",
        )
    )
    for note in run.warnings:
        if note.code == "better-minimum":
            yield Quote(note.text)
    yield fit_picture(t, run, t.label(f"{FORMULA}: one of three fits", f"{FORMULA}：三次里只有一次拟合成功"))
    title = t.label("Three starts, three valleys", "三个起点，落进三个山谷")
    yield surface_picture(t, run, surface, title)
    title = t.label("The same valleys from above", "从上往下看这几个山谷")
    caption = t.say("The same descents from above; diamonds are ends.", "同样三次下降，从上往下看；菱形是终点。")
    yield t.picture("contour", plots.contour(run, surface), title, caption)


def _many(t: Teller, problem: Problem, run: Run, landmarks: Landmarks) -> Iterator[Block]:
    yield Heading(t.say("Many random starts", "许多随机起点"))
    runs = {scale: _ends(problem, Normal(RANDOM, scale=scale, seed=SEED)) for scale in SCALES}
    shares = {scale: _shares(many, landmarks) for scale, many in runs.items()}
    yield Paragraph(
        t.say(
            f"Where should one start? Usually weights are drawn at random. Here are {RANDOM} starts each from "
            f"normal distributions around 0 with three standard deviations (seed {SEED}), and where they stand "
            f"after {STEPS} steps:",
            "那么应该从哪里出发？通常的做法是随机取初值。下面用三种标准差、"
            f"均值为 0 的正态分布各取 {RANDOM} 个起点（随机种子 {SEED}），看它们走 {STEPS} 步之后到了哪里：",
        )
    )
    header = (t.say("standard deviation", "标准差"), t.say("arrive", "到达"))
    header += (t.say("arrive at the mirror image", "到达镜像解"),)
    rows = tuple((number(scale), *(percent(share) for share in each)) for scale, each in shares.items())
    yield Table((*header, t.say("flat", "变平"), t.say("elsewhere", "其他")), rows)
    first = shares[SCALES[0]]
    arrived, mirrored, flat, _ = np.mean(list(shares.values()), axis=0)
    mirror = {"a": -run.params["a"], "b": run.params["b"]}
    yield Paragraph(
        t.say(
            f"Two ends are equally good: {point(run.params)} and its mirror image {point(mirror)}, for cos(−a·x) = "
            f"cos(a·x). Over all three distributions {percent(arrived + mirrored)} arrive at one of the two, and of "
            f"the starts close to 0 only {percent(first[0] + first[1])}. {percent(flat)} go flat: a shrinks towards "
            f"0, the network forgets x and predicts nearly one constant. Its loss, {number(landmarks.flat)}, is the "
            f"variance of y. That looks almost as good as {number(landmarks.best)}, and has learned nothing.",
            f"有两个终点同样好：{point(run.params)} 和它的镜像 {point(mirror)}，因为 cos(−a·x) = cos(a·x)。"
            f"三种分布合起来，有 {percent(arrived + mirrored)} 到达这两个解之一；而在 0 附近出发的，"
            f"只有 {percent(first[0] + first[1])}。还有 {percent(flat)} “变平”了：a 缩向 0，网络忘掉了 x，"
            f"预测几乎成了一个常数。这时的损失 {number(landmarks.flat)} 就是 y 的方差，"
            f"看上去和 {number(landmarks.best)} 差不多，其实什么也没学到。",
        )
    )


def _ends(problem: Problem, starts: Grid | Normal) -> Run:
    """Return plain gradient descents of which only starts and ends are recorded."""
    return descend(problem, starts, learning_rate=RATE, steps=STEPS, record_every=STEPS)


def _shares(run: Run, landmarks: Landmarks) -> tuple[float, float, float, float]:
    """Return the shares that arrive, arrive at the mirror image, go flat, end elsewhere."""
    loss = run.dataset["loss"].values[:, -1]
    inner = run.dataset["params"].sel(param="a").values[:, -1]
    arrived = loss < landmarks.borders[0]
    flat = ~arrived & (loss < landmarks.borders[1])
    there, mirrored = arrived & (inner > 0), arrived & (inner < 0)
    return tuple(float(np.mean(which)) for which in (there, mirrored, flat, ~arrived & ~flat))  # type: ignore[return-value]


def _map(t: Teller, problem: Problem, run: Run, landmarks: Landmarks) -> Iterator[Block]:
    yield Heading(t.say("The map of basins", "盆地图"))
    axes = {name: (*side, SIDE) for name, side in BOX.items()}
    basins = _ends(problem, Grid(axes))
    there, mirrored, flat, elsewhere = _shares(basins, landmarks)
    yield Paragraph(
        t.say(
            f"To see why, we start from every point of a {SIDE} × {SIDE} grid over the picture, {SIDE * SIDE} "
            "descents at once, and color each point by the loss at which the descent from it ends. A region from "
            f"which all descents end alike is a basin. On this square {percent(there + mirrored)} of the starts "
            f"arrive, {percent(flat)} go flat and {percent(elsewhere)} end elsewhere. That explains the table: the "
            "flat basin lies around 0, where small random weights begin, and the good one lies apart from it. The "
            "borders are sharp: two neighbors on both sides of one end far from each other. The thin "
            "strip through the good basin is a = 0: there the slope along a is zero, for the network is even in a, "
            "and descent never leaves it.",
            f"为了看清原因，我们在画面上铺一张 {SIDE} × {SIDE} 的网格，从每个格点出发，"
            f"{SIDE * SIDE} 次下降同时进行，再按终点的损失给起点涂色。终点一样的一片起点就是一个“盆地”（吸引域）。"
            f"在这个正方形里，{percent(there + mirrored)} 到达，{percent(flat)} 变平，"
            f"{percent(elsewhere)} 去了别处。上面那张表由此得到解释：“变平”的盆地就在 0 的周围，"
            "小的随机初值正好落在里面，而好的盆地离 0 有一段距离。边界很分明：分居两侧的相邻起点，"
            "会走向相距很远的终点。穿过好盆地的那条细缝是 a = 0：网络关于 a 是偶函数，在那里沿 a 的斜率恰好为零，"
            "下降永远离不开它。",
        )
    )
    title = t.label("Which start ends where", "从哪里出发，在哪里结束")
    caption = t.say(
        "Color: the loss at which the descent from this point ends, dark is good. The three descents from above are "
        "drawn on it.",
        "颜色表示从该点出发最终的损失，越深越好。图上还画出了前面的三次下降。",
    )
    yield t.picture("basins", _basins(t, basins, run, landmarks), title, caption)


def _basins(t: Teller, basins: Run, run: Run, landmarks: Landmarks) -> Scene:
    """Return where the starts of a grid end, with the three descents drawn on it."""
    x_name, y_name = BOX
    final = basins.dataset["loss"].values[:, -1].astype(float).reshape(SIDE, SIDE).T
    # Each start fills its cell, so that no colors in between appear at the borders.
    fine = final.repeat(_FINE, axis=0).repeat(_FINE, axis=1)
    (left, right), (low, high) = (_widened(BOX[name]) for name in (x_name, y_name))
    x, y = np.linspace(left, right, fine.shape[1]), np.linspace(low, high, fine.shape[0])
    levels = (0.0, *landmarks.borders.tolist(), 1.001 * float(final.max()))
    scale = ColorScale(levels[0], levels[-1], label=t.label("loss at the end", "最终的损失"), levels=levels)
    marks: list[Mark] = [Field(x, y, fine, scale)]
    for start in range(run.starts):
        marks += _way(t, run, start)
    axes = (Axis(x_name, limits=(left, right)), Axis(y_name, limits=(low, high)))
    subtitle = t.label(
        f"{SIDE} × {SIDE} starts, learning rate {number(RATE)}, {STEPS} steps",
        f"{SIDE} × {SIDE} 个起点，学习率 {number(RATE)}，{STEPS} 步",
    )
    return Scene(FORMULA, (Panel(*axes, tuple(marks)),), subtitle)


def _way(t: Teller, run: Run, start: int) -> list[Mark]:
    a, b = run.path(start)["params"].values.astype(float).T
    color = RED if start == run.best else INK
    end = point(run.at(-1, start), 3)
    label = t.label(f"from {point(STARTS[start])} to {end}", f"从 {point(STARTS[start])} 到 {end}")
    return [
        Line(a, b, color=color, halo=True),
        Dots(a[:1], b[:1], color=color, size=11, shape=SHAPES[start], halo=True, label=label),
        Dots(a[-1:], b[-1:], color=color, size=9, shape="diamond", halo=True),
    ]


def _widened(side: tuple[float, float]) -> tuple[float, float]:
    half = (side[1] - side[0]) / (SIDE - 1) / 2
    return side[0] - half, side[1] + half


def _going_on(t: Teller, run: Run, landmarks: Landmarks) -> Iterator[Block]:
    best: Mapping[str, float] = STARTS[run.best]
    yield Heading(t.say("Try next", "接下来试试"))
    yield Paragraph(
        t.say(
            "Choose a start from the map, guess where it ends, and see. And does another optimizer find more? Adam "
            "with random starts:",
            "从盆地图上挑一个起点，先猜它会到哪里，再运行看看。换一种优化器，到达的比例会更高吗？用随机起点试试 Adam：",
        )
    )
    yield shell_code(t, "two-layer", FORMULA, best, f"--learning-rate {RATE:g} --steps {STEPS}")
    yield Code(
        f"starts = rv.Normal({RANDOM}, scale={SCALES[1]:g}, seed={SEED})\n"
        f'many = rv.descend(problem, starts, "adam", learning_rate={RATE:g}, steps={STEPS})\n'
        'final = many.dataset["loss"].values[:, -1]\n'
        f"print((final < {landmarks.borders[0]:.2g}).mean())   # the share that arrives"
    )
    yield from onward(
        t,
        "activations",
        "the functions that real networks bend with, and the places where their slopes die.",
        "真正的网络用哪些激活函数，它们的导数又在哪里消失。",
    )


def _exercises(t: Teller, problem: Problem, run: Run) -> Iterator[Block]:
    best = STARTS[run.best]
    mirrored = {"a": -best["a"], "b": best["b"]}
    on_strip = {"a": 0.0, "b": 3.0}
    beside = {"a": 0.01, "b": 3.0}
    ends = descend(problem, [mirrored, on_strip, beside], "sgd", learning_rate=RATE, steps=STEPS)
    slope = abs(float(ends.dataset["gradient"].sel(param="a").values[1, 0]))
    yield from exercises(
        t,
        Exercise(
            t.say(
                f"From {point(best)} the descent ends at {point(run.params)}. Where does it end from "
                f"{point(mirrored)}?",
                f"从 {point(best)} 出发，终点是 {point(run.params)}。从 {point(mirrored)} 出发，终点在哪里？",
            ),
            t.say(
                f"At the mirror image, {point(ends.at(-1, 0))}: cos doesn't see the sign of a, so the whole surface is "
                "its own mirror image, and so is every path on it.",
                f"在镜像的位置 {point(ends.at(-1, 0))}：cos 看不出 a 的正负，整个曲面左右对称，每条路也就对称。",
            ),
        ),
        Exercise(
            t.say(
                f"Start at {point(on_strip)}, on the thin strip of the map. Where does it end, and why?",
                f"从 {point(on_strip)} 出发，它正在图中那条细缝上。终点在哪里，为什么？",
            ),
            t.say(
                f"At {point(ends.at(-1, 1))}: the slope along a is {number(slope)} there, so a never moves, and with "
                "a = 0 the network only gives a constant, whatever b is. A slight push sets it free, if slowly: from "
                f"{point(beside)} it has come to {point(ends.at(-1, 2))} after {STEPS} steps.",
                f"在 {point(ends.at(-1, 1))}：那里沿 a 的斜率是 {number(slope)}，a 永远不动；而 a = 0 时，"
                "不管 b 是多少，网络都只能给出一个常数。只要轻轻推一下，它就能慢慢离开："
                f"从 {point(beside)} 出发，{STEPS} 步之后到了 {point(ends.at(-1, 2))}。",
            ),
        ),
    )


LESSON = Lesson("two-layer", Text("Two layers, many minima", "两层网络，许多极小值"), _blocks)
