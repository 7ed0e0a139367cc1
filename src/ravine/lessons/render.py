"""Render: a story on the terminal, its pictures and tables as files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table as RichTable
from rich.text import Text

from ravine.files import make_folder, replacing
from ravine.lessons.catalog import LESSONS
from ravine.lessons.lesson import (
    Block,
    Code,
    Data,
    Exercise,
    Heading,
    Language,
    Paragraph,
    Picture,
    Quote,
    Story,
    Table,
    are_numbers,
    check_language,
)
from ravine.lessons.wrapping import Prose
from ravine.view.drawing import save_picture

_KINDS = {"picture": {"en": "Picture", "zh": "图"}, "table": {"en": "Data", "zh": "数据"}}
_ANSWERS = {"en": "Answers to the exercises", "zh": "练习答案"}


def to_terminal(story: Story, console: Console, files: Iterable[Path] = ()) -> None:
    """Print a story.

    Parameters
    ----------
    story, console
        What, and where to.
    files
        What `save` returned: pictures and tables appear with the paths of their files, otherwise with the names
        that these would have.
    """
    places = {path.name: str(path) for path in files}
    console.print()
    console.print(Text(story.title, style="bold cyan"))
    for block in story.blocks:
        console.print(_rendered(block, story, places))
    if story.exercises:
        console.print(_answers(story))


def list_to_terminal(language: Language, console: Console) -> None:
    """Print names and titles of all lessons, numbered in the order in which to read them.

    Raises
    ------
    ProblemError
        If the language is unknown.
    """
    check_language(language)
    table = RichTable(box=None, show_header=False, padding=(0, 2, 0, 0))
    for place, lesson in enumerate(LESSONS.values(), start=1):
        table.add_row(str(place), Text(lesson.name, style="bold"), Text(lesson.title.in_language(language)))
    console.print(table)


def save(story: Story, folder: str | os.PathLike[str]) -> list[Path]:
    """Save pictures and tables of a story into a folder, which is made if needed, and return their paths.

    Raises
    ------
    StoreError
        If the folder or a file can't be written.
    """
    return [*save_tables(story, folder), *save_pictures(story, folder)]


def save_pictures(story: Story, folder: str | os.PathLike[str]) -> list[Path]:
    """Save the pictures as ``LESSON-PICTURE.png`` and return their paths."""
    into = make_folder(folder)
    return [save_picture(picture.scene, into / picture_name(story, picture)) for picture in story.pictures]


def save_tables(story: Story, folder: str | os.PathLike[str]) -> list[Path]:
    """Save the tables as ``NAME.csv``, each whole or not at all, every digit kept, and return their paths."""
    into = make_folder(folder)
    return [_save_table(data, into / f"{data.name}.csv") for data in story.tables]


def picture_name(story: Story, picture: Picture) -> str:
    """Return the name of a picture's file."""
    return f"{story.name}-{picture.name}.png"


def _save_table(data: Data, path: Path) -> Path:
    rows = zip(*(column.tolist() for column in data.columns.values()), strict=True)
    lines = [",".join(data.columns), *(",".join(map(repr, row)) for row in rows)]
    with replacing(path) as beside:
        beside.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _rendered(block: Block, story: Story, places: Mapping[str, str]) -> RenderableType:
    match block:
        case Heading(text):
            return Prose(f"\n{text}\n", style="bold")
        case Paragraph(text):
            return Prose(f"{text}\n")
        case Quote(text):
            return Padding(Panel(Prose(text), border_style="yellow"), (0, 0, 1, 2))
        case Code(text, language):
            text = _at_home(text, story.name, places)
            return Padding(_code(text, "bash" if language == "shell" else language), (0, 0, 1, 4))
        case Table(header, rows, caption):
            return Padding(_table(header, rows, caption), (0, 0, 1, 2))
        case Picture(_, _, caption):
            file = picture_name(story, block)
            return _reference(_KINDS["picture"][story.language], places.get(file, file), caption)
        case Data(name, columns):
            file = f"{name}.csv"
            return _reference(_KINDS["table"][story.language], places.get(file, file), ", ".join(columns))
        case Exercise(question):
            return _numbered(story, block, question)


def _numbered(story: Story, exercise: Exercise, text: str) -> RenderableType:
    """Return a question or an answer beside the number of its exercise."""
    row = RichTable.grid(padding=(0, 1))
    row.add_row(Text(f"{story.exercises.index(exercise) + 1}.", style="bold"), Prose(f"{text}\n"))
    return Padding(row, (0, 0, 0, 2))


def _answers(story: Story) -> RenderableType:
    """Return all answers in a box of their own: at the end, so that nobody reads them with the questions."""
    rows = [_numbered(story, exercise, exercise.answer) for exercise in story.exercises]
    return Padding(Panel(Group(*rows), title=_ANSWERS[story.language], border_style="dim"), (1, 0, 1, 0))


def _at_home(code: str, name: str, places: Mapping[str, str]) -> str:
    """Return the code with the folder that the files are in, where it names the lesson's own."""
    if not places:
        return code
    folder = Path(next(iter(places.values()))).parent.as_posix()
    return re.sub(rf"(?<=--out ){name}$|(?<=[ \"]){name}(?=/)", lambda _: folder, code, flags=re.MULTILINE)


def _code(text: str, language: str) -> Syntax:
    return Syntax(text, language, theme="ansi_dark", background_color="default", word_wrap=True)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> RichTable:
    table = RichTable(box=box.SIMPLE_HEAD, title=caption or None, title_justify="left", title_style="italic")
    for place, name in enumerate(header):
        numeric = are_numbers(row[place] for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _reference(kind: str, file: str, caption: str) -> RenderableType:
    return Group(Text(f"[{kind}: {file}]", style="green"), Prose(f"{caption}\n"))
