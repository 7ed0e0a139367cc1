"""The lesson `tape`: what a slope is, how TensorFlow's tape finds it, and which way it points."""

from __future__ import annotations

from collections.abc import Iterator

from ravine import engine
from ravine.lessons import ascent
from ravine.lessons.course import exercises, onward
from ravine.lessons.lesson import Block, Code, Exercise, Heading, Lesson, Paragraph, Quote, Table, Teller, Text
from ravine.lessons.wording import literal, number, option, point

AT = 3.0
NUDGES = (1.0, 0.1, 0.01, 0.001)
W, X = 2.0, 3.0
POINT = {"w": 1.0, "b": 2.0, "x": 3.0}


def nudged(width: float) -> float:
    """Return by how much x² grows from x = 3 on, per unit of x, over a piece of this width."""
    return ((AT + width) ** 2 - AT**2) / width


def slope_of_square() -> float:
    """Return the slope of x² at x = 3, from the tape."""
    tf = engine.tensorflow()
    x = tf.Variable(AT, dtype="float64")
    with tf.GradientTape() as tape:
        y = x**2
    return float(tape.gradient(y, x))


def recorded() -> dict[str, float | None]:
    """Return ∂y/∂w of y = w·x as four tapes know it; None of those that have no way from y back to w."""
    tf = engine.tensorflow()
    x, variable, constant = tf.constant(X), tf.Variable(W), tf.constant(W)
    early = variable * x
    found: dict[str, float | None] = {}
    for case, w in (("inside", variable), ("before", variable), ("constant", constant), ("watched", constant)):
        with tf.GradientTape() as tape:
            if case == "watched":
                tape.watch(w)
            y = early if case == "before" else w * x
        slope = tape.gradient(y, w)
        found[case] = None if slope is None else float(slope)
    return found


def asked_twice() -> str:
    """Return what TensorFlow says to whoever asks a tape twice that may be used once."""
    tf = engine.tensorflow()
    w = tf.Variable(W)
    with tf.GradientTape() as tape:
        y = w**2
    tape.gradient(y, w)
    try:
        tape.gradient(y, w)
    except RuntimeError as refusal:
        return str(refusal)
    raise AssertionError("TensorFlow played an ordinary tape twice")


def persistent() -> tuple[float, float]:
    """Return the slopes of w² and w³ from one tape that persists."""
    tf = engine.tensorflow()
    w = tf.Variable(W, dtype="float64")
    with tf.GradientTape(persistent=True) as tape:
        square, cube = w**2, w**3
    return float(tape.gradient(square, w)), float(tape.gradient(cube, w))


def second_order() -> dict[str, float | None]:
    """Return derivatives of y = w·x² + w·b at w = 1, b = 2, x = 3, those of second order from a tape around a tape."""
    tf = engine.tensorflow()
    w, b, x = (tf.Variable(POINT[name], dtype="float64") for name in ("w", "b", "x"))
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape() as inner:
            y = w * x**2 + w * b
        by_w, by_b, by_x = inner.gradient(y, [w, b, x])
    twice = {"x, x": outer.gradient(by_x, x), "x, w": outer.gradient(by_x, w), "b, b": outer.gradient(by_b, b)}
    every = {"w": by_w, "b": by_b, "x": by_x, **twice}
    return {name: None if slope is None else float(slope) for name, slope in every.items()}


def _blocks(t: Teller) -> Iterator[Block]:
    yield from _slope(t)
    yield from _memory(t)
    yield from _once(t)
    yield from _twice(t)
    yield from ascent.blocks(t)
    yield from _exercises(t)
    yield from _going_on(t)


def _slope(t: Teller) -> Iterator[Block]:
    by_tape = slope_of_square()
    yield Heading(t.say("What is a slope?", "什么是导数？"))
    yield Paragraph(
        t.say(
            f"Take y = x² and stand at x = {number(AT)}. Move x a little to the right: how much does y grow, for each "
            "unit that x moved? The smaller the move, the closer the answer comes to one number. That number is the "
            "slope of y at this place; mathematicians call it the derivative and write ∂y/∂x.",
            f"取 y = x²，站在 x = {number(AT)} 这一点。把 x 往右挪一小段：平均每挪 1 个单位，y 增加多少？"
            "挪得越少，答案就越接近一个固定的数。这个数就是 y 在这一点的斜率，数学上叫导数，记作 ∂y/∂x。",
        )
    )
    rows = tuple((number(width), number(nudged(width), 6)) for width in NUDGES)
    header = (t.say("x moves by", "x 挪动"), t.say("growth of y ÷ move", "y 的增量 ÷ 挪动量"))
    yield Table(header, rows)
    yield Paragraph(
        t.say(
            f"On paper the rule is ∂y/∂x = 2·x, so {number(2 * AT)}. TensorFlow finds the same number, "
            f"{number(by_tape)}, without moving anything: while it computes y it writes down every operation, as on "
            "a tape, and then plays the tape backward, multiplying the slopes of these operations. This is called "
            "automatic differentiation. It is exact up to rounding, whatever the formula.",
            f"手算的规则是 ∂y/∂x = 2·x，也就是 {number(2 * AT)}。TensorFlow 不用挪动任何东西，"
            f"就得到同一个数 {number(by_tape)}：它在计算 y 的同时，把每一步运算都记下来，"
            "像录在一盘磁带上（所以叫 GradientTape，梯度带）；"
            "求导时再把磁带倒着放，把各步运算的导数依次乘起来。这叫自动微分。不管公式多复杂，除了舍入误差，"
            "结果都是精确的。",
        )
    )
    yield Code(
        "import tensorflow as tf\n\n"
        f"x = tf.Variable({AT})\n"
        "with tf.GradientTape() as tape:      # start recording\n"
        "    y = x**2\n"
        f"print(tape.gradient(y, x).numpy())   # play it backward: {by_tape:g}"
    )


def _memory(t: Teller) -> Iterator[Block]:
    found = recorded()
    yield Heading(t.say("What has the tape seen?", "磁带看见了什么？"))
    yield Paragraph(
        t.say(
            "A tape knows only what happened while it was running, and it follows only what it was told to watch. "
            "Variables, numbers that are meant to be changed, it watches by itself; constants it does not. Here is "
            f"y = w·x with w = {number(W)} and x = {number(X)}, recorded in four ways. The slope ∂y/∂w is x:",
            "磁带只知道开着的时候发生的事，也只跟踪它该跟踪的东西。变量（以后要改的数）它自动跟踪，常量则不会。"
            f"下面用四种方式记录 y = w·x，其中 w = {number(W)}，x = {number(X)}；∂y/∂w 应当等于 x：",
        )
    )
    said = {
        "inside": t.say("w is a variable, y computed under the tape", "w 是变量，y 在磁带开着时计算"),
        "before": t.say("w is a variable, y computed before the tape", "w 是变量，y 在磁带打开之前已经算好"),
        "constant": t.say("w is a constant", "w 是常量"),
        "watched": t.say("w is a constant, and tape.watch(w) was called", "w 是常量，但调用了 tape.watch(w)"),
    }
    rows = tuple((said[case], "None" if slope is None else number(slope)) for case, slope in found.items())
    yield Table((t.say("what was recorded", "记录的情形"), "∂y/∂w"), rows)
    yield Paragraph(
        t.say(
            "None is not zero. Zero would mean: y does not change when w does. None means: there is no recorded way "
            "from y back to w, so the tape can't say. It is a frequent surprise for beginners; look for a "
            "constant that should be a variable, or for a computation outside of the tape.",
            "None 不是 0。0 的意思是：w 变了，y 也不变。None 的意思是：磁带上没有从 y 回到 w 的路，所以它说不出来。"
            "这是初学者常遇到的意外；遇到时先查两件事：该用变量的地方是不是用了常量，计算是不是写在了磁带外面。",
        )
    )
    yield Code(
        f"x, w, c = tf.constant({X}), tf.Variable({W}), tf.constant({W})\n"
        "early = w * x\n"
        "with tf.GradientTape() as tape:\n"
        "    pass\n"
        "print(tape.gradient(early, w))         # None: not seen\n"
        "with tf.GradientTape() as tape:\n"
        "    tape.watch(c)                      # without this line: None\n"
        "    y = c * x\n"
        f"print(tape.gradient(y, c).numpy())     # {found['watched']:g}"
    )


def _once(t: Teller) -> Iterator[Block]:
    square, cube = persistent()
    yield Heading(t.say("Once, or as often as you like", "用一次，还是反复用"))
    yield Paragraph(
        t.say(
            "Playing a tape backward frees its memory, so an ordinary tape answers once. Whoever asks again is told:",
            "磁带倒放一遍之后，占用的内存就释放了，所以普通的磁带只能回答一次。再问第二次，TensorFlow 会报错：",
        )
    )
    yield Quote(asked_twice())
    yield Paragraph(
        t.say(
            "With persistent=True it keeps its memory and answers as often as you like. From one such tape, at w = "
            f"{number(W)}: the slope of w² is {number(square)} and the slope of w³ is {number(cube)}. Several slopes "
            "of one and the same y don't need it: tape.gradient(y, [w, x]) asks once for both.",
            "加上 persistent=True，它就保留内存，可以反复问。用同一盘这样的磁带，"
            f"在 w = {number(W)} 处：w² 的导数是 {number(square)}，w³ 的导数是 {number(cube)}。"
            "如果只是要同一个 y 的几个导数，并不需要它：tape.gradient(y, [w, x]) 一次就问了两个。",
        )
    )
    yield Code(
        "with tf.GradientTape(persistent=True) as tape:\n"
        "    square, cube = w**2, w**3\n"
        f"print(tape.gradient(square, w).numpy())   # {square:g}\n"
        f"print(tape.gradient(cube, w).numpy())     # {cube:g}\n"
        "del tape                                  # frees the memory"
    )


def _twice(t: Teller) -> Iterator[Block]:
    found = second_order()
    w, b, x = POINT.values()
    place = ", ".join(f"{name} = {number(value)}" for name, value in POINT.items())
    yield Heading(t.say("The slope of a slope", "导数的导数"))
    yield Paragraph(
        t.say(
            f"With several variables there is a slope for each: let one move and hold the others. These are the "
            f"partial derivatives. Here are those of y = w·x² + w·b at {place}. And how does ∂y/∂x itself change with "
            "x? That is the second derivative ∂²y/∂x²: how strongly the curve bends, its curvature. An outer tape "
            "records what the inner one computes:",
            "有好几个变量时，每个变量各有一个导数：只让它动，别的都不动，这叫偏导数。"
            f"下面是 y = w·x² + w·b 在 {place} 处的偏导数。那么 ∂y/∂x 自己又随 x 怎样变化？这就是二阶导数 ∂²y/∂x²，"
            "它说明曲线弯得有多厉害，也就是曲率。做法是在外面再套一盘磁带，录下里面那盘的计算：",
        )
    )
    rows = (
        ("∂y/∂x", f"2·w·x = {number(2 * w * x)}", _shown(found["x"])),
        ("∂y/∂b", f"w = {number(w)}", _shown(found["b"])),
        ("∂²y/∂x²", f"2·w = {number(2 * w)}", _shown(found["x, x"])),
        ("∂²y/∂x∂w", f"2·x = {number(2 * x)}", _shown(found["x, w"])),
    )
    yield Table((t.say("derivative", "导数"), t.say("on paper", "手算"), t.say("by the tape", "磁带")), rows)
    yield Code(
        f"w, b, x = (tf.Variable(value) for value in ({w}, {b}, {x}))\n"
        "with tf.GradientTape() as outer:\n"
        "    with tf.GradientTape() as inner:\n"
        "        y = w * x**2 + w * b\n"
        "    by_x, by_b = inner.gradient(y, [x, b])   # still under the outer tape\n"
        "bend = outer.gradient(by_x, x)\n"
        f"print(by_x.numpy(), by_b.numpy(), bend.numpy())   # {found['x']}, {found['b']}, {found['x, x']}"
    )


def _exercises(t: Teller) -> Iterator[Block]:
    found, level = second_order(), ascent.along_the_contour()
    _, b, x = POINT.values()
    place = ", ".join(f"{name} = {number(value)}" for name, value in POINT.items())
    yield from exercises(
        t,
        Exercise(
            t.say(f"y = w·x² + w·b at {place}: what is ∂y/∂w?", f"y = w·x² + w·b，在 {place} 处，∂y/∂w 是多少？"),
            t.say(
                f"x² + b = {number(x**2 + b)}. The tape says {_shown(found['w'])}.",
                f"x² + b = {number(x**2 + b)}。磁带的答案是 {_shown(found['w'])}。",
            ),
        ),
        Exercise(
            t.say(
                "Ask the outer tape for ∂²y/∂b². On paper it is 0. What does the tape return, and why?",
                "用外层磁带求 ∂²y/∂b²。手算是 0。磁带会返回什么？为什么？",
            ),
            t.say(
                f"{_shown(found['b, b'])}. ∂y/∂b = w doesn't contain b at all, so no way leads from it back to b. With "
                'unconnected_gradients="zero" the tape answers 0 in such cases.',
                f"{_shown(found['b, b'])}。∂y/∂b = w，里面根本没有 b，所以没有一条路能回到 b。"
                '加上 unconnected_gradients="zero"，磁带在这种情况下就返回 0。',
            ),
        ),
        Exercise(
            t.say(
                f"On {ascent.FORMULA} at {point(ascent.START)}: in which direction does f neither rise nor fall?",
                f"对 {ascent.FORMULA}，站在 {point(ascent.START)}：往哪个方向走，f 既不升也不降？",
            ),
            t.say(
                f"At a right angle to the gradient, along the contour line: for instance ({number(level.along[0])}, "
                f"{number(level.along[1])}). The product with the gradient is {number(level.product)}, and a step of "
                f"length {number(ascent.STRIDE)} changes f by only {number(level.change, 2)}.",
                f"与梯度垂直的方向，也就是沿着等高线走，例如 ({number(level.along[0])}, {number(level.along[1])})。"
                f"它与梯度的乘积是 {number(level.product)}；往那里走长度 {number(ascent.STRIDE)} 的一小步，"
                f"f 只变化 {number(level.change, 2)}。",
            ),
        ),
    )


def _going_on(t: Teller) -> Iterator[Block]:
    yield Heading(t.say("Try next", "接下来试试"))
    yield Paragraph(
        t.say(
            "Repeat the update and you have gradient descent. Ravine does it for any formula, and draws the way:",
            "把更新一遍遍重复下去，就是梯度下降。ravine 可以对任何公式这样做，并把走过的路画出来：",
        )
    )
    start = option(ascent.START)
    yield Code(
        f'ravine descend "{ascent.FORMULA}" --start {start} \\\n'
        f"    --learning-rate {ascent.RATE:g} --steps 30 --out tape/mine",
        "shell",
    )
    yield Code(
        "import ravine as rv\n\n"
        f"start = {literal(ascent.START)}\n"
        f'run = rv.descend("{ascent.FORMULA}", start, learning_rate={ascent.RATE:g}, steps=30)\n'
        "print(run.to_dataframe())   # every step: parameters, gradient, loss"
    )
    yield from onward(
        t,
        "parabola",
        "one variable and a smarter rule than the plain update, followed step by step.",
        "只有一个变量，用一种比普通更新更聪明的规则，一步一步跟着它走。",
    )


def _shown(slope: float | None) -> str:
    return "None" if slope is None else number(slope)


LESSON = Lesson("tape", Text("What a slope is, and how a tape finds it", "导数是什么，磁带怎样求出它"), _blocks)
