"""Lattice: the starts in a box, one for each pixel of a map or a strip, or random ones in more dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ravine.errors import ProblemError, did_you_mean
from ravine.plane import Box
from ravine.starts import Uniform, are_numbers

_MOST = 4096  # pixels on a side
_RANDOM = 4096
_BITS = 12


@dataclass(frozen=True)
class Lattice:
    """The starts in a box.

    Parameters
    ----------
    box
        The parameters that move, and between which values they start.
    counts
        Pixels along each parameter; empty for random starts.
    random
        Number of random starts.
    seed
        Of the random starts.

    Examples
    --------
    Each start stands in the middle of its pixel:

    >>> Lattice({"a": (0, 4), "b": (0, 1)}, (2, 1)).rows.tolist()
    [[1.0, 0.5], [3.0, 0.5]]
    """

    box: Box
    counts: tuple[int, ...] = ()
    random: int = 0
    seed: int = 0

    @property
    def axes(self) -> list[np.ndarray]:
        """The middles of the pixels along each parameter."""
        sides = zip(self.box.values(), self.counts, strict=True)
        return [low + (np.arange(count) + 0.5) * ((high - low) / count) for (low, high), count in sides]

    @property
    def shape(self) -> tuple[int, ...]:
        """The starts as [y, x], [x] or [start]."""
        return self.counts[::-1] or (self.random,)

    @property
    def rows(self) -> np.ndarray:
        """All starts, [start, param]; the first parameter varies fastest."""
        if not self.counts:
            return Uniform(self.random, self.box, self.seed).draw(list(self.box))
        return np.stack([axis.ravel() for axis in np.meshgrid(*self.axes)], axis=1)

    @property
    def order(self) -> np.ndarray:
        """In which order the starts are computed: coarse to fine, so that a part of them already shows the whole.

        Examples
        --------
        >>> Lattice({"a": (0, 1)}, (8,)).order.tolist()
        [0, 4, 2, 6, 1, 5, 3, 7]
        """
        if not self.counts:
            return np.arange(self.random)
        index = np.indices(self.shape)
        mixed = [index[0]] if len(index) == 1 else [index[0] ^ index[1], index[0]]
        rank = np.zeros(self.shape, np.int64)
        for bit in range(_BITS):  # the lowest bit weighs most, as in an ordered dither
            for part in mixed:
                rank = 2 * rank + ((part >> bit) & 1)
        return np.argsort(rank.ravel(), kind="stable")


def read(known: Sequence[str], box: Any, resolution: Any, starts: int | None, seed: int) -> Lattice:
    """Return the starts in a box over parameters among the ``known`` ones.

    Raises
    ------
    ProblemError
        If box, resolution or count don't make sense.
    """
    sides = _sides(known, box)
    if starts is None and len(sides) > 2:
        starts = _RANDOM
    if starts is not None:
        return Lattice(sides, (), Uniform(starts, sides, seed).count, int(seed))
    return Lattice(sides, _counts(resolution, len(sides)))


def _sides(known: Sequence[str], box: Any) -> dict[str, tuple[float, float]]:
    if not isinstance(box, Mapping) or not box:
        example = ", ".join(f"'{name}': (-2, 7)" for name in known[:2])
        raise ProblemError(f"box: expected a range for each parameter that moves, such as {{{example}}}, got {box!r}.")
    for name, side in box.items():
        if name not in known:
            hint = did_you_mean(str(name), known)
            raise ProblemError(f"box: expected parameters among {', '.join(known)}, got '{name}'.{hint}")
        if not are_numbers(side, 2) or not side[0] < side[1]:
            raise ProblemError(f"box: expected (low, high) with low < high for '{name}', got {side!r}.")
    return {str(name): (float(low), float(high)) for name, (low, high) in box.items()}


def _counts(resolution: Any, sides: int) -> tuple[int, ...]:
    given = tuple(resolution) if isinstance(resolution, Sequence | np.ndarray) else (resolution,) * sides
    fine = all(isinstance(count, int | np.integer) and not isinstance(count, bool) for count in given)
    if isinstance(resolution, str) or not fine or len(given) != sides or not all(1 <= each <= _MOST for each in given):
        pair = ", or one for each parameter" if sides == 2 else ""
        raise ProblemError(f"resolution: expected a whole number from 1 to {_MOST}{pair}, got {resolution!r}.")
    return tuple(int(count) for count in given)
