"""``ravine diagnose``: text, JSON, languages, and one sentence for wrong input."""

import json

import pytest

import ravine as rv


@pytest.fixture(scope="module")
def edge(tmp_path_factory):
    """Return the file of a run at the edge."""
    run = rv.descend("x**2", {"x": 3}, learning_rate=1, steps=50)
    return rv.save(run, tmp_path_factory.mktemp("edge") / "run.nc")


def test_findings_are_printed_and_no_failure(ravine, edge):
    said = ravine("diagnose", edge)
    assert (said.code, said.err) == (0, "")
    assert "learning-rate-at-edge" in said.out
    assert "→ Take learning rate 0.5" in said.out


def test_json_is_one_object(ravine, edge):
    said = ravine("diagnose", edge, "--json")
    found = json.loads(said.out)
    assert said.code == 0
    assert [finding["code"] for finding in found["findings"]] == ["learning-rate-at-edge"]
    assert found["findings"][0]["evidence"]["edge"] == 1
    assert found["findings"][0]["starts"] == [0]


def test_chinese(ravine, edge):
    assert "学习率 1 正好在界限" in ravine("diagnose", edge, "--language", "zh").out


def test_a_fit_is_refused_with_what_to_read_instead(refused, folder):
    fit = rv.fit("y = a*x", {"x": [1.0, 2.0, 3.0], "y": [2.0, 4.1, 5.9]})
    assert "fit.warnings" in refused("diagnose", rv.save(fit, folder / "fit.nc"))


def test_a_missing_file_is_refused(refused):
    assert "no such file" in refused("diagnose", "nowhere.nc")
