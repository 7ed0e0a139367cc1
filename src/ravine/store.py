"""Store: a result in one NetCDF file, with everything that is needed to open and draw it again.

Groups of the file: ``run`` (the Run's dataset), ``data`` (the columns), ``surface`` (if the run has one), ``fit`` (of a
Fit: its parameters, covariance and minima); of a map ``basins`` and ``data``; of a race and a sweep those
that `ravine.packing` names, and ``data``. The root holds the format's number as an attribute and one JSON text with
formula, loss, settings and versions.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ravine import json_values, losses, packing
from ravine.basins import Basins
from ravine.errors import RavineError, StoreError, did_you_mean
from ravine.files import replacing
from ravine.fitting import robust
from ravine.fitting.fitted import Fit, FittedParameter, Minimum
from ravine.fitting.parameters import Parameter
from ravine.fitting.statistics import Covariance, Goodness
from ravine.formula import Formula
from ravine.model import Opaque, Tree
from ravine.notes import Note
from ravine.plane import Surface
from ravine.problem import Problem
from ravine.raced import Race
from ravine.run import Run
from ravine.swept import Sweep

if TYPE_CHECKING:
    import h5py
    import xarray as xr

FORMAT = 1

_VARIABLES = ("params", "gradient", "loss", "learning_rate", "status", "steps_taken")
_OF_A_PARAMETER = ("value", "stderr", "low95", "high95")


def save(result: Run | Fit | Basins | Race | Sweep, path: str | os.PathLike[str]) -> Path:
    """Write a run (with its surface if it has one) or another result to a NetCDF file; whole or not at all.

    Parameters
    ----------
    result
        A run, a fit, a map of basins, a race or a sweep.
    path
        The file; usually it ends in ``.nc``. An existing file is replaced.

    Returns
    -------
    Path
        The path.

    Raises
    ------
    StoreError
        If the file can't be written.
    """
    path = Path(path)
    if isinstance(result, Basins):
        return _save_basins(result, path)
    if isinstance(result, Race | Sweep):
        return _save_packed(result, path)
    if not isinstance(result, Run | Fit):
        raise StoreError(f"save: expected a run, fit, map of basins, race or sweep, got {type(result).__name__}.")
    run, fit = (result.run, result) if isinstance(result, Fit) else (result, None)
    with replacing(path) as beside:
        described = _describe(run) if fit is None else {**_describe(run), "fit": _describe_fit(fit)}
        _write(_marked(described), beside, None, "w")
        _write(_columns_of((fit or run).problem), beside, "data", "a")
        _write(run.dataset, beside, "run", "a")
        if run.surface is not None:
            _write(run.surface.dataset, beside, "surface", "a")
        if fit is not None:
            _write(_dataset_of_fit(fit), beside, "fit", "a")
    return path


def _save_basins(basins: Basins, path: Path) -> Path:
    described = {
        "kind": "basins",
        "problem": _describe_problem(basins.problem),
        "held": dict(basins.held),
        "settings": dict(basins.settings),
        "warnings": [asdict(note) for note in basins.warnings],
    }
    with replacing(path) as beside:
        _write(_marked(described), beside, None, "w")
        _write(_columns_of(basins.problem), beside, "data", "a")
        _write(basins.dataset, beside, "basins", "a")
    return path


def _save_packed(result: Race | Sweep, path: Path) -> Path:
    words, groups = packing.pack(result)
    with replacing(path) as beside:
        _write(_marked({"problem": _describe_problem(result.problem), **words}), beside, None, "w")
        for group, dataset in {"data": _columns_of(result.problem), **groups}.items():
            _write(dataset, beside, group, "a")
    return path


def load(path: str | os.PathLike[str]) -> Any:
    """Open what `save` wrote. Needs no TensorFlow.

    Raises
    ------
    StoreError
        If the file isn't there, is damaged, isn't one of ravine's, or comes from a newer version.
    """
    path = Path(path)
    described = _read_mark(path)
    kind = "fit" if isinstance(described, dict) and "fit" in described else "run"
    try:
        if described.get("kind") == "basins":
            kind = "map"
            return _basins_of(described, _read(path, "basins"), _read(path, "data"))
        if described.get("kind") in packing.KINDS:
            kind = described["kind"]
            groups = {group: _read(path, group) for group in packing.groups_of(described)}
            return packing.unpack(described, groups, _rebuild(described["problem"], _read(path, "data")))
        held = ["surface"] if "held" in described else []
        datasets = {group: _read(path, group) for group in ("run", "data", *held, *(["fit"] if kind == "fit" else []))}
        run = _run_of(described, datasets)
        _check_whole(run)
        return run if kind == "run" else _fit_of(described["fit"], datasets, run)
    except Exception as error:  # where a byte is wrong, the libraries below may raise anything
        if isinstance(error, RavineError) and not isinstance(error, StoreError):
            raise StoreError(f"{path}: the {kind} in it can't be rebuilt: {error}") from None
        raise StoreError(f"{path}: the file is damaged ({_first_line(error)}). Save the {kind} again.") from None


def _basins_of(described: dict[str, Any], dataset: xr.Dataset, data: xr.Dataset) -> Basins:
    problem = _rebuild(described["problem"], data)
    basins = Basins(dataset, problem, described["held"], described["settings"], _notes(described))
    if not {*basins.names, *basins.held} == set(problem.names) or len(basins.minima) <= basins.ending.max():
        raise ValueError("a column or a minimum is missing")
    return basins


def _run_of(described: dict[str, Any], datasets: dict[str, xr.Dataset]) -> Run:
    problem = _rebuild(described["problem"], datasets["data"])
    surface = Surface(datasets["surface"], described["held"]) if "surface" in datasets else None
    return Run(datasets["run"], problem, described["settings"], _notes(described), surface)


def _notes(described: dict[str, Any]) -> tuple[Note, ...]:
    return tuple(Note(**note) for note in described["warnings"])


def _describe(run: Run) -> dict[str, Any]:
    described: dict[str, Any] = {
        "problem": _describe_problem(run.problem),
        "settings": dict(run.settings),
        "warnings": [asdict(note) for note in run.warnings],
    }
    if run.surface is not None:
        described["held"] = dict(run.surface.held)
    return described


def _describe_problem(problem: Problem) -> dict[str, Any]:
    return {
        "formula": problem.title,
        "is_formula": isinstance(problem.model, Tree),
        "arguments": list(problem.model.names),
        "response": problem.response_names[0] if problem.response_names else None,
        "shapes": [[name, list(shape)] for name, shape in problem.shapes.items()],
        "bounds": {
            name: [json_values.number(low), json_values.number(high)] for name, (low, high) in problem.bounds.items()
        },
        "loss": losses.describe(problem.loss),
    }


def _describe_fit(fit: Fit) -> dict[str, Any]:
    """Return what no array holds."""
    return {
        "problem": _describe_problem(fit.problem),
        "asked": {name: _describe_asked(each.asked) for name, each in fit.params.items()},
        "goodness": {
            name: json_values.number(value) for name, value in asdict(fit.goodness).items() if value is not None
        },
        "undetermined": [list(group) for group in fit.covariance.undetermined],
        "variance": json_values.number(fit.covariance.variance),
        "absolute_sigma": fit.absolute_sigma,
        "warnings": [asdict(note) for note in fit.warnings],
    }


def _describe_asked(asked: Parameter) -> dict[str, Any]:
    return {**asdict(asked), "min": json_values.number(asked.min), "max": json_values.number(asked.max)}


def _dataset_of_fit(fit: Fit) -> xr.Dataset:
    import xarray as xr

    names, params = list(fit.params), fit.params.values()
    columns = {key: ("parameter", [getattr(each, key) for each in params]) for key in _OF_A_PARAMETER}
    return xr.Dataset(
        {
            **columns,
            "is_free": ("parameter", [int(each.is_free) for each in params]),
            "covariance": (("free", "free_"), fit.covariance.matrix),
            "minimum_loss": ("minimum", [each.loss for each in fit.minima]),
            "minimum_share": ("minimum", [each.share for each in fit.minima]),
            "minimum_params": (
                ("minimum", "parameter"),
                [[each.params[name] for name in names] for each in fit.minima],
            ),
        },
        coords={"parameter": names, "free": list(fit.free)},
    )


def _fit_of(described: dict[str, Any], datasets: dict[str, xr.Dataset], run: Run) -> Fit:
    data = datasets["fit"]
    names = [str(name) for name in data["parameter"].values]
    columns = {key: data[key].values.astype(float).tolist() for key in _OF_A_PARAMETER}
    params = {
        name: FittedParameter(
            **{key: column[index] for key, column in columns.items()},
            asked=_asked_of(described["asked"][name]),
            is_free=bool(data["is_free"].values[index]),
        )
        for index, name in enumerate(names)
    }
    found = zip(*(data[f"minimum_{key}"].values.tolist() for key in ("loss", "params", "share")), strict=True)
    minima = tuple(Minimum(loss, dict(zip(names, row, strict=True)), share) for loss, row, share in found)
    goodness = Goodness(**{name: _nan_if_none(value) for name, value in described["goodness"].items()})
    undetermined = tuple(tuple(group) for group in described["undetermined"])
    covariance = Covariance(data["covariance"].values, undetermined, _nan_if_none(described["variance"]))
    problem = _rebuild(described["problem"], datasets["data"])
    if goodness.robust_scale is not None:
        loss = robust.at_scale(problem.loss.name, goodness.robust_scale)
        problem, run = robust.under(problem, loss), replace(run, problem=robust.under(run.problem, loss))
    return Fit(problem, params, goodness, covariance, minima, run, list(_notes(described)), described["absolute_sigma"])


def _asked_of(described: dict[str, Any]) -> Parameter:
    low, high = described["min"], described["max"]
    sides = {"min": -np.inf if low is None else low, "max": np.inf if high is None else high}
    return Parameter(**{**described, **sides})


def _rebuild(described: dict[str, Any], data: xr.Dataset) -> Problem:
    columns = {str(data[name].attrs["name"]): data[name].values for name in data if name != "sigma"}
    shapes = {name: tuple(shape) for name, shape in described["shapes"]}
    text, arguments = described["formula"], tuple(described["arguments"])
    model = Tree(Formula(text), arguments) if described["is_formula"] else Opaque(text, arguments, None)
    problem = Problem(
        model,
        columns or None,
        loss=losses.rebuild(described["loss"]) if columns else None,
        sigma=data["sigma"].values if "sigma" in data else None,
        response=described["response"],
    )
    problem = problem.declare(shapes)
    return problem.bounded({name: (low, high) for name, (low, high) in described["bounds"].items()})


def _columns_of(problem: Problem) -> xr.Dataset:
    """Return the table as variables ``column_0`` …: a column's own name may hold what NetCDF forbids."""
    import xarray as xr

    variables = {}
    columns = problem.table.columns if problem.table else {}
    for index, (name, values) in enumerate(columns.items()):
        dims = ("point", *(f"axis_{index}_{axis}" for axis in range(1, values.ndim)))
        variables[f"column_{index}"] = xr.Variable(dims, values, {"name": name})
    if problem.sigma is not None:
        variables["sigma"] = xr.Variable(("point",), problem.sigma)
    return xr.Dataset(variables)


def _write(dataset: xr.Dataset, path: Path, group: str | None, mode: Any) -> None:
    encoding = {
        str(name): {"zlib": True, "complevel": 4}
        for name, variable in dataset.variables.items()
        if variable.dtype.kind == "f" and variable.size > 1000
    }
    dataset.to_netcdf(path, mode=mode, group=group, engine="h5netcdf", encoding=encoding)


def _read(path: Path, group: str) -> xr.Dataset:
    import xarray as xr

    with xr.open_dataset(path, group=group, engine="h5netcdf", phony_dims="access") as opened:
        return opened.load()


def _marked(described: dict[str, Any]) -> xr.Dataset:
    """Return the root: the text stands in a variable, since HDF5 limits attributes to 64 KiB."""
    import xarray as xr

    text = json.dumps(described, ensure_ascii=False).encode()
    return xr.Dataset({"ravine": ("byte", np.frombuffer(text, np.uint8))}, attrs={"ravine_format": FORMAT})


def _read_mark(path: Path) -> dict[str, Any]:
    import h5py

    if not os.path.isfile(path):  # unlike Path.is_file, it takes names that are too long
        names = [each.name for each in path.parent.glob("*.nc")] if os.path.isdir(path.parent) else []
        got = "a folder" if os.path.isdir(path) else "no such file"
        raise StoreError(f"{path}: expected a run that ravine saved, got {got}.{did_you_mean(path.name, names)}")
    try:
        with h5py.File(path, "r") as file:
            _check_format(path, file)
            return json.loads(np.asarray(file["ravine"]).tobytes().decode())
    except (OSError, KeyError, ValueError) as error:
        if isinstance(error, StoreError):
            raise
        kind = "a NetCDF file that is damaged or cut short" if _is_hdf5(path) else "something else"
        raise StoreError(f"{path}: expected a run that ravine saved, got {kind}. Save the run again.") from None


def _check_whole(run: Run) -> None:
    missing = [name for name in _VARIABLES if name not in run.dataset]
    if missing:
        raise ValueError(f"{', '.join(missing)} missing")
    if run.names != run.problem.names:  # a column that is gone turns into a parameter
        raise ValueError("a column is missing")


def _check_format(path: Path, file: h5py.File) -> None:
    number = next(iter(np.ravel(file.attrs.get("ravine_format", ()))), None)
    if number is None:
        raise StoreError(f"{path}: expected a run that ravine saved, got another NetCDF or HDF5 file.")
    if int(number) > FORMAT:
        raise StoreError(
            f"{path}: written by a newer ravine (format {int(number)}, this one reads up to {FORMAT}). Update ravine."
        )


def _is_hdf5(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(8) == b"\x89HDF\r\n\x1a\n"


def _nan_if_none(value: Any) -> Any:
    return np.nan if value is None else value


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
