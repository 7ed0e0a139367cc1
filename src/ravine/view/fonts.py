"""Fonts that can write what labels say."""

from __future__ import annotations

import functools
import logging
import unicodedata

_CJK_FAMILIES = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK TC", "Noto Sans SC", "Source Han Sans SC",
    "Source Han Sans CN", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Microsoft YaHei", "SimHei", "PingFang SC",
    "PingFang HK", "Hiragino Sans GB", "Heiti SC", "Heiti TC", "STHeiti", "Arial Unicode MS", "Droid Sans Fallback",
    "Noto Sans JP", "Noto Sans KR", "Yu Gothic", "Malgun Gothic", "AR PL UMing CN",
)  # fmt: skip
_LATIN = "DejaVu Sans"
_MISSING = "\N{WHITE SQUARE}"


@functools.cache
def cjk_font() -> str | None:
    """Return the family name of an installed font with Chinese characters, or None.

    Examples
    --------
    >>> cjk_font() is None or isinstance(cjk_font(), str)
    True
    """
    from matplotlib import font_manager

    # Matplotlib logs a warning for every size of a font that comes in no normal weight, such as Zen Hei.
    logging.getLogger(font_manager.__name__).addFilter(lambda record: "font weight" not in record.msg)
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((family for family in _CJK_FAMILIES if family in installed), None)


def families_for(text: str) -> list[str]:
    """Return the font families that a text needs, in order.

    Examples
    --------
    >>> families_for("loss")
    ['DejaVu Sans']
    """
    cjk = cjk_font() if any(ord(character) >= 0x2E80 for character in text) else None
    return [_LATIN, cjk] if cjk else [_LATIN]


def printable(text: str) -> str:
    r"""Return a text with a box in place of each character that no font at hand can write.

    Examples
    --------
    >>> printable("α²\t≥ 0")
    'α² ≥ 0'
    """
    text = "".join(character if character.isprintable() else " " for character in text)
    if text.isascii():
        return text
    known = [_characters(family) for family in families_for(text)]
    return "".join(c if any(ord(c) in each for each in known) else _MISSING for c in text)


def shortened(text: str, width: int) -> str:
    """Return a text cut in its middle to ``width`` columns; East Asian characters take two.

    Examples
    --------
    >>> shortened("a very long name", 9)
    'a ve…name'
    """
    if columns_of(text) <= width:
        return text
    head, tail = "", ""
    front, back = list(text), list(reversed(text))
    while front and columns_of(head + front[0]) <= width // 2:
        head += front.pop(0)
    while back and columns_of(head + tail + back[0]) < width:
        tail = back.pop(0) + tail
    return f"{head}…{tail}"


def columns_of(text: str) -> int:
    """Return how many columns a text takes; East Asian characters take two.

    Examples
    --------
    >>> columns_of("ab"), columns_of("温度")
    (2, 4)
    """
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


@functools.cache
def _characters(family: str) -> frozenset[int]:
    from matplotlib import font_manager

    return frozenset(font_manager.get_font(font_manager.findfont(family)).get_charmap())
