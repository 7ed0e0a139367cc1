"""Color maps as stops, for libraries that bring none of their own: viridis, turbo, and from faint to strong red.

References
----------
N. Smith, S. van der Walt: viridis (2015), https://bids.github.io/colormap/
A. Mikhailov: Turbo, An Improved Rainbow Colormap for Visualization (2019),
https://research.google/blog/turbo-an-improved-rainbow-colormap-for-visualization/
"""

from __future__ import annotations

from ravine.view.palette import Colors

STOPS: dict[Colors, tuple[str, ...]] = {
    "even": (
        "#440154", "#48186A", "#472D7B", "#424086", "#3B528B", "#33638D", "#2C728E", "#26828E", "#21918C",
        "#1FA088", "#28AE80", "#3FBC73", "#5EC962", "#84D44B", "#ADDC30", "#D8E219", "#FDE725",
    ),
    "rainbow": (
        "#30123B", "#4040A2", "#466BE3", "#4294FF", "#28BCEB", "#18DDC2", "#32F298", "#6DFE62", "#A4FC3C",
        "#CDEC34", "#EECF3A", "#FDAC34", "#FB7E21", "#EB500E", "#D02F05", "#A91601", "#7A0403",
    ),
    "steps": ("#FBD5D5", "#D7141A"),
}  # fmt: skip


def shade(colors: Colors, share: float) -> str:
    """Return the color at a share of the way from the first stop to the last.

    Examples
    --------
    >>> shade("steps", 0.0), shade("steps", 0.5)
    ('#FBD5D5', '#E97478')
    """
    stops = STOPS[colors]
    place = min(max(share, 0.0), 1.0) * (len(stops) - 1)
    index = min(int(place), len(stops) - 2)
    pairs = zip(_channels(stops[index]), _channels(stops[index + 1]), strict=True)
    return "#" + "".join(f"{round(low + (place - index) * (high - low)):02X}" for low, high in pairs)


def _channels(color: str) -> list[int]:
    return [int(color[first : first + 2], 16) for first in (1, 3, 5)]
