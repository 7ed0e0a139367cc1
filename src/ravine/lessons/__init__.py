"""Lessons: short stories that compute what they tell, in English or Chinese.

They are one course, in this order:

>>> list(LESSONS)
['tape', 'parabola', 'line', 'cubic', 'five-points', 'two-layer', 'activations', 'losses',
 'tensorboard']
"""

from ravine.lessons import render
from ravine.lessons.catalog import LESSONS, tell
from ravine.lessons.lesson import Language, Lesson, Story

__all__ = ["LESSONS", "Language", "Lesson", "Story", "render", "tell"]
