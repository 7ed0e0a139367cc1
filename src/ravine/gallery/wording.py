"""The gallery's own words, in English and in Chinese."""

from __future__ import annotations

from ravine.lessons.lesson import Language, Text

WORDS: dict[str, Text] = {
    "course": Text("Gradient descent, step by step", "梯度下降，一步一步来"),
    "about": Text(
        "A course in {count} lessons: from the slope of one number to a classifier that you watch while it learns. "
        "Every number and every picture comes from a run. Pictures can be turned and asked; each lesson ends with "
        "exercises and has the code to go on with.",
        "一门 {count} 课的小课程：从一个数的导数，一直到一个边学边看的分类器。每个数字、每张图都来自真实的计算。"
        "图可以转，可以用指针读数；每课都有接着做的代码，最后是练习。",
    ),
    "lessons": Text("Lessons", "课程"),
    "lesson": Text("Lesson {place} of {count}", "第 {place} 课，共 {count} 课"),
    "other": Text("中文", "English"),
    "theme": Text("Light or dark", "浅色或深色"),
    "skip": Text("To the text", "跳到正文"),
    "previous": Text("Previous", "上一课"),
    "next": Text("Next", "下一课"),
    "back": Text("All lessons", "全部课程"),
    "begin": Text("Begin with lesson 1", "从第 1 课开始"),
    "way": Text("Through the course", "课程导航"),
    "copy": Text("Copy", "复制"),
    "copied": Text("Copied", "已复制"),
    "python": Text("Python", "Python"),
    "shell": Text("Command line", "命令行"),
    "answer": Text("Answer", "答案"),
    "data": Text("Data to go on with", "接着用的数据"),
    "rows": Text("{count} rows: {names}", "{count} 行：{names}"),
    "walk": Text("Follow every step", "逐步跟着走"),
    "walk_here": Text("Open it here", "在这里打开"),
    "walk_alone": Text("On a page of its own", "单独打开"),
    "walk_about": Text(
        "Play the descent, step through it, and point at the surface to see that place's curve.",
        "播放下降过程，逐步前进或后退；把指针移到曲面上，就能看到那一点的曲线。",
    ),
    "inside": Text("pictures: {pictures} · exercises: {exercises}", "{pictures} 张图 · {exercises} 道练习"),
    "keys": Text("← and → go to the neighboring lessons.", "按 ← → 可到相邻的课。"),
    "no_script": Text("The pictures need JavaScript; text and code don't.", "图需要 JavaScript；文字和代码不需要。"),
    "no_webgl": Text("This browser can't draw in 3-D.", "这个浏览器不能绘制三维图。"),
    "made_by": Text("Made by ravine {version}. It needs no network.", "由 ravine {version} 生成，无需联网。"),
}


def word(key: str, language: Language, **values: object) -> str:
    """Return a word or sentence.

    Examples
    --------
    >>> word("lesson", "zh", place=2, count=9)
    '第 2 课，共 9 课'
    """
    return WORDS[key].in_language(language).format(**values)
