import time

import pytest

from ravine.app.typeset import latex
from ravine.formula import Formula


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y = a*exp(-b*x) + c", "y = a e^{-b x} + c"),
        ("(a + b)*c", r"\left(a + b\right) c"),
        ("a - (b - c)", r"a - \left(b - c\right)"),
        ("-x**2", "-x^{2}"),
        ("(-x)**2", r"\left(-x\right)^{2}"),
        ("x**2**3", "x^{2^{3}}"),
        ("(x**2)**3", r"\left(x^{2}\right)^{3}"),
        ("a/(b + c)", r"\frac{a}{b + c}"),
        ("2*3*x", r"2 \cdot 3 x"),
        ("slope*time", r"\mathrm{slope} \, \mathrm{time}"),
        ("lambda_1*w0", r"\lambda_{1} w_{0}"),
        ("1e-9*x", r"1 \cdot 10^{-9} x"),
        ("sqrt(x)/abs(y)", r"\frac{\sqrt{x}}{\left|y\right|}"),
    ],
)
def test_formulas_are_typeset_as_they_were_typed(text, expected):
    assert latex(Formula(text)) == expected


@pytest.mark.parametrize(
    "text", ["9**9**9**9*x", "9**(9**9*x/x)", "lgamma(1000000)**1e9*x", "sin(" * 90 + "x" + ")" * 90]
)
def test_no_formula_takes_long_to_typeset(text):
    began = time.process_time()
    assert latex(Formula(text))
    assert time.process_time() - began < 1.0
