"""ravine show."""

import json

import pytest

import ravine as rv


def test_a_saved_run_prints_as_it_did(ravine, saved):
    said = ravine("show", saved)
    assert (said.code, said.out, said.err) == (0, f"{rv.load(saved)!r}\n", "")


def test_json_is_that_of_descend(ravine, saved):
    found = json.loads(ravine("show", saved, "--json").out)
    assert found["best"] == 1
    assert [run["params"] for run in found["runs"]] == [
        {"x": {"start": 6, "value": 3}},
        {"x": {"start": 4, "value": 2}},
    ]


def test_a_picture_lies_beside_the_file(ravine, saved):
    said = ravine("show", saved, "--plot", "loss")
    assert said.out == f"Written: {saved.parent / 'loss.png'}\n"
    assert (saved.parent / "loss.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("name", "begin"), [("c.pdf", b"%PDF"), ("c.svg", b"<?xml"), ("c.png", b"\x89PNG")])
def test_a_picture_goes_where_it_is_told(ravine, saved, folder, name, begin):
    said = ravine("show", saved, "--plot", "curve", "--out", name, "--size", "column")
    assert (said.code, said.err) == (0, "")
    assert (folder / name).read_bytes().startswith(begin)


def test_json_names_the_picture(ravine, saved):
    found = json.loads(ravine("show", saved, "--plot", "loss", "--out", "l.png", "--json").out)
    assert found["runs"][0]["files"] == ["l.png"]


def test_pictures_need_no_screen(ravine, saved, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert ravine("show", saved, "--plot", "curve").code == 0


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--plot", "sumary"], "Did you mean 'summary'?"),
        (["--plot", ""], "got ''"),
        (["--plot", "fit"], "summary, loss"),
        (["--plot", "loss", "--out", "loss.jpg"], ".svg"),
        (["--plot", "loss", "--out", "nowhere/loss.png"], "nowhere"),
        (["--plot", "loss", "--out", "."], "."),
        (["--out", "loss.png"], "--plot"),
    ],
)
def test_what_cannot_be_drawn_is_refused(refused, saved, words, hint):
    assert hint in refused("show", saved, *words)
