import pytest

from ravine.table.separator import collapse_blanks, find_separator, has_decimal_commas, is_number, split


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " "])
def test_separator_is_found(separator):
    assert find_separator([separator.join(row) for row in ("xy", "12", "34")]) == separator


@pytest.mark.parametrize(
    ("lines", "separator"),
    [
        (["x;y", "1,5;2,5", "2,5;3,5"], ";"),
        (["time (s),signal (V)", "1,2"], ","),
        (["time (s)\tsignal (V)", "1\t2"], "\t"),
        (["x,y", "1,2", "3", "4,5"], ","),
        ([" x    y", "10   2", " 3 400"], " "),
        (['"a;b",c', '"1;2",3'], ","),
    ],
)
def test_separator_is_the_one_that_gives_equal_rows(lines, separator):
    assert find_separator(lines) == separator


def test_blanks_in_any_number_are_one_separator():
    assert split("  1 \t 2", " ") == ["1", "2"]
    assert collapse_blanks(" a   b \n\t c\td") == "a b\nc d"


@pytest.mark.parametrize("cell", ["1", "-1.5e-3", " 2 ", "1,5", "nan", "inf", ""])
def test_number_or_gap_is_no_name(cell):
    assert is_number(cell)


@pytest.mark.parametrize("cell", ["x", "1a", "1,5,2", "time (s)"])
def test_text_is_a_name(cell):
    assert not is_number(cell)


def test_decimal_commas_need_cells_without_points():
    assert has_decimal_commas(["1,5;2"], ";")
    assert not has_decimal_commas(["1,234;2.5"], ";")
    assert not has_decimal_commas(["1;2"], ";")
    assert not has_decimal_commas(["1,5"], ",")
