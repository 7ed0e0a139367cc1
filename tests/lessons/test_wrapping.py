from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ravine.lessons.wrapping import wrapped

MIXED = st.text("abc TensorFlow 0.5（），。“”梯度带导数∂", max_size=120)


@given(MIXED, st.integers(10, 60))
def test_no_line_is_wider_than_the_room(text: str, width: int) -> None:
    assert all(cell_len(line) <= width for line in wrapped(text, width))


@given(MIXED, st.integers(10, 60))
def test_nothing_but_spaces_is_lost(text: str, width: int) -> None:
    assert "".join("".join(wrapped(text, width)).split()) == "".join(text.split())


@pytest.mark.parametrize("width", range(12, 40))
def test_words_stay_whole_and_marks_stay_with_their_word(width: int) -> None:
    lines = wrapped("再问第二次，TensorFlow 会报错：磁带（梯度带）只能用一次。", width)
    assert any("TensorFlow" in line for line in lines)
    assert not any(line[0] in "，：）。" for line in lines)
    assert not any(line[-1] == "（" for line in lines)


def test_line_breaks_of_the_text_are_kept() -> None:
    assert wrapped("\none\n\ntwo", 20) == ["", "one", "", "two"]
