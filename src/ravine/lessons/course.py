"""Course: what ties the lessons together: exercises, and the way to the next lesson."""

from __future__ import annotations

from collections.abc import Iterator

from ravine.lessons.lesson import Block, Exercise, Heading, Paragraph, Teller


def exercises(t: Teller, *several: Exercise) -> Iterator[Block]:
    """Yield the exercises of a lesson under their heading."""
    yield Heading(t.say("Exercises", "练习"))
    yield from several


def onward(t: Teller, name: str, en: str, zh: str) -> Iterator[Block]:
    """Yield what the next lesson is about, and the command that tells it."""
    yield Paragraph(t.say(f"The next lesson: {en}", f"下一课：{zh}"))
    yield t.command(name)
