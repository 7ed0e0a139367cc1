"""ravine race."""

import json

import numpy as np
import pytest

import ravine as rv

_PARABOLA = ("(x - 2)**2", "--start", "x=6", "--rates", "0.25,0.5")


def test_json_is_one_object_with_a_row_for_each_run(ravine):
    said = ravine("race", *_PARABOLA, "--optimizer", "sgd,bfgs", "--steps", "30", "--json")
    assert (said.code, said.err, len(said.out.splitlines())) == (0, "", 1)
    found = json.loads(said.out)
    assert list(found) == ["formula", "starts", "steps", "rates", "results", "warnings", "files"]
    assert (found["formula"], found["starts"], found["steps"], found["rates"]) == ("(x - 2)**2", 1, 30, [0.25, 0.5])
    rows = {(row["optimizer"], row["tuning"]): row for row in found["results"]}
    assert list(rows) == [("sgd", "best"), ("sgd", "default"), ("bfgs", "none")]
    assert rows["sgd", "best"]["learning_rate"] == 0.5
    assert rows["sgd", "best"]["steps"] == 1
    assert rows["sgd", "default"]["steps"] is None
    assert rows["bfgs", "none"]["learning_rate"] is None
    assert rows["bfgs", "none"]["status"] == ["converged"]


def test_a_race_for_people_is_its_table(ravine):
    said = ravine("race", *_PARABOLA, "--optimizer", "sgd(momentum=0.5, nesterov=True), lm", "--steps", "5")
    assert said.code == 2
    assert "'lm' makes a sum of squared residuals small" in said.err
    said = ravine("race", *_PARABOLA, "--optimizer", "sgd(momentum=0.5, nesterov=True)", "--steps", "5")
    assert said.code == 0
    assert said.out.splitlines()[0] == "1 optimizer, 1 start, at most 5 steps."
    assert "sgd(momentum=0.5, nesterov=True)" in said.out


def test_out_holds_the_race_and_its_picture_and_show_draws_it_again(ravine, folder):
    said = ravine("race", *_PARABOLA, "--optimizer", "sgd", "--steps", "5", "--out", "out")
    assert "Written: out/race.nc, out/race.png" in said.out.replace("\\", "/")
    again = ravine("show", "out/race.nc", "--out", "again.png")
    assert again.code == 0
    assert (folder / "again.png").read_bytes() == (folder / "out" / "race.png").read_bytes()
    printed = ravine("show", "out/race.nc").out
    assert printed.strip() == repr(rv.load("out/race.nc"))
    assert said.out.startswith(printed.strip())
    assert json.loads(ravine("show", "out/race.nc", "--json").out)["steps"] == 5


def test_save_writes_only_the_file(ravine, folder):
    said = ravine("race", *_PARABOLA, "--optimizer", "sgd", "--steps", "5", "--save", "mine.nc", "--json")
    assert json.loads(said.out)["files"] == ["mine.nc"]
    assert [file.name for file in folder.iterdir()] == ["mine.nc"]
    assert isinstance(rv.load("mine.nc"), rv.Race)


def test_a_table_and_random_starts(ravine, line):
    words = ("--random", "normal:3", "--seed", "1", "--optimizer", "sgd,lm", "--budget", "2", "--steps", "20")
    found = json.loads(ravine("race", "y = a*x + b", line, *words, "--json").out)
    assert (found["starts"], found["rates"]) == (3, pytest.approx([1e-4, 10]))
    assert [row["arrived"] for row in found["results"] if row["optimizer"] == "lm"] == [3]


def test_where_everybody_fails_the_exit_code_is_1(ravine):
    said = ravine("race", "log(x)", "--start", "x=-1", "--optimizer", "sgd", "--budget", "1", "--json")
    assert said.code == 1
    assert json.loads(said.out)["results"][0]["loss"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--optimizer", "sgd,adm"), "Did you mean 'adam'?"),
        (("--optimizer", ","), "got an empty list"),
        (("--optimizer", "sgd,sgd"), "'sgd' twice"),
        (("--budget", "0"), "expected a budget"),
        (("--budget", "3", "--rates", "1,2"), "expected either rates or budget"),
        (("--rates", "1:2"), "--rates: expected low:high:log:count"),
        (("--rates", "-1,2"), "expected learning rates above 0, got -1."),
    ],
)
def test_wrong_words_are_refused(refused, words, said):
    assert said in refused("race", "(x - 2)**2", "--start", "x=6", *words)


def test_drawing_a_saved_race_loads_no_tensorflow(ravine, process, folder):
    ravine("race", *_PARABOLA, "--optimizer", "sgd", "--steps", "5", "--save", "race.nc")
    code = """
import sys
from ravine.cli import main
sys.argv = ["ravine", "show", "race.nc", "--out", "race.png"]
try:
    main()
except SystemExit:
    pass
print({"tensorflow", "keras"} & set(sys.modules))
"""
    done = process(code)
    assert done.stdout.splitlines()[-1] == "set()", done.stderr
    assert np.array_equal([(folder / "race.png").exists()], [True])
