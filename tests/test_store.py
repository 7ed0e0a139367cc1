"""Store: what is saved comes back, and what is no run is told from one."""

import json
import shutil
import subprocess
import sys

import h5py
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import ravine as rv
from ravine import losses
from ravine.recording import Recording
from ravine.run import Status

_any = st.floats(width=32)
_finite = st.floats(-1e6, 1e6, width=32)
_words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
_names = st.permutations(["a", "β", "宽度", "x_1"])


def _numbers(draw, shape, kind=_any):
    size = int(np.prod(shape))
    return np.array(draw(st.lists(kind, min_size=size, max_size=size)), float).reshape(shape)


@st.composite
def _problems(draw):
    names = draw(_names)[: draw(st.integers(1, 3))]
    bounds = {name: draw(st.sampled_from([(None, 2.0), (-1.5, None), (-1.0, 1.0)])) for name in names[1:]}
    if draw(st.booleans()):
        return rv.Problem(" + ".join(f"({name} - 0.1)**2" for name in names), bounds=bounds)
    points = draw(st.integers(1, 4))
    table = {
        "time (s)": _numbers(draw, points, _finite),
        "温度 [K]": _numbers(draw, points, _finite),
        "sigma": 1 + np.arange(points),
    }
    return rv.Problem(
        f"温度 = {'*'.join(names)}*time",
        table,
        loss=draw(st.sampled_from(["mse", "huber", "half_sse", "cauchy"])),
        sigma=draw(st.sampled_from([None, 0.25, "sigma"])),
        bounds=bounds,
    )


@st.composite
def _runs(draw):
    problem = draw(_problems())
    dtype = draw(st.sampled_from(["float32", "float64"]))
    starts, records, width = draw(st.integers(1, 3)), draw(st.integers(1, 4)), len(problem.names)
    params, gradient = (_numbers(draw, (starts, records, width)).astype(dtype) for _ in range(2))
    loss, rate = (_numbers(draw, (starts, records)).astype(dtype) for _ in range(2))
    status = draw(st.lists(st.sampled_from(Status), min_size=starts, max_size=starts))
    step = np.arange(records) * draw(st.integers(1, 1000))
    recording = Recording(step, params, gradient, loss, rate, status, np.full(starts, step[-1]))
    kept = {"optimizer": draw(_words), "stop": {"gradient": draw(_finite), "loss_change": None}, "learning_rate": [0.1]}
    notes = tuple(rv.Note(*draw(st.tuples(_words, _words))) for _ in range(draw(st.integers(0, 2))))
    return rv.Run(recording.to_dataset(problem.names), problem, kept, notes, _surface(draw, problem))


def _surface(draw, problem):
    if draw(st.booleans()):
        return None
    names = problem.names[:2]
    axes = [np.linspace(0, 1, 2 + index) for index in range(len(names))]
    loss = _numbers(draw, tuple(len(axis) for axis in axes[::-1]))
    return rv.Surface.of(names, axes, loss, {name: draw(_finite) for name in problem.names[2:]})


def _assert_same(first, second):
    xr.testing.assert_identical(first.dataset, second.dataset)
    assert {name: variable.dtype for name, variable in first.dataset.items()} == {
        name: variable.dtype for name, variable in second.dataset.items()
    }
    assert (first.settings, first.warnings) == (second.settings, second.warnings)
    assert (first.surface is None) == (second.surface is None)
    if first.surface is not None:
        xr.testing.assert_identical(first.surface.dataset, second.surface.dataset)
        assert first.surface.held == second.surface.held
    assert repr(first) == repr(second)
    _assert_same_problem(first.problem, second.problem)


def _assert_same_problem(first, second):
    assert (first.title, first.shapes, first.bounds) == (second.title, second.shapes, second.bounds)
    assert (first.loss.name, first.response_label) == (second.loss.name, second.response_label)
    assert [first.label(name) for name in first.variables] == [second.label(name) for name in second.variables]
    np.testing.assert_equal(
        (first.columns, first.observed, first.sigma), (second.columns, second.observed, second.sigma)
    )


@settings(max_examples=40)
@given(_runs())
def test_save_then_load_is_identity(tmp_path_factory, run):
    path = tmp_path_factory.mktemp("store") / "run.nc"
    _assert_same(rv.load(rv.save(run, path)), run)


def _run_of(problem, dtype="float64"):
    shape = (1, 2, len(problem.names))
    values = np.arange(np.prod(shape), dtype=dtype).reshape(shape)
    recording = Recording(np.arange(2), values, values, values[..., 0], values[..., 0], [Status.ran_out], np.array([1]))
    return rv.Run(recording.to_dataset(problem.names), problem, {"optimizer": "sgd"})


@pytest.fixture
def run():
    return _run_of(rv.Problem("y = a*x + b", {"x": [0.0, 1, 2], "y": [1.0, 3, 5]}, sigma=[1, 2, 3.0]))


@pytest.fixture
def file(run, tmp_path):
    return rv.save(run, tmp_path / "run.nc")


def test_a_callable_comes_back_with_its_array_parameters_but_without_its_code(tmp_path, classes, refuses):
    def network(x, w, b):
        return x @ w + b

    problem = rv.Problem(network, classes, response="y", bounds={"w": (-1, 1)}).declare({"w": (4, 3), "b": (3,)})
    found = rv.load(rv.save(_run_of(problem), tmp_path / "run.nc"))
    _assert_same(found, _run_of(problem))
    assert found.names[:2] == ("w[0,0]", "w[0,1]")
    assert found.problem.columns["x"].shape == (30, 4)
    assert not found.problem.is_callable
    with refuses(rv.ProblemError, "network(x, w, b)", "Build the Problem again"):
        found.problem.predict(found.params)


def test_a_traced_callable_comes_back_as_its_formula(tmp_path):
    problem = rv.Problem(lambda x, a=1.0: np.exp(a * x), {"x": [0.0, 1], "y": [1.0, 2]})
    found = rv.load(rv.save(_run_of(problem), tmp_path / "run.nc")).problem
    assert found.title == "exp(a*x)"
    assert found.losses([[0.0], [np.log(2)]]).tolist() == pytest.approx([0.5, 0])


def test_a_constants_name_that_is_a_parameter_stays_one(tmp_path):
    problem = rv.Problem("a*e + pi").declare({"e": ()})
    found = rv.load(rv.save(_run_of(problem), tmp_path / "run.nc")).problem
    assert (found.names, found.constants) == (problem.names, problem.constants)
    assert set(found.names) == {"a", "e"}


@pytest.mark.parametrize("loss", ["hinge", {"class_name": "Huber", "config": {}}])
def test_a_keras_loss_comes_back_and_works(tmp_path, loss):
    problem = rv.Problem("y = a*x", {"x": [1.0, 2], "y": [1.0, -1]}, loss=loss)
    found = rv.load(rv.save(_run_of(problem), tmp_path / "run.nc")).problem
    first, second = (rv.survey(each, {"a": (-1, 1)}, resolution=5).loss for each in (problem, found))
    np.testing.assert_array_equal(first, second)


def test_a_loss_of_the_users_own_is_told_from_others(tmp_path, refuses):
    def my_loss(observed, predicted):
        return (observed - predicted) ** 4

    problem = rv.Problem("y = a*x", {"x": [1.0], "y": [2.0]}, loss=my_loss)
    found = rv.load(rv.save(_run_of(problem), tmp_path / "run.nc")).problem
    assert found.loss.name == "my_loss"
    assert losses.describe(found.loss) == losses.describe(problem.loss)
    with refuses(rv.ProblemError, "Python function", "Build the Problem again"):
        rv.survey(found, {"a": (-1, 1)}, resolution=5)


def test_saving_what_was_loaded_changes_nothing(file, tmp_path):
    _assert_same(rv.load(rv.save(rv.load(file), tmp_path / "again.nc")), rv.load(file))


def test_saving_onto_itself_works(file):
    before = rv.load(file)
    _assert_same(rv.load(rv.save(before, file)), before)


def test_long_records_are_compressed(tmp_path):
    problem = rv.Problem("x")
    values = np.ones((1, 100_000, 1))
    recording = Recording(
        np.arange(100_000), values, values, values[..., 0], values[..., 0], [Status.ran_out], np.array([99_999])
    )
    path = rv.save(rv.Run(recording.to_dataset(["x"]), problem), tmp_path / "run.nc")
    assert path.stat().st_size < 4 * 8 * 100_000 / 3


def test_the_file_is_netcdf_that_others_can_read(file):
    with xr.open_dataset(file, group="run", engine="h5netcdf") as dataset:
        assert dataset["params"].dims == ("start", "step", "param")
    with h5py.File(file) as raw:
        described = json.loads(np.asarray(raw["ravine"]).tobytes())
    assert described["problem"]["formula"] == "y = a*x + b"


def test_loading_and_drawing_needs_no_tensorflow(file):
    code = (
        "import sys, ravine as rv; run = rv.load(sys.argv[1]); print(run); rv.draw(rv.plots.loss(run)); "
        "rv.draw(rv.plots.contour(run)); assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# -- what is no run ----------------------------------------------------------------------------------------------


def test_a_file_that_is_not_there_is_told_with_its_neighbor(file, refuses):
    with refuses(rv.StoreError, "no such file", "Did you mean 'run.nc'?"):
        rv.load(file.with_name("rnu.nc"))


def test_a_name_that_is_too_long_is_told(tmp_path):
    with pytest.raises(rv.StoreError, match="no such file"):
        rv.load(tmp_path / ("n" * 300))


def test_a_folder_is_told(tmp_path, refuses):
    with refuses(rv.StoreError, "got a folder"):
        rv.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"x,y\n1,2\n", b"\x89PNG\r\n\x1a\n", b"CDF\x01" + bytes(100)])
def test_something_else_is_told(tmp_path, content, refuses):
    (tmp_path / "run.nc").write_bytes(content)
    with refuses(rv.StoreError, "something else"):
        rv.load(tmp_path / "run.nc")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.99])
def test_a_truncated_file_is_told(file, share, refuses):
    whole = file.read_bytes()
    file.write_bytes(whole[: int(share * len(whole))])
    with refuses(rv.StoreError, "damaged or cut short"):
        rv.load(file)


def test_another_netcdf_file_is_told(tmp_path, refuses):
    xr.Dataset({"a": ("x", [1.0])}).to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    with refuses(rv.StoreError, "another NetCDF or HDF5 file"):
        rv.load(tmp_path / "a.nc")


def test_a_newer_format_is_told(file, refuses):
    with h5py.File(file, "a") as raw:
        raw.attrs["ravine_format"] = 99
    with refuses(rv.StoreError, "newer ravine", "99", "Update ravine"):
        rv.load(file)


@pytest.mark.parametrize("group", ["run", "data", "ravine", "run/params", "data/column_0", "run/status"])
def test_a_missing_part_is_told(file, group, refuses):
    with h5py.File(file, "a") as raw:
        del raw[group]
    with refuses(rv.StoreError, str(file), "damaged"):
        rv.load(file)


@pytest.mark.parametrize("text", [b"{", b"[]", b"{}", b'{"problem": {}}', b"\xff\xfe", b"null"])
def test_a_spoiled_description_is_told(file, text, refuses):
    with h5py.File(file, "a") as raw:
        del raw["ravine"]
        raw["ravine"] = np.frombuffer(text, np.uint8)
    with refuses(rv.StoreError, str(file)):
        rv.load(file)


def test_a_formula_that_this_version_cannot_read_is_told(file, refuses):
    with h5py.File(file, "a") as raw:
        described = np.asarray(raw["ravine"]).tobytes().replace(b"a*x + b", b"a*q(x) ")
        del raw["ravine"]
        raw["ravine"] = np.frombuffer(described, np.uint8)
    with pytest.raises(rv.StoreError, match="can't be rebuilt"):
        rv.load(file)


def test_any_flipped_byte_gives_a_run_or_a_refusal(file):
    whole = bytearray(file.read_bytes())
    for at in np.random.default_rng(0).integers(0, len(whole), 60):
        spoiled = whole.copy()
        spoiled[at] ^= 0xFF
        file.write_bytes(spoiled)
        try:
            rv.load(file)
        except rv.StoreError as error:
            assert str(file) in str(error)


def test_a_full_disk_leaves_the_old_file(run, file, monkeypatch, refuses):
    before = file.read_bytes()
    written = []

    def write(dataset, path, **_):
        written.append(path)
        shutil.copyfile(file, path)
        if len(written) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("xarray.Dataset.to_netcdf", write)
    with refuses(rv.StoreError, "run.nc", "No space left on device"):
        rv.save(run, file)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("path", ["nowhere/run.nc", "."])
def test_a_place_where_nothing_can_be_written_is_told(run, tmp_path, path, refuses):
    with refuses(rv.StoreError, "expected"):
        rv.save(run, tmp_path / path)


def test_settings_given_as_numpy_numbers_are_saved(tmp_path):
    stop = rv.Stop(gradient=np.float32(0.5))
    run = rv.descend("x**2", {"x": 1}, steps=np.int64(3), record_every=np.int32(2), seed=np.int64(1), stop=stop)
    assert rv.load(rv.save(run, tmp_path / "run.nc")).settings["steps"] == 3
