"""Mini-batches: which points each step of stochastic descent sees."""

from __future__ import annotations

import numpy as np


class Batches:
    """A stream of point indices: a new permutation for each pass over the data.

    Parameters
    ----------
    points
        Number of points.
    size
        Points of a batch; None for all points at every step.
    seed
        Same seed, same batches.
    """

    def __init__(self, points: int, size: int | None, seed: int) -> None:
        self.points, self.size = points, size
        self._random = np.random.default_rng(seed)
        self._left = np.empty(0, np.int32)

    def next(self, steps: int, capacity: int) -> np.ndarray | None:
        """Return the next ``steps`` batches in front of an array [capacity, size]; None without batches.

        Examples
        --------
        >>> batches = Batches(points=4, size=2, seed=0)
        >>> sorted(batches.next(2, capacity=2).ravel().tolist())
        [0, 1, 2, 3]
        """
        if self.size is None:
            return None
        needed = steps * self.size
        passes = [self._left]
        while sum(map(len, passes)) < needed:
            passes.append(self._random.permutation(self.points).astype(np.int32))
        stream = np.concatenate(passes)
        self._left = stream[needed:]
        batches = np.zeros((capacity, self.size), np.int32)
        batches[:steps] = stream[:needed].reshape(steps, self.size)
        return batches
