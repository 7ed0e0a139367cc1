"""What every lesson has in common, in both languages."""

from __future__ import annotations

import dataclasses
import os
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import ravine
from ravine.bridge import server
from ravine.bridge.live import TensorBoardLog
from ravine.cli import app
from ravine.errors import ProblemError
from ravine.lessons import LESSONS, Language, Story, lesson, render, tell
from ravine.run import Run
from ravine.view import drawing, fonts
from ravine.view.scene import Scene

Told = Callable[[str, Language], Story]

_HAN = re.compile(r"[\u4e00-\u9fff]")
#: Names that stay as they are in Chinese: of software, methods, functions, columns and arguments.
_NAMES = {
    "Adam", "GradientTape", "Keras", "MSE", "Matplotlib", "None", "Python", "ReLU", "SciPy", "TensorBoard",
    "TensorFlow", "True", "Xᵀ", "activations", "adam", "apply", "assign_sub", "bfgs", "binary_crossentropy",
    "converged", "cos", "diverged", "exp", "from", "gelu", "gradient", "layer", "leaky", "leaky_relu", "learn", "lm",
    "ln", "logits", "losses", "max", "mead", "nelder", "normal", "numpy", "one", "optimizer", "persistent", "ravine",
    "relu", "reset_metrics", "scikit", "sgd", "sigmoid", "sin", "softmax", "softplus", "ssh", "steps", "swish", "tanh",
    "tape", "to_tensorboard", "two", "unconnected_gradients", "w0", "w1", "watch", "zero",
}  # fmt: skip

every_lesson = pytest.mark.parametrize("name", list(LESSONS))


def _prose(story: Story) -> Iterator[str]:
    yield story.title
    for block in story.blocks:
        match block:
            case lesson.Heading(text) | lesson.Paragraph(text):
                yield text
            case lesson.Table(header, _, caption):
                yield " ".join([*header, caption])
            case lesson.Picture(_, _, caption):
                yield caption
            case lesson.Exercise(question, answer):
                yield question
                yield answer


def _labels(scene: Scene) -> Iterator[str]:
    yield scene.title
    yield scene.subtitle
    for panel in scene.panels:
        yield panel.title
        yield from (axis.label for axis in (panel.x, panel.y, panel.z) if axis is not None)
        for mark in panel.marks:
            for field in dataclasses.fields(mark):  # type: ignore[arg-type]
                value = getattr(mark, field.name)
                if field.name in ("label", "text"):
                    yield value
                elif field.name == "scale":
                    yield value.label
                elif field.name == "hover":
                    yield from value


def _words(text: str) -> set[str]:
    """Return the Latin words of a text; single letters are names of parameters, powers of ten are numbers."""
    return {word for word in re.findall(r"(?<![\w.])[A-Za-z][A-Za-z_0-9]+", text) if not re.fullmatch(r"e\d+", word)}


@every_lesson
def test_both_languages_have_the_same_blocks(told: Told, name: str) -> None:
    english, chinese = told(name, "en"), told(name, "zh")
    assert [type(block) for block in english.blocks] == [type(block) for block in chinese.blocks]
    assert [one.name for one in english.pictures] == [one.name for one in chinese.pictures]
    assert _of(english, lesson.Quote) == _of(chinese, lesson.Quote)
    for one, other in zip(_of(english, lesson.Code), _of(chinese, lesson.Code), strict=True):
        assert one.text == other.text.replace(" --language zh", "")


@every_lesson
def test_commands_of_a_chinese_lesson_tell_lessons_in_chinese(told: Told, name: str) -> None:
    for code in _of(told(name, "zh"), lesson.Code):
        for line in code.text.splitlines():
            assert not line.startswith("ravine lesson") or "--language zh" in line


def _of(story: Story, kind: type) -> list[Any]:
    return [block for block in story.blocks if isinstance(block, kind)]


@every_lesson
def test_both_languages_tell_the_same_numbers(told: Told, name: str) -> None:
    english, chinese = (_of(told(name, language), lesson.Table) for language in ("en", "zh"))
    for one, other in zip(english, chinese, strict=True):
        assert _numeric(one) == _numeric(other)
    for one, other in zip(_prose(told(name, "en")), _prose(told(name, "zh")), strict=True):
        numbers = [set(re.findall(r"\d+\.\d+", text)) for text in (one, other)]
        assert numbers[0] == numbers[1]


def _numeric(table: lesson.Table) -> list[list[str]]:
    return [[cell for cell in row if any(character.isdigit() for character in cell)] for row in table.rows]


@every_lesson
def test_no_text_is_left_untranslated(told: Told, name: str) -> None:
    for text in _prose(told(name, "en")):
        assert not _HAN.search(text)
    for text in _prose(told(name, "zh")):
        assert _words(text) <= _NAMES, text
    for block in told(name, "zh").blocks:
        if isinstance(block, lesson.Heading | lesson.Paragraph):
            assert _HAN.search(block.text)
        if isinstance(block, lesson.Exercise):
            assert _HAN.search(block.question) and _HAN.search(block.answer)


@every_lesson
@pytest.mark.skipif(fonts.cjk_font() is None, reason="no font for Chinese labels here")
def test_labels_in_pictures_are_chinese(told: Told, name: str) -> None:
    for picture in told(name, "zh").pictures:
        assert _HAN.search(picture.scene.title)
        for label in _labels(picture.scene):
            assert _words(label) <= _NAMES, label


def test_without_a_chinese_font_labels_stay_english_and_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "cjk_font", lambda: None)
    story = tell("parabola", "zh")
    first = story.blocks[0]
    assert isinstance(first, lesson.Paragraph)
    assert "没有中文字体" in first.text
    assert not any(_HAN.search(label) for picture in story.pictures for label in _labels(picture.scene))


@every_lesson
@pytest.mark.parametrize("language", ["en", "zh"])
def test_pictures_and_tables_are_saved(
    told: Told, name: str, language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "_DOTS_PER_INCH", {"slide": 30})  # labels need the same fonts at every size
    story = told(name, language)
    paths = render.save(story, tmp_path / "out")
    assert len(paths) == len(story.pictures) + len(story.tables)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {path.name for path in paths}
    for path in paths:
        if path.suffix == ".png":
            assert path.read_bytes().startswith(b"\x89PNG")


@pytest.fixture
def sparing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check what is asked for and leave out what takes long: tests/view see to the ink, tests/bridge to the events."""
    monkeypatch.setattr(ravine, "to_tensorboard", _noted)
    monkeypatch.setattr(ravine, "save_picture", _sketched)


def _noted(run: Run, logdir: str | os.PathLike[str]) -> Path:
    assert isinstance(run, Run)
    return Path(logdir)


def _sketched(scene: Scene, path: str | os.PathLike[str]) -> Path:
    assert isinstance(scene, Scene)
    Path(path).touch()
    return Path(path)


@every_lesson
@pytest.mark.usefixtures("sparing")
def test_the_python_code_runs(told: Told, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = told(name, "en")
    render.save_tables(story, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    known: dict[str, Any] = {}
    for code in _of(story, lesson.Code):
        if code.language == "python":
            exec(compile(code.text, f"<{name}>", "exec"), known)
    assert isinstance(known["run"], Run)
    assert known["run"].starts == 1


@every_lesson
@pytest.mark.usefixtures("sparing")
def test_the_commands_run(told: Told, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = told(name, "en")
    render.save_tables(story, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    texts = [code.text.replace("\\\n", " ") for code in _of(story, lesson.Code) if code.language == "shell"]
    commands = [shlex.split(line) for text in texts for line in text.splitlines()]
    with TensorBoardLog("tensorboard/logs") as log:  # as the Python of that lesson leaves it
        log.text("told", "")
    monkeypatch.setattr(server, "serve", lambda *_: None)  # which would go on until Ctrl-C
    assert all(command[0] == "ravine" for command in commands)
    for command in commands:
        if command[1] == "lesson":
            assert command[2:] in ([name, "--out", name], [_next(name)])
        else:
            result = CliRunner().invoke(app, command[1:])
            # 1 says that the descent failed: some of these are meant to.
            assert result.exit_code in (0, 1), result.output
            assert result.exception is None or isinstance(result.exception, SystemExit), result.exception


@every_lesson
def test_code_fits_a_narrow_terminal(told: Told, name: str) -> None:
    for code in _of(told(name, "en"), lesson.Code):
        assert max(map(len, code.text.splitlines())) <= 76


@every_lesson
def test_the_files_that_code_names_are_the_files_that_are_saved(told: Told, name: str) -> None:
    story = told(name, "en")
    saved = {f"{name}/{data.name}.csv" for data in story.tables}
    for code in _of(story, lesson.Code):
        assert set(re.findall(r"[\w/-]+\.csv", code.text)) <= saved


@every_lesson
def test_a_lesson_says_what_to_see_and_what_to_try_next(told: Told, name: str) -> None:
    headings = [heading.text for heading in _of(told(name, "en"), lesson.Heading)]
    assert len(headings) >= 3
    assert headings[-1] == "Try next"
    kinds = {code.language for code in _of(told(name, "en"), lesson.Code)}
    assert kinds == {"python", "shell"}


def _next(name: str) -> str | None:
    """Return the lesson after this one; None after the last."""
    names = list(LESSONS)
    return (*names[1:], None)[names.index(name)]


def test_the_course_goes_from_one_slope_to_whole_networks() -> None:
    assert list(LESSONS) == [
        "tape", "parabola", "line", "cubic", "five-points", "two-layer", "activations", "losses",
        "tensorboard",
    ]  # fmt: skip


@every_lesson
def test_a_lesson_ends_by_pointing_at_the_next_one(told: Told, name: str) -> None:
    following = _next(name)
    if following is not None:
        assert told(name, "en").blocks[-1] == lesson.Code(f"ravine lesson {following}", "shell")
        assert told(name, "zh").blocks[-1] == lesson.Code(f"ravine lesson {following} --language zh", "shell")


@every_lesson
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_lesson_has_two_or_three_exercises_under_a_heading(told: Told, name: str, language: Language) -> None:
    story = told(name, language)
    assert 2 <= len(story.exercises) <= 3
    first = story.blocks.index(story.exercises[0])
    assert story.blocks[first - 1] == lesson.Heading({"en": "Exercises", "zh": "练习"}[language])
    assert story.blocks[first : first + len(story.exercises)] == story.exercises
    for exercise in story.exercises:
        assert any(character in exercise.question for character in "?？.。")
        assert re.search(r"\d", exercise.answer), "an answer rests on a number"


def test_an_unknown_lesson_gets_a_hint() -> None:
    with pytest.raises(ProblemError, match=r"got 'two_layer'\. Did you mean 'two-layer'"):
        tell("two_layer")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ProblemError, match="language: expected en or zh, got 'de'"):
        tell("line", "de")  # type: ignore[arg-type]


def test_saved_tables_keep_every_digit(told: Told, tmp_path: Path) -> None:
    data = told("line", "en").tables[0]
    (path,) = render.save_tables(told("line", "en"), tmp_path)
    rows = np.genfromtxt(path, delimiter=",", names=True)
    assert rows.dtype.names == ("x", "y")
    for name in ("x", "y"):
        np.testing.assert_array_equal(rows[name], data.columns[name])


def test_a_table_is_written_whole_or_not_at_all(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = told("line", "en")
    (path,) = render.save_tables(story, tmp_path)
    before = path.read_bytes()
    monkeypatch.setattr(os, "replace", _refuse)
    with pytest.raises(OSError, match="can't be written"):
        render.save_tables(story, tmp_path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def _refuse(*_: object) -> None:
    raise OSError(28, "No space left on device")
