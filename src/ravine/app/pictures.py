"""Pictures: what was computed, as scenes and as Plotly's specifications for the browser."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from ravine.app.descents import Seen
from ravine.formula import math_numpy
from ravine.run import Run
from ravine.view import draw_plotly, plots
from ravine.view.labels import in_chinese
from ravine.view.palette import BLUE, DASHES, RED, SERIES
from ravine.view.scene import Axis, Dots, Line, Panel, Scene

_CURVE = 100  # points of a fitted curve
_FRAMES = 121
_PACKED = 64  # numbers from which on bytes are shorter than digits


def scenes_of(seen: Seen) -> dict[str, Scene | None]:
    """Return the pictures on the page: the way on the surface, what is fitted, and the loss over the steps."""
    runs = list(seen.runs)
    way = plots.contour(runs, seen.surface) if len(seen.state.plane) == 2 else plots.curve(runs[0], seen.surface)
    found = {"way": way, "fit": fit_scene(seen) or plots.params(runs[0]), "loss": plots.loss(runs)}
    return {name: in_chinese(scene) if seen.state.language == "zh" else scene for name, scene in found.items()}


def fit_scene(seen: Seen) -> Scene | None:
    """Return the data with the curve of each descent where it ended; None without data over one column."""
    problem = seen.problem
    if not has_curve(seen) or problem.observed is None:
        return None
    name = problem.variables[0]
    x = problem.columns[name]
    marks: list[Any] = [Dots(x, problem.observed, color=BLUE, size=5.0, opacity=0.7, label="data")]
    across = _across(seen)
    for each in curves_of(seen):
        label = "fit" if len(seen.runs) == 1 else each["label"]
        marks.append(Line(across, each["end"], color=each["color"], dash=each["dash"], width=3.0, label=label))
    axis = Axis(problem.label(name))
    return Scene(
        problem.title, (Panel(axis, Axis(problem.response_label, limits=_heights(problem.observed)), tuple(marks)),)
    )


def has_curve(seen: Seen) -> bool:
    """Whether the model is a curve over one column."""
    return seen.problem.has_data and len(seen.problem.variables) == 1


def curves_of(seen: Seen) -> list[dict[str, Any]]:
    """Return the fitted curve of each run's best start at its end, with its ink."""
    found = []
    several = len(seen.runs) > 1
    for index, run in enumerate(seen.runs):
        found.append(
            {
                "label": run.settings["optimizer"],
                "color": SERIES[index % len(SERIES)] if several else RED,
                "dash": DASHES[index % len(DASHES)] if several else "solid",
                "end": curve(seen, run.dataset["params"].values[run.best, -1:])[0],
            }
        )
    return found


def curve(seen: Seen, rows: np.ndarray) -> np.ndarray:
    """Return the curves [row, point] of sets of parameters [row, param]."""
    problem = seen.problem
    values = {
        **problem.constants,
        **problem.by_name(rows.T.astype(float)),
        problem.variables[0]: _across(seen)[:, None],
    }
    with np.errstate(all="ignore"):
        found = np.asarray(problem.model(values, math_numpy.MATH), float)
    return np.broadcast_to(found, (_CURVE, len(rows))).T


def frames_of(seen: Seen) -> dict[str, Any]:
    """Return what moves when one plays: where each descent is at each frame, and its curve."""
    last = max(int(run.dataset["steps_taken"].values.max()) for run in seen.runs)
    steps = np.unique(np.linspace(0, last, min(last + 1, _FRAMES)).round().astype(int))
    several = len(seen.runs) > 1
    paths, curves = [], []
    for index, run in enumerate(seen.runs):
        for start in range(run.starts):
            ink = SERIES[(index if several else start if run.starts > 1 else 0) % len(SERIES)]
            paths.append({"label": run.settings["optimizer"], "color": ink, **_path(seen, run, start, steps)})
        if has_curve(seen):
            curves.append(packed(curve(seen, run.dataset["params"].values[run.best, _at(run, steps)])))
    return {
        "steps": steps.tolist(),
        "names": list(seen.problem.names),
        "plane": [name for name, _, _ in seen.state.plane],
        "paths": paths,
        "curves": curves,
        "across": packed(_across(seen)) if curves else None,
    }


def specification(scene: Scene) -> dict[str, Any]:
    """Return traces and layout for Plotly in the browser, ready for JSON."""
    return _for_json(draw_plotly.specification(scene, draw_plotly.LOOKS["slide"], quick=False))


def packed(array: np.ndarray) -> dict[str, Any]:
    """Return an array as Plotly reads it fastest: single precision, base64.

    Examples
    --------
    >>> packed(np.zeros((1, 3)))
    {'dtype': 'f4', 'bdata': 'AAAAAAAAAAAAAAAA', 'shape': '1, 3'}
    """
    with np.errstate(over="ignore"):
        data = np.ascontiguousarray(array, "<f4")
    shape = {} if array.ndim == 1 else {"shape": ", ".join(map(str, array.shape))}
    return {"dtype": "f4", "bdata": base64.b64encode(data.tobytes()).decode(), **shape}


def _for_json(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: _for_json(each) for name, each in part.items()}
    if isinstance(part, list | tuple):
        return [_for_json(each) for each in part]
    if isinstance(part, np.ndarray):
        return packed(part) if part.size > _PACKED and part.dtype.kind in "fiu" else _for_json(part.tolist())
    if isinstance(part, np.generic):
        part = part.item()
    return None if isinstance(part, float) and not np.isfinite(part) else part


def _path(seen: Seen, run: Run, start: int, steps: np.ndarray) -> dict[str, Any]:
    at = _at(run, steps)
    params = run.dataset["params"].values[start, at].astype(float)
    return {
        "start": start,
        "params": _for_json(params.tolist()),
        "loss": _for_json(run.dataset["loss"].values[start, at].tolist()),
        "status": str(run.statuses[start]),
        "steps": int(run.dataset["steps_taken"].values[start]),
    }


def _at(run: Run, steps: np.ndarray) -> np.ndarray:
    """Return the records that stand for these steps; a run that ended holds its last."""
    recorded = run.dataset["step"].values
    return np.minimum(np.searchsorted(recorded, steps), recorded.size - 1)


def _across(seen: Seen) -> np.ndarray:
    x = seen.problem.columns[seen.problem.variables[0]]
    return np.linspace(float(np.min(x)), float(np.max(x)), _CURVE)


def _heights(observed: np.ndarray) -> tuple[float, float]:
    low, high = float(observed.min()), float(observed.max())
    margin = 0.2 * (high - low) or 1.0
    return low - margin, high + margin
