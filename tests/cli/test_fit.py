"""ravine fit."""

import json

import pytest

import ravine as rv

_LINE = "y = a*x + b"


@pytest.fixture
def bent(folder):
    """Return a table whose points lie a little off y = 2x + 1."""
    path = folder / "bent.csv"
    path.write_text("x,y,s\n0,1.1,0.1\n1,2.9,0.1\n2,5.1,0.2\n3,6.9,0.2\n4,9.2,0.1\n")
    return path.name


def test_text_is_the_report_as_in_python(ravine, bent):
    said = ravine("fit", _LINE, bent)
    assert (said.code, said.err) == (0, "")
    assert said.out == f"{rv.fit(_LINE, bent).report()}\n"


def test_json_has_the_keys_of_descend_and_more(ravine, bent):
    said = ravine("fit", _LINE, bent, "--start", "a=1,b=0", "--json")
    found, expected = json.loads(said.out), rv.fit(_LINE, bent, {"a": 1, "b": 0})
    keys = ["formula", "status", "optimizer", "learning_rate", "steps", "loss", "params", "warnings", "files"]
    assert set(keys) | {"statistics", "minima"} <= set(found)
    assert (found["status"], found["files"], found["warnings"]) == ("converged", [], [])
    assert list(found["params"]["a"]) == ["start", "value", "stderr", "low95", "high95", "t", "p"]
    assert found["params"]["a"]["value"] == expected.values["a"]
    assert found["loss"]["start"] == pytest.approx(1.1**2 + 1.9**2 + 3.1**2 + 3.9**2 + 5.2**2)
    assert found["statistics"]["degrees_of_freedom"] == 3
    assert found["minima"][0]["share"] == 1
    assert len(said.out.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["--bounds", "a=:1.5"], {"bounds": {"a": (None, 1.5)}}),
        (["--positive", "a, b"], {"positive": ["a", "b"]}),
        (["--fixed", "b=1"], {"fixed": {"b": 1}}),
        (["--start", "a=2,b=1.5", "--fixed", "b"], {"start": {"a": 2}, "fixed": {"b": 1.5}}),
        (["--tie", "b=minimum(a, 1)"], {"ties": {"b": "minimum(a, 1)"}}),
        (["--sigma", "s"], {"sigma": "s"}),
        (["--sigma", "0.3", "--absolute-sigma"], {"sigma": 0.3, "absolute_sigma": True}),
        (["--starts", "3", "--seed", "5"], {"starts": 3, "seed": 5}),
        (["--loss", "huber"], {"loss": "huber"}),
        (
            ["--loss", "cauchy", "--sigma", "0.1", "--absolute-sigma"],
            {"loss": "cauchy", "sigma": 0.1, "absolute_sigma": True},
        ),
    ],
)
def test_options_are_those_of_python(ravine, bent, words, options):
    found = json.loads(ravine("fit", _LINE, bent, *words, "--json").out)
    expected = rv.fit(_LINE, bent, **options)
    for name, each in expected.params.items():
        assert (found["params"][name]["value"], found["params"][name]["stderr"]) == (each.value, each.stderr)


def test_json_of_a_robust_loss_says_its_scale_and_which_rows_weigh_little(ravine, folder):
    rows = "".join(f"{x},{2 * x + 1 + 0.1 * (-1) ** x + 30 * (x == 6)}\n" for x in range(12))
    (folder / "far.csv").write_text(f"x,y\n{rows}")
    found = json.loads(ravine("fit", _LINE, "far.csv", "--loss", "huber", "--json").out)
    expected = rv.fit(_LINE, "far.csv", loss="huber")
    assert found["params"]["a"]["value"] == expected.values["a"]
    assert (found["robust"]["name"], found["robust"]["scale"]) == ("huber", expected.scale)
    assert [each["row"] for each in found["robust"]["light_rows"]] == [7]
    assert found["statistics"]["aic"] is None
    assert "robust" not in json.loads(ravine("fit", _LINE, "far.csv", "--json").out)


def test_a_ready_formula_fits_named_columns(ravine, folder):
    (folder / "rise.csv").write_text("time,counts\n0,1\n1,3.1\n2,5\n3,6.9\n")
    said = ravine("fit", "line", "rise.csv", "--x", "time", "--y", "counts")
    assert (said.code, said.err) == (0, "")
    assert said.out == f"{rv.fit('counts = slope*time + intercept', 'rise.csv').report()}\n"
    assert "gaussian" in ravine("models").out
    wrong = ravine("fit", _LINE, "rise.csv", "--x", "time")
    assert (wrong.code, wrong.out) == (2, "")
    assert "ready formula" in wrong.err


def test_data_sets_share_what_is_asked(ravine, folder):
    (folder / "sets.csv").write_text("run,x,y\ncold,0,1\ncold,1,3\ncold,2,5\nhot,0,4\nhot,1,6\nhot,2,8.3\n")
    found = json.loads(ravine("fit", _LINE, "sets.csv", "--by", "run", "--shared", "a", "--json").out)
    expected = rv.fit(_LINE, "sets.csv", by="run", shared="a")
    assert {name: each["value"] for name, each in found["params"].items()} == expected.values
    assert set(found["params"]) == {"a", "b_cold", "b_hot"}


def test_rows_with_missing_values_may_be_left_out(ravine, folder):
    (folder / "gap.csv").write_text("x,y\n0,1\n1,\n2,5\n3,7\n")
    found = json.loads(ravine("fit", _LINE, "gap.csv", "--nan-policy", "omit", "--json").out)
    assert found["statistics"]["points"] == 3
    assert found["warnings"][0]["code"] == "table"


def test_out_holds_fit_report_and_pictures(ravine, folder, bent):
    said = ravine("fit", _LINE, bent, "--out", "新/out put")
    names = ["fit.nc", "report.txt", "report.html", "fit.png", "loss.png", "confidence.png", "valleys.png"]
    assert said.out.splitlines()[-1] == "Written: " + ", ".join(f"新/out put/{name}" for name in names)
    out = folder / "新/out put"
    assert sorted(path.name for path in out.iterdir()) == sorted(names)
    text = (out / "report.txt").read_text(encoding="utf-8")
    assert said.out.startswith(text)
    assert repr(rv.load(out / "fit.nc")) + "\n" == text
    assert ravine("show", out / "fit.nc").out == text
    assert "Written" in ravine("show", out / "fit.nc", "--plot", "fit", "--out", "again.png").out
    assert (folder / "again.png").exists()


def test_a_fit_that_does_not_come_to_rest_is_exit_code_1(ravine, bent, monkeypatch):
    found = rv.fit(_LINE, bent).with_warnings([rv.Note("not-converged", "It still moves.")])
    monkeypatch.setattr(rv, "fit", lambda *_, **__: found, raising=False)
    said = ravine("fit", _LINE, bent)
    assert said.code == 1
    assert "Not converged." in said.out
    assert "! It still moves." in said.out


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        (["--start", "a"], "--start: expected name=value"),
        (["--start", "c=1"], "start: expected parameters among a, b, got 'c'"),
        (["--fixed", "b"], "--fixed: expected a value for 'b'"),
        (["--tie", "b"], "--tie: expected name=expression"),
        (["--tie", "b=a", "--tie", "b=2*a"], "--tie: expected 'b' once"),
        (["--tie", "a=b", "--tie", "b=a"], "circle"),
        (["--bounds", "a=3:1"], "low < high"),
        (["--sigma", "q"], "'q'"),
        (["--sigma", "0"], "positive"),
        (["--loss", "mae"], "Take huber"),
        (["--loss", "hubr"], "Did you mean 'huber'?"),
        (["--starts", "0"], "starts: expected a whole number"),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_code_2(refused, bent, words, fragment):
    assert fragment in refused("fit", _LINE, bent, *words)


def test_a_file_that_is_not_there_is_exit_code_2(refused):
    assert "nowhere.csv" in refused("fit", _LINE, "nowhere.csv")


def test_the_formula_comes_first(refused, bent):
    assert "The formula comes first" in refused("fit", bent, _LINE)


def test_a_saved_fit_is_drawn_in_every_way_that_suits_it(ravine, folder, bent):
    from ravine.cli import pictures

    (folder / "fit").mkdir()
    rv.save(rv.fit(_LINE, bent), "fit/fit.nc")
    assert pictures.suiting(rv.load("fit/fit.nc"))[:4] == ["fit", "confidence", "profile", "valleys"]
    for name in ("confidence", "profile", "params"):
        assert ravine("show", "fit/fit.nc", "--plot", name).out == f"Written: fit/{name}.png\n"
    said = ravine("show", "fit/fit.nc", "--plot", "curve")
    assert (said.code, "doesn't suit this fit" in said.err) == (2, True)
