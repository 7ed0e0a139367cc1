import numpy as np
import pytest

import ravine as rv
from ravine.fitting.twins import canonical

X = np.linspace(0.1, 3.0, 12)


@pytest.mark.parametrize(
    ("formula", "given", "expected"),
    [
        ("y = a*exp(-((x - b)/c)**2)", [1.0, 2.0, -0.5], [1.0, 2.0, 0.5]),
        ("y = sin(b*cos(a*x))", [-1.2, 2.5], [1.2, 2.5]),
        ("y = a*sin(b*x)", [-1.0, -2.0], [1.0, 2.0]),
        ("y = a*sin(b*x)", [1.0, -2.0], [-1.0, 2.0]),  # a frequency is positive before an amplitude is
        ("y = a*exp(-b*x) + c*exp(-d*x)", [1.0, 5.0, 2.0, 3.0], [2.0, 3.0, 1.0, 5.0]),
        ("y = a*exp(-b*x)", [-1.0, -2.0], [-1.0, -2.0]),
        ("y = a*sin(b*x + c)", [2.0, 2.5, 0.5 + 4 * np.pi], [2.0, 2.5, 0.5]),  # whole turns
        ("y = a*sin(b*x + c)", [-2.0, 2.5, 0.5], [2.0, 2.5, 0.5 - np.pi]),  # half a turn
        ("y = a*sin(b*x + c)", [-2.0, -2.5, 0.5], [2.0, 2.5, -0.5]),  # a phase may be negative, a frequency not
        ("y = a*exp(-b*(x - c))", [2.0, 2.5, 7.0], [2.0, 2.5, 7.0]),  # no phase
    ],
)
def test_the_canonical_twin_has_few_negatives_and_ascending_terms(formula, given, expected):
    """Values stand in the alphabetic order of their names."""
    problem = rv.Problem(formula, {"x": X, "y": X})
    names = sorted(problem.names)
    row = np.array([given[names.index(name)] for name in problem.names])
    found = dict(zip(problem.names, canonical(problem, row), strict=True))
    np.testing.assert_allclose([found[name] for name in names], expected, rtol=1e-14)


def test_a_twin_beyond_the_bounds_is_none():
    problem = rv.Problem("y = cos(a*x)", {"x": X, "y": X}, bounds={"a": (None, 0)})
    assert canonical(problem, np.array([-1.0])).tolist() == [-1.0]


def test_a_turn_beyond_the_bounds_is_none():
    problem = rv.Problem("y = cos(a*x + b)", {"x": X, "y": X}, bounds={"b": (5, 8)})
    row = problem.row({"a": 1.0, "b": 7.0})
    assert canonical(problem, row).tolist() == row.tolist()
