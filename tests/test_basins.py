"""Basins: what a map says of itself, and that it comes back from a file."""

import subprocess
import sys

import h5py
import numpy as np
import pytest
import xarray as xr

import ravine as rv
from ravine.basins import DIVERGED, NOT_COMPUTED, NOT_CONVERGED, NOT_FINITE
from ravine.errors import StoreError

_SETTINGS = {
    "optimizer": "sgd",
    "optimizer_config": {"class_name": "SGD", "config": {}},
    "learning_rate": [0.1],
    "steps": 100,
    "stop": {"gradient": 1e-6, "loss_change": None, "diverge": 1e8},
    "dtype": "float32",
    "tolerance": 1e-3,
    "box": {"b": [0.0, 4.0], "a": [-1.0, 1.0]},
    "resolution": [4, 2],
    "starts": None,
    "seed": None,
    "seconds": 0.5,
}


@pytest.fixture
def basins():
    """Return a map of 4 × 2 pixels, written by hand."""
    ending = np.array([[0, 0, 1, NOT_CONVERGED], [0, DIVERGED, NOT_FINITE, NOT_COMPUTED]])
    zeros = np.zeros((2, 4))
    dataset = xr.Dataset(
        {
            "ending": (("y", "x"), ending),
            "steps_taken": (("y", "x"), np.arange(8).reshape(2, 4)),
            "loss": (("y", "x"), zeros),
            "start_loss": (("y", "x"), zeros + 1),
            "status": (("y", "x"), zeros.astype(np.int8)),
            "params": (("y", "x", "param"), np.zeros((2, 4, 2))),
            "minimum_params": (("minimum", "parameter"), np.array([[0.5, 3.0, 7.0], [-0.5, 1.0, 7.0]])),
            "minimum_loss": ("minimum", np.array([0.25, 0.5])),
            "minimum_kind": ("minimum", np.array(["minimum", "flat"])),
            "minimum_share": ("minimum", np.array([3 / 7, 1 / 7])),
        },
        coords={"param": ["b", "a"], "parameter": ["a", "b", "c"], "x": [0.5, 1.5, 2.5, 3.5], "y": [-0.5, 0.5]},
        attrs={"x_name": "b", "y_name": "a"},
    )
    problem = rv.Problem("a**2 + b**2 + c")
    return rv.Basins(dataset, problem, {"c": 7.0}, _SETTINGS, (rv.Note("partial", "Stopped."),))


def test_minima_are_values_by_name(basins):
    first, second = basins.minima
    assert (first.params, first.loss, first.kind) == ({"a": 0.5, "b": 3.0, "c": 7.0}, 0.25, "minimum")
    assert (second.kind, second.share) == ("flat", 1 / 7)


def test_shares_are_of_the_starts_that_are_computed(basins):
    assert (basins.not_converged, basins.diverged, basins.not_finite) == (1 / 7,) * 3
    assert basins.computed == 7 / 8
    assert sum(each.share for each in basins.minima) + 3 / 7 == pytest.approx(1)


def test_starts_run_along_the_first_parameter_first(basins):
    assert basins.names == ("b", "a")
    assert basins.starts[:5].tolist() == [[0.5, -0.5], [1.5, -0.5], [2.5, -0.5], [3.5, -0.5], [0.5, 0.5]]


@pytest.mark.parametrize(("b", "a", "ending"), [(0.1, -0.9, 0), (2.4, -0.2, 1), (3.9, 0.9, NOT_COMPUTED)])
def test_the_ending_of_the_nearest_start(basins, b, a, ending):
    assert basins.at({"a": a, "b": b}) == ending


def test_the_text_is_a_table(basins):
    assert repr(basins).splitlines() == [
        "2 places, where 57.1 % of the starts end.",
        "a**2 + b**2 + c, sgd, learning rate 0.1, 100 steps: b from 0 to 4, a from -1 to 1 (4 × 2 starts)",
        "",
        "rank     kind   share  loss     a  b  c",
        "   1  minimum  42.9 %  0.25   0.5  3  7",
        "   2     flat  14.3 %   0.5  -0.5  1  7",
        "Not converged 14.3 %, diverged 14.3 %, not finite 14.3 %, not computed yet 12.5 % of all",
        "",
        "Warning: Stopped.",
    ]
    assert basins._repr_html_().count("<tr>") == 3


def test_a_file_brings_it_back(basins, tmp_path):
    again = rv.load(rv.save(basins, tmp_path / "map.nc"))
    xr.testing.assert_identical(again.dataset, basins.dataset)
    assert (again.minima, again.held, again.settings) == (basins.minima, basins.held, basins.settings)
    assert (again.warnings, again.problem.title) == (basins.warnings, basins.problem.title)


def test_a_map_without_a_minimum_comes_back_too(tmp_path):
    basins = rv.map_basins("x", {"x": (0, 1)}, 3, steps=1)
    assert rv.load(rv.save(basins, tmp_path / "map.nc")).minima == ()


def test_a_file_opens_and_draws_without_tensorflow(basins, tmp_path):
    path = rv.save(basins, tmp_path / "map.nc")
    code = f"""
import sys
import ravine as rv
print(rv.load({str(path)!r}))
rv.save_picture(rv.plots.basins(rv.load({str(path)!r})), {str(tmp_path / "map.png")!r})
assert "tensorflow" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "map.png").stat().st_size > 1000


@pytest.mark.parametrize("gone", ["basins/minimum_loss", "basins/ending", "basins"])
def test_a_file_without_one_of_its_parts_is_damaged(basins, tmp_path, gone, refuses):
    path = rv.save(basins, tmp_path / "map.nc")
    with h5py.File(path, "a") as file:
        del file[gone]
    with refuses(StoreError, "damaged", "map"):
        rv.load(path)
