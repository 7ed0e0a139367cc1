"""Report: a fit in words and tables, for people (text, HTML) and for programs (JSON)."""

from __future__ import annotations

import html
import json
import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ravine import json_values, notes
from ravine.errors import ProblemError
from ravine.fitting.digits import like, number, with_error
from ravine.fitting.statistics import significance

if TYPE_CHECKING:
    from ravine.fitting.fitted import Fit, FittedParameter

FORMATS = ("text", "html", "json")

_WIDTH = 80
_NAME = 16
_CORRELATED = 0.8
_SHOWN = 8
_LIGHT = 0.5  # weight below which a row is named
_STATISTICS = {
    "points": "points",
    "free": "free parameters",
    "degrees_of_freedom": "degrees of freedom",
    "squares": "Σr² (χ²)",
    "reduced_chi_squared": "reduced χ²",
    "s": "s, spread of the residuals",
    "r_squared": "R²",
    "adjusted_r_squared": "adjusted R²",
    "aic": "AIC",
    "aicc": "AICc",
    "bic": "BIC",
}
_CRITERIA = ("aic", "aicc", "bic")
_STYLE = """
<style>
.ravine-fit {font: 15px/1.45 system-ui, sans-serif; color: #222; max-width: 52em}
.ravine-fit h2 {font-size: 1.15em; font-family: ui-monospace, monospace; margin: 0 0 .3em}
.ravine-fit h3 {font-size: 1em; margin: 1.2em 0 .3em}
.ravine-fit p {margin: .3em 0}
.ravine-fit .warning {background: #fff4d6; border-left: 4px solid #d99a00; padding: .3em .7em}
.ravine-fit table {border-collapse: collapse; font-variant-numeric: tabular-nums}
.ravine-fit th {font-weight: 600; border-bottom: 1.5px solid #222}
.ravine-fit th, .ravine-fit td {padding: .15em .8em .15em 0; text-align: right; white-space: nowrap}
.ravine-fit th:first-child, .ravine-fit td:first-child {text-align: left}
</style>"""

Rows = list[list[str]]


def report(fit: Fit, format: str = "text") -> str:
    """Return the report of a fit.

    Parameters
    ----------
    fit
        The fit.
    format
        ``"text"`` (80 columns), ``"html"`` (a page of its own) or ``"json"``.

    Raises
    ------
    ProblemError
        If the format is another one.
    """
    match format:
        case "text":
            return to_text(fit)
        case "html":
            title = html.escape(fit.problem.title)
            head = f'<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title>'
            return f"{head}\n{to_html(fit)}\n</html>\n"
        case "json":
            return json.dumps(describe(fit), allow_nan=False, indent=2, ensure_ascii=False)
    raise ProblemError(f"Fit.report: expected a format among {', '.join(FORMATS)}, got {format!r}.")


def to_text(fit: Fit) -> str:
    """Return the report as text."""
    lines = [*_wrapped(fit.problem.title), *_wrapped(headline(fit))]
    lines += textwrap.wrap(_lightest(fit), _WIDTH, subsequent_indent="  ")
    for note in fit.warnings:
        lines += textwrap.wrap(f"! {note.text}", _WIDTH, subsequent_indent="  ")
    rows = _parameter_rows(fit)
    if not _fits(rows):
        rows = _parameter_rows(fit, tested=False)
    lines += ["", *_aligned(rows), "", "Statistics", *_in_two_columns(_statistics_rows(fit))]
    for title, rows in _appendix(fit):
        lines += ["", title, *_aligned(rows, indent="  ")]
    return "\n".join(lines)


def to_html(fit: Fit) -> str:
    """Return the report as a piece of HTML."""
    parts = [f"<h2>{html.escape(fit.problem.title)}</h2>", f"<p><b>{html.escape(headline(fit))}</b></p>"]
    parts += [f"<p>{html.escape(_lightest(fit))}</p>"] if _lightest(fit) else []
    parts += [f'<p class="warning">{html.escape(note.text)}</p>' for note in fit.warnings]
    parts += [
        _html_table(_parameter_rows(fit)),
        "<h3>Statistics</h3>",
        _html_table(_statistics_rows(fit), headed=False),
    ]
    for title, rows in _appendix(fit):
        parts += [f"<h3>{html.escape(title)}</h3>", _html_table(rows)]
    return f'{_STYLE}\n<div class="ravine-fit">\n' + "\n".join(parts) + "\n</div>"


def describe(fit: Fit) -> dict[str, Any]:
    """Return the report as plain values for JSON, None where there is no number."""
    run = fit.run
    light = [{"row": row, "weight": weight} for row, weight in _light_rows(fit)]
    weighed = {"name": fit.problem.loss.name, "scale": fit.scale, "light_rows": light}
    return {
        "formula": fit.problem.title,
        "status": "converged" if fit.converged else "ran_out",
        "optimizer": str(run.settings["optimizer"]),
        "learning_rate": None,
        "steps": int(run.dataset["steps_taken"].values[run.best]),
        "loss": {"start": json_values.number(fit.start_loss), "final": json_values.number(fit.loss)},
        **({"robust": weighed} if fit.goodness.is_robust else {}),
        "params": {name: _describe_parameter(fit, each) for name, each in fit.params.items()},
        "statistics": {name: json_values.number(value) for name, value in fit.goodness.as_dict().items()},
        "correlations": [{"params": [a, b], "value": value} for a, b, value in _correlations(fit, 0.0)],
        "minima": [
            {"loss": json_values.number(each.loss), "params": dict(each.params), "share": each.share}
            for each in fit.minima
        ],
        "warnings": notes.described(fit.warnings),
    }


def headline(fit: Fit) -> str:
    """Return how the fit ended, in a sentence or two."""
    head = "Converged." if fit.converged else "Not converged."
    sure = "known sigma" if fit.absolute_sigma else "errors scaled by the residuals"
    sure = f"loss {fit.problem.loss.name}" if fit.goodness.is_robust else sure
    count, free = fit.goodness.points, fit.goodness.free
    points, parameters = "point" if count == 1 else "points", "parameter" if free == 1 else "parameters"
    return f"{head} {count:,} {points}, {free} free {parameters}, {sure}."


def _light_rows(fit: Fit) -> list[tuple[int, float]]:
    """Return the rows that a robust loss weighs least, counted from 1, and their weights."""
    if not fit.goodness.is_robust or not fit.problem.is_callable:
        return []
    weights = fit.weights.ravel()
    return [(int(row) + 1, float(weights[row])) for row in np.argsort(weights, kind="stable") if weights[row] < _LIGHT]


def _lightest(fit: Fit) -> str:
    rows = _light_rows(fit)
    if not rows:
        return ""
    said = ", ".join(f"{row} ({weight:.2g})" for row, weight in rows[:_SHOWN])
    rest = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    return f"Weighs least: {'row' if len(rows) == 1 else 'rows'} {said}{rest}."


def _describe_parameter(fit: Fit, each: FittedParameter) -> dict[str, float | None]:
    start = each.asked.value
    numbers = {"value": each.value, "stderr": each.stderr, "low95": each.low95, "high95": each.high95}
    numbers["t"], numbers["p"] = _significance(fit, each)
    return {
        "start": None if start is None else json_values.number(start),
        **{key: json_values.number(value) for key, value in numbers.items()},
    }


def _significance(fit: Fit, each: FittedParameter) -> tuple[float, float]:
    """Return t and p against a true value of 0; by the normal distribution when sigma is absolute."""
    freedom = math.inf if fit.absolute_sigma else fit.goodness.degrees_of_freedom
    return significance(each.value, each.stderr, freedom)


def _parameter_rows(fit: Fit, *, tested: bool = True) -> Rows:
    rows = [["", "value ± standard error", "95 % interval", "t", "p", "start", ""]]
    for name, each in fit.params.items():
        value, error = with_error(each.value, each.stderr)
        said = f"{value} ± {error}" if each.kind != "fixed" else f"{each.value:.10g}"
        known = each.kind != "fixed" and math.isfinite(each.low95)
        interval = f"{like(each.low95, each.stderr)} … {like(each.high95, each.stderr)}" if known else ""
        t, p = _significance(fit, each) if tested else (math.nan, math.nan)
        tests = [f"{t:.3g}", f"{p:.2g}"] if math.isfinite(t) else ["", ""]
        start = "" if each.asked.value is None or each.kind != "free" else f"{each.asked.value:.6g}"
        rows.append([_short(name), said, interval, *tests, start, _remark(each)])
    empty = [column for column in range(3, 7) if not any(row[column] for row in rows[1:])]
    return [[cell for column, cell in enumerate(row) if column not in empty] for row in rows]


def _fits(rows: Rows) -> bool:
    """Tell whether a table is no wider than the page, but for remarks (a last column without a header)."""
    columns = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for number, column in enumerate(columns) if column[0] or number == 0]
    return sum(widths) + 3 * (len(widths) - 1) <= _WIDTH


def _remark(each: FittedParameter) -> str:
    """Return what was asked of a parameter beside its start."""
    if each.kind != "free":
        return f"= {each.asked.expr}" if each.kind == "tied" else "fixed"
    low, high = each.asked.min, each.asked.max
    if math.isfinite(low) and math.isfinite(high):
        return f"in [{low:g}, {high:g}]"
    return f"≥ {low:g}" if math.isfinite(low) else f"≤ {high:g}" if math.isfinite(high) else ""


def _statistics_rows(fit: Fit) -> Rows:
    found = {**fit.goodness.as_dict()}
    if fit.goodness.is_robust:  # without a likelihood
        found = {name: value for name, value in found.items() if name not in ("reduced_chi_squared", *_CRITERIA)}
    return [[label, number(found[name])] for name, label in _STATISTICS.items() if name in found]


def _appendix(fit: Fit) -> list[tuple[str, Rows]]:
    """Return the tables below the statistics: correlations that matter, and minima when there are several."""
    tables = []
    if strong := _correlations(fit, _CORRELATED)[:_SHOWN]:
        rows = [[f"{_short(a)}, {_short(b)}", f"{value:+.4f}"] for a, b, value in strong]
        tables.append((f"Correlations beyond ±{_CORRELATED:g}", [["", ""], *rows]))
    if len(fit.minima) > 1:
        names = list(fit.params)[:4]
        header = [
            "loss" if fit.goodness.is_robust else "Σr²",
            "share",
            *(_short(name, 10) for name in names),
            *(["…"] if len(fit.params) > 4 else []),
        ]
        rows = [
            [f"{each.loss:.6g}", f"{each.share:.0%}", *(f"{each.params[name]:.5g}" for name in names)]
            for each in fit.minima[:_SHOWN]
        ]
        tables.append((f"Minima found from {fit.run.starts} starts", [header, *rows]))
    return tables


def _correlations(fit: Fit, least: float) -> list[tuple[str, str, float]]:
    """Return pairs of parameters and their correlation, strongest first, NaN left out."""
    matrix, names = fit.correlation, fit.free
    pairs = [
        (names[i], names[j], float(matrix[i, j]))
        for i in range(len(names))
        for j in range(i)
        if np.isfinite(matrix[i, j]) and abs(matrix[i, j]) >= least
    ]
    return sorted(((b, a, value) for a, b, value in pairs), key=lambda pair: -abs(pair[2]))


# -- layout -------------------------------------------------------------------------------------------------------


def _short(name: str, width: int = _NAME) -> str:
    return name if len(name) <= width else f"{name[: width - 1]}…"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent="    ") or [""]


def _aligned(rows: Rows, indent: str = "") -> list[str]:
    """Return a table, its first column to the left; a last one without a header too, or below its row if too wide."""
    columns = max(len(row) for row in rows)
    rows = [row + [""] * (columns - len(row)) for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(columns)]
    lines = []
    below = sum(widths) + 3 * (columns - 1) + len(indent) > _WIDTH
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        cells[-1] = cells[-1] if rows[0][-1] else row[-1]  # words without a header stand to the left
        last = row[-1] if below and columns > 4 else ""
        lines.append((indent + "   ".join(cells[:-1] if below and columns > 4 else cells)).rstrip())
        lines += textwrap.wrap(last, _WIDTH - 4, initial_indent="    ", subsequent_indent="    ") if last else []
    return [line for line in lines if line]


def _in_two_columns(rows: Rows) -> list[str]:
    half = (len(rows) + 1) // 2
    cells = [f"{label}  {value.rjust(36 - len(label))}" for label, value in rows]
    right = [*cells[half:], *[""] * (2 * half - len(cells))]
    return [f"  {one}  {other}".rstrip() for one, other in zip(cells[:half], right, strict=True)]


def _html_table(rows: Sequence[Sequence[str]], *, headed: bool = True) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    head = row(rows[0], "th") if headed and any(rows[0]) else ""
    body = "".join(row(cells, "td") for cells in (rows[1:] if headed else rows))
    return f"<table>{head}{body}</table>"
