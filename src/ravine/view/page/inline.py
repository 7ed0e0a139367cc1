"""A page inside a notebook: Jupyter, VS Code and what nbconvert writes."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any

from ravine.errors import ProblemError
from ravine.view.page.document import page_of
from ravine.view.page.nouns import content_of
from ravine.view.page.wording import check_language

_LEAST = 200


@dataclass(frozen=True)
class InlinePage:
    """A page that a notebook shows beneath the cell: it needs no network and no extension.

    Parameters
    ----------
    title
        What the page is about.
    page
        The whole page, the same that `ravine.export` writes.
    height
        Of the frame, in pixels.
    """

    title: str
    page: str = field(repr=False)
    height: int = 900

    def _repr_html_(self) -> str:
        """Return a frame that holds the page itself, so that nothing is left behind when the notebook moves."""
        style = "width: 100%; border: 1px solid #d8dce2; border-radius: 8px"
        return (
            f'<iframe title="{html.escape(self.title)}" srcdoc="{html.escape(self.page)}" width="100%" '
            f'height="{self.height}" style="{style}"></iframe>'
        )


def show_page(
    result: Any, *, height: int = 900, language: str = "en", pair: tuple[str, str] | None = None
) -> InlinePage:
    """Show the page of a result inside a notebook, as the last expression of a cell or by ``display``.

    The notebook keeps the page, about five megabytes; `ravine.export` writes it into a file instead.

    Parameters
    ----------
    result
        A run, a fit, basins, a race or a sweep.
    height
        Of the frame, in pixels.
    language
        ``en`` or ``zh``, the one that the page opens in.
    pair
        With more than two parameters: those of the plane to begin with.

    Raises
    ------
    ProblemError
        If there is no page for such a thing, no such language or height, or the pair isn't two of its parameters.

    Examples
    --------
    >>> import ravine as rv
    >>> run = rv.descend("(x - 2)**2", {"x": 6}, learning_rate=0.25, steps=2)
    >>> rv.show_page(run, height=600)
    InlinePage(title='(x - 2)**2', height=600)
    """
    check_language(language)
    if isinstance(height, bool) or not isinstance(height, int) or height < _LEAST:
        raise ProblemError(f"show_page: height: expected at least {_LEAST} pixels, got {height!r}.")
    content = content_of(result, pair)
    return InlinePage(content.title, page_of(content, language), height)
