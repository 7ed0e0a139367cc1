"""build_gallery: all lessons as one site in a folder."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from ravine.errors import ProblemError, did_you_mean
from ravine.files import make_folder, write_text
from ravine.gallery.pages import Place, asset, index_page, lesson_page
from ravine.gallery.walks import WALKS
from ravine.lessons import LESSONS, Language, Story, render
from ravine.view.page import document
from ravine.view.page.nouns import content_of

LANGUAGES: tuple[Language, ...] = get_args(Language)
_SCRIPTS = ("theme.js", "frame.js", "gallery.css")


def build_gallery(
    folder: str | os.PathLike[str], *, lessons: Sequence[str] | None = None, progress: bool | None = None
) -> Path:
    """Write all lessons as a site that opens from a folder, without a network, in English and Chinese.

    Every lesson is told, with its descents, in both languages before the first file is written. Pages have the text,
    its formulas, pictures that can be turned and asked, code to copy, exercises whose answers open on demand, and the
    descents to follow step by step.

    Parameters
    ----------
    folder
        Made if it isn't there; files of an earlier gallery are replaced, each whole or not at all.
    lessons
        Names of the lessons, in the order of the site; all by default.
    progress
        Whether to say on standard error which lesson is being told; by default at a terminal.

    Returns
    -------
    Path
        The page to open, ``index.html``. The Chinese one is ``zh/index.html``.

    Raises
    ------
    ProblemError
        If there is no such lesson.
    StoreError
        If the folder or a file in it can't be written.

    Examples
    --------
    >>> build_gallery("gallery", lessons=["two_layer"])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ravine.errors.ProblemError: lessons: expected some of tape, ..., got 'two_layer'. Did you mean 'two-layer'?
    """
    names = _checked(LESSONS if lessons is None else lessons)
    into = make_folder(folder)
    stories: dict[Language, list[Story]] = {language: [] for language in LANGUAGES}
    files: dict[str, str] = {}
    is_told = sys.stderr.isatty() if progress is None else progress
    with _interrupts():
        for place, name in enumerate(names, start=1):
            if is_told:  # a line, for the descents of the lesson may show bars
                print(f"Lesson {place} of {len(names)}: {name}", file=sys.stderr)
            for language in LANGUAGES:
                stories[language].append(LESSONS[name].tell(language))
            files |= _walks_of(name)
    for told in stories.values():
        files |= pages_of(told)
    for path, text in {**_assets(), **files}.items():
        make_folder((into / path).parent)
        write_text(into / path, text)
    for story in stories[LANGUAGES[0]]:
        render.save_tables(story, into / "data")
    return into / "index.html"


def pages_of(stories: Sequence[Story]) -> dict[str, str]:
    """Return the pages of stories, all in one language, by their paths in the gallery; the index comes last."""
    known = tuple((story.name, story.title) for story in stories)
    base = _base(stories[0].language)
    pages = {f"{base}{story.name}.html": lesson_page(story, Place(known, at)) for at, story in enumerate(stories)}
    return {**pages, f"{base}index.html": index_page(stories)}


def _walks_of(name: str) -> dict[str, str]:
    """Return the pages of a lesson's descents in all languages."""
    pages = {}
    for number, walk in enumerate(WALKS.get(name, ()), start=1):
        content = content_of(walk.run(), None)
        for language in LANGUAGES:
            base = _base(language)
            assets = f"{'../' * (base.count('/') + 1)}assets/"
            page = document.page_of(content, language, library=f"{assets}plotly.js")
            frame = f'<script src="{assets}frame.js"></script>\n</body>'
            pages[f"{base}walks/{name}-{number}.html"] = page.replace("</body>", frame)
    return pages


def _assets() -> dict[str, str]:
    """Return what all pages share."""
    script = "\n".join(["(() => {", "'use strict';", document.asset("figures.js"), asset("gallery.js"), "})();"])
    made = {"plotly.js": document.plotly_js(), "gallery.js": script, **{name: asset(name) for name in _SCRIPTS}}
    return {f"assets/{name}": text for name, text in made.items()}


def _base(language: Language) -> str:
    return "" if language == LANGUAGES[0] else f"{language}/"


def _checked(names: Any) -> list[str]:
    names = [names] if isinstance(names, str) else list(names)
    for name in names or ["none"]:
        if name not in LESSONS:
            hint = did_you_mean(str(name), LESSONS)
            raise ProblemError(f"lessons: expected some of {', '.join(LESSONS)}, got {name!r}.{hint}")
    return names


@contextlib.contextmanager
def _interrupts() -> Iterator[None]:
    """Let Ctrl-C end everything: a descent alone would keep what it has, and the lesson would tell wrong numbers."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before, seen = signal.getsignal(signal.SIGINT), threading.Event()

    def stop(*_: Any) -> None:
        seen.set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    except Exception:
        if not seen.is_set():  # otherwise it is but the shock of half a descent
            raise
    finally:
        signal.signal(signal.SIGINT, before)
    if seen.is_set():
        raise KeyboardInterrupt
