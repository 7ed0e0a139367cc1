"""Wording: every text of the page, in English and in Chinese."""

from __future__ import annotations

_TEXTS: dict[str, tuple[str, str]] = {
    "title": ("Playground", "演练场"),
    "tagline": ("Click on the map: the descent begins there.", "点一下地图，下降就从那里开始。"),
    "formula": ("Formula", "公式"),
    "formula-hint": (
        "y = a*x + b with data, or a function such as (x - 50)**2",
        "有数据时写 y = a*x + b；或者直接写函数，如 (x - 50)**2",
    ),
    "preview": ("The formula, typeset", "排版后的公式"),
    "example": ("Example", "例子"),
    "lesson": ("Lessons", "课程"),
    "function": ("Functions", "函数"),
    "ready": ("Ready models, sketched data", "现成模型，模拟数据"),
    "data": ("Data", "数据"),
    "upload": ("Drop a CSV file here, or press to choose", "把 CSV 文件拖到这里，或点按选择"),
    "no-data": ("None: the formula itself is made small.", "没有数据：直接让公式的值变小。"),
    "column-x": ("Across", "横轴列"),
    "column-y": ("To predict", "要预测的列"),
    "model": ("Model", "模型"),
    "apply": ("Use these columns", "使用这些列"),
    "noise": ("Noise of the sketched data", "模拟数据的噪声"),
    "again": ("New noise", "换一组噪声"),
    "draw": ("Draw points: click on the picture of the data", "手绘数据点：点击数据图"),
    "drawn": ("drawn by hand", "手绘"),
    "drawn-enough": ("{} points are the most that are drawn by hand.", "手绘最多 {} 个点。"),
    "optimizers": ("Optimizers", "优化器"),
    "optimizers-hint": (
        "Several race. They share the learning rate, which suits some better than others.",
        "选几个就一起跑。它们共用一个学习率，这对有些优化器更有利。",
    ),
    "rate": ("Learning rate", "学习率"),
    "steps": ("Steps", "步数"),
    "starts": ("Start", "起点"),
    "add": ("Add a start with each click", "每点一下就加一个起点"),
    "clear": ("Keep the last start only", "只留最后一个起点"),
    "way": ("The way down", "下降的路"),
    "way-label": (
        "Map of the loss with the paths. Arrow keys move the start, with Shift farther; Enter adds a start.",
        "损失的地图和路径。方向键移动起点，按住 Shift 移得更远；回车加一个起点。",
    ),
    "fit": ("What it fits", "拟合的情况"),
    "params": ("Parameters over the steps", "参数随步数的变化"),
    "loss": ("Loss over the steps", "损失随步数的变化"),
    "play": ("Play", "播放"),
    "pause": ("Pause", "暂停"),
    "back": ("One step back", "退一步"),
    "forward": ("One step forward", "进一步"),
    "first": ("To the start", "回到起点"),
    "scrub": ("Step", "第几步"),
    "zoom-in": ("Zoom in", "放大"),
    "zoom-out": ("Zoom out", "缩小"),
    "around": ("Show the whole way", "显示整条路"),
    "undo": ("Undo", "撤销"),
    "copy": ("Copy", "复制"),
    "copy-python": ("as Python", "为 Python 代码"),
    "copy-command": ("as commands", "为命令"),
    "copy-link": ("link to this page", "本页链接"),
    "save": ("Save", "保存"),
    "save-run": ("run (.nc)", "运行记录（.nc）"),
    "save-picture": ("picture (.png)", "图片（.png）"),
    "save-page": ("page (.html)", "网页（.html）"),
    "theme": ("Light or dark", "浅色或深色"),
    "language": ("中文", "English"),
    "basins": ("Basins", "吸引域"),
    "basins-hint": (
        "Which start ends in which minimum? A color for each; it sharpens as it is computed.",
        "从哪里出发，会停在哪个最小值？每个最小值一种颜色，边算边清晰。",
    ),
    "basins-start": ("Map the basins", "绘制吸引域"),
    "basins-stop": ("Cancel", "取消"),
    "basins-hide": ("Back to the loss", "回到损失图"),
    "basins-only": ("Needs a map over two parameters.", "需要两个参数的地图。"),
    "stage": ("Stage {} of {}", "第 {} 步，共 {} 步"),
    "report": ("Fit report", "拟合报告"),
    "report-hint": (
        "Least squares from many starts: the best parameters, how sure they are, and what to watch out for.",
        "从许多起点做最小二乘：最佳参数、可信程度、要注意什么。",
    ),
    "report-start": ("Fit", "拟合"),
    "step-title": ("This step", "这一步"),
    "working": ("Computing …", "计算中……"),
    "copied": ("Copied.", "已复制。"),
    "copied-part": (
        "Copied without your data, which are too large for a link. Copy as Python instead: that holds them.",
        "已复制，但数据太大，放不进链接。请改为复制 Python 代码，里面有数据。",
    ),
    "not-copied": (
        "The browser did not allow copying. The text is selected below.",
        "浏览器不允许复制，请从下面的文本手动复制。",
    ),
    "offline": ("The server does not answer. Is it still running?", "服务器没有回应。它还在运行吗？"),
    "converged": ("converged", "已收敛"),
    "ran_out": ("ran out of steps", "步数用完"),
    "diverged": ("diverged", "已发散"),
    "not_finite": ("not finite", "出现无穷或 NaN"),
    "stopped": ("stopped", "已停止"),
    "after": ("· steps {} · loss {}", "· {} 步 · 损失 {}"),
    "value": ("value", "值"),
    "at-step": ("Step {} of {}: loss {}", "第 {} 步，共 {} 步：损失 {}"),
}


def texts(language: str) -> dict[str, str]:
    """Return all texts in one language, by key.

    Examples
    --------
    >>> texts("zh")["undo"]
    '撤销'
    """
    place = 1 if language == "zh" else 0
    return {key: both[place] for key, both in _TEXTS.items()}
