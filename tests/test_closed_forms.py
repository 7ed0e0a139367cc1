"""Descent against what is known: the outcomes of the lessons, and closed forms on quadratics."""

import numpy as np
import pytest

import ravine as rv
from ravine.run import Status

_NEVER = rv.Stop(None, None, None)


def _params(run, start=0):
    return run.dataset["params"].values[start].astype(float)


def _codes(run):
    return [note.code for note in run.warnings]


# -- the lessons ----------------------------------------------------------------------------------------------


def _least_squares(problem, *columns):
    return np.linalg.lstsq(np.stack(columns, axis=1), problem.observed, rcond=None)[0]


def test_line_at_a_small_rate_ends_at_least_squares_from_all_starts(line, three_starts):
    run = rv.descend(line, three_starts, learning_rate=0.1, steps=400)
    x = line.columns["x"]
    expected = _least_squares(line, x, np.ones_like(x))
    np.testing.assert_allclose(run.dataset["params"].values[:, -1], [expected] * 3, atol=2e-5)
    assert run.warnings == ()


def test_line_at_rate_one_jumps_between_two_values_and_says_why(line, three_starts):
    run = rv.descend(line, three_starts, learning_rate=1, steps=400)
    b = run.dataset["params"].values[:, :, 1]
    np.testing.assert_allclose(b[:, 2:], b[:, :-2], atol=1e-4)
    best = _least_squares(line, line.columns["x"], np.ones(200))[1]
    np.testing.assert_allclose(
        np.abs(b - best), np.abs([[4 - best], [1 - best], [4.5 - best]]) * np.ones(401), atol=1e-4
    )
    assert set(run.statuses) == {Status.ran_out}
    assert _codes(run) == ["learning-rate-at-edge"]
    assert "Learning rate 1 " in run.warnings[0].text
    assert "such as 0.5" in run.warnings[0].text


@pytest.mark.parametrize("rate", [0.1, 1])
def test_cubic_arrives_near_the_truth(cubic, three_starts, rate):
    run = rv.descend(cubic, three_starts, learning_rate=rate, steps=400)
    x = cubic.columns["x"]
    expected = _least_squares(cubic, x**3, x**2)
    np.testing.assert_allclose(run.dataset["params"].values[:, -1], [expected] * 3, atol=1e-3)
    np.testing.assert_allclose(expected, [1.2, 2.5], atol=0.1)


def test_two_layer_ends_in_another_minimum_from_every_start(two_layer, three_starts):
    run = rv.descend(two_layer, three_starts, learning_rate=0.1, steps=400)
    ends, losses = run.dataset["params"].values[:, -1], run.dataset["loss"].values[:, -1]
    np.testing.assert_allclose(ends[1:], [[4.575, -0.566], [1.2, 2.5]], atol=0.02)
    np.testing.assert_allclose(ends[0], [5.54, 4.37], atol=0.15)  # a flat floor: the noise moves its lowest point
    assert np.abs(run.dataset["gradient"].values[:, -1]).max() < 1e-4
    np.testing.assert_allclose(losses, [1.01, 0.56, 0.01], atol=0.02)
    assert run.best == 2
    assert _codes(run) == ["better-minimum"]


def test_parabola_with_adam_visits_the_known_points():
    run = rv.descend("(x - 50)**2", {"x": 3}, "adam", learning_rate=1, steps=200)
    known = {1: 3.99999, 2: 4.99937, 10: 12.9182, 50: 43.1839, 100: 50.4798, 200: 50.0027}
    # Adam divides by 1 − β₂ᵗ, which begins with 0.001: a unit in the last place of β₂ᵗ is 6e-5 of it, and of the first
    # step 3e-5. Units that are off to one side at all steps leave 9e-5 at most, by the same recursion in NumPy.
    np.testing.assert_allclose(_params(run)[list(known), 0], list(known.values()), atol=1e-4)
    assert run.dataset["gradient"].values[0, 0, 0] == -94


def test_five_points_follow_the_closed_form_of_descent():
    """With X the points beside ones: θ_k = θ* + (1 − α·XᵀX)^k·(θ₀ − θ*) for the loss ½Σr²."""
    random = np.random.default_rng(0)
    x, y = (np.linspace(-10, 10, 5) + random.normal(0, 1.5, 5) for _ in range(2))
    start = random.normal(0, 0.1, 2)
    problem = rv.Problem("y = b + a*x", {"x": x, "y": y}, loss="half_sse")
    run = rv.descend(
        problem, dict(zip("ab", start, strict=True)), learning_rate=0.002, steps=50, dtype="float64", stop=_NEVER
    )
    design = np.stack([x, np.ones(5)], axis=1)
    optimum, curvature = np.linalg.lstsq(design, y, rcond=None)[0], design.T @ design
    path = [
        optimum + np.linalg.matrix_power(np.eye(2) - 0.002 * curvature, step) @ (start - optimum) for step in range(51)
    ]
    np.testing.assert_allclose(_params(run), path, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(
        run.dataset["loss"].values[0], [np.sum((design @ at - y) ** 2) / 2 for at in path], rtol=1e-12
    )
    np.testing.assert_allclose(
        run.dataset["gradient"].values[0], [curvature @ (at - optimum) for at in path], rtol=1e-10, atol=1e-11
    )


# -- closed forms on quadratics -------------------------------------------------------------------------------

_MATRIX = np.array([[3.0, 1.0], [1.0, 2.0]])
_QUADRATIC = "(3*x**2 + 2*x*y + 2*y**2)/2"
_AT = np.array([2.0, -1.0])


def _quadratic(optimizer, rate, steps=40, dtype="float64"):
    start = {"x": _AT[0], "y": _AT[1]}
    return _params(rv.descend(_QUADRATIC, start, optimizer, learning_rate=rate, steps=steps, dtype=dtype, stop=_NEVER))


@pytest.mark.parametrize("rate", [0.05, 0.25, 0.5])
def test_descent_shrinks_every_eigen_direction_by_one_minus_rate_times_curvature(rate):
    curvatures, directions = np.linalg.eigh(_MATRIX)
    found = _quadratic("sgd", rate) @ directions
    expected = (1 - rate * curvatures) ** np.arange(41)[:, None] * (_AT @ directions)
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-14)


def test_float32_is_close_to_float64():
    np.testing.assert_allclose(_quadratic("sgd", 0.25, dtype="float32"), _quadratic("sgd", 0.25), atol=1e-6)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("momentum", [0.5, 0.875])
def test_momentum_is_a_power_of_its_matrix(momentum, nesterov):
    """v ← m·v − α·λ·w, then w ← w + v, or w ← w + m·v − α·λ·w for Nesterov: a 2 × 2 matrix on (v, w).

    Reference: I. Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013.
    """
    rate = 0.125
    curvatures, directions = np.linalg.eigh(_MATRIX)
    found = _quadratic(f"sgd(momentum={momentum}, nesterov={nesterov})", rate) @ directions
    for index, (curvature, begin) in enumerate(zip(curvatures, _AT @ directions, strict=True)):
        first = [momentum, -rate * curvature]
        second = [momentum * first[0], 1 - rate * curvature * (1 + momentum)] if nesterov else [momentum, 1 + first[1]]
        power = np.array([np.linalg.matrix_power([first, second], step) @ [0, begin] for step in range(41)])
        np.testing.assert_allclose(found[:, index], power[:, 1], rtol=1e-9, atol=1e-13)


def _adam(rate, beta_1, beta_2, seen_1=None, seen_2=None):
    """Return the path of textbook Adam on the quadratic (Kingma & Ba 2015, the ε̂ of section 2), [step, param].

    The bias correction may see other betas.
    """
    seen_1, seen_2 = seen_1 or beta_1, seen_2 or beta_2
    at, first, second = _AT, np.zeros(2), np.zeros(2)
    path = [at]
    for step in range(1, 201):
        gradient = _MATRIX @ at
        first, second = beta_1 * first + (1 - beta_1) * gradient, beta_2 * second + (1 - beta_2) * gradient**2
        at = at - rate * np.sqrt(1 - seen_2**step) / (1 - seen_1**step) * first / (np.sqrt(second) + 1e-7)
        path.append(at)
    return np.array(path)


def test_adam_is_the_textbooks():
    """Keras rounds the betas of the bias correction through float32 even in float64."""
    found = _quadratic("adam", 0.1, steps=200)
    np.testing.assert_allclose(found, _adam(0.1, 0.9, 0.999), atol=1e-5)
    np.testing.assert_allclose(found[-1], _adam(0.1, 0.9, 0.999)[-1], atol=2.8e-6)
    rounded = (float(np.float32(beta)) for beta in (0.9, 0.999))
    np.testing.assert_allclose(found, _adam(0.1, 0.9, 0.999, *rounded), atol=1e-10)


def test_adam_with_betas_that_float32_holds_is_exactly_the_textbooks():
    found = _quadratic("adam(beta_1=0.875, beta_2=0.984375)", 0.125, steps=200)
    np.testing.assert_allclose(found, _adam(0.125, 0.875, 0.984375), atol=1e-10)
