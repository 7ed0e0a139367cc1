"""Places: endings that scatter become minima, and what isn't at rest doesn't."""

import numpy as np
import pytest

import ravine as rv
from ravine import places
from ravine.curvature import Landscape, settle
from ravine.places import Ends


def _found(formula, rows, widths, *, converged=True, tolerance=1e-3):
    problem, rows = rv.Problem(formula), np.asarray(rows, float)
    loss = problem.losses(rows)
    land = Landscape(problem, np.asarray(widths, float), 1.0)
    done = np.full(len(rows), converged)
    return places.find(land, Ends(rows, loss, done, ~done), tolerance)


def test_what_lies_nearer_than_the_tolerance_is_one_place():
    rows = [[1.0001, -1e-4], [0.9999, 1e-4], [-1.0002, 0], [1, 0]]
    found, index = _found("(x**2 - 1)**2 + y**2", rows, [4, 4])
    assert [place.params.round(9).tolist() for place in found] == [[1, 0], [-1, 0]]
    assert [place.count for place in found] == [3, 1]
    assert index.tolist() == [0, 0, 1, 0]


def test_units_do_not_matter():
    rows = np.array([[1.0001, -1e-4], [0.9999, 1e-4], [-1.0002, 0], [1, 0]]) * [1, 1e9]
    found, index = _found("(x**2 - 1)**2 + (y/1e9)**2", rows, [4, 4e9])
    assert [place.count for place in found] == [3, 1]
    assert {place.kind for place in found} == {"minimum"}
    assert index.tolist() == [0, 0, 1, 0]


def test_a_descent_that_ran_out_of_steps_is_at_rest_only_where_newton_s_step_is_short():
    rows = [[1e-4, 2e-4], [0.5, 0.0], [0.0, 3.0]]
    found, index = _found("x**2 + y**2/100", rows, [4, 4], converged=False)
    assert index.tolist() == [0, -1, -1]
    assert found[0].params.tolist() == [0, 0]


def test_nothing_rests_on_a_slope_or_where_nothing_is_finite():
    assert _found("x", [[0.0], [1.0]], [1], converged=False)[1].tolist() == [-1, -1]
    with np.errstate(all="ignore"):
        assert _found("log(x)", [[-1.0], [-2.0]], [1])[1].tolist() == [-1, -1]


def test_no_endings_make_no_places():
    found, index = _found("x**2", np.empty((0, 1)), [1])
    assert (found, index.tolist()) == ([], [])


def test_what_ran_away_is_no_place():
    assert _found("1 - exp(-x**2)", [[1e30], [0.0]], [1])[1].tolist() == [-1, 0]


@pytest.mark.parametrize(
    ("formula", "row", "kind"),
    [
        ("x**2 + y**2", [1e-3, 0], "minimum"),
        ("x**2 - y**2", [1e-3, 0], "saddle"),
        ("-x**2 - y**2", [1e-3, 0], "maximum"),
        ("x**2 + 0*y", [1e-3, 0.7], "flat"),
        ("0*x + 0*y", [1e-3, 0], "flat"),
        ("x**2 + 1e-6*y**2", [1e-3, 0], "minimum"),
        ("abs(x) + 2*abs(y)", [1e-5, 1e-5], "minimum"),
    ],
)
def test_kinds_of_places(formula, row, kind):
    land = Landscape(rv.Problem(formula), np.ones(2), 1.0)
    assert settle(land, np.array(row, float), 0.1, 1e-3).kind == kind


def test_newton_s_steps_end_on_the_last_digit():
    land = Landscape(rv.Problem("exp(x) - 2*x"), np.ones(1), 1.0)
    top = settle(land, np.array([0.69]), 0.1, 1e-3)
    assert top.params[0] == pytest.approx(np.log(2), abs=1e-15)
    assert top.loss == pytest.approx(2 - 2 * np.log(2), abs=1e-15)


def test_newton_s_steps_stay_within_reach():
    land = Landscape(rv.Problem("cos(x)"), np.ones(1), 1.0)
    assert settle(land, np.array([1.7]), 0.1, 1e-3).params.tolist() == [1.7]
