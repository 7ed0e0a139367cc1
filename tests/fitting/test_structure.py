import pytest

from ravine.fitting.structure import Role, interchangeable, linear, roles
from ravine.formula import Formula


@pytest.mark.parametrize(
    ("text", "params", "expected"),
    [
        ("a*exp(-b*x) + c", "abc", ("a", "c")),
        ("a*b*x + c", "abc", ("a", "c")),  # linear in a or in b, not in both
        ("a/(1 + b*x)", "ab", ("a",)),
        ("-a*x + b*x**2 - c/3", "abc", ("a", "b", "c")),
        ("a**2*x + b", "ab", ("b",)),
        ("sin(b*cos(a*x))", "ab", ()),
        ("x", "a", ("a",)),
    ],
)
def test_linear_parameters_are_those_in_which_the_model_is_jointly_affine(text, params, expected):
    assert linear(Formula(text).model, list(params)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("exp(-b*x)", {Role.rate}),
        ("exp(-x/b)", {Role.scale}),
        ("exp(-(x - b)**2)", {Role.location}),
        ("x**b", {Role.exponent}),
        ("x*exp(b)", {Role.rate}),
        ("x + sin(2*x)**2 + 0*exp(exp(b))", {Role.location}),
        ("cosh(b)", {Role.other}),
    ],
)
def test_roles_are_read_off_what_a_parameter_meets(text, expected):
    assert roles(Formula(text).model, ["b"], ["x"])["b"] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a*exp(-b*x) + c*exp(-d*x)", ((("a", "b"), ("c", "d")),)),
        ("c + a*exp(-b*x)", ()),
        ("a*exp(-b*x) - c*exp(-d*x)", ()),  # a subtracted term isn't like an added one
        ("a*exp(-b*x) + c*exp(-b*x)", ()),  # they share b
        ("x + x", ()),
    ],
)
def test_terms_that_look_alike_can_change_places(text, expected):
    assert interchangeable(Formula(text).model, list("abcd")) == expected
