"""The page as HTML: everything in one file, which can load nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import html
import importlib.metadata
import os
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from ravine.errors import StoreError
from ravine.files import replacing
from ravine.view.page.content import Content, Picture, Table
from ravine.view.page.figures import figure_of, translation_of
from ravine.view.page.nouns import content_of
from ravine.view.page.packing import json_in_html
from ravine.view.page.tables import cells_html, settings_html
from ravine.view.page.wording import LANGUAGES, WORDS, check_language, word

#: Our own scripts, in the order in which they stand on the page.
SCRIPTS = (
    *("special", "functions", "program", "figures", "ink", "overlays", "probe", "numbers", "updates", "player"),
    *("paper", "page"),
)


def export(
    result: Any, path: str | os.PathLike[str], *, language: str = "en", pair: tuple[str, str] | None = None
) -> Path:
    """Write a page that shows a result, alive: one HTML file that opens without a network.

    One marker walks down the loss surface in 3-D and from above, bends the curve through the data and moves along the
    loss and the parameters, all at once; a pointer over the contours shows that point's curve. Of a race every
    optimizer has a marker; of basins and sweeps a pointer over the picture says how each start ended. Report,
    warnings and settings stand below.

    Parameters
    ----------
    result
        A run, a fit, basins, a race or a sweep.
    path
        The file; its name ends in ``.html``. An existing one is replaced, whole or not at all.
    language
        ``en`` or ``zh``, the one that the page opens in; it can be changed there.
    pair
        With more than two parameters: those of the plane to begin with. It passes through the best end.

    Returns
    -------
    Path
        The path.

    Raises
    ------
    ProblemError
        If there is no page for such a thing, no such language, or the pair isn't two of its parameters.
    StoreError
        If the name ends otherwise, or the file can't be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".html":
        raise StoreError(f"{path}: expected a name that ends in .html, got '{path.name}'.")
    check_language(language)
    with replacing(path) as beside:
        beside.write_text(page_of(content_of(result, pair), language), encoding="utf-8")
    return path


def page_of(content: Content, language: str = "en", *, library: str = "") -> str:
    """Return the page of a content as HTML; ``library`` is the address of Plotly's if the page shall not carry it."""
    plotly = "" if library else plotly_js()
    script = "\n".join(["(() => {", "'use strict';", *(asset(f"{name}.js") for name in SCRIPTS), "})();"])
    parts = {
        "language": "zh-Hans" if language == "zh" else "en",
        "policy": _policy(plotly, script, beside="'self' " if library else ""),
        "title": html.escape(content.title),
        "style": asset("page.css"),
        "headlines": "".join(f'<p class="headline">{html.escape(line)}</p>' for line in content.headlines),
        "panels": "\n".join(_panel(index, each, content, language) for index, each in enumerate(content.pictures)),
        "update": _update(content, language),
        "remarks": "".join(_sentence(key, values, language) for key, values in content.remarks),
        "tables": "".join(_table(each, language) for each in content.tables),
        "warnings": _warnings(content, language),
        "settings": settings_html(content.settings, language),
        "report": _report(content, language),
        "english": _sentence("english", {}, language, "remark chinese-only"),
        "made_by": _sentence("made_by", {"version": importlib.metadata.version("ravine")}, language),
        "data": json_in_html(_data(content, language)),
        "library": f' src="{html.escape(library)}"' if library else "",
        "plotly": plotly,
        "script": script,
        **{f"word_{key}": html.escape(word(key, language)) for key in WORDS},
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], asset("page.html"))


def asset(name: str) -> str:
    """Return the text of one of the page's own files."""
    return resources.files("ravine.view.page").joinpath("assets", name).read_text(encoding="utf-8")


def plotly_js() -> str:
    """Return Plotly's library for browsers, which its Python package carries."""
    from plotly.offline import get_plotlyjs

    text = get_plotlyjs().replace("</script", "<\\/script")
    return text.replace("\r\n", "\n").replace("\r", "\n")  # as a browser reads it, so that the hash is the same


def _policy(*scripts: str, beside: str = "") -> str:
    """Return the rule by which a browser runs these scripts, and those ``beside``, and loads nothing else at all."""
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{each}'" for each in hashes)
    return (
        f"default-src 'none'; script-src {beside}{allowed}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _data(content: Content, language: str) -> dict[str, Any]:
    return {
        "language": language,
        "words": {tongue: {key: each[index] for key, each in WORDS.items()} for index, tongue in enumerate(LANGUAGES)},
        "pictures": [_described(each) for each in content.pictures],
        "descents": content.descents,
        "model": content.model,
        "update": None if content.update is None else {**content.update, "formulas": None},
        "planes": content.planes,
    }


def _described(picture: Picture) -> dict[str, Any]:
    figure = figure_of(picture.scene)
    return {
        "kind": picture.kind,
        "live": picture.live,
        "choice": picture.choice,
        "start": picture.start,
        "figure": figure,
        "chinese": translation_of(picture.scene, figure),
    }


def _panel(index: int, picture: Picture, content: Content, language: str) -> str:
    """Return a panel without its figure, which the script draws."""
    from ravine.view.labels import chinese

    title = picture.scene.panels[0].title or picture.scene.title
    said = html.escape(chinese(title) if language == "zh" else title)
    spoken = f'data-en="{html.escape(title)}" data-zh="{html.escape(chinese(title))}"'
    hint = _hint(picture, content)
    below = _sentence(hint, {}, language, "hint") if hint else ""
    elsewhere = picture.start >= 0 and content.descents is not None and picture.start != content.descents["best"]
    hidden = " hidden" if picture.choice > 0 or elsewhere else ""
    return (
        f'<section class="panel {picture.kind}" data-panel="{index}"{hidden}>'
        f"<h2 {spoken}>{said}</h2>"
        f'<div class="plot" role="img" aria-label="{said}"></div>{below}</section>'
    )


def _hint(picture: Picture, content: Content) -> str:
    match picture.kind:
        case "map":
            return "hint_map"
        case _ if content.descents is None:
            return ""
        case "plane" | "line":
            return "hint_plane" if content.model else "hint_plane_alone"
        case "space" | "history":
            return f"hint_{picture.kind}" if picture.live.get("over", "step") == "step" else ""
    return ""


def _sentence(key: str, values: Mapping[str, object], language: str, kind: str = "remark") -> str:
    """Return a sentence in one language that carries both."""
    spoken = " ".join(f'data-{tongue}="{html.escape(word(key, tongue, **values))}"' for tongue in LANGUAGES)
    return f'<p class="{kind}" {spoken}>{html.escape(word(key, language, **values))}</p>'


def _warnings(content: Content, language: str) -> str:
    if not content.warnings:
        return _sentence("all_is_well", {}, language)
    items = "".join(f"<li>{html.escape(text)}</li>" for text in content.warnings)
    return f'<ul class="warnings" lang="en">{items}</ul>'


def _update(content: Content, language: str) -> str:
    """Return the section that takes a step apart: its formulas, and room for the numbers."""
    if content.update is None:
        return ""
    told = zip(LANGUAGES, content.update["formulas"], strict=True)
    formulas = "".join(f'<div class="only-{tongue}" lang="{tongue}">{text}</div>' for tongue, text in told)
    headings = {
        key: f'<{tag} data-word="{key}">{html.escape(word(key, language))}</{tag}>'
        for key, tag in (("this_step", "h2"), ("formulas", "h3"))
    }
    return (
        f'<section class="panel step" id="taken-apart">{headings["this_step"]}<div class="halves">'
        f'<div class="formulas">{headings["formulas"]}{formulas}<div id="losses"></div></div>'
        '<div id="update"></div></div></section>'
    )


def _report(content: Content, language: str) -> str:
    if not content.report:
        return ""
    heading = f'<h2 data-word="report">{html.escape(word("report", language))}</h2>'
    report = f'<div class="wide report" lang="en">{content.report}</div>'
    return f'<section class="below">{heading}{report}</section>'


def _table(table: Table, language: str) -> str:
    heading = f'<h2 data-word="{table.title}">{html.escape(word(table.title, language))}</h2>'
    remarks = "".join(f'<p class="remark" lang="en">{html.escape(line)}</p>' for line in table.remarks)
    cells = f'<div class="wide cells">{cells_html(table, language)}</div>'
    return f'<section class="below">{heading}{cells}{remarks}</section>'
