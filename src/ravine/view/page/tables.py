"""Tables of a page: what a result says of itself, in cells."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ravine.problem import Problem
from ravine.view.page.content import Table
from ravine.view.page.wording import WORDS, word


def settings_rows(problem: Problem, starts: int | None, settings: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the rows of the table of settings: a key of the page's words or a name, and a value.

    Parameters
    ----------
    problem
        What was made small.
    starts
        How many there were; None if the settings say so.
    settings
        Of the result. What is empty is left out.
    """
    rows = {"formula": problem.title, "loss_name": problem.loss.name}
    rows |= {"points": f"{problem.points:,}"} if problem.has_data else {}
    rows |= {"starts": f"{starts:,}"} if starts is not None else {}
    bounds = {name: f"{low:g} … {high:g}" for name, (low, high) in problem.bounds.items()}
    rows |= {"bounds": ", ".join(f"{name}: {words}" for name, words in bounds.items())} if bounds else {}
    rows |= {name: written(value) for name, value in settings.items() if not _is_empty(value)}
    return tuple(rows.items())


def written(value: Any) -> str:
    """Return a setting as text.

    Examples
    --------
    >>> written({"momentum": 0.9, "clipnorm": None}), written([0.1, 0.2])
    ('momentum: 0.9', '0.1, 0.2')
    """
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {written(each)}" for key, each in value.items() if not _is_empty(each))
    if isinstance(value, list | tuple) and value and all(isinstance(each, float | int) for each in value):
        return ", ".join(f"{each:.6g}" for each in value)
    if isinstance(value, list | tuple) and value and all(isinstance(each, Mapping) for each in value):
        return "; ".join(map(written, value))
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)


def settings_html(rows: Sequence[tuple[str, str]], language: str) -> str:
    """Return the table of settings."""
    lines = []
    for key, value in rows:
        name = word(key, language) if key in WORDS else key.replace("_", " ")
        lines.append(f'<tr><th scope="row"{_spoken(key)}>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>')
    return f"<table>{''.join(lines)}</table>"


def cells_html(table: Table, language: str) -> str:
    """Return a table with a header; its own headings, kinds and tunings speak the language of the page.

    Examples
    --------
    >>> cells_html(Table("minima", [["rank", "a"], ["1", "0.5"]], 1), "en")
    '<table><tr><th data-word="rank">rank</th><th>a</th></tr><tr><td>1</td><td>0.5</td></tr></table>'
    """
    head, *body = table.rows
    names = "".join(_cell("th", text, language, speaks=index < table.words) for index, text in enumerate(head))
    told = [heading in _TOLD and index < table.words for index, heading in enumerate(head)]
    lines = [
        "".join(_cell("td", text, language, speaks=speaks) for text, speaks in zip(row, told, strict=True))
        for row in body
    ]
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in (names, *lines))}</table>"


_TOLD = ("kind", "tuning", "status")  # columns whose cells are words


def _cell(tag: str, text: str, language: str, *, speaks: bool) -> str:
    key = text.replace(" ", "_")
    if not speaks or key not in WORDS:
        return f"<{tag}>{html.escape(text)}</{tag}>"
    return f"<{tag}{_spoken(key)}>{html.escape(word(key, language))}</{tag}>"


def _spoken(key: str) -> str:
    return f' data-word="{key}"' if key in WORDS else ""


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | dict | list) and not value)
