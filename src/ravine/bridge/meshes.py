"""Meshes: a 3-D panel as triangles with colors, surface and ways alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ravine.view.scene import Dots, Line, Panel, Sheet
from ravine.view.shades import STOPS

_CELLS = 64  # along each side
_HEIGHT = 0.75  # of the cube, whose sides are 2 long
_SIDES = 6  # of a tube
_RADIUS = 0.014
_MOST_POINTS = 400  # of a way
_BALL = 2.6  # radii of a tube


@dataclass(frozen=True)
class Mesh:
    """Triangles: ``vertices`` [vertex, 3], ``faces`` [face, 3] (indices), ``colors`` [vertex, 3] from 0 to 255."""

    vertices: np.ndarray
    faces: np.ndarray
    colors: np.ndarray


def mesh_of(panel: Panel) -> Mesh:
    """Return the surface of a 3-D panel with the lines and dots on it; the second coordinate points up."""
    sheet = next(mark for mark in panel.marks if isinstance(mark, Sheet))
    parts = [_surface(sheet, panel)]
    for mark in panel.marks:
        if isinstance(mark, Line) and mark.width > 1:
            points = _placed(mark.x, mark.y, _heights(mark, panel), panel)
            pieces = np.split(points, np.flatnonzero(~np.isfinite(points).all(axis=1)))
            parts += [_tube(piece, mark.color) for piece in map(_whole, pieces) if len(piece) > 1]
        elif isinstance(mark, Dots):
            points = _whole(_placed(mark.x, mark.y, _heights(mark, panel), panel))
            parts += [_ball(point, mark.color) for point in points]
    return _joined(parts)


def _surface(sheet: Sheet, panel: Panel) -> Mesh:
    columns, rows = (np.linspace(0, size - 1, min(size, _CELLS)).round().astype(int) for size in sheet.z.shape[::-1])
    z = sheet.z[np.ix_(rows, columns)]
    assert panel.z is not None and panel.z.limits is not None
    x, y = np.meshgrid(sheet.x[columns], sheet.y[rows])
    shares = _share(np.minimum(z, panel.z.limits[1]), panel)
    vertices = _placed(x.ravel(), y.ravel(), shares.ravel(), panel)
    corner = np.arange(z.size).reshape(z.shape)
    quads = np.stack([corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]], axis=-1).reshape(-1, 4)
    known = np.isfinite(z.ravel())
    quads = quads[known[quads].all(axis=1)]
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return Mesh(np.nan_to_num(vertices), faces, _colors(sheet, shares.ravel()))


def _colors(sheet: Sheet, shares: np.ndarray) -> np.ndarray:
    stops = np.array([_channels(color) for color in STOPS[sheet.scale.colors]], float)
    places = np.nan_to_num(shares) * (len(stops) - 1)
    return np.stack([np.interp(places, np.arange(len(stops)), channel) for channel in stops.T], axis=1).round()


def _channels(color: str) -> list[int]:
    return [int(color[first : first + 2], 16) for first in (1, 3, 5)]


def _share(z: np.ndarray, panel: Panel) -> np.ndarray:
    """Return heights as shares of the third axis."""
    assert panel.z is not None and panel.z.limits is not None
    low, high = panel.z.limits
    if panel.z.scale == "log":
        low, high = np.log10(low), np.log10(high)
        z = np.log10(z, where=z > 0, out=np.full(z.shape, np.nan))
    return np.clip((z - low) / (high - low), 0, 1)


def _heights(mark: Line | Dots, panel: Panel) -> np.ndarray:
    assert mark.z is not None
    return _share(mark.z, panel) + mark.lift


def _placed(x: np.ndarray, y: np.ndarray, shares: np.ndarray, panel: Panel) -> np.ndarray:
    """Return places in a cube from -1 to 1, [point, 3]."""
    assert panel.x.limits is not None and panel.y.limits is not None
    sides = [2 * (each - low) / (high - low) - 1 for each, (low, high) in ((x, panel.x.limits), (y, panel.y.limits))]
    return np.column_stack([sides[0], _HEIGHT * (2 * shares - 1), -sides[1]])


def _whole(points: np.ndarray) -> np.ndarray:
    """Return the finite points, at most so many, without repetitions."""
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) > 1:
        moved = np.append(True, np.abs(np.diff(points, axis=0)).max(axis=1) > 1e-6)
        points = points[moved]
    return points[np.unique(np.linspace(0, len(points) - 1, min(len(points), _MOST_POINTS)).astype(int))]


def _tube(points: np.ndarray, color: str) -> Mesh:
    """Return a tube along points, [point, 3]."""
    along = np.gradient(points, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-12)
    across = np.cross(along, [0.31, 0.87, 0.38])  # no way is parallel to this by more than chance
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    third = np.cross(along, across)
    angles = np.linspace(0, 2 * np.pi, _SIDES, endpoint=False)
    ring = np.cos(angles)[:, None, None] * across + np.sin(angles)[:, None, None] * third
    vertices = (points + _RADIUS * ring).transpose(1, 0, 2).reshape(-1, 3)
    first = np.arange((len(points) - 1) * _SIDES).reshape(-1, _SIDES)
    second = np.roll(first, -1, axis=1)
    quads = np.stack([first, second, second + _SIDES, first + _SIDES], axis=-1).reshape(-1, 4)
    return _painted(vertices, np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]), color)


def _ball(point: np.ndarray, color: str) -> Mesh:
    """Return an octahedron around a point."""
    corners = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], float)
    faces = np.array([[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]])
    return _painted(point + _BALL * _RADIUS * corners, faces, color)


def _painted(vertices: np.ndarray, faces: np.ndarray, color: str) -> Mesh:
    return Mesh(vertices, faces, np.tile(_channels(color), (len(vertices), 1)))


def _joined(parts: Sequence[Mesh]) -> Mesh:
    before = np.cumsum([0, *(len(part.vertices) for part in parts)])
    faces = [part.faces + count for part, count in zip(parts, before, strict=False)]
    vertices, colors = ([getattr(part, name) for part in parts] for name in ("vertices", "colors"))
    return Mesh(np.concatenate(vertices), np.concatenate(faces), np.concatenate(colors))
