"""Files: whole or not at all."""

import errno

import pytest

import ravine as rv
from ravine.files import make_folder, replacing


def _write(path, text="new"):
    with replacing(path) as beside:
        beside.write_text(text)


def test_a_file_appears_whole_and_alone(tmp_path):
    _write(tmp_path / "温度.txt")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("温度.txt", "new")]


def test_an_existing_file_is_replaced(tmp_path):
    (tmp_path / "a.txt").write_text("old and longer")
    _write(tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text() == "new"


@pytest.mark.parametrize("error", [RuntimeError("unforeseen"), KeyboardInterrupt()])
def test_what_breaks_off_leaves_the_old_file_and_no_rest(tmp_path, error):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(type(error)), replacing(tmp_path / "a.txt") as beside:
        beside.write_text("half")
        raise error
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.txt", "old")]


def test_a_full_disk_is_told_and_leaves_the_old_file(tmp_path, refuses):
    (tmp_path / "a.txt").write_text("old")
    with refuses(rv.StoreError, "a.txt", "No space left on device"), replacing(tmp_path / "a.txt") as beside:
        beside.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


def test_what_hdf5_buries_in_its_message_is_dug_out(tmp_path, refuses):
    said = "Unable to write (file write failed: errno = 28, error message = 'No space left on device', buf = 0x1)"
    with refuses(rv.StoreError, "(No space left on device)"), replacing(tmp_path / "a.nc"):
        raise OSError(said)


def test_a_refusal_inside_keeps_its_own_words(tmp_path, refuses):
    with refuses(rv.StoreError, "my own words."), replacing(tmp_path / "a.txt"):
        raise rv.StoreError("my own words.")


@pytest.mark.parametrize("name", ["n" * 300, "n" * 300 + "/a.txt"])
def test_a_name_that_is_too_long_is_told(tmp_path, name):
    with pytest.raises(rv.StoreError, match=r"File name too long|Create it first"):
        _write(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(tmp_path, refuses):
    with refuses(rv.StoreError, "nowhere", "Create it first"):
        _write(tmp_path / "nowhere" / "a.txt")


def test_a_folder_in_the_files_place_is_told(tmp_path, refuses):
    with refuses(rv.StoreError, "got a folder"):
        _write(tmp_path)


def test_a_long_name_works_though_a_neighbor_is_needed(tmp_path):
    _write(tmp_path / ("n" * 255))
    assert [len(file.name) for file in tmp_path.iterdir()] == [255]


def test_a_folder_is_made_with_those_above_it_and_may_be_there(tmp_path):
    assert make_folder(tmp_path / "a" / "b").is_dir()
    assert make_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"


@pytest.mark.parametrize("below", [".", "b/c"])
def test_a_file_in_the_folders_place_is_told(tmp_path, below, refuses):
    (tmp_path / "a").write_text("")
    with refuses(rv.StoreError, "got a file of that name"):
        make_folder(tmp_path / "a" / below)


def test_a_folder_that_the_system_refuses_is_told(tmp_path, refuses):
    with refuses(rv.StoreError, "can't be made (File name too long)"):
        make_folder(tmp_path / ("n" * 300))
