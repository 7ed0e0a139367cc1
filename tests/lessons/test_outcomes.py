"""The outcomes that LESSONS.md states, asserted on the numbers of the runs that the lessons tell of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ravine.lessons import Language, Story, cubic, five_points, line, parabola, two_layer
from ravine.lessons.data import data_of
from ravine.lessons.data import five_points as made
from ravine.lessons.lesson import Picture, Quote, Table
from ravine.lessons.two_parameters import RATE, STARTS, curvatures, descend_by, problem_of
from ravine.loop import descend
from ravine.problem import Problem
from ravine.run import Run
from ravine.settings import Stop
from ravine.view.scene import Dots, Field, Line, Lines

Told = Callable[[str, Language], Story]


def _tables(story: Story) -> list[Table]:
    return [block for block in story.blocks if isinstance(block, Table)]


def _quotes(story: Story) -> list[str]:
    return [block.text for block in story.blocks if isinstance(block, Quote)]


def _cells(table: Table) -> list[list[float]]:
    return [[float(cell.replace("−", "-")) for cell in row] for row in table.rows]


def _ends(run: Run) -> np.ndarray:
    return run.dataset["params"].sel(param=["a", "b"]).values[:, -1].astype(float)


@pytest.fixture(scope="module")
def three() -> Run:
    return descend_by(problem_of(two_layer.FORMULA), RATE)


# -- line -------------------------------------------------------------------------------------------------------


def test_line_at_rate_a_tenth_ends_at_the_least_squares_line_from_all_starts() -> None:
    data = data_of(line.FORMULA)
    exact = np.polyfit(data["x"], data["y"], 1)
    np.testing.assert_allclose(_ends(descend_by(problem_of(line.FORMULA), RATE)), np.tile(exact, (3, 1)), atol=1e-5)


def test_line_at_rate_one_jumps_between_two_values_of_b_forever() -> None:
    run = descend_by(problem_of(line.FORMULA), line.EDGE_RATE)
    b = run.dataset["params"].sel(param="b").values[:, 200:]
    np.testing.assert_allclose(b[:, 2:], b[:, :-2], atol=1e-3)
    assert np.abs(b[:, 1:] - b[:, :-1]).min() > 1


def test_line_has_the_largest_curvature_two() -> None:
    x = data_of(line.FORMULA)["x"]
    assert curvatures([x, np.ones_like(x)])[0] == pytest.approx(2, abs=1e-12)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_line_quotes_the_warning_and_the_rate_it_proposes(told: Told, language: Language) -> None:
    (quote,) = _quotes(told("line", language))
    assert "at the edge 2/λ = 1" in quote
    assert "such as 0.5" in quote


def test_line_shows_b_jumping(told: Told) -> None:
    b = [row[2] for row in _cells(_tables(told("line", "en"))[1])]
    assert b[0] == b[2] == b[4] == STARTS[0]["b"]
    assert b[1] == b[3] == b[5] == pytest.approx(1, abs=0.05)


# -- cubic ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [RATE, cubic.FAST_RATE])
def test_cubic_arrives_near_the_truth_at_both_rates(rate: float) -> None:
    np.testing.assert_allclose(_ends(descend_by(problem_of(cubic.FORMULA), rate)), [[1.2, 2.5]] * 3, atol=0.05)


def test_cubic_ends_at_the_least_squares_fit_by_every_method(told: Told) -> None:
    data = data_of(cubic.FORMULA)
    exact = np.linalg.lstsq(np.stack([data["x"] ** 3, data["x"] ** 2], 1), data["y"])[0]
    race = _tables(told("cubic", "en"))[-1]
    assert [row[0] for row in race.rows] == ["sgd", *cubic.METHODS]
    for row in race.rows:
        np.testing.assert_allclose([float(part) for part in row[3].strip("()").split(",")], exact, atol=2e-4)


def test_cubic_draws_all_methods_on_one_surface(told: Told) -> None:
    (picture,) = (one for one in told("cubic", "en").pictures if one.name == "methods")
    labels = {mark.label for mark in picture.scene.panels[0].marks if isinstance(mark, Line)}
    assert labels == {"sgd", *cubic.METHODS}


# -- two-layer --------------------------------------------------------------------------------------------------


def test_two_layer_ends_where_the_lesson_says(three: Run) -> None:
    ends, loss = _ends(three), three.dataset["loss"].values[:, -1]
    np.testing.assert_allclose(ends[0], [5.54, 4.37], atol=0.05)
    np.testing.assert_allclose(ends[1], [4.575, -0.566], atol=0.02)
    np.testing.assert_allclose(ends[2], [1.2, 2.5], atol=0.02)
    np.testing.assert_allclose(loss, [1.01, 0.56, 0.01], atol=0.005)


def test_two_layer_stops_in_minima_where_the_slope_has_died(three: Run) -> None:
    assert np.abs(three.dataset["gradient"].values[:, -1]).max() < 1e-2


@pytest.mark.parametrize("language", ["en", "zh"])
def test_two_layer_quotes_that_a_better_minimum_is_known(told: Told, language: Language) -> None:
    (quote,) = _quotes(told("two-layer", language))
    assert quote.startswith("A better minimum is known: start 0 ended at loss 1.0")
    assert "start 2 reached 0.01" in quote


def test_two_layer_counts_every_random_start_once(told: Told) -> None:
    table = _tables(told("two-layer", "en"))[-1]
    shares = np.array([[float(cell.rstrip("%")) for cell in row[1:]] for row in table.rows])
    np.testing.assert_allclose(shares.sum(1), 100, atol=2)
    assert (shares[:, :2].sum(1) > 0).all()
    assert shares[0, 2] > 80  # near 0 almost everything goes flat


def test_two_layer_ends_of_its_mirror_image_are_as_good() -> None:
    problem = problem_of(two_layer.FORMULA)
    best = descend(problem, STARTS[2], learning_rate=RATE, steps=400).params
    rows = [problem.row(best), problem.row({"a": -best["a"], "b": best["b"]})]
    first, second = problem.losses(rows)
    assert first == pytest.approx(second, rel=1e-12)


def test_two_layer_never_leaves_the_strip_where_the_inner_weight_is_zero() -> None:
    problem = problem_of(two_layer.FORMULA)
    assert 0 in np.linspace(*two_layer.BOX["a"], two_layer.SIDE).round(12)
    run = descend(problem, {"a": 0, "b": 3}, learning_rate=RATE, steps=400)
    assert (run.dataset["params"].sel(param="a").values == 0).all()


def test_two_layer_map_agrees_with_single_descents(told: Told) -> None:
    (picture,) = (one for one in told("two-layer", "en").pictures if one.name == "basins")
    field = picture.scene.panels[0].marks[0]
    assert isinstance(field, Field)
    problem = problem_of(two_layer.FORMULA)
    sides = [np.linspace(low, high, two_layer.SIDE) for low, high in two_layer.BOX.values()]
    for column, row in ((0, 0), (30, 20), (10, 40), (47, 5)):
        start = {"a": float(sides[0][column]), "b": float(sides[1][row])}
        single = descend(problem, start, learning_rate=RATE, steps=400).loss
        cell = field.value.shape[0] // two_layer.SIDE
        assert field.value[row * cell + cell // 2, column * cell + cell // 2] == pytest.approx(single, rel=1e-3)


# -- parabola ---------------------------------------------------------------------------------------------------


def test_parabola_goes_through_the_stated_points(told: Told) -> None:
    table = _cells(_tables(told("parabola", "en"))[0])
    after = {int(row[0]): row[2] for row in table}
    expected = {1: 3.99999, 2: 4.99937, 10: 12.9182, 50: 43.1839, 100: 50.4798, 200: 50.0027}
    # One unit in the last place of Adam's powers of β₂ is worth 9e-5: see tests/test_closed_forms.py.
    assert {step: after[step] for step in expected} == pytest.approx(expected, abs=1e-4)
    assert table[0] == [1, 3, pytest.approx(3.99999, abs=1e-4), -94]


def test_parabola_rows_are_consistent(told: Told) -> None:
    columns = told("parabola", "en").tables[0].columns
    assert len(columns["step"]) == parabola.STEPS
    np.testing.assert_array_equal(columns["before"][1:], columns["after"][:-1])
    np.testing.assert_allclose(columns["derivative"], 2 * (columns["before"] - 50), rtol=1e-6, atol=1e-5)


def test_parabola_stops_when_the_loss_changes_by_less_than_a_thousandth() -> None:
    run = descend(parabola.FORMULA, parabola.START, "adam", learning_rate=1, steps=200, stop=Stop(loss_change=0.001))
    changes = np.abs(np.diff(run.path(0)["loss"].values))
    assert changes[-1] < 0.001
    assert (changes[:-1] >= 0.001).all()


def test_parabola_shows_visited_points_in_blue_start_and_end_in_red(told: Told) -> None:
    from ravine.view.palette import BLUE, RED

    (picture,) = (one for one in told("parabola", "en").pictures if one.name == "curve")
    (panel,) = picture.scene.panels
    dots = {mark.label: mark for mark in panel.marks if isinstance(mark, Dots)}
    assert panel.x.limits == (0, 100)
    assert dots["visited x"].color == BLUE
    assert dots["visited x"].x.size == parabola.STEPS + 1
    assert dots["start"].color == dots["end"].color == RED


# -- five-points ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fitted() -> Run:
    data, start = made()
    problem = Problem(five_points.FORMULA, data, loss="half_sse")
    return descend(problem, start, learning_rate=five_points.RATE, steps=five_points.STEPS)


def test_five_points_follow_the_closed_form_of_gradient_descent(fitted: Run) -> None:
    """θ(k) = θ* + (1 − α·XᵀX)ᵏ·(θ(0) − θ*)."""
    data, start = made()
    matrix = np.stack([data["one"], data["x"]], 1)
    exact = np.linalg.lstsq(matrix, data["y"])[0]
    shrink = np.linalg.matrix_power(np.eye(2) - five_points.RATE * matrix.T @ matrix, five_points.STEPS)
    expected = exact + shrink @ (np.array(list(start.values())) - exact)
    np.testing.assert_allclose(list(fitted.params.values()), expected, atol=1e-5)


def test_five_points_explain_the_update_with_the_runs_own_numbers(told: Told, fitted: Run) -> None:
    errors, update = _tables(told("five-points", "en"))
    gradient = fitted.dataset["gradient"].values[0, 0]
    assert [float(cell.replace("−", "-")) for cell in errors.rows[-1][4:]] == pytest.approx(gradient, rel=1e-3)
    for row, name in zip(update.rows, fitted.names, strict=True):
        before, slope, step, after = (float(cell.replace("−", "-")) for cell in row[1:])
        assert (before, after) == pytest.approx((fitted.at(0)[name], fitted.at(1)[name]), rel=1e-3)
        assert step == pytest.approx(five_points.RATE * slope, rel=1e-3)
        assert after == pytest.approx(before - step, abs=1e-4)


def test_reading_changes_nothing_and_one_step_does(fitted: Run) -> None:
    read = descend(fitted.problem, fitted.at(0), learning_rate=five_points.RATE, steps=0)
    moved = descend(fitted.problem, fitted.at(0), learning_rate=five_points.RATE, steps=1)
    assert read.params == fitted.at(0)
    assert moved.params == fitted.at(1)


def test_five_points_have_three_panels_with_the_exact_line_in_red(told: Told) -> None:
    from ravine.view.palette import GREEN, RED

    (picture,) = (block for block in told("five-points", "en").blocks if isinstance(block, Picture))
    first, second, third = picture.scene.panels
    lines = {mark.label: mark for mark in first.marks if isinstance(mark, Line)}
    assert (lines["fitted line"].color, lines["least squares"].color) == (GREEN, RED)
    data, _ = made()
    slope, offset = np.polyfit(data["x"], data["y"], 1)
    np.testing.assert_allclose(lines["least squares"].y, offset + slope * lines["least squares"].x)
    assert second.x.label == "step"
    assert third.title == "Slope over time"
    assert isinstance(third.marks[0], Lines)
    assert third.marks[0].y.shape[0] == five_points.STEPS + 1
