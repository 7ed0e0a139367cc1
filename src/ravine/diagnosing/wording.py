"""Wording: causes become sentences, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ravine.diagnosing.findings import Language
from ravine.diagnosing.sentences import REMARKS, SENTENCES

_LISTED = 8  # starts named one by one


def sentences(
    code: str, kind: str, evidence: Mapping[str, Any], starts: Sequence[int], total: int, language: Language
) -> tuple[str, str]:
    """Return what happened and what to do, for these of all ``total`` starts; the evidence is the first one's."""
    spoken = {name: _spoken(value, language) for name, value in evidence.items()}
    in_row = {"en": f", in row {evidence.get('row')}", "zh": f"（第 {evidence.get('row')} 行）"}[language]
    spoken["in_row"] = in_row if "row" in evidence else ""
    first = 0 if language == "en" else 2
    text, suggestion = (each.format_map(spoken) for each in SENTENCES[code, kind][first : first + 2])
    return which(starts, total, language) + text, suggestion


def remark(kind: str, evidence: Mapping[str, Any], language: Language) -> str:
    """Return what is no fault, or could not be checked."""
    spoken = {name: _spoken(value, language) for name, value in evidence.items()}
    said = REMARKS[kind][language == "zh"].format_map(spoken)
    return said[0].upper() + said[1:]


def which(starts: Sequence[int], total: int, language: Language, *, worst_first: bool = True) -> str:
    """Return the starts as the beginning of a sentence; nothing if there is only one.

    Examples
    --------
    >>> which([2], 3, "en"), which([1, 0], 3, "en"), which([0], 1, "en")
    ('Start 2: ', 'Starts 0, 1 (told of start 1): ', '')
    >>> which(range(400), 1000, "en", worst_first=False)
    '400 of 1,000 starts: '
    """
    count, is_english = len(starts), language == "en"
    if total == 1:
        return ""
    if count == 1:
        return f"Start {starts[0]}: " if is_english else f"起点 {starts[0]}："
    told = f" (told of start {starts[0]})" if is_english else f"（以起点 {starts[0]} 为例）"
    told = told if worst_first else ""
    if count <= _LISTED:
        listed = (", " if is_english else "、").join(str(start) for start in sorted(starts))
        return f"Starts {listed}{told}: " if is_english else f"起点 {listed}{told}："
    if is_english:
        return f"{count:,} of {total:,} starts{told}: "
    return f"{total:,} 个起点中的 {count:,} 个{told}："


def _spoken(value: Any, language: Language) -> str:
    if value is None:
        return "infinitely many" if language == "en" else "无穷多"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_spoken(each, language)}" for name, each in value.items())
    if isinstance(value, tuple):
        return _listed([str(each) for each in value], language)
    if isinstance(value, float):
        return f"{value:.10g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _listed(words: Sequence[str], language: Language) -> str:
    if language == "zh":
        return "、".join(words)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
