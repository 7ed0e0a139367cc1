"""Certified least-squares problems of NIST's Statistical Reference Datasets."""

import json
from pathlib import Path

import pytest

import ravine as rv

FOLDER = Path(__file__).parents[1] / "data" / "nist"
PROBLEMS = {each["name"]: each for each in json.loads((FOLDER / "nist.json").read_text())["problems"]}


def _fitted(name, key):
    certified = PROBLEMS[name]
    return rv.fit(certified["formula"], FOLDER / f"{name}.csv", certified[key] if key else None), certified


@pytest.mark.parametrize("key", ["start1", "start2"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_certified_digits_from_both_starts(name, key):
    found, certified = _fitted(name, key)
    for param, value in certified["certified"].items():
        assert found.params[param].value == pytest.approx(value, rel=1e-9)
        assert found.params[param].stderr == pytest.approx(certified["certified_standard_error"][param], rel=1e-7)
    assert found.loss == pytest.approx(certified["residual_sum_of_squares"], rel=1e-8)
    assert found.goodness.degrees_of_freedom == certified["degrees_of_freedom"]
    assert not {"not-converged", "better-minimum", "no-effect"} & {note.code for note in found.warnings}


@pytest.mark.parametrize("name", PROBLEMS)
def test_certified_digits_without_a_start(name):
    found, certified = _fitted(name, None)
    for param, value in certified["certified"].items():
        assert found.params[param].value == pytest.approx(value, rel=1e-9)
