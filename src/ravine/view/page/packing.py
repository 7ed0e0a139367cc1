"""Arrays and texts as JSON that may stand inside HTML."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

_FINE = 2e-6  # of the range of an array: no eye sees that


def packed(value: Any) -> Any:
    """Return a value with its arrays in base64, as Plotly reads them, and None where there is no number.

    Arrays are of single precision wherever that is enough for a picture.

    Examples
    --------
    >>> packed({"x": np.array([1.0, 2.0]), "y": (np.nan, 1)})
    {'x': {'dtype': 'f4', 'bdata': 'AACAPwAAAEA='}, 'y': [None, 1]}
    """
    if isinstance(value, np.ndarray):
        return _binary(value)
    if isinstance(value, dict):
        return {str(key): packed(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [packed(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    return value if not isinstance(value, float) or np.isfinite(value) else None


def json_in_html(value: Any) -> str:
    r"""Return a value as JSON in which nothing can end the element that it stands in.

    Examples
    --------
    >>> json_in_html("</script>")
    '"\\u003c/script\\u003e"'
    """
    text = json.dumps(packed(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _binary(array: np.ndarray) -> dict[str, str]:
    array = np.asarray(array, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        short = array.astype("<f4")
        known = array[np.isfinite(array)]
        lost = np.abs(short[np.isfinite(array)] - known).max(initial=0.0)
        is_enough = bool(lost <= _FINE * np.ptp(known)) if known.size > 1 else known.size == 0
    data = short if is_enough else array.astype("<f8")
    shape = {"shape": ", ".join(map(str, array.shape))} if array.ndim > 1 else {}
    return {"dtype": "f4" if is_enough else "f8", "bdata": base64.b64encode(data.tobytes()).decode(), **shape}
