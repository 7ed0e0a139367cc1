"""Problem: names, numbers, and what it refuses."""

import pickle

import numpy as np
import pandas as pd
import pytest

import ravine as rv
from ravine import engine, graph
from ravine.graph import Evaluator

_DATA = {"x": [0.0, 1.0, 2.0], "y": [1.0, 3.0, 5.0]}


def test_columns_are_variables_and_other_names_parameters():
    problem = rv.Problem("y = a*x + b", _DATA)
    assert problem.names == ("a", "b")
    assert problem.variables == ("x",)
    assert problem.response_label == "y"
    assert (problem.has_data, problem.points) == (True, 3)


def test_without_a_table_all_names_are_parameters():
    problem = rv.Problem("(x - 50)**2 + y")
    assert problem.names == ("x", "y")
    assert (problem.has_data, problem.points, problem.loss.name) == (False, 1, "value")


def test_parameters_of_a_formula_come_in_the_order_of_letters_and_numbers():
    assert rv.Problem("y = c*x**2 + a*x + b10 + b9", _DATA).names == ("a", "b9", "b10", "c")


def test_parameters_of_a_callable_come_in_the_order_of_its_signature():
    assert rv.Problem(lambda x, slope, height: slope * x + height, _DATA).names == ("slope", "height")


def test_the_start_does_not_change_the_order():
    problem = rv.Problem("y = a*x + b", _DATA)
    run = rv.descend(problem, {"b": 1, "a": 2}, steps=1)
    assert run.names == problem.names == ("a", "b")


@pytest.mark.parametrize("data", [_DATA, pd.DataFrame(_DATA)], ids=["dict", "frame"])
def test_losses_are_those_of_the_rows(data):
    assert rv.Problem("y = a*x + b", data).losses([[2, 1], [0, 0]]).tolist() == [0.0, 35 / 3]


def test_a_response_may_be_an_expression():
    problem = rv.Problem("log(y) = a*x", {"x": [1.0, 2.0], "y": np.exp([3.0, 6.0])})
    assert problem.losses([[3.0]])[0] == pytest.approx(0, abs=1e-28)
    assert problem.response_label == "log(y)"


def test_many_rows_are_evaluated_in_pieces_alike():
    problem = rv.Problem("y = a*x + b", {"x": np.arange(1000.0), "y": np.arange(1000.0)})
    rows = np.random.default_rng(0).standard_normal((700, 2))
    expected = np.mean((rows[:, :1] * np.arange(1000.0) + rows[:, 1:] - np.arange(1000.0)) ** 2, axis=1)
    np.testing.assert_allclose(problem.losses(rows), expected, rtol=1e-12)


def test_no_rows_have_no_losses():
    assert rv.Problem("x**2").losses(np.empty((0, 1))).shape == (0,)


def test_numpy_and_tensorflow_agree_on_the_losses(two_layer):
    rows = np.random.default_rng(1).uniform(-2, 7, (50, 2))
    np.testing.assert_allclose(Evaluator(two_layer).losses(rows), two_layer.losses(rows), rtol=1e-12)


@pytest.fixture(params=["plain", "fused"])
def evaluates(request, monkeypatch):
    """Let evaluators run their graphs as they are, as for small tables, or compiled by XLA, as for large ones."""
    monkeypatch.setattr(graph, "_FUSED", 0 if request.param == "fused" else np.inf)
    monkeypatch.setattr(graph, "_FUSED_ALONE", 0 if request.param == "fused" else np.inf)


@pytest.mark.usefixtures("evaluates")
def test_gradient_is_that_of_central_differences(two_layer):
    at, h = np.array([2.0, 4.5]), 1e-6
    value, gradient = Evaluator(two_layer).loss_and_gradient(at)
    differences = [np.diff(two_layer.losses([at - h * unit, at + h * unit]))[0] / (2 * h) for unit in np.eye(2)]
    assert value == pytest.approx(two_layer.losses([at])[0], rel=1e-13)
    np.testing.assert_allclose(gradient, differences, rtol=1e-7)


@pytest.mark.usefixtures("evaluates")
def test_hessian_of_a_line_is_twice_the_mean_of_products(line):
    x = line.columns["x"]
    design = np.stack([x, np.ones_like(x)], axis=1)
    expected = 2 * design.T @ design / len(x)
    np.testing.assert_allclose(Evaluator(line).hessian([5, 4]), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(Evaluator(line).jacobian([5, 4]), design, rtol=1e-14)


@pytest.mark.usefixtures("evaluates")
def test_hessian_is_that_of_central_differences(two_layer):
    at, h = np.array([2.0, 4.5]), 1e-6
    steps = [[Evaluator(two_layer).loss_and_gradient(at + side * unit)[1] for side in (-h, h)] for unit in np.eye(2)]
    differences = [(after - before) / (2 * h) for before, after in steps]
    np.testing.assert_allclose(Evaluator(two_layer).hessian(at), differences, rtol=1e-7)


@pytest.mark.usefixtures("evaluates")
def test_residuals_are_weighted():
    problem = rv.Problem("y = a*x", _DATA, sigma=[1, 2, 4])
    assert Evaluator(problem).residuals([2.0]).tolist() == [-1.0, -0.5, -0.25]
    assert Evaluator(problem).predictions([2.0]).tolist() == [2 * x for x in _DATA["x"]]
    assert (Evaluator(problem).jacobian([2.0])[:, 0] * [1, 2, 4]).tolist() == list(_DATA["x"])


def test_what_is_evaluated_at_one_place_of_a_small_table_is_not_compiled(line):
    built = []

    def compile_and_note(problem, what, fuses):
        built.append((what, fuses))
        return whole(problem, what, fuses)

    whole = graph._compile
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(graph, "_compile", compile_and_note)
        patched.setattr(graph, "remember", lambda key, build: build())
        x = np.linspace(0, 1, 20_000)
        for problem in (line, rv.Problem("y = a*x + b", {"x": x, "y": x})):
            Evaluator(problem).loss_and_gradient([1, 2])
            Evaluator(problem).jacobian([1, 2])
    assert built == [
        ("losses_and_gradients", False), ("jacobian", False),
        ("losses_and_gradients", True), ("jacobian", True),
    ]  # fmt: skip


# -- constants ------------------------------------------------------------------------------------------------


def test_pi_and_e_are_constants():
    problem = rv.Problem("a*pi + e")
    assert problem.names == ("a",)
    assert problem.losses([[1.0]])[0] == pytest.approx(np.pi + np.e)


def test_a_column_named_e_wins_with_a_note():
    problem = rv.Problem("y = a*e", {"e": [1.0, 2.0], "y": [2.0, 4.0]})
    assert problem.losses([[2.0]]).tolist() == [0.0]
    assert [note.code for note in problem.notes] == ["constant-name"]
    assert "the column" in problem.notes[0].text


def test_a_start_for_e_makes_it_a_parameter_with_a_note():
    problem = rv.Problem("a*e").declare({"a": (), "e": ()})
    assert set(problem.names) == {"a", "e"}
    assert "a parameter" in problem.notes[0].text


# -- callables ------------------------------------------------------------------------------------------------


def test_a_numpy_callable_is_read_as_a_formula():
    def wave(x, a, b=2.0):
        return np.sin(a * x) + b

    problem = rv.Problem(wave, _DATA)
    assert problem.is_readable
    assert problem.names == ("a", "b")
    assert problem.defaults == {"b": 2.0}
    assert problem.losses([[0.0, 2.0]])[0] == pytest.approx(np.mean((2 - np.array([1, 3, 5])) ** 2))


def test_a_tensorflow_callable_is_not_readable_and_says_so(refuses):
    tf = engine.tensorflow()
    problem = rv.Problem(lambda x, a: tf.sin(a * x), _DATA)
    assert not problem.is_readable
    assert problem.title == "f(x, a)"
    with refuses(rv.ProblemError, "f(x, a)", "TensorFlow"):
        problem.losses([[1.0]])


def test_an_argument_without_effect_still_is_a_parameter():
    assert rv.Problem(lambda x, a, b: a * x, _DATA).names == ("a", "b")


def test_the_response_of_a_callable_is_the_only_other_column():
    problem = rv.Problem(lambda x, a: a * x, {"x": [1.0], "z": [2.0]})
    assert problem.response_label == "z"


def test_the_response_of_a_callable_may_be_named():
    data = {"x": [1.0], "u": [2.0], "v": [3.0]}
    assert rv.Problem(lambda x, a: a * x, data, response="v").losses([[3.0]]).tolist() == [0.0]


def test_an_unclear_response_is_refused(refuses):
    with refuses(rv.ProblemError, "u, v"):
        rv.Problem(lambda x, a: a * x, {"x": [1.0], "u": [2.0], "v": [3.0]})


@pytest.mark.parametrize("function", [lambda *a: 0, lambda **k: 0, lambda: 0, lambda a, /: a])
def test_signatures_without_plain_names_are_refused(function, refuses):
    with refuses(rv.FormulaError, "callable: expected"):
        rv.Problem(function)


# -- array parameters -----------------------------------------------------------------------------------------


def _affine(x, w, b):
    return x @ w + b


def test_array_parameters_have_flat_names_in_row_major_order(classes):
    problem = rv.Problem(_affine, classes).declare({"w": (4, 3), "b": (3,)})
    assert problem.names[:4] == ("w[0,0]", "w[0,1]", "w[0,2]", "w[1,0]")
    assert problem.names[-3:] == ("b[0]", "b[1]", "b[2]")


def test_rows_and_names_are_inverse(classes):
    problem = rv.Problem(_affine, classes).declare({"w": (4, 3), "b": (3,)})
    values = {"w": np.arange(12.0).reshape(4, 3), "b": np.arange(3.0)}
    found = problem.by_name(problem.row(values))
    assert all(np.array_equal(found[name], values[name]) for name in values)


def test_array_parameters_predict_like_numpy(classes):
    problem = rv.Problem(_affine, classes).declare({"w": (4, 3), "b": (3,)})
    random = np.random.default_rng(0)
    w, b = random.standard_normal((4, 3)), random.standard_normal(3)
    expected = np.mean((classes["x"] @ w + b - classes["y"]) ** 2)
    assert Evaluator(problem).losses([problem.row({"w": w, "b": b})])[0] == pytest.approx(expected, rel=1e-13)


def test_a_formula_takes_numbers_only(refuses):
    with refuses(rv.ProblemError, "'a'", "[2]"):
        rv.Problem("a**2").row({"a": [1.0, 2.0]})


# -- predict --------------------------------------------------------------------------------------------------


def test_predict_at_the_table_and_elsewhere():
    problem = rv.Problem("y = a*x + b", _DATA)
    assert problem.predict({"a": 2, "b": 1}).tolist() == [1.0, 3.0, 5.0]
    assert problem.predict({"a": 2, "b": 1}, {"x": [10.0]}).tolist() == [21.0]


def test_predict_of_a_constant_has_a_value_for_every_point():
    assert rv.Problem("y = a", _DATA).predict({"a": 4}).tolist() == [4.0, 4.0, 4.0]


def test_predict_outside_the_domain_is_nan_without_a_warning():
    assert np.isnan(rv.Problem("y = log(a*x)", _DATA).predict({"a": -1.0})[1])


# -- refusals -------------------------------------------------------------------------------------------------


def test_a_response_without_a_table_is_refused(refuses):
    with refuses(rv.ProblemError, "y = a*x", "table"):
        rv.Problem("y = a*x")


def test_a_response_that_is_no_column_is_refused_with_a_hint(refuses):
    with refuses(rv.DataError, "'Y'", "Did you mean 'y'?"):
        rv.Problem("Y = a*x", _DATA)


def test_a_formula_without_parameters_is_refused(refuses):
    with refuses(rv.ProblemError, "at least one parameter", "x"):
        rv.Problem("y = 2*x", _DATA)
    with refuses(rv.ProblemError, "at least one parameter"):
        rv.Problem("3 + 4")


def test_a_response_that_is_not_finite_names_the_row(refuses):
    with refuses(rv.DataError, "log(y)", "row 1 (counted from 0)", "y = -1"):
        rv.Problem("log(y) = a*x", {"x": [1, 2], "y": [1, -1]})


def test_something_else_than_a_formula_is_refused(refuses):
    with refuses(rv.ProblemError, "int"):
        rv.Problem(5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sigma", "fragment"),
    [
        ([1, 2], "3 values"),
        ([1, 0, 1], "row 1 (counted"),
        (-1, "-1"),
        ([1, np.nan, 1], "row 1 (counted"),
        ([1, "x", 1], "'x'"),
    ],
)
def test_unusable_sigma_is_refused(sigma, fragment, refuses):
    with refuses(rv.ProblemError, fragment):
        rv.Problem("y = a*x", _DATA, sigma=sigma)


def test_a_sigma_column_that_is_not_there_is_refused(refuses):
    with refuses(rv.DataError, "'s'"):
        rv.Problem("y = a*x", _DATA, sigma="s")


def test_sigma_may_be_a_column_a_number_or_an_array():
    data = {**_DATA, "s": [2.0, 2.0, 2.0]}
    found = [rv.Problem("y = a*x", data, sigma=sigma).losses([[1.0]])[0] for sigma in ("s", 2, np.full(3, 2.0))]
    assert found == [found[0]] * 3


def test_sigma_without_a_table_is_refused(refuses):
    with refuses(rv.ProblemError, "sigma", "table"):
        rv.Problem("a**2", sigma=1)


@pytest.mark.parametrize(
    ("bounds", "fragment"),
    [
        ({"c": (0, 1)}, "'c'"), ({"x": (0, 1)}, "column"), ({"a": (1, 0)}, "(1, 0)"), ({"a": 3}, "got 3"),
        ({"a": (0, 1, 2)}, "(0, 1, 2)"), ({"a": ("low", 1)}, "'low'"), ({"a": (np.nan, 1)}, "nan"),
    ],
)  # fmt: skip
def test_unusable_bounds_are_refused(bounds, fragment, refuses):
    with refuses(rv.ProblemError, fragment):
        rv.Problem("y = a*x", _DATA, bounds=bounds)


def test_bounds_may_be_open_on_a_side():
    low, high = rv.Problem("y = a*x + b", _DATA, bounds={"a": (None, 2)}).limits()
    assert low.tolist() == [-np.inf, -np.inf]
    assert high.tolist() == [2.0, np.inf]


def test_a_row_names_what_is_missing_or_unknown(refuses):
    problem = rv.Problem("y = a*x + b", _DATA)
    with refuses(rv.ProblemError, "got none for b"):
        problem.row({"a": 1})
    with refuses(rv.ProblemError, "'c' is no parameter"):
        problem.row({"a": 1, "b": 1, "c": 1})
    with refuses(rv.ProblemError, "'x' is a column"):
        problem.row({"a": 1, "b": 1, "x": 1})
    with refuses(rv.ProblemError, "'one'"):
        problem.row({"a": "one", "b": 1})


def test_columns_of_other_lengths_are_refused():
    with pytest.raises(rv.DataError):
        rv.Problem("y = a*x", {"x": [1, 2], "y": [1]})


def test_missing_values_are_refused_or_left_out():
    data = {"x": [1, np.nan, 3], "y": [1, 2, 3]}
    with pytest.raises(rv.DataError):
        rv.Problem("y = a*x", data)
    assert rv.Problem("y = a*x", data, nan_policy="omit").points == 2


def test_bounds_are_single_numbers(refuses):
    with refuses(rv.ProblemError, "'x'", "[1, 2]"):
        rv.Problem("x**2", bounds={"x": ([1, 2], 3)})


def test_predict_without_a_column_is_refused(refuses):
    with refuses(rv.ProblemError, "'x'"):
        rv.Problem("y = a*x", {"x": [1, 2], "y": [1, 2]}).predict({"a": 1}, {"z": [1]})


def test_a_problem_survives_pickling():
    problem = rv.Problem("y = a*x + b", {"x": [0, 1], "y": [1, 3]})
    assert pickle.loads(pickle.dumps(problem)).losses([[2, 1], [0, 1]]).tolist() == [0, 2]
