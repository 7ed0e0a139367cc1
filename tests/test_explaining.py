"""explain: the numbers shown are those of the record."""

import json

import numpy as np
import pytest

import ravine as rv
from ravine.explaining import explain


def test_json_holds_the_update_and_the_state(line):
    run = rv.descend(line, {"a": 5, "b": 4}, "adam", learning_rate=0.1, steps=5)
    found = json.loads(explain(run, 3).report("json"))
    record = run.dataset
    assert found["step"] == 3
    for index, name in enumerate(("a", "b")):
        numbers = found["params"][name]
        assert np.float32(numbers["before"]) == record["params"].values[0, 2, index]
        assert np.float32(numbers["gradient"]) == record["gradient"].values[0, 2, index]
        assert np.float32(numbers["after"]) == record["params"].values[0, 3, index]
        assert numbers["before"] + numbers["update"] == pytest.approx(numbers["after"], rel=1e-6)
    assert found["loss"] == {
        "before": pytest.approx(record["loss"].values[0, 2]),
        "after": pytest.approx(record["loss"].values[0, 3]),
    }
    assert set(found["optimizer_state"]) == {"momentum", "velocity"}
    assert found["optimizer_state"]["velocity"]["a"] > 0
    assert found["symbolic"]["a"]["text"] == "2*r*x"
    assert found["symbolic"]["a"]["latex"] == "2 r x"


def test_the_first_order_prediction_is_the_gradient_times_the_update():
    run = rv.descend("(x - 50)**2", {"x": 3}, "sgd", learning_rate=0.1, steps=3, dtype="float64")
    found = explain(run, 1)
    first, second = found.predicted_decrease
    assert first == pytest.approx(94 * 9.4)
    assert second == pytest.approx(found.loss.decrease) == pytest.approx(47**2 - 37.6**2)


def test_points_add_up_to_loss_and_gradient(line):
    run = rv.descend(line, {"a": 5, "b": 4}, learning_rate=0.1, steps=2, dtype="float64")
    found = explain(run, 2, per_point=True)
    points = found.points
    np.testing.assert_allclose(points.gradient.sum(0), found.gradient, rtol=1e-12)
    assert points.loss.sum() == pytest.approx(found.loss.before, rel=1e-12)
    np.testing.assert_allclose(points.gradient[:, 0], 2 * points.error * line.columns["x"] / 200)


@pytest.mark.parametrize("loss", ["half_sse", "mae", "huber", "log_cosh", "cauchy"])
def test_points_and_symbols_know_every_loss(line, loss):
    table = {"x": line.columns["x"], "y": line.observed, "s": np.linspace(0.1, 1, 200)}
    problem = rv.Problem("y = a*x + b", table, loss=loss, sigma="s")
    found = explain(
        rv.descend(problem, {"a": 5, "b": 4}, learning_rate=1e-3, steps=1, dtype="float64"), 1, per_point=True
    )
    np.testing.assert_allclose(found.points.gradient.sum(0), found.gradient, rtol=1e-10)
    np.testing.assert_allclose(found.symbolic, found.gradient, rtol=1e-10)
    np.testing.assert_allclose(found.points.loss.sum(), found.loss.before, rtol=1e-10)


def test_a_mini_batch_is_known_again(line):
    run = rv.descend(
        line, {"a": 5, "b": 4}, "adam", learning_rate=0.1, steps=30, batch_size=16, seed=3, dtype="float64"
    )
    found = explain(run, 27, per_point=True)
    assert len(found.batch) == len(set(found.batch.tolist())) == 16
    np.testing.assert_allclose(found.automatic, found.gradient, rtol=1e-9)
    np.testing.assert_allclose(found.points.gradient.sum(0), found.gradient, rtol=1e-9)
    assert found.batch_loss.before == pytest.approx(float(run.dataset["batch_loss"].values[0, 26]))
    assert found.digits_off <= 4
    assert "16 of 200" in found.report(width=2000)


def test_steps_between_records_are_replayed(line):
    start = {"a": 5, "b": 4}
    whole = rv.descend(line, start, "adam", learning_rate=0.1, steps=20)
    found = explain(rv.descend(line, start, "adam", learning_rate=0.1, steps=20, record_every=5), 13)
    assert [note.code for note in found.notes] == ["replayed"]
    np.testing.assert_allclose(found.after, whole.dataset["params"].values[0, 13], rtol=1e-6)
    assert found.digits_off <= 4


def test_a_schedule_gives_the_rate_of_its_step(line):
    from ravine import engine

    schedule = engine.keras().optimizers.schedules.ExponentialDecay(0.2, 1, 0.5)
    run = rv.descend(line, {"a": 5, "b": 4}, "momentum", learning_rate=schedule, steps=6)
    found = explain(run, 3)
    assert found.learning_rate == pytest.approx(0.05)
    assert found.digits_off <= 4


def test_several_starts_have_updates_of_their_own(line, three_starts):
    run = rv.descend(line, three_starts, "rmsprop", learning_rate=0.1, steps=10)
    for start in range(3):
        found = explain(run, 10, start)
        assert found.digits_off <= 4
        np.testing.assert_array_equal(found.after, run.dataset["params"].values[start, 10])


def test_bounds_are_part_of_the_arithmetic():
    run = rv.descend(rv.Problem("(x + 2)**2", bounds={"x": (0, None)}), {"x": 1}, learning_rate=0.3, steps=1)
    found = explain(run, 1)
    assert found.after.tolist() == [0.0] and found.digits_off == 0
    assert "bounds" in found.report(width=2000)


def test_of_scipys_methods_the_step_is_told(line):
    found = explain(rv.descend(line, {"a": 5, "b": 4}, "bfgs"), 1)
    assert found.arithmetic == () and found.optimizer_state == {}
    assert "SciPy's bfgs" in found.report(width=2000)
    assert found.predicted_decrease[1] == pytest.approx(found.loss.decrease, rel=1e-6)


def test_an_optimizer_without_written_arithmetic_says_so(line):
    found = explain(rv.descend(line, {"a": 5, "b": 4}, "ftrl", steps=2), 1)
    assert found.arithmetic == ()
    assert "Ftrl isn't written out" in found.report(width=2000)


def test_an_opaque_callable_has_numbers_but_no_symbols(classes):
    def scores(x, w):
        from ravine import engine

        return engine.tensorflow().nn.softmax(x @ w)

    problem = rv.Problem(scores, classes, loss="categorical_crossentropy", response="y")
    run = rv.descend(problem, {"w": np.zeros((4, 3))}, "adam", learning_rate=0.1, steps=2, dtype="float64")
    found = explain(run, 2, per_point=True)
    assert found.symbolic is None and "can't be read as a formula" in found.report(width=2000)
    np.testing.assert_allclose(found.points.gradient.sum(0), found.gradient, rtol=1e-6, atol=1e-12)
    assert found.points.loss.sum() == pytest.approx(found.loss.before, rel=1e-6)
    assert found.digits_off <= 4


def test_text_keeps_to_its_width_and_html_is_escaped(line):
    from rich.cells import cell_len

    run = rv.descend(line, {"a": 5, "b": 4}, "nadam", learning_rate=0.1, steps=3)
    for language in ("en", "zh"):
        found = explain(run, 2, per_point=True, language=language)
        for width in (80, 120):
            assert max(map(cell_len, found.report("text", width).splitlines())) <= width
    table = {"x": [0.0, 1.0], "<b>y</b>": [1.0, 3.0]}
    problem = rv.Problem(lambda x, a, b: a * x + b, table, response="<b>y</b>")
    page = explain(rv.descend(problem, {"a": 0, "b": 0}, steps=1), 1, per_point=True).report("html")
    assert "<b>y</b>" not in page and "&lt;b&gt;y&lt;/b&gt;" in page
    assert "http" not in page


def test_it_says_why_reading_changes_nothing(line):
    run = rv.descend(line, {"a": 5, "b": 4}, learning_rate=0.1, steps=1)
    assert "only read the parameters: a is 5 however" in " ".join(explain(run, 1).report().split())
    assert "都只是读取参数" in explain(run, 1, language="zh").report()


@pytest.mark.parametrize(
    ("step", "start", "words", "fragments"),
    [
        (0, 0, {}, ("from 1 (the first update) to 3", "got 0")),
        (4, 0, {}, ("from 1 (the first update) to 3", "got 4")),
        (1.5, 0, {}, ("got 1.5",)),
        (1, 1, {}, ("start 0, the only one", "got 1")),
        (1, -1, {}, ("got -1",)),
        (1, 0, {"language": "fr"}, ("en or zh", "'fr'")),
        (1, 0, {"per_point": True}, ("a run with a table",)),
    ],
)
def test_what_cannot_be_explained_is_refused(refuses, step, start, words, fragments):
    run = rv.descend("(x - 2)**2", {"x": 6}, learning_rate=0.1, steps=3)
    with refuses(rv.ProblemError, "expected", *fragments):
        explain(run, step, start, **words)


def test_a_fit_has_no_updates(refuses):
    fit = rv.fit("y = a*x + b", {"x": [0, 1, 2, 3], "y": [1, 3, 5, 7.1]})
    with refuses(rv.ProblemError, "expected a run", "Fit", "fit.run"):
        explain(fit, 1)


def test_a_run_without_settings_still_has_its_update():
    from dataclasses import replace

    run = rv.descend("(x - 2)**2", {"x": 6}, learning_rate=0.1, steps=3)
    found = explain(replace(run, settings={"optimizer": "sgd"}), 2)
    assert found.arithmetic == () and "doesn't hold the settings" in found.report(width=2000)
    thin = replace(run, dataset=run.dataset.isel(step=[0, 3]), settings={"optimizer": "sgd", "record_every": 3})
    with pytest.raises(rv.ProblemError, match="step 2 isn't recorded"):
        explain(thin, 2)
