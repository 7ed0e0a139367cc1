"""Event files: what TensorBoard's own reader finds in them, and what comes back."""

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import ravine as rv
from ravine.bridge import prints
from ravine.bridge.events import EventWriter, event_files, read_events
from ravine.bridge.exporting import OVERVIEW
from ravine.bridge.live import MOST_STARTS
from ravine.bridge.meshes import mesh_of
from ravine.bridge.summaries import scalars
from ravine.errors import ProblemError, StoreError
from ravine.view import plots


@pytest.fixture(scope="module")
def run():
    """Return three descents on a bowl of unequal curvature, three rates."""
    start = {"x": 4.0, "y": 3.0}
    return rv.descend("(x - 1)**2 + 3*(y + 2)**2", start, learning_rate=[0.05, 0.1, 0.2], steps=12, dtype="float64")


@pytest.fixture(scope="module")
def logged(run, tmp_path_factory):
    """Return the log folder of the run."""
    return rv.to_tensorboard(run, tmp_path_factory.mktemp("logs") / "bowl")


def accumulated(folder):
    """Read a folder as TensorBoard does."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload()


def series(folder, tag):
    """Return steps and values of a scalar by TensorBoard's own reader."""
    from tensorboard.util import tensor_util

    events = accumulated(folder).Tensors(tag)
    return [event.step for event in events], [float(tensor_util.make_ndarray(event.tensor_proto)) for event in events]


def values(folder):
    """Yield all values in a folder."""
    for path in event_files(folder):
        for event in read_events(path):
            yield from event.summary.value


def plugin(folder, name):
    return [value for value in values(folder) if value.metadata.plugin_data.plugin_name == name]


def pictures(folder):
    """Return the pictures of a folder by tag."""
    found = {}
    for value in values(folder):
        if value.tag.startswith(("pictures/", "grids/", "film")):
            width, height, *files = value.tensor.string_val
            images = [Image.open(io.BytesIO(file)) for file in files]
            assert [image.size for image in images] == [(int(width), int(height))] * len(images)
            found.setdefault(value.tag, []).extend(images)
    return found


def test_every_recorded_step_is_there_with_its_numbers(run, logged):
    for start in range(3):
        folder = logged / f"start-{start}"
        path = run.path(start)
        steps, losses = series(folder, "loss")
        assert steps == path["step"].values.tolist()
        assert losses == pytest.approx(path["loss"].values, rel=1e-6)
        for index, name in enumerate("xy"):
            assert series(folder, f"params/{name}")[1] == pytest.approx(path["params"].values[:, index], rel=1e-6)
            assert series(folder, f"gradient/{name}")[1] == pytest.approx(path["gradient"].values[:, index], rel=1e-6)
        norm = np.hypot(*path["gradient"].values.T)
        assert series(folder, "gradient norm")[1] == pytest.approx(norm, rel=1e-6)
        assert series(folder, "learning_rate")[1] == pytest.approx([[0.05, 0.1, 0.2][start]] * len(steps))


def test_pictures_of_the_run_are_there_and_a_film_of_it(logged):
    found = pictures(logged / OVERVIEW)
    assert {"pictures/loss", "pictures/parameters", "pictures/surface", "pictures/contours", "grids/film"} <= set(found)
    assert len(found["film"]) == 9
    for images in found.values():
        assert all(np.asarray(image.convert("L")).std() > 5 for image in images)


def test_the_report_and_the_explanation_are_texts(run, logged):
    texts = {value.tag: value.tensor.string_val[0].decode() for value in plugin(logged / OVERVIEW, "text")}
    assert set(texts) == {"formula", "report", "explanation"}
    assert texts["formula"] == f"`{run.problem.title}`"
    assert texts["report"] == "\n".join(f"    {line}" for line in repr(run).splitlines())
    assert "gradient" in texts["explanation"].lower()


def test_the_surface_is_a_mesh_with_the_path_on_it(run, logged):
    from tensorboard.plugins.mesh import metadata
    from tensorboard.util import tensor_util

    parts = {value.tag: value for value in plugin(logged / OVERVIEW, "mesh")}
    assert set(parts) == {f"loss surface_{kind}" for kind in ("VERTEX", "FACE", "COLOR")}
    vertices, faces, colors = (
        tensor_util.make_ndarray(parts[f"loss surface_{kind}"].tensor)[0] for kind in ("VERTEX", "FACE", "COLOR")
    )
    assert faces.min() == 0
    assert faces.max() < len(vertices) == len(colors)
    assert np.isfinite(vertices).all()
    about = metadata.parse_plugin_metadata(parts["loss surface_VERTEX"].metadata.plugin_data.content)
    assert about.name == "loss surface"
    red = vertices[(colors == [215, 20, 26]).all(axis=1)]
    assert len(red) > 100


def test_a_mesh_lies_where_the_loss_does(descend_on_a_bowl):
    panel = plots.descent(descend_on_a_bowl).panels[0]
    mesh = mesh_of(panel)
    heights = mesh.vertices[: 64 * 64, 1].reshape(64, 64)
    lowest = np.unravel_index(heights.argmin(), heights.shape)
    places = [np.linspace(*axis.limits, 64)[index] for axis, index in zip((panel.y, panel.x), lowest, strict=True)]
    assert places == pytest.approx([-2, 1], abs=0.2)


@pytest.fixture(scope="module")
def descend_on_a_bowl():
    return rv.descend("(x - 1)**2 + 3*(y + 2)**2", {"x": 4, "y": 3}, learning_rate=0.1, steps=5)


def test_what_comes_back_is_what_went_out(run, logged):
    back = rv.from_tensorboard(logged)
    assert back.names == run.names
    assert back.problem.title == run.problem.title
    for name in ("loss", "params", "gradient", "learning_rate"):
        assert back.dataset[name].values == pytest.approx(run.dataset[name].values, rel=1e-6, nan_ok=True)
    assert back.dataset["steps_taken"].values.tolist() == run.dataset["steps_taken"].values.tolist()
    assert [note.code for note in back.warnings] == ["imported"]


def test_what_comes_back_is_drawn_and_saved(logged, tmp_path):
    back = rv.load(rv.save(rv.from_tensorboard(logged), tmp_path / "back.nc"))
    assert plots.loss(back).panels[0].marks
    assert plots.params(back).panels


def test_a_log_fills_while_the_descent_runs(tmp_path):
    seen = []
    log = rv.TensorBoardLog(tmp_path / "live")

    def callback(now):
        log(now)
        log.flush()
        seen.append(series(tmp_path / "live" / "start-0", "loss")[0][-1])

    run = rv.descend("(x - 2)**2", {"x": 6}, learning_rate=0.25, steps=3, callback=callback)
    log.close()
    assert seen == list(range(seen[0], 4))
    steps, values_of_x = series(tmp_path / "live" / "start-0", "params/x")
    assert values_of_x == run.dataset["params"].values[0, steps, 0].tolist()


@pytest.mark.parametrize("optimizer", ["sgd", "bfgs"])
def test_each_start_has_a_folder_of_its_own(tmp_path, optimizer):
    with rv.TensorBoardLog(tmp_path) as log:
        rv.descend("(x - 2)**2 + 0.1*x**4", [{"x": 6}, {"x": -1}], optimizer, steps=5, callback=log)
    back = rv.from_tensorboard(tmp_path)
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["start-0", "start-1"]
    assert back.starts == 2


def test_of_many_starts_some_are_written_the_best_among_them(tmp_path):
    run = rv.descend("(x - 2)**2", rv.Normal(100, seed=1), learning_rate=0.1, steps=3)
    rv.to_tensorboard(run, tmp_path)
    folders = [folder.name for folder in tmp_path.iterdir() if folder.name.startswith("start")]
    assert len(folders) == MOST_STARTS
    assert f"start-{run.best:02d}" in folders


def test_a_fit_is_written_with_its_report(tmp_path):
    x = np.linspace(0, 4, 12)
    found = rv.fit("y = a*exp(-b*x)", {"x": x, "y": 3 * np.exp(-x) + 0.01 * np.cos(9 * x)})
    rv.to_tensorboard(found, tmp_path)
    assert series(tmp_path / "answer", "params/a")[1] == pytest.approx([found.params["a"].value], rel=1e-6)
    assert series(tmp_path / "answer", "standard error/a")[1] == pytest.approx([found.params["a"].stderr], rel=1e-6)
    assert {"pictures/fit", "pictures/valleys"} <= set(pictures(tmp_path / OVERVIEW))
    assert any("Σr²" in value.tensor.string_val[0].decode() for value in plugin(tmp_path / OVERVIEW, "text"))


def hyperparameters(folder):
    """Return the trials of a folder, hyperparameters by run."""
    from tensorboard.plugins.hparams import metadata

    trials = {}
    for path in event_files(folder):
        for event in read_events(path):
            for value in event.summary.value:
                if value.tag == metadata.SESSION_START_INFO_TAG:
                    info = metadata.parse_session_start_info_plugin_data(value.metadata.plugin_data.content)
                    trials[str(path.parent.relative_to(folder))] = {
                        name: each.string_value or each.number_value for name, each in info.hparams.items()
                    }
    return trials


def test_a_sweep_is_a_table_of_hyperparameters(tmp_path):
    found = rv.sweep("(x - 2)**2", [0.05, 0.25, 2], ["sgd", "adam"], {"x": 6}, steps=20)
    rv.to_tensorboard(found, tmp_path)
    trials = hyperparameters(tmp_path)
    assert len(trials) == 6
    assert trials["sgd/rate-0.25"] == {"optimizer": "sgd", "learning_rate": 0.25}
    assert series(tmp_path / "sgd" / "rate-0.25", "loss")[1] == pytest.approx([float(found.loss[0, 1, 0])], rel=1e-6)
    assert "pictures/sweep" in pictures(tmp_path / OVERVIEW)


def test_a_race_has_curves_and_hyperparameters(tmp_path):
    race = rv.race("(x - 1)**2 + 3*(y + 2)**2", {"x": 4, "y": 3}, ["sgd", "bfgs"], rates=[0.1], steps=30)
    rv.to_tensorboard(race, tmp_path)
    trials = hyperparameters(tmp_path)
    assert {each["optimizer"] for each in trials.values()} == {"sgd", "bfgs"}
    best = race["sgd"].best
    folder = next(tmp_path / name for name, each in trials.items() if each.get("learning_rate") == pytest.approx(0.1))
    assert series(folder, "loss")[1] == pytest.approx(best.path(0)["loss"].values, rel=1e-6)
    assert "pictures/race" in pictures(tmp_path / OVERVIEW)


def test_a_map_of_basins_has_its_minima(tmp_path):
    found = rv.map_basins("(x**2 - 1)**2 + y**2", {"x": (-2, 2), "y": (-1, 1)}, 8, learning_rate=0.05, steps=400)
    rv.to_tensorboard(found, tmp_path)
    assert series(tmp_path / "minima", "share")[1] == pytest.approx([each.share for each in found.minima], rel=1e-6)
    assert {"pictures/basins", "grids/ending, steps, loss at the end and at the start"} == set(
        pictures(tmp_path / OVERVIEW)
    )


def test_own_pictures_become_a_grid_in_their_order():
    digits = np.arange(25)[:, None, None] * np.ones((25, 8, 8))
    page = prints.grid(digits.astype(np.uint8), 5)
    assert page.shape == (56, 56, 3)
    assert page[::12, ::12, 0].ravel().tolist() == list(range(25))


def test_pictures_of_any_kind_are_printed():
    from matplotlib.figure import Figure

    assert prints.printed(np.zeros((100, 200), np.uint8)).size == (200, 100)
    assert prints.printed(np.random.default_rng(0).random((8, 8))).size == (64, 64)
    assert prints.printed(Figure(figsize=(2, 1))).size == (192, 96)


@pytest.mark.parametrize("what", ["text", np.zeros(3), np.zeros((2, 2, 7)), np.array([["a"]]), np.zeros((0, 0))])
def test_what_is_no_picture_is_refused(tmp_path, refuses, what):
    with refuses(ProblemError, "picture"), rv.TensorBoardLog(tmp_path) as log:
        log.picture("a", what)


def test_what_is_no_result_is_refused(tmp_path, refuses):
    with refuses(ProblemError, "to_tensorboard", "str"):
        rv.to_tensorboard("run.nc", tmp_path)  # type: ignore[arg-type]


def test_folders_without_events_are_refused(tmp_path, refuses):
    with refuses(StoreError, "tfevents"):
        rv.from_tensorboard(tmp_path)
    with refuses(StoreError, "nowhere"):
        rv.from_tensorboard(tmp_path / "nowhere")


def test_a_missing_loss_is_named_with_what_there_is(tmp_path, refuses):
    with rv.TensorBoardLog(tmp_path) as log:
        log.scalars({"epoch_loss": 1.0, "accuracy": 0.5}, 0)
    with refuses(StoreError, "'loss'", "'epoch_loss'", "loss="):
        rv.from_tensorboard(tmp_path)
    with refuses(StoreError, "'epoch_loss'", "params="):
        rv.from_tensorboard(tmp_path, loss="epoch_loss")


def test_other_writers_are_read_too(tmp_path):
    from tensorboard.compat.proto import summary_pb2

    writer = EventWriter(tmp_path)
    for step, value in enumerate((4.0, 1.0)):
        summary = summary_pb2.Summary()
        summary.value.add(tag="train/loss", simple_value=value)
        summary.value.add(tag="weights/w", simple_value=value / 2)
        writer.add(summary, step)
    writer.close()
    back = rv.from_tensorboard(tmp_path, loss="train/loss", params="weights/")
    assert back.dataset["loss"].values.tolist() == [[4, 1]]
    assert back.at(-1, 0) == {"w": 0.5}


def test_a_file_that_still_grows_is_read_to_its_last_whole_record(tmp_path):
    writer = EventWriter(tmp_path)
    for step in range(3):
        writer.add(scalars({"loss": step}), step)
    writer.close()
    whole = writer.path.read_bytes()
    writer.path.write_bytes(whole[:-7])
    assert [event.step for event in read_events(writer.path) if event.HasField("summary")] == [0, 1]


def test_damage_is_one_sentence(tmp_path, refuses):
    writer = EventWriter(tmp_path)
    writer.add(scalars({"loss": 1}), 0)
    writer.close()
    writer.path.write_bytes(b"\x01" + writer.path.read_bytes()[1:])
    with refuses(StoreError, "damaged"):
        rv.from_tensorboard(tmp_path)


def test_writing_and_reading_need_no_tensorflow(tmp_path, logged):
    code = (
        "import sys, ravine as rv\n"
        f"back = rv.from_tensorboard({str(logged)!r})\n"
        f"log = rv.TensorBoardLog({str(tmp_path)!r}); log.scalars({{'loss': 1.0}}, 0); log.close()\n"
        "assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
