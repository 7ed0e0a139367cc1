"""Chain: the part of the lesson `losses` about the chain rule, through one layer and through several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ravine import engine
from ravine.lessons.lesson import Block, Code, Heading, Paragraph, Table, Teller
from ravine.lessons.wording import literal, number

X, TARGET = 1.5, 1.0
ONE = {"w": 0.8, "b": -0.2}
SEVERAL = {"w1": 0.5, "w2": -1.2, "w3": 2.0}
FORMULA = f"(sigmoid(w3*tanh(w2*tanh(w1*{X:g}))) - {TARGET:g})**2"
RATE = 0.1


def one_forward() -> dict[str, float]:
    """Return z, p and the loss of one layer, in the order in which they are computed."""
    z = ONE["w"] * X + ONE["b"]
    p = 1 / (1 + np.exp(-z))
    return {"z": z, "p": float(p), "loss": float((p - TARGET) ** 2)}


def one_slopes() -> dict[str, float]:
    """Return the slope of every single step of one layer, from the loss back."""
    p = one_forward()["p"]
    return {"∂L/∂p": 2 * (p - TARGET), "∂p/∂z": p * (1 - p), "∂z/∂w": X, "∂z/∂b": 1.0}


def one_by_tape() -> dict[str, float]:
    """Return the gradient of one layer from the tape."""
    tf = engine.tensorflow()
    params = {name: tf.Variable(value, dtype="float64") for name, value in ONE.items()}
    with tf.GradientTape() as tape:
        loss = (tf.sigmoid(params["w"] * X + params["b"]) - TARGET) ** 2
    return {name: float(slope) for name, slope in tape.gradient(loss, params).items()}


def forward(weights: Mapping[str, float] = SEVERAL) -> dict[str, float]:
    """Return what three layers compute, in order."""
    h1 = np.tanh(weights["w1"] * X)
    h2 = np.tanh(weights["w2"] * h1)
    p = 1 / (1 + np.exp(-weights["w3"] * h2))
    return {"h1": float(h1), "h2": float(h2), "p": float(p), "loss": float((p - TARGET) ** 2)}


def backward() -> tuple[list[tuple[str, str, float, float]], dict[str, float]]:
    """Return the way back: each step with its equation, its slope and the product so far; and the gradient."""
    seen = forward()
    h1, h2, p = seen["h1"], seen["h2"], seen["p"]
    steps = [
        ("∂L/∂p", f"2·(p − {TARGET:g})", 2 * (p - TARGET)),
        ("∂p/∂z₃", "p·(1 − p)", p * (1 - p)),
        ("∂z₃/∂h₂", "w₃", SEVERAL["w3"]),
        ("∂h₂/∂z₂", "1 − h₂²", 1 - h2 * h2),
        ("∂z₂/∂h₁", "w₂", SEVERAL["w2"]),
        ("∂h₁/∂z₁", "1 − h₁²", 1 - h1 * h1),
    ]
    so_far = np.cumprod([slope for _, _, slope in steps]).tolist()
    rows = [(*step, product) for step, product in zip(steps, so_far, strict=True)]
    return rows, {"w3": so_far[1] * h2, "w2": so_far[3] * h1, "w1": so_far[5] * X}


def by_tape() -> dict[str, float]:
    """Return the gradient of three layers from the tape."""
    tf = engine.tensorflow()
    weights = {name: tf.Variable(value, dtype="float64") for name, value in SEVERAL.items()}
    with tf.GradientTape() as tape:
        hidden = tf.tanh(weights["w2"] * tf.tanh(weights["w1"] * X))
        loss = (tf.sigmoid(weights["w3"] * hidden) - TARGET) ** 2
    return {name: float(slope) for name, slope in tape.gradient(loss, weights).items()}


def stepped() -> dict[str, float]:
    """Return what three layers compute after one update."""
    _, gradient = backward()
    return forward({name: SEVERAL[name] - RATE * gradient[name] for name in SEVERAL})


def blocks(t: Teller) -> Iterator[Block]:
    """Yield the chain rule through one layer, then through three."""
    yield from _one(t)
    yield from _several(t)


def _one(t: Teller) -> Iterator[Block]:
    seen, slopes, taped = one_forward(), one_slopes(), one_by_tape()
    w, b = ONE.values()
    yield Heading(t.say("The chain rule through one layer", "链式法则：一层"))
    yield Paragraph(
        t.say(
            "How does the gradient find its way back? Take one neuron: z = w·x + b, p = σ(z) (the sigmoid), L = (p − "
            f"y)², with x = {number(X)}, w = {number(w)}, b = {number(b)} and the target y = {number(TARGET)}. "
            f"Forward: z = {number(w)}·{number(X)} + ({number(b)}) = {number(seen['z'])}, p = {number(seen['p'])}, L = "
            f"{number(seen['loss'])}. If w grows a little, z grows by ∂z/∂w times that, p by ∂p/∂z times that, L by "
            "∂L/∂p times that. So the slopes along the way multiply; this is the chain rule:",
            "梯度是怎样找到回去的路的？看一个神经元：z = w·x + b，p = σ(z)（sigmoid），L = (p − y)²，"
            f"其中 x = {number(X)}，w = {number(w)}，b = {number(b)}，目标 y = {number(TARGET)}。"
            f"往前算：z = {number(w)}·{number(X)} + ({number(b)}) = {number(seen['z'])}，p = {number(seen['p'])}，"
            f"L = {number(seen['loss'])}。w 增加一点点，z 就增加它的 ∂z/∂w 倍，p 再增加 ∂p/∂z 倍，"
            "L 再增加 ∂L/∂p 倍。所以沿途的导数要乘起来，这就是链式法则：",
        )
    )
    first, second = slopes["∂L/∂p"], slopes["∂p/∂z"]
    rows = tuple(
        (
            f"∂L/∂{name}",
            f"∂L/∂p · ∂p/∂z · ∂z/∂{name}",
            f"{number(first)} · {number(second)} · {number(slopes[f'∂z/∂{name}'])}",
            number(first * second * slopes[f"∂z/∂{name}"]),
            number(taped[name]),
        )
        for name in ONE
    )
    header = (t.say("slope", "导数"), t.say("chain", "链"), t.say("numbers", "代入数字"))
    yield Table((*header, t.say("product", "乘积"), t.say("tape", "磁带")), rows)


def _several(t: Teller) -> Iterator[Block]:
    seen, taped = forward(), by_tape()
    rows, gradient = backward()
    after = stepped()
    yield Heading(t.say("The chain rule through several layers", "链式法则：好几层"))
    yield Paragraph(
        t.say(
            f"Three neurons in a row, without biases: h₁ = tanh(w₁·x), h₂ = tanh(w₂·h₁), p = σ(w₃·h₂), L = (p − y)², "
            f"with (w₁, w₂, w₃) = ({', '.join(number(one) for one in SEVERAL.values())}) and the same x and y. The z "
            f"are the products inside. Forward: h₁ = {number(seen['h1'])}, h₂ = {number(seen['h2'])}, p = "
            f"{number(seen['p'])}, L = {number(seen['loss'])}. Backward we carry one number along, the slope of L by "
            "what we have reached, and multiply it at each step:",
            "三个神经元排成一串，不要偏置：h₁ = tanh(w₁·x)，h₂ = tanh(w₂·h₁)，p = σ(w₃·h₂)，L = (p − y)²，"
            f"其中 (w₁, w₂, w₃) = ({', '.join(number(one) for one in SEVERAL.values())})，x 和 y 同上，"
            f"z 是括号里的乘积。往前算：h₁ = {number(seen['h1'])}，h₂ = {number(seen['h2'])}，"
            f"p = {number(seen['p'])}，L = {number(seen['loss'])}。往回走时，手里只带着一个数，"
            "就是 L 对“现在走到的这个量”的导数，每走一步乘一次：",
        )
    )
    header = (t.say("step back", "往回一步"), t.say("equation", "公式"), t.say("slope", "导数"))
    cells = tuple((name, equation, number(slope), number(product)) for name, equation, slope, product in rows)
    yield Table((*header, t.say("product so far", "到此为止的乘积")), cells)
    yield Paragraph(
        t.say(
            "Each weight gets the product at its own z, times what the weight is multiplied by:",
            "每个权重的导数，就是走到它那个 z 时的乘积，再乘上这个权重所乘的那个数：",
        )
    )
    yield _weights_table(t, rows, gradient, taped, seen)
    yield Paragraph(
        t.say(
            "Every activation makes the number that we carry smaller, for its slope is at most 1; a weight makes it "
            f"larger or smaller. It is {number(abs(rows[1][3]), 3)} at z₃, "
            f"{number(abs(rows[3][3]), 3)} at z₂ and {number(abs(rows[5][3]), 3)} at z₁, the sign aside. "
            "No part is computed twice, which is why the way back costs about as much as the way forward, however "
            "many weights there are. It is called "
            f"backpropagation, and it is what the tape does. One update with learning rate {number(RATE)} takes the "
            f"loss from {number(seen['loss'])} to {number(after['loss'])}.",
            "每过一个激活函数，手里那个数就变小，因为它的导数不超过 1；每过一个权重，则可能变大，也可能变小。"
            f"不看符号，它在 z₃ 处是 {number(abs(rows[1][3]), 3)}，在 z₂ 处是 {number(abs(rows[3][3]), 3)}，"
            f"在 z₁ 处是 {number(abs(rows[5][3]), 3)}。没有哪一步要算两遍，所以不管有多少权重，"
            "往回走一趟的代价和往前算一趟差不多。这就叫反向传播，磁带做的正是这件事。"
            f"用学习率 {number(RATE)} 更新一次，损失从 {number(seen['loss'])} 变成 {number(after['loss'])}。",
        )
    )
    yield Code(
        "import ravine as rv\n\n"
        f'problem = rv.Problem("{FORMULA}")\n'
        f"start = {literal(SEVERAL)}\n"
        f"run = rv.descend(problem, start, learning_rate={RATE:g}, steps=1)\n"
        'print(run.dataset["gradient"].values[0, 0])   # by w1, w2, w3\n'
        'print(run.dataset["loss"].values[0])          # before and after'
    )


def _weights_table(
    t: Teller,
    rows: list[tuple[str, str, float, float]],
    gradient: dict[str, float],
    taped: dict[str, float],
    seen: dict[str, float],
) -> Table:
    met = {"w3": ("h₂", seen["h2"], rows[1][3]), "w2": ("h₁", seen["h1"], rows[3][3]), "w1": ("x", X, rows[5][3])}
    cells = tuple(
        (
            f"∂L/∂w{'₁₂₃'[int(name[1]) - 1]}",
            f"∂L/∂z{'₁₂₃'[int(name[1]) - 1]} · {what}",
            f"{number(product)} · {_bracketed(value)}",
            number(gradient[name]),
            number(taped[name]),
        )
        for name, (what, value, product) in met.items()
    )
    header = (t.say("slope", "导数"), t.say("chain", "链"), t.say("numbers", "代入数字"))
    return Table((*header, t.say("product", "乘积"), t.say("tape", "磁带")), cells)


def _bracketed(value: float) -> str:
    return number(value) if value >= 0 else f"({number(value)})"
