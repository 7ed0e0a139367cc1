"""The outcomes that LESSONS.md states of automatic differentiation, on the numbers that the lessons tell of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ravine import engine
from ravine.lessons import Language, Story, ascent, bends, chain, flowers, losses, probabilities, tape
from ravine.lessons.lesson import Code, Paragraph, Quote, Table
from ravine.loop import descend
from ravine.view.scene import Dots, Line, Raster, Tags

Told = Callable[[str, Language], Story]


def _tables(story: Story) -> list[Table]:
    return [block for block in story.blocks if isinstance(block, Table)]


def _number(cell: str) -> float:
    return float(cell.replace("−", "-").rstrip("%°"))


def _known(story: Story) -> dict[str, object]:
    """Run the Python of a story that uses TensorFlow only, and return its names."""
    names: dict[str, object] = {}
    for block in story.blocks:
        if isinstance(block, Code) and block.language == "python" and "rv." not in block.text:
            exec(compile(block.text, f"<{story.name}>", "exec"), names)
    return names


# -- tape -------------------------------------------------------------------------------------------------------


def test_the_tape_knows_what_it_saw_and_nothing_else() -> None:
    assert tape.recorded() == {"inside": 3.0, "before": None, "constant": None, "watched": 3.0}


def test_the_lesson_shows_what_the_tape_saw(told: Told) -> None:
    assert [row[1] for row in _tables(told("tape", "en"))[1].rows] == ["3", "None", "None", "3"]


def test_the_slope_is_what_growth_over_ever_smaller_moves_goes_to(told: Told) -> None:
    growth = [_number(row[1]) for row in _tables(told("tape", "en"))[0].rows]
    assert growth == pytest.approx([7, 6.1, 6.01, 6.001])
    assert tape.slope_of_square() == 6


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_ordinary_tape_answers_once(told: Told, language: Language) -> None:
    (quote,) = (block.text for block in told("tape", language).blocks if isinstance(block, Quote))
    assert "non-persistent" in quote


def test_a_persistent_tape_answers_twice() -> None:
    assert tape.persistent() == (4.0, 12.0)


def test_second_order_at_the_stated_place() -> None:
    found = tape.second_order()
    assert (found["x"], found["b"], found["x, x"], found["x, w"], found["w"]) == (6, 1, 2, 6, 11)
    assert found["b, b"] is None


def test_the_code_of_the_lesson_gives_the_lessons_numbers(told: Told) -> None:
    names = _known(told("tape", "en"))
    assert float(names["by_x"]) == 6 and float(names["by_b"]) == 1 and float(names["bend"]) == 2  # type: ignore[arg-type]
    np.testing.assert_allclose(names["theta"].numpy(), [1.6, 0.4], rtol=1e-6)  # type: ignore[attr-defined]


def test_the_gradient_is_the_direction_of_steepest_ascent() -> None:
    slope = ascent.gradient()
    np.testing.assert_array_equal(slope, [4, 6])
    degrees, around = ascent.compass()
    measured = ascent.rises(around)
    assert degrees[measured.argmax()] == pytest.approx(np.degrees(np.arctan2(6, 4)), abs=0.1)
    assert degrees[measured.argmin()] == pytest.approx(np.degrees(np.arctan2(6, 4)) + 180, abs=0.1)
    assert measured.max() == pytest.approx(np.sqrt(52), rel=1e-4)
    np.testing.assert_allclose(measured, around @ slope, atol=1e-3)


def test_the_way_along_the_contour_neither_rises_nor_falls() -> None:
    level = ascent.along_the_contour()
    assert level.product == 0
    assert np.hypot(*level.along) == pytest.approx(1)
    assert 0 < level.change < 1e-7  # of second order in the stride


def test_the_update_by_hand_is_ravines(told: Told) -> None:
    table = _tables(told("tape", "en"))[-1]
    by_hand, by_ravine = (np.array([_number(row[place]) for row in table.rows]) for place in (-2, -1))
    np.testing.assert_allclose(by_ravine, by_hand, rtol=1e-6)  # one step in float32, whose unit is 1e-7
    np.testing.assert_allclose(by_hand, [2 - 0.1 * 4, 1 - 0.1 * 6])


def test_the_picture_has_arrows_across_the_contours_and_the_compass(told: Told) -> None:
    (picture,) = told("tape", "en").pictures
    above, compass = picture.scene.panels
    arrows = {mark.label: mark for mark in above.marks if isinstance(mark, Line)}
    uphill = arrows["gradient at the start"]
    across = np.array([uphill.x[1] - uphill.x[0], uphill.y[1] - uphill.y[0]])
    np.testing.assert_allclose(across / np.hypot(*across), np.array([4, 6]) / np.sqrt(52))
    tails, tips = (np.stack([arrows["gradients"].x[at::7], arrows["gradients"].y[at::7]], 1) for at in (0, 1))
    np.testing.assert_allclose((tips - tails) / (tips - tails).max(), _scaled(ascent.gradients(tails)), atol=1e-12)
    tops = [mark for mark in compass.marks if isinstance(mark, Dots)]
    assert [float(mark.y[0]) for mark in tops] == pytest.approx([np.sqrt(52), -np.sqrt(52)])


def _scaled(vectors: np.ndarray) -> np.ndarray:
    return vectors / vectors.max()


# -- activations ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", bends.ACTIVATIONS, ids=lambda one: one.name)
def test_the_tape_agrees_with_the_closed_form(one: bends.Activation) -> None:
    x = bends.places()
    value, slope = bends.taped(f"{one.name}(x)", x)
    np.testing.assert_allclose(slope, one.closed(x, value), rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sigmoid", lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
        ("tanh", lambda x: np.cosh(x) ** -2.0),
        ("relu", lambda x: (x > 0) * 1.0),
        ("leaky_relu", lambda x: np.where(x > 0, 1.0, 0.2)),
    ],
)
def test_the_told_slopes_are_those_of_another_formula(
    told: Told, name: str, expected: Callable[..., np.ndarray]
) -> None:
    columns = told("activations", "en").tables[0].columns
    assert (columns["x"][0], columns["x"][-1]) == (-10, 10)
    np.testing.assert_allclose(columns[f"{name}_slope"], expected(columns["x"]), rtol=1e-7, atol=1e-15)


def test_keras_knows_the_same_functions() -> None:
    keras, x = engine.keras(), bends.places()
    for one in bends.ACTIVATIONS:
        np.testing.assert_allclose(bends.taped(f"{one.name}(x)", x)[0], keras.activations.get(one.name)(x), atol=1e-6)


def test_tables_show_tape_and_paper_side_by_side(told: Told) -> None:
    tables = [table for table in _tables(told("activations", "en")) if table.caption]
    assert len(tables) == 4
    for table in tables:
        assert [row[0] for row in table.rows][:: len(table.rows) - 1] == ["−10", "10"]
        assert all(row[2] == row[3] for row in table.rows)


def test_the_slope_dies_where_the_lesson_says(told: Told) -> None:
    rows = {row[0]: row for row in _tables(told("activations", "en"))[4].rows}
    shares = {name: _number(row[4]) for name, row in rows.items()}
    sigmoid = np.log((1 - 0.02 + np.sqrt(1 - 0.04)) / 0.02)  # where σ(1 − σ) = 0.01
    assert shares["sigmoid"] == pytest.approx(100 * (1 - sigmoid / 10), abs=0.6)
    assert shares["tanh"] == pytest.approx(100 * (1 - np.arctanh(np.sqrt(0.99)) / 10), abs=0.6)
    assert (shares["ReLU"], shares["leaky ReLU"]) == (pytest.approx(50, abs=0.6), 0)
    assert _number(rows["sigmoid"][5]) == pytest.approx(0.25**10, rel=0.01)


def test_a_descent_without_slope_stands_still_and_the_leak_sets_it_free() -> None:
    saturated, alive, dead, leaky = bends.chases()
    assert abs(saturated.params["x"] - 10) < 0.01
    assert saturated.loss > 0.6
    assert alive.loss < 1e-3
    assert dead.params["x"] == -3 and dead.loss == 1
    assert leaky.params["x"] == pytest.approx(1)


def test_the_picture_shows_functions_and_slopes(told: Told) -> None:
    picture = told("activations", "en").pictures[0]
    for column, panel in enumerate(picture.scene.panels):
        lines = {mark.label: mark for mark in panel.marks if isinstance(mark, Line)}
        assert list(lines) == [one.title for one in bends.ACTIVATIONS]
        np.testing.assert_array_equal(lines["tanh"].y, bends.taped("tanh(x)", bends.places())[column])


# -- losses -----------------------------------------------------------------------------------------------------


def test_the_gradient_of_the_mean_squared_error() -> None:
    loss, slope = losses.squares_by_tape()
    assert loss == pytest.approx((0.25 + 0 + 1) / 3)
    np.testing.assert_allclose(slope, np.array([1, 0, -2]) / 3)


def test_the_jacobian_of_softmax_has_its_closed_form() -> None:
    scores = np.array(probabilities.SCORES)
    p = np.exp(scores) / np.exp(scores).sum()
    taped = probabilities.jacobian_of_softmax(scores)
    np.testing.assert_allclose(np.diag(taped), p * (1 - p), rtol=1e-14)
    for row in range(3):
        for column in {0, 1, 2} - {row}:
            assert taped[row, column] == pytest.approx(-p[row] * p[column], rel=1e-14)
    np.testing.assert_allclose(taped, probabilities.jacobian_on_paper(scores), atol=1e-15)


def test_the_heat_map_shows_the_jacobian(told: Told) -> None:
    picture = told("losses", "en").pictures[0]
    cells, words = picture.scene.panels[0].marks
    assert isinstance(cells, Raster) and isinstance(words, Tags)
    taped = probabilities.jacobian_of_softmax(np.array(probabilities.SCORES))
    np.testing.assert_allclose([_number(word) for word in words.words], taped[::-1].ravel(), rtol=5e-3)
    np.testing.assert_array_equal(cells.kind[::-1], (taped < 0).astype(int))


@pytest.mark.parametrize("kind", ["mse", "cross-entropy"])
def test_gradients_of_a_layer_agree_with_paper_and_with_differences(kind: str) -> None:
    taped, paper = flowers.by_tape(kind), flowers.on_paper(kind)
    assert taped.weights.shape == (4, 3) and taped.biases.shape == (3,)
    assert taped.loss == pytest.approx(paper.loss, rel=1e-14)
    np.testing.assert_allclose(taped.weights, paper.weights, atol=1e-14)
    np.testing.assert_allclose(taped.biases, paper.biases, atol=1e-14)
    np.testing.assert_allclose(taped.weights, _by_differences(kind), atol=1e-8)


def _by_differences(kind: str, width: float = 1e-5) -> np.ndarray:
    weights, biases = flowers.layer()
    slopes = np.zeros_like(weights)
    for place in np.ndindex(*weights.shape):
        push = np.zeros_like(weights)
        push[place] = width
        up, down = (_loss(kind, weights + sign * push, biases) for sign in (1, -1))
        slopes[place] = (up - down) / (2 * width)
    return slopes


def _loss(kind: str, weights: np.ndarray, biases: np.ndarray) -> float:
    powers = np.exp(flowers.FEATURES @ weights + biases)
    p = powers / powers.sum(1, keepdims=True)
    target = np.eye(3)[flowers.LABELS]
    return float(np.mean((p - target) ** 2) if kind == "mse" else -np.mean(np.log((p * target).sum(1))))


def test_the_table_holds_both_gradients(told: Told) -> None:
    (table,) = (table for table in _tables(told("losses", "en")) if table.rows[-1][0] == "b")
    shown = np.array([[_number(cell) for cell in row[1:]] for row in table.rows])
    for place, kind in enumerate(("mse", "cross-entropy")):
        found = flowers.by_tape(kind)
        part = shown[:, 3 * place : 3 * place + 3]
        np.testing.assert_allclose(part, np.vstack([found.weights, found.biases]), rtol=5e-3)


def test_the_code_of_the_layer_gives_the_same_losses(told: Told) -> None:
    names = _known(told("losses", "en"))
    assert float(names["mse"]) == pytest.approx(flowers.by_tape("mse").loss, rel=1e-6)  # type: ignore[arg-type]
    assert float(names["entropy"]) == pytest.approx(flowers.by_tape("cross-entropy").loss, rel=1e-6)  # type: ignore[arg-type]


def test_cross_entropy_comes_back_from_a_sure_and_wrong_guess_and_squares_do_not() -> None:
    runs = probabilities.sure_and_wrong()
    known = {kind: probabilities.probability(run) for kind, run in runs.items()}
    assert known["mse"][0] == known["cross-entropy"][0] == pytest.approx(1 / (np.exp(6) + 2), rel=1e-6)
    assert known["mse"][-1] < 0.02
    assert known["cross-entropy"][-1] > 0.98


def test_the_formulas_of_the_guess_are_the_two_losses() -> None:
    runs, scores = probabilities.sure_and_wrong(), np.array(list(probabilities.SURE.values()))
    p = probabilities.softmax(scores)
    assert runs["mse"].dataset["loss"].values[0, 0] == pytest.approx(np.mean((p - [0, 0, 1]) ** 2), rel=1e-5)
    assert runs["cross-entropy"].dataset["loss"].values[0, 0] == pytest.approx(-np.log(p[2]), rel=1e-5)
    gradient = runs["cross-entropy"].dataset["gradient"].values[0, 0]
    np.testing.assert_allclose(gradient, p - [0, 0, 1], atol=1e-6)


def test_the_chain_rule_through_one_layer_is_the_tape() -> None:
    slopes, taped = chain.one_slopes(), chain.one_by_tape()
    by_p = slopes["∂L/∂p"] * slopes["∂p/∂z"]
    assert by_p * slopes["∂z/∂w"] == pytest.approx(taped["w"], rel=1e-14)
    assert by_p * slopes["∂z/∂b"] == pytest.approx(taped["b"], rel=1e-14)
    assert chain.one_forward()["z"] == pytest.approx(1)


def test_the_chain_rule_through_several_layers_is_the_tape_and_ravines_gradient() -> None:
    _, gradient = chain.backward()
    taped = chain.by_tape()
    run = descend(chain.FORMULA, chain.SEVERAL, steps=1, learning_rate=chain.RATE, dtype="float64")
    found = dict(zip(run.names, run.dataset["gradient"].values[0, 0], strict=True))
    for name, slope in gradient.items():
        assert slope == pytest.approx(taped[name], rel=1e-13)
        assert slope == pytest.approx(found[name], rel=1e-9)
    assert run.dataset["loss"].values[0] == pytest.approx([chain.forward()["loss"], chain.stepped()["loss"]])


def test_each_step_back_multiplies(told: Told) -> None:
    (table,) = (table for table in _tables(told("losses", "en")) if table.rows[0][0] == "∂L/∂p")
    slopes, products = (np.array([_number(row[place]) for row in table.rows]) for place in (2, 3))
    np.testing.assert_allclose(np.cumprod(slopes), products, rtol=2e-3)


def test_the_prose_holds_the_losses_of_the_layer(told: Told) -> None:
    said = " ".join(block.text for block in told("losses", "en").blocks if isinstance(block, Paragraph))
    for kind in ("mse", "cross-entropy"):
        assert f"{flowers.on_paper(kind).loss:.4g}" in said
