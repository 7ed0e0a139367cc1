from __future__ import annotations

import pytest

from ravine.view.labels import chinese, in_chinese
from ravine.view.scene import Axis, ColorScale, Dots, Lines, Panel, Scene, Words


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("loss", "损失"),
        ("loss (mse)", "均方误差"),
        ("best of the grid", "网格上的最低点"),
        ("from (5, 4)", "从 (5, 4) 出发"),
        ("step 50", "第 50 步"),
        ("1 step", "1 步"),
        ("2 runs, best loss 0.01", "2 次下降, 最小损失 0.01"),
        ("sgd, rate 0.1", "sgd, 学习率 0.1"),
    ],
)
def test_what_plots_write_is_translated(english: str, expected: str) -> None:
    assert chinese(english) == expected


@pytest.mark.parametrize("name", ["endpoint", "x", "database", "y = a*x + b", "stepsize"])
def test_names_that_contain_a_word_stay(name: str) -> None:
    assert chinese(name) == name


def test_every_place_of_a_scene_is_translated_and_numbers_stay() -> None:
    dots = Dots([1.0], [2.0], label="data", hover={"step": [0.0]})  # type: ignore[dict-item, arg-type]
    lines = Lines([0.0, 1.0], [[0.0, 1.0]], [0.0], ColorScale(0, 1, label="step"))  # type: ignore[arg-type]
    panel = Panel(Axis("step"), Axis("loss"), (dots, lines, Words("no finite loss")), Axis("value"), "Data and fit")
    scene = in_chinese(Scene("title", (panel,), "3 starts"))
    (shown,) = scene.panels
    assert scene.subtitle == "3 个起点"
    assert (shown.x.label, shown.y.label, shown.title) == ("步数", "损失", "数据与拟合")
    assert shown.z is not None
    assert shown.z.label == "函数值"
    assert shown.marks == (
        Dots([1.0], [2.0], label="数据", hover={"步数": [0.0]}),  # type: ignore[dict-item, arg-type]
        Lines([0.0, 1.0], [[0.0, 1.0]], [0.0], ColorScale(0, 1, label="步数")),  # type: ignore[arg-type]
        Words("没有有限的损失"),
    )
