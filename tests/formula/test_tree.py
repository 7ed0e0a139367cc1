"""Trees: text and back, names, evaluation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ravine.errors import FormulaError
from ravine.formula import Call, Formula, Name, Number
from ravine.formula.functions import FUNCTIONS
from ravine.formula.math_numpy import MATH
from ravine.formula.tree import fold, names, walk

X, A, B = Name("x"), Name("a"), Name("b")


def call(function, *arguments):
    return Call(function, arguments)


def negative(node):
    """Return -node as a reader would: the sign of a number belongs to it."""
    is_plain = isinstance(node, Number) and not str(node).startswith("-")
    return Number(-node.value) if is_plain else call("negative", node)


def calls(nodes):
    choices = [
        st.tuples(*[nodes] * count).map(lambda arguments, name=row.name: Call(name, arguments))
        for row in FUNCTIONS.values()
        for count in range(row.least, row.most + 1)
        if row.name != "negative"
    ]
    return st.one_of(nodes.map(negative), *choices)


LEAVES = st.sampled_from([X, A, B]) | st.floats(allow_nan=False, allow_infinity=False).map(Number)
TREES = st.recursive(LEAVES, calls, max_leaves=25)


@settings(deadline=None, max_examples=300)
@given(TREES)
def test_tree_to_text_to_tree_is_identity(tree):
    assert Formula(str(tree)).model == tree


@settings(deadline=None, max_examples=100)
@given(TREES, TREES)
def test_text_to_formula_to_text_is_identity(response, model):
    text = f"{response} = {model}"
    assert str(Formula(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "a - (b - c)",
        "a - b - c",
        "a/(b*c)",
        "a/b*c",
        "(a + b)*c",
        "(-a)**2",
        "-a**2",
        "(-2)**x",
        "-2*x",
        "a**-b",
        "(a**b)**c",
        "a**b**c",
        "--x",
        "-(a*b)",
        "a*-b",
        "(a < b) < c",
        "not a < b",
        "not (a or b)",
        "(a and b) + c",
        "a or b and not c",
        "(a or b) and c",
        "a % b//c",
        "where(a < b, -1, 1e+30)",
        "sin(a + b)",
    ],
)
def test_canonical_text_has_the_necessary_parentheses_only(text):
    assert str(Formula(text)) == text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("(((a)))", "a"),
        ("(a*b) + (c**2)", "a*b + c**2"),
        ("-(3)", "-3"),
        ("+x", "x"),
        ("0.50", "0.5"),
        ("1.0", "1"),
        ("a < b < c", "a < b and b < c"),
        ("atan(x)", "arctan(x)"),
        ("add(a, multiply(b, c))", "a + b*c"),
    ],
)
def test_canonical_text_is_plain(text, canonical):
    assert str(Formula(text)) == canonical


def test_nodes_are_values():
    assert call("add", X, Number(1.0)) == call("add", X, Number(1.0))
    assert len({X, Name("x"), A}) == 2
    with pytest.raises(AttributeError):
        X.name = "y"  # type: ignore[misc]


def test_names_come_in_the_order_of_first_appearance():
    assert names(Formula("b*x + a*x + b").model) == ("b", "x", "a")


def test_walk_reads_from_left_to_right():
    assert [str(node) for node in walk(Formula("a + b*2").model)] == ["a + b*2", "a", "b*2", "b", "2"]


def test_fold_counts():
    assert fold(Formula("a + b*2").model, lambda leaf: 1, lambda node, counts: 1 + sum(counts)) == 5


def test_evaluate_names_what_has_no_value():
    with pytest.raises(FormulaError, match="expected a value for 'b', got values for: a"):
        Formula("a + b").model.evaluate({"a": 1.0}, MATH)


def test_evaluate_never_recurses():
    tree = X
    for _ in range(20_000):
        tree = call("add", tree, Number(1.0))
    assert tree.evaluate({"x": 0.0}, MATH) == 20_000.0
    assert str(tree).count("+") == 20_000
