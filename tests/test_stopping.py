"""Stopping: by rule, by divergence, by the callback, by the keyboard."""

import os
import signal
import threading

import numpy as np
import pytest

import ravine as rv
from ravine.run import Status
from ravine.steps import Steps

_NEVER = rv.Stop(None, None, None)
_QUADRATIC = "(3*x**2 + 2*x*y + 2*y**2)/2"


def _codes(run):
    return [note.code for note in run.warnings]


# -- ends -----------------------------------------------------------------------------------------------------


def test_the_gradient_rule_ends_at_the_first_small_gradient():
    run = rv.descend("x**2", {"x": 1}, learning_rate=0.25, steps=100, stop=rv.Stop(gradient=1e-3))
    gradient = np.abs(run.dataset["gradient"].values[0, :, 0])
    assert run.status is Status.converged
    assert (gradient[:-1] > 1e-3).all()
    assert gradient[-1] <= 1e-3
    assert int(run.dataset["steps_taken"][0]) == 11  # 2·2⁻¹¹ is the first below 10⁻³


def test_the_loss_rule_ends_at_the_first_small_change():
    run = rv.descend("x**2", {"x": 1}, learning_rate=0.25, steps=100, stop=rv.Stop(None, loss_change=1e-3))
    change = np.abs(np.diff(run.dataset["loss"].values[0]))
    assert run.status is Status.converged
    assert (change[:-1] >= 1e-3).all()
    assert change[-1] < 1e-3


def test_the_parabola_may_stop_when_its_loss_hardly_changes():
    run = rv.descend("(x - 50)**2", {"x": 3}, "adam", learning_rate=1, steps=200, stop=rv.Stop(None, loss_change=0.001))
    change = np.abs(np.diff(run.dataset["loss"].values[0]))
    assert change[-1] < 0.001 <= change[:-1].min()


def test_a_rule_switched_off_does_not_end_a_descent_at_the_minimum():
    run = rv.descend("x**2", {"x": 0}, steps=7, stop=_NEVER)
    assert run.status is Status.ran_out
    assert int(run.dataset["steps_taken"][0]) == 7


def test_a_start_at_the_minimum_has_converged_without_a_step():
    run = rv.descend("x**2", {"x": 0}, steps=7)
    assert (run.status, int(run.dataset["steps_taken"][0])) == (Status.converged, 0)


def test_unbounded_below_diverges():
    run = rv.descend("x**3", {"x": -1}, learning_rate=0.1, steps=2000)
    assert run.status is Status.diverged
    assert run.loss < -1e8


def test_too_large_a_rate_diverges_and_says_why():
    run = rv.descend("x**2", {"x": 1}, learning_rate=1.5, steps=500)
    assert run.status is Status.diverged
    assert _codes(run) == ["learning-rate-too-large"]


def test_overflow_is_not_finite():
    run = rv.descend("exp(x**2)", {"x": 5}, learning_rate=1, steps=20)
    assert run.status is Status.not_finite
    assert run.loss == np.inf or not np.isfinite(run.loss)


def test_nan_at_the_start_is_not_finite_at_step_zero():
    run = rv.descend("log(x)", {"x": -1}, steps=20)
    assert (run.status, int(run.dataset["steps_taken"][0])) == (Status.not_finite, 0)


def test_every_start_has_its_own_status():
    run = rv.descend("x**2 + 0*log(y)", [{"x": 0, "y": 1}, {"x": 4, "y": 1}, {"x": 1, "y": -1}], steps=10)
    assert run.statuses == (Status.converged, Status.ran_out, Status.not_finite)


# -- callback and keyboard ------------------------------------------------------------------------------------


def test_the_callback_sees_every_recorded_step():
    seen = []
    run = rv.descend(
        _QUADRATIC,
        [{"x": 1, "y": 2}, {"x": 2, "y": 2}],
        learning_rate=0.01,
        steps=17,
        record_every=5,
        callback=seen.append,
    )
    assert [one.step for one in seen] == run.dataset["step"].values.tolist() == [0, 5, 10, 15, 17]
    for index, one in enumerate(seen):
        np.testing.assert_array_equal(one.params, run.dataset["params"].values[:, index])
        np.testing.assert_array_equal(one.loss, run.dataset["loss"].values[:, index])


def _stop_iteration(seen):
    if seen.step == 6:
        raise StopIteration


def _interrupt(seen):
    if seen.step == 6:
        raise KeyboardInterrupt


@pytest.mark.parametrize("callback", [lambda seen: seen.step == 6, _stop_iteration, _interrupt])
@pytest.mark.parametrize("optimizer", ["sgd", "lamb"])
def test_the_callback_may_stop(callback, optimizer):
    run = rv.descend(
        _QUADRATIC, [{"x": 1, "y": 2}, {"x": 2, "y": 2}], optimizer, learning_rate=0.01, steps=50, callback=callback
    )
    assert run.dataset["step"].values.tolist() == list(range(7))
    assert set(run.statuses) == {Status.stopped}


def test_an_error_of_the_callback_reaches_the_caller():
    def broken(seen):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rv.descend("x**2", {"x": 1}, steps=5, callback=broken)


def test_control_c_keeps_what_was_recorded(until):
    begun = threading.Event()
    other = threading.Thread(target=lambda: begun.wait() and os.kill(os.getpid(), signal.SIGINT), daemon=True)
    other.start()

    def begin(seen):
        if seen.step > 0:
            begun.set()

    run = rv.descend(
        "(x - 1)**2", {"x": 3}, learning_rate=1e-7, steps=10_000_000, record_every=1000, stop=_NEVER, callback=begin
    )
    until(lambda: not other.is_alive(), what="the signal")
    assert run.status is Status.stopped
    last = int(run.dataset["step"][-1])
    assert 0 < last < 10_000_000
    assert int(run.dataset["steps_taken"][0]) == last
    assert len(run.dataset["step"]) == -(-last // 1000) + 1


def test_control_c_in_a_later_start_keeps_the_earlier_ones(monkeypatch):
    """Optimizers with norms take one start after the other."""
    calls = []
    advance = Steps.advance

    def interrupted(self, state, *given):
        calls.append(state.next_step)
        if calls.count(0) == 2:
            raise KeyboardInterrupt
        return advance(self, state, *given)

    monkeypatch.setattr(Steps, "advance", interrupted)
    try:
        run = rv.descend("x**2", [{"x": 1}, {"x": 2}, {"x": 3}], "lamb", learning_rate=0.01, steps=20)
    except KeyboardInterrupt:
        pytest.fail("the first start was lost")
    assert run.dataset["step"].values[-1] == 20
    assert run.statuses[0] is Status.ran_out


def test_a_small_gradient_far_from_zero_is_no_convergence_within_bounds():
    """The gradient 0.01 is less than the spacing of float32 at 10⁶."""
    problem = rv.Problem("0.01*x + y**2", bounds={"y": (-1, 1)})
    assert rv.descend(problem, {"x": 1e6, "y": 0}, steps=5).status is Status.ran_out
