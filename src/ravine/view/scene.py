"""Scene: what to see, as plain data.

A scene holds panels, a panel holds axes and marks, a mark holds arrays. Nothing here knows a plotting library:
`ravine.view.drawing.draw` hands a scene to one. Two scenes are equal when all their marks are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from ravine.errors import ProblemError
from ravine.view.palette import BLUE, GRAY, INK, RED, WHITE, Colors, Dash, Shape, shaded

Hover = Mapping[str, np.ndarray]


class Part:
    """A part of a scene, equal to another one of its kind that holds the same values (NaN equals NaN).

    Examples
    --------
    >>> Line([0, 1], [2, 3]) == Line([0, 1], [2, 3])
    True
    >>> Line([0, 1], [2, 3]) == Line([0, 1], [2, 4])
    False
    """

    def __eq__(self, other: object) -> bool:
        """Compare field by field."""
        if type(self) is not type(other):
            return NotImplemented
        return all(_same(getattr(self, item.name), getattr(other, item.name)) for item in _fields(self))

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class Axis(Part):
    """One axis: its label, scale, limits (None: those of the marks), and whether only whole numbers count.

    ``ticks`` names places on it, where words stand instead of numbers.
    """

    label: str = ""
    scale: Literal["linear", "log", "symlog"] = "linear"
    limits: tuple[float, float] | None = None
    whole: bool = False
    ticks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, eq=False)
class ColorScale(Part):
    """How values become colors.

    Parameters
    ----------
    low, high
        The values at the ends of the color map.
    colors
        ``even`` (perceptually even), ``rainbow``, or ``steps`` (faint to strong).
    log
        Whether colors follow the logarithm.
    label
        What the color bar says.
    levels
        Borders of color bands, rising; empty for a smooth scale.
    """

    low: float
    high: float
    colors: Colors = "even"
    log: bool = False
    label: str = ""
    levels: tuple[float, ...] = ()


class Mark(Part):
    """Something drawn in a panel; hover columns hold what a pointer may ask of each point."""


@dataclass(frozen=True, eq=False)
class Line(Mark):
    """A line through points; NaN interrupts it.

    Parameters
    ----------
    x, y, z
        Coordinates, [point]; ``z`` in 3-D panels only.
    color, width, dash, opacity
        Ink; ``width`` in points at slide size.
    halo
        Whether a white rim sets the line off from what lies behind it.
    lift
        Share of the height of a 3-D panel by which the line floats, so that the surface can't swallow it.
    label
        Entry in the legend; empty for none.
    hover
        Columns, [point].
    """

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray | None = None
    _: dataclasses.KW_ONLY
    color: str = RED
    width: float = 2.0
    dash: Dash = "solid"
    opacity: float = 1.0
    halo: bool = False
    lift: float = 0.0
    label: str = ""
    hover: Hover = field(default_factory=dict)

    def __post_init__(self) -> None:
        _as_columns(self)


@dataclass(frozen=True, eq=False)
class Dots(Mark):
    """Points with a shape; ``size`` is the diameter in points at slide size."""

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray | None = None
    _: dataclasses.KW_ONLY
    color: str = BLUE
    size: float = 6.0
    shape: Shape = "circle"
    opacity: float = 1.0
    halo: bool = False
    lift: float = 0.0
    label: str = ""
    hover: Hover = field(default_factory=dict)

    def __post_init__(self) -> None:
        _as_columns(self)


@dataclass(frozen=True, eq=False)
class Whiskers(Mark):
    """Vertical error bars from ``y - half`` to ``y + half``, [point]."""

    x: np.ndarray
    y: np.ndarray
    half: np.ndarray
    _: dataclasses.KW_ONLY
    color: str = GRAY
    opacity: float = 0.6
    label: str = ""

    def __post_init__(self) -> None:
        _as_columns(self, "half")


@dataclass(frozen=True, eq=False)
class Ribbon(Mark):
    """What lies between ``low`` and ``high`` over ``x``, [point] each, filled; NaN interrupts it."""

    x: np.ndarray
    low: np.ndarray
    high: np.ndarray
    _: dataclasses.KW_ONLY
    color: str = RED
    opacity: float = 0.18
    label: str = ""

    def __post_init__(self) -> None:
        _as_arrays(self, "x", "low", "high")
        for name in ("x", "low", "high"):
            _check(self, name, (self.x.size,))


@dataclass(frozen=True, eq=False)
class Area(Mark):
    """What a line through points ``x``, ``y`` [point] encloses, filled; the last point is joined to the first."""

    x: np.ndarray
    y: np.ndarray
    _: dataclasses.KW_ONLY
    color: str = BLUE
    opacity: float = 0.25
    label: str = ""

    def __post_init__(self) -> None:
        _as_columns(self)


@dataclass(frozen=True, eq=False)
class Lines(Mark):
    """Many lines over one ``x`` [point]: ``y`` [line, point], each colored by ``value`` [line]."""

    x: np.ndarray
    y: np.ndarray
    value: np.ndarray
    scale: ColorScale
    _: dataclasses.KW_ONLY
    width: float = 1.2

    def __post_init__(self) -> None:
        _as_arrays(self, "x", "y", "value")
        _check(self, "y", (self.value.size, self.x.size))


@dataclass(frozen=True, eq=False)
class Sheet(Mark):
    """A surface in a 3-D panel: ``z`` [y, x] over ``x`` [x] and ``y`` [y]; cells with a NaN corner are left out."""

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    scale: ColorScale
    _: dataclasses.KW_ONLY
    opacity: float = 0.8

    def __post_init__(self) -> None:
        _as_arrays(self, "x", "y", "z")
        _check(self, "z", (self.y.size, self.x.size))


@dataclass(frozen=True, eq=False)
class Field(Mark):
    """Filled contours of ``value`` [y, x] over ``x`` [x] and ``y`` [y]; bands end at ``scale.levels``."""

    x: np.ndarray
    y: np.ndarray
    value: np.ndarray
    scale: ColorScale

    def __post_init__(self) -> None:
        _as_arrays(self, "x", "y", "value")
        _check(self, "value", (self.y.size, self.x.size))


@dataclass(frozen=True, eq=False)
class Raster(Mark):
    """Pixels of a few colors, each lighter or darker.

    Parameters
    ----------
    x, y
        The outer edges of the first and last pixel, low and high.
    kind
        Index into ``colors``, [y, x]; -1 for no color. The first row is the lowest.
    colors
        One for each kind.
    shade
        0 for the lightest, 1 for the darkest variety of a color, [y, x]; NaN for the color as it is.
    hover
        What a pointer may ask of each pixel, [y, x] each.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    kind: np.ndarray
    colors: tuple[str, ...]
    shade: np.ndarray
    _: dataclasses.KW_ONLY
    hover: Hover = field(default_factory=dict)

    def __post_init__(self) -> None:
        _as_arrays(self, "shade", "kind")
        for name in ("shade", "kind"):
            _check(self, name, np.shape(self.kind) if self.kind.ndim == 2 else (0, 0))
        if self.kind.size and not -1 <= self.kind.min() <= self.kind.max() < len(self.colors):
            raise ProblemError(f"Raster.kind: expected -1 to {len(self.colors) - 1}, got {self.kind.max():g}.")

    @property
    def rgb(self) -> np.ndarray:
        """The color of every pixel, [y, x, 3], from 0 to 255."""
        return shaded((*self.colors, WHITE), self.kind.astype(int), self.shade)


@dataclass(frozen=True, eq=False)
class Contours(Mark):
    """Thin lines of equal ``value`` [y, x] over ``x`` [x] and ``y`` [y]."""

    x: np.ndarray
    y: np.ndarray
    value: np.ndarray
    levels: tuple[float, ...]
    _: dataclasses.KW_ONLY
    color: str = INK
    width: float = 0.5
    opacity: float = 0.35

    def __post_init__(self) -> None:
        _as_arrays(self, "x", "y", "value")
        _check(self, "value", (self.y.size, self.x.size))


@dataclass(frozen=True, eq=False)
class Tags(Mark):
    """Short words centered at points, ``size`` in points at slide size."""

    x: np.ndarray
    y: np.ndarray
    words: tuple[str, ...]
    _: dataclasses.KW_ONLY
    color: str = INK
    size: float = 10.0

    def __post_init__(self) -> None:
        _as_columns(self)
        if len(self.words) != self.x.size:
            raise ProblemError(f"Tags.words: expected {self.x.size} words, got {len(self.words)}.")


@dataclass(frozen=True, eq=False)
class Rule(Mark):
    """A thin horizontal line across the whole panel at height ``y``."""

    y: float
    _: dataclasses.KW_ONLY
    color: str = INK
    width: float = 1.0


@dataclass(frozen=True, eq=False)
class Words(Mark):
    """A sentence near the top of a panel, where there is nothing else to see."""

    text: str


@dataclass(frozen=True, eq=False)
class Panel(Part):
    """Axes and the marks on them, drawn in order, later ones on top.

    Parameters
    ----------
    z
        The third axis of a 3-D panel, None in a flat one.
    title
        Shown when the scene has several panels, each with a title.
    view
        Elevation and azimuth of the eye, in degrees, for 3-D panels.
    diagonal
        Whether both axes carry the same quantity, so that they should have the same limits.
    blank
        Whether it has no axes: a gap between other panels, with a legend if its marks have labels.
    """

    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    z: Axis | None = None
    title: str = ""
    view: tuple[float, float] = (32.0, -60.0)
    diagonal: bool = False
    blank: bool = False


@dataclass(frozen=True, eq=False)
class Scene(Part):
    """Panels under one title.

    Parameters
    ----------
    title, subtitle
        The formula, and how it went downhill.
    panels
        Filled in row by row.
    columns
        Number of panels in a row at slide size.
    heights
        Relative heights of the rows; empty for equal ones.
    stacked
        Whether the panels stand on one x axis, labeled under the last one only.

    Examples
    --------
    >>> panel = Panel(Axis("x"), Axis("y"), (Line([0, 1], [2, 3]),))
    >>> Scene("two points", (panel,)).panels[0].marks[0].y
    array([2., 3.])
    """

    title: str
    panels: tuple[Panel, ...]
    subtitle: str = ""
    columns: int = 1
    heights: tuple[float, ...] = ()
    stacked: bool = False


def _fields(part: Part) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(part)  # type: ignore[arg-type]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other, equal_nan=True)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    return type(one) is type(other) and bool(one == other)


def _as_arrays(mark: Mark, *names: str) -> None:
    """Turn fields into read-only float64 arrays of their own."""
    for name in names:
        array = np.array(getattr(mark, name), dtype=np.float64)
        array.setflags(write=False)
        object.__setattr__(mark, name, array)


def _as_columns(mark: Any, *more: str) -> None:
    """Turn the coordinates of a mark into arrays, [point], of one length."""
    names = ["x", "y", *more]
    if getattr(mark, "z", None) is not None:
        names.append("z")
    _as_arrays(mark, *names)
    for name in names:
        _check(mark, name, (mark.x.size,))
    for name, column in getattr(mark, "hover", {}).items():
        if len(column) != mark.x.size:
            where = f"{type(mark).__name__}.hover[{name!r}]"
            raise ProblemError(f"{where}: expected {mark.x.size} values, got {len(column)}.")


def _check(mark: Any, name: str, shape: tuple[int, ...]) -> None:
    got = getattr(mark, name).shape
    if got != shape:
        raise ProblemError(f"{type(mark).__name__}.{name}: expected an array of shape {shape}, got {got}.")
