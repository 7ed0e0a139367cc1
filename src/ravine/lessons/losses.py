"""The lesson `losses`: mean squared error, softmax, cross-entropy, and the way of the gradient back through layers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ravine import engine
from ravine.lessons import chain, flowers, probabilities
from ravine.lessons.course import exercises, onward
from ravine.lessons.lesson import Block, Code, Exercise, Heading, Lesson, Paragraph, Table, Teller, Text
from ravine.lessons.wording import literal, number, option

OBSERVED = np.array([1.0, 2.0, 4.0])
PREDICTED = np.array([1.5, 2.0, 3.0])
SHIFT = 5.0
RATE = 0.1


def squares_by_tape() -> tuple[float, np.ndarray]:
    """Return the mean squared error and its gradient by the predictions, [point], from the tape."""
    tf = engine.tensorflow()
    predicted = tf.Variable(PREDICTED, dtype="float64")
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((predicted - OBSERVED) ** 2)
    return float(loss), np.asarray(tape.gradient(loss, predicted))


def trained_once() -> tuple[float, float]:
    """Return the cross-entropy of the two samples before and after one update of weights and biases."""
    found = flowers.by_tape("cross-entropy")
    weights, biases = (
        part - RATE * slope for part, slope in zip(flowers.layer(), (found.weights, found.biases), strict=True)
    )
    p = probabilities.softmax(flowers.FEATURES @ weights + biases)
    return found.loss, float(-np.mean(np.log(p[np.arange(len(p)), flowers.LABELS])))


def _blocks(t: Teller) -> Iterator[Block]:
    yield from _squares(t)
    yield from probabilities.blocks(t)
    yield from flowers.blocks(t)
    yield from probabilities.sure_blocks(t)
    yield from chain.blocks(t)
    yield from _exercises(t)
    yield from _going_on(t)


def _squares(t: Teller) -> Iterator[Block]:
    loss, taped = squares_by_tape()
    error = PREDICTED - OBSERVED
    paper = 2 * error / error.size
    yield Heading(t.say("The mean squared error", "均方误差"))
    yield Paragraph(
        t.say(
            "A loss says in one number how wrong a model is. Most lessons so far used the mean squared error (MSE): "
            "take each error, prediction − observation, square it, average. Squares count errors of either sign, and "
            "large errors much more than small ones. Its gradient by each prediction is 2·error/n, with n points:",
            "损失用一个数来说明模型错得有多远。前面几课用的大多是均方误差（MSE）：每个误差 = 预测 − 观测，先平方，"
            "再取平均。平方之后，正负误差都算数，而且大误差比小误差重得多。它对每个预测的导数是 2×误差/n，"
            "n 是点的个数：",
        )
    )
    rows = tuple(
        tuple(number(cell) for cell in row)
        for row in zip(OBSERVED, PREDICTED, error, error**2, paper, taped, strict=True)
    )
    header = (t.say("observed", "观测"), t.say("predicted", "预测"), t.say("error", "误差"), t.say("squared", "平方"))
    yield Table((*header, t.say("2·error/n", "2×误差/n"), t.say("tape", "磁带")), rows)
    sure = ", ".join(number(value) for value in (error**2))
    yield Paragraph(
        t.say(
            f"The loss is the mean of {sure}: {number(loss)}. Where the error is 0 the gradient is 0 too: that "
            "prediction needs no change. Numbers are measured in this way. Which class something belongs to is another "
            "question, and asks for another loss.",
            f"损失就是 {sure} 的平均：{number(loss)}。误差为 0 的地方，导数也是 0：那个预测不用改。"
            "预测的是数值，就这样衡量。要判断属于哪一类，则是另一种问题，需要另一种损失。",
        )
    )


def _exercises(t: Teller) -> Iterator[Block]:
    scores = np.array(probabilities.SCORES)
    shifted = ", ".join(number(one) for one in probabilities.softmax(scores + SHIFT))
    sums = {kind: float(flowers.by_tape(kind).biases.sum()) for kind in ("mse", "cross-entropy")}
    before, after = trained_once()
    yield from exercises(
        t,
        Exercise(
            t.say(
                f"Add {number(SHIFT)} to each of the scores {_scores()}. What happens to the probabilities?",
                f"把得分 {_scores()} 都加上 {number(SHIFT)}，概率会怎样变？",
            ),
            t.say(
                f"Nothing: they stay ({shifted}). Numerator and sum both grow by the same factor e^{number(SHIFT)}. "
                "Only differences of scores count; programs use this and subtract the largest score first, so that no "
                "power overflows.",
                f"不变，仍是 ({shifted})。分子和总和都乘上了同一个因子 e^{number(SHIFT)}。只有得分之差才起作用；"
                "程序正是利用这一点，先减去最大的得分，免得指数溢出。",
            ),
        ),
        Exercise(
            t.say(
                "Add up the three numbers of the row b in the table of gradients, for each loss. What comes out, and "
                "why?",
                "在梯度表里，把 b 那一行的三个数按损失分别加起来，得到什么？为什么？",
            ),
            t.say(
                f"0, up to rounding (the largest sum is {number(max(map(abs, sums.values())), 1)}). Probabilities "
                "always add up to 1, so what one class gains the others lose. To raise all biases alike changes "
                "nothing: see the first exercise.",
                f"都是 0（最大的和是 {number(max(map(abs, sums.values())), 1)}，只是舍入误差）。概率之和总是 1，"
                "一类多了，别的类就少了。所有偏置一起升高等于什么也没做，和第一题是同一个道理。",
            ),
        ),
        Exercise(
            t.say(
                f"Make one update of W and b by cross-entropy with learning rate {number(RATE)}. What is the loss "
                "before and after?",
                f"用交叉熵、学习率 {number(RATE)}，把 W 和 b 更新一次。更新前后的损失各是多少？",
            ),
            t.say(
                f"{number(before)} before, {number(after)} after.",
                f"更新前 {number(before)}，更新后 {number(after)}。",
            ),
        ),
    )


def _going_on(t: Teller) -> Iterator[Block]:
    yield Heading(t.say("Try next", "接下来试试"))
    yield Paragraph(
        t.say(
            "Let ravine walk both ways back from the sure and wrong guess, and compare the losses:",
            "让 ravine 从“又自信又错”的起点分别走这两条路，比较一下：",
        )
    )
    start = option(probabilities.SURE)
    yield Code(
        f'ravine descend "{probabilities.CROSS_ENTROPY}" --start {start} \\\n'
        f"    --learning-rate {probabilities.RATE:g} --steps {probabilities.STEPS} --out losses/entropy",
        "shell",
    )
    yield Code(
        'total = "(exp(a) + exp(b) + exp(c))"\n'
        'wrong = f"(exp(a)**2 + exp(b)**2)/{total}**2"\n'
        'squares = f"({wrong} + (exp(c)/{total} - 1)**2)/3"\n'
        'entropy = f"log{total} - c"\n'
        f"sure = {literal(probabilities.SURE)}\n"
        "for formula in (squares, entropy):\n"
        f"    print(rv.descend(formula, sure, learning_rate={probabilities.RATE:g}, steps={probabilities.STEPS}))"
    )
    yield from onward(
        t,
        "tensorboard",
        "a classifier of real images, and how to watch it while it learns.",
        "给真实的图像分类，并且边学边看。",
    )


def _scores() -> str:
    return f"({', '.join(number(score) for score in probabilities.SCORES)})"


LESSON = Lesson("losses", Text("Losses, softmax and the chain rule", "损失、softmax 和链式法则"), _blocks)
