"""The answers to the exercises, each against another way to find it."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from ravine.lessons import Language, Story, handwriting
from ravine.lessons.data import data_of, five_points

Told = Callable[[str, Language], Story]


def _numbers(story: Story, place: int) -> list[float]:
    """Return the numbers of an answer, in order."""
    found = re.findall(r"−?\d+(?:\.\d+)?(?:e[+−]\d+)?", story.exercises[place].answer)
    return [float(number.replace("−", "-")) for number in found]


def _holds(story: Story, place: int, *expected: float, rel: float = 1e-3) -> None:
    """Assert that an answer contains these numbers."""
    found = np.array(_numbers(story, place))
    for value in expected:
        assert np.isclose(found, value, rtol=rel, atol=1e-9).any(), (value, story.exercises[place].answer)


def _steps_of_plain_descent(curvature: np.ndarray, rate: float, first: np.ndarray, near: float) -> np.ndarray:
    """Return after how many steps |first|·|1 − rate·curvature|ᵏ stays within ``near``, by direction."""
    return np.ceil(np.log(near / np.abs(first)) / np.log(np.abs(1 - rate * curvature)))


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


def test_tape(told: Told, language: Language) -> None:
    story = told("tape", language)
    _holds(story, 0, 3**2 + 2)
    assert story.exercises[1].answer.startswith("None")
    _holds(story, 2, -6 / np.sqrt(52), 4 / np.sqrt(52), 0)


def test_parabola(told: Told, language: Language) -> None:
    story = told("parabola", language)
    _holds(story, 0, 2 * (60 - 50))
    _holds(story, 1, 1 / 2, 50)
    assert "3, 97, 3, 97, 3" in story.exercises[2].answer


def test_line(told: Told, language: Language) -> None:
    story, data = told("line", language), data_of("y = a*x + b")
    slope, height = np.polyfit(data["x"], data["y"], 1)
    assert _numbers(story, 0).count(pytest.approx(height, abs=1e-4)) == 2
    along = (4 - height) ** 2 * 1.1**40
    _holds(story, 1, -1.1, 1.1**20, rel=2e-3)
    _holds(story, 1, (4 - height) ** 2, along, rel=5e-3)
    curved = np.array([2 * np.mean(data["x"] ** 2), 2.0])
    steps = _steps_of_plain_descent(curved, 0.1, np.array([5 - slope, 4 - height]), 0.01)
    _holds(story, 2, *steps, rel=0)


def test_cubic(told: Told, language: Language) -> None:
    story, x = told("cubic", language), data_of("y = a*x + b")["x"]
    largest = 2 * np.mean(x**4)
    _holds(story, 0, 1 - 5 * largest)
    smallest = 2 * np.linalg.eigvalsh(np.array([[np.mean(x**8), np.mean(x**6)], [np.mean(x**6), np.mean(x**4)]]))[0]
    _holds(story, 1, smallest, 2 * np.mean(x**6))
    steps = _numbers(story, 1)
    assert steps[0] > 10 * steps[2 if language == "en" else 1 + (steps[1] == 0.01)]


def test_five_points(told: Told, language: Language) -> None:
    story = told("five-points", language)
    data, start = five_points()
    matrix = np.stack([data["one"], data["x"]], 1)
    theta = np.array(list(start.values()))
    _holds(story, 0, *(-0.004 * matrix.T @ (matrix @ theta - data["y"])))
    _holds(story, 1, *np.linalg.lstsq(matrix, data["y"])[0])
    fast = _plain_steps(matrix / [1, 10], data["y"], theta, 0.2)
    _holds(story, 2, fast, _plain_steps(matrix, data["y"], theta, 0.002), rel=0)
    assert fast < 20


def _plain_steps(matrix: np.ndarray, observed: np.ndarray, theta: np.ndarray, rate: float) -> int:
    """Return from which step on gradient descent stays within 0.01 of least squares, in NumPy."""
    exact, late = np.linalg.lstsq(matrix, observed)[0], 0
    for step in range(1001):
        late = step + 1 if np.abs(theta - exact).max() > 0.01 else late
        theta = theta - rate * matrix.T @ (matrix @ theta - observed)
    return late


def test_two_layer(told: Told, language: Language) -> None:
    story, data = told("two-layer", language), data_of("y = sin(b*cos(a*x))")
    a, b = _numbers(story, 0)[:2]
    assert (a, b) == pytest.approx((-1.2, 2.5), abs=0.02)
    inner, outer = (number for number in _numbers(story, 1)[:2])
    assert inner == 0
    assert np.sin(outer) == pytest.approx(data["y"].mean(), abs=1e-3)  # the best constant
    pushed = _numbers(story, 1)[-3 if language == "en" else -2]
    assert pushed > 0.1


def test_activations(told: Told, language: Language) -> None:
    story = told("activations", language)
    _holds(story, 0, 0.5, 0, 0.25)
    _holds(story, 1, np.arctanh(np.sqrt(0.99)), 0.01)
    assert _numbers(story, 2).count(pytest.approx(1 / (1 + np.exp(-2)), abs=1e-4)) == 2


def test_losses(told: Told, language: Language) -> None:
    story = told("losses", language)
    p = np.exp([2, 1, -1]) / np.exp([2, 1, -1]).sum()
    _holds(story, 0, *p)
    assert max(abs(number) for number in _numbers(story, 1)) < 1.1  # 0, 1 and rounding
    before, after = _numbers(story, 2)
    assert after < before


def test_tensorboard(told: Told, language: Language) -> None:
    story = told("tensorboard", language)
    _holds(story, 0, np.log(10), np.log(2))
    _holds(story, 1, 650, 28 * 28 * 10 + 10, rel=0)
    x, y = (handwriting.middle()[name] for name in ("x", "y"))
    edge = _numbers(story, 2)[-1]
    assert np.mean((x > edge) == (y > 0.5)) == handwriting.told_rightly(handwriting.told_apart()) > 0.95
