"""Rivals: the two-layer descent as others write it. Each returns its record, one row a step from step 0 on.

Every function takes the data once and returns a function without arguments that runs the whole descent. The formula
is sin(b·cos(a·x)) + offset; another offset makes another program, which has to be compiled anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ravine import engine


@dataclass(frozen=True)
class Task:
    """The descent that everybody runs: plain gradient descent on the mean squared error in float32."""

    data: Mapping[str, np.ndarray]
    start: Mapping[str, float]
    rate: float
    steps: int

    @property
    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """The columns x and y as float32, [point] each."""
        return self.data["x"].astype(np.float32), self.data["y"].astype(np.float32)


Descent = Callable[[], np.ndarray]  # [step, (a, b, loss, …)]


def session(task: Task, *, calls: int) -> Descent:
    """Return the loop of a TensorFlow 1 script: a graph, a feed, and a, b and loss fetched at every step.

    Parameters
    ----------
    task
        What to descend.
    calls
        Calls of ``Session.run`` at each step: 2 fetches first and updates then, as tutorials do; 1 does both at once.
    """
    tf = engine.tensorflow()
    v1 = tf.compat.v1
    x, y = task.points
    with tf.Graph().as_default() as graph:
        fed_x, fed_y = v1.placeholder(tf.float32, x.shape), v1.placeholder(tf.float32, y.shape)
        a, b = (v1.Variable(task.start[name], dtype=tf.float32) for name in "ab")
        loss = tf.reduce_mean(tf.square(tf.sin(tf.identity(b) * tf.cos(tf.identity(a) * fed_x)) - fed_y))
        seen = [tf.identity(a), tf.identity(b), loss]
        with tf.control_dependencies(seen):  # a, b and loss are those before the update, in one call as well
            update = v1.train.GradientDescentOptimizer(task.rate).minimize(loss)
        reset = v1.global_variables_initializer()
    opened = v1.Session(graph=graph)
    feed = {fed_x: x, fed_y: y}

    def in_one_call() -> list[float]:
        return opened.run([*seen, update], feed)[:3]

    def in_two_calls() -> list[float]:
        fetched = opened.run(seen, feed)
        opened.run(update, feed)
        return fetched

    step = in_one_call if calls == 1 else in_two_calls

    def descend() -> np.ndarray:
        opened.run(reset)
        return np.array([step() for _ in range(task.steps + 1)])

    return descend


def eager(task: Task) -> Descent:
    """Return the loop with a tape and a Keras optimizer that Keras's guides show for one's own training."""
    tf, keras = engine.tensorflow(), engine.keras()
    x, y = (tf.constant(column) for column in task.points)

    def descend() -> np.ndarray:
        a, b = (tf.Variable(task.start[name], dtype=tf.float32) for name in "ab")
        optimizer = keras.optimizers.SGD(task.rate)
        record = []
        for _ in range(task.steps + 1):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(tf.sin(b * tf.cos(a * x)) - y))
            gradient = tape.gradient(loss, [a, b])
            record.append([float(a), float(b), float(loss)])
            optimizer.apply_gradients(zip(gradient, [a, b], strict=True))
        return np.array(record)

    return descend


def jax(task: Task, offset: float = 0.0) -> Descent:
    """Return JAX's compiled scan over optax's update; parameters, losses and gradients of all steps come back."""
    import jax
    import jax.numpy as jnp
    import optax

    x, y = task.points
    optimizer = optax.sgd(task.rate)

    def loss_of(params: dict, x: jax.Array, y: jax.Array) -> jax.Array:
        return jnp.mean((jnp.sin(params["b"] * jnp.cos(params["a"] * x)) + offset - y) ** 2)

    @jax.jit
    def run(start: dict, x: jax.Array, y: jax.Array) -> tuple:
        def step(carried: tuple, _: None) -> tuple:
            params, state = carried
            loss, gradient = jax.value_and_grad(loss_of)(params, x, y)
            updates, state = optimizer.update(gradient, state)
            return (optax.apply_updates(params, updates), state), (params, loss, gradient)

        return jax.lax.scan(step, (start, optimizer.init(start)), None, length=task.steps + 1)[1]

    def descend() -> np.ndarray:
        start = {name: jnp.float32(value) for name, value in task.start.items()}
        params, loss, gradient = run(start, x, y)
        columns = (params["a"], params["b"], loss, gradient["a"], gradient["b"])
        return np.stack([np.asarray(column) for column in columns], axis=1)

    return descend
