"""Reading the header of a run's safetensors file, without loading a tensor: its parameters, and what is kept.

The file comes from the train child, so nothing in it is believed: lengths are capped before they are used,
duplicate keys, unknown entries, overlaps and holes refused. Of the header only what describes tensors is
kept: metadata could hold anything. Called by `score` and by those who keep the file (`keep`, `stored`).
"""

import io
import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seedbed_runner.errors import ModelFailure
from seedbed_runner.plainfile import read_exactly

MAX_HEADER = 4_000_000
MAX_TENSORS = 10_000
MAX_FILE = 4 * 2**30
MAX_METADATA = 64 * 1024
MAX_NAME = 512
_LENGTH = 8
_KEYS = frozenset({"dtype", "shape", "data_offsets"})
_MAX_PAIRS = MAX_TENSORS * (1 + len(_KEYS)) + 1_000
_FLOATS = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "C64": 8, "F8_E4M3": 1, "F8_E5M2": 1,
}  # fmt: skip
_BYTES = {
    **_FLOATS, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1,
}  # fmt: skip
_STATISTICS = {"running_mean": "F", "running_var": "F", "num_batches_tracked": "I64"}  # of a batch norm


@dataclass(frozen=True)
class Tensor:
    """One tensor's line in a header; its bytes are `begin` to `end` of what follows the header."""

    kind: str
    shape: tuple[int, ...]
    begin: int
    end: int

    @property
    def items(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Header:
    """The header of a well-formed file.

    Attributes:
        length: bytes of the header, with the eight that tell its length.
        tensors: by name, in the order of their bytes.
    """

    length: int
    tensors: Mapping[str, Tensor]

    def clean(self) -> bytes:
        """A header of the same length that describes these tensors and says nothing else."""
        lines = {
            name: {"dtype": each.kind, "shape": each.shape, "data_offsets": (each.begin, each.end)}
            for name, each in self.tensors.items()
        }
        text = json.dumps(lines, ensure_ascii=False, separators=(",", ":")).encode()
        room = self.length - _LENGTH
        if len(text) > room:  # escapes of ours are longer than those of the file
            raise ModelFailure("Format", "the weights' header is not written as safetensors writes it")
        return room.to_bytes(_LENGTH, "little") + text.ljust(room)

    def parameters(self, foreign: bool) -> int:
        """How many trainable parameters the model has.

        Args:
            foreign: the model is code that is not ours, which could hide weights under any name and type:
                every number counts then but the statistics of what is a batch norm in every respect.
        """
        counted = self.tensors.items() if foreign else self._floats()
        return sum(each.items for name, each in counted if not self._statistic(name, foreign))

    def _floats(self) -> Iterator[tuple[str, Tensor]]:
        return ((name, each) for name, each in self.tensors.items() if each.kind in _FLOATS)

    def _statistic(self, name: str, foreign: bool) -> bool:
        module, _, last = name.rpartition(".")
        if last not in _STATISTICS:
            return False
        return not foreign or self._is_batch_norm(f"{module}." if module else "")

    def _is_batch_norm(self, prefix: str) -> bool:
        """Whether these are a batch norm's tensors: then its statistics are no more than its weights."""
        mean, var, seen = (self.tensors.get(prefix + name) for name in _STATISTICS)
        weight, bias = self.tensors.get(f"{prefix}weight"), self.tensors.get(f"{prefix}bias")
        if None in (mean, var, seen, weight, bias):
            return False
        assert mean and var and seen and weight and bias
        same = {each.shape for each in (mean, var, weight, bias)} == {mean.shape} and len(mean.shape) == 1
        return same and (seen.kind, seen.shape) == ("I64", ())


def read_header(handle: int, size: int) -> Header:
    """The header of an open safetensors file of `size` bytes, read from its beginning.

    Raises:
        ModelFailure: Size above 4 GiB, Format if it is no well-formed safetensors file.
    """
    if size > MAX_FILE:
        raise ModelFailure("Size", f"the weights take {size} bytes, at most {MAX_FILE} are kept")
    found, length = _read_json(handle, size)
    tensors = {name: _tensor(name, entry) for name, entry in found.items()}
    ordered = dict(sorted(tensors.items(), key=lambda item: (item[1].begin, item[1].end)))
    header = Header(length, ordered)
    _check_layout(header, size)
    return header


def open_clean(handle: int, header: Header) -> io.BufferedReader:
    """The file as it is kept: the clean header, then the tensors' bytes as they are; reads from its start."""
    return io.BufferedReader(_Joined(header.clean(), handle))


class _Joined(io.RawIOBase):
    """Some bytes in place of as many at the beginning of an open file."""

    def __init__(self, first: bytes, handle: int) -> None:
        self._first, self._handle, self._place = first, handle, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        start = self._place
        if start < len(self._first):
            data = self._first[start : start + len(buffer)]
        else:
            data = os.pread(self._handle, len(buffer), start)
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)


def _read_json(handle: int, size: int) -> tuple[dict[str, Any], int]:
    """The header's table without its metadata, and the bytes that it took."""
    if size < _LENGTH:
        raise ModelFailure("Format", "the weights are no safetensors file")
    length = int.from_bytes(read_exactly(handle, _LENGTH), "little")
    if length > min(MAX_HEADER, size - _LENGTH):
        raise ModelFailure("Format", f"the weights' header claims {length} bytes")
    text = read_exactly(handle, length)
    try:
        header = json.loads(text, object_pairs_hook=_Pairs())
    except (ValueError, RecursionError) as error:
        raise ModelFailure(
            "Format", f"the weights' header is not JSON of at most {MAX_TENSORS} tensors without duplicates"
        ) from error
    if not isinstance(header, dict) or len(header) > MAX_TENSORS:
        raise ModelFailure("Format", f"the weights' header is no table of at most {MAX_TENSORS} tensors")
    metadata = header.pop("__metadata__", {})
    if len(json.dumps(metadata)) > MAX_METADATA:
        raise ModelFailure("Format", f"the weights' metadata take more than {MAX_METADATA} bytes")
    return header, _LENGTH + length


class _Pairs:
    """Makes the dicts of a JSON text, and gives up at a duplicate or when there are far too many entries."""

    def __init__(self) -> None:
        self._seen = 0

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self._seen += len(pairs)
        found = dict(pairs)
        if len(found) < len(pairs) or self._seen > _MAX_PAIRS:
            raise ValueError("a key occurs twice, or there are too many")
        return found


def _tensor(name: str, entry: Any) -> Tensor:
    try:
        kind, shape, (begin, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
        whole = all(type(number) is int and number >= 0 for number in (*shape, begin, end))
        plain = type(shape) is list and len(shape) <= 16 and set(entry) == _KEYS
        if whole and plain and _sayable(name) and end - begin == math.prod(shape) * _BYTES[kind]:
            return Tensor(kind, tuple(shape), begin, end)
    except (KeyError, TypeError, ValueError):
        pass
    raise ModelFailure("Format", f"the weights' tensor {name[:100]!r} is not described as it should be")


def _sayable(name: str) -> bool:
    return len(name) <= MAX_NAME and (name.isprintable() or not name)


def _check_layout(header: Header, size: int) -> None:
    reached = 0
    for each in header.tensors.values():
        if each.begin != reached:
            raise ModelFailure("Format", "the weights' tensors overlap or leave holes")
        reached = each.end
    if reached != size - header.length:
        raise ModelFailure("Format", "the weights' file is longer or shorter than its tensors")
