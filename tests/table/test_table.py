import numpy as np
import pytest

from ravine.errors import DataError
from ravine.table import read_table

NAN, INF = float("nan"), float("inf")


def test_columns_are_reached_by_name_and_alias():
    table = read_table({"time (s)": [1, 2], "lambda": [3, 4]})
    assert table["time (s)"] is table["time"]
    assert table["time_s"].tolist() == [1, 2]
    assert table["lambda_"].tolist() == [3, 4]
    assert "time" in table and "speed" not in table
    assert (table.alias("time"), table.alias("speed")) == ("time (s)", None)
    assert (table.unit("time"), table.unit("lambda")) == ("s", "")


def test_unknown_column_is_guessed():
    table = read_table({"time (s)": [1], "signal": [2]})
    with pytest.raises(DataError) as caught:
        table["singal"]
    assert str(caught.value) == (
        "data: expected a column out of 'time (s)', 'signal', got 'singal'. Did you mean 'signal'?"
    )


def test_missing_number_is_refused_with_its_row_when_asked_for():
    table = read_table({"x": [1, 2, 3, 4], "y": [1, NAN, 3, NAN]})
    assert table["x"].tolist() == [1, 2, 3, 4]
    with pytest.raises(DataError) as caught:
        table["y"]
    assert str(caught.value) == (
        "data, row 1 (counted from 0), column 'y': expected a number, got a missing value (and 1 more such row). "
        "Fill it in, or leave such rows out (nan_policy omit)."
    )


def test_infinite_number_is_refused():
    with pytest.raises(DataError, match=r"row 0 .* got an infinite value"):
        read_table({"x": [INF, 1]})["x"]


def test_rows_with_gaps_are_omitted_everywhere():
    table = read_table({"x": [1, 2, 3, 4], "y": [5, NAN, 7, INF], "s": list("abcd")}, nan_policy="omit")
    assert table.points == len(table) == 2
    assert table["x"].tolist() == [1, 3]
    assert table["y"].tolist() == [5, 7]
    assert table.kept.tolist() == [0, 2]
    assert table.notes == ("data: 2 rows with missing or infinite values left out.",)


def test_selected_columns_bring_their_rows_back():
    table = read_table({"time (s)": [1, 2], "y": [5, NAN]}, nan_policy="omit").select(["time"])
    assert table.names == ("time (s)",)
    assert table["time"].tolist() == [1, 2]
    assert table.notes == ()


def test_empty_column_omits_nothing():
    table = read_table({"x": [1, 2], "y": [NAN, NAN]}, nan_policy="omit")
    assert table["x"].tolist() == [1, 2]
    with pytest.raises(DataError, match="column 'y': expected numbers, got no values at all"):
        table["y"]


def test_omitting_everything_is_an_error():
    table = read_table({"x": [1, NAN], "y": [NAN, 2]}, nan_policy="omit")
    with pytest.raises(DataError, match="expected rows with a number in every column, got none"):
        table["x"]


def test_columns_are_the_usable_ones():
    table = read_table({"x": [1, 2], "y": [1, NAN], "s": ["a", "b"]})
    assert table.names == ("x", "y", "s") == tuple(table)
    assert list(table.columns) == ["x"]
    np.testing.assert_array_equal(table.columns["x"], [1.0, 2.0])


def test_where_counts_rows_as_the_file_does(tmp_path):
    (tmp_path / "t.csv").write_text("x\n1\nnan\n3\n")
    assert read_table(tmp_path / "t.csv", nan_policy="omit").where(1) == "t.csv, row 4"


def test_lookalike_names_are_kept_and_told():
    table = read_table({"X": [1], "x": [2]})
    assert (table["X"][0], table["x"][0]) == (1, 2)
    assert table.notes == ("Columns 'X' and 'x' differ only by case or blanks.",)


def test_repr_shows_ranges_and_reasons():
    table = read_table({"time (s)": [0, 2], "s": ["a", "b"], "y": [1, NAN]})
    assert repr(table) == (
        "data: 2 points\n"
        "  time (s)  0 … 2\n"
        "  s         not usable: 'a'\n"
        "  y         not usable: missing or infinite values"
    )


def test_repr_of_many_columns_is_short():
    assert repr(read_table({f"c{i}": [1] for i in range(500)})).splitlines()[-1] == "  … 480 more columns"
