"""Place legends with Matplotlib, where they cover nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from ravine.view import fonts

Entries = Mapping[str, Sequence[Any]]
"""What a legend explains: artists by their label."""

_ENTRIES = 9
_ABOVE = 3
_SHORT = 6
_LATTICE = 40
_WIDTH_OF_LETTER = 0.5 / 72
_CORNERS = ("upper right", "upper left", "lower right", "lower left", "upper center", "lower center", "center right")


def legend_beneath(frame: Any, axes: Any, text: float, inches: float) -> None:
    """Explain what has a label in rows of at most this width, under the labels of the x axis if there are any."""
    entries = _entries_of(axes)
    labels_of_axis = 2.2 * text + 10 if frame.axison else 0
    down = ScaledTranslation(0, -labels_of_axis / 72, frame.figure.dpi_scale_trans)
    place = {"loc": "upper center", "bbox_to_anchor": (0.5, 0), "bbox_transform": frame.transAxes + down}
    _in_rows(frame, entries, inches, markerscale=0.75, borderaxespad=0, **place)


def legend_inside(axes: Any, text: float, inches: float, *, may_stretch: bool) -> None:
    """Explain what has a label in an empty corner; if there is none, beside, above or beneath what is drawn."""
    entries = _entries_of(axes)
    if not entries:
        return
    legend = _legend(axes, entries, inches, loc="upper right")
    corner = _empty_corner(axes, _share(axes, legend))
    if corner:
        legend.set_loc(corner)
        return
    legend.remove()
    if len(entries) > _ABOVE and max(map(fonts.columns_of, entries)) <= _SHORT:
        _legend(axes, _from_top_to_bottom(entries), inches, loc="center left", bbox_to_anchor=(1.0, 0.5))
    elif not may_stretch:
        legend_beneath(axes, axes, text, inches)
    else:
        above = _in_rows(axes, entries, inches, loc="upper center")
        _leave_room_above(axes, _share(axes, above)[1])


def _entries_of(axes: Any) -> Entries:
    entries: dict[str, list[Any]] = {}
    for artist in axes.get_children():
        if label := getattr(artist, "ravine_label", ""):
            entries.setdefault(label, []).append(artist)
    return {label: entries[label] for label in list(entries)[:_ENTRIES]}


def _in_rows(frame: Any, entries: Entries, inches: float, **place: Any) -> Any:
    """Add a legend with as many entries side by side as fit."""
    legend = None
    for rows in range(1, len(entries) + 1):
        if legend is not None:
            legend.remove()
        legend = _legend(frame, entries, inches, ncols=-(-len(entries) // rows), **place)
        if legend.get_window_extent().width <= inches * frame.figure.dpi:
            break
    return legend


def _legend(frame: Any, entries: Entries, inches: float, **place: Any) -> Any:
    handles = [tuple(_first_of_each_kind(artists)) for artists in entries.values()]
    legend = frame.legend(handles, [str(index) for index in range(len(handles))], **place)
    size = legend.get_texts()[0].get_fontsize() if handles else 1.0
    width = max(8, int((inches - 3 * size / 72) / (size * _WIDTH_OF_LETTER)))
    for text, label in zip(legend.get_texts(), entries, strict=True):
        text.set_parse_math(False)
        text.set_text(fonts.shortened(fonts.printable(label), width))
    for handle in legend.findobj(Line2D):  # the smallest dots would not be seen alone
        handle.set_markersize(max(handle.get_markersize(), 0.3 * size))
    return legend


def _first_of_each_kind(artists: Sequence[Any]) -> list[Any]:
    """Return a line and a dot that share a label, to be shown as one entry."""
    kinds: dict[Any, Any] = {}
    for artist in artists:
        kinds.setdefault(getattr(artist, "get_marker", lambda: None)(), artist)
    return list(kinds.values())[:2]


def _share(axes: Any, legend: Any) -> tuple[float, float]:
    """Return width and height of a legend with its margin, as shares of the panel."""
    box, panel = legend.get_window_extent(), axes.get_window_extent()
    margin = 2 * legend.borderaxespad * legend.get_texts()[0].get_fontsize() / 72 * axes.figure.dpi
    return (box.width + margin) / panel.width, (box.height + margin) / panel.height


def _empty_corner(axes: Any, share: tuple[float, float]) -> str | None:
    """Return the first corner in which nothing lies."""
    inked = np.concatenate([_inked(axes, artist) for artist in axes.get_children()] + [np.empty((0, 2))])
    for corner in _CORNERS:
        low = np.array([_begin(corner, "left", "right", share[0]), _begin(corner, "lower", "upper", share[1])])
        if not ((inked >= low) & (inked <= low + share)).all(axis=1).any():
            return corner
    return None


def _begin(corner: str, first: str, last: str, share: float) -> float:
    return 0.0 if first in corner else 1.0 - share if last in corner else (1.0 - share) / 2


def _inked(axes: Any, artist: Any) -> np.ndarray:
    """Return points that a mark covers, [point, 2], as shares of the panel; lines are followed closely."""
    if hasattr(artist, "ravine_label") and isinstance(artist, PolyCollection):
        return _covered(axes, artist)
    if not hasattr(artist, "ravine_label") or not isinstance(artist, Line2D | LineCollection):
        return np.empty((0, 2))
    rows: Any = [artist.get_xydata()] if isinstance(artist, Line2D) else artist.get_segments()
    axes.get_ylim()  # limits are found when they are asked for
    shares = [(axes.transScale + axes.transLimits).transform(np.asarray(row, float)) for row in rows if len(row)]
    dotted = isinstance(artist, Line2D) and artist.get_linestyle() == "None"
    return np.concatenate([row if dotted else _followed(row) for row in shares] or [np.empty((0, 2))])


def _covered(axes: Any, filled: PolyCollection) -> np.ndarray:
    """Return the points of a lattice over the panel that lie in filled areas, [point, 2], as shares of the panel."""
    axes.get_ylim()  # limits are found when they are asked for
    steps = np.linspace(0, 1, _LATTICE)
    lattice = np.stack(np.meshgrid(steps, steps), axis=2).reshape(-1, 2)
    to_shares = axes.transScale + axes.transLimits
    inside = [path.transformed(to_shares).contains_points(lattice) for path in filled.get_paths()]
    return lattice[np.any(inside, axis=0)] if inside else np.empty((0, 2))


def _followed(rows: np.ndarray) -> np.ndarray:
    """Return points along a line, close to each other."""
    between = np.linspace(0, 1, max(8, 200 // len(rows)), endpoint=False)[:, None, None]
    with np.errstate(invalid="ignore"):
        steps = rows[:-1] + between * (rows[1:] - rows[:-1])
    return np.concatenate([steps.reshape(-1, 2), rows[-1:]])


def _from_top_to_bottom(entries: Entries) -> Entries:
    """Order entries like the ends of their lines."""

    def height(artists: Sequence[Any]) -> float:
        heights = np.asarray(artists[0].get_ydata(), float) if isinstance(artists[0], Line2D) else np.empty(0)
        heights = heights[np.isfinite(heights)]
        return float(heights[-1]) if heights.size else -np.inf

    return dict(sorted(entries.items(), key=lambda entry: -height(entry[1])))


def _leave_room_above(axes: Any, share: float) -> None:
    """Raise the upper limit so that this share of the panel at its top is empty."""
    scale = axes.yaxis.get_transform()
    low, high = scale.transform(np.array(axes.get_ylim()))
    axes.set_ylim(top=float(scale.inverted().transform(np.array([low + (high - low) / (1 - min(share, 0.6))]))[0]))
