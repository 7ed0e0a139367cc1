"""Ravine: gradient descent you can see.

Give it a formula and data; it goes downhill with TensorFlow, records every step and shows the way.

>>> import ravine as rv
>>> data = {"x": [0, 1, 2, 3], "y": [1, 3, 5, 7]}
>>> problem = rv.Problem("y = a*x + b", data)
>>> run = rv.descend(problem, {"a": 0, "b": 0}, "sgd", learning_rate=0.1, steps=400)
>>> {name: round(value, 3) for name, value in run.params.items()}
{'a': 2.0, 'b': 1.0}

Columns of the table are variables, the other names are parameters. Without a table the formula itself is made
small:

>>> run = rv.descend("(x - 50)**2", {"x": 3}, "adam", learning_rate=1, steps=200)
>>> round(run.params["x"], 2)
50.0

Then ``print(run)`` says how it ended, ``rv.draw(rv.plots.descent(run))`` draws the way, ``rv.save(run, "run.nc")``
keeps it, and ``rv.load("run.nc")`` brings it back without TensorFlow.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ravine.basins import Basins
    from ravine.bridge.exporting import to_tensorboard
    from ravine.bridge.importing import from_tensorboard
    from ravine.bridge.live import TensorBoardLog
    from ravine.derivatives import Derivatives
    from ravine.deriving import derive
    from ravine.diagnosing.examination import diagnose
    from ravine.diagnosing.findings import Diagnosis, Finding
    from ravine.errors import (
        DataError,
        DescentError,
        FormulaError,
        MissingDependency,
        ProblemError,
        RavineError,
        StoreError,
    )
    from ravine.explaining import explain
    from ravine.explanation import Explanation
    from ravine.fitting.answer import fit
    from ravine.fitting.drop_in import curve_fit
    from ravine.fitting.fitted import Fit
    from ravine.fitting.parameters import Parameter
    from ravine.fitting.ready import models
    from ravine.formula import Formula
    from ravine.gallery.site import build_gallery
    from ravine.loop import descend
    from ravine.mapping import map_basins
    from ravine.notes import Note
    from ravine.plane import Surface
    from ravine.problem import Problem
    from ravine.raced import Race
    from ravine.racing import race
    from ravine.run import Run, Status
    from ravine.settings import Stop
    from ravine.starts import Grid, Normal, Uniform
    from ravine.store import load, save
    from ravine.surface import survey, with_surface
    from ravine.sweeping import sweep
    from ravine.swept import Sweep
    from ravine.table import Table, read_table
    from ravine.view import plots
    from ravine.view.animation import animate
    from ravine.view.drawing import draw, save_picture
    from ravine.view.page.document import export
    from ravine.view.page.inline import InlinePage, show_page

    __version__: str

__all__ = [
    "Basins",
    "DataError",
    "Derivatives",
    "DescentError",
    "Diagnosis",
    "Explanation",
    "Finding",
    "Fit",
    "Formula",
    "FormulaError",
    "Grid",
    "InlinePage",
    "MissingDependency",
    "Normal",
    "Note",
    "Parameter",
    "Problem",
    "ProblemError",
    "Race",
    "RavineError",
    "Run",
    "Status",
    "Stop",
    "StoreError",
    "Surface",
    "Sweep",
    "Table",
    "TensorBoardLog",
    "Uniform",
    "animate",
    "build_gallery",
    "curve_fit",
    "derive",
    "descend",
    "diagnose",
    "draw",
    "explain",
    "export",
    "fit",
    "from_tensorboard",
    "load",
    "map_basins",
    "models",
    "plots",
    "race",
    "read_table",
    "save",
    "save_picture",
    "show_page",
    "survey",
    "sweep",
    "to_tensorboard",
    "with_surface",
]

# Nothing is imported before it is asked for (PEP 562): TensorFlow alone takes seconds.
_HOMES = {
    "Basins": "ravine.basins",
    "DataError": "ravine.errors",
    "Derivatives": "ravine.derivatives",
    "DescentError": "ravine.errors",
    "Diagnosis": "ravine.diagnosing.findings",
    "Explanation": "ravine.explanation",
    "Finding": "ravine.diagnosing.findings",
    "Fit": "ravine.fitting.fitted",
    "Formula": "ravine.formula",
    "FormulaError": "ravine.errors",
    "Grid": "ravine.starts",
    "InlinePage": "ravine.view.page.inline",
    "MissingDependency": "ravine.errors",
    "Normal": "ravine.starts",
    "Note": "ravine.notes",
    "Parameter": "ravine.fitting.parameters",
    "Problem": "ravine.problem",
    "ProblemError": "ravine.errors",
    "Race": "ravine.raced",
    "RavineError": "ravine.errors",
    "Run": "ravine.run",
    "Status": "ravine.run",
    "Stop": "ravine.settings",
    "StoreError": "ravine.errors",
    "Surface": "ravine.plane",
    "Sweep": "ravine.swept",
    "Table": "ravine.table",
    "TensorBoardLog": "ravine.bridge.live",
    "Uniform": "ravine.starts",
    "animate": "ravine.view.animation",
    "build_gallery": "ravine.gallery.site",
    "curve_fit": "ravine.fitting.drop_in",
    "derive": "ravine.deriving",
    "descend": "ravine.loop",
    "diagnose": "ravine.diagnosing.examination",
    "draw": "ravine.view.drawing",
    "export": "ravine.view.page.document",
    "explain": "ravine.explaining",
    "fit": "ravine.fitting.answer",
    "from_tensorboard": "ravine.bridge.importing",
    "load": "ravine.store",
    "map_basins": "ravine.mapping",
    "models": "ravine.fitting.ready",
    "plots": "ravine.view.plots",
    "race": "ravine.racing",
    "read_table": "ravine.table",
    "save": "ravine.store",
    "save_picture": "ravine.view.drawing",
    "show_page": "ravine.view.page.inline",
    "survey": "ravine.surface",
    "sweep": "ravine.sweeping",
    "to_tensorboard": "ravine.bridge.exporting",
    "with_surface": "ravine.surface",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value = _version()
    elif name in _HOMES:
        home = importlib.import_module(_HOMES[name])
        value = home if name == "plots" else getattr(home, name)
    else:
        from ravine.errors import did_you_mean

        raise AttributeError(f"module 'ravine' has no attribute '{name}'.{did_you_mean(name, __all__)}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})


def _version() -> str:
    from importlib import metadata

    return metadata.version("ravine")
