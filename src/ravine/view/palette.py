"""Every color, dash and shape of ravine's pictures, in one place.

The series are Okabe and Ito's colors, which people with any kind of color vision tell apart; the first is a
purer red, because the path downhill is red. Dash and shape repeat what the color says; the diamond is kept for ends,
the green plus for the best point of a grid.

References
----------
M. Okabe, K. Ito: Color Universal Design (2008), https://jfly.uni-koeln.de/color/
"""

from __future__ import annotations

from typing import Literal

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
