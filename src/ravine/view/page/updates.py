"""Each step taken apart: the optimizer's lines as programs, which the page's script runs over the recorded steps.

The lines are those of `ravine.arithmetic`, with which `ravine.explain` computes too: only their numbers come about in
the reader's browser.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ravine import arithmetic, chain, formulation, ledger
from ravine.document import to_elements
from ravine.ledger import Entry, Ledger
from ravine.run import Run
from ravine.view.page.programs import program_of

_PARAMS = 64  # more of them have no lines on a page
_SYMBOLS = 6  # parameters whose derivative is written out


def update_of(run: Run) -> dict[str, Any]:
    """Return what the page needs to take a step apart.

    Beside the record that is: the formulas in both languages, and, where the optimizer's arithmetic is known and the
    same at every step, its lines, its settings, what its variables are at first, and the bounds.
    """
    problem, batch = run.problem, run.settings.get("batch_size")
    symbols = chain.chain(problem)
    shown = range(min(_SYMBOLS, len(run.names)))
    told = [
        to_elements(
            [
                *formulation.made_small(problem, symbols, language, batch),
                *formulation.gradient(problem, symbols, language, shown),
            ]
        )
        for language in ("en", "zh")
    ]
    return {"formulas": told, "dtype": run.settings.get("dtype", "float64"), **_machine(run)}


def _machine(run: Run) -> dict[str, Any]:
    described = run.settings.get("optimizer_config") or {}
    kind, config = described.get("class_name", ""), described.get("config", {})
    has_rate = bool(np.isfinite(run.dataset["learning_rate"].values).any())
    changes = config.get("gradient_accumulation_steps") or config.get("ema_overwrite_frequency")
    if not has_rate or not arithmetic.is_known(kind) or changes or len(run.names) > _PARAMS:
        return {"lines": None}
    limits = run.problem.limits() if run.problem.bounds else None
    shapes = list(run.problem.shapes.values())
    return machine_of(Ledger(kind, config, shapes, run.settings.get("dtype", "float32"), limits))


def machine_of(fresh: Ledger) -> dict[str, Any]:
    """Return the lines of a fresh ledger as programs, its settings, what it holds at first, and the bounds."""
    settings = {**fresh.settings(np.nan), "ema": float(fresh.config.get("ema_momentum") or 0.0)}
    limits = {} if fresh.limits is None else dict(zip(("low", "high"), fresh.limits, strict=True))
    return {
        "lines": [_line(each) for each in fresh.lines()],
        "settings": {name: value for name, value in settings.items() if name not in ("alpha", "t", "low", "high")},
        "first": {"ema": 0.0},  # Keras's average begins with the first weights
        "held": {symbol: value if np.ndim(value) else float(value) for symbol, value in fresh.held.items()},
        "limits": limits,
        "sizes": [int(np.prod(shape)) for shape in fresh.shapes],
    }


def _line(line: arithmetic.Line) -> dict[str, Any]:
    entry = Entry(line, {}, 0.0)
    return {
        "symbol": line.symbol,
        "formula": entry.formula,
        "remark": {"en": line.en, "zh": line.zh},
        "program": program_of(ledger.tree(line.text)),
        "template": entry.template,
    }
