"""Several optimizers and learning rates, as a user gives them."""

import numpy as np
import pytest

import ravine as rv
from ravine import contenders
from ravine.engine import keras


def test_names_stay_as_the_user_wrote_them():
    found = contenders.resolve("race", ["momentum", "sgd(momentum=0.5)", "L-BFGS-B"])
    assert [each.name for each in found] == ["momentum", "sgd(momentum=0.5)", "l-bfgs-b"]


def test_one_optimizer_needs_no_list():
    assert [each.name for each in contenders.resolve("race", "adam")] == ["adam"]
    assert [each.name for each in contenders.resolve("race", keras().optimizers.Adam(0.5))] == ["adam"]


def test_different_settings_of_one_optimizer_get_numbers():
    sgd = keras().optimizers.SGD
    found = contenders.resolve("race", [sgd(0.1), sgd(0.1, momentum=0.9), sgd(0.2)])
    assert [each.name for each in found] == ["sgd", "sgd (2)", "sgd (3)"]


@pytest.mark.parametrize("given", [["sgd", "sgd"], ["momentum", "sgd(momentum=0.9)"], ["bfgs", "BFGS"]])
def test_the_same_optimizer_twice_is_refused(given, refuses):
    with refuses(rv.ProblemError, "sweep: expected different optimizers", "twice"):
        contenders.resolve("sweep", given)


def test_an_empty_list_is_refused(refuses):
    with refuses(rv.ProblemError, "race: expected at least one optimizer, such as 'sgd', got an empty list."):
        contenders.resolve("race", [])


def test_an_unknown_optimizer_gets_the_nearest_name():
    with pytest.raises(rv.ProblemError, match=r"got 'adm'\. Did you mean 'adam'"):
        contenders.resolve("race", ["sgd", "adm"])


def test_a_schedule_is_refused(refuses):
    schedule = keras().optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    with refuses(rv.ProblemError, "'sgd' brings a schedule, but constant learning rates are tried here."):
        contenders.resolve("race", keras().optimizers.SGD(schedule))


def test_rates_come_sorted_and_one_needs_no_list():
    assert contenders.rates("sweep", (3, 0.5)).tolist() == [0.5, 3]
    assert contenders.rates("sweep", np.array([2.0, 1.0])).tolist() == [1, 2]
    assert contenders.rates("sweep", 0.5).tolist() == [0.5]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "expected at least one learning rate, such as [0.01, 0.1, 1], got none."),
        ([0.1, -1], "expected learning rates above 0, got -1."),
        ([0.0, 0.1], "expected learning rates above 0, got 0."),
        ([0.1, np.nan], "expected learning rates above 0, got nan."),
        ([0.1, np.inf], "expected learning rates above 0, got inf."),
        ([0.1, 0.2, 0.1], "expected different learning rates, got 0.1 twice."),
        (["fast"], "expected learning rates, such as [0.01, 0.1, 1], got ['fast']."),
        ("0.1:1", "expected learning rates, such as [0.01, 0.1, 1], got '0.1:1'."),
        (None, "expected learning rates, such as [0.01, 0.1, 1], got None."),
        ([[0.1, 0.2]], "expected learning rates, such as [0.01, 0.1, 1], got [[0.1, 0.2]]."),
    ],
)
def test_wrong_rates_are_refused(given, said, refuses):
    with refuses(rv.ProblemError, f"sweep: {said}"):
        contenders.rates("sweep", given)
