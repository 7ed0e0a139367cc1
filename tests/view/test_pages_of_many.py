"""Pages of races, basins and sweeps as text, and the page inside a notebook."""

import dataclasses
import html
import json
import re
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

import ravine as rv
from ravine.basins import NOT_CONVERGED
from ravine.errors import ProblemError
from ravine.raced import Entrant
from ravine.swept import Sweep
from ravine.view.page.content import Table
from ravine.view.page.document import page_of
from ravine.view.page.nouns import content_of
from ravine.view.page.tables import cells_html
from ravine.view.page.updates import update_of


def _timed(run, seconds):
    return dataclasses.replace(run, settings={**run.settings, "seconds": seconds})


def _race(descend, problem, starts):
    slow, fast = (_timed(descend(problem, starts, rate), 0.01) for rate in (0.05, 0.3))
    dims = ("rate", "start")
    loss = np.stack([run.dataset["loss"].values[:, -1] for run in (slow, fast)])
    trials = xr.Dataset(
        {"loss": (dims, loss), "status": (dims, np.full(loss.shape, "ran_out")), "steps_taken": (dims, loss * 0 + 40)},
        coords={"rate": [0.05, 0.3]},
    )
    entrants = (Entrant("sgd", slow, fast, trials), Entrant("bfgs", slow, slow))
    return rv.Race(problem, entrants, {"rates": [0.05, 0.3], "steps": 40, "dtype": "float64"})


def _basins(size=12):
    """Return a map of two wells of (x² − 1)² + y², written by hand."""
    x = (np.arange(size) + 0.5) / size * 4 - 2
    wide, high = np.meshgrid(x, x)
    ending = np.where(wide < 0, 0, 1).astype(np.int32)
    ending[0, 0] = NOT_CONVERGED
    each = {"ending": ending, "steps_taken": 10 + np.arange(size * size).reshape(size, size), "loss": wide * 0}
    each |= {"start_loss": (wide**2 - 1) ** 2 + high**2, "status": np.zeros_like(ending)}
    variables = {name: (("y", "x"), values) for name, values in each.items()}
    variables["params"] = (("y", "x", "param"), np.stack([wide, high], axis=2))
    variables["minimum_params"] = (("minimum", "parameter"), np.array([[-1.0, 0.0], [1.0, 0.0]]))
    variables |= {"minimum_loss": ("minimum", [0.0, 0.0]), "minimum_kind": ("minimum", ["minimum", "flat"])}
    variables["minimum_share"] = ("minimum", [0.49, 0.5])
    dataset = xr.Dataset(variables, {"x": x, "y": x, "param": ["x", "y"], "parameter": ["x", "y"]})
    settings = {"box": {"x": [-2.0, 2.0], "y": [-2.0, 2.0]}, "optimizer": "sgd", "learning_rate": [0.1], "steps": 400}
    return rv.Basins(dataset, rv.Problem("(x**2 - 1)**2 + y**2"), {}, settings)


def _sweep():
    each = ("optimizer", "rate", "start")
    variables = {"loss": (each, [[[4.0], [0.1], [9.0]]]), "steps_taken": (each, [[[5], [4], [5]]])}
    variables["status"] = (each, [[["ran_out"], ["converged"], ["oscillating"]]])
    variables |= {"params": ((*each, "param"), np.zeros((1, 3, 1, 1))), "start_params": (("start", "param"), [[6.0]])}
    variables |= {"start_loss": ("start", [16.0]), "edge": ("optimizer", [1.0])}
    dataset = xr.Dataset(variables, {"optimizer": ["sgd"], "rate": [0.01, 0.1, 1.0], "start": [0], "param": ["x"]})
    return Sweep(dataset, rv.Problem("(x - 2)**2"), {"steps": 5, "dtype": "float64", "curvature": 2.0})


@pytest.fixture(scope="module")
def race(descend, line):
    return _race(descend, line, [(5, 4), (5, 1), (2, 4.5)])


def kinds(content):
    return [(each.kind, each.choice, each.start) for each in content.pictures]


def data_of(text):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


# -- a race


def test_a_race_has_surface_data_three_histories_a_start_and_its_budget(race):
    content = content_of(race, None)
    ground = [("space", 0, -1), ("plane", 0, -1), ("data", -1, -1)]
    histories = [("history", -1, start) for start in (0, 1, 2) for _ in range(3)]
    assert kinds(content) == [*ground, *histories, ("still", -1, -1)]
    assert [each.live["over"] for each in content.pictures[3:6]] == ["step", "evaluations", "time"]
    assert "2 rates from 0.05 to 0.3" in content.headlines[-1]
    assert content.tables[0].rows == race.table()


def test_rivals_stand_on_the_lines_of_their_panels(race):
    content = content_of(race, None)
    for start, described in enumerate(content.descents["starts"]):
        panels = [each.scene.panels[0] for each in content.pictures if each.start == start]
        for rival in described["rivals"]:
            for panel, over in zip(panels, ("step", "evaluations", "time"), strict=True):
                lines = [mark for mark in panel.marks if getattr(mark, "label", "").startswith(rival["name"])]
                np.testing.assert_allclose(lines[0].x, rival[over])
                np.testing.assert_allclose(lines[0].y, rival["excess"])


def test_a_race_of_one_start_shows_it_whenever(descend, line):
    content = content_of(_race(descend, line, [(5, 4)]), None)
    assert {each.start for each in content.pictures} == {-1}


def test_a_race_over_one_parameter_shows_curve_and_way(descend):
    content = content_of(_race(descend, rv.Problem("(x - 50)**2"), [(3.0,)]), None)
    assert [kind for kind, *_ in kinds(content)] == ["line", *["history"] * 4, "still"]
    assert content.pictures[1].live == {"over": "step", "column": 0}


def test_very_many_starts_of_a_race_are_thinned(descend, line):
    starts = np.random.default_rng(0).uniform(-2, 7, (11, 2))
    content = content_of(_race(descend, line, starts), None)
    assert len(content.descents["starts"]) == 8
    assert ("some_starts", {"shown": 8, "all": 11}) in content.remarks


# -- basins and sweeps


def test_a_map_tells_each_pixel_and_lists_its_minima():
    text = page_of(content_of(_basins(), None))
    (picture,) = data_of(text)["pictures"]
    (image,) = [trace for trace in picture["figure"]["data"] if trace["type"] == "image"]
    assert picture["kind"] == "map"
    assert "minimum: %{customdata[0]" in image["hovertemplate"]
    assert image["customdata"]["shape"] == "12, 12, 3"
    assert '<td data-word="flat">flat</td><td>50 %</td>' in text
    assert data_of(text)["descents"] is None


def test_large_maps_are_thinned_and_say_so():
    content = content_of(_basins(600), None)
    raster = content.pictures[0].scene.panels[0].marks[0]
    assert raster.kind.shape == (200, 200)
    assert content.remarks == (("some_pixels", {"shown": "200 × 200", "all": "600 × 600"}),)
    assert content.headlines[0] == _basins(600).headlines()[0]


def test_a_sweep_shows_losses_endings_and_the_edge():
    content = content_of(_sweep(), None)
    assert [each.scene.panels[0].title for each in content.pictures] == ["Final loss", "How the starts ended"]
    assert any("edge 2/λ = 1" in getattr(mark, "label", "") for mark in content.pictures[0].scene.panels[0].marks)
    text = page_of(content, "zh")
    assert "最佳学习率" in text
    assert "稳定边界" in text
    assert "converged" in re.sub("<script.*", "", text, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("make", "pair", "said"),
    [
        (_sweep, ("x", "y"), "expected none for a sweep"),
        (_basins, ("x", "q"), "expected the parameters x, y, got x, q"),
    ],
)
def test_pairs_that_make_no_sense_are_refused(refuses, make, pair, said):
    with refuses(ProblemError, said):
        content_of(make(), pair)


def test_names_in_a_table_stay_names():
    text = cells_html(Table("minima", [["rank", "loss", "rate"], ["1", "2", "none"]], 2), "zh")
    assert ">编号<" in text
    assert "<th>rate</th>" in text
    assert "<td>none</td>" in text


def test_these_pages_need_no_tensorflow(race, tmp_path):
    for name, result in {"race": race, "basins": _basins(), "sweep": _sweep()}.items():
        rv.save(result, tmp_path / f"{name}.nc")
    code = f"""import sys, pathlib, ravine as rv
for file in pathlib.Path({str(tmp_path)!r}).glob("*.nc"):
    rv.export(rv.load(file), file.with_suffix(".html"))
print({{"tensorflow", "keras", "matplotlib"}} & set(sys.modules))"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
    assert len(list(tmp_path.glob("*.html"))) == 3


# -- a step taken apart


def test_methods_without_known_lines_say_so(one_start):
    assert update_of(one_start)["lines"] is None  # its settings hold no configuration


def test_lines_are_those_of_the_optimizer(one_start):
    described = {"class_name": "SGD", "config": {"momentum": 0.9}}
    known = dataclasses.replace(one_start, settings={**one_start.settings, "optimizer_config": described})
    found = update_of(known)
    assert [each["formula"] for each in found["lines"]] == ["m ← m·μ − g·α", "θ ← θ + m"]
    assert list(found["held"]) == ["m"]
    changing = {**described, "config": {"gradient_accumulation_steps": 2}}
    changed = dataclasses.replace(one_start, settings={**one_start.settings, "optimizer_config": changing})
    assert update_of(changed)["lines"] is None


def test_formulas_stand_in_both_languages(one_start):
    text = page_of(content_of(one_start, None))
    assert "每个点的误差" in text
    assert "the error at a point" in text
    assert "<math" in text


# -- a notebook


def test_a_frame_holds_the_exported_page(one_start, tmp_path):
    inline = rv.show_page(one_start, language="zh")
    path = rv.export(one_start, tmp_path / "run.html", language="zh")
    shown = re.search(r'srcdoc="(.*?)" width', inline._repr_html_(), re.DOTALL)
    assert html.unescape(shown[1]) == path.read_text(encoding="utf-8")
    assert repr(inline) == "InlinePage(title='y = a*x + b', height=900)"


@pytest.mark.parametrize(
    ("options", "said"),
    [({"height": 20}, "at least 200 pixels, got 20"), ({"language": "fr"}, "expected en or zh, got 'fr'")],
)
def test_what_fits_no_notebook_is_refused(refuses, one_start, options, said):
    with refuses(ProblemError, said):
        rv.show_page(one_start, **options)
