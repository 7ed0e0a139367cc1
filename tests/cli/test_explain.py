"""ravine explain."""

import json

import pytest

import ravine as rv


@pytest.fixture
def run(folder, line):
    problem = rv.Problem("y = a*x + b", line)
    return rv.save(rv.descend(problem, {"a": 0, "b": 0}, "momentum", learning_rate=0.05, steps=4), folder / "run.nc")


def test_an_update_prints(ravine, run):
    said = ravine("explain", run, "--step", 2, "--points")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Step 2: one update by momentum\n")
    assert "m ← m·μ − g·α" in said.out and "Point by point" in said.out


def test_json_is_one_object_with_the_update(ravine, run):
    found = json.loads(ravine("explain", run, "--step", 1, "--json").out)
    assert found["params"]["a"] == {"before": 0, "gradient": -17, "update": 0.85, "after": 0.85}
    assert found["loss"]["before"] == 21
    assert found["optimizer_state"] == {"momentum": {"a": 0.85, "b": 0.4}}


def test_chinese_and_a_page(ravine, run, folder):
    said = ravine("explain", run, "--step", 1, "--language", "zh", "--html", "step.html")
    assert "第 1 步" in said.out and said.err == "Written: step.html\n"
    assert (folder / "step.html").read_text(encoding="utf-8").startswith('<!DOCTYPE html>\n<html lang="zh">')


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--step", "0"], "from 1 (the first update) to 4"),
        (["--step", "5"], "got 5"),
        (["--start-index", "1"], "start 0, the only one"),
        (["--language", "de"], "en or zh"),
        (["--html", "nowhere/a.html"], "nowhere"),
    ],
)
def test_what_cannot_be_explained_is_refused(refused, run, words, hint):
    assert hint in refused("explain", run, *words)


def test_a_fit_is_refused(refused, line):
    rv.save(rv.fit("y = a*x + b", line), "fit.nc")
    assert "got a fit" in refused("explain", "fit.nc", "--step", "1")
