"""ravine lesson."""

import pytest

from ravine import lessons


def test_without_a_name_they_are_listed(ravine):
    listed = ravine("lesson").out
    assert all(name in listed for name in lessons.LESSONS)


def test_they_are_listed_in_chinese(ravine):
    assert lessons.LESSONS["line"].title.zh in ravine("lesson", "--language", "zh").out


@pytest.mark.parametrize("words", [(), ("--out", "there/deep")])
def test_a_lesson_is_told_and_leaves_its_pictures(ravine, folder, words):
    said = ravine("lesson", "parabola", *words)
    into = folder / (words[1] if words else "parabola")
    assert (said.code, said.err) == (0, "")
    assert lessons.LESSONS["parabola"].title.en in said.out
    assert list(into.glob("parabola-*.png"))


@pytest.mark.parametrize(("name", "hint"), [("lin", "Did you mean 'line'?"), ("", "got ''")])
def test_an_unknown_lesson_is_refused(refused, name, hint):
    assert hint in refused("lesson", name)


def test_a_folder_that_is_a_file_is_refused(refused, line):
    assert "expected a folder" in refused("lesson", "parabola", "--out", line)
