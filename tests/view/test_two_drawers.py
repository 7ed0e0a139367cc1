"""Matplotlib and Plotly draw the same numbers: the same scene through both, compared mark by mark."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from matplotlib import image
from matplotlib.colors import to_rgb, to_rgba

import ravine as rv
from ravine.problem import Problem
from ravine.view import palette, plots, scene
from ravine.view.draw_plotly import LOOKS, specification
from ravine.view.drawing import draw, save_picture
from ravine.view.scene import Axis, ColorScale, Panel, Scene
from ravine.view.shades import STOPS, shade

parts: Any = scene  # lists will do for arrays here
X = np.linspace(0, 4, 30)
SQUARE = np.arange(4.0).reshape(2, 2)
TWO_WELLS = "x**4 - 3*x**2 + y**2"
PICTURES = (
    "descent", "descent of three", "descent in decades", "contour", "contour of two runs", "curve", "loss", "params",
    "params of three", "diverging params", "fit", "fit of a run", "fit of two columns", "lines_over_time", "summary",
    "summary of one parameter", "basins", "sweep", "race", "valleys", "valleys of one", "profile",
    "confidence", "confidence of three", "derivatives", "matrix", "arrange",
)  # fmt: skip


@pytest.fixture(scope="module")
def decay() -> rv.Fit:
    noise = np.random.default_rng(3).normal(size=30)
    return rv.fit("y = a*exp(-b*x) + c", {"x": X, "y": 2.5 * np.exp(-1.3 * X) + 0.5 + 0.1 * noise}, sigma=0.1)


@pytest.fixture(scope="module")
def scenes(descend, line, one_start, three_starts, parabola, bowl, decay) -> dict[str, Scene]:
    steep = rv.survey(Problem("exp(3*a + 3*b)"), {"a": (-2, 7), "b": (-2, 7)}, resolution=40, dtype="float64")
    wild = descend(line, [(5, 4)], rate=1.5, steps=15)
    slow = descend(line, [(5, 4)], rate=0.02)
    columns = {"u": X, "v": X**2, "z": 2 * X - X**2}
    two_columns = descend(Problem("z = a*u + b*v", columns), [(0, 0)], rate=1e-3)
    wave = rv.fit("y = sin(a*x)", {"x": [0, 1, 2, 3, 4], "y": [0, 1, 0, -1, 0]}, {"a": 1.0})
    straight = rv.fit("y = a*x + b", {"x": X, "y": 2 * X + 1 + np.cos(9 * X)})
    return {
        "descent": plots.descent(one_start, bowl),
        "descent of three": plots.descent(three_starts, bowl, colors="rainbow"),
        "descent in decades": plots.descent(one_start, steep),
        "contour": plots.contour(three_starts, bowl),
        "contour of two runs": plots.contour([one_start, slow], bowl),
        "curve": plots.curve(parabola),
        "loss": plots.loss([one_start, slow, wild]),
        "params": plots.params(one_start),
        "params of three": plots.params(three_starts),
        "diverging params": plots.params(wild, together=True),
        "fit": plots.fit(decay),
        "fit of a run": plots.fit(three_starts, beside={"truth": {"a": 1.2, "b": 2.5}}),
        "fit of two columns": plots.fit(two_columns),
        "lines_over_time": plots.lines_over_time(one_start),
        "summary": plots.summary(one_start, bowl),
        "summary of one parameter": plots.summary(parabola),
        "valleys": plots.valleys(straight),
        "valleys of one": plots.valleys(wave),
        "profile": plots.profile(decay),
        "confidence": plots.confidence(straight, "a", "b"),
        "confidence of three": plots.confidence(decay),
        "basins": plots.basins(rv.map_basins(TWO_WELLS, {"x": (-2, 2), "y": (-1, 1)}, resolution=24, steps=60)),
        "sweep": plots.sweep(rv.sweep(TWO_WELLS, [0.01, 0.1, 1.0], ["sgd", "adam"], {"x": 2.0, "y": 1.0}, steps=30)),
        "race": plots.race(rv.race(TWO_WELLS, {"x": 2.0, "y": 1.0}, ["sgd", "bfgs"], steps=30)),
        "derivatives": plots.derivatives(rv.derive("sigmoid(x)", {"x": "-10:10:41"})),
        "matrix": plots.matrix([[4.0, -4.0], [0.0, 1.0]], ["f", "g"], ["a", "b"]),
        "arrange": plots.arrange(plots.loss(one_start), plots.params(one_start)),
    }


def artists_of(figure: Any) -> list[list[Any]]:
    """Return what Matplotlib drew, panel by panel, one artist a mark."""
    frames = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    cubes = [next((child for child in axes.child_axes if child.name == "3d"), axes) for axes in frames]
    drawn = [[each for each in axes.get_children() if hasattr(each, "ravine_label")] for axes in cubes]
    return [sorted(each, key=lambda artist: artist.get_zorder()) for each in drawn]


def traces_of(figure: dict[str, Any], index: int) -> list[dict[str, Any]]:
    """Return what Plotly draws in a panel, without the rims of lines."""
    number = "" if index == 0 else str(index + 1)
    own = [
        each for each in figure["data"] if f"x{number}" == each.get("xaxis") or f"scene{number}" == each.get("scene")
    ]
    return [
        each for each in own if each.get("line", {}).get("color") != palette.WHITE or each.get("hoverinfo") != "skip"
    ]


def along_y(artist: Any, values: np.ndarray, panel: Panel) -> np.ndarray:
    """Return heights as Plotly gets them: it knows no symmetric logarithm."""
    return artist.axes.yaxis.get_transform().transform(values) if panel.y.scale == "symlog" else values


def same(one: Any, other: Any, tolerance: float = 1e-9) -> None:
    np.testing.assert_allclose(np.asarray(one, float), np.asarray(other, float), rtol=tolerance, atol=1e-12)


def compare_points(mark: Any, artist: Any, traces: list[Any], panel: Panel, figure: Any) -> None:
    (trace,) = traces
    ink = trace["line"] if isinstance(mark, scene.Line) else trace["marker"]
    if not mark.x.size:  # it stands in the legend only
        assert np.isnan(trace["x"]).all()
        return
    assert to_rgb(artist.get_color()) == to_rgb(ink["color"])
    if panel.z is None or mark.z is None:
        x, y = artist.get_data()
        same(trace["x"], x)
        same(trace["y"], along_y(artist, np.asarray(y, float), panel))
        return
    x, y, z = (np.asarray(each, float) for each in artist.get_data_3d())
    low, high = np.log10(panel.z.limits) if panel.z.scale == "log" else panel.z.limits
    ceiling = high + mark.lift * (high - low)
    z = np.minimum(z + 2 * mark.lift * (high - low) * isinstance(mark, scene.Dots), ceiling)
    same(trace["x"], x)
    same(trace["y"], y)
    same(np.log10(trace["z"]) if panel.z.scale == "log" else trace["z"], z)


def compare_whiskers(mark: Any, artist: Any, traces: list[Any], panel: Panel, figure: Any) -> None:
    ends = np.array(artist.get_segments())
    same(np.stack([traces[0]["x"], traces[0]["y"]], 1).reshape(-1, 3, 2)[:, :2], ends)


def compare_filled(mark: Any, artist: Any, traces: list[Any], panel: Panel, figure: Any) -> None:
    corners = np.concatenate([np.empty((0, 2)), *(path.vertices for path in artist.get_paths())])
    drawn = np.stack([traces[0]["x"], traces[0]["y"]], 1)
    drawn = drawn[np.isfinite(drawn).all(1)]
    same(np.unique(drawn.round(9), axis=0), np.unique(corners[np.isfinite(corners).all(1)].round(9), axis=0))
    red, green, blue, alpha = traces[0]["fillcolor"][5:-1].split(",")
    found = [int(red) / 255, int(green) / 255, int(blue) / 255, float(alpha)]
    same(found, to_rgba(artist.get_facecolor()[0]), 1e-5)


def compare_lines(mark: Any, artist: Any, traces: list[Any], panel: Panel, figure: Any) -> None:
    colors = artist.get_colors()
    for trace, segment, color in zip(traces, artist.get_segments(), colors, strict=True):
        same(np.stack([trace["x"], trace["y"]], 1)[np.isfinite(trace["y"])], segment)
        np.testing.assert_allclose(to_rgb(trace["line"]["color"]), color[:3], atol=0.01)
        same(trace["opacity"], color[3])


def compare_sheet(mark: Any, artist: Any, traces: list[Any], panel: Panel, figure: Any) -> None:
    (trace,) = traces
    log = panel.z is not None and panel.z.scale == "log"
    low, high = np.log10([mark.scale.low, mark.scale.high]) if log else (mark.scale.low, mark.scale.high)
    # Matplotlib up to 3.10 keeps the corners in columns.
    corners = np.asarray(artist._faces, float).reshape(-1, 3) if hasattr(artist, "_faces") else artist._vec[:3].T
    below = corners[corners[:, 2] < high - 1e-9 * abs(high)]
    z = np.log10(trace["z"]) if log else trace["z"]
    grid = np.stack([*np.meshgrid(trace["x"], trace["y"]), z], 2).reshape(-1, 3)
    whole = {tuple(row) for row in grid[np.isfinite(grid).all(1)].round(9)}
    shared = [tuple(row) in whole for row in below.round(9)]
    assert np.mean(shared) > 0.7  # the others lie on edges that the ceiling cuts
    same([trace["cmin"], trace["cmax"]], [low, high])
    top = max(each.lift for each in panel.marks if hasattr(each, "lift")) * 1.05
    number = trace["scene"]
    same(figure["layout"][number]["zaxis"]["range"], [low, high + top * (high - low)])


def compare_field(mark: Any, artist: Any, traces: list[Any], panel: Panel, figure: Any) -> None:
    (trace,) = traces
    same(trace["customdata"], mark.value)
    bands = len(artist.levels) - 1
    same(np.interp(trace["z"], np.arange(bands + 1), artist.levels)[np.isfinite(trace["z"])],
         mark.value[np.isfinite(trace["z"])], 1e-6)  # fmt: skip
    assert (trace["contours"]["start"], trace["contours"]["end"]) == (1, bands - 1)
    colors = [to_rgb(shade(mark.scale.colors, band / (bands - 1))) for band in range(bands)]
    np.testing.assert_allclose(colors, artist.get_facecolor()[:, :3], atol=0.03)


def compare_raster(mark: Any, artist: Any, traces: list[Any], panel: Panel, figure: Any) -> None:
    (trace,) = traces
    shown = image.imread(io.BytesIO(base64.b64decode(trace["source"].partition(",")[2])))
    assert np.array_equal((shown * 255).round(), np.asarray(artist.get_array()))
    left, right, low, high = artist.get_extent()
    rows, columns = mark.kind.shape
    same([trace["x0"] - trace["dx"] / 2, trace["x0"] + (columns - 0.5) * trace["dx"]], [left, right])
    same([trace["y0"] - trace["dy"] / 2, trace["y0"] + (rows - 0.5) * trace["dy"]], [low, high])
    for index, column in enumerate(mark.hover.values()):
        same(trace["customdata"][:, :, index], column)


def compare_contours(mark: Any, artist: Any, traces: list[Any], panel: Panel, figure: Any) -> None:
    (trace,) = traces
    levels = np.array(artist.levels)
    assert (trace["contours"]["start"], trace["contours"]["end"]) == (1, len(levels))
    for order, level in enumerate(levels, start=1):  # the same points lie above each level
        assert np.array_equal(trace["z"] > order, mark.value > level)


def compare_tags(mark: Any, artist: Any, traces: list[Any], panel: Panel, figure: Any) -> None:
    (trace,) = traces
    assert tuple(trace["text"]) == mark.words
    if mark.words:
        same([trace["x"][0], trace["y"][0]], artist.get_position())


def compare_rule(mark: Any, artist: Any, traces: list[Any], panel: Panel, figure: Any) -> None:
    heights = [each["y0"] for each in figure["layout"]["shapes"]]
    assert any(np.isclose(along_y(artist, np.array(artist.get_ydata()[0]), panel), height) for height in heights)


def compare_words(mark: Any, artist: Any, traces: list[Any], panel: Panel, figure: Any) -> None:
    assert artist.get_text() in [each["text"] for each in figure["layout"]["annotations"]]


COMPARE = {
    scene.Line: compare_points, scene.Dots: compare_points, scene.Whiskers: compare_whiskers,
    scene.Ribbon: compare_filled, scene.Area: compare_filled, scene.Lines: compare_lines,
    scene.Sheet: compare_sheet, scene.Field: compare_field, scene.Rule: compare_rule, scene.Words: compare_words,
    scene.Raster: compare_raster, scene.Contours: compare_contours, scene.Tags: compare_tags,
}  # fmt: skip


def assert_alike(drawn: Scene) -> None:
    figure = specification(drawn, LOOKS["slide"])
    painted = draw(drawn)
    painted.draw_without_rendering()
    for index, (panel, artists) in enumerate(zip(drawn.panels, artists_of(painted), strict=True)):
        traces = traces_of(figure, index)
        for mark, artist in zip(panel.marks, artists, strict=True):
            count = len(mark.value) if isinstance(mark, scene.Lines) else not isinstance(mark, scene.Rule | scene.Words)
            COMPARE[type(mark)](mark, artist, [traces.pop(0) for _ in range(count)], panel, figure)
        assert all(each["x"] == [None] for each in traces)  # the color bar


def test_every_kind_of_mark_is_compared():
    assert set(COMPARE) == set(scene.Mark.__subclasses__())


def test_every_plot_is_compared():
    assert {name.split()[-1 if name.startswith("diverging") else 0] for name in PICTURES} == set(plots.__all__)


@pytest.mark.parametrize("name", PICTURES)
def test_both_drawings_hold_the_same_numbers(scenes, name):
    assert_alike(scenes[name])


@pytest.mark.parametrize(
    "mark",
    [
        parts.Ribbon([0, 1, 2, 3, 4], [1, 1, np.nan, 1, 1], [2, 3, 2.5, 2, 2]),
        parts.Area([0, 1, 1], [0, 0, 1]),
        parts.Field([0, 1], [0, 1], SQUARE, ColorScale(0, 3, levels=(0.0, 1.0, 3.0))),
        parts.Words("a < b & c"),
        parts.Raster(
            (0, 3),
            (0, 2),
            np.array([[0, 1, -1], [1, 0, 0]]),
            ("#4C8BC8", "#E8A33D"),
            np.full((2, 3), np.nan),
            hover={"loss": SQUARE.repeat(3)[:6].reshape(2, 3)},
        ),
        parts.Contours([0, 1], [0, 1], SQUARE, (0.5, 2.5)),
        parts.Tags([0.2, 0.4], [0.3, 0.5], ("A", "B")),
    ],
    ids=lambda mark: type(mark).__name__,
)
def test_single_marks_are_alike(mark):
    drawn = Scene("", (Panel(Axis("x"), Axis("y"), (mark,)),))
    if isinstance(mark, scene.Words):
        assert specification(drawn, LOOKS["slide"])["layout"]["annotations"][0]["text"] == "a &lt; b &amp; c"
    else:
        assert_alike(drawn)


@pytest.mark.parametrize("name", PICTURES)
def test_limits_scales_and_labels_are_the_same(scenes, name):
    drawn = scenes[name]
    layout = specification(drawn, LOOKS["slide"])["layout"]
    for index, panel in enumerate(drawn.panels):
        number = "" if index == 0 else str(index + 1)
        place = layout[f"scene{number}"] if panel.z else layout
        for key, axis in (("xaxis", panel.x), ("yaxis", panel.y)):
            found = place[key] if panel.z else layout[f"{key}{number}"]
            stacked = drawn.stacked and key == "xaxis" and index < len(drawn.panels) - 1
            assert found["title"]["text"] == ("" if stacked else axis.label) or "…" in found["title"]["text"]
            if axis.limits and axis.scale == "linear":
                same(found["range"], axis.limits)
            if not panel.z:
                assert found["type"] == ("log" if axis.scale == "log" else "linear")


def test_each_label_stands_once_in_the_legend(scenes):
    for drawn in scenes.values():
        data = specification(drawn, LOOKS["slide"])["data"]
        for index, panel in enumerate(drawn.panels):
            names = [each["name"] for each in traces_of({"data": data}, index) if each.get("showlegend")]
            labels = dict.fromkeys(getattr(mark, "label", "") for mark in panel.marks)
            assert len(names) == len([label for label in labels if label][:9])


def test_a_pointer_learns_step_parameters_loss_and_gradient(one_start, bowl):
    for picture in (plots.descent(one_start, bowl), plots.contour(one_start, bowl)):
        traces = traces_of(specification(picture, LOOKS["slide"]), 0)
        (path,) = [each for each in traces if each.get("name") == "path"]
        words = [line.split(":")[0] for line in path["hovertemplate"].removesuffix("<extra></extra>").split("<br>")]
        assert words == ["a", "b", "step", "loss", "start", "gradient a", "gradient b"]
        same(path["customdata"][:, 5:], one_start.dataset["gradient"].values[0])
        same(path["customdata"][:, :2], one_start.dataset["params"].values[0])


def test_color_maps_are_those_of_matplotlib():
    from matplotlib import colormaps

    for colors, name in (("even", "viridis"), ("rainbow", "turbo")):
        shares = np.linspace(0, 1, 101)
        ours = [to_rgb(shade(colors, share)) for share in shares]
        np.testing.assert_allclose(ours, colormaps[name](shares)[:, :3], atol=0.03)
        assert len(STOPS[colors]) == 17


def test_plotly_accepts_every_specification(scenes):
    for drawn in scenes.values():
        figure = draw(drawn, "plotly")
        assert len(figure.data) == len(specification(drawn, LOOKS["slide"])["data"])
        assert draw(drawn, "plotly", size="column").layout.width == LOOKS["column"].width


def test_a_picture_is_saved_as_a_page_that_needs_no_network(tmp_path, one_start):
    path = save_picture(plots.loss(one_start), tmp_path / "loss.html")
    text = path.read_text(encoding="utf-8")
    assert "plotly.js v" in text
    assert "<script src" not in text
    assert save_picture(plots.loss(one_start), tmp_path / "other.html").read_text(encoding="utf-8") == text
