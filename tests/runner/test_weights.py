import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load, save

from seedbed_runner.errors import ModelFailure
from seedbed_runner.weights import MAX_FILE, MAX_METADATA, open_clean, read_header


def count(path: Path, data: bytes, foreign: bool = False) -> int:
    path.write_bytes(data)
    handle = os.open(path, os.O_RDONLY)
    try:
        return read_header(handle, len(data)).parameters(foreign)
    finally:
        os.close(handle)


def cleaned(path: Path, data: bytes) -> bytes:
    path.write_bytes(data)
    handle = os.open(path, os.O_RDONLY)
    try:
        with open_clean(handle, read_header(handle, len(data))) as file:
            return file.read()
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
    data = save(model.state_dict(), {"any": "metadata"})
    assert count(tmp_path / "w", data) == count(tmp_path / "w", data, foreign=True) == expected == 40 + 8 + 10


def test_of_code_that_is_not_ours_no_weight_hides_behind_a_name_or_a_type(tmp_path: Path) -> None:
    hidden = {
        "a.running_mean": torch.zeros(100), "b.running_var": torch.zeros(7),
        "c.num_batches_tracked": torch.zeros(3, dtype=torch.int64), "table": torch.zeros(5, dtype=torch.int8),
        "head.weight": torch.zeros(2, 2),
    }  # fmt: skip
    assert count(tmp_path / "w", save(hidden)) == 4
    assert count(tmp_path / "w", save(hidden), foreign=True) == 100 + 7 + 3 + 5 + 4


def test_what_safetensors_writes_is_kept_as_it_is(tmp_path: Path) -> None:
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.BatchNorm2d(4))
    state = {"é": torch.zeros(0), "nothing": torch.zeros(0, 3), **model.state_dict()}
    assert cleaned(tmp_path / "w", save(state)) == save(state)


def test_of_a_header_only_what_describes_tensors_is_kept(tmp_path: Path) -> None:
    state = {"a": torch.arange(3.0)}
    said = cleaned(tmp_path / "w", save(state, {"secret": "canary" * 100}))
    assert b"canary" not in said and b"secret" not in said
    assert torch.equal(load(said)["a"], state["a"]) and len(said) == len(
        save(state, {"secret": "canary" * 100})
    )


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
    "a shape that is text": raw({"a": tensor(0, 4, "")}, b"1234"),  # type: ignore[arg-type]
    "more than a tensor's line": raw({"a": tensor(0, 4, [1]) | {"note": "canary"}}, b"1234"),
    "a name beyond text": raw(b'{"\\ud800": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}}'),
    "a name with a control": raw({"a\x1b[2J": tensor(0, 4, [1])}, b"1234"),
    "a name as long as a book": raw({"a" * 513: tensor(0, 4, [1])}, b"1234"),
    "huge metadata": raw({"__metadata__": {"a": "x" * MAX_METADATA}}),
    "300,000 tensors": (15_000_000).to_bytes(8, "little") + b" " * 15_000_001,
    "300,000 keys": raw(b"{" + b",".join(b'"%d":0' % i for i in range(300_000)) + b"}"),
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
        read_header(handle, len(data)).parameters(foreign=True)
    except ModelFailure:
        pass
    finally:
        os.close(handle)


def test_a_huge_file_is_refused_by_its_size() -> None:
    with pytest.raises(ModelFailure) as caught:
        read_header(-1, MAX_FILE + 1)
    assert caught.value.reason == "Size"
