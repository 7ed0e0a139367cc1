"""Packing: a race or a sweep as what a file holds, words that JSON knows and datasets by group, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import xarray as xr

from ravine.notes import Note
from ravine.problem import Problem
from ravine.raced import Entrant, Race
from ravine.run import Run
from ravine.swept import Sweep

KINDS = ("race", "sweep")

Words = dict[str, Any]
Groups = dict[str, xr.Dataset]


def pack(result: Race | Sweep) -> tuple[Words, Groups]:
    """Return the words and the datasets of a result, without its problem."""
    words = {"settings": dict(result.settings), "warnings": [asdict(note) for note in result.warnings]}
    if isinstance(result, Sweep):
        return {"kind": "sweep", **words}, {"sweep": result.dataset}
    groups: Groups = {}
    entrants = []
    for index, entrant in enumerate(result.entrants):
        described = {"name": entrant.name, "default": _words_of(entrant.default), "best": None}
        groups[f"entrant_{index}_default"] = entrant.default.dataset
        if entrant.best is not entrant.default:
            described["best"] = _words_of(entrant.best)
            groups[f"entrant_{index}_best"] = entrant.best.dataset
        if entrant.trials is not None:
            groups[f"entrant_{index}_trials"] = entrant.trials
        entrants.append({**described, "has_rate": entrant.has_rate})
    return {"kind": "race", **words, "entrants": entrants}, groups


def groups_of(words: Mapping[str, Any]) -> list[str]:
    """Return the names of the groups that belong to these words."""
    if words["kind"] == "sweep":
        return ["sweep"]
    names = []
    for index, entrant in enumerate(words["entrants"]):
        kinds = ["default", *(["best"] if entrant["best"] else []), *(["trials"] if entrant["has_rate"] else [])]
        names += [f"entrant_{index}_{kind}" for kind in kinds]
    return names


def unpack(words: Mapping[str, Any], groups: Mapping[str, xr.Dataset], problem: Problem) -> Race | Sweep:
    """Return the result that was packed.

    Raises
    ------
    ValueError
        If parameters are others than the problem's: a column that is gone turns into a parameter.
    """
    settings, warnings = words["settings"], _notes(words)
    for group in groups.values():
        if "param" in group.coords and tuple(group["param"].values) != problem.names:
            raise ValueError("a column is missing")
    if words["kind"] == "sweep":
        return Sweep(groups["sweep"], problem, settings, warnings)
    entrants = []
    for index, each in enumerate(words["entrants"]):
        default = _run_of(each["default"], groups[f"entrant_{index}_default"], problem)
        best = _run_of(each["best"], groups[f"entrant_{index}_best"], problem) if each["best"] else default
        entrants.append(Entrant(each["name"], default, best, groups.get(f"entrant_{index}_trials")))
    return Race(problem, tuple(entrants), settings, warnings)


def _words_of(run: Run) -> Words:
    return {"settings": dict(run.settings), "warnings": [asdict(note) for note in run.warnings]}


def _run_of(described: Mapping[str, Any], dataset: xr.Dataset, problem: Problem) -> Run:
    return Run(dataset, problem, described["settings"], _notes(described))


def _notes(described: Mapping[str, Any]) -> tuple[Note, ...]:
    return tuple(Note(**note) for note in described["warnings"])
