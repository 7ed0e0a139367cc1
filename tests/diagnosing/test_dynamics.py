"""Dynamics: contraction and edges against hand-written iterations."""

import numpy as np
import pytest

from ravine.diagnosing.dynamics import Rule, steps_to_arrive


def _iterated(rule, rate, curvature, steps):
    """Return |x| after so many steps of Keras's SGD on ½λx², from 1."""
    x, velocity, beta = 1.0, 0.0, rule.momentum
    for _ in range(steps):
        gradient = curvature * x
        velocity = beta * velocity - rate * gradient
        x += beta * velocity - rate * gradient if rule.kind == "nesterov" else velocity
    return abs(x)


RULES = [Rule("plain"), Rule("momentum", 0.9), Rule("momentum", 0.5), Rule("nesterov", 0.9), Rule("nesterov", 0.3)]


@pytest.mark.parametrize("rule", RULES)
def test_at_the_edge_nothing_shrinks(rule):
    assert rule.factors(0.5, np.array([2 * rule.edge_times_curvature])) == pytest.approx([1.0])


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("side", [0.98, 1.02])
def test_the_edge_divides_what_settles_from_what_grows(rule, side):
    end = _iterated(rule, side * rule.edge_times_curvature / 3.0, 3.0, 2000)
    assert (end < 1e-3) if side < 1 else (end > 1e3)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("product", [0.01, 0.3, 1.1])
def test_factors_are_those_of_the_iteration(rule, product):
    """The distance after n and 2n steps shrinks by the n-th power of the factor, up to oscillation."""
    factor = rule.factors(product, np.array([1.0]))[0]
    ends = [max(_iterated(rule, product, 1.0, steps + k) for k in range(12)) for steps in (150, 300)]
    if ends[1] > 1e-250:
        assert (ends[1] / ends[0]) ** (1 / 150) == pytest.approx(factor, rel=0.01)


def test_steps_to_arrive_follow_from_the_slowest_part():
    assert steps_to_arrive(np.array([1.0, 1.0]), np.array([0.1, 0.9]), 1e-4) == np.ceil(
        np.log(1e-4) / (2 * np.log(0.9))
    )
    assert steps_to_arrive(np.array([1.0]), np.array([1.0]), 0.5) == np.inf
    assert steps_to_arrive(np.array([0.1]), np.array([1.0]), 0.5) <= 1


def test_many_steps_are_counted_too():
    found = steps_to_arrive(np.array([1.0]), np.array([1 - 1e-9]), 1e-2)
    assert found == pytest.approx(np.log(100) / 2e-9, rel=1e-5)


def test_settings_tell_the_rule():
    def rule(name, **config):
        return Rule.of({"optimizer_config": {"class_name": name, "config": config}}, has_rate=True)

    assert rule("SGD").kind == "plain"
    assert rule("SGD", momentum=0.9).edge_times_curvature == pytest.approx(3.8)
    assert rule("SGD", momentum=0.9, nesterov=True).edge_times_curvature == pytest.approx(3.8 / 2.8)
    assert rule("SGD", clipnorm=1.0).kind == rule("Adam").kind == "adaptive"
    assert Rule.of({"optimizer_config": {"class_name": "bfgs"}}, has_rate=False).kind == "scipy"
