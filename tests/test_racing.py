"""Races: on (x − 2)² plain descent with the rate α leaves (1 − 2α)² of the loss a step."""

import signal

import numpy as np
import pytest

import ravine as rv
from ravine import racing
from ravine.engine import keras

_PARABOLA = "(x - 2)**2"


@pytest.fixture(scope="module")
def found():
    """Return a race of three on the parabola."""
    return rv.race(_PARABOLA, {"x": 6}, ["sgd", "bfgs", "sgd(learning_rate=0.5)"], rates=[0.25, 0.4, 1.5], steps=40)


def _rows(race):
    return {(row["optimizer"], row["tuning"]): row for row in race.results()}


# -- the search


def test_everybody_tries_equally_many_rates_and_its_own(found):
    assert found["sgd"].trials["rate"].values.tolist() == [0.01, 0.25, 0.4, 1.5]
    assert found["sgd(learning_rate=0.5)"].trials["rate"].values.tolist() == [0.25, 0.4, 0.5, 1.5]
    assert found["bfgs"].trials is None
    assert found.settings["rates"] == [0.25, 0.4, 1.5]


def test_the_best_rate_is_the_lowest_and_the_quickest(found):
    assert list(_rows(found)) == [
        ("sgd", "best"),
        ("sgd", "default"),
        ("bfgs", "none"),
        ("sgd(learning_rate=0.5)", "best and default"),
    ]
    assert _rows(found)["sgd", "best"]["learning_rate"] == 0.4


def test_trials_end_where_a_descent_with_that_rate_ends(found):
    """Trials run in a tile, another program. Rounding at x = 2, 4e-16, is 1e-9 of the last way to it, 5e-7.

    Slopes pass 1e-6, and losses their limit, by 5 % or more: rounding can't change the step at which that happens.
    """
    run = rv.descend(_PARABOLA, {"x": 6}, learning_rate=[0.01, 0.25, 0.4, 1.5], steps=40, dtype="float64")
    trials = found["sgd"].trials
    np.testing.assert_allclose(trials["loss"].values[:, 0], run.dataset["loss"].values[:, -1], rtol=1e-8)
    assert trials["steps_taken"].values[:, 0].tolist() == run.dataset["steps_taken"].values.tolist()
    assert trials["status"].values[:, 0].tolist() == [str(status) for status in run.statuses]


def test_the_budget_is_fifteen_rates_from_a_ten_thousandth_to_ten():
    race = rv.race(_PARABOLA, {"x": 6}, "sgd", steps=20)
    assert race.settings["rates"] == pytest.approx(np.geomspace(1e-4, 10, 15))
    assert race.search == "of 15 rates from 0.0001 to 10 and the default"
    assert rv.race(_PARABOLA, {"x": 6}, "sgd", steps=20, budget=1).settings["rates"] == pytest.approx([10**-1.5])


def test_a_rate_that_diverges_below_every_bound_is_not_the_best():
    race = rv.race("x**3 - 3*x", {"x": 0.5}, "sgd", rates=[0.1, 1e3], steps=30)
    assert _rows(race)["sgd", "best"]["learning_rate"] == 0.1


# -- what it took


def test_arrival_is_where_a_millionth_of_the_way_is_left_for_good(found):
    # 0.2^(2k) ≤ 1e-6 from the fifth step on; the way is measured from 16 down to 0
    row = _rows(found)["sgd", "best"]
    assert (row["steps"], row["evaluations"], row["arrived"]) == (5, 5, 1)
    assert found.tolerance == pytest.approx([16e-6])
    assert np.isnan(_rows(found)["sgd", "default"]["steps"])
    assert _rows(found)["sgd(learning_rate=0.5)", "best and default"]["steps"] == 1


def test_who_passes_by_has_not_arrived():
    # With momentum it swings through the minimum several times before it settles.
    race = rv.race(_PARABOLA, {"x": 6}, ["momentum"], rates=[0.01, 0.1], steps=300)
    run = race["momentum"].best
    inside = race.excess(run)[0] <= race.tolerance[0]
    arrival = race.arrival(run)[0]
    assert not inside[arrival - 1]
    assert inside[arrival:].all()
    assert inside[:arrival].any()


def test_evaluations_of_scipys_methods_are_those_they_asked_for(found):
    run = found["bfgs"].default
    asked = found.evaluations(run)[0]
    assert asked[0] == 0
    assert asked.tolist() == run.dataset["gradient_evaluations"].values[0].tolist()
    simplex = rv.race(_PARABOLA, {"x": 6}, "nelder-mead", steps=60)
    run = simplex["nelder-mead"].default
    assert run.dataset["gradient_evaluations"].values.max() == 0
    assert simplex.evaluations(run).max() == run.dataset["loss_evaluations"].values.max() > 0


def test_kerass_optimizers_ask_once_a_step(found):
    run = found["sgd"].default
    assert found.evaluations(run)[0].tolist() == list(range(41))


def test_time_is_spread_over_the_evaluations(found):
    for run in found.runs:
        seconds = found.seconds(run)
        assert seconds[0, 0] == 0
        assert seconds.max() == pytest.approx(run.settings["seconds"])
        assert (np.diff(seconds[0]) >= 0).all()


def test_the_lowest_is_that_from_each_start():
    # From 0.5 all end in the minimum at 1, from −0.5 in that at −1, which lies lower.
    race = rv.race("(x**2 - 1)**2 + 0.1*x", [{"x": 0.5}, {"x": -0.5}], ["sgd", "bfgs"], rates=[0.1], steps=300)
    assert race.lowest[0] > 0.09
    assert race.lowest[1] < -0.09
    assert all(row["arrived"] == 2 for row in race.results() if row["tuning"] != "default")


def test_where_everybody_fails_nothing_is_lowest():
    race = rv.race("log(x)", {"x": -1}, ["sgd"], rates=[0.1], steps=5)
    assert np.isnan(race.lowest).all()
    assert [row["arrived"] for row in race.results()] == [0] * len(race.runs)


# -- the noun


def test_the_table_says_who_took_what(found):
    lines = str(found).splitlines()
    assert lines[0] == "3 optimizers, 1 start, at most 40 steps."
    assert lines[2] == "Best: of 3 rates from 0.25 to 1.5 and the default; by final loss, of equal ones the quickest."
    header, *rows = found.table()
    assert header == ["optimizer", "tuning", "rate", "loss", "steps", "evaluations", "ms", "status"]
    assert [row[:3] for row in rows[:2]] == [["sgd", "best", "0.4"], ["sgd", "default", "0.01"]]
    assert rows[1][4:7] == ["–", "–", "–"]
    assert rows[2][2] == "–"
    assert "<td>bfgs</td>" in found._repr_html_()


def test_with_several_starts_the_table_counts_who_arrived():
    race = rv.race(_PARABOLA, [{"x": 6}, {"x": 2.5}, {"x": -1}], ["sgd"], rates=[0.3], steps=30)
    header, best, default = race.table()
    assert header[4] == "arrived"
    assert best[4] == "3 of 3"
    assert default[-1] == "3 ran out"
    assert "Medians over the starts." in str(race)


def test_results_become_a_data_frame(found):
    frame = found.to_dataframe()
    assert frame["optimizer"].tolist() == ["sgd", "sgd", "bfgs", "sgd(learning_rate=0.5)"]
    assert frame["status"].tolist()[0] == "converged"


def test_an_unknown_optimizer_is_refused(found, refuses):
    with refuses(rv.ProblemError, "got 'bfg'. Did you mean 'bfgs'?"):
        found["bfg"]


def test_what_is_saved_comes_back(found, tmp_path):
    again = rv.load(rv.save(found, tmp_path / "race.nc"))
    assert isinstance(again, rv.Race)
    assert repr(again) == repr(found)
    for name in found.names:
        assert again[name].best.dataset.equals(found[name].best.dataset)
        assert (again[name].best is again[name].default) == (found[name].best is found[name].default)
        assert again[name].has_rate == found[name].has_rate


def test_a_file_that_lost_a_column_is_refused(line, tmp_path, refuses):
    import h5py

    path = rv.save(rv.race(line, {"a": 1, "b": 1}, "lm"), tmp_path / "race.nc")
    with h5py.File(path, "a") as file:
        del file["data/column_0"]
    with refuses(rv.StoreError, "damaged", "Save the race again."):
        rv.load(path)


# -- interruptions and refusals


def test_ctrl_c_keeps_those_who_are_done(monkeypatch):
    descend = racing.descend

    def interrupted(problem, start, optimizer, **more):
        if optimizer == "adam":
            signal.raise_signal(signal.SIGINT)
        return descend(problem, start, optimizer, **more)

    monkeypatch.setattr(racing, "descend", interrupted)
    race = rv.race(_PARABOLA, {"x": 6}, ["sgd", "adam", "bfgs"], budget=2)
    assert race.names == ("sgd",)
    assert [note.text for note in race.warnings] == ["Stopped before the end: adam, bfgs had no turn."]
    with pytest.raises(KeyboardInterrupt):
        rv.race(_PARABOLA, {"x": 6}, ["adam"])


def test_ctrl_c_during_a_descent_ends_the_race_too(monkeypatch):
    descend = racing.descend

    def broken_off(problem, start, optimizer, **more):
        stopping = optimizer == "adam"
        return descend(problem, start, optimizer, callback=(lambda _: True) if stopping else None, **more)

    monkeypatch.setattr(racing, "descend", broken_off)
    assert rv.race(_PARABOLA, {"x": 6}, ["sgd", "adam"], budget=2).names == ("sgd",)


@pytest.mark.parametrize("budget", [0, -3, 2.5, True, "all"])
def test_a_wrong_budget_is_refused(budget, refuses):
    with refuses(rv.ProblemError, "race: expected a budget from 1 to 10,000 learning rates"):
        rv.race(_PARABOLA, {"x": 6}, budget=budget)


def test_budget_and_rates_are_refused_together(refuses):
    with refuses(rv.ProblemError, "race: expected either rates or budget"):
        rv.race(_PARABOLA, {"x": 6}, budget=3, rates=[0.1])


@pytest.mark.parametrize("rates", [[], [-1], [np.nan], [0.1, 0.1]])
def test_wrong_rates_are_refused(rates, refuses):
    with refuses(rv.ProblemError, "race: expected"):
        rv.race(_PARABOLA, {"x": 6}, rates=rates)


def test_an_empty_field_and_a_schedule_are_refused(refuses):
    with refuses(rv.ProblemError, "got an empty list"):
        rv.race(_PARABOLA, {"x": 6}, [])
    schedule = keras().optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    with refuses(rv.ProblemError, "brings a schedule"):
        rv.race(_PARABOLA, {"x": 6}, [keras().optimizers.SGD(schedule)])


def test_least_squares_without_a_table_is_refused(refuses):
    with refuses(rv.ProblemError, "'lm' makes a sum of squared residuals small, got no table."):
        rv.race(_PARABOLA, {"x": 6}, ["lm"])
