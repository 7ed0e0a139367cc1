"""Python functions, watched."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from ravine.errors import FormulaError
from ravine.formula import Call, Formula, Name, Number, Untraceable
from ravine.formula.functions import FUNCTIONS


def loop(x, a):
    total = 0.0
    for k in range(3):
        total = total + a * x**k
    return total


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda x, a, b: a * np.exp(-b * x), "a*exp(-b*x)"),
        (lambda x, a, b: np.sin(b * np.cos(a * x)), "sin(b*cos(a*x))"),
        (lambda a, b: 1 - (2 / (a // 3 - b % 4)), "1 - 2/(a//3 - b % 4)"),
        (lambda x: 2**x + x**-2, "2**x + x**-2"),
        (lambda x: -(+x) + abs(x), "-x + abs(x)"),
        (lambda x: np.where((x > 0) & ~(x >= 1) | (x == 3), x, -1), "where(x > 0 and not x >= 1 or x == 3, x, -1)"),
        (lambda x: (x < 1) + (x <= 2) + (x != 3) + np.greater(x, 4), "(x < 1) + (x <= 2) + (x != 3) + (x > 4)"),
        (lambda x: np.clip(x, 0, 1), "clip(x, 0, 1)"),
        (lambda x: np.clip(x, a_min=0, a_max=None), "maximum(x, 0)"),
        (lambda x: np.clip(x, None, 1), "minimum(x, 1)"),
        (lambda x: np.clip(x, None, None), "x"),
        (lambda x: np.round(x) + round(x) + np.rint(x), "round(x) + round(x) + round(x)"),
        (lambda x: math.floor(x) + math.ceil(x) + math.trunc(x), "floor(x) + ceil(x) + trunc(x)"),
        (lambda x: np.maximum(x, 0) + np.fmin(x, 1), "maximum(x, 0) + minimum(x, 1)"),
        (lambda x: special.erf(x) + special.expit(x), "erf(x) + sigmoid(x)"),
        (lambda x: special.gammaln(x) * np.positive(x), "lgamma(x)*x"),
        (lambda x: np.float64(2) * x + np.array(3.0), "2*x + 3"),
        (lambda x: np.arctan2(x, np.abs(x)) ** 0.5, "arctan2(x, abs(x))**0.5"),
        (lambda power, sign=1.0: power * sign, "power*sign"),
        (lambda *, x: x, "x"),
        (lambda x: 3, "3"),
        (lambda x: True, "1"),
        (lambda x: np.float64(-1.5), "-1.5"),
        (loop, "0 + a*x**0 + a*x**1 + a*x**2"),
    ],
)
def test_reads_the_formula_off_a_function(function, text):
    assert Formula.trace(function).text == text


def grow(x):
    for _ in range(40):
        x = x * x + 1
    return x


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda x: x if x > 0 else 0, "Write np.where"),
        (lambda x: 0 < x < 1, "Write np.where"),
        (lambda x: math.sin(2 * x), "Write np.sin"),
        (lambda x: np.sum(2 * x), "np.sum"),
        (lambda x: np.add.reduce(2 * x), r"np\.add\.reduce"),
        (lambda x: np.add(x, 1, out=np.zeros(1)), "out="),
        (lambda x: np.isnan(2 * x), "isnan"),
        (lambda x: np.round(x, 2), "decimals"),
        (lambda x: np.array([x, x]), "array"),
        (lambda x: x * np.arange(3), r"shape \(3,\)"),
        (lambda x: x[0], "an array"),
        (lambda x: [*x], "an array"),
        (lambda x: x @ x, "matrices"),
        (lambda x: [x], "type list"),
        (lambda x: None, "NoneType"),
        (lambda x: 1j * x, "complex"),
        (lambda x: x * math.inf, "not finite"),
        (lambda x: x & 1, "comparisons only"),
        (lambda x: ~x, "applies ~"),
        (lambda x: x.mean(), "raised AttributeError"),
        (lambda x: 1 / 0, "raised ZeroDivisionError"),
        (lambda *x: x, "Name every parameter"),
        (lambda **x: x, "Name every parameter"),
        (lambda sin: sin, "'sin' is a function"),
        (grow, "2,000 operations"),
        (3, "signature"),
    ],
)
def test_says_why_a_function_is_no_formula(function, reason):
    with pytest.raises(Untraceable, match=reason):
        Formula.trace(function)


def test_names_the_function_it_cannot_trace():
    with pytest.raises(Untraceable, match=r"^grow: expected a formula, got a function that grows"):
        Formula.trace(grow)


def test_untraceable_is_a_formula_error():
    assert issubclass(Untraceable, FormulaError)


def test_keeps_the_cause_of_a_failure_inside_the_function():
    with pytest.raises(Untraceable) as caught:
        Formula.trace(lambda x: 1 / 0)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


NUMPY_NAMES = sorted(name for name in FUNCTIONS if hasattr(np, name) and name not in ("heaviside", "round"))
OPERATORS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}
LEAVES = st.sampled_from([Name("x"), Name("a"), Name("b")])
NUMBERS = st.floats(0, 1e6).map(Number)


def calls(nodes):
    """Python calculates what has no name in it by itself: every call gets a node with a name first."""

    def with_arguments(name):
        rest = [nodes | NUMBERS] * (FUNCTIONS[name].least - 1)
        return st.tuples(nodes, *rest).map(lambda arguments: Call(name, arguments))

    return st.sampled_from([*NUMPY_NAMES, *OPERATORS]).flatmap(with_arguments)


def as_python(node):
    """Write a tree as an explicit NumPy expression."""
    if not isinstance(node, Call):
        return str(node)
    parts = [as_python(argument) for argument in node.arguments]
    if node.function in OPERATORS:
        return f"({parts[0]} {OPERATORS[node.function]} {parts[1]})"
    return f"np.{node.function}({', '.join(parts)})"


@settings(deadline=None, max_examples=150)
@given(st.recursive(LEAVES, calls, max_leaves=12))
def test_traced_equals_typed(tree):
    function = eval(f"lambda x, a, b: {as_python(tree)}", {"np": np})
    assert Formula.trace(function) == Formula(str(tree))
