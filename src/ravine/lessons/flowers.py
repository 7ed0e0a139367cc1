"""Flowers: the part of the lesson `losses` about the gradients of a layer: two samples, three classes, two losses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ravine import engine
from ravine.lessons.lesson import Block, Code, Heading, Paragraph, Table, Teller
from ravine.lessons.probabilities import softmax
from ravine.lessons.sketches import matrix
from ravine.lessons.wording import low, number
from ravine.view.scene import Scene

#: Two irises of Fisher's (1936), lengths and widths of sepals and petals in cm; one a setosa, one a versicolor.
FEATURES = np.array([[5.1, 3.5, 1.4, 0.2], [6.2, 2.9, 4.3, 1.3]])
LABELS = np.array([0, 1])
CLASSES = 3
SPREAD = 0.1
SEED = 46


@dataclass(frozen=True)
class Gradients:
    """Loss and gradients of a layer: ``weights`` [feature, class], ``biases`` [class]."""

    loss: float
    weights: np.ndarray
    biases: np.ndarray


def layer() -> tuple[np.ndarray, np.ndarray]:
    """Return small random weights [feature, class] and zero biases [class]."""
    weights = np.random.default_rng(SEED).normal(0.0, SPREAD, (FEATURES.shape[1], CLASSES))
    return weights.round(2) + 0.0, np.zeros(CLASSES)


def targets() -> np.ndarray:
    """Return 1 at the true class and 0 elsewhere, [sample, class]."""
    return np.eye(CLASSES)[LABELS]


def by_tape(kind: str) -> Gradients:
    """Return loss and gradients from the tape, by softmax and ``"mse"``, or by ``"cross-entropy"`` from logits."""
    tf = engine.tensorflow()
    start = layer()
    weights, biases = (tf.Variable(values, dtype="float64") for values in start)
    wanted = tf.constant(targets())
    with tf.GradientTape() as tape:
        logits = tf.constant(FEATURES) @ weights + biases
        if kind == "mse":
            loss = tf.reduce_mean((tf.nn.softmax(logits) - wanted) ** 2)
        else:
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(wanted, logits))
    return Gradients(float(loss), *(np.asarray(slope) for slope in tape.gradient(loss, [weights, biases])))


def on_paper(kind: str) -> Gradients:
    """Return the same from the closed forms: the gradient by the scores, then Xᵀ times it and its sum."""
    weights, biases = layer()
    p, wanted = softmax(FEATURES @ weights + biases), targets()
    if kind == "mse":
        loss = np.mean((p - wanted) ** 2)
        blame = 2 * (p - wanted) / p.size
        by_scores = np.stack([(np.diag(row) - np.outer(row, row)) @ part for row, part in zip(p, blame, strict=True)])
    else:
        loss = -np.mean(np.log(p[np.arange(len(p)), LABELS]))
        by_scores = (p - wanted) / len(p)
    return Gradients(float(loss), FEATURES.T @ by_scores, by_scores.sum(axis=0))


def blocks(t: Teller) -> Iterator[Block]:
    """Yield the gradients of one layer, by two losses."""
    weights, biases = layer()
    p = softmax(FEATURES @ weights + biases)
    found = {kind: by_tape(kind) for kind in ("mse", "cross-entropy")}
    paper = {kind: on_paper(kind) for kind in found}
    apart = max(float(np.abs(found[kind].weights - paper[kind].weights).max()) for kind in found)
    truth = p[np.arange(len(p)), LABELS]
    yield Heading(t.say("Two flowers, three classes", "两朵花，三个类别"))
    yield Paragraph(
        t.say(
            f"A whole layer now. Two samples, two flowers of the iris family, each with {FEATURES.shape[1]} features, "
            f"that is measured lengths in cm; {CLASSES} classes. The scores are X·W + b: X [{_shape(FEATURES)}] the "
            "features, W "
            f"[{_shape(weights)}] the weights, b [{CLASSES}] the biases. W begins at small random numbers, b at 0:",
            f"现在看完整的一层。两个样本（两朵鸢尾花），每个有 {FEATURES.shape[1]} 个特征（量得的长度，单位厘米），"
            f"共 {CLASSES} 个类别。得分是 X·W + b：X [{_shape(FEATURES)}] 是特征，W [{_shape(weights)}] 是权重，"
            f"b [{CLASSES}] 是偏置。W 取很小的随机数，b 取 0：",
        )
    )
    rows = tuple(
        (", ".join(number(one) for one in sample), str(label), ", ".join(number(one, 3) for one in row))
        for sample, label, row in zip(FEATURES, LABELS, p, strict=True)
    )
    header = (t.say("features", "特征"), t.say("true class", "真实类别"), t.say("probabilities", "概率"))
    yield Table(header, rows)
    yield Paragraph(
        t.say(
            "How wrong is that? Two losses are in use. The mean squared error compares all probabilities with the "
            "targets: 1 for the true class, 0 for the others. Cross-entropy (CE) looks at the true class only: "
            "−ln p, averaged over the samples. It is 0 if p = 1 and grows without bound as p goes to 0. Here they are "
            f"{number(found['mse'].loss)} and (−ln {number(truth[0])} − ln {number(truth[1])})/2 = "
            f"{number(found['cross-entropy'].loss)}. “From logits” means that TensorFlow gets the scores and does "
            "softmax and logarithm in one go, which loses no digits.",
            "错得有多远？常用的损失有两种。均方误差把所有概率与目标相比：真实类别的目标是 1，其余是 0。"
            "交叉熵只看真实类别：取 −ln p，再对样本取平均。p = 1 时它是 0，p 越接近 0，它就越大，没有上限。"
            f"这里两者分别是 {number(found['mse'].loss)} 和 "
            f"(−ln {number(truth[0])} − ln {number(truth[1])})/2 = {number(found['cross-entropy'].loss)}。"
            "所谓“from logits”，就是直接把得分交给 TensorFlow，让它把 softmax 和对数一起算，这样不损失精度。",
        )
    )
    yield _gradient_table(t, found)
    yield Paragraph(
        t.say(
            "These are the gradients by W (rows w) and by b (last row), a column for each class, once for MSE and "
            "once for cross-entropy. For cross-entropy the way "
            "back through softmax is short: the gradient by the scores is (p − target)/samples, nothing else. For the "
            "squared error it has to pass the Jacobian. From there it goes to W by Xᵀ, to b by summing over the "
            f"samples. Computed so on paper, all numbers agree with the tape to {number(apart, 1)}.",
            "这就是损失对 W 的梯度（w 各行）和对 b 的梯度（最后一行），每个类别一列，每种损失一份。"
            "用交叉熵时，穿过 softmax 往回走的路很短：对得分的梯度就是 (p − 目标)/样本数，别无其他。"
            "用均方误差时，则要乘上雅可比矩阵。再往后，乘 Xᵀ 得到对 W 的梯度，对样本求和得到对 b 的梯度。"
            f"照这样手算，所有数都与磁带相符，最多相差 {number(apart, 1)}。",
        )
    )
    yield t.picture("gradients", _gradient_scene(t, found), *_gradient_words(t))
    yield Code(_layer_code(weights))


def _gradient_words(t: Teller) -> tuple[str, str]:
    title = t.label("The gradient of one layer by two losses", "同一层、两种损失下的梯度")
    caption = t.say(
        "The gradients by weights and biases; each half has a color scale of its own.",
        "对权重和偏置的梯度；左右两半各用各的颜色深浅。",
    )
    return title, caption


def _gradient_names() -> list[str]:
    return [*(f"w{low(row)}" for row in range(FEATURES.shape[1])), "b"]


def _gradient_table(t: Teller, found: dict[str, Gradients]) -> Table:
    both = [np.vstack([one.weights, one.biases]) for one in found.values()]
    rows = tuple(
        (name, *(number(cell, 3) for part in both for cell in part[row])) for row, name in enumerate(_gradient_names())
    )
    squares, entropy = t.say("MSE", "均方误差"), t.say("CE", "交叉熵")
    header = tuple(f"{kind} {index}" for kind in (squares, entropy) for index in range(CLASSES))
    return Table(("", *header), rows)


def _gradient_scene(t: Teller, found: dict[str, Gradients]) -> Scene:
    titles = (t.label("Softmax and MSE", "softmax + 均方误差"), t.label("Cross-entropy from logits", "交叉熵"))
    columns = [str(index) for index in range(CLASSES)]
    panels = tuple(
        matrix(
            np.vstack([one.weights, one.biases]),
            _gradient_names(),
            columns,
            title=title,
            axes=(t.label("class", "类别"), ""),
        )
        for one, title in zip(found.values(), titles, strict=True)
    )
    return Scene("", panels, columns=2)


def _layer_code(weights: np.ndarray) -> str:
    rows = ",\n    ".join(str(row) for row in weights.tolist())
    return (
        f"X = tf.constant({FEATURES.tolist()})\n"
        f"target = tf.one_hot({LABELS.tolist()}, {CLASSES})\n"
        f"W = tf.Variable([\n    {rows},\n])\n"
        f"b = tf.Variable(tf.zeros({CLASSES}))\n"
        "with tf.GradientTape(persistent=True) as tape:\n"
        "    logits = X @ W + b\n"
        "    mse = tf.reduce_mean((tf.nn.softmax(logits) - target)**2)\n"
        "    each = tf.nn.softmax_cross_entropy_with_logits(target, logits)\n"
        "    entropy = tf.reduce_mean(each)\n"
        "for loss in (mse, entropy):\n"
        "    for slope in tape.gradient(loss, [W, b]):\n"
        "        print(slope.numpy())"
    )


def _shape(values: np.ndarray) -> str:
    return ", ".join(map(str, values.shape))
