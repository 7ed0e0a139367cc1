"""The picture of a sweep, from outcomes written by hand."""

import numpy as np
import pytest
import xarray as xr

from ravine.problem import Problem
from ravine.swept import Outcome, Sweep
from ravine.view import plots
from ravine.view.drawing import draw
from ravine.view.scene import Dots, Line, Ribbon

_RATES = np.array([0.01, 0.1, 1.0, 10.0])


def _sweep(loss, status, names=("sgd",), edge=(1.0,), formula="(x - 2)**2", start_loss=16.0, rates=_RATES):
    loss, status = np.asarray(loss, float), np.asarray(status)
    each = ("optimizer", "rate", "start")
    starts = loss.shape[2]
    dataset = xr.Dataset(
        {
            "loss": (each, loss),
            "status": (each, status),
            "steps_taken": (each, np.full(loss.shape, 5)),
            "params": ((*each, "param"), np.zeros((*loss.shape, 1))),
            "start_params": (("start", "param"), np.zeros((starts, 1))),
            "start_loss": ("start", np.full(starts, start_loss)),
            "edge": ("optimizer", np.array(edge)),
        },
        coords={"optimizer": list(names), "rate": rates, "start": np.arange(starts), "param": ["x"]},
    )
    return Sweep(dataset, Problem(formula), {"steps": 200, "dtype": "float64", "curvature": 2.0})


@pytest.fixture
def one():
    """Return a sweep of one optimizer from three starts."""
    loss = [[[4, 8, 12], [0.1, 0.2, 0.4], [1, 3, 5], [1e30, np.inf, 1e40]]]
    status = [[["ran_out"] * 3, ["converged"] * 3, ["oscillating", "oscillating", "ran_out"], ["diverged"] * 3]]
    return _sweep(loss, status)


def _marks(panel, kind, **wanted):
    return [
        mark
        for mark in panel.marks
        if isinstance(mark, kind) and all(getattr(mark, key) == value for key, value in wanted.items())
    ]


def test_the_line_is_the_median_and_the_ribbon_the_middle_half(one):
    panel = plots.sweep(one).panels[0]
    (line,), (ribbon,) = _marks(panel, Line, label="sgd"), _marks(panel, Ribbon)
    assert line.y[:3] == pytest.approx([8, 0.2, 3])
    assert ribbon.low[:3] == pytest.approx([6, 0.15, 2])
    assert ribbon.high[:3] == pytest.approx([10, 0.3, 4])


def test_the_line_leaves_at_the_ceiling_where_descents_diverge(one):
    panel = plots.sweep(one).panels[0]
    (line,) = _marks(panel, Line, label="sgd")
    assert line.y[-1] == pytest.approx(panel.y.limits[1])
    assert 1 < line.x[-1] < 10


def test_the_edge_is_a_vertical_line_with_its_formula(one):
    panel = plots.sweep(one).panels[0]
    (edge,) = _marks(panel, Line, label="edge 2/λ = 1")
    assert edge.x.tolist() == [1, 1]
    assert edge.y.tolist() == list(panel.y.limits)


def test_without_an_edge_or_beyond_the_rates_there_is_no_line(one):
    loss, status = one.dataset["loss"].values, one.dataset["status"].values
    for edge in (np.nan, 50.0):
        panel = plots.sweep(_sweep(loss, status, edge=[edge])).panels[0]
        assert len(_marks(panel, Line)) == 1


def test_a_dot_marks_the_best_rate(one):
    (dot,) = _marks(plots.sweep(one).panels[0], Dots, label="best learning rate")
    assert (dot.x[0], dot.y[0]) == (0.1, pytest.approx(0.2))


def test_strips_hold_the_shares(one):
    panel = plots.sweep(one).panels[1]
    shares = {mark.label: (mark.high - mark.low)[::2] for mark in _marks(panel, Ribbon)}
    whole = 2 * 0.38
    assert shares["converged"][1] == pytest.approx(whole)
    assert np.isnan(shares["converged"][0])
    assert shares["oscillating"][2] == pytest.approx(whole * 2 / 3)
    assert shares["ran out"][2] == pytest.approx(whole / 3)
    assert "not finite" not in shares
    assert panel.y.ticks == ((0.0, "sgd"),)


def test_cells_lie_around_their_rates(one):
    ribbon = _marks(plots.sweep(one).panels[1], Ribbon)[0]
    assert ribbon.x[[0, 1, 2, -1]] == pytest.approx(10 ** np.array([-2.5, -1.5, -1.5, 1.5]))


def test_losses_below_zero_are_drawn_above_the_lowest():
    loss, status = [[[-2.0], [-3.0], [1.0], [5.0]]], [[["converged"]] * 4]
    panel = plots.sweep(_sweep(loss, status, start_loss=3.0)).panels[0]
    assert panel.y.label == "final loss above the lowest"
    assert _marks(panel, Line, label="sgd")[0].y[[0, 2]] == pytest.approx([1, 4])


def test_several_optimizers_tell_their_edges_in_the_legend(one):
    loss = np.repeat(one.dataset["loss"].values, 2, axis=0)
    status = np.repeat(one.dataset["status"].values, 2, axis=0)
    scene = plots.sweep(_sweep(loss, status, ["sgd", "adam"], [1.0, np.nan]))
    lines = _marks(scene.panels[0], Line)
    assert [line.label for line in lines] == ["", "sgd (edge 2/λ = 1)", "adam"]
    assert len({line.color for line in lines}) == 2
    assert [name for _, name in scene.panels[1].y.ticks] == ["sgd", "adam"]
    assert scene.stacked


@pytest.mark.parametrize("count", [1, 2, 6, 9])
def test_it_draws(one, count):
    loss = np.repeat(one.dataset["loss"].values, count, axis=0)
    status = np.repeat(one.dataset["status"].values, count, axis=0)
    names = [f"optimizer {index}" for index in range(count)]
    figure = draw(plots.sweep(_sweep(loss, status, names, [1.0] * count)))
    labels = [label.get_text() for label in figure.axes[1].get_yticklabels()]
    assert labels == names


@pytest.mark.parametrize(
    ("loss", "status", "start_loss"),
    [(0.0, "converged", 0.0), (np.nan, "not_finite", np.nan), (-1.0, "converged", -1.0), (1e30, "diverged", 1.0)],
)
def test_one_rate_one_start_and_nothing_to_see_draw_too(loss, status, start_loss):
    scene = plots.sweep(_sweep([[[loss]]], [[[status]]], start_loss=start_loss, rates=[0.5], edge=[np.nan]))
    draw(scene)
    assert [mark.label for mark in _marks(scene.panels[1], Ribbon)] == [Outcome(status).words]
