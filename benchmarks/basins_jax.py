"""JAX's side of `basins.py`, in a process of its own: ravine's flags for XLA are not JAX's.

Every line on standard input, ``<formula> <optimizer> <starts> <steps>``, is answered by the seconds it took.
"""

from __future__ import annotations

import sys
import time
from functools import lru_cache

import jax
import jax.numpy as jnp
import optax

import basins_tasks


@lru_cache
def prepared(name: str, optimizer: str, starts: int, steps: int):
    """Return a function without arguments that descends, compiled."""
    task = basins_tasks.TASKS[name]
    x, y = (jnp.asarray(column, jnp.float32) for column in task.data)
    rows = jnp.asarray(task.starts(starts), jnp.float32)
    update = {"sgd": optax.sgd, "adam": optax.adam}[optimizer](task.rate)

    def loss_of(params: jax.Array, x: jax.Array, y: jax.Array) -> jax.Array:
        return jnp.mean((task.predict(params, x, jnp) - y) ** 2)

    def one(start: jax.Array, x: jax.Array, y: jax.Array) -> tuple:
        def step(carried: tuple, _: None) -> tuple:
            params, state, _ = carried
            loss, gradient = jax.value_and_grad(loss_of)(params, x, y)
            change, state = update.update(gradient, state)
            return (optax.apply_updates(params, change), state, loss), None

        return jax.lax.scan(step, (start, update.init(start), jnp.float32(0)), None, length=steps)[0][::2]

    run = jax.jit(jax.vmap(one, (0, None, None)))
    return lambda: jax.block_until_ready(run(rows, x, y))


def main() -> None:
    """Answer until standard input ends."""
    for line in sys.stdin:
        name, optimizer, starts, steps = line.split()
        run = prepared(name, optimizer, int(starts), int(steps))
        began = time.perf_counter()
        run()
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    main()
