"""From a run to a scene, one function a picture, such as ``rv.plots.descent(run)``.

Every function is pure: it returns a `ravine.view.scene.Scene` and draws nothing.
"""

from ravine.view.plots.answers import fit, lines_over_time
from ravine.view.plots.histories import loss, params
from ravine.view.plots.maps import basins
from ravine.view.plots.matrices import matrix
from ravine.view.plots.minima import valleys
from ravine.view.plots.pages import arrange, summary
from ravine.view.plots.profiles import profile
from ravine.view.plots.races import race
from ravine.view.plots.regions import confidence
from ravine.view.plots.slopes import derivatives
from ravine.view.plots.surfaces import contour, curve, descent
from ravine.view.plots.sweeps import sweep

__all__ = [
    "arrange",
    "basins",
    "confidence",
    "contour",
    "curve",
    "derivatives",
    "descent",
    "fit",
    "lines_over_time",
    "loss",
    "matrix",
    "params",
    "profile",
    "race",
    "summary",
    "sweep",
    "valleys",
]
