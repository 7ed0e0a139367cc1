"""Replies: what the page asks, answered as JSON. Each is a pure function of what was asked."""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
from collections.abc import Callable, Mapping
from typing import Any

from ravine.app import address, gallery, pictures, quotas, scripts, sources
from ravine.app import state as states
from ravine.app.descents import Check, Seen, read_formula, see, settle
from ravine.app.sources import Own
from ravine.app.typeset import latex
from ravine.errors import FormulaError, ProblemError
from ravine.formula import Formula
from ravine.formula.tree import Name

Reply = dict[str, Any]


def formula(asked: Mapping[str, Any], check: Check) -> Reply:
    """Return a formula in LaTeX."""
    return {"latex": latex(read_formula(asked.get("formula")))}  # type: ignore[arg-type]


def answer(asked: Mapping[str, Any], check: Check) -> Reply:
    """Return all that one sees of a state: pictures, frames, how it ended, address and code."""
    seen = see(states.of_json(asked.get("state")), check)
    key = surface_key(seen)
    specified = {name: pictures.specification(scene) for name, scene in pictures.scenes_of(seen).items() if scene}
    if asked.get("surface") == key:
        specified["way"]["data"] = [trace for trace in specified["way"]["data"] if trace["type"] != "contour"]
    return {
        "state": seen.state.as_json(),
        "surface": key,
        "pictures": specified,
        "frames": pictures.frames_of(seen),
        "has_curve": pictures.has_curve(seen),
        "columns_of_curve": _columns_of_curve(seen),
        "latex": latex(Formula(seen.state.formula)),
        "warnings": [note.text for run in seen.runs for note in run.warnings],
        "address": address.write(seen.state),
        "address_holds_all": address.holds_all(seen.state),
        "python": scripts.python(seen.state),
        "command": scripts.command(seen.state),
        "columns": _columns(seen),
    }


def surface_key(seen: Seen) -> str:
    """Return what tells one surface from another, so that the same one isn't sent twice."""
    surface = seen.surface
    return hashlib.blake2b(
        surface.loss.tobytes() + repr((seen.state.plane, seen.state.language)).encode(), digest_size=12
    ).hexdigest()


def opened(asked: Mapping[str, Any], check: Check) -> Reply:
    """Return the state of an example, of an address, or of a ready formula on own columns."""
    language = _language(asked)
    if "address" in asked:
        state = address.read(quotas.check_length("address", asked["address"], 10**6))
    elif "model" in asked:
        data = sources.of_json(asked.get("data"))
        if not isinstance(data, Own):
            raise ProblemError("data: expected columns of your own. Load a file first.")
        x, y = (quotas.check_length("column", asked.get(axis), quotas.NAME_LENGTH) for axis in ("x", "y"))
        model = quotas.check_length("model", asked["model"], quotas.NAME_LENGTH)
        state = gallery.on_own(model, data, x, y, language)
    else:
        name = quotas.check_length("example", asked.get("example"), quotas.NAME_LENGTH)
        state = gallery.open_example(name, language)
    return {"state": state.as_json()}


def upload(asked: Mapping[str, Any], check: Check) -> Reply:
    """Return an uploaded table as own data, with a first state of it."""
    text = asked.get("contents")
    if not isinstance(text, str):
        raise ProblemError("upload: expected a file, got none.")
    try:
        data = base64.b64decode(text.rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        raise ProblemError("upload: expected a file, got something damaged. Try again.") from None
    own = sources.read_upload(asked.get("name", "data"), data)
    names = [name for name, _ in own.values]
    x, y = ("x" if "x" in names else names[0]), ("y" if "y" in names else names[-1])
    state = gallery.on_own(
        "line", own, x, y, states.of_json({"formula": "", "language": asked.get("language", "en")}).language
    )
    return {"state": state.as_json()}


def report(asked: Mapping[str, Any], check: Check) -> Reply:
    """Return the report of a fit of the formula to the data."""
    from ravine.fitting.answer import fit

    _, problem = settle(states.of_json(asked.get("state")))
    if not problem.has_data:
        raise ProblemError("fit: expected data, got none. Load an example with data or your own.")
    if problem.points > quotas.FIT_ROWS:
        raise ProblemError(
            f"fit: expected at most {quotas.FIT_ROWS:,} rows on this page, got {problem.points:,}. "
            "Use the ravine fit command."
        )
    found = fit(problem)
    return {"text": found.report(), "values": {name: float(value) for name, value in found.values.items()}}


def basins(asked: Mapping[str, Any], check: Check) -> Reply:
    """Return one stage of a basin map over the plane, each finer than the one before."""
    from ravine.mapping import map_basins
    from ravine.view import plots
    from ravine.view.labels import in_chinese

    state, problem = settle(states.of_json(asked.get("state")))
    if len(state.plane) != 2:
        raise ProblemError("basins: expected a map over two parameters, got one.")
    stages = stages_of(state.steps, problem.points)
    stage = quotas.whole("stage", asked.get("stage", 0), 0, len(stages) - 1)
    name = state.optimizers[0]
    if name in states.WITHOUT_RATE:
        raise ProblemError(f"basins: expected a Keras optimizer such as sgd, got {name}. It would take minutes.")
    held = {name: value for name, value in state.starts[-1] if name not in state.box}
    found = map_basins(
        problem, state.box, stages[stage], name, learning_rate=state.rate_of(name), steps=state.steps, held=held,
        progress=False, watch=lambda _: check(),
    )  # fmt: skip
    scene = plots.basins(found)
    scene = in_chinese(scene) if state.language == "zh" else scene
    return {"picture": pictures.specification(scene), "stage": stage, "stages": len(stages), "text": str(found)}


def stages_of(steps: int, points: int) -> tuple[int, ...]:
    """Return the sides of the maps of each stage, coarse to fine, as far as the time of a page goes.

    Examples
    --------
    >>> stages_of(400, 200), stages_of(200, 1), stages_of(5000, 1000)
    ((15, 30, 61), (24, 48, 96), (8,))
    """
    side = int(min(quotas.MAP_SIDE, math.sqrt(quotas.MAP_EVALUATIONS / (steps * points))))
    if side < 2 * _SMALLEST:
        return (max(side, _SMALLEST),)
    return tuple(sorted({max(_SMALLEST, side // 4), side // 2, side}))


_SMALLEST = 8


def _language(asked: Mapping[str, Any]) -> str:
    return states.of_json({"formula": "", "language": asked.get("language", "en")}).language


def _columns(seen: Seen) -> list[str]:
    return [name for name, _ in seen.state.data.values] if isinstance(seen.state.data, Own) else []


def _columns_of_curve(seen: Seen) -> list[str]:
    """Return the columns that a point drawn by hand would need, none if those aren't just two."""
    response = Formula(seen.state.formula).response
    if not pictures.has_curve(seen) or not isinstance(response, Name):
        return []
    return [seen.problem.variables[0], response.name]


#: What can be asked, by its last word in the address, and in which lane it is answered.
REPLIES: dict[str, tuple[str, Callable[[Mapping[str, Any], Check], Reply]]] = {
    "formula": ("quick", formula),
    "answer": ("quick", answer),
    "open": ("quick", opened),
    "upload": ("quick", upload),
    "report": ("slow", report),
    "basins": ("slow", basins),
}


def place_of(error: FormulaError) -> Reply:
    """Return where in the formula an error is, for the caret under it."""
    return {} if error.text is None else {"column": error.column, "length": error.length}
