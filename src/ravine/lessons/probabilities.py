"""Probabilities: softmax and its Jacobian in the lesson `losses`, and what a sure and wrong guess costs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ravine import engine
from ravine.lessons.lesson import Block, Code, Heading, Paragraph, Table, Teller
from ravine.lessons.sketches import matrix
from ravine.lessons.wording import low, number
from ravine.loop import descend
from ravine.run import Run
from ravine.view.palette import DASHES, SERIES
from ravine.view.scene import Axis, Line, Panel, Scene

SCORES = (2.0, 1.0, -1.0)
#: What a wrong and sure guess does: scores with the last class true, by two losses.
SURE = {"a": 6.0, "b": 0.0, "c": 0.0}
CROSS_ENTROPY = "log(exp(a) + exp(b) + exp(c)) - c"
SQUARES = (
    "((exp(a)**2 + exp(b)**2)/(exp(a) + exp(b) + exp(c))**2"
    " + (exp(c)/(exp(a) + exp(b) + exp(c)) - 1)**2)/3"
)  # fmt: skip
STEPS = 100
RATE = 1.0
_LOOKED_AT = (0, 10, STEPS)


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return probabilities from scores, [..., class] each.

    Examples
    --------
    >>> softmax(np.array([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def jacobian_of_softmax(scores: np.ndarray) -> np.ndarray:
    """Return ∂pᵢ/∂zⱼ from the tape, [probability, score]."""
    tf = engine.tensorflow()
    z = tf.Variable(scores, dtype="float64")
    with tf.GradientTape() as tape:
        p = tf.nn.softmax(z)
    return np.asarray(tape.jacobian(p, z))


def jacobian_on_paper(scores: np.ndarray) -> np.ndarray:
    """Return pᵢ(1 − pᵢ) on the diagonal and −pᵢ·pⱼ off it, [probability, score]."""
    p = softmax(scores)
    return np.diag(p) - np.outer(p, p)


def sure_and_wrong() -> dict[str, Run]:
    """Return plain gradient descent from a sure and wrong guess, by both losses."""
    formulas = {"mse": SQUARES, "cross-entropy": CROSS_ENTROPY}
    return {kind: descend(formula, SURE, "sgd", learning_rate=RATE, steps=STEPS) for kind, formula in formulas.items()}


def probability(run: Run) -> np.ndarray:
    """Return the probability of the true class, the last one, at every step, [step]."""
    return softmax(run.path(0)["params"].values.astype(float))[:, -1]


def blocks(t: Teller) -> Iterator[Block]:
    """Yield softmax and its Jacobian."""
    yield from _softmax(t)
    yield from _jacobian(t)


def _softmax(t: Teller) -> Iterator[Block]:
    scores = np.array(SCORES)
    powers, p = np.exp(scores), softmax(scores)
    yield Heading(t.say("From scores to probabilities: softmax", "从得分到概率：softmax"))
    yield Paragraph(
        t.say(
            "Which of three kinds is it? A network that answers such a question, a classifier, gives each class a "
            "score; scores are also called logits. They may be any numbers. Softmax makes probabilities of them: "
            "raise e to each score, then divide by the sum. The results are positive and add up to 1, and the "
            "highest score stays the highest.",
            "是三类中的哪一类？回答这种问题的网络叫分类器，它给每一类打一个分，这些得分也叫 logits，"
            "可以是任意的数。softmax 把得分变成概率：先取 e 的得分次方，再除以总和。这样每个数都是正的，"
            "加起来等于 1，而且得分最高的还是最高。",
        )
    )
    rows = [
        (str(index), number(z), number(e), number(q))
        for index, (z, e, q) in enumerate(zip(scores, powers, p, strict=True))
    ]
    total = (t.say("sum", "合计"), "", number(powers.sum()), number(p.sum()))
    header = (t.say("class", "类别"), t.say("score z", "得分 z"), "eᶻ")
    yield Table((*header, t.say("probability p", "概率 p")), (*rows, total))


def _jacobian(t: Teller) -> Iterator[Block]:
    scores = np.array(SCORES)
    taped, paper, p = jacobian_of_softmax(scores), jacobian_on_paper(scores), softmax(scores)
    yield Heading(t.say("A table of slopes: the Jacobian", "一张导数表：雅可比矩阵"))
    yield Paragraph(
        t.say(
            "Every probability depends on every score, so there is a slope for each pair. All of them in a table are "
            "the Jacobian: row i, column j holds ∂pᵢ/∂zⱼ. On paper it is pᵢ·(1 − pᵢ) where i = j and −pᵢ·pⱼ "
            f"elsewhere. For instance p₀·(1 − p₀) = {number(p[0])}·{number(1 - p[0])} = {number(paper[0, 0])}, and "
            f"−p₀·p₁ = −{number(p[0])}·{number(p[1])} = {number(paper[0, 1])}. From the tape:",
            "每个概率都依赖每个得分，所以每一对都有一个导数。把它们排成一张表，就是雅可比矩阵："
            "第 i 行第 j 列是 ∂pᵢ/∂zⱼ。手算的结果：i = j 时是 pᵢ·(1 − pᵢ)，其余是 −pᵢ·pⱼ。"
            f"例如 p₀·(1 − p₀) = {number(p[0])}·{number(1 - p[0])} = {number(paper[0, 0])}，"
            f"−p₀·p₁ = −{number(p[0])}·{number(p[1])} = {number(paper[0, 1])}。磁带求出的是：",
        )
    )
    rows = tuple(
        (f"p{low(index)}", *(number(cell) for cell in row), number(abs(round(row.sum(), 12))))
        for index, row in enumerate(taped)
    )
    yield Table(("", *(f"∂/∂z{low(index)}" for index in range(len(SCORES))), t.say("row sum", "行和")), rows)
    yield Paragraph(
        t.say(
            f"The largest difference between tape and paper is {number(float(np.abs(taped - paper).max()), 1)}. The "
            "diagonal is positive: a higher score raises its own probability. All else is negative: what one class "
            "gains the others lose, so every row adds up to 0.",
            f"磁带和手算最多相差 {number(float(np.abs(taped - paper).max()), 1)}。对角线为正："
            "得分升高，自己的概率就升高。其余为负：一类多了，别的类就少了，所以每一行加起来都是 0。",
        )
    )
    names = [f"p{low(index)}" for index in range(len(SCORES))], [f"z{low(index)}" for index in range(len(SCORES))]
    title = t.label("The Jacobian of softmax", "softmax 的雅可比矩阵")
    caption = t.say("Blue: positive slopes; orange: negative ones.", "蓝色为正，橙色为负。")
    axes = (t.label("by the score", "对得分"), t.label("slope of the probability", "概率的导数"))
    yield t.picture("jacobian", Scene("", (matrix(taped, *names, axes=axes),)), title, caption)
    yield Code(
        "import tensorflow as tf\n\n"
        f"z = tf.Variable({list(SCORES)})\n"
        "with tf.GradientTape() as tape:\n"
        "    p = tf.nn.softmax(z)\n"
        "print(tape.jacobian(p, z).numpy())"
    )


def sure_blocks(t: Teller) -> Iterator[Block]:
    """Yield what two losses make of a sure and wrong guess."""
    runs = sure_and_wrong()
    known = {kind: probability(run) for kind, run in runs.items()}
    slopes = {kind: float(np.abs(run.dataset["gradient"].values[0, 0]).max()) for kind, run in runs.items()}
    yield Heading(t.say("Sure and wrong", "又自信又错"))
    yield Paragraph(
        t.say(
            f"Which loss is better? Let a classifier be sure and wrong: scores {tuple(int(z) for z in SURE.values())}, "
            f"but the last class is true. Its probability is {number(known['mse'][0], 2)}. We move the scores "
            f"themselves by plain gradient descent, {STEPS} steps with learning rate {number(RATE)}:",
            f"哪种损失更好？假设分类器又自信又错：得分是 {tuple(int(z) for z in SURE.values())}，而真实的是最后一类，"
            f"它的概率只有 {number(known['mse'][0], 2)}。我们用普通的梯度下降直接移动得分，走 {STEPS} 步，"
            f"学习率 {number(RATE)}：",
        )
    )
    named = {"mse": t.say("softmax + MSE", "softmax + 均方误差"), "cross-entropy": t.say("cross-entropy", "交叉熵")}
    rows = tuple(
        (named[kind], number(slopes[kind], 2), *(number(known[kind][step], 2) for step in _LOOKED_AT)) for kind in runs
    )
    after = tuple(t.say(f"p, step {step}", f"第 {step} 步 p") for step in _LOOKED_AT)
    yield Table((t.say("loss", "损失"), t.say("slope at first", "起初的导数"), *after), rows)
    yield Paragraph(
        t.say(
            "The squared error has nearly no slope just where the guess is worst: it has to pass the Jacobian, whose "
            "entries pᵢ·pⱼ are all tiny when one p is almost 1. Softmax is saturated, as sigmoid was in the lesson "
            f"activations. Cross-entropy cancels that factor; its slope is {number(slopes['cross-entropy'])}, "
            f"{slopes['cross-entropy'] / slopes['mse']:.0f} times as large. That is why classifiers are trained "
            "with it.",
            "恰恰在猜得最离谱的地方，均方误差几乎没有坡度：它要乘上雅可比矩阵，而当某个 p 接近 1 时，"
            "里面的 pᵢ·pⱼ 全都很小。这就是 softmax 的饱和，和 activations 那一课的 sigmoid 一样。"
            f"交叉熵正好把这个因子消掉了，它的导数是 {number(slopes['cross-entropy'])}，"
            f"是前者的 {slopes['cross-entropy'] / slopes['mse']:.0f} 倍。分类器都用交叉熵来训练，原因就在这里。",
        )
    )
    title = t.label("Back from a wrong and sure guess", "从“又自信又错”走回来")
    caption = t.say("The probability of the true class at every step.", "真实类别的概率随步数的变化。")
    marks = tuple(
        Line(
            np.arange(len(p)),
            p,
            color=color,
            dash=dash,
            width=2.6,
            label=t.label(kind.replace("mse", "softmax + MSE"), named[kind]),
        )
        for (kind, p), color, dash in zip(known.items(), SERIES, DASHES, strict=False)
    )
    axes = (Axis(t.label("step", "步数"), limits=(0.0, STEPS)), Axis(t.label("p of the true class", "真实类别的概率")))
    yield t.picture("sure", Scene("", (Panel(*axes, marks),)), title, caption)
