"""Explanations: one step of what one sees, taken apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ravine.app import quotas
from ravine.app import state as states
from ravine.app.descents import Check, see
from ravine.explaining import explain

Reply = dict[str, Any]


def step(asked: Mapping[str, Any], check: Check) -> Reply:
    """Return the explanation of a step of one optimizer from one start, as text."""
    seen = see(states.of_json(asked.get("state")), check)
    run = seen.runs[quotas.whole("optimizer", asked.get("optimizer", 0), 0, len(seen.runs) - 1)]
    start = quotas.whole("start", asked.get("start", 0), 0, run.starts - 1)
    taken = int(run.dataset["steps_taken"].values[start])
    if not taken:
        return {"text": ""}
    number = min(quotas.whole("step", asked.get("step", 1), 0, quotas.STEPS), taken - 1) + 1
    return {"text": explain(run, number, start, language=seen.state.language).report("text", _WIDTH), "step": number}


_WIDTH = 100

REPLIES: dict[str, tuple[str, Callable[[Mapping[str, Any], Check], Reply]]] = {"step": ("quick", step)}
