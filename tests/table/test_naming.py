import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravine.table.naming import aliases_of, lookalikes, split_unit, tidy, to_identifier


@pytest.mark.parametrize(
    ("name", "base", "unit"),
    [
        ("time (s)", "time", "s"),
        ("time(s)", "time", "s"),
        ("length [mm]", "length", "mm"),
        ("v (m/s) [mean]", "v (m/s)", "mean"),
        ("(s)", "(s)", ""),
        ("count ()", "count", ""),
        ("y", "y", ""),
    ],
)
def test_unit_is_what_stands_in_the_last_brackets(name, base, unit):
    assert split_unit(name) == (base, unit)


@pytest.mark.parametrize(
    ("name", "identifier"),
    [("a-b", "a_b"), ("%", ""), ("in", "in_"), ("µ", "μ"), ("x²", "x2"), ("温度 (℃)", "温度_C"), ("2nd", "_2nd")],
)
def test_identifier_is_what_a_formula_can_write(name, identifier):
    assert to_identifier(name) == identifier


@given(st.text())
def test_identifier_of_any_text_is_one_or_nothing(name):
    identifier = to_identifier(name)
    assert identifier == "" or identifier.isidentifier()


def test_alias_that_is_a_column_already_is_none():
    assert aliases_of(["time", "time (s)"]) == {"time_s": "time (s)"}


def test_alias_that_two_columns_claim_is_none():
    assert aliases_of(["a b", "a-b"]) == {}


@given(st.lists(st.text(max_size=8), unique=True, max_size=8))
def test_aliases_never_hide_a_column_and_mean_a_known_one(names):
    aliases = aliases_of(names)
    assert not set(aliases) & set(names)
    assert set(aliases.values()) <= set(names)


def test_names_lose_outer_blanks_and_line_breaks():
    assert tidy([" x ", "time\n(s)", 3]) == ["x", "time (s)", "3"]


def test_names_keep_blanks_that_tell_them_apart():
    assert tidy(["x", "x "]) == ["x", "x "]


def test_lookalikes_are_told_in_pairs():
    assert len(lookalikes(["Time", "time", "TIME", "x"])) == 2
