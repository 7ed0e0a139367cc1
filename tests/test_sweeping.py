"""Sweeps: closed forms on parabolas, where the distance to the minimum shrinks by 1 − α·λ a step."""

import signal

import numpy as np
import pytest

import ravine as rv
from ravine import endings, optimizers, oscillation, sweeping
from ravine.engine import keras
from ravine.oscillation import Tail
from ravine.settings import Settings
from ravine.swept import Outcome

_PARABOLA = "(x - 2)**2"  # curvature 2, so the edge of plain descent is at 1


def _outcomes(found, optimizer=0):
    return found.dataset["status"].values[optimizer, :, 0].tolist()


# -- how descents end


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_at_the_edge_it_oscillates_below_it_is_slow_above_it_diverges(dtype):
    rates = [0.5, 0.9, 0.99, 0.999, 1.0, 1.001, 1.01, 1.5]
    found = rv.sweep(_PARABOLA, rates, start={"x": 6}, dtype=dtype)
    slow, gone = ["ran_out"] * 2, ["diverged"] * 3
    assert _outcomes(found) == ["converged", "converged", *slow, "oscillating", *gone]


def test_final_losses_are_those_of_the_closed_form():
    rates, steps = np.array([0.1, 0.3, 0.7, 0.95]), 12
    found = rv.sweep(_PARABOLA, rates, start=[{"x": 6}, {"x": 1}], steps=steps, stop=rv.Stop(gradient=None))
    factor = (1 - 2 * rates[:, None]) ** steps * np.array([4, -1])
    assert found.dataset["loss"].values[0] == pytest.approx(factor**2)
    assert found.dataset["params"].values[0, :, :, 0] == pytest.approx(2 + factor)
    assert found.dataset["start_loss"].values.tolist() == [16, 1]
    assert (found.dataset["steps_taken"].values == steps).all()


def test_each_ending_is_that_of_a_descent_alone(line, three_starts, alike):
    """They run in a tile, which is another program: a step rounds the parameters and the mean of 200 slopes anew.

    At the edge, rate 1, no error shrinks; Adam's steps, as long as its rate, count errors of a small slope more.
    """
    rates = [0.02, 0.3, 1.0]
    found = rv.sweep(line, rates, ["sgd", "adam"], three_starts, steps=50)
    for index, name in enumerate(found.optimizers):
        run = rv.descend(line, three_starts, name, learning_rate=rates, steps=50, dtype="float64", progress=False)
        ends = run.dataset["params"].values[:, -1].reshape(3, 3, 2).swapaxes(0, 1)
        alike(found.dataset["params"].values[index], ends, 20, steps=50, where=name)


def test_the_line_at_rate_1_oscillates(line, three_starts):
    assert set(rv.sweep(line, [1.0], start=three_starts).dataset["status"].values.ravel()) == {"oscillating"}


def test_lion_hovers_around_the_minimum():
    assert _outcomes(rv.sweep(_PARABOLA, [0.3], "lion", {"x": 6})) == ["oscillating"]


def test_a_slow_way_straight_down_does_not_oscillate():
    assert _outcomes(rv.sweep(_PARABOLA, [1e-4], ["adagrad"], {"x": 6})) == ["ran_out"]


def test_a_zigzag_that_still_gains_does_not_oscillate():
    # α = 1 is the edge in x, where it starts next to the floor of the valley; y still has far to go.
    found = rv.sweep("(x - 2)**2 + 0.001*y**2", [1.0], start={"x": 2.001, "y": 100}, steps=100)
    assert _outcomes(found) == ["ran_out"]


def test_an_optimizer_that_looks_at_the_whole_is_swept_too():
    found = rv.sweep(_PARABOLA, [0.1, 0.3], "lamb", {"x": 6}, steps=40)
    assert set(_outcomes(found)) <= set(Outcome)
    assert np.isfinite(found.loss).all()


def test_not_a_number_is_told_apart():
    assert _outcomes(rv.sweep("log(x)", [0.5, 3.0], start={"x": 1}, steps=20))[1] == "not_finite"


def test_of_too_few_steps_nothing_is_said():
    assert _outcomes(rv.sweep(_PARABOLA, [1.0], start={"x": 6}, steps=10)) == ["ran_out"]


# -- oscillation itself


def _tail(x, curvature=2.0):
    x = np.asarray(x, float)
    return Tail(x[:, None, None], curvature * x[:, None, None], curvature / 2 * x[:, None] ** 2, np.full(1, 1.0))


@pytest.mark.parametrize(
    ("factor", "oscillates", "grows"),
    [(-1, True, False), (-0.9, False, False), (0.9, False, False), (-1.1, True, True)],
)
def test_of_a_geometric_sequence_only_the_sign_and_the_size_of_its_factor_matter(factor, oscillates, grows):
    tail = _tail(factor ** np.arange(21.0))
    assert oscillation.oscillating(tail).tolist() == [oscillates]
    assert oscillation.growing(tail).tolist() == [grows]


def test_a_longer_period_oscillates_too():
    assert oscillation.oscillating(_tail(np.sin(np.arange(33) * 2 * np.pi / 8))).tolist() == [True]


def test_rounding_noise_is_no_oscillation():
    jumps = np.where(np.arange(21) % 2, 1.0, -1.0) * 1e-9
    tail = Tail(jumps[:, None, None], 2 * jumps[:, None, None], 5 + jumps[:, None] ** 2, np.full(1, 9.0))
    assert oscillation.oscillating(tail).tolist() == [False]


def test_the_tail_is_that_of_a_recorded_descent(alike):
    """A tile is another program: what a step rounds stays in the velocity for 1/(1 − 0.9) = 10 steps."""
    problem, method = rv.Problem(_PARABOLA), optimizers.resolve("momentum")
    settings = Settings(30, None, 0, "float64", 1)
    rows, rates = np.array([[6.0], [1.0], [3.0]]), np.array([0.01, 0.02, 0.4])
    tail = oscillation.tail_of(problem, method, rows, rates, settings, 2)
    assert len(tail.loss) == oscillation.tail_length(30) + 1
    for index in range(3):
        start, rate = {"x": rows[index, 0]}, rates[index]
        run = rv.descend(problem, start, "momentum", learning_rate=rate, steps=30, dtype="float64", progress=False)
        last = run.dataset.isel(start=0, step=slice(-len(tail.loss), None))
        alike(tail.params[:, 0, index], last["params"].values[:, 0], 10, steps=30, scale=16)
        alike(tail.gradient[:, 0, index], last["gradient"].values[:, 0], 10, steps=30, scale=16)
        alike(tail.loss[:, index], last["loss"].values, 10, steps=30, scale=16)
    assert tail.begin.tolist() == [16, 1, 1]


# -- the edge


@pytest.mark.parametrize(
    "optimizer", ["sgd", "sgd(momentum=0.5)", "momentum", "nesterov", "sgd(momentum=0.3,nesterov=True)"]
)
def test_just_below_the_edge_it_settles_just_above_it_leaves(optimizer):
    edge = sweeping.edge_of(optimizers.resolve(optimizer), 2.0)
    found = rv.sweep(_PARABOLA, [0.2, 0.99 * edge, 1.01 * edge], optimizer, {"x": 6}, steps=4000)
    assert found.edges == {optimizer: pytest.approx(edge)}
    assert _outcomes(found) == ["converged", "converged", "diverged"]


def test_the_edge_is_that_of_the_largest_curvature():
    found = rv.sweep("(x - 2)**2 + 5*y**2 + 2*x*y", [0.05], start={"x": 1, "y": 1}, steps=2000)
    largest = float(np.linalg.eigvalsh([[2, 2], [2, 10]])[-1])
    assert found.settings["curvature"] == pytest.approx(largest)
    assert found.edges["sgd"] == pytest.approx(2 / largest)


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "lion", "sgd(clipnorm=1.0)", "sgd(weight_decay=0.1)"])
def test_where_theory_names_no_edge_there_is_none(optimizer):
    assert np.isnan(sweeping.edge_of(optimizers.resolve(optimizer), 2.0))


@pytest.mark.parametrize("curvature", [None, 0.0, -1.0, np.nan])
def test_without_a_curvature_there_is_no_edge(curvature):
    assert np.isnan(sweeping.edge_of(optimizers.resolve("sgd"), curvature))


def test_where_nothing_converges_there_is_no_edge():
    found = rv.sweep(_PARABOLA, [1e-5], start={"x": 6})
    assert (found.edges, found.settings["curvature"]) == ({}, None)


def test_at_a_bound_there_is_no_edge():
    problem = rv.Problem(_PARABOLA, bounds={"x": (3, None)})
    found = rv.sweep(problem, [0.1], start={"x": 6})
    assert _outcomes(found) == ["converged"]
    assert found.edges == {}


# -- the best


def test_the_best_rate_of_a_parabola_is_one_over_its_curvature():
    found = rv.sweep(_PARABOLA, [0.1, 0.3, 0.5, 0.7, 0.9], start=[{"x": 6}, {"x": -3}])
    assert found.best_rates == {"sgd": 0.5}
    assert found.params == {"x": 2}
    assert found.lowest == 0


def test_shares_of_outcomes_add_up(line):
    found = rv.sweep(line, [0.01, 0.5, 1.0, 2.0], ["sgd", "lion"], count=5)
    assert sum(found.share(outcome) for outcome in Outcome) == pytest.approx(np.ones((2, 4)))
    assert found.share("diverged")[0].tolist() == [0, 0, 0, 1]


def test_an_unknown_outcome_is_refused(refuses):
    found = rv.sweep(_PARABOLA, [0.5], start={"x": 6})
    with refuses(rv.ProblemError, "Sweep.share: expected converged", "got 'divergd'. Did you mean 'diverged'?"):
        found.share("divergd")


def test_the_table_tells_rate_loss_and_edge():
    found = rv.sweep(_PARABOLA, [0.1, 0.5, 1.5], ["sgd", "adam"], {"x": 6}, steps=50)
    assert str(found).splitlines()[:5] == [
        "6 descents: 1 converged, 4 ran out, 1 diverged.",
        "(x - 2)**2, value: 3 learning rates from 0.1 to 1.5, 1 start, at most 50 steps.",
        "",
        "optimizer  best rate  median loss  steps  converged  converges up to  edge",
        "sgd              0.5            0      1     1 of 1              0.5     1",
    ]
    assert "<td>sgd</td>" in found._repr_html_()


# -- starts, files, interruptions, refusals


def test_random_starts_follow_the_seed_and_keep_to_the_bounds():
    problem = rv.Problem(_PARABOLA, bounds={"x": (0.5, None)})
    one, same, other = (rv.sweep(problem, [0.5], count=30, seed=seed) for seed in (1, 1, 2))
    drawn = one.dataset["start_params"].values
    np.testing.assert_array_equal(drawn, same.dataset["start_params"].values)
    assert not np.array_equal(drawn, other.dataset["start_params"].values)
    assert drawn.shape == (30, 1)
    assert drawn.min() == 0.5


def test_what_is_saved_comes_back(line, tmp_path):
    found = rv.sweep(line, [0.1, 1.0], ["sgd", "adam"], count=3, steps=20)
    again = rv.load(rv.save(found, tmp_path / "sweep.nc"))
    assert isinstance(again, rv.Sweep)
    assert repr(again) == repr(found)
    assert again.dataset.equals(found.dataset)
    assert dict(again.settings) == dict(found.settings)
    assert again.best_rates == found.best_rates


def test_ctrl_c_keeps_the_optimizers_that_are_done(monkeypatch):
    find = endings.find

    def interrupted(problem, method, *more):
        if method.name == "adam":
            signal.raise_signal(signal.SIGINT)
        return find(problem, method, *more)

    monkeypatch.setattr(endings, "find", interrupted)
    found = rv.sweep(_PARABOLA, [0.1, 0.5], ["sgd", "adam", "lion"], {"x": 6})
    assert found.optimizers == ("sgd",)
    assert [note.text for note in found.warnings] == ["Stopped before the end: adam, lion had no turn."]
    with pytest.raises(KeyboardInterrupt):
        rv.sweep(_PARABOLA, [0.1, 0.5], ["adam"], {"x": 6})


def test_scipys_methods_are_refused_with_the_reason(refuses):
    with refuses(rv.ProblemError, "sweep: SciPy's 'bfgs' chooses its own step lengths", "Let it race instead."):
        rv.sweep(_PARABOLA, [0.1], ["sgd", "bfgs"])


def test_a_schedule_is_refused(refuses):
    schedule = keras().optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    with refuses(rv.ProblemError, "brings a schedule"):
        rv.sweep(_PARABOLA, [0.1], keras().optimizers.SGD(schedule))


def test_start_and_count_are_refused_together(refuses):
    with refuses(rv.ProblemError, "sweep: expected either start or count"):
        rv.sweep(_PARABOLA, [0.1], start={"x": 1}, count=3)


@pytest.mark.parametrize("count", [0, -1, 1.5])
def test_a_wrong_count_is_refused(count, refuses):
    with refuses(rv.ProblemError, "expected 1 to 4,000,000 starts"):
        rv.sweep(_PARABOLA, [0.1], count=count)


def test_too_many_descents_are_refused(refuses):
    with refuses(rv.ProblemError, "sweep: expected at most 4,000,000 descents by one optimizer, got 6,000,000."):
        rv.sweep(_PARABOLA, [0.1, 0.2], count=3_000_000)
