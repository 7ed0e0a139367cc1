"""Raw: what a reader found, cells by column, before anything is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Raw:
    """What a reader found: cells by column, before anything is checked.

    Parameters
    ----------
    names, cells
        One name and one array-like per column.
    rows
        The row number of every point as the source counts rows; None counts points from 0.
    header
        The row that holds the names; None when the source has no such row.
    notes
        What the user should know about the reading.
    """

    names: Sequence[object]
    cells: Sequence[Any]
    rows: Sequence[int] | np.ndarray | None = None
    header: int | None = None
    notes: tuple[str, ...] = ()


def from_frame(frame: Any) -> Raw:
    """Take a pandas DataFrame or Series apart; an index that has a name is a column too.

    Examples
    --------
    >>> import pandas as pd
    >>> from_frame(pd.DataFrame({"x": [1, 2]})).names
    ['x']
    """
    frame = frame.to_frame() if frame.ndim == 1 else frame
    levels = [(name, frame.index.get_level_values(name)) for name in frame.index.names if name is not None]
    levels = [(name, level.to_series()) for name, level in levels if name not in frame.columns]
    names = [name for name, _ in levels] + [_flat(name) for name in frame.columns]
    return Raw(names, [level for _, level in levels] + [frame.iloc[:, place] for place in range(frame.shape[1])])


def _flat(name: object) -> object:
    """Join the levels of a name from a two-storied header."""
    return " ".join(str(part) for part in name if part != "") if isinstance(name, tuple) else name


def without_empty_tail(frame: Any) -> Any:
    """Cut off the empty rows that spreadsheets like to write below the last one."""
    filled = frame.notna().to_numpy().any(axis=1)
    return frame.iloc[: len(filled) - int(np.argmax(filled[::-1]))] if filled.any() else frame.iloc[:0]
