import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from ravine.errors import DataError
from ravine.table import Table, read_table


@pytest.mark.parametrize(
    "source",
    [
        {"x": [1, 2], "y": np.array([3.5, 4.5])},
        pd.DataFrame({"x": [1, 2], "y": [3.5, 4.5]}),
        pd.DataFrame({"y": [3.5, 4.5]}, index=pd.Index([1, 2], name="x")),
        pd.Series([3.5, 4.5], index=pd.Index([1, 2], name="x"), name="y"),
        np.array([(1, 3.5), (2, 4.5)], dtype=[("x", int), ("y", float)]),
    ],
)
def test_all_these_are_the_same_table(source):
    table = read_table(source)
    assert isinstance(table, Table)
    assert (table.source, table.names, table.points) == ("data", ("x", "y"), 2)
    assert table["x"].tolist() == [1, 2]
    assert table["y"].tolist() == [3.5, 4.5]


def test_path_may_be_text(tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_text("x\n1\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read_table(str(tmp_path / "t.csv")).source == "t.csv"
    assert read_table("~/t.csv")["x"].tolist() == [1]


def test_table_of_tables_is_itself():
    table = read_table({"x": [1, float("nan")]}, nan_policy="omit")
    assert read_table(table) is table


def test_table_takes_a_new_nan_policy():
    assert read_table(read_table({"x": [1, float("nan")]}), nan_policy="omit")["x"].tolist() == [1]


def test_names_that_are_no_text_become_text():
    assert read_table(pd.DataFrame([[1, 2]])).names == ("0", "1")
    assert read_table(pd.DataFrame({("a", "mean"): [1]})).names == ("a mean",)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({}, "data: expected named columns, got none. Give at least one."),
        ({"x": []}, "data: expected rows of numbers, got columns without rows. Give at least one row."),
        (
            {"x": [1], "y": [1, 2]},
            "data: expected columns of equal length, got 1 in 'x' and 2 in 'y'. Give one value per point.",
        ),
        (
            pd.DataFrame([[1, 2]], columns=["x", "x"]),
            "data: expected different column names, got 'x' for columns 1 and 2. Rename one.",
        ),
        (
            np.eye(2),
            "data: expected a path, a DataFrame or a dict of arrays, got an array of shape (2, 2). "
            "Name the columns: {'x': array[:, 0], 'y': array[:, 1]}.",
        ),
        (
            "https://example.org/t.csv",
            "https://example.org/t.csv: expected a file on this machine, got an address. Download the file first.",
        ),
        (
            "x,y\n1,2",
            "data: expected a path, got text of several lines. Write it into a file and give its path.",
        ),
    ],
)
def test_what_is_no_table_gets_one_sentence(source, message):
    with pytest.raises(DataError) as caught:
        read_table(source)
    assert str(caught.value) == message


@pytest.mark.parametrize("source", [None, 5, [1, 2], object()])
def test_other_types_are_named(source):
    with pytest.raises(DataError, match=f"got {type(source).__name__}"):
        read_table(source)


def test_unknown_nan_policy_is_refused():
    with pytest.raises(
        DataError, match=r"^nan_policy: expected 'raise' or 'omit', got 'omitt'\. Did you mean 'omit'\?"
    ):
        read_table({"x": [1]}, nan_policy="omitt")


def test_import_is_light():
    code = "import sys, ravine.table; sys.exit(bool({'tensorflow', 'pandas', 'pyarrow'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
