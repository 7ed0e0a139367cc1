"""Catalog: which lessons there are."""

from __future__ import annotations

from ravine.errors import ProblemError, did_you_mean
from ravine.lessons import activations, cubic, five_points, line, losses, parabola, tape, tensorboard, two_layer
from ravine.lessons.lesson import Language, Lesson, Story

#: All lessons by name, in the order in which to read them.
LESSONS: dict[str, Lesson] = {
    module.LESSON.name: module.LESSON
    for module in (tape, parabola, line, cubic, five_points, two_layer, activations, losses, tensorboard)
}


def tell(name: str, language: Language = "en") -> Story:
    """Compute a lesson and return its story.

    Parameters
    ----------
    name
        One of `LESSONS`.
    language
        ``"en"`` or ``"zh"``.

    Raises
    ------
    ProblemError
        If there is no such lesson or language.
    """
    if name not in LESSONS:
        hint = did_you_mean(str(name), LESSONS)
        raise ProblemError(f"lesson: expected one of {', '.join(LESSONS)}, got {name!r}.{hint}")
    return LESSONS[name].tell(language)
