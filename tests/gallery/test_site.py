"""build_gallery: files, whole or not at all."""

import os
import re
import signal

import pytest

import ravine as rv
from ravine.errors import ProblemError, StoreError
from ravine.gallery import site
from ravine.gallery.walks import WALKS
from ravine.lessons import LESSONS
from ravine.lessons.lesson import Lesson, Paragraph, Text


def test_every_lesson_has_a_descent_to_follow():
    assert list(WALKS) == list(LESSONS)


def test_every_link_leads_to_a_file_and_none_leads_away(small, tmp_path):
    assert rv.build_gallery(tmp_path / "g") == tmp_path / "g" / "index.html"
    pages = list((tmp_path / "g").rglob("*.html"))
    assert {page.relative_to(tmp_path / "g").as_posix() for page in pages} >= {"index.html", "zh/second.html"}
    for page in pages:
        body = re.sub(r"<script(?! src)[^>]*>.*?</script>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        links = re.findall(r'(?:href|src|data-frame)="([^"#]+)"', body)
        for link in links:
            assert link.startswith("data:,") or (page.parent / link).is_file(), (page, link)
    assert (tmp_path / "g" / "data" / "points.csv").read_text() == "x\n0.0\n1.0\n2.0\n"


def test_plotly_is_there_once(small, tmp_path):
    rv.build_gallery(tmp_path)
    large = [path.name for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size > 2_000_000]
    assert large == ["plotly.js"]


def test_progress_names_every_lesson(small, tmp_path, capsys):
    rv.build_gallery(tmp_path, progress=True)
    assert capsys.readouterr().err == "Lesson 1 of 2: parabola\nLesson 2 of 2: second\n"


def test_only_the_wanted_lessons(small, tmp_path):
    rv.build_gallery(tmp_path, lessons=["second"])
    assert not (tmp_path / "parabola.html").exists()
    assert (tmp_path / "zh" / "second.html").exists()


@pytest.mark.parametrize("names", [["secnd"], "secnd", []])
def test_an_unknown_lesson_is_refused(small, tmp_path, names):
    with pytest.raises(ProblemError, match="lessons: expected some of parabola, second, got"):
        rv.build_gallery(tmp_path / "g", lessons=names)
    assert not (tmp_path / "g").exists()


def test_a_folder_that_is_a_file_is_refused_before_anything_is_told(tmp_path):
    (tmp_path / "g").write_text("mine")
    with pytest.raises(StoreError, match="expected a folder, got a file"):
        rv.build_gallery(tmp_path / "g")


def test_what_cannot_be_written_leaves_the_earlier_file(small, tmp_path, monkeypatch):
    rv.build_gallery(tmp_path)
    before = (tmp_path / "index.html").read_bytes()
    monkeypatch.setattr(os, "replace", _refuse)
    with pytest.raises(StoreError, match="can't be written"):
        rv.build_gallery(tmp_path)
    assert (tmp_path / "index.html").read_bytes() == before
    assert not list(tmp_path.rglob("*.part"))


def _refuse(*_):
    raise OSError(28, "No space left on device")


def _told(*, then):
    """Return a lesson during which Ctrl-C comes, and which swallows it as a descent does."""

    def blocks(t):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            then()
        yield Paragraph("Half a story.")

    return Lesson("second", Text("", ""), blocks)


def _goes_on():
    pass


def _stumbles():
    raise ZeroDivisionError


@pytest.mark.parametrize("then", [_goes_on, _stumbles])
def test_ctrl_c_writes_nothing_even_if_a_descent_swallows_it(small, tmp_path, then):
    small["second"] = _told(then=then)
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        rv.build_gallery(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGINT) is handler


def test_an_error_of_a_lesson_is_told(small, tmp_path):
    def blocks(t):
        raise ZeroDivisionError
        yield

    small["second"] = Lesson("second", Text("", ""), blocks)
    with pytest.raises(ZeroDivisionError):
        site.build_gallery(tmp_path)
