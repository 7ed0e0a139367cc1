import pytest

from ravine.view import fonts


@pytest.fixture
def no_chinese_font(monkeypatch):
    monkeypatch.setattr(fonts, "cjk_font", lambda: None)


def test_without_a_chinese_font_characters_become_boxes(no_chinese_font):
    assert fonts.printable("温度 (°C)") == "□□ (°C)"
    assert fonts.families_for("温度") == ["DejaVu Sans"]


def test_with_a_chinese_font_texts_stay(monkeypatch):
    monkeypatch.setattr(fonts, "cjk_font", lambda: "Some Sans")
    monkeypatch.setattr(fonts, "_characters", lambda family: frozenset(map(ord, "温度")))
    assert fonts.printable("温度") == "温度"
    assert fonts.families_for("温度 T") == ["DejaVu Sans", "Some Sans"]
    assert fonts.families_for("T") == ["DejaVu Sans"]


def test_control_characters_become_blanks():
    assert fonts.printable("a\nb\0") == "a b "


@pytest.mark.parametrize("width", [3, 8, 15])
def test_shortened_texts_fit(width):
    assert fonts.columns_of(fonts.shortened("温度 of a long pipe with 温度", width)) <= width


def test_short_texts_are_left_alone():
    assert fonts.shortened("loss", 4) == "loss"
