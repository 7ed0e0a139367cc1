"""The page's own words, in English and in Chinese."""

from __future__ import annotations

from ravine import outcome
from ravine.errors import ProblemError, did_you_mean

LANGUAGES = ("en", "zh")

WORDS: dict[str, tuple[str, str]] = {
    "play": ("Play", "播放"),
    "pause": ("Pause", "暂停"),
    "first": ("To the first step", "回到第一步"),
    "back": ("One step back", "后退一步"),
    "on": ("One step on", "前进一步"),
    "last": ("To the last step", "跳到最后一步"),
    "step": ("Step", "步数"),
    "start": ("Start", "起点"),
    "best": ("best", "最佳"),
    "speed": ("Speed", "速度"),
    "plane": ("Plane", "平面"),
    "player": ("Go through the steps", "逐步浏览"),
    "theme": ("Light or dark", "浅色或深色"),
    "language": ("Language", "语言"),
    "print": ("Print", "打印"),
    "numbers": ("Numbers", "数值"),
    "parameter": ("parameter", "参数"),
    "value": ("value", "值"),
    "gradient": ("gradient", "梯度"),
    "pointer": ("at the pointer", "指针处"),
    "loss": ("loss", "损失"),
    "rate": ("learning rate", "学习率"),
    "status": ("status", "状态"),
    "converged": ("converged", "已收敛"),
    "ran_out": ("ran out", "步数用尽"),
    "diverged": ("diverged", "发散"),
    "not_finite": ("not finite", "非有限值"),
    "stopped": ("stopped", "已停止"),
    "this_step": ("This step, taken apart", "拆解这一步"),
    "formulas": ("What is made small, and its gradient", "要减小的函数与它的梯度"),
    "from_to": ("Start {start}, from step {from} to step {to}.", "起点 {start}，从第 {from} 步到第 {to} 步。"),
    "before_updates": ("This is the start: the first update leads to step 1.", "这里是起点：第一次更新通向第 1 步。"),
    "step_missing": (
        "Not every step is on this page. ravine explain takes any of them apart.",
        "本页没有收录每一步。ravine explain 可以拆解任意一步。",
    ),
    "lines_missing": (
        "Not every step before is on this page, so the optimizer's own variables aren't known here. ravine explain "
        "shows them.",
        "本页没有收录之前的每一步，因此这里不知道优化器的内部变量。ravine explain 可以显示它们。",
    ),
    "no_lines": (
        "The method's own arithmetic isn't on this page: shown is where it went.",
        "本页没有这个方法自己的算式：只说明它走到了哪里。",
    ),
    "symbols": (
        "g is the gradient, θ a parameter, α the learning rate; ← assigns, and keeps for later.",
        "g 是梯度，θ 是参数，α 是学习率；← 表示赋值，并保留到下一步。",
    ),
    "new_values": ("The new parameters", "新的参数"),
    "arithmetic": ("What the optimizer makes of the gradient", "优化器怎样使用梯度"),
    "the_loss": ("The loss", "损失"),
    "before": ("before", "更新前"),
    "after": ("after", "更新后"),
    "move": ("update", "更新量"),
    "decrease": ("decrease", "下降"),
    "predicted": ("predicted by the slope, −g·Δθ", "按斜率预测，−g·Δθ"),
    "rose": outcome.ROSE,
    "uphill": outcome.UPHILL,
    "results": ("Results", "比赛结果"),
    "minima": ("Minima", "极小值"),
    "best_rates": ("Best learning rates", "最佳学习率"),
    "rank": ("rank", "编号"),
    "kind": ("kind", "类型"),
    "share": ("share", "占比"),
    "minimum": ("minimum", "极小值"),
    "saddle": ("saddle", "鞍点"),
    "maximum": ("maximum", "极大值"),
    "flat": ("flat", "平坦"),
    "tuning": ("tuning", "调节"),
    "default": ("default", "默认"),
    "best_and_default": ("best and default", "最佳即默认"),
    "none": ("none", "无"),
    "arrived": ("arrived", "到达"),
    "evaluations": ("evaluations", "求值次数"),
    "best_rate": ("best rate", "最佳学习率"),
    "median_loss": ("median loss", "损失中位数"),
    "converges_up_to": ("converges up to", "收敛上限"),
    "edge": ("edge", "稳定边界"),
    "settings": ("Settings", "设置"),
    "report": ("Report", "报告"),
    "warnings": ("What to know", "注意事项"),
    "all_is_well": ("No warnings.", "没有警告。"),
    "here": ("at this step", "这一步"),
    "now": ("curve at this step", "这一步的曲线"),
    "probed": ("curve at the pointer", "指针处的曲线"),
    "hint_plane": (
        "Move or drag over the picture, or focus it and use the arrow keys: the data panel shows that point's curve.",
        "在图上移动或拖动，或选中它再按方向键：数据图里会立刻画出该点的曲线。",
    ),
    "hint_plane_alone": (
        "Move or drag over the picture, or focus it and use the arrow keys, to read the loss there.",
        "在图上移动或拖动，或选中它再按方向键，即可读出那里的损失。",
    ),
    "hint_space": ("Drag to turn, scroll to zoom.", "拖动可旋转，滚轮可缩放。"),
    "hint_history": ("Click to go to that step.", "点击可跳到那一步。"),
    "keys": (
        "Space plays and pauses, ← and → step, Home and End jump.",
        "空格播放或暂停，← → 逐步移动，Home、End 跳转。",
    ),
    "no_script": (
        "The pictures on this page need JavaScript; the tables below don't.",
        "本页的图需要 JavaScript；下面的表格不需要。",
    ),
    "no_webgl": (
        "This browser can't draw in 3-D; the other pictures show the same.",
        "这个浏览器不能绘制三维图；其他图展示的是同样的内容。",
    ),
    "some_starts": ("{shown} of {all} starts are on this page.", "本页收录了 {all} 个起点中的 {shown} 个。"),
    "some_pixels": (
        "The picture shows {shown} of the {all} starts; shares and minima are those of all.",
        "图中显示 {all} 个起点中的 {shown} 个；占比和极小值按全部起点计算。",
    ),
    "slice": (
        "The surface is a slice: the other parameters stand still. Where the loss of a way lies below the slice, the "
        "way is drawn on it.",
        "曲面是一个切片：其余参数固定不变。路径的损失低于切片时，路径画在切片上。",
    ),
    "hint_map": (
        "Point at a start: the picture says in which minimum it ends, and after how many steps.",
        "把指针移到某个起点：图上会显示它终止于哪个极小值，以及走了多少步。",
    ),
    "opaque": (
        "The model is a Python function, which a page can't hold: the curve stays that of the end.",
        "模型是 Python 函数，网页无法保存它：曲线停留在终点。",
    ),
    "unknown": (
        "The page can't calculate {names}: the curve stays that of the end.",
        "本页无法计算 {names}：曲线停留在终点。",
    ),
    "no_surface": (
        "No loss surface was saved with this run: ravine.with_surface(run) keeps one.",
        "这次运行没有保存损失曲面：ravine.with_surface(run) 可以保存。",
    ),
    "made_by": ("Made by ravine {version}. This file needs no network.", "由 ravine {version} 生成。本文件无需联网。"),
    "english": ("The report and the warnings are in English.", "报告和警告为英文。"),
    "formula": ("formula", "公式"),
    "loss_name": ("loss function", "损失函数"),
    "points": ("points", "数据点"),
    "starts": ("starts", "起点数"),
    "bounds": ("bounds", "边界"),
    "optimizer": ("optimizer", "优化器"),
    "optimizer_config": ("optimizer configuration", "优化器配置"),
    "optimizer_configs": ("optimizer configurations", "各优化器配置"),
    "learning_rate": ("learning rate", "学习率"),
    "steps": ("steps", "步数"),
    "batch_size": ("batch size", "批大小"),
    "seed": ("seed", "随机种子"),
    "dtype": ("precision", "精度"),
    "record_every": ("recorded every", "记录间隔"),
    "stop": ("stop rule", "停止规则"),
    "versions": ("versions", "版本"),
    "seconds": ("seconds", "用时（秒）"),
    "box": ("box of the starts", "起点范围"),
    "resolution": ("resolution", "分辨率"),
    "tolerance": ("tolerance", "容差"),
    "held": ("held", "固定参数"),
    "rates": ("learning rates tried", "试过的学习率"),
    "curvature": ("largest curvature λ", "最大曲率 λ"),
}


def word(key: str, language: str, **values: object) -> str:
    """Return a word or sentence of the page.

    Examples
    --------
    >>> word("play", "zh"), word("made_by", "en", version="1.0")
    ('播放', 'Made by ravine 1.0. This file needs no network.')
    """
    text = WORDS[key][LANGUAGES.index(language)]
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def check_language(language: str) -> str:
    """Return the language if the page speaks it.

    Raises
    ------
    ProblemError
        If it doesn't.
    """
    if language not in LANGUAGES:
        raise ProblemError(
            f"export: language: expected en or zh, got {language!r}.{did_you_mean(str(language), LANGUAGES)}"
        )
    return language
