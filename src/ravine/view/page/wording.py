"""The page's own words, in English and in Chinese."""

from __future__ import annotations

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
    "learning_rate": ("learning rate", "学习率"),
    "steps": ("steps", "步数"),
    "batch_size": ("batch size", "批大小"),
    "seed": ("seed", "随机种子"),
    "dtype": ("precision", "精度"),
    "record_every": ("recorded every", "记录间隔"),
    "stop": ("stop rule", "停止规则"),
    "versions": ("versions", "版本"),
    "seconds": ("seconds", "用时（秒）"),
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
