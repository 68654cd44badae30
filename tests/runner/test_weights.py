import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save

from seedbed_runner.errors import ModelFailure
from seedbed_runner.weights import MAX_FILE, count_parameters


def count(path: Path, data: bytes) -> int:
    path.write_bytes(data)
    handle = os.open(path, os.O_RDONLY)
    try:
        return count_parameters(handle, len(data))
    finally:
        os.close(handle)


def raw(header: Any, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


def tensor(begin: int, end: int, shape: list[int], dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def test_parameters_are_counted_and_batch_norms_buffers_are_not(tmp_path: Path) -> None:
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Linear(4, 2))
    expected = sum(weight.numel() for weight in model.parameters())
    assert count(tmp_path / "w", save(model.state_dict(), {"any": "metadata"})) == expected == 40 + 8 + 10


BAD = {
    "empty": b"",
    "pickle": b"\x80\x04\x95" + b"x" * 50,
    "header beyond the file": (100).to_bytes(8, "little") + b"{}",
    "header of 2^63 bytes": (2**63).to_bytes(8, "little"),
    "not JSON": raw(b"{"),
    "a list": raw([]),
    "deep": raw(b"[" * 100_000),
    "a key twice": raw(b'{"a": {}, "a": {}}'),
    "no dtype": raw({"a": {"shape": [1], "data_offsets": [0, 4]}}, b"1234"),
    "unknown dtype": raw({"a": tensor(0, 4, [1], "F31")}, b"1234"),
    "dtype no text": raw({"a": tensor(0, 4, [1]) | {"dtype": ["F32"]}}, b"1234"),
    "negative": raw({"a": tensor(0, 4, [-1, -1])}, b"1234"),
    "shape and bytes differ": raw({"a": tensor(0, 4, [2])}, b"1234"),
    "a hole": raw({"a": tensor(4, 8, [1])}, b"12345678"),
    "an overlap": raw({"a": tensor(0, 8, [2]), "b": tensor(4, 8, [1])}, b"12345678"),
    "bytes after the end": raw({"a": tensor(0, 4, [1])}, b"12345"),
    "bytes missing": raw({"a": tensor(0, 4, [1])}, b"123"),
    "too many tensors": raw({str(i): tensor(0, 0, [0]) for i in range(10_002)}),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_what_is_not_well_formed_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ModelFailure) as caught:
        count(tmp_path / "w", data)
    assert caught.value.reason == "Format"


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    handle = os.memfd_create("weights")
    try:
        os.write(handle, data)
        os.lseek(handle, 0, os.SEEK_SET)
        count_parameters(handle, len(data))
    except ModelFailure:
        pass
    finally:
        os.close(handle)


def test_a_huge_file_is_refused_by_its_size() -> None:
    with pytest.raises(ModelFailure) as caught:
        count_parameters(-1, MAX_FILE + 1)
    assert caught.value.reason == "Size"
