"""Lesson: a story told as a row of blocks, in one language at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from ravine.errors import ProblemError, did_you_mean
from ravine.view import fonts
from ravine.view.labels import in_chinese
from ravine.view.scene import Scene

Language = Literal["en", "zh"]

_NO_FONT = (
    "这台机器上没有中文字体，所以图里的文字保留英文。"
    "装上一种中文字体（例如 Noto Sans CJK 或文泉驿正黑）再运行，图里就是中文了。"
)


@dataclass(frozen=True)
class Text:
    """The same words in English and in Chinese."""

    en: str
    zh: str

    def in_language(self, language: Language) -> str:
        """Return the words in one language.

        Examples
        --------
        >>> Text("loss", "损失").in_language("zh")
        '损失'
        """
        return self.zh if language == "zh" else self.en


def check_language(language: str) -> None:
    """Refuse a language in which no lesson is told.

    Raises
    ------
    ProblemError
        With those there are.
    """
    if language not in get_args(Language):
        known = get_args(Language)
        hint = did_you_mean(str(language), known)
        raise ProblemError(f"language: expected {' or '.join(known)}, got {language!r}.{hint}")


@dataclass(frozen=True)
class Heading:
    """What the following blocks are about."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """Prose."""

    text: str


@dataclass(frozen=True)
class Quote:
    """What a program says, ravine of a run or TensorFlow of a mistake, as it says it in every language."""

    text: str


@dataclass(frozen=True)
class Code:
    """Something to type: ``python`` lines or ``shell`` commands."""

    text: str
    language: Literal["python", "shell"] = "python"


_NUMERIC = re.compile(r"[−(]*\d|None")


def are_numbers(cells: Iterable[str]) -> bool:
    """Tell whether the cells of a column are numbers, which stand to the right, as far as they hold anything.

    Examples
    --------
    >>> are_numbers(["(−1, 2)", ""]), are_numbers(["1", "none"])
    (True, False)
    """
    return all(not cell or _NUMERIC.match(cell) for cell in cells)


@dataclass(frozen=True)
class Table:
    """Rows of cells under a header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


@dataclass(frozen=True)
class Picture:
    """A scene with a caption; ``name`` becomes part of the file's name."""

    name: str
    scene: Scene
    caption: str


@dataclass(frozen=True, eq=False)
class Data:
    """A table to go on with: ``columns`` by name, [row] each; ``name`` becomes the file's name."""

    name: str
    columns: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Exercise:
    """A question to think about first, and its computed answer, which is shown apart from it."""

    question: str
    answer: str


Block = Heading | Paragraph | Quote | Code | Table | Picture | Data | Exercise


@dataclass(frozen=True)
class Teller:
    """What a lesson tells its story with.

    Parameters
    ----------
    language
        Of the prose.
    picture_language
        Of the labels in pictures: Chinese needs a font.
    """

    language: Language
    picture_language: Language

    def say(self, en: str, zh: str) -> str:
        """Return the words in the story's language."""
        return Text(en, zh).in_language(self.language)

    def label(self, en: str, zh: str) -> str:
        """Return the words in the pictures' language."""
        return Text(en, zh).in_language(self.picture_language)

    def command(self, name: str, options: str = "") -> Code:
        """Return the command that tells a lesson in the story's language."""
        return Code(f"ravine lesson {name}{self.say('', ' --language zh')}{options}", "shell")

    def picture(self, name: str, scene: Scene, title: str, caption: str) -> Picture:
        """Return a picture of a scene under this title, its labels in the pictures' language."""
        scene = in_chinese(scene) if self.picture_language == "zh" else scene
        return Picture(name, replace(scene, title=title), caption)


@dataclass(frozen=True)
class Story:
    """A lesson as told: its blocks in one language."""

    name: str
    title: str
    language: Language
    blocks: tuple[Block, ...]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All pictures, in order."""
        return tuple(block for block in self.blocks if isinstance(block, Picture))

    @property
    def tables(self) -> tuple[Data, ...]:
        """All tables to go on with, in order."""
        return tuple(block for block in self.blocks if isinstance(block, Data))

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """All exercises, in order."""
        return tuple(block for block in self.blocks if isinstance(block, Exercise))


@dataclass(frozen=True)
class Lesson:
    """A lesson that can be told.

    Parameters
    ----------
    name
        What the user types.
    title
        What a list of lessons shows.
    blocks
        Computes and yields the story, block by block.
    """

    name: str
    title: Text
    blocks: Callable[[Teller], Iterator[Block]]

    def tell(self, language: Language = "en") -> Story:
        """Compute the lesson and return its story.

        Raises
        ------
        ProblemError
            If the language is another one.
        """
        check_language(language)
        has_font = fonts.cjk_font() is not None
        teller = Teller(language, language if has_font else "en")
        first = [Paragraph(_NO_FONT)] if language == "zh" and not has_font else []
        return Story(self.name, self.title.in_language(language), language, (*first, *self.blocks(teller)))
