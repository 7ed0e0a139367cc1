"""Run: what it says about a recorded descent. No TensorFlow: the records are written by hand."""

import numpy as np
import pandas as pd
import pytest

import ravine as rv
from ravine.recording import Recording, join
from ravine.run import Status


def _recording(params, loss, status, steps_taken, step=None, rate=0.25):
    params, loss = np.array(params, float), np.array(loss, float)
    return Recording(
        np.arange(loss.shape[1]) if step is None else np.array(step),
        params,
        -params,
        loss,
        np.full(loss.shape, rate),
        status,
        np.array(steps_taken),
    )


@pytest.fixture
def run():
    """Return two starts on (x − 1)² + y², of which the second ended after its first step."""
    recording = _recording(
        [[[3, 1], [2, 0.5], [1.5, 0.25]], [[1, 2], [1, 0], [1, 0]]],
        [[5, 1.25, 0.3125], [4, 0, 0]],
        [Status.ran_out, Status.converged],
        [2, 1],
    )
    problem = rv.Problem("(x - 1)**2 + y**2")
    return rv.Run(recording.to_dataset(problem.names), problem, {"optimizer": "sgd"})


def test_names_starts_and_statuses(run):
    assert run.names == ("x", "y")
    assert run.starts == 2
    assert run.statuses == (Status.ran_out, Status.converged)


def test_the_best_start_has_the_lowest_final_loss(run):
    assert (run.best, run.loss, run.params, run.status) == (1, 0.0, {"x": 1.0, "y": 0.0}, Status.converged)


def test_parameters_at_a_record(run):
    assert run.at(1, start=0) == {"x": 2.0, "y": 0.5}
    assert run.at(0) == {"x": 1.0, "y": 2.0}


def test_a_path_leaves_the_repetitions_out(run):
    assert [run.recorded(start) for start in (0, 1)] == [3, 2]
    assert run.path(1)["loss"].values.tolist() == [4.0, 0.0]
    assert run.path(1)["step"].values.tolist() == [0, 1]


def test_a_start_that_ended_between_two_records_has_the_next_one():
    recording = _recording([[[3.0], [2], [1]]], [[3, 2, 1]], [Status.converged], [13], step=[0, 10, 20])
    run = rv.Run(recording.to_dataset(["x"]), rv.Problem("x"))
    assert run.recorded(0) == 3


def test_a_loss_that_is_not_finite_is_never_the_best():
    recording = _recording(
        [[[1.0]], [[2.0]], [[3.0]]],
        [[np.nan], [5], [np.inf]],
        [Status.not_finite, Status.ran_out, Status.diverged],
        [0] * 3,
    )
    run = rv.Run(recording.to_dataset(["x"]), rv.Problem("x"))
    assert run.best == 1


def test_without_a_finite_loss_the_first_start_is_the_best():
    recording = _recording([[[1.0]], [[2.0]]], [[np.nan], [np.inf]], [Status.not_finite] * 2, [0, 0])
    run = rv.Run(recording.to_dataset(["x"]), rv.Problem("x"))
    assert run.best == 0
    assert np.isnan(run.loss)
    assert "not finite" in repr(run).lower()


def test_raising_is_asked_for(run, refuses):
    with refuses(rv.DescentError, "start 0", "Ran out of steps"):
        run.raise_for_status()
    assert run.select(1).raise_for_status().starts == 1


def test_selecting_one_start(run):
    one = run.select(-1)
    assert (one.starts, one.params) == (1, {"x": 1.0, "y": 0.0})


@pytest.mark.parametrize("start", [2, -3])
def test_selecting_a_start_that_is_not_there_is_refused(run, start, refuses):
    with refuses(rv.ProblemError, "0 to 1", str(start)):
        run.select(start)


def test_the_table_is_long(run):
    frame = run.to_dataframe()
    expected = pd.DataFrame(
        {
            "start": [0, 0, 0, 1, 1],
            "step": [0, 1, 2, 0, 1],
            "loss": [5, 1.25, 0.3125, 4, 0],
            "learning_rate": 0.25,
            "x": [3, 2, 1.5, 1, 1],
            "y": [1, 0.5, 0.25, 2, 0],
            "gradient x": [-3, -2, -1.5, -1, -1],
            "gradient y": [-1, -0.5, -0.25, -2, 0],
        }
    )
    pd.testing.assert_frame_equal(frame, expected, check_dtype=False)


def test_text_begins_with_the_status(run):
    assert repr(run).splitlines() == [
        "1 converged, 1 ran out.",
        "(x - 1)**2 + y**2, value, sgd",
        "",
        "start     status  steps  rate        loss        x         y",
        "    0    ran_out      2  0.25  5 → 0.3125  3 → 1.5  1 → 0.25",
        "   1*  converged      1  0.25       4 → 0    1 → 1     2 → 0",
    ]


def test_text_of_one_start_is_its_sentence(run):
    assert repr(run.select(0)).startswith("Ran out of steps: the stop rule is not met yet.")


def test_text_ends_with_the_warnings(run):
    warned = rv.Run(run.dataset, run.problem, run.settings, (rv.Note("code", "Mind the gap."),))
    assert repr(warned).splitlines()[-1] == "Warning: Mind the gap."
    assert "<p>⚠ Mind the gap.</p>" in warned._repr_html_()


def test_text_of_many_starts_and_parameters_is_short():
    recording = _recording(np.zeros((100, 2, 30)), np.zeros((100, 2)), [Status.converged] * 100, [1] * 100)
    problem = rv.Problem(" + ".join(f"p{index}**2" for index in range(30)))
    lines = repr(rv.Run(recording.to_dataset(problem.names), problem)).splitlines()
    assert lines[0] == "All 100 starts: Converged: the stop rule is met."
    assert len(lines) < 25
    assert max(map(len, lines[3:])) < 120
    assert "… 88 more starts" in lines
    assert lines[-1].endswith("p29 = 0")


def test_without_a_learning_rate_there_is_no_such_column(run):
    without = run.dataset.assign(learning_rate=run.dataset["learning_rate"] * np.nan)
    assert "rate" not in repr(rv.Run(without, run.problem)).splitlines()[3]


def test_html_escapes_what_the_user_wrote(run):
    text = rv.Run(run.dataset, rv.Problem("x*(y < 1) + y"), run.settings)._repr_html_()
    assert "y &lt; 1" in text
    assert text.startswith("<p><b>1 converged, 1 ran out.</b></p>")


@pytest.mark.parametrize("status", Status)
def test_every_status_is_a_sentence_that_begins_with_its_name(status):
    begin = {"ran_out": "Ran out", "not_finite": "Not finite"}.get(status, status.capitalize())
    assert status.sentence.startswith(begin)
    assert status.sentence.endswith(".")


def test_joining_lets_ended_starts_keep_their_last_values():
    parts = [
        _recording([[[1.0], [2.0]]], [[1, 2]], [Status.converged], [3], step=[0, 3]),
        _recording([[[5.0], [6.0], [7.0]]], [[5, 6, 7]], [Status.ran_out], [12], step=[0, 10, 12]),
    ]
    joined = join(parts, 10)
    assert joined.step.tolist() == [0, 10, 12]
    assert joined.loss.tolist() == [[1, 2, 2], [5, 6, 7]]
    assert joined.params[..., 0].tolist() == [[1, 2, 2], [5, 6, 7]]
    assert joined.steps_taken.tolist() == [3, 12]
    assert joined.status == [Status.converged, Status.ran_out]


def test_a_parameter_named_like_a_column_takes_no_column_away():
    table = rv.descend("(step - 1)**2", {"step": 0}, learning_rate=0.25, steps=2).to_dataframe()
    assert table["step"].tolist() == [0, 1, 2]
    assert table["param step"].tolist() == [0, 0.5, 0.75]


def test_runs_are_equal_to_themselves_only(run):
    assert run in (run.select(0), run)
    assert run != run.select(0)
    assert hash(run)
