"""``ravine basins``: a map from the command line."""

import json

import pytest

import ravine as rv
from ravine.basins import NOT_COMPUTED

_WELLS = "(x**2 - 1)**2 + y**2"
_WORDS = ("basins", _WELLS, "--box", "x=-2:2,y=-1:1", "--resolution", "12x8", "--learning-rate", "0.02")


@pytest.fixture
def stops(monkeypatch):
    """Return a function that lets Ctrl-C arrive before the first block."""

    def press():
        def find(*given, **named):
            raise KeyboardInterrupt

        monkeypatch.setattr("ravine.mapping.endings.find", find)

    return press


def test_a_map_is_printed(ravine):
    said = ravine(*_WORDS)
    assert (said.code, said.err) == (0, "")
    assert "2 minima, where 100 % of the starts end." in said.out
    assert "12 × 8 starts" in said.out


def test_json_is_one_object(ravine):
    said = ravine(*_WORDS, "--json")
    found = json.loads(said.out)
    assert said.code == 0
    assert [round(each["params"]["x"], 9) for each in found["minima"]] in ([-1, 1], [1, -1])
    assert [each["share"] for each in found["minima"]] == [0.5, 0.5]
    assert {each["kind"] for each in found["minima"]} == {"minimum"}
    assert (found["starts"], found["computed"], found["not_converged"]) == (96, 1.0, 0.0)
    assert (found["box"], found["files"]) == ({"x": [-2, 2], "y": [-1, 1]}, [])


def test_a_folder_gets_the_map_and_its_picture(ravine, folder):
    said = ravine(*_WORDS, "--out", "map")
    assert said.code == 0
    assert {path.name for path in (folder / "map").iterdir()} >= {"basins.nc", "basins.png"}
    assert len(rv.load(folder / "map" / "basins.nc").minima) == 2


def test_a_saved_map_is_shown_and_drawn_again(ravine, folder):
    ravine(*_WORDS, "--save", "map.nc")
    assert "2 minima" in ravine("show", "map.nc").out
    said = ravine("show", "map.nc", "--plot", "basins", "--out", "again.png")
    assert (said.code, said.out) == (0, "Written: again.png\n")
    assert (folder / "again.png").stat().st_size > 1000


def test_data_and_held_parameters(ravine, line):
    said = ravine("basins", "y = a*x + b + c", line, "--box", "a=0:4", "--hold", "b=0,c=1", "--resolution", "9",
                  "--learning-rate", "0.1", "--json")  # fmt: skip
    found = json.loads(said.out)
    assert found["minima"][0]["params"] == pytest.approx({"a": 2, "b": 0, "c": 1})
    assert found["held"] == {"b": 0, "c": 1}


def test_nothing_that_arrives_is_a_failure(ravine):
    said = ravine("basins", "x**2", "--box", "x=1:2", "--resolution", "4", "--learning-rate", "9")
    assert said.code == 1
    assert "smaller learning rate" in said.out


def test_ctrl_c_leaves_a_file_that_goes_on(ravine, folder, stops, monkeypatch):
    with monkeypatch.context():
        stops()
        said = ravine(*_WORDS)
        assert said.code == 130
        assert "Written: basins.nc" in said.out
        assert (rv.load("basins.nc").ending == NOT_COMPUTED).all()
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    said = ravine("basins", "--resume", "basins.nc")
    assert said.code == 0
    assert "2 minima" in said.out
    assert rv.load(folder / "basins.nc").computed == 1
    assert [path.name for path in folder.iterdir()] == ["basins.nc"]


@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        ((), ["--box", "--resume"]),
        ((_WELLS,), ["--box", "a=-2:7"]),
        ((_WELLS, "--box", "x=-2:2"), ["held", "y"]),
        ((_WELLS, "--box", "x=2:-2,y=0:1"), ["low < high", "'x'"]),
        ((_WELLS, "--box", "x=0:,y=0:1"), ["low < high", "'x'"]),
        ((_WELLS, "--box", "x=0:1,z=0:1"), ["'z'"]),
        ((_WELLS, "--box", "x=0:1,y=0:1", "--resolution", "8x"), ["--resolution"]),
        ((_WELLS, "--box", "x=0:1,y=0:1", "--learning-rate", "nan"), ["learning_rate", "nan"]),
        ((_WELLS, "--box", "x=0:1", "--hold", "y"), ["--hold", "c=1"]),
        (("--resume", "none.nc"), ["none.nc", "no such file"]),
        (("--resume", "none.nc", "--steps", "5"), ["--steps"]),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(refused, words, fragments):
    said = refused("basins", *words)
    assert all(fragment in said for fragment in fragments), said
