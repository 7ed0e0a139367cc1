"""The picture of a race, from runs whose numbers are known in closed form."""

import dataclasses

import numpy as np
import pytest
import xarray as xr

from ravine.errors import ProblemError
from ravine.problem import Problem
from ravine.raced import Entrant, Race
from ravine.surface import survey
from ravine.view import plots
from ravine.view.drawing import draw
from ravine.view.scene import Dots, Field, Line

_STEPS = 40
_SETTINGS = {"rates": [0.05, 0.1, 0.3], "steps": _STEPS, "dtype": "float64"}


def _timed(run, seconds):
    return dataclasses.replace(run, settings={**run.settings, "seconds": seconds})


def _trials(loss):
    loss = np.array(loss, float)
    dims = ("rate", "start")
    status = np.where(np.isfinite(loss), "ran_out", "diverged")
    return xr.Dataset(
        {"loss": (dims, loss), "status": (dims, status), "steps_taken": (dims, np.full(loss.shape, _STEPS))},
        coords={"rate": _SETTINGS["rates"]},
    )


def _race(descend, problem, starts):
    """Return a race of three: one better tuned than its default, one best at its default, one without a rate."""
    slow, fast, other = (descend(problem, starts, rate, _STEPS) for rate in (0.05, 0.3, 0.1))
    loss = [[run.dataset["loss"].values[start, -1] for start in range(len(starts))] for run in (slow, other, fast)]
    loss[1] = [np.inf] * len(starts)
    entrants = (
        Entrant("sgd", _timed(slow, 0.002), _timed(fast, 0.001), _trials(loss)),
        Entrant("adam", tuned := _timed(other, 0.004), tuned, _trials(loss[::-1])),
        Entrant("bfgs", only := _timed(descend(problem, starts, 0.4, 10), 0.02), only),
    )
    return Race(problem, entrants, _SETTINGS)


@pytest.fixture
def two(descend, line):
    return _race(descend, line, [(5, 4)])


def _lines(panel, **wanted):
    return [
        mark
        for mark in panel.marks
        if isinstance(mark, Line) and all(getattr(mark, key) == value for key, value in wanted.items())
    ]


def _panel(scene, title):
    return next(panel for panel in scene.panels if panel.title == title)


def test_every_panel_is_there_and_the_subtitle_states_the_budget(two):
    scene = plots.race(two)
    titles = [panel.title for panel in scene.panels]
    assert titles == [
        "Ways down", "Loss over steps", "Loss over evaluations", "Loss over time", "Learning rates tried", " ",
    ]  # fmt: skip
    assert scene.subtitle == (
        "at most 40 steps. Solid: best of 3 rates from 0.05 to 0.3 and the default; dashed: default."
    )
    assert [mark.label for mark in scene.panels[-1].marks if isinstance(mark, Line)] == ["sgd 0.3", "adam 0.1", "bfgs"]


def test_solid_is_the_best_and_dashed_the_default(two):
    panel = _panel(plots.race(two), "Loss over steps")
    best, default = two["sgd"].best, two["sgd"].default
    (dashed,) = _lines(panel, dash="dashed")
    np.testing.assert_allclose(dashed.y, two.excess(default)[0])
    assert dashed.opacity < 1
    solid = _lines(panel, dash="solid")
    assert len(solid) == 3
    np.testing.assert_allclose(solid[0].y, two.excess(best)[0])
    assert solid[0].color == dashed.color


def test_marks_of_arrival_stand_where_the_race_says(two):
    panel = _panel(plots.race(two), "Loss over steps")
    arrived = [float(mark.x[0]) for mark in panel.marks if isinstance(mark, Dots)]
    assert arrived == [row["steps"] for row in two.results() if row["tuning"] != "default" and row["arrived"]]
    assert all(mark.y[0] == pytest.approx(two.tolerance[0]) for mark in panel.marks if isinstance(mark, Dots))


def test_time_is_logarithmic_where_it_spans_orders_and_leaves_out_the_start(two):
    panel = _panel(plots.race(two), "Loss over time")
    assert (panel.x.label, panel.x.scale) == ("time (ms)", "linear")
    entrants = (*two.entrants[:2], dataclasses.replace(two.entrants[2], best=_timed(two.entrants[2].best, 9.0)))
    slower = dataclasses.replace(two, entrants=entrants)
    assert _panel(plots.race(slower), "Loss over time").x.scale == "log"
    assert all((line.x > 0).all() for line in _lines(_panel(plots.race(slower), "Loss over time")))


def test_paths_end_where_the_best_runs_end(two, bowl):
    panel = plots.race(two, bowl).panels[0]
    assert any(isinstance(mark, Field) for mark in panel.marks)
    ends = [(mark.x[0], mark.y[0]) for mark in panel.marks if isinstance(mark, Dots)]
    wanted = [tuple(entrant.best.params.values()) for entrant in two.entrants]
    assert ends[:3] == [pytest.approx(end) for end in wanted]
    assert ends[3] == (5, 4)


def test_a_rate_that_failed_interrupts_the_line_of_rates(two):
    line = _lines(_panel(plots.race(two), "Learning rates tried"))[0]
    assert np.isnan(line.y).tolist() == [False, True, False]


def test_with_several_starts_the_median_is_drawn_and_every_path(descend, line):
    race = _race(descend, line, [(5, 4), (5, 1), (2, 4.5)])
    scene = plots.race(race)
    assert scene.subtitle.startswith("median of 3 starts, ")
    drawn = _lines(_panel(scene, "Loss over steps"), dash="solid")[0]
    np.testing.assert_allclose(drawn.y, np.median(race.excess(race["sgd"].best), axis=0))
    assert len(_lines(scene.panels[0])) == 9


def test_one_parameter_is_shown_over_the_steps(descend):
    race = _race(descend, Problem("(x - 50)**2"), [(3.0,)])
    panel = plots.race(race).panels[0]
    assert (panel.title, panel.y.label) == ("x over steps", "x")
    np.testing.assert_array_equal(_lines(panel, dash="solid")[0].y, race["sgd"].best.dataset["params"].values[0, :, 0])


def test_more_parameters_have_paths_over_a_pair_only_if_asked(descend):
    race = _race(descend, Problem("(a - 1)**2 + (b - 2)**2 + c**2"), [(0, 0, 1)])
    assert plots.race(race).panels[0].title == "Loss over steps"
    panel = plots.race(race, names=("a", "c")).panels[0]
    assert (panel.title, panel.x.label, panel.y.label) == ("Ways down", "a", "c")


@pytest.mark.parametrize("names", [("a",), ("a", "z"), ("a", "b", "a")])
def test_a_wrong_pair_is_refused(two, names):
    with pytest.raises(ProblemError, match=r"plots.race: expected two of the parameters a, b, got a"):
        plots.race(two, names=names)


def test_a_surface_over_other_parameters_is_refused(two):
    with pytest.raises(ProblemError, match=r"plots.race: expected a surface over a, b, got one over p"):
        plots.race(two, survey(Problem("p**2 + q**2"), {"p": (0, 1), "q": (0, 1)}, resolution=3))


def test_without_rates_there_is_no_panel_of_rates(two):
    race = dataclasses.replace(two, entrants=two.entrants[2:])
    titles = [panel.title for panel in plots.race(race).panels]
    assert "Learning rates tried" not in titles
    assert plots.race(race).subtitle == "at most 40 steps"


@pytest.mark.parametrize("size", ["slide", "column"])
def test_it_draws(two, size):
    assert len(draw(plots.race(two), size=size).axes) >= 6


def test_more_optimizers_than_colors_draw_too(two):
    entrants = tuple(dataclasses.replace(two.entrants[0], name=f"sgd ({index})") for index in range(11))
    draw(plots.race(dataclasses.replace(two, entrants=entrants)))


def test_where_all_failed_it_draws_too(descend):
    race = _race(descend, Problem("log(x) + log(y)"), [(-1.0, -1.0)])
    assert np.isnan(race.lowest).all()
    draw(plots.race(race))
