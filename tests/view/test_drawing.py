import io
import sys
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib import image
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

from ravine.errors import ProblemError, StoreError
from ravine.view import plots, scene
from ravine.view.drawing import draw, save_picture
from ravine.view.scene import Axis, ColorScale, Panel, Scene

parts: Any = scene  # lists will do for arrays here
SCALE = ColorScale(0, 3)
SQUARE = np.arange(4.0).reshape(2, 2)
MARKS = {
    "Line": parts.Line([0, 1], [2, 3], halo=True, label="a"),
    "Dots": parts.Dots([0, 1], [2, 3], halo=True, label="_a $ b"),
    "Whiskers": parts.Whiskers([0, 1], [2, 3], [1, 1], label="± σ"),
    "Ribbon": parts.Ribbon([0, 1, 2, 3], [1, 1, np.nan, 1], [2, 3, 2.5, 2], label="95 %"),
    "Area": parts.Area([0, 1, 1], [0, 0, 1], label="95 %"),
    "Lines": parts.Lines([0, 1], SQUARE, [0, 1], ColorScale(0, 1, "steps")),
    "Sheet": parts.Sheet([0, 1], [0, 1], SQUARE, SCALE),
    "Field": parts.Field([0, 1], [0, 1], SQUARE, ColorScale(0, 3, levels=(0.0, 1.0, 3.0))),
    "Raster": parts.Raster((0, 1), (0, 1), [[0, 1], [-1, 0]], ("#112233", "#AA0000"), [[0, 1], [0, np.nan]]),
    "Contours": parts.Contours([0, 1], [0, 1], SQUARE, (0.5, 2.5)),
    "Tags": parts.Tags([0.2, 0.4], [0.3, 0.5], ("1", "_b $")),
    "Rule": parts.Rule(0.5),
    "Words": parts.Words("nothing to see"),
}


def pixels(drawn: Scene) -> np.ndarray:
    buffer = io.BytesIO()
    draw(drawn).savefig(buffer, format="png", dpi=80)
    buffer.seek(0)
    return image.imread(buffer)[:, :, :3]


def share_of(picture: np.ndarray, color: str) -> float:
    target = np.array(to_rgb(color))
    return float((np.abs(picture - target).max(axis=2) < 0.06).mean())


def one_mark(mark: scene.Mark) -> Scene:
    in_space = Axis("z", limits=(0, 3)) if isinstance(mark, scene.Sheet) else None
    return Scene("a title", (Panel(Axis("x"), Axis("y"), (mark,), in_space),))


def test_every_kind_of_mark_has_a_test():
    assert set(MARKS) == {kind.__name__ for kind in scene.Mark.__subclasses__()}


@pytest.fixture(scope="module")
def empty():
    return pixels(Scene("a title", (Panel(Axis("x"), Axis("y"), ()),)))


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS.keys())
def test_every_mark_leaves_ink(mark, empty):
    assert not np.array_equal(pixels(one_mark(mark)), empty)
    for size, width in {"slide": 10, "column": 3.4}.items():
        assert draw(one_mark(mark), size=size).get_figwidth() == width


def test_the_red_path_and_the_green_plus_are_visible_on_the_surface(one_start, bowl):
    drawn = plots.descent(one_start, bowl)
    path = next(mark for mark in drawn.panels[0].marks if isinstance(mark, scene.Line))
    picture = pixels(drawn)
    assert share_of(picture, path.color) > 0.001
    assert share_of(picture, "#00A878") > 0.0002


def test_the_path_stays_visible_from_every_side(one_start, bowl):
    panel = plots.descent(one_start, bowl).panels[0]
    for azimuth in (-60.0, 30.0, 120.0, 210.0):
        turned = Scene("", (Panel(panel.x, panel.y, panel.marks, panel.z, view=(30.0, azimuth)),))
        assert share_of(pixels(turned), "#D7141A") > 0.0005


def test_labels_may_hold_dollars_underscores_and_any_length(one_start):
    line = parts.Line([0, 1], [0, 1], label="_price ($) per $")
    awkward = Scene("$" + "long_name" * 80, (Panel(Axis("cost ($)" * 30), Axis("_$y"), (line,)),), "$\\frac")
    figure = draw(awkward)
    figure.savefig(io.BytesIO(), format="png")
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert legend.get_texts()[0].get_text() == "_price ($) per $"


def test_no_text_leaves_the_picture(one_start, bowl):
    figure = draw(plots.summary(one_start, bowl))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    width, height = figure.bbox.size
    for axes in figure.axes:
        for text in (axes.title, axes.xaxis.label, axes.yaxis.label):
            if text.get_text() and axes.axison:
                box = text.get_window_extent(renderer)
                assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= 0, text


def test_long_subtitles_break_between_words():
    words = "sgd, learning rate 0.1, 400 steps, 3 starts, best loss 1.361e-12"
    figure = draw(Scene("", (Panel(Axis("x"), Axis("y"), ()),), words), size="column")
    assert figure.texts[0].get_text().split("\n")[-1].split()[-1] == "1.361e-12"


def test_three_panels_stand_under_each_other_in_a_column(parabola):
    figure = draw(plots.summary(parabola), size="column")
    figure.draw_without_rendering()
    assert len({round(axes.get_position().x0, 3) for axes in figure.axes}) == 1


def test_drawing_leaves_pyplot_and_settings_alone(one_start):
    def settings() -> dict[str, object]:
        return {name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"}

    before = settings()
    loaded = "matplotlib.pyplot" in sys.modules
    draw(plots.loss(one_start))
    assert settings() == before
    assert ("matplotlib.pyplot" in sys.modules) == loaded


@pytest.mark.parametrize(("suffix", "magic"), [(".png", b"\x89PNG"), (".PDF", b"%PDF"), (".svg", b"<?xml")])
def test_pictures_are_saved_by_suffix(tmp_path, one_start, suffix, magic):
    path = save_picture(plots.loss(one_start), tmp_path / f"loss{suffix}")
    assert path.read_bytes().startswith(magic)
    assert list(tmp_path.iterdir()) == [path]


def test_the_same_scene_gives_the_same_file(tmp_path, one_start):
    drawn = plots.loss(one_start)
    one, other = (save_picture(drawn, tmp_path / name).read_bytes() for name in ("one.svg", "other.svg"))
    assert one == other


def test_a_failed_save_keeps_the_old_picture(tmp_path, one_start, monkeypatch):
    path = save_picture(plots.loss(one_start), tmp_path / "loss.png")
    old = path.read_bytes()

    def disk_is_full(figure, target, *_):
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ravine.view.drawing._save", disk_is_full)
    with pytest.raises(StoreError, match="No space left on device"):
        save_picture(plots.loss(one_start), path)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("loss.jpg", r"expected a name that ends in \.png or \.svg or \.pdf or \.html, got 'loss\.jpg'"),
        ("loss", "got 'loss'"),
        ("nowhere/loss.png", "expected the folder .*nowhere to exist"),
        ("folder.png", "folder"),
    ],
)
def test_places_that_cannot_be_written_get_one_sentence(tmp_path, one_start, name, message):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(StoreError, match=message):
        save_picture(plots.loss(one_start), tmp_path / name)


def test_unknown_libraries_sizes_and_scenes_are_refused(one_start):
    drawn = plots.loss(one_start)
    with pytest.raises(
        ProblemError, match=r"draw: library: expected matplotlib or plotly, got 'matplotlb'\. Did you mean"
    ):
        draw(drawn, "matplotlb")
    with pytest.raises(ProblemError, match="draw: size: expected slide or column, got 'poster'"):
        draw(drawn, size="poster")
    with pytest.raises(ProblemError, match="expected a scene such as"):
        draw(one_start)
