"""Pages: a story as a page of the site, and the index that makes a course of them."""

from __future__ import annotations

import html
import importlib.metadata
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from ravine.gallery.blocks import Ink, block_html
from ravine.gallery.mathematics import marked, typeset
from ravine.gallery.walks import WALKS
from ravine.gallery.wording import WORDS, word
from ravine.lessons.lesson import Code, Heading, Language, Story
from ravine.view.page.packing import json_in_html

_FORMULA = re.compile(r'(?:Problem\(\s*|descend\(|ravine descend )"([^"]+)"')
_SPOKEN = ("previous", "next", "theme", "skip", "back", "lessons", "way", "no_script", "other")


@dataclass(frozen=True)
class Place:
    """Where a story stands in the course.

    Parameters
    ----------
    stories
        Name and title of all stories, in order.
    index
        Of this one.
    """

    stories: tuple[tuple[str, str], ...]
    index: int

    @property
    def neighbors(self) -> tuple[tuple[str, str] | None, tuple[str, str] | None]:
        """The lesson before and the one after, None where there is none."""
        before = self.stories[self.index - 1] if self.index else None
        after = self.stories[self.index + 1] if self.index + 1 < len(self.stories) else None
        return before, after


def lesson_page(story: Story, place: Place) -> str:
    """Return the page of a lesson."""
    ink = Ink(story.language, _root(story.language))
    parts = [_head(story, place)]
    first = story.exercises[0] if story.exercises else None
    for index, block in enumerate(story.blocks):
        following = story.blocks[index + 1] if index + 1 < len(story.blocks) else None
        if first is not None and following is first and isinstance(block, Heading):
            parts.append(_walks(story))
        parts.append(block_html(block, ink))
    body = f"<article>{''.join(parts)}</article>{_way(place, story.language)}"
    drawn = [{"figure": plot.figure, "chinese": [], "space": plot.is_space} for plot in ink.plots]
    data = {"plots": drawn, "no_webgl": word("no_webgl", story.language)}
    return _page(story.title, f"{story.name}.html", body, story.language, json_in_html(data))


def index_page(stories: Sequence[Story]) -> str:
    """Return the page that lists the stories, all in one language, as one course."""
    language = stories[0].language
    title, about = word("course", language), word("about", language, count=len(stories))
    begin = f'<p><a class="begin" href="{stories[0].name}.html">{word("begin", language)}</a></p>'
    items = "".join(f"<li>{_card(story)}</li>" for story in stories)
    body = f'<article class="index"><h1>{title}</h1><p class="about">{about}</p>{begin}<ol class="course">{items}</ol>'
    return _page(title, "index.html", f"{body}</article>", language, "")


def asset(name: str) -> str:
    """Return the text of one of the gallery's own files."""
    return resources.files("ravine.gallery").joinpath("assets", name).read_text(encoding="utf-8")


def _root(language: Language) -> str:
    return "../" if language == "zh" else ""


def _page(title: str, name: str, body: str, language: Language, data: str) -> str:
    root = _root(language)
    parts = {
        "language": "zh-Hans" if language == "zh" else "en",
        "title": html.escape(title),
        "root": root,
        "elsewhere": f"../{name}" if language == "zh" else f"zh/{name}",
        "elsewhere_language": "en" if language == "zh" else "zh-Hans",
        "body": body,
        "data": data or "null",
        "plotly": f'<script defer src="{root}assets/plotly.js"></script>' if data else "",
        "made_by": word("made_by", language, version=importlib.metadata.version("ravine")),
        **{f"word_{key}": html.escape(WORDS[key].in_language(language)) for key in _SPOKEN},
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], asset("page.html"))


def _head(story: Story, place: Place) -> str:
    """Return number, title and formula of a lesson."""
    said = word("lesson", story.language, place=place.index + 1, count=len(place.stories))
    formula = _formula_of(story)
    shown = f'<p class="formula">{formula}</p>' if formula else ""
    return f'<p class="place">{said}</p><h1>{html.escape(story.title)}</h1>{shown}'


def _formula_of(story: Story) -> str:
    """Return the first formula that the lesson's code goes down, typeset; empty if it is too long for a headline."""
    found = [match for block in story.blocks if isinstance(block, Code) for match in _FORMULA.findall(block.text)]
    short = [formula for formula in found if len(formula) < 50]
    return typeset(short[0]) if short else ""


def _card(story: Story) -> str:
    headings = [block.text for block in story.blocks if isinstance(block, Heading)][:-2]
    outline = " · ".join(marked(each) for each in headings)
    inside = word("inside", story.language, pictures=len(story.pictures), exercises=len(story.exercises))
    formula = _formula_of(story)
    shown = f'<span class="formula">{formula}</span>' if formula else ""
    name = f'<a href="{story.name}.html">{html.escape(story.title)}</a> <code>{story.name}</code>'
    return f'<h2>{name}</h2>{shown}<p>{outline}</p><p class="inside">{inside}</p>'


def _walks(story: Story) -> str:
    """Return the doors to the descents that can be followed step by step."""
    doors = []
    for number, walk in enumerate(WALKS.get(story.name, ()), start=1):
        title = html.escape(walk.title.in_language(story.language))
        address = f"walks/{story.name}-{number}.html"
        frame = f'data-frame="{address}" data-title="{title}" aria-expanded="false"'
        here = f'<button type="button" class="walk-here" {frame}>{word("walk_here", story.language)}</button>'
        alone = f'<a href="{address}">{word("walk_alone", story.language)}</a>'
        doors.append(f'<div class="walk"><h3>{title}</h3><p>{here} {alone}</p></div>')
    if not doors:
        return ""
    head = f"<h2>{word('walk', story.language)}</h2><p>{word('walk_about', story.language)}</p>"
    return f'<section class="walks">{head}{"".join(doors)}</section>'


def _way(place: Place, language: Language) -> str:
    before, after = place.neighbors
    links = [_neighbor(before, "previous", "prev", language), _neighbor(after, "next", "next", language)]
    keys = f'<p class="keys">{word("keys", language)}</p>'
    return f'<nav class="way" aria-label="{word("way", language)}">{"".join(links)}</nav>{keys}'


def _neighbor(story: tuple[str, str] | None, key: str, relation: str, language: Language) -> str:
    if story is None:
        return f'<a class="{relation}" href="index.html"><small>{word("back", language)}</small></a>'
    name, title = story
    said = f"<small>{word(key, language)}</small><span>{html.escape(title)}</span>"
    return f'<a class="{relation}" rel="{relation}" href="{name}.html">{said}</a>'
