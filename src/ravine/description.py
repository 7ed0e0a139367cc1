"""Description: an explanation as plain values, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ravine import json_values, notes
from ravine.chain import Chain
from ravine.formulation import readable

if TYPE_CHECKING:
    from ravine.contributions import Contributions
    from ravine.explanation import Change, Explanation


def describe(found: Explanation) -> dict[str, Any]:
    """Return an explanation as plain values for JSON, None where there is no number."""
    first, second = found.predicted_decrease
    columns = {"before": found.before, "gradient": found.gradient, "update": found.update, "after": found.after}
    symbols = found.chain if isinstance(found.chain, Chain) else None
    described: dict[str, Any] = {
        "formula": found.problem.title,
        "optimizer": found.optimizer,
        "step": found.step,
        "start": found.start,
        "learning_rate": json_values.number(found.learning_rate),
        "dtype": found.dtype,
        "params": {
            name: {key: json_values.number(column[index]) for key, column in columns.items()}
            for index, name in enumerate(found.names)
        },
        "loss": _change(found.loss),
        "optimizer_state": {name: _by_param(found, value) for name, value in found.optimizer_state.items()},
        "arithmetic": [_describe_line(found, entry) for entry in found.arithmetic],
        "recomputed": None if found.recomputed is None else _by_param(found, found.recomputed),
        "decrease": {
            "actual": json_values.number(found.seen_loss.decrease),
            "predicted_first_order": json_values.number(first),
            "predicted_second_order": json_values.number(second),
        },
        "symbolic": None if symbols is None else _describe_symbols(found, symbols),
        "warnings": notes.described(found.notes),
    }
    if found.batch_loss is not None and found.batch is not None:
        described["batch"] = {"loss": _change(found.batch_loss), "rows": (found.batch + 1).tolist()}
    if found.points is not None:
        described["points"] = _describe_points(found, found.points)
    return described


def _change(change: Change) -> dict[str, float | None]:
    return {"before": json_values.number(change.before), "after": json_values.number(change.after)}


def _by_param(found: Explanation, value: Any) -> Any:
    if np.ndim(value) == 0:
        return json_values.number(value)
    return {name: json_values.number(each) for name, each in zip(found.names, value, strict=True)}


def _describe_line(found: Explanation, entry: Any) -> dict[str, Any]:
    meaning = entry.line.zh if found.language == "zh" else entry.line.en
    return {"line": entry.formula, "meaning": meaning, "value": _by_param(found, entry.value)}


def _describe_symbols(found: Explanation, symbols: Chain) -> dict[str, Any]:
    described: dict[str, Any] = {"over": symbols.over or None}
    for index, (name, each) in enumerate(symbols.whole.items()):
        value = None if found.symbolic is None else json_values.number(found.symbolic[index])
        described[name] = {"text": readable(each), "latex": each.latex, "value": value}
    return described


def _describe_points(found: Explanation, points: Contributions) -> list[dict[str, Any]]:
    listed = []
    for index, row in enumerate(points.rows.tolist()):
        described: dict[str, Any] = {
            "row": row,
            **{"columns": {n: json_values.number(c[index]) for n, c in points.columns.items()}},
        }
        for key in ("observed", "predicted", "error"):
            value = getattr(points, key)[index]
            described[key] = (
                json_values.number(value) if np.ndim(value) == 0 else np.where(np.isfinite(value), value, 0).tolist()
            )
        described["loss"] = None if points.loss is None else json_values.number(points.loss[index])
        described["gradient"] = _by_param(found, points.gradient[index])
        listed.append(described)
    return listed
