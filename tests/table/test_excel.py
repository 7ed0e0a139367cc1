import sys

import pandas as pd
import pytest

from ravine.errors import DataError, MissingDependency
from ravine.table import read_table

pytest.importorskip("openpyxl")


@pytest.fixture
def book(tmp_path):
    """Write rows of cells into the first sheet of a workbook."""

    def write(rows, **settings):
        path = tmp_path / "t.xlsx"
        pd.DataFrame(rows).to_excel(path, index=False, header=False, **settings)
        return path

    return write


def test_first_sheet_is_read(book):
    table = read_table(book([["time\n(s)", "y"], [1, 2.5], [2, 3.5]]))
    assert table.names == ("time (s)", "y")
    assert table["time"].tolist() == [1, 2]


def test_table_may_stand_anywhere_in_the_sheet(book):
    table = read_table(book([["x", "y"], [1, 2.5]], startrow=3, startcol=2))
    assert table.names == ("x", "y")
    assert table["y"].tolist() == [2.5]


def test_bad_cell_is_named_by_the_sheets_row(book):
    with pytest.raises(DataError, match=r"^t\.xlsx, row 5, column 'y': expected a number, got 'q'"):
        read_table(book([["x", "y"], [1, 2], [3, "q"]], startrow=2))["y"]


def test_other_sheets_are_told(tmp_path):
    with pd.ExcelWriter(tmp_path / "t.xlsx") as writer:
        for sheet in ("first", "second"):
            pd.DataFrame({"x": [1]}).to_excel(writer, sheet_name=sheet, index=False)
    assert read_table(tmp_path / "t.xlsx").notes == ("Sheet 'first' is read, 1 other sheet not.",)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1, 2], [3, 4]], "row 1: expected column names, got only numbers"),
        ([["x", "y"]], "expected rows of numbers below the column names, got none"),
        ([], "got an empty sheet"),
    ],
)
def test_sheet_without_a_table_gets_one_sentence(book, rows, message):
    with pytest.raises(DataError, match=message):
        read_table(book(rows))


def test_damaged_workbook_is_refused(tmp_path, book):
    import zipfile

    with zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<nothing")
    with pytest.raises(DataError, match=r"^bad\.xlsx: expected a whole Excel file"):
        read_table(tmp_path / "bad.xlsx")


def test_missing_reader_comes_with_the_command_that_installs_it(book, monkeypatch):
    path = book([["x"], [1]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingDependency, match=r"pip install 'ravine\[excel\]'"):
        read_table(path)
