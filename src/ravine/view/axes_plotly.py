"""Axes for Plotly: limits, ticks, a symmetric logarithm, and words that stay words."""

from __future__ import annotations

from typing import Any

import numpy as np

from ravine.view import fonts
from ravine.view.palette import GRAY, INK, PALE
from ravine.view.scene import Axis, Dots, Line, Mark, Panel

_LINEAR = 2.0  # below this size a symmetric logarithm is linear, as in Matplotlib
_DECADE = 1 / 0.9  # how long the linear part is, in decades
_FEW = 8
_DOTS_RISE = 3.0  # dots are thicker than lines, so the surface would swallow them sooner


def plain(text: str) -> str:
    """Return a text that Plotly writes as it stands: no tags, no formulas, no places to fill in.

    Examples
    --------
    >>> plain("<b> & 5 $")
    '&lt;b&gt; &amp; 5 &#36;'
    """
    text = "".join(character if character.isprintable() else " " for character in text)
    for character, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("$", "&#36;"), ("{", "&#123;")):
        text = text.replace(character, written)
    return text


def plotted(values: np.ndarray, axis: Axis) -> np.ndarray:
    """Return values as Plotly gets them: it has no symmetric logarithm, so that is taken here.

    Examples
    --------
    >>> plotted(np.array([0.0, 2.0, -20.0]), Axis(scale="symlog")).round(4)
    array([ 0.    ,  2.2222, -4.2222])
    """
    if axis.scale != "symlog":
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        far = _LINEAR * (_DECADE + np.log10(np.abs(values) / _LINEAR))
        return np.where(np.abs(values) <= _LINEAR, values * _DECADE, np.sign(values) * far)


def axis_of(axis: Axis, panel: Panel, text: float, pixels: float) -> dict[str, Any]:
    """Return the settings of one axis of a flat panel that is so many pixels long."""
    between = 7.0 if axis is panel.x else 3.2  # heights of the text from one label of a tick to the next
    letters = max(10, int(pixels / (0.55 * text)))
    settings = {
        **_common(axis, text),
        "title": {"text": plain(fonts.shortened(axis.label, letters)), "font": {"size": text}, "standoff": 6},
        "type": "log" if axis.scale == "log" else "linear",
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": GRAY,
        "showline": True,
        "linecolor": GRAY,
        "nticks": max(3, min(8, int(pixels / (between * text)))),
        **_ticks(axis, panel),
    }
    return {**settings, **_range(axis)}


def height_of(axis: Axis, lift: float, text: float) -> dict[str, Any]:
    """Return the settings of the third axis; lifted marks may reach above its upper limit, which cuts the surface."""
    settings = {
        **_common(axis, text),
        "title": {"text": plain(fonts.shortened(axis.label, 24)), "font": {"size": text}},
        "type": "log" if axis.scale == "log" else "linear",
        "nticks": 5,
    }
    if axis.limits is None:
        return settings
    low, high = np.log10(axis.limits) if axis.scale == "log" else axis.limits
    return {**settings, "range": [float(low), float(high + 1.05 * lift * (high - low))]}


def side_of(axis: Axis, text: float) -> dict[str, Any]:
    """Return the settings of one of the two lower axes of a 3-D panel."""
    settings = {
        **_common(axis, text),
        "title": {"text": plain(fonts.shortened(axis.label, 24)), "font": {"size": text}},
        "nticks": 5,
    }
    return settings if axis.limits is None else {**settings, "range": list(axis.limits)}


def lifted(mark: Line | Dots, panel: Panel) -> np.ndarray:
    """Return the heights of a line or of dots in a 3-D panel, off the surface by the mark's lift, dots by thrice that.

    Matplotlib draws marks on top of whatever is in front of them; Plotly hides what lies behind.
    """
    assert panel.z is not None and mark.z is not None
    lift = mark.lift * (_DOTS_RISE if isinstance(mark, Dots) else 1.0)
    low, high = panel.z.limits or (float(np.nanmin(mark.z)), float(np.nanmax(mark.z)))
    if panel.z.scale != "log":
        return np.minimum(mark.z + lift * (high - low), high + mark.lift * (high - low))
    with np.errstate(invalid="ignore"):
        rise = (high / low) ** lift
        return np.minimum(np.where(mark.z > 0, mark.z, np.nan) * rise, high * (high / low) ** mark.lift)


def _common(axis: Axis, text: float) -> dict[str, Any]:
    return {
        "gridcolor": PALE,
        "zeroline": False,
        "tickfont": {"size": 0.85 * text, "color": INK},
        "exponentformat": "power",
        "showexponent": "all",
    }


def _range(axis: Axis) -> dict[str, Any]:
    if axis.limits is None:
        return {}
    limits = plotted(np.array(axis.limits, float), axis)
    return {"range": (np.log10(limits) if axis.scale == "log" else limits).tolist()}


def _ticks(axis: Axis, panel: Panel) -> dict[str, Any]:
    if axis.ticks:
        places, words = zip(*axis.ticks, strict=True)
        labels = [plain(fonts.shortened(word, 18)) for word in words]
        return {"tickmode": "array", "tickvals": list(places), "ticktext": labels, "ticks": ""}
    if axis.scale == "symlog":
        sizes = _signed_decades([mark for mark in panel.marks if hasattr(mark, "y")])
        labels = [f"{'−' if size < 0 else ''}10<sup>{np.log10(abs(size)):.0f}</sup>" if size else "0" for size in sizes]
        return {"tickmode": "array", "tickvals": plotted(np.array(sizes), axis).tolist(), "ticktext": labels}
    if axis.scale == "log":
        return {"dtick": 1} if _decades(panel) <= _FEW else {}
    if axis.whole and _reach(panel) <= _FEW:
        return {"dtick": 1}
    return {"hoverformat": ".6~g"}


def _signed_decades(marks: list[Mark]) -> list[float]:
    """Return zero and at most two powers of ten on either side, far enough apart for their labels."""
    values = np.concatenate([np.ravel(getattr(mark, "y", 0.0)) for mark in marks] or [np.zeros(1)])
    known = np.abs(values[np.isfinite(values)])
    most = int(np.floor(np.log10(max(1.0, float(known.max(initial=0.0))))))
    sizes = [10.0**power for power in sorted({most, most // 2} if most > 3 else {most})]
    return [-size for size in reversed(sizes)] + [0.0, *sizes]


def _decades(panel: Panel) -> float:
    values = np.concatenate([np.ravel(getattr(mark, "y", 1.0)) for mark in panel.marks] or [np.ones(1)])
    values = values[np.isfinite(values) & (values > 0)]
    return float(np.log10(values.max() / values.min())) if values.size else 0.0


def _reach(panel: Panel) -> float:
    """Return how far the marks reach along the first axis."""
    values = np.concatenate([np.ravel(getattr(mark, "x", 0.0)) for mark in panel.marks] or [np.zeros(1)])
    values = values[np.isfinite(values)]
    return float(np.ptp(values)) if values.size else 0.0
