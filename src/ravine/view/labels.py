"""Labels: the words that plots write into pictures, in Chinese."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any

from ravine.view.scene import Mark, Panel, Scene

# Longer phrases first: each place in a label is translated once, by the first phrase that fits.
_PHRASES = {
    r"best of the grid": "网格上的最低点",
    r"95 % confidence band": "95 % 置信带",
    r"95 % prediction band": "95 % 预测带",
    r"points? drawn": "个点已画出",
    r"points": "个点",
    r"gradient (\w+)": r"\1 的梯度",
    r"Predicted and observed": "预测与观测",
    r"Valleys": "山谷",
    r"Basins": "吸引域",
    r"rank: loss, share of the starts": "编号：损失，起点占比",
    r"dark: many steps": "深色：步数多",
    r"no start came to rest": "没有起点静止下来",
    r"not converged": "未收敛",
    r"not finite": "非有限值",
    r"diverged": "发散",
    r"([\d,]+) others": r"其他 \1 个",
    r"(\S+ %) computed": r"已计算 \1",
    r"flat": "平坦",
    r"saddle": "鞍点",
    r"maximum": "极大值",
    r"minima": "极小值",
    r"minimum": "极小值",
    r"some of the others": "其他起点（部分）",
    r"other starts": "其他起点",
    r"no finite loss here": "此处没有有限的损失",
    r"no finite loss": "没有有限的损失",
    r"constant loss": "损失恒为",
    r"leaves the picture": "离开画面",
    r"outside the picture": "在画面之外",
    r"perfect prediction": "预测与观测相等",
    r"The (\d+) parameters that moved most": r"变化最大的 \1 个参数",
    r"held at": "其余固定在",
    r"Way down the loss surface": "沿损失曲面下降",
    r"Ways down": "下降路径",
    r"Loss over evaluations": "损失随求值次数的变化",
    r"Loss over time": "损失随时间的变化",
    r"Loss over the parameter": "损失随参数的变化",
    r"Learning rates tried": "试过的学习率",
    r"loss − lowest found": "损失 − 已知最低损失",
    r"time \((\w+)\)": r"时间 (\1)",
    r"[Ff]inal loss": "最终损失",
    r"above the lowest": "高出最低值",
    r"How the starts ended": "起点的结局",
    r"loss at the end": "终点损失",
    r"best learning rate": "最佳学习率",
    r"evaluations": "求值次数",
    r"oscillating": "振荡",
    r"converged": "已收敛",
    r"ran out": "步数用尽",
    r"edge": "边界",
    r"Parameters over steps": "参数随步数的变化",
    r"The curve at every step": "每一步的曲线",
    r"Loss over steps": "损失随步数的变化",
    r"(\S+) over steps": r"\1 随步数的变化",
    r"Loss from above": "俯瞰损失",
    r"Visited points": "走过的点",
    r"Data and fit": "数据与拟合",
    r"learning rate": "学习率",
    r"best loss": "最小损失",
    r"best fit": "最佳拟合",
    r"best start": "最佳起点",
    r"best:": "最佳：",
    r"visited (\w+)": r"走过的 \1",
    r"loss \(mse\)": "均方误差",
    r"loss \(half_sse\)": "误差平方和的一半",
    r"from (\([^)]*\)|\S+)": r"从 \1 出发",
    r"([\d,]+) steps?": r"\1 步",
    r"([\d,]+) starts?": r"\1 个起点",
    r"([\d,]+) runs?": r"\1 次下降",
    r"step ([\d,]+)": r"第 \1 步",
    r"predicted": "预测的",
    r"observed": "观测到的",
    r"(\w+), momentum ([\d.]+)": r"\1, 动量 \2",
    r"parameters": "参数",
    r"residual": "残差",
    r"start": "起点",
    r"value": "函数值",
    r"data": "数据",
    r"loss": "损失",
    r"path": "路径",
    r"rate": "学习率",
    r"steps?": "步数",
    r"share": "占比",
    r"end": "终点",
    r"row": "行",
    r"fit": "拟合",
}

_ANY = re.compile("|".join(rf"(?<!\w){phrase}(?!\w)" for phrase in _PHRASES))


def chinese(label: str) -> str:
    """Return a label that plots wrote, in Chinese; names and numbers stay.

    Examples
    --------
    >>> chinese("sgd, learning rate 0.1, 400 steps, best loss 0.0104")
    'sgd, 学习率 0.1, 400 步, 最小损失 0.0104'
    """
    return _ANY.sub(_translation, label)


def in_chinese(scene: Scene) -> Scene:
    """Return the scene with the words of its panels and its subtitle in Chinese."""
    return replace(scene, subtitle=chinese(scene.subtitle), panels=tuple(_panel(panel) for panel in scene.panels))


def _translation(match: re.Match[str]) -> str:
    for phrase, words in _PHRASES.items():
        found = re.fullmatch(phrase, match.group())
        if found:
            return found.expand(words)
    return match.group()


def _panel(panel: Panel) -> Panel:
    axes: dict[str, Any] = {
        name: replace(axis, label=chinese(axis.label))
        for name, axis in (("x", panel.x), ("y", panel.y), ("z", panel.z))
        if axis is not None
    }
    return replace(panel, **axes, title=chinese(panel.title), marks=tuple(_mark(mark) for mark in panel.marks))


def _mark(mark: Any) -> Mark:
    names = {item.name for item in fields(mark)}
    changed: dict[str, Any] = {name: chinese(getattr(mark, name)) for name in ("label", "text") if name in names}
    if "scale" in names:
        changed["scale"] = replace(mark.scale, label=chinese(mark.scale.label))
    if "hover" in names:
        changed["hover"] = {chinese(name): column for name, column in mark.hover.items()}
    return replace(mark, **changed)
