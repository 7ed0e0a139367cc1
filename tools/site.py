"""Pages of the site that are made and not written: the references, the pages of the root, the gallery of lessons."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import typer
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

from ravine import _HOMES
from ravine.cli import app
from ravine.gallery.site import build_gallery

_ROOT = Path(__file__).parent.parent
_FROM_ROOT = {"glossary.md": "GLOSSARY.md", "contributing.md": "CONTRIBUTING.md", "changes.md": "CHANGELOG.md"}
_MARKUP = re.compile(r"\[/?bold\]")
_FROM_AFAR = re.compile(r'<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)="(https?://[^"]+)"')


def on_files(files: Files, config: Any) -> Files:
    """Add the pages."""
    pages = {"command-line.md": _commands(), "python.md": _python()}
    pages |= {page: _at_home((_ROOT / source).read_text("utf-8")) for page, source in _FROM_ROOT.items()}
    for name, text in pages.items():
        files.append(File.generated(config, name, content=text))
    for path, content in _gallery():
        files.append(File.generated(config, path, content=content))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Let links between pages of the repository work on the site too."""
    return _at_home(markdown)


def on_post_build(config: Any) -> None:
    """Refuse a site that would load something from afar when it is opened."""
    for page in Path(config.site_dir).rglob("*.html"):
        found = _FROM_AFAR.search(page.read_text("utf-8"))
        if found:
            raise PluginError(f"{page}: expected a page that needs no network, got one that loads {found[1]}.")


def _gallery() -> list[tuple[str, bytes]]:
    """Return the files of the gallery by their paths in the site."""
    with tempfile.TemporaryDirectory() as folder:
        home = build_gallery(folder).parent
        found = sorted(path for path in home.rglob("*") if path.is_file())
        return [(f"gallery/{path.relative_to(home).as_posix()}", path.read_bytes()) for path in found]


def _at_home(text: str) -> str:
    for page, source in _FROM_ROOT.items():
        text = re.sub(rf"\((?:\.\./)?{re.escape(source)}\)", f"({page})", text)
    return re.sub(r"\(docs/([\w.-]+)\)", r"(\1)", text)


def _commands() -> str:
    group: Any = typer.main.get_command(app)
    parts = ["# Command line", "Every command answers `--help`.", _code(_MARKUP.sub("", group.epilog or ""))]
    for name, command in group.commands.items():
        parts.append(f"## ravine {name}\n\n{command.help}\n")
        parts.append(_options(command))
        if command.epilog:
            parts.append(_code(_MARKUP.sub("", command.epilog)))
    return "\n\n".join(parts)


def _options(command: Any) -> str:
    rows = ["| | |", "|---|---|"]
    for parameter in command.params:
        names = ", ".join(f"`{name}`" for name in getattr(parameter, "opts", []))
        words = _MARKUP.sub("", getattr(parameter, "help", None) or "")
        default = parameter.default
        if isinstance(default, int | float | str) and not isinstance(default, bool) and "efault" not in words:
            words += f" Default: {default}."
        rows.append(f"| {names} | {_in_a_cell(words)} |")
    return "\n".join(rows)


def _in_a_cell(words: str) -> str:
    return words.replace("|", "\\|").replace("<", "&lt;")


def _code(text: str) -> str:
    lines = "\n".join(line.strip() for line in text.strip().splitlines())
    return f"```sh\n{lines}\n```"


def _python() -> str:
    parts = ["# Python", "Everything here is `ravine.NAME`; `import ravine as rv` takes a moment only."]
    for name, home in sorted(_HOMES.items(), key=lambda row: row[0].lower()):
        parts.append(f"::: {home if home.endswith(name) else f'{home}.{name}'}")
    return "\n\n".join(parts)
