"""Handwriting: scikit-learn's digits, and a softmax classifier that Keras trains on them, every step logged."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ravine import engine
from ravine.bridge import summaries
from ravine.bridge.events import event_files, read_events
from ravine.bridge.live import TensorBoardLog
from ravine.loop import descend
from ravine.problem import Problem
from ravine.run import Run

SEEN = 1500
BATCH = 60
EPOCHS = 8
RATE = 0.5
CLASSES = 10
SIDE = 8
GRID = 5
DATED = "%Y-%m-%d_%H-%M-%S"

TELLING = "y = sigmoid(a*x + b)"
LOSS = "binary_crossentropy"
START = {"a": 0, "b": 0}
TELLING_RATE, TELLING_STEPS = 1.0, 200


@dataclass(frozen=True, eq=False)
class Training:
    """What became of the classifier.

    Parameters
    ----------
    loss
        Of the batch at every step, before its update, [step].
    weights
        After the last step, [pixel, class].
    seen, unseen
        Shares of the images that are named rightly: those trained on, and the others.
    rows
        How many values each tag in the log folder has, by kind and tag.
    """

    loss: np.ndarray
    weights: np.ndarray
    seen: float
    unseen: float
    rows: Mapping[tuple[str, str], int]


@functools.cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the images from 0, paper, to 1, ink, [image, y, x], and what each shows, [image]."""
    from sklearn.datasets import load_digits

    found: Any = load_digits()
    return found.images / 16, found.target


@functools.cache
def trained() -> Training:
    """Train the classifier and log it into a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        with TensorBoardLog(folder) as log:
            losses, model = _fitted(lambda step, loss: log.scalars({"loss": loss}, step))
            _log_pictures(log, model)
        rows = logged(Path(folder))
    weights = np.asarray(model.get_weights()[0], float)
    seen, unseen = (_share(model, part) for part in (slice(SEEN), slice(SEEN, None)))
    return Training(np.array(losses), weights, seen, unseen, rows)


def logged(folder: Path) -> dict[tuple[str, str], int]:
    """Return how many values are in the event files of a folder, by kind and tag."""
    rows: dict[tuple[str, str], int] = {}
    for path in event_files(folder):
        for event in read_events(path):
            for value in event.summary.value:
                kind = "image" if summaries.value_of(value) is None else "scalar"
                rows[kind, value.tag] = rows.get((kind, value.tag), 0) + 1
    return rows


def middle() -> dict[str, np.ndarray]:
    """Return how dark the middle of every 0 and 1 is, column ``x``, and whether it is a 1, column ``y``."""
    images, labels = digits()
    two = labels < 2
    return {"x": images[two][:, 3:5, 3:5].mean((1, 2)), "y": labels[two].astype(float)}


@functools.cache
def told_apart() -> Run:
    """Return the descent that learns to tell 0 from 1 by the middle alone."""
    return descend(Problem(TELLING, middle(), loss=LOSS), START, "sgd", learning_rate=TELLING_RATE, steps=TELLING_STEPS)


def told_rightly(run: Run) -> float:
    """Return the share of zeros and ones that the end of a descent names rightly."""
    data = middle()
    return float(((run.params["a"] * data["x"] + run.params["b"] > 0) == (data["y"] > 0.5)).mean())


def _fitted(write: Callable[[int, float], None]) -> tuple[list[float], Any]:
    """Return the loss of every step and the model."""
    keras = engine.keras()
    losses: list[float] = []

    class Steps(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            self.model.reset_metrics()  # Keras would tell the mean since the epoch began

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            write(len(losses), logs["loss"])
            losses.append(logs["loss"])

    layer = keras.layers.Dense(CLASSES, activation="softmax", kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((SIDE * SIDE,)), layer])
    model.compile(keras.optimizers.SGD(RATE), "sparse_categorical_crossentropy", jit_compile=False)
    pixels, labels = _flat(slice(SEEN))
    model.fit(pixels, labels, batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0, callbacks=[Steps()])
    return losses, model


def _log_pictures(log: TensorBoardLog, model: Any) -> None:
    from ravine.lessons import contact_sheets
    from ravine.view.scene import Scene

    images, _ = digits()
    log.picture("sample", images[0])
    log.grid("grid", images[: GRID * GRID], columns=GRID)
    log.picture("weights", Scene("", (contact_sheets.signed(model.get_weights()[0]),)))


def _flat(part: slice) -> tuple[np.ndarray, np.ndarray]:
    images, labels = digits()
    return images[part].reshape(-1, SIDE * SIDE).astype("float32"), labels[part]


def _share(model: Any, part: slice) -> float:
    pixels, labels = _flat(part)
    weights, biases = model.get_weights()
    return float(((pixels @ weights + biases).argmax(1) == labels).mean())
