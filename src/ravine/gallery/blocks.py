"""Blocks: the parts of a story as HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field

from ravine.gallery.figures import Plot, plots_of
from ravine.gallery.mathematics import marked
from ravine.gallery.wording import word
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
    Table,
    are_numbers,
)

_PREVIEW = 5


@dataclass(frozen=True)
class Ink:
    """What the blocks of one page have in common.

    Parameters
    ----------
    language
        Of the page.
    root
        From the page to the folder of the gallery, such as ``../``.
    plots
        The panels so far: a page's script draws them by their number.
    exercises
        Those so far: they are numbered.
    """

    language: Language
    root: str
    plots: list[Plot] = field(default_factory=list)
    exercises: list[Exercise] = field(default_factory=list)


def block_html(block: Block, ink: Ink) -> str:
    """Return a block as HTML; all text in it is escaped."""
    match block:
        case Heading(text):
            return f"<h2>{marked(text)}</h2>"
        case Paragraph(text):
            return f"<p>{marked(text)}</p>"
        case Quote(text):
            return f'<blockquote lang="en"><p>{marked(text)}</p></blockquote>'
        case Code(text, language):
            return _code(text, language, ink.language)
        case Table(header, rows, caption):
            return _table(header, rows, caption)
        case Picture():
            return _picture(block, ink)
        case Data(name, columns):
            said = word("rows", ink.language, count=len(next(iter(columns.values()))), names=", ".join(columns))
            link = f'<a href="{ink.root}data/{name}.csv" download>{name}.csv</a>'
            return f'<p class="data">{word("data", ink.language)}: {link} <span>({html.escape(said)})</span></p>'
        case Exercise():
            return _exercise(block, ink)


def _code(text: str, kind: str, language: Language) -> str:
    """Return code with a button that copies it."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import BashLexer, PythonLexer

    lexer = PythonLexer() if kind == "python" else BashLexer()
    colored = highlight(text, lexer, HtmlFormatter(nowrap=True)).rstrip("\n")
    said, done = word("copy", language), word("copied", language)
    button = f'<button type="button" class="copy" data-done="{done}">{said}</button>'
    head = f'<div class="code-head"><span>{word(kind, language)}</span>{button}</div>'
    return f'<div class="code">{head}<pre tabindex="0"><code>{colored}</code></pre></div>'


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> str:
    """Return a table; columns of words start at the left, numbers end at the right."""
    words = [not are_numbers(row[place] for row in rows) for place in range(len(header))]
    head = "".join(f"<th{_side(each)}>{marked(cell)}</th>" for cell, each in zip(header, words, strict=True))
    body = "".join(
        f"<tr>{''.join(f'<td{_side(each)}>{marked(cell)}</td>' for cell, each in zip(row, words, strict=True))}</tr>"
        for row in rows
    )
    above = f"<caption>{marked(caption)}</caption>" if caption else ""
    inside = f"{above}<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="wide" tabindex="0"><table>{inside}</table></div>'


def _side(is_words: bool) -> str:
    return ' class="words"' if is_words else ""


def _picture(picture: Picture, ink: Ink) -> str:
    """Return a picture as empty places, which the script fills when they come into sight."""
    title = html.escape(picture.scene.title)
    spoken = html.escape(f"{picture.scene.title}. {picture.caption}")
    places = []
    for plot in plots_of(picture):
        above = f"<h4>{html.escape(plot.title)}</h4>" if plot.title else ""
        kind = "plot square" if plot.is_square else "plot space" if plot.is_space else "plot"
        place = f'<div class="{kind}" role="img" aria-label="{spoken}" data-plot="{len(ink.plots)}"'
        places.append(f'<div class="panel">{above}{place} style="--height: {plot.height}px"></div></div>')
        ink.plots.append(plot)
    columns = min(picture.scene.columns, len(places))
    inside = f'<div class="panels" style="--columns: {columns}">{"".join(places)}</div>'
    said = f"<strong>{title}</strong> {marked(picture.caption)}"
    kind = ' class="broad"' if columns > 2 else ""
    return f'<figure id="{html.escape(picture.name)}"{kind}>{inside}<figcaption>{said}</figcaption></figure>'


def _exercise(exercise: Exercise, ink: Ink) -> str:
    """Return a question whose answer opens on demand."""
    ink.exercises.append(exercise)
    answer = f"<details><summary>{word('answer', ink.language)}</summary><p>{marked(exercise.answer)}</p></details>"
    number = f'<span class="number" aria-hidden="true">{len(ink.exercises)}</span>'
    return f'<section class="exercise">{number}<div><p>{marked(exercise.question)}</p>{answer}</div></section>'
