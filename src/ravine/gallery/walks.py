"""Walks: the descents of the lessons that a reader can follow step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ravine.lessons import ascent, bends, cubic, five_points, handwriting, line, parabola, probabilities, two_layer
from ravine.lessons.data import five_points as five_data
from ravine.lessons.lesson import Text
from ravine.lessons.two_parameters import RATE, descend_by, problem_of
from ravine.loop import descend
from ravine.problem import Problem
from ravine.run import Run

_SHORT = 30


@dataclass(frozen=True)
class Walk:
    """A descent with a name: ``run`` computes it."""

    title: Text
    run: Callable[[], Run]


def _tape() -> Run:
    return descend(ascent.FORMULA, ascent.START, learning_rate=ascent.RATE, steps=_SHORT)


def _parabola() -> Run:
    return descend(parabola.FORMULA, parabola.START, "adam", learning_rate=parabola.RATE, steps=parabola.STEPS)


def _five_points() -> Run:
    data, start = five_data()
    problem = Problem(five_points.FORMULA, data, loss="half_sse")
    return descend(problem, start, "sgd", learning_rate=five_points.RATE, steps=five_points.STEPS)


def _three_starts(formula: str, rate: float = RATE) -> Callable[[], Run]:
    return lambda: descend_by(problem_of(formula), rate)


#: By the lesson's name; a lesson without a row has none.
WALKS: Mapping[str, tuple[Walk, ...]] = {
    "tape": (Walk(Text("Down the valley of the arrows", "沿着箭头的反方向下山"), _tape),),
    "parabola": (Walk(Text("Adam on the parabola", "抛物线上的 Adam"), _parabola),),
    "line": (
        Walk(Text("Three starts with rate 0.1", "三个起点，学习率 0.1"), _three_starts(line.FORMULA)),
        Walk(
            Text("Exactly at the edge: rate 1", "恰好在边界上：学习率 1"), _three_starts(line.FORMULA, line.EDGE_RATE)
        ),
    ),
    "cubic": (Walk(Text("Three starts in the longer bowl", "长碗里的三个起点"), _three_starts(cubic.FORMULA)),),
    "five-points": (Walk(Text("Five points and their line", "五个点和它们的直线"), _five_points),),
    "two-layer": (Walk(Text("Three starts, three valleys", "三个起点，三个山谷"), _three_starts(two_layer.FORMULA)),),
    "activations": (
        Walk(Text("Where the slope of sigmoid has died", "sigmoid 的导数消失的地方"), lambda: bends.chases()[0]),
    ),
    "losses": (
        Walk(
            Text("Cross-entropy comes back from a sure and wrong guess", "交叉熵从“又自信又错”走回来"),
            lambda: probabilities.sure_and_wrong()["cross-entropy"],
        ),
    ),
    "tensorboard": (Walk(Text("Telling 0 from 1", "分辨 0 和 1"), handwriting.told_apart),),
}
