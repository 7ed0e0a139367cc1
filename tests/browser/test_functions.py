"""The page's own mathematics: every function of formulas, compared with NumPy's."""

import numpy as np
import pytest

from ravine.formula import Formula
from ravine.formula.functions import FUNCTIONS
from ravine.formula.math_numpy import MATH
from ravine.view.page.document import asset
from ravine.view.page.programs import program_of

X = [
    -30.0,
    -7.5,
    -3.0,
    -2.5,
    -1.5,
    -1.0,
    -0.5,
    -1e-3,
    0.0,
    1e-9,
    0.3,
    0.5,
    1.0,
    1.5,
    2.0,
    2.4,
    2.6,
    3.5,
    6.0,
    10.0,
    40.0,
]
Y = [2.0, -1.0, 0.5, 3.0, 1.0, -2.5, 0.1]
ALMOST = {"erfc": 1e-12, "gelu": 1e-12, "voigt": 1e-12, "lgamma": 1e-12}


@pytest.fixture(scope="module")
def page(browser):
    """Return an empty page that knows the mathematics of ours."""
    context = browser.new_context()
    opened = context.new_page()
    scripts = [asset(f"{name}.js") for name in ("special", "functions", "program")]
    opened.add_script_tag(content="\n".join([*scripts, "window.ravine = { calculate, FUNCTIONS };"]))
    yield opened
    context.close()


def calculated(page, program, values, count):
    found = page.evaluate(
        """([program, values, count]) =>
            Array.from(window.ravine.calculate(program, values, count), (value) => String(value))""",
        [program, values, count],
    )
    return np.array([float(value.replace("Infinity", "inf")) for value in found])


def test_the_page_has_every_function(page):
    assert set(page.evaluate("() => Object.keys(window.ravine.FUNCTIONS)")) == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_that_of_numpy(page, name):
    for size in range(FUNCTIONS[name].least, FUNCTIONS[name].most + 1):
        rows = np.array([np.tile(X, 7), np.repeat(Y, len(X)), np.tile(np.roll(Y, 2), len(X))][:size])
        if size == 3 and name == "voigt":
            rows = np.abs(rows) * [[1], [1], [0.3]]
        if name == "power":  # whole exponents multiply there, which differs in the last digits only
            rows = np.abs(rows) * [[1], [1]]
        expected = np.asarray(MATH[name](*rows), float)
        program = [*([1, letter] for letter in "abc"[:size]), [2, name, size]]
        values = dict(zip("abc", rows.tolist(), strict=False))
        found = calculated(page, program, values, rows.shape[1])
        np.testing.assert_allclose(found, expected, rtol=ALMOST.get(name, 2e-13), atol=1e-15)


@pytest.mark.parametrize(
    "text",
    [
        "sin(b*cos(a*x))",
        "(x > 1)*a + (x <= 1)*b*x**2",
        "a*exp(-((x - b)/2)**2) - 3",
        "where(x < 0, -x, sqrt(x)) + pi",
        " + ".join(["a*x"] * 300),
    ],
)
def test_a_formula_is_that_of_numpy(page, text):
    tree = Formula(text).model
    values = {"a": 1.3, "b": -0.4, "pi": np.pi}
    expected = tree.evaluate({**values, "x": np.array(X)}, MATH)
    found = calculated(page, program_of(tree), {**values, "x": X}, len(X))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_a_name_without_a_value_and_a_function_that_is_none_are_refused(page):
    for program in ([[1, "constructor"]], [[0, 1.0], [2, "constructor", 1]], [[0, 1.0], [2, "alert", 1]]):
        said = page.evaluate(
            """(program) => {
                try { return String(window.ravine.calculate(program, {}, 1)); } catch (error) { return error.message; }
            }""",
            program,
        )
        assert said.startswith("no ")
