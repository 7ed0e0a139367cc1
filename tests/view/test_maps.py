"""Maps: which start ends where, as a scene."""

from typing import Any

import numpy as np
import pytest

import ravine as rv
from ravine.basins import DIVERGED, NOT_COMPUTED, NOT_CONVERGED, Basins
from ravine.errors import ProblemError
from ravine.view import plots
from ravine.view.drawing import draw, save_picture
from ravine.view.palette import AREAS, AWAY, ON_THE_WAY, OTHERS
from ravine.view.scene import Contours, Dots, Line, Raster, Tags

_WELLS = "(x**2 - 1)**2 + (y**2 - 1)**2 + 0.1*x"


@pytest.fixture(scope="module")
def wells():
    return rv.map_basins(_WELLS, {"x": (-2, 2), "y": (-2, 3)}, (24, 20), learning_rate=0.02)


@pytest.fixture(scope="module")
def strip():
    return rv.map_basins("(x**2 - 1)**2", {"x": (-4, 4)}, 40, learning_rate=0.05)


@pytest.fixture(scope="module")
def dots():
    return rv.map_basins("(a**2 - 1)**2 + b**2 + c**2", dict.fromkeys("abc", (-2, 2)), starts=200, learning_rate=0.02)


def _of(kind, scene):
    return [mark for mark in scene.panels[0].marks if isinstance(mark, kind)]


def _legend(scene):
    return [mark.label for mark in _of(Dots, scene) if mark.label]


def test_each_pixel_has_the_color_of_its_minimum(wells):
    (raster,) = _of(Raster, plots.basins(wells))
    assert np.array_equal(raster.kind, np.where(wells.ending >= 0, wells.ending, raster.kind))
    assert {raster.colors[int(kind)] for kind in np.unique(raster.kind[wells.ending >= 0])} == set(AREAS[:4])
    assert np.all(raster.kind[wells.ending == DIVERGED] == raster.colors.index(AWAY))
    assert (raster.x, raster.y) == ((-2, 2), (-2, 3))


def test_the_more_steps_the_darker(wells):
    (raster,) = _of(Raster, plots.basins(wells))
    steps, home = wells.dataset["steps_taken"].values, wells.ending == 0
    order = np.argsort(steps[home], kind="stable")
    assert np.all(np.diff(raster.shade[home][order]) >= 0)
    assert np.isnan(raster.shade[wells.ending < 0]).all()
    light, dark = (raster.rgb[home][index].sum() for index in (order[0], order[-1]))
    assert light > dark


def test_minima_are_ranked_where_they_are(wells):
    scene = plots.basins(wells)
    tags = {mark.words[0]: (float(mark.x[0]), float(mark.y[0])) for mark in _of(Tags, scene)}
    assert tags == {str(rank): tuple(each.params.values()) for rank, each in enumerate(wells.minima, 1)}
    assert _legend(scene)[0].startswith(f"1: {wells.minima[0].loss:.3g}, ")


def test_lines_of_equal_loss_lie_over_the_map(wells):
    (lines,) = _of(Contours, plots.basins(wells))
    assert lines.value.shape == (20, 24)
    assert lines.value.min() < lines.levels[0] < lines.levels[-1] < lines.value.max()


def test_a_strip_lies_beneath_the_curve(strip):
    scene = plots.basins(strip)
    (raster,), (curve,) = _of(Raster, scene), _of(Line, scene)
    assert raster.kind.shape == (1, 40)
    assert raster.y[1] < np.nanmin(curve.y)
    limits: Any = scene.panels[0].y.limits
    assert limits[0] < raster.y[0]
    np.testing.assert_allclose(curve.y, (curve.x**2 - 1) ** 2, rtol=1e-5)


def test_random_starts_are_dots_over_any_two_parameters(dots):
    scene = plots.basins(dots, ("c", "a"))
    shown = [mark for mark in _of(Dots, scene) if not mark.label and mark.x.size > 1]
    assert (scene.panels[0].x.label, scene.panels[0].y.label) == ("c", "a")
    assert sum(mark.x.size for mark in shown) == 200
    blue = next(mark for mark in shown if mark.color == AREAS[0])
    assert len(set(np.sign(blue.y))) == 1


def test_many_minima_share_a_color():
    basins = rv.map_basins("cos(9*x) + 0.1*x", {"x": (-5, 5)}, 400, learning_rate=0.005)
    assert len(basins.minima) > 12
    scene = plots.basins(basins)
    entries = _legend(scene)
    assert len(entries) <= 9
    rest = len(basins.minima) - len([entry for entry in entries if entry[0].isdigit() and ": " in entry])
    assert any(entry.startswith(f"{rest} others, ") for entry in entries)
    (raster,) = _of(Raster, scene)
    assert raster.colors.index(OTHERS) in raster.kind


def test_what_is_not_computed_stays_white_and_is_said(wells):
    dataset = wells.dataset.copy()
    dataset["ending"] = dataset["ending"].copy(data=np.where(np.indices((20, 24))[0] < 10, NOT_COMPUTED, wells.ending))
    part = Basins(dataset, wells.problem, wells.held, wells.settings)
    scene = plots.basins(part)
    (raster,) = _of(Raster, scene)
    assert (raster.rgb[:10] == 255).all()
    assert "50 % computed" in scene.subtitle


def test_what_reached_no_minimum_is_gray_and_counted():
    basins = rv.map_basins("x", {"x": (0, 1)}, 4, steps=3)
    scene = plots.basins(basins)
    (raster,) = _of(Raster, scene)
    assert set(basins.ending.tolist()) == {NOT_CONVERGED}
    assert raster.colors[int(raster.kind[0, 0])] == ON_THE_WAY
    assert _legend(scene) == ["not converged, 100 %"]


@pytest.mark.parametrize("size", ["slide", "column"])
@pytest.mark.parametrize("which", ["wells", "strip", "dots"])
def test_every_map_draws(which, size, request, tmp_path):
    scene = plots.basins(request.getfixturevalue(which))
    assert draw(scene, size=size).axes
    assert save_picture(scene, tmp_path / "map.svg", size=size).stat().st_size > 1000


@pytest.mark.parametrize("which", ["wells", "strip", "dots"])
def test_the_same_map_gives_the_same_scene(which, request):
    basins = request.getfixturevalue(which)
    assert plots.basins(basins) == plots.basins(basins)


def test_what_is_no_map_and_unknown_parameters_are_refused(wells, dots, refuses):
    words: Any = "map.nc"
    with refuses(ProblemError, "plots.basins", "str"):
        plots.basins(words)
    with refuses(ProblemError, "a, b, c", "q"):
        plots.basins(dots, ("a", "q"))
    with refuses(ProblemError, "x and y", "y, x"):
        plots.basins(wells, ("y", "x"))
