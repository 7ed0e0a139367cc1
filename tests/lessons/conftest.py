from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from ravine.lessons import Language, Story, tell


@functools.cache
def _told(name: str, language: Language) -> Story:
    return tell(name, language)


@pytest.fixture
def told() -> Callable[[str, Language], Story]:
    """Tell a lesson, each once per test run."""
    return _told
