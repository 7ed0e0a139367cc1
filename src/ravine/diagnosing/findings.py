"""Findings: what a diagnosis says, for people (text, HTML) and for programs."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ravine import json_values

Language = Literal["en", "zh"]

#: What can be found, in the order of a report.
CODES = (
    "overflow", "learning-rate-too-large", "learning-rate-at-edge", "learning-rate-too-small", "ill-conditioned",
    "noise-floor", "flat", "saddle", "local-minimum", "at-bound", "no-effect", "indistinguishable",
)  # fmt: skip

_WIDTH = 100
_NOTHING = {"en": "Nothing found: all is well as far as could be checked.", "zh": "没有发现问题：能检查的都正常。"}
_EVIDENCE = {"en": "Evidence", "zh": "依据"}


@dataclass(frozen=True)
class Finding:
    """One thing that went wrong.

    Parameters
    ----------
    code
        One of `CODES`.
    text
        What happened and why, in one sentence.
    evidence
        The numbers and names behind it.
    suggestion
        What to do next.
    starts
        The starts that it concerns; all of them if it is said of the problem itself.
    """

    code: str
    text: str
    evidence: Mapping[str, Any]
    suggestion: str
    starts: tuple[int, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {
            "code": self.code,
            "text": self.text,
            "evidence": json_values.known(self.evidence),
            "suggestion": self.suggestion,
            "starts": list(self.starts),
        }


@dataclass(frozen=True)
class Diagnosis:
    """What was found in a run.

    Parameters
    ----------
    title
        The formula.
    findings
        In the order of `CODES`; none when all is well.
    remarks
        What could not be checked, and what is no fault but worth knowing.
    language
        Of the texts.
    """

    title: str
    findings: tuple[Finding, ...]
    remarks: tuple[str, ...] = ()
    language: Language = "en"

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the findings, each once, in order."""
        return tuple(dict.fromkeys(finding.code for finding in self.findings))

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {
            "formula": self.title,
            "findings": [finding.as_dict() for finding in self.findings],
            "remarks": list(self.remarks),
        }

    def __repr__(self) -> str:
        lines = [self.title, ""]
        for finding in self.findings:
            lines += [finding.code, *_wrapped(finding.text), *_wrapped(f"→ {finding.suggestion}"), ""]
        lines += [] if self.findings else [_NOTHING[self.language], ""]
        for remark in self.remarks:
            lines += _wrapped(f"· {remark}")
        return "\n".join(lines).rstrip()

    def _repr_html_(self) -> str:
        parts = [f"<h3><code>{html.escape(self.title)}</code></h3>"]
        parts += [_html(finding, self.language) for finding in self.findings]
        parts += [] if self.findings else [f"<p>{_NOTHING[self.language]}</p>"]
        if self.remarks:
            parts.append("<ul>" + "".join(f"<li>{html.escape(remark)}</li>" for remark in self.remarks) + "</ul>")
        return "".join(parts)


def _html(finding: Finding, language: Language) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(str(name))}</td><td>{html.escape(str(value))}</td></tr>"
        for name, value in finding.evidence.items()
    )
    return (
        f"<p><b>{finding.code}</b><br>{html.escape(finding.text)}<br>→ {html.escape(finding.suggestion)}</p>"
        f"<details><summary>{_EVIDENCE[language]}</summary><table>{rows}</table></details>"
    )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
