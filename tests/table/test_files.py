import numpy as np
import pandas as pd
import pytest

from ravine.errors import DataError
from ravine.table import read_table


@pytest.fixture
def frame():
    return pd.DataFrame({"x": [1.5, 2.5, 3.5], "n": [1, 2, 3], "on": [True, False, True], "s": list("abc")})


@pytest.mark.parametrize("name", ["t.parquet", "misnamed.csv"])
def test_parquet_is_known_by_its_content(tmp_path, frame, name):
    frame.to_parquet(tmp_path / name)
    table = read_table(tmp_path / name)
    assert (table.names, table.points) == (("x", "n", "on", "s"), 3)
    assert table["x"].tolist() == [1.5, 2.5, 3.5]
    assert table["on"].tolist() == [1, 0, 1]


def test_parquet_names_rows_from_zero(tmp_path, frame):
    frame.to_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError, match=r"t\.parquet, row 0 \(counted from 0\), column 's': .* got 'a'"):
        read_table(tmp_path / "t.parquet")["s"]


def test_npz_gives_its_arrays(tmp_path):
    np.savez(tmp_path / "t.npz", x=np.arange(3), pixels=np.ones((3, 2)), version=2)
    table = read_table(tmp_path / "t.npz")
    assert table["pixels"].shape == (3, 2)
    with pytest.raises(DataError, match="column 'version': expected numbers, got the single value 2"):
        table["version"]


def test_npz_with_python_objects_is_refused(tmp_path):
    np.savez(tmp_path / "t.npz", x=np.array([1, "a"], dtype=object))
    with pytest.raises(DataError, match=r"^t\.npz: expected arrays of numbers"):
        read_table(tmp_path / "t.npz")


@pytest.mark.parametrize("kind", ["parquet", "npz"])
def test_cut_off_file_is_called_damaged(tmp_path, frame, kind):
    whole = tmp_path / f"whole.{kind}"
    frame.to_parquet(whole) if kind == "parquet" else np.savez(whole, x=frame["x"])
    cut = tmp_path / f"cut.{kind}"
    cut.write_bytes(whole.read_bytes()[:-30])
    with pytest.raises(DataError, match=rf"^cut\.{kind}: expected a whole .* got a damaged one"):
        read_table(cut)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<!DOCTYPE html>", "a web page"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b'{"x": [1]}', "JSON"),
        (b"%PDF-1.7", "a PDF"),
        (b"\xd0\xcf\x11\xe0", "an old or encrypted Excel file"),
        (b"\x89HDF\r\n", "an HDF5"),
        (b"\x93NUMPY", "a single NumPy array"),
    ],
)
def test_other_kinds_of_files_are_called_by_name(tmp_path, data, words):
    (tmp_path / "t.csv").write_bytes(data)
    with pytest.raises(DataError, match=rf"^t\.csv: expected a table .*, got {words}"):
        read_table(tmp_path / "t.csv")


@pytest.mark.parametrize("name", ["CDF", "PAR1"])
def test_column_named_like_a_file_kind_is_a_column(tmp_path, name):
    (tmp_path / "t.csv").write_text(f"{name},y\n1,2\n")
    assert read_table(tmp_path / "t.csv")[name].tolist() == [1]


def test_missing_file_is_guessed(tmp_path):
    (tmp_path / "decay.csv").write_text("x\n1\n")
    with pytest.raises(DataError, match=r"expected a file, got nothing there\. Did you mean 'decay\.csv'\?"):
        read_table(tmp_path / "dceay.csv")


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(DataError, match="there is no folder"):
        read_table(tmp_path / "no" / "t.csv")


def test_folder_is_no_table(tmp_path):
    with pytest.raises(DataError, match="got a folder"):
        read_table(tmp_path)


def test_name_that_the_system_refuses_is_a_data_error(tmp_path):
    for name in ("a\0b", "x" * 5000):
        with pytest.raises(DataError, match="expected a readable file"):
            read_table(tmp_path / name)
