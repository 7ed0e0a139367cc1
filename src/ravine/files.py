"""Files, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

from ravine.errors import StoreError


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a path beside ``path`` to write to; it takes the place of ``path`` when the block ends well.

    Raises
    ------
    StoreError
        If the folder isn't there, or the system refuses to write (no permission, no space left, …).

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(Path(folder) / "a.txt") as beside:
    ...         _ = beside.write_text("whole")
    ...     [file.name for file in Path(folder).iterdir()]
    ['a.txt']
    """
    path = Path(path)
    if not os.path.isdir(path.parent):  # unlike Path.is_dir, it takes names that are too long
        raise StoreError(f"{path}: expected the folder {path.parent} to exist, got none. Create it first.")
    if os.path.isdir(path):
        raise StoreError(f"{path}: expected a file's name, got a folder. Add a name.")
    beside = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        yield beside
        os.replace(beside, path)
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(f"{path}: can't be written ({_reason(error)}).") from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """Write a text to a file, whole or not at all, and return its path.

    Raises
    ------
    StoreError
        If the system refuses.
    """
    with replacing(path) as beside:
        beside.write_text(text, encoding="utf-8")
    return Path(path)


def _reason(error: OSError) -> str:
    """Return the system's own words; HDF5 buries them in its message."""
    buried = re.search(r"error message = '([^']+)'", str(error))
    return buried[1] if buried else error.strerror or str(error).splitlines()[0]


def make_folder(path: str | os.PathLike[str]) -> Path:
    """Make a folder, and those above it, if they aren't there yet.

    Raises
    ------
    StoreError
        If something else stands in its place, or the system refuses.
    """
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise StoreError(f"{path}: expected a folder, got a file of that name. Choose another name.") from None
    except OSError as error:
        raise StoreError(f"{path}: can't be made ({_reason(error)}).") from None
    return path
