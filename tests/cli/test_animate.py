"""ravine animate."""

import pytest
from PIL import Image

QUICK = ("--seconds", "2", "--fps", "4", "--size", "small")


def test_a_saved_run_becomes_a_film(ravine, saved, folder):
    said = ravine("animate", saved, "run.gif", *QUICK)
    assert (said.code, said.out, said.err) == (0, "Written: run.gif\n", "")
    with Image.open(folder / "run.gif") as film:
        assert film.size == (640, 360)
        assert film.n_frames == 4


def test_films_need_no_screen(ravine, saved, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert ravine("animate", saved, "run.mp4", *QUICK).code == 0


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["run.avi"], ".gif or .mp4"),
        (["run"], ".gif or .mp4"),
        (["nowhere/run.gif"], "nowhere"),
        (["."], "."),
        (["run.gif", "--seconds", "0"], "seconds"),
        (["run.gif", "--fps", "1000"], "fps"),
    ],
)
def test_what_cannot_become_a_film_is_refused(refused, saved, folder, words, hint):
    assert hint in refused("animate", saved, *words)
    assert [file.name for file in folder.iterdir()] == [saved.name]


def test_a_file_that_is_not_there_is_refused(refused, saved):
    assert "ru.nc" in refused("animate", "ru.nc", "run.gif")


def test_other_results_are_refused(refused, folder):
    import ravine as rv

    rv.save(rv.sweep("(x - 2)**2", [0.1], "sgd", {"x": 6}, steps=3), folder / "sweep.nc")
    assert "a run, a fit or a race" in refused("animate", "sweep.nc", "sweep.gif")
