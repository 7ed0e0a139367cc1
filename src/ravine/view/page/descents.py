"""The recorded steps of a run, as many as a page can hold."""

from __future__ import annotations

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
        "starts": [_start(run, each, RED if is_many or each not in told else told[each].color) for each in starts],
    }


def _start(run: Run, start: int, color: str) -> dict[str, Any]:
    rows = thinned(np.arange(run.recorded(start))[:, None], _RECORDS)[:, 0]
    path = run.path(start).isel(step=rows)
    status = run.statuses[start]
    return {
        "start": start,
        "place": _place(run, start),
        "status": str(status),
        "sentence": status.sentence,
        "color": color,
        "step": path["step"].values.astype(float),
        "loss": path["loss"].values.astype(float),
        "rate": path["learning_rate"].values.astype(float),
        "params": path["params"].values.astype(float).T.copy(),
        "gradient": path["gradient"].values.astype(float).T.copy(),
    }


def _place(run: Run, start: int) -> str:
    values = [f"{name} = {value:.4g}" for name, value in list(run.at(0, start).items())[:3]]
    return ", ".join(values) + (", …" if len(run.names) > 3 else "")
