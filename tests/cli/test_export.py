"""ravine export."""

import pytest


def test_a_page_lies_beside_the_file(ravine, saved):
    said = ravine("export", saved)
    assert (said.code, said.out, said.err) == (0, f"Written: {saved.with_suffix('.html')}\n", "")
    assert saved.with_suffix(".html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("words", [["p.html"], ["--out", "p.html"]])
def test_a_page_goes_where_it_is_told(ravine, saved, folder, words):
    assert ravine("export", saved, *words, "--language", "zh").code == 0
    assert '<html lang="zh-Hans">' in (folder / "p.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["p.htm"], ".html"),
        (["nowhere/p.html"], "nowhere"),
        (["p.html", "--out", "q.html"], "Leave one out"),
        (["--pair", "x"], "two parameters such as a,b, got 'x'"),
        (["--pair", "x,y"], "got 'y'"),
    ],
)
def test_what_makes_no_page_is_refused(refused, saved, words, hint):
    assert hint in refused("export", saved, *words)


def test_a_file_that_is_none_is_refused(refused, folder):
    assert "no such file" in refused("export", "nothing.nc")
