"""How fast the sum of squares rises when one parameter of a fit is moved."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ravine.errors import ProblemError
from ravine.fitting.fitted import Fit
from ravine.view.palette import BLUE, GRAY, INK, RED
from ravine.view.plots.legends import legend_apart
from ravine.view.scales import finite
from ravine.view.scene import Axis, Dots, Line, Mark, Panel, Rule, Scene, Words

_MOST = 12
_BEYOND = 1.3  # how far the picture reaches past the ends of the interval
_LARGEST = 15.0  # standard errors


def profile(found: Fit, names: str | Iterable[str] | None = None, *, level: float = 0.95) -> Scene:
    """Show τ = ±√((Σr² − its minimum)/s²) over each parameter, all others fitted again.

    The dashed line is what a linear formula would give: one standard error for every unit of τ. The interval ends
    where the curve meets the lines at ±t; the more it bends, the less the interval is value ± t·standard error.

    Parameters
    ----------
    found
        The fit.
    names
        One free parameter or several; the first twelve by default.
    level
        Confidence of the interval.

    Raises
    ------
    ProblemError
        If what is given is no fit, a name is no free parameter, or the level no probability.

    Examples
    --------
    >>> from ravine import fit
    >>> line = fit("y = a*x + b", {"x": [0, 1, 2, 3], "y": [1.1, 2.9, 5.1, 6.9]})
    >>> scene = profile(line, "a")
    >>> scene.subtitle
    '95 %: 1.717 < a < 2.203'
    >>> [mark.label for mark in scene.panels[0].marks if getattr(mark, "label", "")]
    ['if linear', 'profile', 'minimum', 'ends of the 95 % interval']
    """
    if not isinstance(found, Fit):
        raise ProblemError(f"plots.profile: expected a fit from ravine.fit, got {type(found).__name__}.")
    chosen = list(found.free[:_MOST] if names is None else [names] if isinstance(names, str) else names)
    if not chosen:
        raise ProblemError("plots.profile: expected at least one free parameter, got none.")
    intervals = found.conf_interval(chosen, level)
    said = [_sentence(name, intervals[name].low, intervals[name].high) for name in chosen]
    panels = tuple(
        _panel(found, name, (intervals[name].low, intervals[name].high), level, words)
        for name, words in zip(chosen, said, strict=True)
    )
    subtitle = f"{100 * level:.4g} %: {said[0]}" if len(chosen) == 1 else f"{100 * level:.4g} % profile intervals"
    if len(panels) == 1:
        return Scene(found.problem.title, panels, subtitle)
    return Scene(found.problem.title, legend_apart(panels), subtitle, 2 if len(panels) == 3 else 3)


def _sentence(name: str, low: float, high: float) -> str:
    """Return the interval in a few words.

    Examples
    --------
    >>> _sentence("a", 1.0, 2.0), _sentence("a", 1.0, np.inf), _sentence("a", -np.inf, np.inf)
    ('1 < a < 2', 'a > 1, open above', 'a: open on both sides')
    """
    if np.isnan(low) or np.isnan(high):
        return f"{name}: the data don't tell"
    if np.isinf(low) and np.isinf(high):
        return f"{name}: open on both sides"
    if np.isinf(low) or np.isinf(high):
        return f"{name} < {high:.4g}, open below" if np.isinf(low) else f"{name} > {low:.4g}, open above"
    return f"{low:.4g} < {name} < {high:.4g}"


def _panel(found: Fit, name: str, ends: tuple[float, float], level: float, title: str) -> Panel:
    from ravine.fitting import intervals  # this computes, with TensorFlow

    quantile = found.quantile(level)
    value, stderr = found.values[name], found.params[name].stderr
    if not np.isfinite(quantile) or not np.isfinite(stderr) or stderr <= 0:
        return Panel(Axis(name), Axis("τ"), (Words("the data don't tell how sure this is"),), title=title)
    reach = min(_BEYOND * quantile, _LARGEST)
    away = [abs(end - value) / stderr for end in ends if np.isfinite(end)]
    followed = intervals.profile(found, name, min(_BEYOND * max([quantile, *away]), 4 * reach), 61)
    seen = np.abs(followed.tau) <= 1.05 * reach
    x, tau = np.where(seen, followed.held, np.nan), np.where(seen, followed.tau, np.nan)
    linear = np.array([-reach, reach])
    inside = finite(np.concatenate([x, value + linear * stderr]))
    margin = 0.04 * float(np.ptp(inside))
    limits = (float(inside.min()) - margin, float(inside.max()) + margin)
    end = np.array([each for each in ends if limits[0] <= each <= limits[1]])
    at_end = np.clip(np.interp(end, followed.held, followed.tau), -quantile, quantile)  # less at a bound
    marks: list[Mark] = [
        Rule(0.0, color=GRAY),
        *(Rule(side * quantile, color=GRAY) for side in (-1, 1)),
        Line(value + linear * stderr, linear, color=INK, width=1.4, dash="dashed", label="if linear"),
        Line(x, tau, color=BLUE, width=3, label="profile"),
        Dots(np.array([value]), np.zeros(1), color=RED, size=9, shape="diamond", halo=True, label="minimum"),
        Dots(end, at_end, color=BLUE, size=9, halo=True, label=f"ends of the {100 * level:.4g} % interval"),
    ]
    return Panel(Axis(name, limits=limits), Axis("τ", limits=(-1.1 * reach, 1.1 * reach)), tuple(marks), title=title)
