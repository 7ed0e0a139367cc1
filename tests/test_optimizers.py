"""Optimizers: what a name means, that each of Keras's makes its own update, and that `explain` recomputes it."""

import functools
import itertools

import numpy as np
import pytest

import ravine as rv
from ravine import engine, optimizers

_STEPS = 60
_EAGER = 8  # steps of the plain loop that each descent is compared with
_RATES = (0.1, 0.03)


def _keras(given, learning_rate=None):
    method = optimizers.resolve(given, learning_rate)
    assert isinstance(method, optimizers.KerasMethod)
    return method


def _scipy(name):
    method = optimizers.resolve(name)
    assert isinstance(method, optimizers.ScipyMethod)
    return method


# -- names ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", optimizers.names())
def test_every_name_resolves(name):
    assert optimizers.resolve(name).name == name


@pytest.mark.parametrize("spelling", ["sgd", " SGD ", "gd", "gradient_descent", "Gradient-Descent", "gradient descent"])
def test_spellings_of_gradient_descent(spelling):
    assert _keras(spelling).is_plain_descent


@pytest.mark.parametrize(
    ("text", "momentum", "nesterov"),
    [("momentum", 0.9, False), ("nesterov", 0.9, True), ("sgd(momentum=0.5)", 0.5, False),
     ("momentum(momentum=0.5)", 0.5, False), ("nesterov(momentum=0.75)", 0.75, True)],
)  # fmt: skip
def test_settings_in_the_name_reach_keras(text, momentum, nesterov):
    method = _keras(text)
    assert (method.optimizer.momentum, method.optimizer.nesterov) == (momentum, nesterov)
    assert not method.is_plain_descent


def test_configuration_instance_and_class_are_the_same_method():
    adam = engine.keras().optimizers.Adam()
    found = [_keras(given) for given in ("adam", adam, type(adam), engine.keras().optimizers.serialize(adam))]
    assert [one.key for one in found] == [found[0].key] * 4
    assert [one.start_rates for one in found] == [(0.001,)] * 4


def test_an_own_optimizer_is_taken_but_not_batched():
    class Signed(engine.keras().optimizers.SGD):
        pass

    method = _keras(Signed(0.5))
    assert method.start_rates == (0.5,)
    assert not method.is_elementwise


@pytest.mark.parametrize("name", ["adafactor", "lamb", "muon", "sgd(clipnorm=1.0)", "sgd(global_clipnorm=1.0)"])
def test_optimizers_with_norms_are_not_batched(name):
    assert not _keras(name).is_elementwise


def test_a_rate_given_goes_before_the_optimizers_own():
    assert _keras("adam(learning_rate=0.5)").start_rates == (0.5,)
    assert _keras("adam(learning_rate=0.5)", 0.25).start_rates == (0.25,)
    assert _keras("adam", [0.1, 0.2]).start_rates == (0.1, 0.2)


def test_scipy_methods_know_what_they_need():
    found = {name: _scipy(name) for name in ("nelder-mead", "bfgs", "newton-cg", "lm", "trf")}
    assert [one.needs_gradient for one in found.values()] == [False, True, True, False, False]
    assert [one.needs_hessian for one in found.values()] == [False, False, True, False, False]
    assert [one.is_least_squares for one in found.values()] == [False, False, False, True, True]
    assert [one.takes_bounds for one in found.values()] == [True, False, False, False, True]


@pytest.mark.parametrize(
    ("given", "rate", "fragment"),
    [
        ("addam", None, "Did you mean 'adam'?"), ("sgd(momentum)", None, "'sgd(momentum)'"), ("", None, "''"),
        ("sgd(momentum=2)", None, "momentum"), ("sgd(momentu=0.9)", None, "Did you mean 'momentum'?"),
        ("sgd(momentum=f(1))", None, "sgd(momentum=f(1))"), (3, None, "3"), ("bfgs", 0.1, "'bfgs'"),
        ("bfgs(gtol=1)", None, "gtol"), ("sgd", -1, "-1"), ("sgd", np.nan, "nan"), ("sgd", [], "[]"),
        ("sgd", [0.1, -2], "-2"), ("sgd", "fast", "'fast'"), ("sgd", [0.1, "x"], "'x'"),
        ({"class_name": "NoSuch", "config": {}}, None, "configuration"), ("sgd(" * 99, None, "sgd("),
        ("sgd(nesterov=1)(2)", None, "sgd(nesterov=1)(2)"), ("adam(learning_rate='x')", None, "learning_rate"),
    ],
)  # fmt: skip
def test_unusable_optimizer_or_rate_is_refused(given, rate, fragment, refuses):
    with refuses(rv.ProblemError, fragment):
        optimizers.resolve(given, rate)


def test_a_wrapper_around_an_optimizer_is_refused(refuses):
    wrapper = engine.keras().optimizers.LossScaleOptimizer(engine.keras().optimizers.SGD())
    with refuses(rv.ProblemError, "LossScaleOptimizer"):
        optimizers.resolve(wrapper)


# -- the table ------------------------------------------------------------------------------------------------

#: class, settings; the learning rate is 0.1, or a schedule's.
TABLE = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "clipvalue": ("SGD", {"clipvalue": 0.1}),
    "clipnorm": ("SGD", {"clipnorm": 0.1, "momentum": 0.5}),
    "global_clipnorm": ("SGD", {"global_clipnorm": 0.1}),
    "weight_decay": ("SGD", {"weight_decay": 0.1}),
    "scaled": ("SGD", {"loss_scale_factor": 4.0}),
    "accumulation": ("Adam", {"gradient_accumulation_steps": 3}),
    "adam": ("Adam", {}),
    "amsgrad": ("Adam", {"amsgrad": True}),
    "ema": ("Adam", {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 4}),
    "adamw": ("AdamW", {"weight_decay": 0.1}),
    "rmsprop": ("RMSprop", {}),
    "centered": ("RMSprop", {"centered": True}),
    "rmsprop with momentum": ("RMSprop", {"momentum": 0.9}),
    "centered with momentum": ("RMSprop", {"momentum": 0.5, "centered": True, "rho": 0.8}),
    "adagrad": ("Adagrad", {}),
    "adadelta": ("Adadelta", {}),
    "adamax": ("Adamax", {}),
    "nadam": ("Nadam", {}),
    "ftrl": ("Ftrl", {}),
    "lion": ("Lion", {}),
    "adafactor": ("Adafactor", {}),
    "lamb": ("Lamb", {}),
    "muon": ("Muon", {}),
    "schedulefree": ("ScheduleFreeAdamW", {}),
    "exponential": ("SGD", {"learning_rate": ("ExponentialDecay", (0.1, 5, 0.5))}),
    "piecewise": ("Adam", {"learning_rate": ("PiecewiseConstantDecay", ([3, 6], [0.1, 0.05, 0.01]))}),
}


def _optimizer(row, learning_rate=0.1):
    kind, settings = TABLE[row]
    keras_optimizers = engine.keras().optimizers
    settings = {"learning_rate": learning_rate, **settings}
    if isinstance(settings["learning_rate"], tuple):
        schedule, arguments = settings["learning_rate"]
        settings["learning_rate"] = getattr(keras_optimizers.schedules, schedule)(*arguments)
    return getattr(keras_optimizers, kind)(**settings)


def _eager(optimizer, start, loss):
    """Return [step, param] of a plain Keras loop: one variable a parameter, a tape, `apply`."""
    tf, keras = engine.tensorflow(), engine.keras()
    variables = [keras.Variable(np.asarray(value), dtype="float32") for value in start.values()]
    path = [np.concatenate([np.ravel(variable) for variable in variables])]
    for _ in range(_EAGER):
        with tf.GradientTape() as tape:
            value = loss(*[variable.value for variable in variables])
        optimizer.apply(tape.gradient(value, [variable.value for variable in variables]), variables)
        path.append(np.concatenate([np.ravel(variable) for variable in variables]))
    return np.array(path)


class _WithoutData:
    """A bent valley, written twice."""

    starts = ({"a": 2.0, "b": 1.5}, {"a": -1.0, "b": 0.5})

    def problem(self):
        return rv.Problem("log(1 + (a - 3)**2*(b**2 + 1)) + b**2/8")

    def loss(self, a, b):
        return engine.tensorflow().math.log(1 + (a - 3) ** 2 * (b**2 + 1)) + b**2 / 8


class _WithData:
    """The two-layer network on twenty points."""

    starts = ({"a": 2.0, "b": 4.5}, {"a": 5.0, "b": 1.0})
    x = np.linspace(-1, 1, 20, dtype="float32")
    y = np.sin(2.5 * np.cos(1.2 * x))

    def problem(self):
        return rv.Problem("y = sin(b*cos(a*x))", {"x": self.x, "y": self.y})

    def loss(self, a, b):
        tf = engine.tensorflow()
        return tf.reduce_mean((tf.sin(b * tf.cos(a * self.x)) - self.y) ** 2)


def _affine(x, w, b):
    return x @ w + b


class _WithArrays:
    """Weights [features, outputs] and biases on twenty points."""

    starts = tuple(
        {"w": random.standard_normal((4, 3)), "b": random.standard_normal(3)}
        for random in map(np.random.default_rng, (1, 2))
    )
    x = np.random.default_rng(3).standard_normal((20, 4)).astype("float32")
    y = np.random.default_rng(4).standard_normal((20, 3)).astype("float32")

    def problem(self):
        return rv.Problem(_affine, {"x": self.x, "y": self.y})

    def loss(self, w, b):
        return engine.tensorflow().reduce_mean((self.x @ w + b - self.y) ** 2)


_BY_NAME = {"without data": _WithoutData(), "with data": _WithData(), "arrays": _WithArrays()}


@functools.cache
def _descended(row, name, dtype="float32"):
    """Return a descent by an optimizer of the table, computed once for all that is said of it."""
    case, (starts, rates) = _BY_NAME[name], _starts_and_rates(row, name)
    given = {"learning_rate": None if rates == [None] else rates, "steps": _STEPS, "dtype": dtype}
    return rv.descend(case.problem(), starts, _optimizer(row), **given, stop=rv.Stop(None))


def _starts_and_rates(row, name):
    """Return where a descent begins, and its learning rates; None stands for a schedule. Arrays go one by one."""
    starts, rates = list(_BY_NAME[name].starts), list(_RATES)
    if name == "arrays":
        starts, rates = starts[:1], rates[:1]
    return starts, [None] if "learning_rate" in TABLE[row][1] else rates


def _assert_agrees(row, name):
    case, run = _BY_NAME[name], _descended(row, name)
    expected = [
        _eager(_optimizer(row) if rate is None else _optimizer(row, rate), start, case.loss)
        for start, rate in itertools.product(*_starts_and_rates(row, name))
    ]
    found = run.dataset["params"].values[:, : _EAGER + 1]
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("row", TABLE)
def test_a_batch_of_starts_and_rates_is_the_eager_keras_loop(row):
    _assert_agrees(row, "without data")


@pytest.mark.parametrize("row", ["nesterov", "adam"])
def test_one_start_with_arrays_is_the_eager_keras_loop(row):
    _assert_agrees(row, "arrays")


# On other problems those that need data, or look at the shape of a variable; all others would show the same once more.
@pytest.mark.parametrize(
    ("row", "name"),
    [(row, "with data") for row in ("nesterov", "adam", "lamb")]
    + [(row, "arrays") for row in ("clipnorm", "global_clipnorm", "adafactor", "lamb", "muon", "schedulefree")],
)
def test_an_optimizer_on_another_problem_is_the_eager_keras_loop(row, name):
    _assert_agrees(row, name)


_NOT_WRITTEN_OUT = {"ftrl", "adafactor", "lamb", "muon", "schedulefree"}


@pytest.mark.parametrize(
    ("row", "dtype"),
    [(row, "float32") for row in TABLE if row not in _NOT_WRITTEN_OUT]
    + [(row, "float64") for row in ("sgd", "nesterov", "adam")],
)
def test_the_lines_that_explain_shows_recompute_to_the_recorded_next_step(row, dtype):
    run = _descended(row, "without data", dtype)
    for start in range(run.starts):
        for step in (1, 3, 4, 20, _STEPS):
            found = rv.explain(run, step, start)
            assert found.recomputed is not None
            assert found.digits_off <= _units(row, step), (start, step, found.digits_off)
            np.testing.assert_array_equal(found.after, run.dataset["params"].values[start, step])


def _units(row, step):
    """Return by how many units in the last place the lines may miss the step that was compiled.

    Four for what is added, multiplied and divided; sixteen where a root is taken of v − m², which cancels. A power
    βᵗ of single precision is right to two units on any processor; 1 − βᵗ, by which Adam and its kin divide, then to
    2·βᵗ/(1 − βᵗ), of which a root takes half.
    """
    config = _optimizer(row).get_config()
    count = max(1, step // (config.get("gradient_accumulation_steps") or 1))
    powers = [config[name] ** count for name in ("beta_1", "beta_2") if name in config and row != "lion"]
    plain = 16 if config.get("centered") else 4
    return plain + sum(2 * share * power / (1 - power) for share, power in zip((1.0, 0.5), powers, strict=False))


def test_every_optimizer_of_keras_is_in_the_table():
    kinds = {kind.__name__ for kind in optimizers._keras_kinds()}
    assert kinds == {kind for kind, _ in TABLE.values()}


def test_a_schedule_of_a_local_class_is_followed_and_one_without_configuration_refused(refuses):
    class Halving(engine.keras().optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.5 ** (1 + engine.tensorflow().cast(step, "float32"))

    class Described(Halving):
        def get_config(self):
            return {}

    run = rv.descend("x**2", {"x": 1}, learning_rate=Described(), steps=2)
    assert run.dataset["params"].values.ravel().tolist() == [1, 0]
    with refuses(rv.ProblemError, "get_config()", "Halving"):
        rv.descend("x**2", {"x": 1}, learning_rate=Halving(), steps=2)


def test_a_text_is_one_rate_and_so_is_an_array_without_axes():
    assert _keras("sgd", "12").start_rates == (12.0,)
    assert _keras("sgd", np.array(0.5)).start_rates == (0.5,)


def test_accumulated_gradients_are_no_plain_descent():
    assert not _keras("sgd(gradient_accumulation_steps=3)").is_plain_descent
