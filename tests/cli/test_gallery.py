"""ravine gallery."""

from ravine.gallery import site
from ravine.lessons.lesson import Lesson, Paragraph, Text


def test_a_gallery_is_written(ravine, folder, monkeypatch):
    lesson = Lesson("tiny", Text("Tiny", "小"), lambda t: iter([Paragraph("x")]))
    monkeypatch.setattr(site, "LESSONS", {"tiny": lesson})
    said = ravine("gallery", "--out", "there")
    assert (said.code, said.out) == (0, "Written: there/index.html\n")
    assert (folder / "there" / "zh" / "tiny.html").is_file()


def test_what_is_no_lesson_and_no_folder_is_refused(ravine, line):
    for words, hint in ((["--lesson", "lin"], "Did you mean 'line'?"), (["--out", line], "expected a folder")):
        said = ravine("gallery", *words)
        assert (said.code, said.out) == (2, "")
        assert hint in said.err and "Traceback" not in said.err
