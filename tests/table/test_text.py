import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ravine.errors import DataError
from ravine.table import read_table
from ravine.table.text import read_text


@pytest.fixture
def table_of(tmp_path):
    """Write a text into a file and read it."""

    def read(text, name="t.csv", **settings):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return read_table(path, **settings)

    return read


@pytest.mark.parametrize(
    "text",
    [
        "x,y\n1,2.5\n3,4.5\n",
        "x,y\n1,2.5\n3,4.5",
        "x, y\n1, 2.5\n 3 , 4.5\n",
        "x;y\n1;2.5\n3;4.5\n",
        "x;y\n1;2,5\n3;4,5\n",
        "x\ty\n1\t2.5\n3\t4.5\n",
        "x\ty\n1\t2,5\n3\t4,5\n",
        "x|y\n1|2.5\n3|4.5\n",
        "  x    y\n  1  2.5\n  3  4.5  \n",
        "# measured today\n\nx,y\n1,2.5\n  # a pause\n3,4.5\n",
        "# x y\n1 2.5\n3 4.5\n",
        "# today\n# x,y\n#\n1,2.5\n3,4.5\n",
        "# x y\n1,2.5\n3,4.5\n",
        "sep=;\nx;y\n1;2.5\n3;4.5\n",
        '"x","y"\n"1","2.5"\n"3","4.5"\n',
        "x,y,\n1,2.5,\n3,4.5,\n",
        "x,y\n1,2.5\n3,4.5\n,\n,\n",
        "x,y\n+1,2.5\n+3,4.5\n",
        "\ufeffx,y\r\n1,2.5\r\n3,4.5\r\n",
    ],
)
def test_all_these_are_the_same_table(table_of, text):
    table = table_of(text)
    assert table.names == ("x", "y")
    assert table["x"].tolist() == [1, 3]
    assert table["y"].tolist() == [2.5, 4.5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.csv: expected column names and rows of numbers, got an empty file. Check the file."),
        ("# a comment\n\n", "t.csv: expected column names and rows of numbers, got an empty file. Check the file."),
        ("x,y\n", "t.csv: expected rows of numbers below the column names, got none. Check the file."),
        ("x,y\n,\n,\n", "t.csv: expected rows of numbers below the column names, got none. Check the file."),
        (
            "\n1,2\n3,4\n",
            "t.csv, row 2: expected column names, got only numbers. Put names above them, such as 'x,y'.",
        ),
        (
            "x,y\n1,2\n\n3,4,5\n",
            "t.csv, row 4: expected 2 fields as in the header, got 3. "
            "Give every row as many fields as there are column names.",
        ),
        (
            "# note\nx,y\n1,2\n3\n",
            "t.csv, row 4: expected 2 fields as in the header, got 1. "
            "Give every row as many fields as there are column names.",
        ),
        (
            "x,y\n1,5,2,5\n",
            "t.csv, row 2: expected 2 fields as in the header, got 4. "
            "If the commas are decimal signs, separate the columns with semicolons.",
        ),
        (
            "time (s) y\n1 2\n3 4\n",
            "t.csv, row 2: expected 3 fields as in the header, got 2. "
            "Where blanks separate the columns, a name with blanks needs quotes.",
        ),
        (
            "a,x,y,x\n1,2,3,4\n",
            "t.csv, row 1: expected different column names, got 'x' for columns 2 and 4. Rename one.",
        ),
    ],
)
def test_what_is_no_table_gets_one_sentence(table_of, text, message):
    with pytest.raises(DataError) as caught:
        table_of(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("x,y\n1,2\n3,bad\n", 3),
        ("# note\n\nx,y\n1,2\n\n# pause\n3,bad\n", 7),
        ('x,y\n"1","2"\n3,bad\n', 3),
        ('x,y,note\n1,2,"two\nlines"\n3,bad,\n', 4),
        ("x,y\n" + "1,2\n" * 5000 + "1,bad\n", 5002),
        ("x y\n\n1 2\n  3   bad\n", 4),
    ],
)
def test_text_among_numbers_is_found_in_its_row_of_the_file(table_of, text, row):
    table = table_of(text)
    assert table["x"][0] == 1
    with pytest.raises(DataError) as caught:
        table["y"]
    expected = f"t.csv, row {row}, column 'y': expected a number, got 'bad'."
    assert str(caught.value).startswith(expected)


def test_dates_ask_to_be_converted(table_of):
    with pytest.raises(DataError, match=r"column 'day': expected numbers, got dates such as 2020-01-31\. Convert"):
        table_of("day,y\n2020-01-31,1\n2020-02-01,2\n")["day"]


def test_decimal_commas_are_told(table_of):
    assert table_of("x;y\n1,5;2\n").notes == ("t.csv: commas are read as decimal signs.",)


def test_true_and_false_are_one_and_zero(table_of):
    assert table_of("on,y\ntrue,1\nfalse,2\n")["on"].tolist() == [1, 0]


def test_column_without_a_name_is_called_by_its_place(table_of):
    assert table_of(",y\n0,5\n1,6\n").names == ("column 1", "y")


def test_single_column_needs_no_separator(table_of):
    assert table_of("x\n1\n2\n")["x"].tolist() == [1, 2]


def test_integers_beyond_64_bits_are_floats(table_of):
    assert table_of("x,y\n12345678901234567890123,1\n")["x"][0] == 12345678901234567890123.0


def test_separator_that_sample_rows_agree_on_survives_a_bad_row(table_of):
    with pytest.raises(DataError, match=r"row 4: expected 2 fields as in the header, got 1\."):
        table_of("x;y\n1;2\n3;4\n5\n")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 3), min_size=1, max_size=20))
def test_written_and_read_numbers_are_identical(rows):
    frame = pd.DataFrame(rows, columns=list("abc"))
    for separator, decimal in ((",", "."), (";", ","), ("\t", "."), (" ", ".")):
        raw = read_text("t.csv", frame.to_csv(index=False, sep=separator, decimal=decimal).encode())
        np.testing.assert_array_equal(np.column_stack(raw.cells), frame.to_numpy())


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text("xy1.,;\t |\"'#\n-e ", max_size=60).map(str.encode)))
def test_any_bytes_give_columns_or_a_data_error(data):
    try:
        raw = read_text("t.csv", data)
    except DataError:
        return
    assert len(raw.names) == len(raw.cells) > 0
    assert raw.rows is not None
    assert {len(cells) for cells in raw.cells} == {len(raw.rows)}
