"""Outcome: the end of an account, what the update did to parameters and loss, and what reading does to them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ravine.document import Heading, Paragraph, Part, Table
from ravine.telling import number, say, short

if TYPE_CHECKING:
    from ravine.explanation import Change, Explanation

_CLOSE = 16  # units of the last digit that rounding explains

#: What is said, in English and Chinese, of a step on which the loss rose, and of one against the slope.
ROSE = (
    "The slope promised a decrease and the loss rose: the step went beyond where the slope holds. A smaller "
    "learning rate stays where it does.",
    "按斜率应当下降，损失却上升了：步子太大，超出了斜率适用的范围。学习率小一些就不会。",
)
UPHILL = (
    "By the slope the update went uphill: what the optimizer keeps from earlier steps outweighed the gradient.",
    "就此处的斜率而言，这一步是上坡：优化器从前面几步积累下来的量超过了这一步的梯度。",
)


def parameters(found: Explanation, shown: range) -> Iterator[Part]:
    """Tell the parameters before and after."""
    yield Heading(say(found, "The new parameters", "新的参数"))
    words = (
        ("parameter", "参数"),
        ("before", "更新前"),
        ("gradient", "梯度"),
        ("update", "更新量"),
        ("after", "更新后"),
    )
    columns = (found.before, found.gradient, found.update, found.after)
    rows = tuple((found.names[i], *(number(column[i]) for column in columns)) for i in shown)
    yield Table(tuple(say(found, *word) for word in words), (*rows, *left_out(found, len(shown), 4)))
    if found.recomputed is not None:
        yield Paragraph(_recomputed(found))
    if len(found.names) > 1 and math.isfinite(found.angle):
        degrees = f"{found.angle:.3g}"
        yield Paragraph(
            say(
                found,
                f"The update makes an angle of {degrees}° with steepest descent.",
                f"更新方向与最陡下降方向的夹角是 {degrees}°。",
            )
        )


def _recomputed(found: Explanation) -> str:
    off = found.digits_off
    if not math.isfinite(off):
        return say(
            found,
            "The numbers above leave the finite ones, as the record does.",
            "上面的数已经超出有限范围，和记录一致。",
        )
    if off <= _CLOSE:
        unit = "unit" if off <= 1 else "units"
        how = f"within {math.ceil(off)} {unit} of the last digit" if off else "exactly"
        return say(
            found,
            f"These lines, computed with NumPy in {found.dtype}, give the recorded next step, {how}.",
            f"把上面各行用 NumPy 以 {found.dtype} 重算，得到的就是记录中的下一步"
            + (f"（末位相差不超过 {math.ceil(off)} 个单位）。" if off else "，分毫不差。"),
        )
    return say(
        found,
        f"These lines come to the recorded next step within {off:.3g} units of the last digit of {found.dtype}: "
        "Keras's own variables are known from the record of the gradients only.",
        f"按上面各行重算，与记录的下一步相差 {off:.3g} 个末位单位（{found.dtype}）："
        "Keras 的内部变量只能由梯度记录推算。",
    )


def loss(found: Explanation) -> Iterator[Part]:
    """Tell by how much the loss fell, and should have."""
    yield Heading(say(found, "The loss", "损失"))
    first, second = found.predicted_decrease
    seen = found.seen_loss
    rows = [
        (say(found, "before", "更新前"), number(seen.before)),
        (say(found, "after", "更新后"), number(seen.after)),
    ]
    rows.append((say(found, "decrease", "下降"), number(seen.decrease)))
    rows.append((say(found, "predicted by the slope, −g·Δθ", "按斜率预测，−g·Δθ"), number(short(first))))
    if math.isfinite(second):
        label = say(found, "predicted by slope and curvature, −g·Δθ − ½Δθ·H·Δθ", "按斜率和曲率预测，−g·Δθ − ½Δθ·H·Δθ")
        rows.append((label, number(short(second))))
    yield Table(("", _whose(found)), tuple(rows))
    yield Paragraph(_verdict(found, seen, first))
    if found.batch_loss is not None:
        yield Paragraph(
            say(
                found,
                f"Over all points the loss went from {number(found.loss.before)} to {number(found.loss.after)}.",
                f"全部数据点上的损失从 {number(found.loss.before)} 变成 {number(found.loss.after)}。",
            )
        )


def _whose(found: Explanation) -> str:
    if found.batch_loss is not None:
        return say(found, "of the mini-batch", "小批量上的")
    return say(found, "loss", "损失") if found.problem.has_data else say(found, "value", "函数值")


def _verdict(found: Explanation, seen: Change, first: float) -> str:
    grain = 4 * float(np.finfo(found.dtype).eps) * abs(seen.before)
    if not all(map(math.isfinite, (seen.before, seen.after, first))):
        return say(found, "The loss left the finite numbers.", "损失已经超出有限范围。")
    if abs(seen.decrease) <= grain:
        return say(
            found,
            f"That is rounding: {found.dtype} can't tell smaller changes of this loss.",
            f"这已是舍入误差：{found.dtype} 分辨不出这个损失更小的变化。",
        )
    if seen.decrease < 0 and first > 0:
        return say(found, *ROSE)
    if first <= 0:
        return say(found, *UPHILL)
    second = found.predicted_decrease[1]
    if abs(first - seen.decrease) <= 0.02 * abs(seen.decrease):
        return say(found, "The slope predicted it: the step is short.", "按斜率的预测很准：这一步很短。")
    if abs(second - seen.decrease) <= 0.5 * abs(first - seen.decrease):
        return say(
            found,
            "What the slope misses is the bend of the loss on the way; the Hessian H knows most of it.",
            "斜率没算进去的，是损失在这一路上的弯曲；海森矩阵 H 能说明其中的大部分。",
        )
    return say(
        found,
        "The loss bends on the way in a manner that slope and curvature at the beginning don't foretell.",
        "损失在这一路上的弯曲，单凭出发点的斜率和曲率预测不出来。",
    )


def reading(found: Explanation) -> Iterator[Part]:
    """Tell why looking at parameters doesn't change them."""
    name, before, after = found.names[0], number(found.before[0]), number(found.after[0])
    yield Heading(say(found, "Why reading changes nothing", "为什么读取不会改变它"))
    yield Paragraph(
        say(
            found,
            f"The loss, the gradient and every table here only read the parameters: {name} is {before} however often "
            f"it is looked at. One thing changes it, the assignment θ ← …, which the optimizer makes once a step: "
            f"after it {name} is {after}. So a loop that prints parameters without applying the optimizer prints the "
            "same numbers forever.",
            f"计算损失、计算梯度、打印表格，都只是读取参数：不管看多少遍，{name} 都是 {before}。"
            f"真正改变它的只有赋值 θ ← ……，优化器每一步只做一次：赋值之后 {name} 才变成 {after}。"
            "所以，如果循环里只打印参数而不调用优化器，打印出来的永远是同样的数。",
        )
    )


def left_out(found: Explanation, shown: int, columns: int) -> list[tuple[str, ...]]:
    """Return a last row that says how many parameters a table leaves out, if any."""
    more = len(found.names) - shown
    return [(say(found, f"… {more} more", f"…… 还有 {more} 个"), *[""] * columns)] if more else []
