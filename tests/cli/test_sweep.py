"""ravine sweep."""

import json
import signal

import pytest

import ravine as rv
from ravine import endings

_PARABOLA = ("(x - 2)**2", "--start", "x=6")


def test_json_is_one_object(ravine):
    said = ravine("sweep", *_PARABOLA, "--learning-rate", "0.5,1,1.5", "--json")
    assert (said.code, said.err, len(said.out.splitlines())) == (0, "", 1)
    found = json.loads(said.out)
    assert list(found) == [
        "formula", "starts", "steps", "learning_rates", "optimizers", "lowest", "curvature", "warnings", "files",
    ]  # fmt: skip
    assert (found["learning_rates"], found["curvature"]) == ([0.5, 1, 1.5], 2)
    assert found["lowest"] == {"loss": 0, "params": {"x": 2}}
    (sgd,) = found["optimizers"]
    assert (sgd["optimizer"], sgd["best_rate"], sgd["best_loss"], sgd["edge"]) == ("sgd", 0.5, 0, 1)
    assert sgd["median_loss"] == [0, pytest.approx(16), None]
    assert sgd["shares"] == {"converged": [1, 0, 0], "oscillating": [0, 1, 0], "diverged": [0, 0, 1]}


def test_a_range_two_optimizers_and_random_starts(ravine, line):
    words = ("--learning-rate", "1e-2:1:log:3", "--optimizer", "sgd,adam", "--seed-starts", "4", "--steps", "20")
    found = json.loads(ravine("sweep", "y = a*x + b", line, *words, "--json").out)
    assert (found["starts"], found["learning_rates"]) == (4, [0.01, 0.1, 1])
    assert [each["optimizer"] for each in found["optimizers"]] == ["sgd", "adam"]
    assert found["optimizers"][1]["edge"] is None


def test_out_holds_the_sweep_and_its_picture_and_show_draws_it_again(ravine, folder):
    said = ravine("sweep", *_PARABOLA, "--learning-rate", "0.1:1:linear:4", "--out", "out")
    assert said.code == 0
    assert "Written: out/sweep.nc, out/sweep.png" in said.out.replace("\\", "/")
    assert ravine("show", "out/sweep.nc", "--plot", "sweep", "--out", "again.png").code == 0
    assert (folder / "again.png").read_bytes() == (folder / "out" / "sweep.png").read_bytes()
    printed = ravine("show", "out/sweep.nc").out
    assert printed.strip() == repr(rv.load("out/sweep.nc"))
    assert "'race' doesn't suit this sweep. Take one of sweep." in ravine("show", "out/sweep.nc", "--plot", "race").err


def test_save_writes_only_the_file(ravine, folder):
    ravine("sweep", *_PARABOLA, "--learning-rate", "0.5", "--save", "mine.nc")
    assert [file.name for file in folder.iterdir()] == ["mine.nc"]
    assert isinstance(rv.load("mine.nc"), rv.Sweep)


def test_where_every_descent_fails_the_exit_code_is_1(ravine):
    said = ravine("sweep", "log(x)", "--start", "x=1e-30", "--learning-rate", "1e300,1e301", "--json")
    assert said.code == 1
    assert json.loads(said.out)["lowest"] == {"loss": None, "params": {"x": None}}


def test_ctrl_c_keeps_what_is_done_and_exits_with_130(ravine, monkeypatch):
    find = endings.find

    def interrupted(problem, method, *more):
        if method.name == "adam":
            signal.raise_signal(signal.SIGINT)
        return find(problem, method, *more)

    monkeypatch.setattr(endings, "find", interrupted)
    said = ravine("sweep", *_PARABOLA, "--learning-rate", "0.5", "--optimizer", "sgd,adam", "--json")
    assert said.code == 130
    found = json.loads(said.out)
    assert [each["optimizer"] for each in found["optimizers"]] == ["sgd"]
    assert found["warnings"] == [{"code": "stopped", "text": "Stopped before the end: adam had no turn."}]
    said = ravine("sweep", *_PARABOLA, "--learning-rate", "0.5", "--optimizer", "adam")
    assert (said.code, said.out) == (130, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--optimizer", "bfgs"), "SciPy's 'bfgs' chooses its own step lengths"),
        (("--optimizer", "adm"), "Did you mean 'adam'?"),
        (("--optimizer", "sgd,gd"), "twice"),
        (("--learning-rate", "1:2:3"), "--learning-rate: expected low:high:log:count, such as 1e-3:3:log:40"),
        (("--learning-rate", "1:2:lin:3"), "expected low:high:log:count"),
        (("--learning-rate", "a:2:log:3"), "expected a number, got 'a'."),
        (("--learning-rate", "1:2:log:few"), "expected a count, such as 10, got 'few'."),
        (("--learning-rate", "1:2:log:1"), "expected a count from 2 to 10,000, got 1"),
        (("--learning-rate", "0:1:log:3"), "expected 0 < low < high, got 0 and 1"),
        (("--learning-rate", "2:1:linear:3"), "expected low < high, got 2 and 1"),
        (("--learning-rate", ""), "expected a number, got ''."),
        (("--learning-rate", "nan"), "expected learning rates above 0, got nan."),
        (("--learning-rate", "-1,2"), "expected learning rates above 0, got -1."),
        (("--learning-rate", "0.1,0.1"), "0.1 twice"),
        (("--seed-starts", "3"), "--seed-starts: expected no other starts"),
    ],
)
def test_wrong_words_are_refused(refused, words, said):
    assert said in refused("sweep", *_PARABOLA, *words)


@pytest.mark.parametrize("count", ["0", "-2"])
def test_a_wrong_count_of_starts_is_refused(refused, count):
    assert "expected 1 to 4,000,000 starts" in refused("sweep", "(x - 2)**2", "--seed-starts", count)
