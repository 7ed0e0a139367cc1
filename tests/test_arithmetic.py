"""The optimizers' lines: known by hand, and the ledger that keeps their state."""

import numpy as np
import pytest

from ravine.arithmetic import is_known, rule
from ravine.ledger import Ledger, tree, written

ADAM = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}


def update(ledger, params, gradient, rate):
    """Return the lines of one update by symbol, the last of each."""
    entries = ledger.update(np.array([params]), np.array([gradient]), rate)
    return {entry.line.symbol: float(np.ravel(entry.value)[0]) for entry in entries}


def test_adam_begins_with_a_step_of_the_learning_rate_whatever_the_gradient():
    """With both moments corrected, m̂ = g and v̂ = g², so the first step is α·g/|g|."""
    for gradient in (-94.0, 1e-3):
        found = update(Ledger("Adam", ADAM, [()], "float64"), 3.0, gradient, 0.5)
        assert found["theta"] == pytest.approx(3.0 - 0.5 * np.sign(gradient), abs=3e-3)


def test_momentum_adds_up_to_ten_times_the_step():
    """Of a constant gradient the velocity is a geometric series, Σ0.9ᵏ = 10."""
    ledger = Ledger("SGD", {"momentum": 0.9}, [()], "float64")
    for _ in range(300):
        found = update(ledger, 0.0, 1.0, 0.1)
    assert found["m"] == pytest.approx(-1.0, rel=1e-6)
    assert ledger.state()["momentum"].tolist() == [found["m"]]


def test_lion_moves_by_the_learning_rate_against_the_sign():
    found = update(Ledger("Lion", {"beta_1": 0.9, "beta_2": 0.99}, [()], "float64"), 1.0, 1e-6, 0.25)
    assert found["theta"] == 0.75


def test_gradients_are_collected_before_an_update():
    ledger = Ledger("SGD", {"gradient_accumulation_steps": 2}, [()], "float64")
    assert "theta" not in update(ledger, 1.0, 2.0, 0.1)
    assert update(ledger, 1.0, 4.0, 0.1)["theta"] == pytest.approx(0.7)


def test_bounds_pull_back():
    ledger = Ledger("SGD", {}, [()], "float64", (np.array([0.0]), np.array([np.inf])))
    assert update(ledger, 0.1, 1.0, 1.0)["theta"] == 0.0


@pytest.mark.parametrize("kind", ["SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "AdamW", "Nadam", "Adamax", "Lion"])
def test_every_line_reads_as_a_formula_and_speaks_two_languages(kind):
    config = {"momentum": 0.9, "nesterov": True, "centered": True, "amsgrad": True}
    assert is_known(kind)
    for line in (*rule(kind, config), *rule(kind, {})):
        assert str(tree(line.text))
        assert line.en and any(ord(character) > 0x2E80 for character in line.zh)


def test_an_unknown_optimizer_is_not_guessed():
    assert not is_known("Lamb")


def test_lines_show_their_numbers():
    ledger = Ledger("SGD", {}, [(), ()], "float32")
    (entry,) = ledger.update(np.array([3.0, -1.5]), np.array([-94.0, 2.0]), 0.25)
    assert entry.formula == "θ ← θ − g·α"
    assert entry.with_numbers(0) == "3 − (−94)·0.25 = 26.5"
    assert entry.with_numbers(1) == "−1.5 − 2·0.25 = −2"


def test_numbers_are_written_shortly():
    assert [written(value) for value in (0.1, -94.0, 1e-7, 1 / 3)] == ["0.1", "−94", "1e−7", "0.3333333333"]
