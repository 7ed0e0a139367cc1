"""The recorded steps of a run, as many as a page can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ravine.run import Run
from ravine.view.palette import RED
from ravine.view.series import series_of, thinned

_STARTS = 24
_RECORDS = 1000


def descents_of(run: Run) -> dict[str, Any]:
    """Return names, the starts on the page and which of them is the best.

    Those that pictures tell apart come first; of very long descents evenly chosen steps remain.
    """
    told = {each.start: each for each in series_of((run,))}
    others = [start for start in range(run.starts) if start not in told]
    if len(others) > _STARTS - len(told):
        others = [others[i] for i in np.linspace(0, len(others) - 1, max(0, _STARTS - len(told))).astype(int)]
    starts = sorted({*told, *others})
    is_many = run.starts > 8
    return {
        "names": list(run.names),
        "best": starts.index(run.best),
        "starts": [descent_of(run, each, RED if is_many or each not in told else told[each].color) for each in starts],
    }


def descent_of(
    run: Run, start: int, color: str, *, number: int | None = None, more: Mapping[str, np.ndarray] | None = None
) -> dict[str, Any]:
    """Return one descent: where it is at each record, and how it ended.

    Parameters
    ----------
    run, start
        Which one.
    color
        Of its path.
    number
        What the page calls the start, ``start`` by default.
    more
        What else is known of each record, [record].
    """
    whole = run.path(start)
    rows = thinned(np.arange(run.recorded(start))[:, None], _RECORDS)[:, 0]
    path = whole.isel(step=rows)
    status = run.statuses[start]
    return {
        "start": start if number is None else number,
        "place": _place(run, start),
        "status": str(status),
        "sentence": status.sentence,
        "color": color,
        "step": path["step"].values.astype(float),
        "loss": path["loss"].values.astype(float),
        "rate": path["learning_rate"].values.astype(float),
        "params": path["params"].values.astype(float).T.copy(),
        "gradient": path["gradient"].values.astype(float).T.copy(),
        "move": _moves(whole["params"].values.astype(float))[rows].T.copy(),
        "decrease": -_moves(whole["loss"].values.astype(float))[rows],
        **{name: values[rows] for name, values in (more or {}).items()},
    }


def _moves(values: np.ndarray) -> np.ndarray:
    """Return by how much values changed since the record before, [record, …]: too little for their own short form."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.diff(values, axis=0, prepend=values[:1])


def _place(run: Run, start: int) -> str:
    values = [f"{name} = {value:.4g}" for name, value in list(run.at(0, start).items())[:3]]
    return ", ".join(values) + (", …" if len(run.names) > 3 else "")
