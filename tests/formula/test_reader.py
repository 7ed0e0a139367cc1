"""What can be typed, what is refused, and how the refusal reads."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ravine.errors import FormulaError
from ravine.formula import Formula
from ravine.formula.functions import CONSTANTS, FUNCTIONS
from ravine.formula.math_numpy import MATH
from ravine.formula.scanner import MAXIMUM_LENGTH


def refusal(text):
    with pytest.raises(FormulaError) as caught:
        Formula(text)
    return caught.value


def value(text, **values):
    return Formula(text).model.evaluate({**CONSTANTS, **values}, MATH)


class TestAccepts:
    def test_one_equals_sign_splits_response_and_model(self):
        formula = Formula("log(y) = a*exp(-b*x) + c")
        assert str(formula.response) == "log(y)"
        assert str(formula.model) == "a*exp(-b*x) + c"
        assert formula.names == ("a", "b", "x", "c")
        assert formula.response_names == ("y",)

    def test_a_model_alone_has_no_response(self):
        formula = Formula("(x - 50)**2")
        assert formula.response is None
        assert formula.response_names == ()

    def test_a_formula_may_lack_names(self):
        assert Formula("3 + 4").names == ()

    def test_constants_are_names(self):
        assert Formula("2*pi*e").names == ("pi", "e")

    def test_double_equals_compares(self):
        assert Formula("y = a == b").response_names == ("y",)
        assert Formula("y == x").response is None

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("-3**2", -9.0),
            ("2**-1", 0.5),
            ("2**3**2", 512.0),
            ("2 - 3 - 4", -5.0),
            ("7 % 3 + 7//3", 3.0),
            ("1 < 2 < 3", 1.0),
            ("1 < 2 > 3", 0.0),
            ("1or 2", 1.0),
            ("not 1 < 2 or 2 >= 2 and 1 != 0", 1.0),
            ("+1e3 + .5 + 1_000", 2000.5),
            ("where(3 > 2, 10, 20)", 10.0),
            ("atan2(1, 1) - pi/4", 0.0),
            ("ln(e)", 1.0),
            ("abs(-2)*fabs(-2)*pow(2, 3)", 32.0),
        ],
    )
    def test_means_what_python_means(self, text, expected):
        assert value(text) == pytest.approx(expected)

    @pytest.mark.parametrize("name", ["α", "温度", "β_1", "नाम", "x9", "_", "lambda_"])
    def test_names_in_any_script(self, name):
        assert Formula(f"2*{name}").names == (name,)

    def test_names_keep_the_spelling_of_the_user(self):
        micro, mu = "\N{MICRO SIGN}", "\N{GREEK SMALL LETTER MU}"
        assert Formula(f"{micro}*x").names == (micro, "x")
        assert Formula(f"{mu}*x").names == (mu, "x")

    def test_names_that_look_alike_are_one(self):
        assert Formula("\N{MICRO SIGN} + \N{GREEK SMALL LETTER MU}").names == ("\N{MICRO SIGN}",)

    def test_the_letter_pi_is_pi(self):
        assert Formula("π*r**2").names == ("pi", "r")

    def test_any_white_space_separates(self):
        assert Formula("\n y\t=\u00a0a*x\n  + b ") == Formula("y = a*x + b")

    @pytest.mark.parametrize("name", ["power", "degrees", "min", "sign", "square"])
    def test_function_names_that_are_words_can_be_columns(self, name):
        assert Formula(f"{name} = a*x").response_names == (name,)

    def test_a_long_sum_is_not_deep(self):
        assert value("x" + " + x" * 999, x=1.0) == 1000.0

    def test_a_hundred_brackets_are_not_too_many(self):
        assert value("(" * 99 + "x" + ")" * 99, x=2.0) == 2.0


class TestFormula:
    def test_prints_itself(self):
        formula = Formula("y=(a*x)+(b)")
        assert repr(formula) == "Formula('y=(a*x)+(b)')"
        assert str(formula) == "y = a*x + b"
        assert formula.text == "y=(a*x)+(b)"

    def test_equal_when_the_trees_are(self):
        assert Formula("a*x+b") == Formula("(a * x) + b")
        assert hash(Formula("asin(x)")) == hash(Formula("arcsin(x)"))
        assert Formula("a*x") != Formula("x*a")
        assert Formula("a") != "a"

    def test_survives_pickling(self):
        formula = Formula("y = " + "x + " * 500 + "1")
        assert pickle.loads(pickle.dumps(formula)) == formula

    @pytest.mark.parametrize("text", [None, 3, b"x"])
    def test_only_text_is_read(self, text):
        assert type(text).__name__ in refusal(text).message


@pytest.mark.parametrize(
    ("text", "column", "part"),
    [
        ("x^2", 1, "Write **"),
        ("2x", 1, "Write 2*x"),
        ("2 sin(x)", 2, "Write 2*sin(…)"),
        ("2(x + 1)", 1, "Write 2*(…)"),
        ("(a)(b)", 3, "Write (…)*(…)"),
        ("x y", 2, "Write x*y"),
        ("2e3x", 3, "Write 2e3*x"),
        ("0x10", 1, "operator"),
        ("2j", 1, "Write 2*j"),
        ("sin 2", 4, "Write sin(2)"),
        ("sine(x)", 0, "Did you mean 'sin'?"),
        ("f(x)", 0, "write f*(…)"),
        ("y = sin", 4, "Write sin(x)"),
        ("a*log + b", 2, "Write log(x)"),
        ("np.sin(x)", 2, "sin(x), not np.sin(x)"),
        ("y = a if x else b", 6, "where(condition, a, b)"),
        ("lambda*x", 0, "lambda_"),
        ("True*x", 0, "Write 1"),
        ("[x for x in y]", 0, "brackets are ( and )"),
        ("x[0]", 1, "not indexed"),
        ("'a' + x", 0, "no strings"),
        ('f"{x}"', 1, "no strings"),
        ("(x := 2)", 3, "Write =."),
        ("sin(x=2)", 5, "no names"),
        ("a = b = c", 6, "second one"),
        ("sin(x, y)", 0, "1 argument, got 2"),
        ("sin()", 0, "1 argument, got 0"),
        ("leaky_relu(x, 1, 2)", 0, "1 or 2 arguments"),
        ("1,5*x", 1, "Decimals have a point"),
        ("y = a, b", 5, "comma"),
        ("((x", 1, "never closed"),
        ("x)", 1, "never opened"),
        ("a*", 2, "got the end"),
        ("a*/b", 2, "got '/'"),
        ("x =", 3, "got the end"),
        ("= x", 0, "got '='"),
        ("=", 0, "got '='"),
        ("y = = x", 4, "got '='"),
        ("()", 1, "got ')'"),
        ("1 + not x", 4, "brackets"),
        ("a & b", 2, "'and'"),
        ("a || b", 2, "'or'"),
        ("y ~ x", 2, "Write ="),
        ("a @ b", 2, "matrix"),
        ("a·x", 1, "Write *"),
        ("a×x", 1, "Write *"),
        ("a − b", 2, "Write -"),
        ("x²", 1, "Write **2"),
        ("√x", 0, "Write sqrt(x)"),
        ("x₁", 1, "Write 1"),
        ("（x）", 0, "Write (."),
        ("a ≤ b", 2, "Write <="),
        ("٣*x", 0, "Write 3"),
        ("a\u200bx", 1, "ZERO WIDTH SPACE"),
        ("x\0", 1, "U+0000"),
        ("温度*α + 2x", 8, "Write 2*x"),
        ("温度 + sine(α)", 5, "Did you mean 'sin'?"),
        ("007", 0, "Remove the zeros"),
        ("1__0", 0, "expected a number"),
        ("1e999", 0, "1.8e308"),
        ("2*" + "9" * 256, 2, "at most 255 characters"),
        ("温度" * 128, 0, "at most 255 characters"),
    ],
)
def test_refuses_with_a_hint_at_the_place(text, column, part):
    error = refusal(text)
    assert part in error.message
    assert error.text == text
    assert error.column == column
    assert error.message.startswith("formula: ")


def test_the_caret_stands_under_the_place():
    assert str(refusal("y = a*sine(x)")).splitlines()[1:] == ["  y = a*sine(x)", "        ^^^^"]


@pytest.mark.parametrize("text", ["", "  ", "\n\t"])
def test_refuses_an_empty_text(text):
    assert "got an empty one" in refusal(text).message


@pytest.mark.parametrize(
    "text",
    [
        "-" * 5000 + "x",
        "not " * 2000 + "x",
        "(" * 4000 + "x" + ")" * 4000,
        "sin(" * 101 + "x" + ")" * 101,
        "x**" * 3000 + "x",
        "x" * (MAXIMUM_LENGTH + 1),
        "x+" * 4000 + "x",
        " + ".join(f"x{k}" for k in range(201)),
    ],
)
def test_refuses_what_is_too_much(text):
    assert "expected at most" in refusal(text).message


def test_chains_in_chains_do_not_grow_without_bound():
    text = "x"
    for _ in range(60):
        text = f"(a < {text} < b)"
    assert "operations" in refusal(text).message


PIECES = st.sampled_from(
    [
        *"()+-*/%=<>,.^&|!~@:;'\"[]{}#\\ \n\t019eExyπµ²·−（",
        *("**", "//", "==", "<=", "!=", "and ", "or ", "not ", "if ", "lambda ", "for ", "in "),
        *("1e9", ".5", "0x", "1_0", "f'", "温度"),
        *FUNCTIONS,
    ]
)


@settings(deadline=None, max_examples=400)
@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
def test_any_text_gives_a_formula_or_a_formula_error(text):
    try:
        formula = Formula(text)
    except FormulaError as error:
        assert str(error)
    else:
        assert Formula(str(formula)) == formula


@settings(deadline=None, max_examples=60)
@given(st.lists(PIECES, min_size=1, max_size=3).map("".join), st.integers(100, MAXIMUM_LENGTH))
def test_any_long_repetition_ends(piece, length):
    text = (piece * length)[:length]
    try:
        Formula("(" + text)
        Formula(text)
    except FormulaError as error:
        assert len(str(error)) < 1000
