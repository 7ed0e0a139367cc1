from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from ravine.lessons import LESSONS, Language, Story, render
from ravine.lessons.lesson import Code, Data, Heading, Paragraph, Picture, Quote, Table
from ravine.view.scene import Scene


def _printed(story: Story, width: int = 100) -> str:
    written = io.StringIO()
    render.to_terminal(story, Console(file=written, width=width, force_terminal=False))
    return written.getvalue()


def _story(*blocks: object, language: Language = "en") -> Story:
    return Story("demo", "A title", language, blocks)  # type: ignore[arg-type]


def test_every_kind_of_block_appears() -> None:
    text = _printed(
        _story(
            Heading("Why"),
            Paragraph("Because [brackets] stay."),
            Quote("Take a smaller rate."),
            Code("print(1)"),
            Code("ravine demo", "shell"),
            Table(("x", "y"), (("1", "2"),), "numbers"),
            Picture("one", Scene("t", ()), "A caption."),
            Data("points", {}),
        )
    )
    for words in (
        "A title", "Why", "Because [brackets] stay.", "Take a smaller rate.", "print(1)", "ravine demo", "numbers",
        "demo-one.png", "A caption.", "points.csv",
    ):  # fmt: skip
        assert words in text


def test_references_name_the_files_that_were_saved(told: Callable[[str, Language], Story], tmp_path: Path) -> None:
    story = told("line", "en")
    files = render.save_tables(story, tmp_path)
    written = io.StringIO()
    render.to_terminal(story, Console(file=written, width=500), files)
    assert f"[Data: {tmp_path / 'line.csv'}]" in written.getvalue()
    assert "[Picture: line-fit.png]" in written.getvalue()


@pytest.mark.parametrize(("language", "title"), [("en", "step by step"), ("zh", "一步一步")])
def test_the_list_shows_every_lesson(language: Language, title: str) -> None:
    written = io.StringIO()
    render.list_to_terminal(language, Console(file=written, width=80))
    assert title in written.getvalue()
    assert len(written.getvalue().splitlines()) == len(LESSONS)


def test_references_speak_the_storys_language() -> None:
    text = _printed(_story(Picture("one", Scene("t", ()), "说明"), language="zh"))
    assert "[图: demo-one.png] 说明" in text


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_lesson_fits_the_terminal(told: Callable[[str, Language], Story], language: Language, width: int) -> None:
    from rich.cells import cell_len

    text = _printed(told("five-points", language), width)
    assert max(cell_len(line) for line in text.splitlines()) <= width


def test_code_names_the_folder_that_the_files_are_in(tmp_path: Path) -> None:
    story = LESSONS["line"].tell("en")
    files = render.save(story, tmp_path / "mine")
    console = Console(width=200, record=True, file=io.StringIO())
    render.to_terminal(story, console, files)
    told = console.export_text()
    assert f"{tmp_path.as_posix()}/mine/line.csv" in told
    assert " line/line.csv" not in told and '"line/' not in told
