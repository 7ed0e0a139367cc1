"""Account: an explanation told in English or Chinese, and as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ravine import formulation, outcome
from ravine.contributions import Contributions
from ravine.document import Equation, Heading, Paragraph, Part, Table
from ravine.ledger import Entry
from ravine.telling import number, say, short

if TYPE_CHECKING:
    from ravine.explanation import Explanation

_SHOWN = 12  # parameters told one by one in a text
_NUMBERED = 3  # parameters whose arithmetic is written out in a text
_POINTS = 25  # points in a text
_PAGE = 1000  # points, and parameters, in a page


def title(found: Explanation) -> str:
    """Return the headline."""
    if found.language == "zh":
        return f"第 {found.step} 步：{found.optimizer} 的一次更新"
    return f"Step {found.step}: one update by {found.optimizer}"


def parts(found: Explanation, *, whole: bool = False) -> list[Part]:
    """Return the account; ``whole`` for a page that has room for everything."""
    return list(_Teller(found, whole=whole).tell())


class _Teller:
    def __init__(self, found: Explanation, *, whole: bool) -> None:
        self.found, self.whole = found, whole
        self.shown = range(min(len(found.names), _PAGE if whole else _SHOWN))

    def say(self, en: str, zh: str) -> str:
        return say(self.found, en, zh)

    def tell(self) -> Iterator[Part]:
        yield from self._what()
        yield from self._gradient()
        if self.found.points is not None:
            yield from self._points(self.found.points)
        if self.found.arithmetic:
            yield from self._arithmetic()
        yield from outcome.parameters(self.found, self.shown)
        yield from outcome.loss(self.found)
        yield from outcome.reading(self.found)

    # -- what is made small -------------------------------------------------------------------------------------

    def _what(self) -> Iterator[Part]:
        found, problem = self.found, self.found.problem
        start = self.say(f"Start {found.start}, from step {found.step - 1} to step {found.step}.",
                         f"起点 {found.start}，从第 {found.step - 1} 步到第 {found.step} 步。")  # fmt: skip
        yield Paragraph(start)
        for note in found.notes:
            yield Paragraph(_NOTES_ZH.get(note.code, note.text) if found.language == "zh" else note.text, warning=True)
        yield Heading(self.say("What is made small", "要减小的是什么"))
        yield from formulation.made_small(
            problem, found.chain, found.language, None if found.batch is None else len(found.batch)
        )

    # -- the gradient -------------------------------------------------------------------------------------------

    def _gradient(self) -> Iterator[Part]:
        found = self.found
        at = self.say(f"The gradient at step {found.step - 1}", f"第 {found.step - 1} 步的梯度")
        yield Heading(at)
        yield from formulation.gradient(found.problem, found.chain, found.language, self.shown)
        yield self._compared()
        length = float(np.linalg.norm(found.gradient.astype(float)))
        yield Paragraph(
            self.say(
                f"It points to where the loss grows fastest, {number(short(length))} per unit of distance.",
                f"梯度指向损失上升最快的方向，沿该方向每走一个单位，损失上升 {number(short(length))}。",
            )
        )

    def _compared(self) -> Table:
        found = self.found
        columns: list[tuple[str, Any]] = [(self.say("recorded", "记录的"), found.gradient)]
        if found.automatic is not None:
            columns.insert(0, (self.say("by automatic differentiation", "自动微分"), found.automatic))
        if found.symbolic is not None:
            columns.insert(0, (self.say("by the formula", "按公式"), found.symbolic))
        header = (self.say("parameter", "参数"), *(name for name, _ in columns))
        rows = tuple((found.names[i], *(number(values[i]) for _, values in columns)) for i in self.shown)
        return Table(header, (*rows, *outcome.left_out(found, len(self.shown), len(columns))))

    # -- point by point -----------------------------------------------------------------------------------------

    def _points(self, points: Contributions) -> Iterator[Part]:
        yield Heading(self.say("Point by point", "逐点来看"))
        names = self.found.names[: len(self.shown)]
        single = points.observed.ndim == 1
        header = [self.say("point", "点"), *points.columns]
        if single:
            label = self.found.problem.response_label
            header += [label, self.say("prediction", "预测"), self.say("error", "误差")]
        header += [self.say("to the loss", "对损失")] if points.loss is not None else []
        header += [self.say(f"to ∂L/∂{name}", f"对 ∂L/∂{name}") for name in names]
        chosen = self._chosen(points)
        rows = [self._point(points, index, single=single) for index in chosen]
        sums = [number(points.loss.sum())] if points.loss is not None else []
        sums += [number(value) for value in points.gradient.sum(0)[: len(names)]]
        total = (self.say("sum", "合计"), *[""] * (len(header) - 1 - len(sums)), *sums)
        yield Table(tuple(header), (*rows, total))
        if len(chosen) < len(points.rows):
            said = self.say(
                f"Shown are the {len(chosen)} points that pull hardest; the sums are over all {len(points.rows)}.",
                f"表中是影响最大的 {len(chosen)} 个点；合计是全部 {len(points.rows)} 个点的。",
            )
            yield Paragraph(said)
        yield Paragraph(
            self.say(
                "The columns to the right add up to the loss and to its gradient: each point pulls its own way, the "
                "gradient is where they pull together.",
                "右边几列加起来就是损失和梯度：每个点各朝自己的方向拉，梯度就是它们合起来的拉力。",
            )
        )

    def _chosen(self, points: Contributions) -> list[int]:
        most = _PAGE if self.whole else _POINTS
        if len(points.rows) <= most:
            return list(range(len(points.rows)))
        pull = np.linalg.norm(np.nan_to_num(points.gradient.astype(float)), axis=1)
        return np.sort(np.argsort(-pull, kind="stable")[: most - 5 if not self.whole else most]).tolist()

    def _point(self, points: Contributions, index: int, *, single: bool) -> tuple[str, ...]:
        cells = [str(points.rows[index]), *(number(column[index]) for column in points.columns.values())]
        if single:
            cells += [number(each[index]) for each in (points.observed, points.predicted, points.error)]
        cells += [number(points.loss[index])] if points.loss is not None else []
        return (*cells, *(number(value) for value in points.gradient[index, : len(self.shown)]))

    # -- the optimizer ------------------------------------------------------------------------------------------

    def _arithmetic(self) -> Iterator[Part]:
        found = self.found
        yield Heading(self.say("What the optimizer makes of it", "优化器怎样使用梯度"))
        rate = number(found.learning_rate)
        yield Paragraph(
            self.say(
                f"g is the gradient, θ a parameter, α = {rate} the learning rate; ← assigns, and keeps for later.",
                f"g 是梯度，θ 是参数，α = {rate} 是学习率；← 表示赋值，并保留到下一步。",
            )
        )
        count = min(len(found.names), len(self.shown) if self.whole else _NUMBERED)
        for entry in found.arithmetic:
            remark = entry.line.zh if found.language == "zh" else entry.line.en
            yield Equation(entry.formula, remark=remark, beneath=self._numbers(entry, count))
        if count < len(found.names):
            text = f"… and likewise for {len(found.names) - count} more parameters."
            yield Paragraph(self.say(text, f"…… 其余 {len(found.names) - count} 个参数同理。"))

    def _numbers(self, entry: Entry, count: int) -> tuple[str, ...]:
        """Return a line with its numbers, for each of the first parameters unless all share them."""
        names = self.found.names
        if entry.is_shared or len(names) == 1:
            return (entry.with_numbers(0),)
        return tuple(f"{names[index]}: {entry.with_numbers(index)}" for index in range(count))


_NOTES_ZH = {
    "replayed": "并不是每一步都有记录：这里从起点重新走到了这一步。",
    "replay-differs": "重新走一遍的结果与记录不一致：下面的数是重走得到的，不是记录里的。",
    "not-replayed": "之前的步没有记录，所以优化器的内部变量未知。",
    "no-arithmetic": "这个方法自己决定每一步的方向和长度，或者它的算式这里没有写出：下面只说明它走到了哪里。",
    "not-differentiated": "公式是 Python 函数，无法重新计算：梯度取自记录。",
    "gradient-differs": "重新计算的梯度与记录的不同：现在的问题不是当时下降的那一个。",
}
