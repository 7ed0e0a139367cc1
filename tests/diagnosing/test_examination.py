"""diagnose: each code from a case whose trouble follows from a closed form, and silence where all is well."""

import dataclasses
import json

import numpy as np
import pytest

import ravine as rv
from ravine.diagnosing.findings import CODES
from ravine.diagnosing.sentences import REMARKS, SENTENCES
from ravine.recording import Recording

BOWL = "5000*x**2 + 0.5*y**2"  # curvatures 10⁴ and 1


@pytest.fixture(scope="module")
def descend():
    """Return descents that the tests share, made once."""
    made = {}

    def make(problem, start, optimizer="sgd", **settings):
        key = (id(problem) if isinstance(problem, rv.Problem) else problem, repr(start), optimizer, repr(settings))
        if key not in made:
            made[key] = problem, rv.descend(problem, start, optimizer, **settings)  # the problem keeps its id
        return made[key][1]

    return make


def _only(run, code):
    found = rv.diagnose(run)
    assert found.codes == (code,)
    return found.findings[0]


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_a_good_rate_is_not_blamed(descend, rate):
    """On x² one step multiplies x by 1 − 2·rate, so that all of these arrive."""
    assert rv.diagnose(descend("x**2", {"x": 3}, learning_rate=rate, steps=100)).findings == ()


@pytest.mark.parametrize(("rate", "code"), [(1.0, "learning-rate-at-edge"), (1.05, "learning-rate-too-large")])
def test_the_edge_is_two_over_the_curvature(descend, rate, code):
    found = _only(descend("x**2", {"x": 3}, learning_rate=rate, steps=100), code)
    assert (found.evidence["curvature"], found.evidence["edge"], found.evidence["works"]) == (2, 1, 0.5)
    assert "0.5" in found.suggestion


def test_the_edge_of_momentum_is_higher(descend):
    """2(1 + 0.9)/2 = 1.9."""
    assert _only(
        descend("x**2", {"x": 3}, "momentum", learning_rate=2.2, steps=60), "learning-rate-too-large"
    ).evidence["edge"] == pytest.approx(1.9)


def test_a_small_rate_tells_how_many_steps_are_left(descend):
    """The distance shrinks by 0.998 a step; the loss may keep 10⁻⁴ of its fall, the distance a hundredth."""
    found = _only(descend("x**2", {"x": 3}, learning_rate=1e-3, steps=200), "learning-rate-too-small")
    assert found.evidence["more_steps"] == pytest.approx(np.log(0.01) / np.log(0.998) - 200, rel=0.02)
    assert found.evidence["works"] == 0.5


def test_a_narrow_valley_tells_its_condition_number(descend):
    found = _only(descend(BOWL, {"x": 1, "y": 10}, learning_rate=1e-4, steps=400), "ill-conditioned")
    assert found.evidence["condition"] == 1e4
    assert found.evidence["slowest_direction"] == ("y",)
    assert found.evidence["units"] == {"x": 1, "y": 100}


def test_a_small_rate_in_a_narrow_valley_is_both(descend):
    found = rv.diagnose(descend(BOWL, {"x": 1, "y": 10}, learning_rate=1e-6, steps=400))
    assert found.codes == ("learning-rate-too-small", "ill-conditioned")


def test_a_plateau_is_flat(descend):
    found = _only(descend("-exp(-(x - 3)**2)", {"x": -3}, learning_rate=0.1, steps=50), "flat")
    assert found.evidence["better_place"]["x"] == pytest.approx(3, abs=1e-3)


def test_a_saddle_tells_its_negative_curvature(descend):
    """∂²/∂y² of y⁴ − 2y² is −4 at 0, and its minima are −1 at ±1."""
    found = _only(descend("x**2 + y**4 - 2*y**2", {"x": 1, "y": 0}, learning_rate=0.1, steps=300), "saddle")
    assert (found.evidence["negative_curvature"], found.evidence["direction"]) == (-4, ("y",))
    assert found.evidence["better"] == pytest.approx(-1)


def test_a_local_minimum_is_told_with_the_better_one(descend):
    found = _only(descend("x**4 - 3*x**2 + x", {"x": 2}, learning_rate=0.05, steps=200), "local-minimum")
    roots = np.roots([4, 0, -6, 1])
    assert found.evidence["better_place"]["x"] == pytest.approx(roots.min(), abs=1e-3)


def test_the_better_start_of_a_run_is_named(descend):
    run = descend("x**4 - 3*x**2 + x", [{"x": 2}, {"x": -2}], learning_rate=0.05, steps=200)
    found = _only(run, "local-minimum")
    assert (found.starts, found.evidence["better_start"]) == ((0,), 1)
    assert found.text.startswith("Start 0: ")


def test_a_parameter_without_effect_is_named(descend):
    found = _only(descend("(x - 1)**2 + 0*y", {"x": 4, "y": 2}, learning_rate=0.2, steps=200), "no-effect")
    assert found.evidence["names"] == ("y",)


def test_parameters_that_matter_together_are_named(descend):
    found = _only(descend("(x + y - 1)**2", {"x": 4, "y": 2}, learning_rate=0.1, steps=200), "indistinguishable")
    assert found.evidence["names"] == ("x", "y")
    assert sum(found.evidence["other_place"].values()) == pytest.approx(1, abs=1e-3)


def test_a_bound_in_the_way_tells_what_lies_beyond(descend):
    problem = rv.Problem("(x + 2)**2", bounds={"x": (1, None)})
    found = _only(descend(problem, {"x": 3}, learning_rate=0.1, steps=200), "at-bound")
    assert (found.evidence["bound"], found.evidence["beyond"]) == (1, pytest.approx(-2))


def test_an_overflow_names_step_and_operation(descend):
    found = _only(descend("log(x) + x**2", {"x": -1}, steps=20), "overflow")
    assert (found.evidence["step"], found.evidence["with_values"]) == (0, "log(-1)")


def test_a_fall_without_end_is_no_fault_of_the_rate(descend):
    found = rv.diagnose(descend("-x**2", {"x": 1}, learning_rate=1, steps=200))
    assert found.findings == ()
    assert "no minimum" in found.remarks[0]


def _stochastic(problem, x, rate, steps=1500):
    """Return the run of plain descent from (5, 4), one point a step, written out here."""
    random = np.random.default_rng(4)
    params, gradients = [np.array([5.0, 4.0])], []
    for _ in range(steps + 1):
        at = random.integers(len(x))
        residual = params[-1][0] * x[at] + params[-1][1] - problem.observed[at]
        gradients.append(2 * residual * np.array([x[at], 1.0]))
        params.append(params[-1] - rate * gradients[-1])
    params, gradients = np.array(params[:-1]), np.array(gradients)
    loss = problem.losses(params)
    recording = Recording(
        np.arange(steps + 1), params[None], gradients[None], loss[None], np.full((1, steps + 1), rate),
        [rv.Status.ran_out], np.array([steps]),
    )  # fmt: skip
    config = {"class_name": "SGD", "config": {"momentum": 0.0}}
    settings = {"optimizer": "sgd", "optimizer_config": config, "batch_size": 1, "dtype": "float64", "record_every": 1}
    return rv.Run(recording.to_dataset(problem.names), problem, settings)


def test_noise_of_mini_batches_is_the_floor():
    """Plain descent with noise of covariance C stays about α·tr(C)/4 above the minimum."""
    x = np.linspace(-1, 1, 200)
    y = 1.2 * x + 2.5 + np.random.default_rng(1).standard_normal(200)
    problem = rv.Problem("y = a*x + b", {"x": x, "y": y})
    found = _only(_stochastic(problem, x, 0.2), "noise-floor")
    exact = np.polyfit(x, y, 1, full=True)[1][0] / 200
    assert found.evidence["floor"] == pytest.approx(exact, rel=1e-3)
    assert rv.diagnose(_stochastic(problem, x, 0.005)).findings == ()


def test_rates_of_one_run_are_judged_each(descend):
    found = rv.diagnose(descend("x**2", {"x": 3}, learning_rate=[0.25, 1, 1.2, 2], steps=100))
    assert [(finding.code, finding.starts) for finding in found.findings] == [
        ("learning-rate-too-large", (2,)), ("learning-rate-too-large", (3,)), ("learning-rate-at-edge", (1,)),
    ]  # fmt: skip


def test_every_second_step_is_enough(descend):
    run = descend("x**2", {"x": 3}, learning_rate=1, steps=100, record_every=2)
    assert rv.diagnose(run).codes == ("learning-rate-at-edge",)


def test_methods_of_scipy_have_no_rate(descend):
    found = rv.diagnose(descend(BOWL, {"x": 1, "y": 10}, "bfgs", steps=100))
    assert found.findings == ()
    assert "bfgs" in found.remarks[0]


def test_a_loaded_run_says_the_same(descend, tmp_path):
    run = descend("x**4 - 3*x**2 + x", {"x": 2}, learning_rate=0.05, steps=200)
    assert repr(rv.diagnose(rv.load(rv.save(run, tmp_path / "run.nc")))) == repr(rv.diagnose(run))


def test_a_function_from_a_file_says_what_it_cannot_check(tmp_path):
    from ravine import engine

    run = rv.descend(lambda x: engine.tensorflow().math.log(x) + x**2, {"x": -1}, steps=5)
    found = rv.diagnose(rv.load(rv.save(run, tmp_path / "run.nc")))
    assert found.codes == ("overflow",)
    assert any("function" in remark for remark in found.remarks)


def test_a_thousand_starts_are_grouped(two_layer):
    run = rv.descend(two_layer, rv.Normal(1000, scale=3, seed=2), learning_rate=0.1, steps=300, record_every=100)
    found = rv.diagnose(run)
    assert len(found.findings) < 10
    told = [finding for finding in found.findings if finding.code == "local-minimum"]
    assert len(told) == 1
    assert len(told[0].starts) > 50
    assert "of 1,000 starts" in told[0].text


def test_every_sentence_is_told_in_both_languages_with_its_evidence(descend):
    run = descend("x**4 - 3*x**2 + x", [{"x": 2}, {"x": -2}], learning_rate=0.05, steps=200)
    english, chinese = (rv.diagnose(run, language=language).findings[0] for language in ("en", "zh"))
    assert english.evidence == chinese.evidence
    assert "起点 0" in chinese.text
    assert not any(len(set(texts)) < len(texts) for texts in (*SENTENCES.values(), *REMARKS.values()))
    assert {code for code, _ in SENTENCES} == set(CODES)


def test_it_is_shown_as_text_html_and_json(descend):
    found = rv.diagnose(descend("x**2", {"x": 3}, learning_rate=1, steps=100))
    assert repr(found).startswith("x**2\n\nlearning-rate-at-edge\n  Learning rate 1 sits at the edge 2/λ = 1")
    assert "<b>learning-rate-at-edge</b>" in found._repr_html_()
    plain = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert set(plain["findings"][0]) == {"code", "text", "evidence", "suggestion", "starts"}


def test_infinite_evidence_is_no_json_number(descend):
    found = rv.diagnose(descend("x**2", {"x": 3}, learning_rate=1, steps=100)).findings[0]
    assert dataclasses.replace(found, evidence={"loss": np.inf}).as_dict()["evidence"] == {"loss": None}


def test_what_is_no_run_is_refused_in_a_sentence(descend, refuses):
    run = descend("x**2", {"x": 3}, learning_rate=1, steps=100)
    with refuses(rv.ProblemError, "diagnose", "run"):
        rv.diagnose("run.nc")
    with refuses(rv.ProblemError, "language", "'fr'"):
        rv.diagnose(run, language="fr")
