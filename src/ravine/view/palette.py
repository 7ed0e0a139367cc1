"""Every color, dash and shape of ravine's pictures, in one place.

The series are Okabe and Ito's colors, which people with any kind of color vision tell apart; the first is a
purer red, because the path downhill is red. Dash and shape repeat what the color says; the diamond is kept for ends,
the green plus for the best point of a grid.

References
----------
M. Okabe, K. Ito: Color Universal Design (2008), https://jfly.uni-koeln.de/color/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

Colors = Literal["even", "rainbow", "steps"]
Dash = Literal["solid", "dashed", "dotted", "dashdot", "longdash", "dashdotdot"]
Shape = Literal[
    "circle", "square", "diamond", "triangle", "pentagon", "star", "hexagon", "plus", "cross", "triangle_down"
]  # fmt: skip

RED = "#D7141A"
BLUE = "#0072B2"
GREEN = "#00A878"
GRAY = "#6B7280"
WHITE = "#FFFFFF"
INK = "#1F2937"
PALE = "#E5E7EB"

SERIES = (RED, BLUE, "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#000000", "#8C6D1F")
DASHES: tuple[Dash, ...] = ("solid", "dashed", "dashdot", "longdash", "dotted", "dashdotdot", "solid", "dashed")
SHAPES: tuple[Shape, ...] = ("circle", "square", "triangle", "pentagon", "hexagon", "triangle_down", "star", "plus")

#: Areas: calm varieties of the same hues, which bear lighter and darker shades of themselves.
AREAS = ("#4C8BC8", "#E8A33D", "#3FA68A", "#C978A8", "#8ECBEA", "#D9694A", "#E9DB6B", "#7A6FB0")
OTHERS = "#B9A98C"
ON_THE_WAY, AWAY, UNKNOWN = "#DADDE2", "#8B919B", "#3F4652"

_LIGHTEST = 0.55  # share of white
_DARKEST = 0.3  # share of black


def shaded(colors: Sequence[str], kind: np.ndarray, shade: np.ndarray) -> np.ndarray:
    """Return colors[kind], from lightest (shade 0) to darkest (1), unchanged where it is NaN: [..., 3], 0 to 255.

    Examples
    --------
    >>> shaded(["#804000"], np.array([0, 0]), np.array([np.nan, 1.0])).tolist()
    [[128, 64, 0], [90, 45, 0]]
    """
    channels = np.array([[int(color[first : first + 2], 16) for first in (1, 3, 5)] for color in colors], float)
    base, depth = channels[kind], np.asarray(shade, float)[..., None]
    toned = base + np.where(depth < 0.5, (1 - 2 * depth) * _LIGHTEST * (255 - base), (1 - 2 * depth) * _DARKEST * base)
    return np.where(np.isnan(depth), base, toned).round().astype(np.uint8)
