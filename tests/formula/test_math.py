"""The functions of formulas by value: closed forms first, then NumPy against TensorFlow and SymPy."""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from ravine import engine
from ravine.formula import Call, Formula, Name, Number, math_sympy, math_tensorflow
from ravine.formula.functions import CONSTANTS, FUNCTIONS
from ravine.formula.math_numpy import MATH

KNOWN = json.loads((Path(__file__).parents[1] / "data" / "functions.json").read_text())["functions"]

VOIGT_AT_I = math.e * math.erfc(1) / math.sqrt(math.pi)  # w(i) = e·erfc(1)

CLOSED_FORMS = {
    "add": [((2, 3), 5)],
    "subtract": [((2, 3), -1)],
    "multiply": [((2, 3), 6)],
    "divide": [((1, 4), 0.25), ((1, 0), math.inf)],
    "floor_divide": [((-7, 2), -4), ((1, 0.1), 9), ((1, 0), math.inf)],
    "remainder": [((-7, 2), 1), ((7, -2), -1)],
    "power": [((-2, 3), -8), ((-2, -3), -0.125), ((0, 0), 1), ((4, 0.5), 2), ((-8, 1 / 3), math.nan)],
    "negative": [((2,), -2)],
    "reciprocal": [((4,), 0.25)],
    "square": [((-3,), 9)],
    "sqrt": [((9,), 3), ((-1,), math.nan)],
    "cbrt": [((-27,), -3), ((0,), 0)],
    "hypot": [((3, 4), 5), ((0, 0), 0), ((3e30, 4e30), 5e30)],
    "sin": [((math.pi / 6,), 0.5)],
    "cos": [((math.pi / 3,), 0.5)],
    "tan": [((math.pi / 4,), 1)],
    "arcsin": [((0.5,), math.pi / 6), ((2,), math.nan)],
    "arccos": [((0.5,), math.pi / 3)],
    "arctan": [((1,), math.pi / 4)],
    "arctan2": [((1, -1), 3 * math.pi / 4), ((0, -1), math.pi)],
    "sinh": [((math.log(2),), 0.75)],
    "cosh": [((math.log(2),), 1.25)],
    "tanh": [((math.log(2),), 0.6)],
    "arcsinh": [((0.75,), math.log(2))],
    "arccosh": [((1.25,), math.log(2))],
    "arctanh": [((0.6,), math.log(2))],
    "radians": [((180,), math.pi)],
    "degrees": [((math.pi,), 180)],
    "exp": [((1,), math.e), ((-1000,), 0), ((1000,), math.inf)],
    "exp2": [((10,), 1024)],
    "expm1": [((1e-12,), 1e-12)],
    "log": [((math.e,), 1), ((0,), -math.inf), ((-1,), math.nan)],
    "log1p": [((1e-12,), 1e-12)],
    "log2": [((1024,), 10)],
    "log10": [((1000,), 3)],
    "logaddexp": [((0, 0), math.log(2)), ((1000, 0), 1000), ((-1000, -1000), math.log(2) - 1000)],
    "abs": [((-2,), 2)],
    "sign": [((-2,), -1), ((0,), 0), ((3,), 1)],
    "floor": [((-1.5,), -2)],
    "ceil": [((-1.5,), -1)],
    "round": [((2.5,), 2), ((3.5,), 4), ((-0.6,), -1)],
    "trunc": [((-1.5,), -1), ((1.5,), 1)],
    "minimum": [((2, 3), 2)],
    "maximum": [((2, 3), 3)],
    "clip": [((5, 0, 1), 1), ((-5, 0, 1), 0), ((0.5, 0, 1), 0.5)],
    "where": [((1, 2, 3), 2), ((0, 2, 3), 3), ((-0.5, 2, 3), 2)],
    "heaviside": [((-1,), 0), ((0,), 0.5), ((1,), 1), ((0, 0.25), 0.25)],
    "less": [((1, 2), 1), ((2, 2), 0)],
    "less_equal": [((2, 2), 1), ((3, 2), 0)],
    "greater": [((2, 1), 1), ((2, 2), 0)],
    "greater_equal": [((2, 2), 1), ((2, 3), 0)],
    "equal": [((2, 2), 1), ((2, 3), 0)],
    "not_equal": [((2, 3), 1), ((2, 2), 0)],
    "logical_and": [((1, 2), 1), ((1, 0), 0)],
    "logical_or": [((0, 2), 1), ((0, 0), 0)],
    "logical_not": [((0,), 1), ((2,), 0)],
    "erf": [((0,), 0), ((1,), math.erf(1))],
    "erfc": [((0,), 1), ((5,), math.erfc(5))],
    "lgamma": [((5,), math.log(24)), ((0.5,), math.log(math.pi) / 2)],
    "voigt": [((0, 1, 0), (2 * math.pi) ** -0.5), ((2, 0, 1), 0.2 / math.pi), ((0, 0.5**0.5, 1), VOIGT_AT_I)],
    "sigmoid": [((0,), 0.5), ((math.log(3),), 0.75), ((-1000,), 0)],
    "softplus": [((0,), math.log(2)), ((1000,), 1000), ((-1000,), 0)],
    "relu": [((-2,), 0), ((2,), 2)],
    "leaky_relu": [((-2,), -0.4), ((2,), 2), ((-2, 0.1), -0.2), ((2, 0.1), 2)],
    "swish": [((math.log(3),), 0.75 * math.log(3)), ((0,), 0)],
    "gelu": [((0,), 0), ((1,), 0.5 * (1 + math.erf(0.5**0.5))), ((-10,), -10 * math.erfc(10 / 2**0.5) / 2)],
}
CASES = [(name, arguments, value) for name, cases in CLOSED_FORMS.items() for arguments, value in cases]


@pytest.fixture(scope="module")
def tf():
    return engine.tensorflow()


def test_every_function_exists_everywhere():
    assert set(MATH) == set(math_tensorflow.math()) == set(math_sympy.math()) == set(FUNCTIONS) == set(CLOSED_FORMS)


# SymPy has infinities of its own, no rounding to the even neighbor, and exact quotients: 1//0.1 is 10.
SYMPY_CASES = [case for case in CASES if math.isfinite(case[2]) and case[0] not in ("round", "floor_divide")]


@pytest.mark.parametrize(("name", "arguments", "expected"), SYMPY_CASES)
def test_closed_forms_in_sympy(name, arguments, expected):
    result = math_sympy.math()[name](*map(float, arguments))
    number = float(result) if isinstance(result, sp.Expr) else float(bool(result))
    assert number == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
class TestClosedForms:
    def test_in_plain_numbers(self, name, arguments, expected):
        result = MATH[name](*map(float, arguments))
        assert type(result) is float
        assert result == pytest.approx(expected, rel=1e-12, abs=1e-15, nan_ok=True)

    def test_in_numpy(self, name, arguments, expected):
        for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-5)):
            result = MATH[name](*np.array(arguments, dtype)[:, None])
            assert result.dtype == dtype
            np.testing.assert_allclose(result, [expected], rtol=tolerance, atol=1e-6 * tolerance)

    def test_in_tensorflow(self, name, arguments, expected, tf):
        for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-5)):
            result = math_tensorflow.math()[name](*map(tf.constant, np.array(arguments, dtype)[:, None]))
            assert result.dtype == dtype
            np.testing.assert_allclose(result.numpy(), [expected], rtol=tolerance, atol=1e-6 * tolerance)


class TestTypes:
    """Numbers adapt to arrays, never the other way round."""

    TEXTS = (
        "exp(1) + x",
        "where(x > 0, 1, 0)",
        "(x > 0) + (x > 1)",
        "-(x > 0)",
        "2**x + x**0 + x**-1",
        "pi*sqrt(2)*x",
        "hypot(x, 1)*heaviside(x)*leaky_relu(x, 0.1)",
        "maximum(0, x) + min(x, 1) + clip(x, -1, 1)",
        "1//x + x % 2 + arctan2(x, 2)",
    )

    @pytest.mark.parametrize("text", TEXTS)
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_dtype_is_kept(self, text, dtype, tf):
        model = Formula(text).model
        x = np.array([0.5, 1.5], dtype)
        by_numpy = model.evaluate({**CONSTANTS, "x": x}, MATH)
        by_tensorflow = model.evaluate({**CONSTANTS, "x": tf.constant(x)}, math_tensorflow.math())
        assert by_numpy.dtype == by_tensorflow.dtype == dtype
        np.testing.assert_allclose(by_numpy, by_tensorflow.numpy(), rtol=1e-5)

    def test_whole_numbers_do_not_overflow(self):
        assert Formula("x**3").model.evaluate({"x": 10**7}, MATH) == 1e21
        assert Formula("x**3").model.evaluate({"x": np.array([10**7])}, MATH) == [1e21]
        assert Formula("x**y").model.evaluate({"x": 2, "y": -1}, MATH) == 0.5

    def test_values_broadcast(self, tf):
        model = Formula("where(x > a, a*x, 1)").model
        x, a = np.linspace(0, 1, 5)[:, None], np.array([0.2, 0.5, 0.7])
        tensors = {"x": tf.constant(x), "a": tf.constant(a)}
        expected = np.where(x > a, a * x, 1)
        np.testing.assert_array_equal(model.evaluate({"x": x, "a": a}, MATH), expected)
        np.testing.assert_array_equal(model.evaluate(tensors, math_tensorflow.math()).numpy(), expected)

    def test_what_depends_on_no_tensor_is_a_plain_number(self):
        assert Formula("exp(1)*2").model.evaluate({}, math_tensorflow.math()) == pytest.approx(2 * math.e)

    def test_a_formula_compiles(self, tf):
        model = Formula("a*exp(-x**2) + cbrt(x)*hypot(x, a) + where(x > 0, erf(x), lgamma(x - 1))").model
        compiled = tf.function(
            lambda x, a: model.evaluate({"x": x, "a": a}, math_tensorflow.math()), jit_compile=True, autograph=False
        )
        x = np.linspace(-2, 2, 10)
        expected = model.evaluate({"x": x, "a": 1.5}, MATH)
        np.testing.assert_allclose(compiled(tf.constant(x), tf.constant(1.5, tf.float64)), expected, rtol=1e-12)


class TestGradients:
    """float64 derivatives by TensorFlow."""

    @pytest.mark.parametrize(
        ("text", "x", "slope"),
        [
            ("x**2", 0.0, 0.0),
            ("x**1", 0.0, 1.0),
            ("x**0", 0.0, 0.0),
            ("x**3", -2.0, 12.0),
            ("x**-1", -2.0, -0.25),
            ("x**-2", 1e200, 0.0),
            ("cbrt(x)", -8.0, 1 / 12),
            ("hypot(x, 0)", -3.0, -1.0),
            ("hypot(x, 0)", 0.0, 0.0),
            ("where(x > 0, x**2, 3*x)", -1.0, 3.0),
            ("clip(x, -1, 1)*2", 0.5, 2.0),
            ("abs(x)", -2.0, -1.0),
            ("exp2(x)", 1.0, 2 * math.log(2)),
            ("logaddexp(x, 0)", 0.0, 0.5),
            ("logaddexp(x, 0)", math.log(3), 0.75),
            ("softplus(x)", 0.0, 0.5),
            ("leaky_relu(x)", -1.0, 0.2),
            ("gelu(x)", 0.0, 0.5),
            ("x % 2", 3.0, 1.0),
            ("floor(x) + (x > 1)", 1.5, 0.0),
        ],
    )
    def test_slopes_in_closed_form(self, text, x, slope, tf):
        point = tf.constant(x, tf.float64)
        with tf.GradientTape() as tape:
            tape.watch(point)
            value = Formula(text).model.evaluate({"x": point}, math_tensorflow.math())
        found = tape.gradient(value, point, unconnected_gradients="zero")
        assert float(found) == pytest.approx(slope, rel=1e-12, abs=1e-300)

    def test_curvature_of_a_square_at_zero(self, tf):
        point = tf.constant(0.0, tf.float64)
        with tf.GradientTape() as outer:
            outer.watch(point)
            with tf.GradientTape() as inner:
                inner.watch(point)
                value = Formula("x**2").model.evaluate({"x": point}, math_tensorflow.math())
            slope = inner.gradient(value, point)
        assert float(outer.gradient(slope, point)) == 2.0

    @pytest.mark.parametrize("known", [known for known in KNOWN if known["smooth"]], ids=lambda known: known["name"])
    def test_derivatives_of_the_classical_functions(self, known, tf):
        """Values, gradients and Hessians to 12 digits; the file prints 16."""
        names, checks = known["variables"], known["derivative_checks"]
        found = differentiate(tf, known["formula"], {name: [check[name] for check in checks] for name in names})
        for derivative, key in zip(found, ("f", "grad", "hess"), strict=True):
            expected = np.array([check[key] for check in checks])
            np.testing.assert_allclose(derivative, expected, rtol=1e-12, atol=1e-13 * np.abs(expected).max())


def differentiate(tf, text, points):
    """Return values [point], gradients [point, variable] and Hessians [point, variable, variable]."""
    variables = {name: tf.constant(values, tf.float64) for name, values in points.items()}
    watched = list(variables.values())
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(watched)
        with tf.GradientTape() as inner:
            inner.watch(watched)
            value = Formula(text).model.evaluate({**CONSTANTS, **variables}, math_tensorflow.math())
        slopes = inner.gradient(value, watched)
    rows = [outer.gradient(slope, watched, unconnected_gradients="zero") for slope in slopes]
    return value.numpy(), np.stack(slopes, axis=-1), np.moveaxis(np.array(rows), -1, 0)


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known["name"])
def test_values_of_the_classical_functions_by_numpy(known):
    model = Formula(known["formula"]).model
    for check in known["derivative_checks"]:
        point = {name: check[name] for name in known["variables"]}
        assert model.evaluate({**CONSTANTS, **point}, MATH) == pytest.approx(check["f"], rel=1e-11)


# Lipschitz functions: the last bit of an argument cannot become the first of a result.
TAME = ["sin", "cos", "tanh", "arctan", "sigmoid", "softplus", "relu", "leaky_relu", "swish", "gelu", "erf", "abs"]
TAME_OF_TWO = ["add", "subtract", "multiply", "minimum", "maximum", "logaddexp"]
LEAVES = st.sampled_from([Name("x"), Name("a")]) | st.floats(-3, 3).map(Number)


def tame_calls(nodes):
    one = st.tuples(st.sampled_from(TAME), st.tuples(nodes))
    two = st.tuples(st.sampled_from(TAME_OF_TWO), st.tuples(nodes, nodes))
    choice = st.tuples(st.just("where"), st.tuples(st.just(Formula("x > a").model), nodes, nodes))
    powers = st.tuples(st.just("power"), st.tuples(nodes, st.integers(0, 3).map(float).map(Number)))
    return st.one_of(one, two, choice, powers).map(lambda parts: Call(*parts))


@settings(deadline=None, max_examples=100)
@given(st.recursive(LEAVES, tame_calls, max_leaves=8))
def test_numpy_and_tensorflow_agree(tree):
    tf = engine.tensorflow()
    values = {"x": np.linspace(-2, 2, 9), "a": np.array(0.7)}
    by_numpy = tree.evaluate(values, MATH)
    by_tensorflow = tree.evaluate({name: tf.constant(value) for name, value in values.items()}, math_tensorflow.math())
    largest = np.max(np.abs(by_numpy))
    np.testing.assert_allclose(by_tensorflow, by_numpy, rtol=1e-9, atol=1e-9 * (1 + largest))


def test_reading_and_tracing_load_no_heavy_package():
    heavy = ("numpy", "scipy", "sympy", "tensorflow", "keras")
    program = f"import sys, ravine.formula; print([name for name in {heavy} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


class TestSympy:
    """What SymPy is for: LaTeX and symbolic derivatives."""

    def test_powers_are_whole_and_constants_exact(self):
        assert str(math_sympy.express(Formula("pi*x**2.0 + e").model)) == "pi*x**2 + E"

    def test_truth_can_be_calculated_with(self):
        model = Formula("(x > 2)*x + where(x, 1, 3)").model
        x = math_sympy.symbols(model)["x"]
        assert math_sympy.express(model).subs(x, 3) == 4
        assert math_sympy.express(model).subs(x, 0) == 3

    def test_derivative_of_an_exponential(self):
        model = Formula("a*exp(-b*x)").model
        symbols = math_sympy.symbols(model)
        slope = math_sympy.express(model).diff(symbols["b"])
        assert sp.simplify(slope + symbols["x"] * math_sympy.express(model)) == 0

    @pytest.mark.parametrize(
        ("text", "latex"),
        [
            ("log(y) = a*x", r"\log{\left(y \right)} = a x"),
            ("alpha/2", r"\frac{\alpha}{2}"),
            ("sqrt(x)", r"\sqrt{x}"),
            ("3", "3"),
        ],
    )
    def test_latex(self, text, latex):
        assert Formula(text).latex() == latex
