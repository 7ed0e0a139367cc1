"""Summaries: what an event holds, for each of TensorBoard's plugins. Needs no TensorFlow."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ravine.bridge.meshes import Mesh


def scalars(values: Mapping[str, float]) -> Any:
    """Return a summary of numbers by tag."""
    from tensorboard.plugins.scalar.summary_v2 import scalar_pb

    return _together(scalar_pb(tag, float(value)) for tag, value in values.items())


def pictures(tag: str, files: Sequence[bytes], size: tuple[int, int]) -> Any:
    """Return a summary of PNG files of one size, width and height, shown side by side."""
    from tensorboard.plugins.image import metadata
    from tensorboard.util import tensor_util

    content: Any = [str(size[0]).encode(), str(size[1]).encode(), *files]
    tensor = tensor_util.make_tensor_proto(np.array(content, dtype=object))
    kind = metadata.create_summary_metadata(None, None, converted_to_tensor=True)
    return _summary(tag, kind, tensor)


def text(tag: str, markdown: str) -> Any:
    """Return a summary of a text in Markdown."""
    from tensorboard.plugins.text.summary_v2 import text_pb

    return text_pb(tag, markdown)


def mesh(tag: str, shape: Mesh) -> Any:
    """Return a summary of triangles in space, as TensorBoard's own writer would make it."""
    from tensorboard.plugins.mesh import metadata, plugin_data_pb2
    from tensorboard.util import tensor_util

    messages: Any = plugin_data_pb2  # made while they are imported: type checkers don't see them
    kinds = messages.MeshPluginData.ContentType
    parts = (
        (kinds.Value("VERTEX"), shape.vertices.astype(np.float32)),
        (kinds.Value("FACE"), shape.faces.astype(np.int32)),
        (kinds.Value("COLOR"), shape.colors.astype(np.uint8)),
    )
    together = metadata.get_components_bitmask([kind for kind, _ in parts])
    settings = json.dumps({"material": {"cls": "MeshBasicMaterial", "color": 0xFFFFFF, "side": 2, "vertexColors": 2}})
    made = []
    for kind, values in parts:
        batch = values[None]
        about = metadata.create_summary_metadata(
            tag, None, kind, together, batch.shape, json_config=settings, description="The loss surface with its path."
        )
        made.append(_summary(metadata.get_instance_name(tag, kind), about, tensor_util.make_tensor_proto(batch)))
    return _together(made)


def experiment(settings: Sequence[str], results: Sequence[str]) -> Any:
    """Return a summary that names the hyperparameters and the results of all trials."""
    from tensorboard.plugins.hparams import summary_v2

    columns = [summary_v2.HParam(name) for name in settings]
    return summary_v2.hparams_config_pb(columns, [summary_v2.Metric(tag) for tag in results])


def trial(name: str, settings: Mapping[str, Any]) -> Any:
    """Return a summary of one trial: its hyperparameters."""
    from tensorboard.plugins.hparams import summary_v2

    return summary_v2.hparams_pb(dict(settings), trial_id=name)


def value_of(value: Any) -> float | None:
    """Return the number of a scalar as anybody's writer leaves it, None of what is no scalar."""
    from tensorboard.util import tensor_util

    if value.HasField("simple_value"):
        return float(value.simple_value)
    if not value.HasField("tensor") or value.metadata.plugin_data.plugin_name not in ("scalars", ""):
        return None
    array = tensor_util.make_ndarray(value.tensor)
    return float(array) if array.shape == () and array.dtype.kind in "fiu" else None


def text_of(value: Any) -> str | None:
    """Return the text of a summary's value, None of what is none."""
    if value.metadata.plugin_data.plugin_name != "text" or not value.tensor.string_val:
        return None
    return value.tensor.string_val[0].decode(errors="replace")


def _summary(tag: str, kind: Any, tensor: Any) -> Any:
    made = _empty()
    made.value.add(tag=tag, metadata=kind, tensor=tensor)
    return made


def _together(summaries: Iterable[Any]) -> Any:
    made = _empty()
    for each in summaries:
        made.MergeFrom(each)
    return made


def _empty() -> Any:
    from tensorboard.compat.proto import summary_pb2

    messages: Any = summary_pb2
    return messages.Summary()
