"""The lesson `activations`: four functions between the layers of a network, and where their slopes die."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ravine.lessons.bends import ACTIVATIONS, CHASES, POINTS, RATE, REACH, STEPS, Activation, chases, places, taped
from ravine.lessons.course import exercises, onward
from ravine.lessons.lesson import Block, Code, Data, Exercise, Heading, Lesson, Paragraph, Table, Teller, Text
from ravine.lessons.wording import literal, number, option, percent
from ravine.run import Run
from ravine.view.palette import DASHES, SERIES
from ravine.view.scene import Axis, Line, Panel, Rule, Scene

SHOWN = (-10.0, -5.0, -2.0, 0.0, 2.0, 5.0, 10.0)
DEAD = 0.01
LAYERS = 10
SOFT = 2.0
_WIDTHS = (2.4, 2.4, 5.0, 2.0)  # leaky ReLU lies on ReLU where x > 0: both can be seen


def _blocks(t: Teller) -> Iterator[Block]:
    x = places()
    known = {one.name: taped(f"{one.name}(x)", x) for one in ACTIVATIONS}
    runs = chases()
    yield from _neuron(t)
    yield from _four(t, known)
    yield from _dying(t, known)
    yield from _stuck(t, runs)
    yield from _exercises(t)
    yield from _going_on(t)


def _neuron(t: Teller) -> Iterator[Block]:
    inner, outer = 2, 3
    yield Heading(t.say("Why a network needs bends", "网络为什么要“拐弯”"))
    yield Paragraph(
        t.say(
            "A neuron multiplies each of its inputs by a weight, adds the products and a number of its own, the bias. "
            "Then it sends the sum through a function that bends: its activation. In the lesson two-layer these were "
            "cos and sin. Without a bend, layers add nothing: if the inner one gives "
            f"{inner}·x and the outer one {outer} times that, both together are {inner * outer}·x, one straight line, "
            "which a single layer could have drawn. Here are the four bends that most networks use.",
            "一个神经元把每个输入乘上一个权重，加起来，再加上一个自己的数（偏置），"
            "然后把这个和送进一个会“拐弯”的函数，这就是激活函数。在 two-layer 那一课里，激活函数是 cos 和 sin。"
            f"如果不拐弯，多少层都没有用：内层给出 {inner}·x，外层再乘 {outer}，合起来不过是 {inner * outer}·x，"
            "还是一条直线，一层就能画出来。下面是网络里最常用的四种激活函数。",
        )
    )


def _four(t: Teller, known: dict[str, tuple[np.ndarray, np.ndarray]]) -> Iterator[Block]:
    x = places()
    apart = {
        one.name: float(np.abs(one.closed(x, known[one.name][0]) - known[one.name][1]).max()) for one in ACTIVATIONS
    }
    yield Heading(t.say("Four functions and their slopes", "四个函数和它们的导数"))
    yield Paragraph(
        t.say(
            f"Each with x from {number(-REACH)} to {number(REACH)}, its value, its derivative from TensorFlow's tape, "
            f"and beside it the derivative that one finds on paper. (A number such as {number(1e-5)} is short for "
            f"{1e-5:.5f}.)",
            f"x 从 {number(-REACH)} 到 {number(REACH)}，每个函数列出函数值、TensorFlow 的梯度带求出的导数，"
            f"旁边是手算公式得到的导数。（{number(1e-5)} 这样的写法就是 {1e-5:.5f}。）",
        )
    )
    for one in ACTIVATIONS:
        yield _values(t, one)
    columns = {"x": x}
    for name, (value, slope) in known.items():
        columns |= {name: value, f"{name}_slope": slope}
    yield Data("activations", columns)
    yield Paragraph(
        t.say(
            f"At all {POINTS} places the two derivatives agree to {number(max(apart.values()), 1)} or better: "
            "rounding. At x = 0 ReLU and leaky ReLU have no slope of their own, for two straight lines meet there; the "
            f"tape takes the slope of the left one, {number(_slope_at_zero('relu'))} and "
            f"{number(_slope_at_zero('leaky_relu'))}. And sigmoid and tanh need no new exponentials for their slopes: "
            "the value y is enough, σ′ = y − y² and tanh′ = 1 − y².",
            f"在全部 {POINTS} 个点上，两种导数的差不超过 {number(max(apart.values()), 1)}，只是舍入误差。"
            "ReLU 和 leaky ReLU 在 x = 0 处是两段直线的接点，严格说没有导数；"
            f"磁带取左边那段的值，分别是 {number(_slope_at_zero('relu'))} 和 {number(_slope_at_zero('leaky_relu'))}。"
            "sigmoid 和 tanh 求导时不必再算指数：有函数值 y 就够了，σ′ = y − y²，tanh′ = 1 − y²。",
        )
    )
    caption = t.say(
        "Left: the functions; ReLU and leaky ReLU go on rising above the picture. Right: their derivatives.",
        "左：四个函数（ReLU 和 leaky ReLU 在画面之外继续上升）。右：它们的导数。",
    )
    title = t.label("Four activations and their slopes", "四种激活函数和它们的导数")
    yield t.picture("slopes", _curves(t, known), title, caption)
    yield Code(
        "import tensorflow as tf\n\n"
        f"x = tf.Variable(tf.linspace({-REACH}, {REACH}, {POINTS}))\n"
        "with tf.GradientTape(persistent=True) as tape:\n"
        "    y = tf.sigmoid(x)\n"
        "slope = tape.gradient(y, x)\n"
        "print(tf.reduce_max(tf.abs(slope - (y - y**2))).numpy())   # rounding only"
    )


def _values(t: Teller, one: Activation) -> Table:
    at = np.array(SHOWN)
    value, slope = taped(f"{one.name}(x)", at)
    closed = one.closed(at, value)
    rows = tuple(tuple(number(cell) for cell in row) for row in zip(at, value, slope, closed, strict=True))
    paper = t.say(f"on paper: {one.derivative}", f"手算：{one.derivative}")
    header = ("x", t.say("value", "函数值"), t.say("by the tape", "磁带"), paper)
    return Table(header, rows, f"{one.title}: {one.equation}")


def _slope_at_zero(name: str) -> float:
    return float(taped(f"{name}(x)", np.zeros(1))[1][0])


def _dying(t: Teller, known: dict[str, tuple[np.ndarray, np.ndarray]]) -> Iterator[Block]:
    x = places()
    slopes = {one.name: known[one.name][1] for one in ACTIVATIONS}
    edge = {name: float(x[slopes[name] >= DEAD].max()) for name in ("sigmoid", "tanh")}
    steepest = {name: float(slope.max()) for name, slope in slopes.items()}
    yield Heading(t.say("Where the slope dies", "导数在哪里消失"))
    rows = tuple(
        (
            one.title,
            number(steepest[one.name]),
            number(float(slopes[one.name][0])),
            number(float(slopes[one.name][-1])),
            percent(float(np.mean(slopes[one.name] < DEAD))),
            number(steepest[one.name] ** LAYERS, 2),
        )
        for one in ACTIVATIONS
    )
    at = tuple(t.say(f"slope at {number(end)}", f"{number(end)} 处的导数") for end in (-REACH, REACH))
    header = (t.say("function", "函数"), t.say("largest slope", "最大导数"), *at)
    share, deep = t.say(f"slope < {DEAD}", f"导数 < {DEAD}"), t.say(f"{LAYERS} layers", f"{LAYERS} 层")
    yield Table((*header, share, deep), rows)
    yield Paragraph(
        t.say(
            "The column before the last says on which share of the range the slope is below "
            f"{DEAD}. Sigmoid is flat there from about {number(edge['sigmoid'], 2)} outward, tanh from about "
            f"{number(edge['tanh'], 2)}: they saturate. ReLU is flat on its whole negative half. Leaky ReLU never is; "
            "that is what it was made for. The last column multiplies the largest slope "
            f"by itself, once for each of {LAYERS} layers, as the way back through a deep network does (the lesson "
            f"losses shows how). Through sigmoids at most {number(steepest['sigmoid'] ** LAYERS, 2)} of the gradient "
            "comes through: this is called the vanishing gradient.",
            f"倒数第二列是：在整个范围里，导数小于 {DEAD} 的部分占多少。sigmoid 大约从 {number(edge['sigmoid'], 2)} "
            f"往外、tanh 大约从 {number(edge['tanh'], 2)} 往外（左右对称）就平了，这叫饱和。ReLU 的整个负半边都是平的。"
            "leaky ReLU 处处有坡度，它就是为此而设计的。"
            f"最后一列把最大的导数连乘 {LAYERS} 次，一层乘一次；梯度从深层网络往回传的时候正是这样"
            "（losses 那一课会一步步算）。"
            f"如果每层都是 sigmoid，最多只有 {number(steepest['sigmoid'] ** LAYERS, 2)} 倍的梯度能传回来，"
            "这就是所谓的梯度消失。",
        )
    )


def _stuck(t: Teller, runs: list[Run]) -> Iterator[Block]:
    saturated, _, dead, leaky = runs
    yield Heading(t.say("What that does to a descent", "这对下降有什么影响"))
    yield Paragraph(
        t.say(
            f"No slope, no step. Four descents, each {STEPS} steps with learning rate {number(RATE)}: a sigmoid that "
            "should give 0.2, from two starts; then a ReLU and a leaky ReLU that should give 1, from a negative start.",
            f"没有坡度，就迈不出步子。下面做四次下降，各 {STEPS} 步，学习率 {number(RATE)}：让 sigmoid 输出 0.2，"
            "从两个起点出发；再让 ReLU 和 leaky ReLU 输出 1，从负数出发。",
        )
    )
    rows = tuple(
        (
            run.problem.title,
            number(run.at(0)["x"]),
            number(float(run.dataset["gradient"].values[0, 0, 0]), 3),
            number(run.at(-1)["x"]),
            number(float(run.dataset["loss"].values[0, 0]), 3),
            number(run.loss, 2),
        )
        for run in runs
    )
    header = (t.say("made small", "要减小的"), t.say("from", "起点"), t.say("slope", "导数"))
    losses = (t.say("loss before", "起始损失"), t.say("after", "最终损失"))
    yield Table((*header, t.say("to", "终点"), *losses), rows)
    yield Paragraph(
        t.say(
            f"From x = {number(saturated.at(0)['x'])} the sigmoid moves by only "
            f"{number(abs(saturated.at(-1)['x'] - saturated.at(0)['x']), 2)}, although it is badly wrong: it is "
            f"saturated. The ReLU doesn't move at all: its gradient is exactly "
            f"{number(float(dead.dataset['gradient'].values[0, 0, 0]))}, so ravine reports its descent as "
            f"{dead.statuses[0].name}. That only says that the slope is zero; the loss {number(dead.loss)} says that "
            "nothing was learned. Such a neuron is called dead. The leaky one walks out, to x = "
            f"{number(leaky.at(-1)['x'])}.",
            f"从 x = {number(saturated.at(0)['x'])} 出发，sigmoid 错得很远，"
            f"却只挪动了 {number(abs(saturated.at(-1)['x'] - saturated.at(0)['x']), 2)}，因为它饱和了。"
            f"ReLU 一动不动：它的梯度正好是 {number(float(dead.dataset['gradient'].values[0, 0, 0]))}，"
            f"所以 ravine 报告的状态是 {dead.statuses[0].name}（收敛）。这只说明坡度为零；"
            f"损失还是 {number(dead.loss)}，什么也没学到。这样的神经元叫作“死了”。"
            f"leaky ReLU 则走了出来，到了 x = {number(leaky.at(-1)['x'])}。",
        )
    )
    title = t.label("With and without a slope", "有坡度和没坡度")
    caption = t.say("The loss of the four descents at every step.", "四次下降每一步的损失。")
    yield t.picture("stuck", _histories(t, runs), title, caption)


def _curves(t: Teller, known: dict[str, tuple[np.ndarray, np.ndarray]]) -> Scene:
    x = places()
    panels = []
    for column, (title, limits) in enumerate(
        ((t.label("Value", "函数值"), (-2.3, 4.0)), (t.label("Derivative", "导数"), (-0.05, 1.25)))
    ):
        marks = [
            Line(x, known[one.name][column], color=color, dash=dash, width=width, label=one.title)
            for one, color, dash, width in zip(ACTIVATIONS, SERIES, DASHES, _WIDTHS, strict=False)
        ]
        axes = (Axis("x", limits=(-REACH, REACH)), Axis("", limits=limits))
        panels.append(Panel(*axes, (Rule(0.0, width=0.8), *marks), title=title))
    return Scene("", tuple(panels), columns=2)


def _histories(t: Teller, runs: list[Run]) -> Scene:
    marks = []
    for run, color, dash in zip(runs, SERIES, DASHES, strict=False):
        path = run.path(0)
        begin = number(run.at(0)["x"])
        label = t.label(f"{run.problem.title} from {begin}", f"{run.problem.title}，从 {begin} 出发")
        taken, losses = path["step"].values.astype(float), path["loss"].values.astype(float)
        # A descent that has ended keeps its loss: the line goes on to the last step of all.
        steps = np.append(taken, STEPS) if taken[-1] < STEPS else taken
        marks.append(Line(steps, np.append(losses, losses[-1])[: len(steps)], color=color, dash=dash, label=label))
    panel = Panel(Axis(t.label("step", "步数"), limits=(0.0, STEPS)), Axis(t.label("loss", "损失")), tuple(marks))
    return Scene("", (panel,), t.label(f"learning rate {number(RATE)}", f"学习率 {number(RATE)}"))


def _exercises(t: Teller) -> Iterator[Block]:
    x = places()
    value, slope = taped("sigmoid(x)", x)
    top = int(np.argmax(slope))
    narrow = float(np.arctanh(np.sqrt(1 - DEAD)))
    soft = taped("softplus(x)", np.array([SOFT]))[1][0]
    yield from exercises(
        t,
        Exercise(
            t.say(
                "Where is the sigmoid steepest, and how steep? Find it from σ′ = σ − σ² before you look at the "
                "picture.",
                "sigmoid 在哪里最陡，有多陡？先用 σ′ = σ − σ² 推一推，再看图。",
            ),
            t.say(
                f"Where σ = {number(value[top])}, that is at x = {number(abs(x[top]))}; there the slope is "
                f"{number(slope[top])}. So even at its best a sigmoid passes on only "
                f"{percent(slope[top])} of the gradient.",
                f"在 σ = {number(value[top])} 的地方，也就是 x = {number(abs(x[top]))}，导数是 {number(slope[top])}。"
                f"所以 sigmoid 最多也只能传回 {percent(slope[top])} 的梯度。",
            ),
        ),
        Exercise(
            t.say(
                f"From which x on is the slope of tanh smaller than {DEAD}?",
                f"tanh 的导数从哪个 x 开始小于 {DEAD}？",
            ),
            t.say(
                f"1 − tanh² = {DEAD} means tanh = √{1 - DEAD:.2f}, so x = {number(narrow)}. The tape's slope at that "
                f"place is {number(float(taped('tanh(x)', np.array([narrow]))[1][0]))}.",
                f"1 − tanh² = {DEAD}，即 tanh = √{1 - DEAD:.2f}，所以 x = {number(narrow)}。"
                f"磁带在这一点求出的导数是 {number(float(taped('tanh(x)', np.array([narrow]))[1][0]))}。",
            ),
        ),
        Exercise(
            t.say(
                "softplus(x) = ln(1 + eˣ) is a ReLU with a round corner. Which function of this lesson is its slope? "
                f"Check at x = {number(SOFT)}.",
                "softplus(x) = ln(1 + eˣ) 是把拐角磨圆了的 ReLU。它的导数是本课的哪个函数？"
                f"在 x = {number(SOFT)} 处验证。",
            ),
            t.say(
                f"The sigmoid: the tape gives {number(soft)} for softplus, and σ({number(SOFT)}) = "
                f"{number(float(taped('sigmoid(x)', np.array([SOFT]))[0][0]))}.",
                f"就是 sigmoid：磁带给出 softplus 的导数是 {number(soft)}，"
                f"而 σ({number(SOFT)}) = {number(float(taped('sigmoid(x)', np.array([SOFT]))[0][0]))}。",
            ),
        ),
    )


def _going_on(t: Teller) -> Iterator[Block]:
    formula, start = CHASES[0]
    yield Heading(t.say("Try next", "接下来试试"))
    yield Paragraph(
        t.say(
            "Does Adam free the saturated sigmoid? It divides the slope by its own size, remember. And which of "
            "ravine's activations (swish, gelu, softplus) would you put in its place?",
            "Adam 能把饱和的 sigmoid 救出来吗？别忘了，它会把导数除以自己的大小。"
            "ravine 里还有别的激活函数（swish、gelu、softplus），换一个试试：",
        )
    )
    yield Code(
        f'ravine descend "{formula}" --start {option(start)} \\\n'
        f"    --optimizer adam --learning-rate {RATE:g} --steps {STEPS}",
        "shell",
    )
    yield Code(
        "import ravine as rv\n\n"
        f'problem, start = rv.Problem("{formula}"), {literal(start)}\n'
        f'run = rv.descend(problem, start, "adam", learning_rate={RATE:g}, steps={STEPS})\n'
        "print(run)"
    )
    yield from onward(
        t,
        "losses",
        "what the end of a network is measured by, and how the gradient finds its way back through all layers.",
        "网络的输出用什么来衡量，梯度又怎样一层一层传回去。",
    )


LESSON = Lesson("activations", Text("Activations, and where their slopes die", "激活函数，以及导数在哪里消失"), _blocks)
