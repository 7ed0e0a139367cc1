"""Ascent: the part of the lesson `tape` about the gradient as an arrow, and the step against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ravine import engine
from ravine.lessons.lesson import Block, Code, Heading, Paragraph, Table, Teller
from ravine.lessons.sketches import arrows
from ravine.lessons.wording import number, point
from ravine.loop import descend
from ravine.surface import survey
from ravine.view.palette import BLUE, GRAY, GREEN, INK, RED
from ravine.view.plots.surfaces import contour
from ravine.view.scene import Axis, Dots, Line, Panel, Rule, Scene

FORMULA = "a**2 + 3*b**2"
START = {"a": 2.0, "b": 1.0}
RATE = 0.1
STRIDE = 0.0001
BOX = {"a": (-3.0, 3.0), "b": (-3.0, 3.0)}
_DIRECTIONS = 3600
_SIDE = 7
_LONGEST = 0.75
_LONG = 1.2


@dataclass(frozen=True)
class Level:
    """A direction along a contour line.

    Parameters
    ----------
    along
        The direction, of length 1.
    product
        Its product with the gradient.
    change
        What a stride in this direction changes the function by.
    """

    along: np.ndarray
    product: float
    change: float


def height(place: np.ndarray) -> np.ndarray:
    """Return f at places, [..., 2].

    Examples
    --------
    >>> float(height(np.array([2.0, 1.0])))
    7.0
    """
    return place[..., 0] ** 2 + 3 * place[..., 1] ** 2


def gradients(places: np.ndarray) -> np.ndarray:
    """Return the gradient of f at places, [place, 2], from the tape."""
    tf = engine.tensorflow()
    here = tf.Variable(np.asarray(places, float))
    with tf.GradientTape() as tape:
        f = here[:, 0] ** 2 + 3 * here[:, 1] ** 2
    return np.asarray(tape.gradient(f, here))


def gradient() -> np.ndarray:
    """Return the gradient of f at the start, [2]."""
    return gradients(_start()[None])[0]


def rises(directions: np.ndarray) -> np.ndarray:
    """Return by how much f grows per unit of length when one walks a stride from the start, [direction]."""
    start = _start()
    return (height(start + STRIDE * directions) - height(start)) / STRIDE


def compass() -> tuple[np.ndarray, np.ndarray]:
    """Return angles in degrees all around, and the directions there, [angle, 2]."""
    degrees = np.arange(_DIRECTIONS) * 360 / _DIRECTIONS
    return degrees, np.stack([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], axis=1)


def along_the_contour() -> Level:
    """Return the direction that is the gradient's, turned left by 90 degrees."""
    slope = gradient()
    along = np.array([-slope[1], slope[0]]) / np.hypot(*slope)
    start = _start()
    return Level(along, float(along @ slope), float(height(start + STRIDE * along) - height(start)))


def blocks(t: Teller) -> Iterator[Block]:
    """Yield the gradient as an arrow, then the update."""
    yield from _arrow(t)
    yield from _update(t)


def _arrow(t: Teller) -> Iterator[Block]:
    slope = gradient()
    length, (degrees, around) = float(np.hypot(*slope)), compass()
    measured = rises(around)
    best = int(np.argmax(measured))
    toward = float(np.degrees(np.arctan2(slope[1], slope[0])))
    yield Heading(t.say("The gradient: an arrow that points uphill", "梯度：指向上坡的箭头"))
    yield Paragraph(
        t.say(
            f"Take f = a² + 3·b², which Python writes as {FORMULA}, a valley over the plane of a and b, and stand "
            f"at (a, b) = {point(START)}. Its two partial derivatives, 2·a and 6·b, side by side are "
            f"a vector, an arrow: the gradient ∇f = ({number(slope[0])}, {number(slope[1])}). Its length is "
            f"√({number(slope[0])}² + {number(slope[1])}²) = {number(length)}. What does the arrow mean? Walk a tiny "
            f"stride of length {number(STRIDE)} in {_DIRECTIONS} directions all around and measure how "
            "fast f rises. Angles count from the a axis:",
            f"取 f = a² + 3·b²（Python 里写成 {FORMULA}），它在 a、b 平面上是一个山谷。站在 (a, b) = {point(START)}，"
            f"两个偏导数是 2·a 和 6·b，并排写在一起就是一个向量，一支箭头：梯度 ∇f = "
            f"({number(slope[0])}, {number(slope[1])})。"
            f"它的长度是 √({number(slope[0])}² + {number(slope[1])}²) = {number(length)}。"
            f"这支箭头说明什么？朝四周 {_DIRECTIONS} 个方向各走长度 {number(STRIDE)} 的一小步，量一量 f 上升得有多快。"
            "角度从 a 轴量起：",
        )
    )
    yield _directions(t, slope)
    yield Paragraph(
        t.say(
            f"Of all directions f rises fastest at {number(degrees[best])}°, by {number(measured[best])} per unit of "
            f"length. The gradient points to {number(toward)}°, and its length is {number(length)}: the gradient is "
            "the direction of steepest ascent, and its length says how steep it is there. Against it f falls fastest, "
            "and at a right angle to it f stays level: arrows cross contour lines, the lines of equal f, at right "
            "angles.",
            f"所有方向里，f 在 {number(degrees[best])}° 方向上升得最快，每单位长度上升 {number(measured[best])}。"
            f"而梯度指向 {number(toward)}°，长度是 {number(length)}：梯度就是上升最快的方向，它的长度就是那里的坡度。"
            "逆着它走，f 下降最快；与它垂直，f 不升不降。所以箭头总是垂直穿过等高线（f 相等的线）。",
        )
    )
    title = t.label("Gradients point uphill, at right angles to the contours", "梯度指向上坡，与等高线垂直")
    caption = t.say(
        "Left: f from above with its gradients, shortened alike; at the start the gradient (red) and the way against "
        "it (green), both of one length to be seen. Right: measured rise of f in all directions from the start; the "
        "dashed lines are plus and minus the gradient's length.",
        "左：从上往下看 f 和各处的梯度（深色箭头按同一比例缩短）；起点处红色是梯度，绿色是它的反方向（为了看清，"
        "两支画得一样长）。右：从起点朝各个方向量得的坡度；虚线是正、负的梯度长度。",
    )
    panels = (_arrows_panel(t, slope), _compass_panel(t, slope))
    yield t.picture("gradients", Scene("", panels, f"f = {FORMULA}", columns=2), title, caption)


def _directions(t: Teller, slope: np.ndarray) -> Table:
    unit = slope / np.hypot(*slope)
    named = (
        (t.say("along a", "沿 a 轴"), np.array([1.0, 0.0])),
        (t.say("along b", "沿 b 轴"), np.array([0.0, 1.0])),
        (t.say("along the gradient", "沿梯度"), unit),
        (t.say("along the contour line", "沿等高线"), along_the_contour().along),
        (t.say("against the gradient", "逆着梯度"), -unit),
    )
    rows = tuple(
        (
            name,
            f"{number(np.degrees(np.arctan2(one[1], one[0])) % 360)}°",
            f"{float(rises(one[None])[0]):.3f}".replace("-", "−"),
            f"{float(slope @ one) + 0.0:.3f}".replace("-", "−"),
        )
        for name, one in named
    )
    header = (t.say("direction", "方向"), t.say("angle", "角度"), t.say("measured rise", "量得的坡度"))
    return Table((*header, t.say("∇f · direction", "∇f · 方向")), rows)


def _update(t: Teller) -> Iterator[Block]:
    slope = gradient()
    run = descend(FORMULA, START, "sgd", learning_rate=RATE, steps=1, dtype="float64")
    after, losses = run.at(1), run.dataset["loss"].values[0]
    yield Heading(t.say("The update: a step against the arrow", "更新：逆着箭头走一步"))
    yield Paragraph(
        t.say(
            "To go down, step against the gradient: θ ← θ − α·∇f(θ). Here θ stands for all numbers that may be "
            "changed, the parameters (a and b); ∇f(θ) is the gradient where they are now; α is the learning rate, a "
            "small number that says how far to go; and the arrow ← says that the new values replace the old ones. "
            f"With α = {number(RATE)}:",
            "要下山，就逆着梯度走：θ ← θ − α·∇f(θ)。这里 θ 代表所有可以改的数，叫参数（就是 a 和 b）；"
            "∇f(θ) 是当前位置的梯度；α 叫学习率，是一个不大的数，决定走多远；箭头 ← 表示用新值替换旧值。"
            f"取 α = {number(RATE)}：",
        )
    )
    rows = tuple(
        (name, number(START[name]), number(part), number(RATE * part), number(START[name] - RATE * part),
         number(after[name]))
        for name, part in zip(START, slope.tolist(), strict=True)
    )  # fmt: skip
    header = (t.say("parameter", "参数"), t.say("before", "更新前"), t.say("gradient", "梯度"), "α·∇f")
    yield Table((*header, t.say("by hand", "手算"), t.say("by ravine", "ravine")), rows)
    yield Paragraph(
        t.say(
            f"One such step takes f from {number(losses[0])} to {number(losses[1])}.",
            f"这样走一步，f 从 {number(losses[0])} 降到 {number(losses[1])}。",
        )
    )
    yield Code(
        f"theta = tf.Variable([{START['a']}, {START['b']}])\n"
        "with tf.GradientTape() as tape:\n"
        "    f = theta[0]**2 + 3 * theta[1]**2\n"
        f"theta.assign_sub({RATE:g} * tape.gradient(f, theta))   # the update\n"
        f"print(theta.numpy())   # {after['a']:g}, {after['b']:g}"
    )


def _arrows_panel(t: Teller, slope: np.ndarray) -> Panel:
    """Return f from above, an arrow at each place of a grid, and the two ways at the start."""
    run = descend(FORMULA, START, learning_rate=RATE, steps=0)
    (panel,) = contour(run, survey(run.problem, BOX)).panels
    (low, high), start = BOX["a"], _start()
    grid = np.linspace(low, high, _SIDE + 2)[1:-1]
    tails = np.stack(np.meshgrid(grid, grid), axis=2).reshape(-1, 2)
    tails = tails[np.hypot(*(tails - start).T) > _LONG]  # no arrow hides those of the start
    vectors = gradients(tails)
    vectors = vectors * (_LONGEST / np.hypot(*vectors.T).max())
    unit = slope / np.hypot(*slope)
    uphill, downhill = t.label("gradient at the start", "起点处的梯度"), t.label("against it", "反方向")
    marks = (
        panel.marks[0],
        arrows(tails, vectors, head=0.16, width=1.6, label=t.label("gradients", "梯度")),
        arrows(start[None], _LONG * unit[None], color=RED, width=4, head=0.25, label=uphill),
        arrows(start[None], -_LONG * unit[None], color=GREEN, width=4, head=0.25, label=downhill),
        Dots(start[:1], start[1:], color=RED, size=11, halo=True),
    )
    return replace(panel, marks=marks, diagonal=True, title=t.label("f from above", "从上往下看 f"))


def _compass_panel(t: Teller, slope: np.ndarray) -> Panel:
    degrees, around = compass()
    length, toward = float(np.hypot(*slope)), float(np.degrees(np.arctan2(slope[1], slope[0])))
    ends, here = np.array([0.0, 360.0]), np.array([length])
    uphill, downhill = t.label("gradient", "梯度"), t.label("against it", "反方向")
    marks = (
        Rule(0.0, color=GRAY),
        *(Line(ends, np.full(2, sign * length), color=INK, width=1.2, dash="dashed") for sign in (1, -1)),
        Line(degrees, rises(around), color=BLUE, width=2.6, label=t.label("measured rise", "量得的坡度")),
        Dots(np.array([toward]), here, color=RED, size=11, label=uphill),
        Dots(np.array([toward + 180]), -here, color=GREEN, size=11, shape="diamond", label=downhill),
    )
    quarters = tuple((float(angle), f"{angle}°") for angle in range(0, 361, 90))
    x = Axis(t.label("direction, from the a axis", "方向（从 a 轴量起）"), limits=(0.0, 360.0), ticks=quarters)
    y = Axis(t.label("rise per unit of length", "每单位长度的升高"))
    return Panel(x, y, marks, title=t.label("Steepness in all directions", "各个方向的坡度"))


def _start() -> np.ndarray:
    return np.array(list(START.values()))
