"""Pixels as a picture inside a text."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np


def as_png(rgb: np.ndarray) -> str:
    """Return colors [y, x, 3] from 0 to 255 as the address of a PNG that is the picture itself.

    Examples
    --------
    >>> as_png(np.zeros((1, 1, 3), np.uint8))[:30]
    'data:image/png;base64,iVBORw0K'

    References
    ----------
    Portable Network Graphics (PNG) Specification (2003), https://www.w3.org/TR/png/
    """
    rows, columns, _ = rgb.shape
    lines = np.concatenate([np.zeros((rows, 1), np.uint8), rgb.astype(np.uint8).reshape(rows, -1)], axis=1)
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b"")
    data = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)
    return "data:image/png;base64," + base64.b64encode(data).decode()


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
