"""Downloads: runs, pictures and pages that stand alone, as files in memory."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ravine.app import pictures
from ravine.app import state as states
from ravine.app.descents import Check, Seen, see
from ravine.errors import ProblemError
from ravine.store import save
from ravine.view import plots
from ravine.view.drawing import save_picture
from ravine.view.page.document import export
from ravine.view.scene import Scene

File = tuple[str, str, bytes]
"""Name, kind and content."""


def file_of(what: str, asked: Mapping[str, Any], check: Check) -> File:
    """Return what is downloaded: ``run``, ``picture`` or ``page``.

    Raises
    ------
    RavineError
        If it can't be computed.
    """
    if what not in _MAKERS:
        raise ProblemError("download: expected a run, a picture or a page, got something else.")
    return _MAKERS[what](see(states.of_json(asked.get("state")), check))


def _run(seen: Seen) -> File:
    """Return the run with its surface; of a race a zip with all of them."""
    with tempfile.TemporaryDirectory() as folder:
        files = [
            save(replace(run, surface=seen.surface), Path(folder) / f"{run.settings['optimizer']}.nc")
            for run in seen.runs
        ]
        return _together(files, "run.nc", "application/x-netcdf")


def _picture(seen: Seen) -> File:
    found = [scene for scene in pictures.scenes_of(seen).values() if scene]
    page: Scene = plots.arrange(*found, title=seen.problem.title, columns=2)
    with tempfile.TemporaryDirectory() as folder:
        path = save_picture(page, Path(folder) / "ravine.png")
        return "ravine.png", "image/png", path.read_bytes()


def _page(seen: Seen) -> File:
    """Return the page of the run; of a race a zip with one for each optimizer."""
    with tempfile.TemporaryDirectory() as folder:
        files = [
            export(run, Path(folder) / f"{run.settings['optimizer']}.html", language=seen.state.language)
            for run in seen.runs
        ]
        return _together(files, "run.html", "text/html")


def _together(files: list[Path], name: str, kind: str) -> File:
    """Return the only file under this name, or several in a zip."""
    if len(files) == 1:
        return name, kind, files[0].read_bytes()
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
    return f"{Path(name).stem}s.zip", "application/zip", whole.getvalue()


_MAKERS = {"run": _run, "picture": _picture, "page": _page}
