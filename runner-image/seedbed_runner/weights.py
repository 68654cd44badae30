"""Counting a model's parameters from the header of its safetensors file, without loading a tensor.

The file comes from the train child, so nothing in it is believed: lengths are capped before they are used,
duplicate keys, overlaps and holes refused. `score` is the only caller.
"""

import json
import math
import os
from typing import Any

from seedbed_runner.errors import ModelFailure
from seedbed_runner.plainfile import read_exactly

MAX_HEADER = 10_000_000
MAX_TENSORS = 10_000
MAX_FILE = 4 * 2**30
_FLOATS = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}
_BYTES = {**_FLOATS, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
_BATCH_NORM_BUFFERS = ("running_mean", "running_var", "num_batches_tracked")


def count_parameters(handle: int, size: int) -> int:
    """Trainable parameters in an open safetensors file of `size` bytes: floats, less batch norm's buffers.

    Raises:
        ModelFailure: Size above 4 GiB, Format if it is no well-formed safetensors file.
    """
    if size > MAX_FILE:
        raise ModelFailure("Size", f"the weights take {size} bytes, at most {MAX_FILE} are kept")
    tensors = _read_header(handle, size)
    spans, count = [], 0
    for name, entry in tensors.items():
        kind, items, span = _check_tensor(name, entry)
        spans.append(span)
        if kind in _FLOATS and name.rsplit(".", 1)[-1] not in _BATCH_NORM_BUFFERS:
            count += items
    _check_layout(sorted(spans), size - os.lseek(handle, 0, os.SEEK_CUR))
    return count


def _read_header(handle: int, size: int) -> dict[str, Any]:
    if size < 8:
        raise ModelFailure("Format", "the weights are no safetensors file")
    length = int.from_bytes(read_exactly(handle, 8), "little")
    if length > min(MAX_HEADER, size - 8):
        raise ModelFailure("Format", f"the weights' header claims {length} bytes")
    try:
        header = json.loads(read_exactly(handle, length), object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise ModelFailure("Format", "the weights' header is not JSON without duplicates") from error
    if not isinstance(header, dict) or len(header) > MAX_TENSORS:
        raise ModelFailure("Format", f"the weights' header is no table of at most {MAX_TENSORS} tensors")
    header.pop("__metadata__", None)
    return header


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _check_tensor(name: str, entry: Any) -> tuple[str, int, tuple[int, int]]:
    """The tensor's type, how many items it has, and where its bytes begin and end."""
    try:
        kind, shape, (begin, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
        whole = all(type(number) is int and number >= 0 for number in (*shape, begin, end))
        if whole and len(shape) <= 16 and end - begin == math.prod(shape) * _BYTES[kind]:
            return kind, math.prod(shape), (begin, end)
    except (KeyError, TypeError, ValueError):
        pass
    raise ModelFailure("Format", f"the weights' tensor {name[:100]!r} is not described as it should be")


def _check_layout(spans: list[tuple[int, int]], size: int) -> None:
    reached = 0
    for begin, end in spans:
        if begin != reached:
            raise ModelFailure("Format", "the weights' tensors overlap or leave holes")
        reached = end
    if reached != size:
        raise ModelFailure("Format", "the weights' file is longer or shorter than its tensors")
