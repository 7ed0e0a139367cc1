"""Parts: the rows of each set by themselves, with the short formula that holds there."""

import numpy as np
import pytest

import ravine as rv
from ravine.fitting import parameters
from ravine.fitting.parts import separate
from ravine.fitting.seeding import seeds
from ravine.fitting.several import several

_X = np.linspace(0, 5, 25)


def _table(rates=(0.6, 1.3, 2.2)):
    y = np.concatenate([(n + 1) * np.exp(-rate * _X) + 0.4 for n, rate in enumerate(rates)])
    return {"run": np.repeat(np.arange(1, len(rates) + 1), len(_X)), "x": np.tile(_X, len(rates)), "y": y}


def _problem(shared, **options):
    return several("y = a*exp(-k*x) + c", _table(), "run", shared, loss="sse", **options).problem


def test_each_set_is_a_part_with_the_formula_as_it_was_written():
    parts = separate(_problem(["c"]))
    assert [part.problem.title for part in parts] == [f"a_{n}*exp(-k_{n}*x) + c" for n in (1, 2, 3)]
    assert [part.own for part in parts] == [("a_1", "k_1"), ("a_2", "k_2"), ("a_3", "k_3")]
    assert [part.points.tolist() for part in parts] == [list(range(25 * n, 25 * n + 25)) for n in range(3)]


def test_a_part_predicts_what_the_whole_predicts_there(alike):
    problem = _problem(["k"])
    values = {name: 0.3 + 0.1 * place for place, name in enumerate(problem.names)}
    whole = problem.predict(values)
    for part in separate(problem):
        own = {name: values[name] for name in part.problem.names}
        alike(part.problem.predict(own), whole[part.points], 4)  # exp at the end of an array may be another code's


def test_a_column_that_happens_to_be_zero_or_one_tells_no_sets_apart():
    data = {"run": [1, 1, 2, 2], "a_column": [0, 1, 0, 1], "y": [1, 2, 3, 5]}
    problem = several("y = k*a_column + c", data, "run", ["c"], loss="sse").problem
    assert [part.points.tolist() for part in separate(problem)] == [[0, 1], [2, 3]]


def test_ties_join_parts_and_bounds_stay():
    problem = _problem(["c"], bounds={"a": (0, None)})
    left = parameters.read(problem, ties={"k_2": "2*k_1"}).problem
    parts = separate(left)
    assert [part.own for part in parts] == [("a_1", "a_2", "k_1"), ("a_3", "k_3")]
    assert parts[1].problem.bounds["a_3"] == (0, np.inf)


@pytest.mark.parametrize("formula", ["y = a*x + b", "y = a*x + b*run", "y = exp(a*run) + b*x"])
def test_what_is_all_of_a_piece_has_no_parts(formula):
    data = {"run": [0, 0, 1, 1], "x": [1.0, 2.0, 3.0, 4.0], "y": [1.0, 2.0, 3.0, 5.0]}
    assert separate(rv.Problem(formula, data)) == ()


@pytest.mark.parametrize("shared", [["k"], ["c"], ["a", "c"]])
def test_seeds_in_parts_begin_close_to_the_truth_however_many_parameters_there_are(shared):
    rates = (1.3,) * 12 if "k" in shared else tuple(np.linspace(0.5, 2.0, 12))
    data = _table(rates)
    if "a" in shared:
        data["y"] = np.concatenate([2 * np.exp(-rate * _X) + 0.4 for rate in rates])
    problem = several("y = a*exp(-k*x) + c", data, "run", shared, loss="sse").problem
    rows = seeds(problem, 8)
    assert rows.shape[1] == len(problem.names)
    total = ((problem.observed - problem.observed.mean()) ** 2).sum()
    assert problem.losses(rows[:1])[0] < 0.01 * total


def test_seeds_in_parts_keep_the_bounds():
    problem = _problem(["c"], bounds={"a": (0.5, 2.5), "k": (None, 2.0), "c": (0.0, 0.3)})
    rows = seeds(problem, 8)
    low, high = problem.limits()
    assert len(rows) and (rows >= low).all() and (rows <= high).all()
