"""The lesson `cubic`: an empirical formula, tuned like any other, and SciPy's methods on the same surface."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ravine.lessons.course import exercises, onward
from ravine.lessons.data import data_of
from ravine.lessons.lesson import Block, Code, Data, Exercise, Heading, Lesson, Paragraph, Table, Teller, Text
from ravine.lessons.two_parameters import (
    RATE,
    STARTS,
    STEPS,
    curvatures,
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
from ravine.lessons.wording import number, point, points
from ravine.loop import descend
from ravine.plane import Surface
from ravine.problem import Problem
from ravine.run import Run
from ravine.view import plots

FORMULA = "y = a*x**3 + b*x**2"
FAST_RATE = 1.0
METHODS = ("bfgs", "nelder-mead", "lm")
OTHER = "y = a*x**4 + b*x**2"
_NEAR = 0.01
_PATIENCE = 5000


def _blocks(t: Teller) -> Iterator[Block]:
    problem = problem_of(FORMULA)
    surface = surface_of(problem)
    runs = {rate: descend_by(problem, rate) for rate in (RATE, FAST_RATE)}
    x = problem.columns["x"]
    curved = curvatures([x**3, x**2])
    yield from _arriving(t, runs, surface)
    yield from _counting(t, runs, curved)
    yield from _racing(t, problem, runs[RATE], surface)
    yield from _exercises(t, problem, runs[RATE], curved)
    yield from _going_on(t, 2 / float(curved[0]))


def _arriving(t: Teller, runs: Mapping[float, Run], surface: Surface) -> Iterator[Block]:
    yield Heading(t.say("A formula without a theory", "没有理论的公式"))
    yield Paragraph(
        t.say(
            f"Engineers often write down a formula that merely looks right, such as {FORMULA}, and tune its numbers "
            "until it fits. To gradient descent this is a problem like any other.",
            f"工程上常常先写一个“看着像”的经验公式，例如 {FORMULA}，再调整里面的系数，直到它符合数据。"
            "对梯度下降来说，这和别的问题没有两样。",
        )
    )
    yield introduction(t, FORMULA)
    yield Data("cubic", data_of(FORMULA))
    yield python_code("cubic", FORMULA, STARTS[0], RATE)
    for rate, run in runs.items():
        yield Paragraph(
            t.say(
                f"From {points(STARTS)} with learning rate {number(rate)}, {STEPS} steps at most:",
                f"分别从 {points(STARTS)} 出发，学习率 {number(rate)}，最多 {STEPS} 步：",
            )
        )
        yield ends_table(t, run)
    slow = runs[RATE]
    yield fit_picture(t, slow, t.label(f"{FORMULA}: tuned", f"{FORMULA}：调好之后"))
    title = t.label("A bowl, longer than wide", "一只碗，一边长一边窄")
    yield surface_picture(t, slow, surface, title)


def _counting(t: Teller, runs: Mapping[float, Run], curved: np.ndarray) -> Iterator[Block]:
    yield Heading(t.say("Why rate 1 works here", "为什么这里学习率 1 也行"))
    slow, fast = runs[RATE], runs[FAST_RATE]
    yield Paragraph(
        t.say(
            f"Both rates end near {point(slow.params)}. With rate {number(RATE)} it takes {_steps_until_near(slow)} "
            f"steps from {point(STARTS[0])} until a and b are within {number(_NEAR)} of their ends, with rate "
            f"{number(FAST_RATE)} only {_steps_until_near(fast)}. On the line, rate {number(FAST_RATE)} never "
            "arrived. The difference is the curvature: x³ and x² are small numbers between −1 and 1, so this bowl "
            f"is shallow. Its curvatures are {number(curved[0])} and {number(curved[1])}, and the bound on the "
            f"learning rate, 2/λ, is {number(2 / curved[0])}. A learning rate is neither large nor small by itself; "
            "it is so beside the curvature.",
            f"两种学习率都停在 {point(slow.params)} 附近。从 {point(STARTS[0])} 出发，走到 a、"
            f"b 与终点相差不到 {number(_NEAR)}，学习率 {number(RATE)} 要 {_steps_until_near(slow)} 步，"
            f"学习率 {number(FAST_RATE)} 只要 {_steps_until_near(fast)} 步。而在直线那一课里，"
            f"学习率 {number(FAST_RATE)} 永远到不了。差别在曲率：x 在 −1 到 1 之间，x³ 和 x² 都很小，"
            f"所以这只碗很浅，两个曲率是 {number(curved[0])} 和 {number(curved[1])}，"
            f"学习率的上限 2/λ 等于 {number(2 / curved[0])}。学习率本身无所谓大小，要和曲率放在一起才能比较。",
        )
    )


def _racing(t: Teller, problem: Problem, slow: Run, surface: Surface) -> Iterator[Block]:
    yield Heading(t.say("The same fit by SciPy's methods", "换成 SciPy 的方法"))
    runs = {method: descend(problem, dict(STARTS[0]), method, steps=STEPS) for method in METHODS}
    yield Paragraph(
        t.say(
            f"The same problem from {point(STARTS[0])}, handed to three methods of SciPy. They choose their step "
            "lengths themselves: bfgs learns the curvature on its way, nelder-mead needs no slope at all, lm knows "
            "that the loss is a sum of squares.",
            f"同一个问题，同样从 {point(STARTS[0])} 出发，交给 SciPy 的三种方法。它们自己决定步长："
            "bfgs 边走边估计曲率，nelder-mead 完全不用梯度，lm 则利用了“损失是平方和”这一点。",
        )
    )
    yield _race_table(t, {"sgd": slow.select(0), **runs})
    lm = int(runs["lm"].dataset["steps_taken"].values[0])
    yield Paragraph(
        t.say(
            f"All end at the same place; the ways differ. lm needs {lm} {'step' if lm == 1 else 'steps'}: a and b "
            "enter the formula linearly, so the bowl is exactly the parabola that lm takes it for.",
            f"终点相同，路却各不相同。lm 只走了 {lm} 步：a 和 b 在公式里是线性的，"
            "损失恰好就是 lm 所假设的那个抛物面，所以它可以一步跳到碗底。",
        )
    )
    several = [slow.select(0), *runs.values()]
    title = t.label("Four ways down the same bowl", "同一只碗，四条下降路径")
    caption = t.say(
        "Gradient descent and SciPy's methods from the same start, seen from above.",
        "从上往下看：梯度下降和 SciPy 的三种方法，起点相同。",
    )
    yield t.picture("methods", plots.contour(several, surface), title, caption)
    caption = t.say("The loss at every step of the same four.", "同样四种方法，每一步的损失。")
    title = t.label("How fast each method gets down", "哪种方法下降得快")
    yield t.picture("loss", plots.loss(several), title, caption)


def _race_table(t: Teller, runs: Mapping[str, Run]) -> Table:
    rows = tuple(
        (
            name,
            str(int(run.dataset["steps_taken"].values[0])),
            str(_steps_until_near(run)),
            point(run.params, 5),
            number(run.loss),
        )
        for name, run in runs.items()
    )
    near = t.say(f"steps until within {number(_NEAR)}", f"差距小于 {number(_NEAR)} 所需步数")
    header = (t.say("method", "方法"), t.say("steps", "步数"), near, t.say("end (a, b)", "终点 (a, b)"))
    return Table((*header, t.say("loss", "损失")), rows)


def _steps_until_near(run: Run) -> int:
    """Return the step of the first start from which on all parameters stay near its end."""
    path = run.path(0)
    apart = np.abs(path["params"].values - path["params"].values[-1]).max(1)
    return int(path["step"].values[np.flatnonzero(apart > _NEAR)[-1] + 1])


def _exercises(t: Teller, problem: Problem, slow: Run, curved: np.ndarray) -> Iterator[Block]:
    bound = 2 / float(curved[0])
    beyond = float(np.ceil(bound))
    left = descend(problem, dict(STARTS[0]), "sgd", learning_rate=beyond, steps=STEPS)
    other = problem_of(OTHER)
    x = other.columns["x"]
    shallow = curvatures([x**4, x**2])
    longer = descend(other, dict(STARTS[0]), "sgd", learning_rate=RATE, steps=_PATIENCE)
    yield from exercises(
        t,
        Exercise(
            t.say(
                f"The bound on the learning rate is {number(bound)}. What happens with {number(beyond)}? Guess from "
                "the factor 1 − α·λ.",
                f"学习率的上限是 {number(bound)}。取 {number(beyond)} 会怎样？先用倍数 1 − α·λ 猜一猜。",
            ),
            t.say(
                f"1 − {number(beyond)}·{number(curved[0])} = {number(1 - beyond * curved[0])}: each step makes the "
                f"distance larger. The run ends as “{left.statuses[0].name}” after "
                f"{int(left.dataset['steps_taken'].values[0])} steps with loss {number(left.loss, 2)}.",
                f"1 − {number(beyond)}×{number(curved[0])} = {number(1 - beyond * curved[0])}：每走一步，距离反而变大。"
                f"实际走了 {int(left.dataset['steps_taken'].values[0])} 步，状态是“{left.statuses[0].name}”，"
                f"损失 {number(left.loss, 2)}。",
            ),
        ),
        Exercise(
            t.say(
                f"Tune {OTHER} instead, on data made with it. Is this easier or harder for gradient descent with rate "
                f"{number(RATE)}?",
                f"换成 {OTHER}（数据也用它生成），用学习率 {number(RATE)} 的梯度下降来调，是更容易还是更难？",
            ),
            t.say(
                f"Harder: {_steps_until_near(longer)} steps until a and b are within {number(_NEAR)} of their ends, "
                f"against {_steps_until_near(slow)}. x⁴ and x² look alike between −1 and 1, so a can give way to b and "
                f"hardly anything changes: the smaller curvature is only {number(shallow[1])} (it was "
                f"{number(curved[1])}), the bowl a narrow valley.",
                f"更难：要 {_steps_until_near(longer)} 步，a、b 才离终点不到 {number(_NEAR)}，"
                f"原来只要 {_steps_until_near(slow)} 步。在 −1 到 1 之间 x⁴ 和 x² 很像，a 少一点、b 多一点，"
                f"结果几乎不变：较小的曲率只有 {number(shallow[1])}（原来是 {number(curved[1])}），碗成了一条窄谷。",
            ),
        ),
    )


def _going_on(t: Teller, bound: float) -> Iterator[Block]:
    beyond = float(np.ceil(bound))
    yield Heading(t.say("Try next", "接下来试试"))
    yield Paragraph(
        t.say(
            f"See with your own eyes what learning rate {number(beyond)} does. And which method of SciPy do you want "
            "to "
            "watch? Take its name as the optimizer:",
            f"亲眼看看学习率 {number(beyond)} 会怎样。想看 SciPy 的哪种方法，就把它的名字写在 optimizer 的位置：",
        )
    )
    yield shell_code(t, "cubic", FORMULA, STARTS[0], f"--learning-rate {beyond:g} --steps {STEPS}")
    yield Code(
        'methods = ("l-bfgs-b", "powell")\n'
        "others = [rv.descend(problem, start, method) for method in methods]\n"
        "for other in others:\n"
        "    print(other)\n"
        'rv.save_picture(rv.plots.contour([run, *others]), "cubic/methods.png")'
    )
    yield from onward(
        t,
        "five-points",
        "a line once more, through five points only, so that every number of an update fits on the page.",
        "又是一条直线，但只有五个点，这样一次更新里的每个数都能摆在眼前。",
    )


LESSON = Lesson("cubic", Text("A formula tuned by experience", "调一个经验公式"), _blocks)
