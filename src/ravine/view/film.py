"""Film: a scene that grows. Frames are scenes again, made one at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ravine.view.scene import Dots, Line, Mark, Panel, Scene

Place = tuple[int, int]
"""Which panel, and which of its marks."""

_HEAD = 11.0
_THIN = 1.8


@dataclass(frozen=True, eq=False)
class Film:
    """What to see, and when.

    A line or dots that know the step of each point (a column ``step`` of their hover texts, or an axis of steps) grow
    with the steps; a dot runs ahead of each growing line. All other marks stand still, unless ``redrawn`` says how
    they look at a moment.

    Parameters
    ----------
    scene
        As it is in the end.
    moments
        The step that each frame shows, rising, [frame]; between two steps a fraction.
    told
        What is written above a frame: a few words each.
    redrawn
        Marks that are made anew for every frame.
    turn
        By how many degrees the eye of a 3-D panel moves until it stands where the scene says.
    """

    scene: Scene
    moments: np.ndarray
    told: Callable[[float], tuple[str, ...]]
    redrawn: Mapping[Place, Callable[[float], Mark]] = field(default_factory=dict)
    turn: float = 0.0

    def __len__(self) -> int:
        return self.moments.size

    def at(self, frame: int) -> Scene:
        """Return the scene of a frame; -1 is the last. Marks that stand still are the same objects in all of them."""
        now = float(self.moments[frame])
        panels = [self._panel_at(index, panel, now) for index, panel in enumerate(self.scene.panels)]
        return replace(self.scene, panels=tuple(panels))

    def _panel_at(self, index: int, panel: Panel, now: float) -> Panel:
        marks: list[Mark] = []
        heads: list[Mark] = []
        for place, mark in enumerate(panel.marks):
            shown = self.redrawn[index, place](now) if (index, place) in self.redrawn else mark
            steps = steps_of(shown, panel)
            if steps is not None and isinstance(shown, Line):
                shown, head = grown_line(shown, steps, now)
                heads.append(head)
            elif steps is not None and isinstance(shown, Dots):
                shown = grown_dots(shown, steps, now)
            marks.append(shown)
        return replace(panel, marks=(*marks, *heads))


def steps_of(mark: Mark, panel: Panel) -> np.ndarray | None:
    """Return the step of each point of a line or of dots, [point]; None if they know none."""
    if not isinstance(mark, Line | Dots) or not mark.x.size:
        return None
    if "step" in mark.hover:
        return np.asarray(mark.hover["step"], float)
    return mark.x if panel.x.label == "step" else None


def grown_line(line: Line, steps: np.ndarray, now: float) -> tuple[Line, Dots]:
    """Return a line as far as it has come, and dots where it is going on; each of its pieces grows by itself.

    Examples
    --------
    >>> line, head = grown_line(Line([0.0, 1.0, 3.0], [5.0, 6.0, 6.0]), np.array([0.0, 1.0, 2.0]), 1.5)
    >>> line.x, head.x
    (array([0., 1., 2.]), array([2.]))
    """
    rows = np.stack([line.x, line.y] if line.z is None else [line.x, line.y, line.z])
    at = np.flatnonzero((steps[:-1] <= now) & (steps[1:] > now))
    share = (now - steps[at]) / (steps[at + 1] - steps[at])
    with np.errstate(invalid="ignore", over="ignore"):
        tips = rows[:, at] + share * (rows[:, at + 1] - rows[:, at])
    z = None if line.z is None else tips[2]
    size = _HEAD if line.width > _THIN else 0.6 * _HEAD
    head = Dots(tips[0], tips[1], z, color=line.color, size=size, halo=True, lift=line.lift)
    if not (steps > now).any():
        return line, head
    rows = np.where(steps > now, np.nan, rows)
    rows[:, at + 1] = tips
    return replace(line, x=rows[0], y=rows[1], z=None if line.z is None else rows[2], hover={}), head


def grown_dots(dots: Dots, steps: np.ndarray, now: float) -> Dots:
    """Return the dots that have been reached."""
    seen = steps <= now + 1e-9
    if seen.all():
        return dots
    z = None if dots.z is None else dots.z[seen]
    return replace(dots, x=dots.x[seen], y=dots.y[seen], z=z, hover={})
