"""Plane: a box over one or two parameters, and the loss on it. NumPy only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

Box = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Surface:
    """The loss over one or two parameters, the others held.

    Parameters
    ----------
    dataset
        Variable ``loss`` with dimensions [y, x] (two parameters) or [x] (one); coordinates ``x`` and ``y`` hold
        the values; attributes ``x_name``, ``y_name`` ("" when there is one parameter only).
    held
        The values of the parameters that do not vary, by name.
    """

    dataset: xr.Dataset
    held: Mapping[str, float]

    @classmethod
    def of(
        cls, names: Sequence[str], axes: Sequence[np.ndarray], loss: np.ndarray, held: Mapping[str, float]
    ) -> Surface:
        """Build a surface from axis names, axis values ([x], [y]) and the loss, [y, x] or [x]."""
        coords = dict(zip(("x", "y"), axes, strict=False))
        dims = ("y", "x") if len(names) == 2 else ("x",)
        attrs = {"x_name": names[0], "y_name": names[1] if len(names) == 2 else ""}
        return cls(xr.Dataset({"loss": (dims, loss)}, coords=coords, attrs=attrs), dict(held))

    def __repr__(self) -> str:
        axes = zip(self.names, (self.x, self.y) if self.loss.ndim == 2 else (self.x,), strict=True)
        sides = ", ".join(f"{name} from {axis[0]:.4g} to {axis[-1]:.4g}" for name, axis in axes)
        place = ", ".join(f"{name} = {self.best[name]:.4g}" for name in self.names)
        size = " × ".join(str(length) for length in self.loss.shape[::-1])
        return f"Surface over {sides} ({size} points): lowest {self.best_loss:.4g} at {place}"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters that vary: one or two."""
        return tuple(name for name in (self.dataset.attrs["x_name"], self.dataset.attrs["y_name"]) if name)

    @property
    def x(self) -> np.ndarray:
        """Values of the first parameter, [x]."""
        return self.dataset["x"].values

    @property
    def y(self) -> np.ndarray:
        """Values of the second parameter, [y]."""
        return self.dataset["y"].values

    @property
    def loss(self) -> np.ndarray:
        """The loss, [y, x] or [x]."""
        return self.dataset["loss"].values

    @property
    def best(self) -> dict[str, float]:
        """All parameters at the lowest finite point of the grid, by name."""
        index = np.unravel_index(np.argmin(np.where(np.isfinite(self.loss), self.loss, np.inf)), self.loss.shape)
        values = [
            axis[i] for axis, i in zip((self.x, self.y) if self.loss.ndim == 2 else (self.x,), index[::-1], strict=True)
        ]
        return {**self.held, **{name: float(value) for name, value in zip(self.names, values, strict=True)}}

    @property
    def best_at_edge(self) -> dict[str, int]:
        """Parameters for which the lowest point lies at an end of the grid: -1 at the low one, 1 at the high one."""
        axes = dict(zip(self.names, (self.x, self.y) if self.loss.ndim == 2 else (self.x,), strict=True))
        ends = {name: int(self.best[name] == axis[-1]) - int(self.best[name] == axis[0]) for name, axis in axes.items()}
        return {name: end for name, end in ends.items() if end}

    @property
    def best_loss(self) -> float:
        """The lowest finite loss on the grid."""
        return float(np.min(np.where(np.isfinite(self.loss), self.loss, np.inf)))


def grid_rows(
    names: Sequence[str], chosen: Sequence[str], axes: Sequence[np.ndarray], held: Mapping[str, float]
) -> np.ndarray:
    """Return every grid point as a row of all parameters, [row, param]; the first chosen one varies fastest.

    Examples
    --------
    >>> grid_rows(["a", "b", "c"], ["c", "a"], [np.array([1.0, 2.0]), np.array([5.0])], {"b": 0.0}).tolist()
    [[5.0, 0.0, 1.0], [5.0, 0.0, 2.0]]
    """
    mesh = dict(zip(chosen, np.meshgrid(*axes), strict=True))
    shape = next(iter(mesh.values())).shape
    columns = [mesh[name] if name in mesh else np.full(shape, held[name]) for name in names]
    return np.stack([column.ravel() for column in columns], axis=1)


def extend(box: Box, sides: Mapping[str, int], share: float = 0.35) -> Box:
    """Return the box, longer by a share of its width at the named ends (-1 low, 1 high).

    Examples
    --------
    >>> extend({"a": (0.0, 1.0), "b": (0.0, 1.0)}, {"a": 1}, share=0.5)
    {'a': (0.0, 1.5), 'b': (0.0, 1.0)}
    """
    longer = dict(box)
    for name, end in sides.items():
        low, high = box[name]
        more = share * (high - low)
        longer[name] = (low - more, high) if end < 0 else (low, high + more)
    return longer
