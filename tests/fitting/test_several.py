"""Several data sets: shared parameters are one, the others are each set's own."""

import numpy as np
import pytest

import ravine as rv
from ravine.fitting.several import several

_FORMULA = "y = a*exp(-k*x) + c"


def _table(labels=("cold", "warm", "hot")):
    x = np.linspace(0, 5, 25)
    random = np.random.default_rng(0)
    rows = [(label, x, (n + 1) * np.exp(-1.3 * x) + 0.4) for n, label in enumerate(labels)]
    y = np.concatenate([y for *_, y in rows])
    return {
        "run": np.repeat(np.array(labels, object), len(x)),
        "x": np.tile(x, len(labels)),
        "y": y + 0.02 * random.standard_normal(len(y)),
    }


def test_shared_parameters_are_found_over_all_sets_together():
    found = several(_FORMULA, _table(), "run", ["k", "c"])
    fit = rv.fit(found.problem, starts=16)
    assert set(fit.values) == {"a_cold", "a_hot", "a_warm", "k", "c"}
    assert fit.values == pytest.approx({"a_cold": 1, "a_warm": 2, "a_hot": 3, "k": 1.3, "c": 0.4}, abs=0.05)


def test_without_shared_parameters_every_set_is_as_fitted_alone():
    data = _table(("A", "B"))
    found = several(_FORMULA, data, "run")
    fit = rv.fit(found.problem, found.start(lambda problem: rv.fit(problem, starts=16).values), starts=1)
    for number, label in enumerate(found.sets):
        rows = data["run"] == label
        alone = rv.fit(_FORMULA, {"x": data["x"][rows], "y": data["y"][rows]}, starts=16)
        assert found.of_set(fit.values, number) == pytest.approx(alone.values, rel=1e-6)


def test_sharing_all_is_one_plain_fit():
    assert several(_FORMULA, _table(), "run", ["a", "k", "c"]).problem.title == "y = a*exp(-k*x) + c"


@pytest.mark.parametrize("kind", ["dict", "frame", "file"])
def test_sets_are_told_by_text_from_any_source(kind, tmp_path):
    import pandas as pd

    frame = pd.DataFrame(_table())
    frame.to_csv(tmp_path / "runs.csv", index=False)
    source = {"dict": _table(), "frame": frame, "file": tmp_path / "runs.csv"}[kind]
    found = several(_FORMULA, source, "run", ["k", "c"])
    assert found.sets == ("cold", "hot", "warm")
    assert [len(rows) for rows in found.rows] == [25, 25, 25]


def test_numbers_become_names():
    found = several("y = a*x", {"s": [-1, -1, 2.5, 2.5], "x": [1, 2, 1, 2], "y": [1, 2, 3, 6]}, "s")
    assert found.problem.title == "y = (a_minus_1*s_minus_1 + a_2_5*s_2_5)*x"
    assert rv.fit(found.problem).values == pytest.approx({"a_minus_1": 1, "a_2_5": 3})


def test_names_that_are_taken_are_not_taken_again():
    data = {"s": [1, 1, 2, 2], "s_1": [1, 2, 1, 2], "x": [1, 2, 1, 2], "y": [1, 2, 3, 6]}
    found = several("y = a*x + a_1*s_1", data, "s", ["a_1"])
    assert found.copies == {"a": ("a_1_", "a_2")}
    assert "s_1_" in found.problem.variables


def test_labels_alike_as_names_stay_apart():
    data = {"s": ["a b", "a b", "a-b", "a-b"], "x": [1, 2, 1, 2], "y": [1, 2, 3, 6]}
    assert len(set(several("y = k*x", data, "s").copies["k"])) == 2


def test_bounds_go_to_every_copy_and_one_copy_can_have_its_own():
    found = several(_FORMULA, _table(), "run", ["k", "c"], bounds={"a": (0, None), "a_hot": (0, 2), "k": (1, 2)})
    assert found.problem.bounds == {
        "a_cold": (0, np.inf), "a_hot": (0, 2), "a_warm": (0, np.inf), "k": (1, 2),
    }  # fmt: skip


def test_rows_left_out_stay_out_of_their_set():
    data = _table()
    data["y"][3] = np.nan
    found = several(_FORMULA, data, "run", ["k"], nan_policy="omit")
    assert [len(rows) for rows in found.rows] == [24, 25, 25]
    assert found.alone.at_points(found.rows[0]).points == 24


def test_sigma_weights_all_sets():
    data = {**_table(), "dy": np.full(75, 0.02)}
    assert several(_FORMULA, data, "run", ["k"], sigma="dy").problem.sigma.shape == (75,)


def test_wrong_words_are_refused(refuses):
    data = _table()
    with refuses(rv.ProblemError, "shared", "'kk'"):
        several(_FORMULA, data, "run", ["kk"])
    with refuses(rv.DataError, "'rum'", "run"):
        several(_FORMULA, data, "rum")
    with refuses(rv.ProblemError, "2 to 60", "'x'"):
        several("y = a*x", {"x": np.arange(99.0), "y": np.arange(99.0)}, "x")
    with refuses(rv.DataError, "row 1", "'run'"):
        several("y = a*x", {"run": ["p", "", "q"], "x": [1, 2, 3], "y": [1, 2, 3]}, "run")
    with refuses(rv.DataError, "text"):
        several(_FORMULA, rv.read_table(data), "run")
