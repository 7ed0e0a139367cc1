"""A course of two tiny lessons, told at once."""

import numpy as np
import pytest

from ravine.gallery import site
from ravine.lessons.lesson import (
    Code,
    Data,
    Exercise,
    Heading,
    Lesson,
    Paragraph,
    Picture,
    Quote,
    Table,
    Text,
)
from ravine.view.scene import Axis, Line, Panel, Scene

_PANEL = Panel(Axis("x"), Axis("y"), (Line([0, 1], [2, 3]),), title="<left>")


def blocks(t):
    """Yield one block of each kind, each with something to escape."""
    yield Heading("Why <b>?")
    yield Paragraph(t.say("Because x = 2 & <i>more</i>.", "因为 x = 2 & <i>more</i>。"))
    yield Quote("It says <so>.")
    yield Code('print("<a>" & 1)\n')
    yield Code("ravine demo > out.txt", "shell")
    yield Table(("word", "number"), (("one <", "1"), ("two", "−2")), "a <caption>")
    yield Picture("both", Scene("A <title>", (_PANEL, _PANEL), columns=2), "Two <panels>.")
    yield Data("points", {"x": np.arange(3.0)})
    yield Heading("Exercises")
    yield Exercise("How <much>?", "That <much>: 2.")
    yield Heading("Try next")


@pytest.fixture
def stories():
    """Return the two stories in English."""
    return [LESSONS[name].tell("en") for name in LESSONS]


@pytest.fixture
def small(monkeypatch):
    """Let the gallery have the two tiny lessons only."""
    monkeypatch.setattr(site, "LESSONS", dict(LESSONS))
    return site.LESSONS


LESSONS = {name: Lesson(name, Text(f"The {name}", f"课 {name}"), blocks) for name in ("parabola", "second")}
