"""The table of functions."""

import pytest

from ravine.formula import functions
from ravine.formula.functions import FUNCTIONS, multiply_out, resolve, small_whole, suggest

ASKED_FOR = """
    sin cos tan arcsin asin arccos acos arctan atan arctan2 atan2 sinh cosh tanh arcsinh asinh arccosh acosh arctanh
    atanh exp expm1 log ln log1p log2 log10 sqrt cbrt abs absolute fabs sign floor ceil minimum min maximum max where
    erf erfc lgamma sigmoid softplus relu leaky_relu swish silu gelu heaviside hypot square power pow
"""


@pytest.mark.parametrize("name", ASKED_FOR.split())
def test_every_common_name_is_known(name):
    assert resolve(name) is not None


def test_no_name_is_given_twice():
    names = [name for row in FUNCTIONS.values() for name in (row.name, *row.aliases)]
    assert len(names) == len(set(names))


def test_every_row_says_what_it_means():
    assert all(row.meaning and 1 <= row.least <= row.most for row in FUNCTIONS.values())


def test_words_are_names_of_functions():
    assert all(resolve(word) for word in functions.WORDS)


def test_constants_are_no_functions():
    assert not any(resolve(name) for name in functions.CONSTANTS)


def test_aliases_lead_to_one_row():
    assert resolve("asin") is resolve("arcsin")
    assert resolve("nothing") is None


@pytest.mark.parametrize(("name", "nearest"), [("sine", "sin"), ("Exp", "exp"), ("sqtr", "sqrt"), ("gamma", "lgamma")])
def test_suggests_the_nearest(name, nearest):
    assert suggest(name) == f" Did you mean '{nearest}'?"


def test_suggests_nothing_for_a_name_unlike_all():
    assert suggest("temperature_7") == ""


@pytest.mark.parametrize(
    ("exponent", "whole"), [(2.0, 2), (-3.0, -3), (0.0, 0), (32.0, 32), (33.0, None), (0.5, None), (float("inf"), None)]
)
def test_small_whole_exponents_are_found(exponent, whole):
    assert small_whole(exponent) == whole


def test_an_array_is_no_small_whole():
    assert small_whole([2.0]) is None


@pytest.mark.parametrize("exponent", range(1, 33))
def test_multiplying_out_is_exact_in_whole_numbers(exponent):
    assert multiply_out(-3, exponent) == (-3) ** exponent
