from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from ravine.table.column import make_column

NAN = float("nan")


def trouble_of(cells):
    trouble = make_column("x", cells).trouble
    assert trouble is not None
    return trouble


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        ([1, 2], [1, 2]),
        (range(3), [0, 1, 2]),
        ([True, False], [1, 0]),
        ([True, None], [1, NAN]),
        ([1.5, None], [1.5, NAN]),
        (["1", " +2.5 ", "1e-3"], [1, 2.5, 1e-3]),
        (["1", "", "n/a"], [1, NAN, NAN]),
        ([Decimal("0.5"), Fraction(1, 4), 2**70], [0.5, 0.25, 2.0**70]),
        (np.array([1, 2], np.float16), [1, 2]),
        (np.ma.masked_array([1, 2], [False, True]), [1, NAN]),
        (np.ma.masked_array(["1", "x"], [False, True]), [1, NAN]),
        (pd.Series([1, None], dtype="Int64"), [1, NAN]),
        (pd.array([True, None], dtype="boolean"), [1, NAN]),
        (pd.Series([0.5, None], dtype="double[pyarrow]"), [0.5, NAN]),
        (pd.Series(pd.Categorical([3, 1])), [3, 1]),
        (pd.Series(["1", "2"], dtype="string"), [1, 2]),
    ],
)
def test_whatever_means_numbers_becomes_float64(cells, values):
    column = make_column("x", cells)
    assert column.trouble is None
    assert column.values.dtype == np.float64
    np.testing.assert_array_equal(column.values, np.array(values, float))


def test_arrays_per_point_are_kept_and_finite_by_point():
    column = make_column("x", [[1, 2], [3, NAN]])
    assert column.values.shape == (2, 2)
    assert column.finite.tolist() == [True, False]


@pytest.mark.parametrize(
    ("cells", "got"),
    [
        ([1 + 2j, 2], "complex numbers"),
        (pd.date_range("2020-01-01", periods=2), "dates such as 2020-01-01"),
        (pd.date_range("2020-01-01", periods=2, tz="UTC"), "dates such as 2020-01-01"),
        (pd.to_timedelta([1, 2], "s"), "durations"),
        ([pd.NaT, pd.Timestamp("2021-05-06")], "dates such as 2021-05-06"),
        ([[1, 2], [3]], "rows of unequal length"),
        (5, "the single value 5"),
        ("abc", "the single value 'abc'"),
        ([[1, "a"], [2, "b"]], "'1' among the numbers"),
        ([NAN, None], "no values at all"),
        (np.array([(1, 2)], dtype=[("a", int), ("b", int)]), "values of type"),
    ],
)
def test_columns_that_are_no_numbers_say_what_they_are(cells, got):
    trouble = trouble_of(cells)
    assert trouble.got.startswith(got)
    assert trouble.position is None
    assert trouble.fix.endswith(".")


@pytest.mark.parametrize(
    ("cells", "position", "got"),
    [
        ([1.5, "high", "low"], 1, "'high'"),
        (["1", "2,5"], 1, "'2,5'"),
        (np.array([1, 2j, "a"], dtype=object), 1, "2j"),
        ([1, 10**400], 1, "1000"),
        (["1"] * 1500 + ["q"], 1500, "'q'"),
        (["x" * 1000], 0, "'xxx"),
    ],
)
def test_first_cell_that_is_no_number_is_named(cells, position, got):
    trouble = trouble_of(cells)
    assert trouble.position == position
    assert trouble.got.startswith(got)
    assert len(trouble.got) <= 40


def test_decimal_comma_gets_its_own_advice():
    assert "decimal point" in trouble_of(["1,5"]).fix


def test_values_are_the_columns_own():
    source = np.array([1.0, 2.0])
    column = make_column("x", source)
    source[0] = 9
    assert column.values.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        column.values[0] = 9
