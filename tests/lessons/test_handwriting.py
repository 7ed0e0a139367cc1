"""The outcomes that LESSONS.md states of TensorBoard, against the same training in NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ravine.lessons import Language, Story, contact_sheets, handwriting
from ravine.lessons.lesson import Code, Table
from ravine.view.scene import Raster, Tags

Told = Callable[[str, Language], Story]


def _trained_in_numpy() -> tuple[np.ndarray, np.ndarray]:
    """Return the loss of every mini-batch and the weights by gradient descent on softmax and cross-entropy."""
    images, labels = handwriting.digits()
    pixels, target = images.reshape(-1, 64)[:1500], np.eye(10)[labels[:1500]]
    weights, biases, losses = np.zeros((64, 10)), np.zeros(10), []
    for first in [*range(0, 1500, 60)] * 8:
        x, wanted = pixels[first : first + 60], target[first : first + 60]
        powers = np.exp(x @ weights + biases)
        p = powers / powers.sum(1, keepdims=True)
        losses.append(-np.log((p * wanted).sum(1)).mean())
        by_score = (p - wanted) / 60
        weights, biases = weights - 0.5 * x.T @ by_score, biases - 0.5 * by_score.sum(0)
    return np.array(losses), weights


def test_keras_takes_the_steps_that_numpy_takes() -> None:
    found, (losses, weights) = handwriting.trained(), _trained_in_numpy()
    np.testing.assert_allclose(found.loss, losses, atol=2e-4)
    np.testing.assert_allclose(found.weights, weights, atol=1e-3)
    assert found.loss[0] == pytest.approx(np.log(10), rel=1e-5)


def test_ink_in_the_middle_speaks_against_a_zero() -> None:
    weights = handwriting.trained().weights[:, 0].reshape(8, 8)
    assert weights[3:5, 3:5].max() < 0 < weights[3:5, 2].min()


def test_digits_it_has_never_seen_are_mostly_named_rightly() -> None:
    found = handwriting.trained()
    assert found.seen > 0.95
    assert found.unseen > 0.85


def test_the_folder_holds_the_loss_of_every_step_a_sample_a_grid_and_a_figure(told: Told) -> None:
    stated = {("scalar", "loss"): 200, ("image", "sample"): 1, ("image", "grid"): 1, ("image", "weights"): 1}
    assert handwriting.trained().rows == stated
    (table,) = (
        block for block in told("tensorboard", "en").blocks if isinstance(block, Table) and len(block.rows[0]) == 3
    )
    assert table.rows == tuple((tag, kind, str(count)) for (kind, tag), count in stated.items())


def test_the_folder_is_named_by_date_and_the_server_by_host_and_port(told: Told) -> None:
    story = told("tensorboard", "en")
    assert any(handwriting.DATED in block.text for block in story.blocks if isinstance(block, Code))
    (options,) = (block for block in story.blocks if isinstance(block, Table) and block.header[0] == "option")
    assert {row[0].split()[0] for row in options.rows} == {"--host", "--port"}


def test_the_grid_has_twenty_five_images_with_their_labels(told: Told) -> None:
    grid = next(picture for picture in told("tensorboard", "en").pictures if picture.name == "grid")
    cells, names = grid.scene.panels[0].marks
    assert isinstance(cells, Raster) and isinstance(names, Tags)
    images, labels = handwriting.digits()
    assert names.words == tuple(str(label) for label in labels[:25])
    np.testing.assert_array_equal(cells.kind[::-1][2:10, :8], images[0] * 16)
    assert cells.kind.shape == (50, 44)


def test_weights_above_zero_are_blue_and_those_below_are_orange() -> None:
    (cells,) = contact_sheets.signed(np.array([[1.0], [-1.0], [0.0], [0.5]])).marks
    assert isinstance(cells, Raster)
    top, bottom = cells.rgb[::-1][2:].astype(int)
    assert top[0, 2] > top[0, 0] and top[1, 0] > top[1, 2]
    assert bottom[0].tolist() == [255, 255, 255]
    assert top[0].sum() < bottom[1].sum() < 765
