"""Event files, TensorBoard's own format: records of protocol buffers. Needs no TensorFlow."""

from __future__ import annotations

import itertools
import os
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ravine.errors import StoreError
from ravine.files import make_folder

PATTERN = "*tfevents*"

_COUNTER = itertools.count()
_FLUSH_SECONDS = 0.5
_LARGEST = 2**28  # bytes of a record: longer ones are damage


class EventWriter:
    """One event file in a folder, which TensorBoard may read while it grows.

    Parameters
    ----------
    folder
        Made if it isn't there; TensorBoard calls it a run.

    Raises
    ------
    StoreError
        If the folder or the file can't be made.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        from tensorboard.compat.proto import event_pb2
        from tensorboard.summary.writer.record_writer import RecordWriter

        messages: Any = event_pb2  # made while it is imported: type checkers don't see them
        self._event = messages.Event
        name = f"events.out.tfevents.{time.time():017.6f}.{socket.gethostname()}.{os.getpid()}.{next(_COUNTER)}"
        self.path = make_folder(folder) / name
        try:
            self._file = open(self.path, "wb")  # noqa: SIM115 - it stays open
        except OSError as error:
            raise StoreError(f"{self.path}: can't be written ({error.strerror}).") from None
        self._records = RecordWriter(self._file)
        self._flushed = 0.0
        self._records.write(self._event(wall_time=time.time(), file_version="brain.Event:2").SerializeToString())

    def add(self, summary: Any, step: int) -> None:
        """Write a summary of a step; it is on the disk within half a second if others follow."""
        event = self._event(wall_time=time.time(), step=int(step), summary=summary)
        self._records.write(event.SerializeToString())
        if time.monotonic() - self._flushed > _FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Let others read what is written."""
        self._file.flush()
        self._flushed = time.monotonic()

    def close(self) -> None:
        """End the file."""
        self._file.close()


def event_files(folder: str | os.PathLike[str]) -> list[Path]:
    """Return the event files in a folder and those below it, in the order of their names.

    Raises
    ------
    StoreError
        If there is no such folder, or no such file in it.
    """
    folder = Path(folder)
    if not os.path.isdir(folder):
        raise StoreError(f"{folder}: expected a folder with event files, got none of that name.")
    found = sorted(folder.rglob(PATTERN))
    if not found:
        raise StoreError(f"{folder}: expected event files, named *tfevents*, got none in it or below.")
    return found


def read_events(path: Path) -> Iterator[Any]:
    """Yield the events of a file; one that is still being written ends with its last whole record.

    Raises
    ------
    StoreError
        If the file can't be read or is damaged.
    """
    from google.protobuf.message import DecodeError
    from tensorboard.compat.proto import event_pb2

    messages: Any = event_pb2
    try:
        with path.open("rb") as file:
            for record in _records(file, path):
                yield messages.Event.FromString(record)
    except DecodeError:
        raise StoreError(f"{path}: the file is damaged (a record is no event).") from None
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(f"{path}: can't be read ({error.strerror}).") from None


def _records(file: Any, path: Path) -> Iterator[bytes]:
    """Yield records: length, its checksum, data, their checksum; the checksum of long data isn't worth its time."""
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

    while len(header := file.read(12)) == 12:
        length, checksum = struct.unpack("<QI", header)
        if masked_crc32c(header[:8]) != checksum or length > _LARGEST:
            raise StoreError(f"{path}: the file is damaged (a record's length doesn't match its checksum).")
        data, footer = file.read(length), file.read(4)
        if len(footer) < 4:
            return
        yield data
