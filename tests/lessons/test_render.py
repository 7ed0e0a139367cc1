from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from ravine.lessons import LESSONS, Language, Story, render
from ravine.lessons.lesson import Code, Data, Exercise, Heading, Paragraph, Picture, Quote, Table
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
            Exercise("How much?", "That much."),
        )
    )
    for words in (
        "A title", "Why", "Because [brackets] stay.", "Take a smaller rate.", "print(1)", "ravine demo", "numbers",
        "demo-one.png", "A caption.", "points.csv", "1. How much?", "1. That much.",
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
    lines = written.getvalue().splitlines()
    assert [line.split()[:2] for line in lines] == [[str(place), name] for place, name in enumerate(LESSONS, 1)]


@pytest.mark.parametrize(("language", "title"), [("en", "Answers to the exercises"), ("zh", "练习答案")])
def test_answers_come_last_in_a_box_of_their_own(language: Language, title: str) -> None:
    story = _story(Exercise("Q one", "A one"), Exercise("Q two", "A two"), Paragraph("The end."), language=language)
    text = _printed(story)
    places = [text.index(words) for words in ("1. Q one", "2. Q two", "The end.", title, "1. A one", "2. A two")]
    assert places == sorted(places)
    box = text[text.index("╭") : text.index("╰")]
    assert "A one" in box and "Q one" not in box


def test_a_story_without_exercises_has_no_answers() -> None:
    assert "Answers" not in _printed(_story(Paragraph("No questions.")))


def test_columns_of_words_start_at_the_left_and_numbers_end_at_the_right() -> None:
    text = _printed(_story(Table(("what", "number"), (("a longer word", "1"), ("short", "−10.5")), "")))
    longer, shorter = (next(line for line in text.splitlines() if words in line) for words in ("longer", "short"))
    assert longer.index("a longer") == shorter.index("short")
    assert longer.index("1") == shorter.index("5")


def test_references_speak_the_storys_language() -> None:
    text = _printed(_story(Picture("one", Scene("t", ()), "说明"), language="zh"))
    assert re.search(r"\[图: demo-one.png\]\s+说明", text)


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
