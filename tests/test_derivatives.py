"""derive: three ways to one derivative, and what is said where there is none."""

import json

import numpy as np
import pytest

import ravine as rv
from ravine.deriving import derive
from ravine.differences import corners, difference
from ravine.formula import Formula, calculus
from ravine.formula.functions import FUNCTIONS

POINTS = np.array([-0.83, -0.31, 0.17, 0.52, 0.91])
ABOVE_ONE = POINTS + 2.3
_SPECIAL = {
    "where": "where(x > 0.2, x**3, y*x)",
    "clip": "clip(x, -0.6, 0.6)",
    "voigt": "voigt(x, 0.7, 0.4)",
    "heaviside": "x*heaviside(x)",
    "leaky_relu": "leaky_relu(x, 0.1)",
    "power": "(x + 2)**y",
    "arccosh": "arccosh(x + 2.4)",
    "log": "log(x + 2)",
    "sqrt": "sqrt(x + 2)",
    "log1p": "log1p(x + 0.5)*x",
    "log2": "log2(x + 2)",
    "log10": "log10(x + 2)",
    "lgamma": "lgamma(x + 2)",
    "reciprocal": "reciprocal(x)",
}


def _text(name):
    """Return a formula that calls the function at places where it is smooth."""
    arguments = ["x", "y", "0.3"][: FUNCTIONS[name].least]
    return _SPECIAL.get(name, f"{name}({', '.join(arguments)})*x")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_three_ways_agree_for_every_function(name):
    found = (
        derive(_text(name), {"x": POINTS, "y": 0.65}, 2, "x")
        if "y" in Formula(_text(name)).names
        else derive(_text(name), {"x": POINTS}, 2)
    )
    inside = np.isfinite(found.values[0])
    assert inside.sum() >= 4
    for order, part in enumerate(found.parts, start=1):
        size = np.maximum(1, np.abs(part.automatic[inside]))
        assert np.all(np.abs(part.automatic - part.differences)[inside] <= 1e-6 * size), (order, part.differences)
        assert np.all(part.error[inside] <= 1e-4 * size)
        if name == "voigt":  # SymPy knows no derivative of it
            assert part.symbolic is None
        else:
            assert np.all(np.abs(part.automatic - part.symbolic)[inside] <= 1e-9 * size), (order, part.symbolic)
    assert not found.notes or not inside.all()


@pytest.mark.parametrize("text", ["sigmoid(a*x)", "where(x > 1, leaky_relu(x), a)", "abs(x)*gelu(x)", "hypot(x, a)%a"])
def test_a_derivative_is_a_formula_again(text):
    slope = calculus.expression(Formula(text).model).derivative("x")
    again = calculus.expression(Formula(slope.text).model)
    values = {"x": ABOVE_ONE, "a": 0.7}
    np.testing.assert_allclose(again.evaluate(values), slope.evaluate(values), rtol=1e-12)


def test_the_tape_lesson_by_hand():
    found = derive("w*x**2 + w*b", {"w": 1, "b": 2, "x": 3}, 2)
    assert found.of("x").automatic == [6] and found.of("b").automatic == [1]
    assert found.of("x", "x").automatic == [2] and found.of("x", "w").automatic == [6]
    assert found.of("w", "x") is found.of("x", "w")
    np.testing.assert_array_equal(found.gradient, [[11, 6, 1]])  # the order of the formula: w, x, b
    np.testing.assert_array_equal(found.hessian[0], found.hessian[0].T)


def test_softmax_has_its_closed_jacobian():
    names = ("a", "b", "c")
    total = " + ".join(f"exp({name})" for name in names)
    found = derive([f"exp({name})/({total})" for name in names], {"a": [0.0, 1.0], "b": 1, "c": [2.0, -1.0]})
    p = found.values.T
    expected = p[:, :, None] * (np.eye(3) - p[:, None, :])
    np.testing.assert_allclose(found.jacobian, expected, rtol=1e-12)


def test_a_callable_with_several_outputs_is_differentiated_automatically():
    def softmax(a, b):
        from ravine import engine

        tf = engine.tensorflow()
        return tf.nn.softmax(tf.stack([a, b]))

    found = derive(softmax, {"a": 0.0, "b": 0.0})
    np.testing.assert_allclose(found.jacobian[0], [[0.25, -0.25], [-0.25, 0.25]], atol=1e-12)
    assert found.formulas == ("softmax(a, b)[0]", "softmax(a, b)[1]")
    assert found.of("a").symbolic is None and found.of("a").expression is None
    np.testing.assert_allclose(found.of("b", output=1).differences, [0.25], atol=1e-9)


def test_a_callable_written_with_numpy_has_symbols_too():
    found = derive(lambda x: 2 * np.tanh(x), {"x": [0.0, 1.0]}, 3)
    assert found.of("x").expression.text == "2 - 2*tanh(x)**2"
    np.testing.assert_allclose(found.of("x", "x", "x").automatic[0], -4)


def test_high_orders_of_the_exponential_are_itself():
    found = derive("exp(x)", {"x": [0.0, 1.0]}, 8)
    for part in found.parts:
        np.testing.assert_allclose(part.automatic, np.exp([0, 1]), rtol=1e-12)
        np.testing.assert_allclose(part.symbolic, np.exp([0, 1]), rtol=1e-12)
        assert np.all(np.abs(part.differences - part.automatic) <= 20 * part.error)


def test_the_estimated_error_covers_the_true_one():
    x = np.linspace(-3, 3, 101)
    for order, exact in ((1, np.cos(x)), (2, -np.sin(x))):
        found, error = difference(lambda at: np.sin(at["x"])[None], {"x": x}, ["x"] * order)
        assert np.mean(np.abs(found[0] - exact) <= error[0]) > 0.95
        assert error.max() < 10.0 ** (-12 + 3 * order)


@pytest.mark.parametrize(
    ("text", "code", "fragments"),
    [
        ("relu(x)", "kink", ("corner", "slope 0 before, 1 after", "x = 0", "answers 0")),
        ("abs(x)", "kink", ("slope −1 before, 1 after",)),
        ("leaky_relu(x)", "kink", ("slope 0.2 before, 1 after",)),
        ("x*abs(x)", "kink", ("The derivative of order 1 has a corner",)),
        ("floor(x + 0.5) + x", "jump", ("jumps", "x = −0.5; x = 0.5")),
        ("heaviside(x)", "jump", ("x = 0",)),
        ("log(x)", "undefined", ("NaN at x = −1",)),
        ("1/x", "undefined", ("infinite at x = 0",)),
        ("sqrt(abs(x))", "singular", ("x = 0",)),
        ("where(x != 0, sin(x)/x, 1 + 0*x)", "not-automatic", ("NaN at x = 0", "the formula 0", "0·∞")),
    ],
)
def test_where_there_is_no_derivative_it_is_said(text, code, fragments):
    note = next(note for note in derive(text, {"x": "-1:1:5"}, 2).notes if note.code == code)
    for fragment in fragments:
        assert fragment in note.text


@pytest.mark.parametrize("text", ["sigmoid(x)", "exp(-x**2)", "sin(3*x)/(2 + cos(x))", "softplus(10*x)", "x**7 - x"])
def test_smooth_functions_raise_no_alarm(text):
    assert derive(text, {"x": "-4:4:33"}, 2).notes == ()


def test_corners_are_found_for_each_point():
    jumps, kinks, *_ = corners(
        lambda at: np.stack([np.abs(at["x"]), np.sign(at["x"])]), {"x": np.array([0.0, 2.0])}, "x"
    )
    assert kinks.tolist() == [[True, False], [False, False]]
    assert jumps.tolist() == [[False, False], [True, False]]


def test_report_keeps_to_its_width_and_json_to_numbers():
    found = derive("log(x)", {"x": "0:2:5"}, 2)
    assert max(map(len, found.report().splitlines())) <= 80
    plain = json.loads(found.report("json"))
    assert plain["values"][0][0] is None and plain["derivatives"][0]["text"] == "1/x"
    assert plain["derivatives"][1]["with_respect_to"] == ["x", "x"]
    assert plain["derivatives"][0]["automatic"][4] == 0.5
    page = found.report("html")
    assert "<math " in page and "http" not in page
    assert "<script>" not in derive("x", {"x": 1}).report("html")


def test_a_constant_too_large_to_write_out_takes_no_time():
    found = derive("9**9**9**9*x", {"x": 1})
    assert "infinite at x = 1" in found.notes[0].text


@pytest.mark.parametrize(
    ("formula", "at", "order", "by", "fragments"),
    [
        ("a*x", {"x": 1}, 1, None, ("a value for a",)),
        ("x", {"y": 1}, 1, None, ("'y' is no name",)),
        ("x", {"x": "1:2"}, 1, None, ("low:high:count", "'1:2'")),
        ("x", {"x": "1:2:1"}, 1, None, ("low:high:count",)),
        ("x", {"x": "1:2:9999999"}, 1, None, ("100,000",)),
        ("x", {"x": np.nan}, 1, None, ("finite",)),
        ("x", {"x": 1}, 0, None, ("from 1 to 8", "got 0")),
        ("x", {"x": 1}, 9, None, ("from 1 to 8",)),
        ("x*y", {"x": 1, "y": 1}, 3, None, ("from 1 to 2 for 2 variables",)),
        ("x*y", {"x": 1, "y": 1}, 1, "z", ("got 'z'",)),
        ("x*y", {"x": [1, 2], "y": [1, 2, 3]}, 1, None, ("3 values for 'x'",)),
        ([], {"x": 1}, 1, None, ("empty list",)),
        ("x", 3, 1, None, ("by name",)),
    ],
)
def test_what_cannot_be_derived_is_refused(refuses, formula, at, order, by, fragments):
    with refuses(rv.ProblemError, *fragments):
        derive(formula, at, order, by)
