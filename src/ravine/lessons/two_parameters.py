"""What the lessons about formulas of a and b share: starts, box, the code to go on with, two pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ravine.lessons.data import NOISE, POINTS, TRUTH, data_of
from ravine.lessons.lesson import Code, Paragraph, Picture, Table, Teller
from ravine.lessons.wording import literal, number, option, point
from ravine.loop import descend
from ravine.plane import Surface
from ravine.problem import Problem
from ravine.run import Run
from ravine.surface import survey
from ravine.view import plots

STARTS: tuple[Mapping[str, float], ...] = ({"a": 5, "b": 4}, {"a": 5, "b": 1}, {"a": 2, "b": 4.5})
BOX = {"a": (-2.0, 7.0), "b": (-2.0, 7.0)}
STEPS = 400
RATE = 0.1


def descend_by(problem: Problem, learning_rate: float) -> Run:
    """Return plain gradient descent from the three starts."""
    return descend(problem, list(STARTS), "sgd", learning_rate=learning_rate, steps=STEPS)


def problem_of(formula: str) -> Problem:
    """Return the formula with its data."""
    return Problem(formula, data_of(formula))


def surface_of(problem: Problem) -> Surface:
    """Return the loss on the box that all these lessons look at."""
    return survey(problem, BOX)


def curvatures(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Return the curvatures of the mean squared error of a formula Σ parameter·column, largest first.

    The Hessian is 2·XᵀX/n with the columns in X, the same everywhere; the curvatures are its eigenvalues.

    Examples
    --------
    >>> curvatures([np.array([1.0, -1.0]), np.ones(2)]).tolist()
    [2.0, 2.0]
    """
    matrix = np.stack(columns, axis=1)
    return np.linalg.eigvalsh(2 * matrix.T @ matrix / len(matrix))[::-1]


def introduction(t: Teller, formula: str) -> Paragraph:
    """Tell where the data come from."""
    truth = ", ".join(f"{name} = {number(value)}" for name, value in TRUTH.items())
    return Paragraph(
        t.say(
            f"We made {POINTS} points with {formula} at {truth}, x evenly from −1 to 1, and added normal noise of "
            f"standard deviation {number(NOISE)}: random errors, two thirds of them smaller than that. Now we pretend "
            "not to know a and b and look for them: gradient descent makes the loss small, one step at a time: θ ← θ "
            "− α·∇f(θ), where θ are the parameters, α is the "
            "learning rate and ∇f is the gradient of the loss. The loss is the mean squared error: at each point take "
            "the error, formula − y, square it, and average over all points.",
            f"我们用 {formula}（{truth}）生成 {POINTS} 个点：x 从 −1 到 1 均匀取值，"
            f"再加上标准差为 {number(NOISE)} 的正态噪声（随机误差，其中约三分之二小于这个数）。现在假装不知道 a 和 b，"
            "让梯度下降把它们找回来："
            "每一步都按 θ ← θ − α·∇f(θ) 更新，使损失变小。这里 θ 是参数，α 是学习率，∇f 是损失的梯度。"
            "损失取均方误差：每个点的误差 = 公式的值 − y，先平方，再对所有点取平均。",
        )
    )


def python_code(name: str, formula: str, start: Mapping[str, float], learning_rate: float) -> Code:
    """Return the Python lines that descend from one start, the table being where `save` put it."""
    return Code(
        "import ravine as rv\n\n"
        f'problem = rv.Problem("{formula}", "{name}/{name}.csv")\n'
        f"start = {literal(start)}\n"
        f'run = rv.descend(problem, start, "sgd", learning_rate={learning_rate:g}, steps={STEPS})\n'
        "print(run)\n"
        f'rv.save_picture(rv.plots.descent(run), "{name}/mine.png")'
    )


def shell_code(t: Teller, name: str, formula: str, start: Mapping[str, float], settings: str) -> Code:
    """Return the commands that save the lesson's table and descend from one start."""
    return Code(
        f"{t.command(name).text} --out {name}\n"
        f'ravine descend "{formula}" {name}/{name}.csv \\\n'
        f"    --start {option(start)} {settings} --out {name}/mine",
        "shell",
    )


def ends_table(t: Teller, run: Run) -> Table:
    """Return one row per start: where it began and ended, with the loss."""
    losses = run.dataset["loss"].values
    rows = tuple(
        (point(run.at(0, start)), point(run.at(-1, start)), number(losses[start, 0]), number(losses[start, -1]))
        for start in range(run.starts)
    )
    header = (t.say("start (a, b)", "起点 (a, b)"), t.say("end (a, b)", "终点 (a, b)"))
    return Table((*header, t.say("loss before", "起始损失"), t.say("loss after", "最终损失")), rows)


def fit_picture(t: Teller, run: Run, title: str) -> Picture:
    """Return the data with the fitted curve."""
    caption = t.say(
        "The data and, in red, the curve at the best end; beneath it the residuals.",
        "数据，以及最好的终点所对应的曲线（红色）；下方是残差。",
    )
    return t.picture("fit", plots.fit(run), title, caption)


def surface_picture(t: Teller, run: Run, surface: Surface, title: str) -> Picture:
    """Return the loss surface with the ways down."""
    caption = t.say(
        "The loss over a and b. Red: the ways down, each from its large dot; green plus: the best point of the grid.",
        "损失曲面。红色是下降路径，大圆点是起点；绿色十字是网格上损失最小的点。",
    )
    return t.picture("surface", plots.descent(run, surface), title, caption)
