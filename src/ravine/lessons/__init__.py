"""Lessons: short stories that compute what they tell, in English or Chinese.

>>> list(LESSONS)
['parabola', 'line', 'cubic', 'five-points', 'two-layer']
"""

from ravine.lessons import render
from ravine.lessons.catalog import LESSONS, tell
from ravine.lessons.lesson import Language, Lesson, Story

__all__ = ["LESSONS", "Language", "Lesson", "Story", "render", "tell"]
