import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from seedbed_runner.errors import ModelFailure
from seedbed_runner.plainfile import read_plain


def reason(folder: Path, limit: int = 100) -> str:
    with pytest.raises(ModelFailure) as caught:
        read_plain(folder, "file", limit)
    return caught.value.reason


def test_a_plain_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    assert read_plain(tmp_path, "file", limit=3) == b"abc"
    assert reason(tmp_path, limit=2) == "Size"


def make_symlink(place: Path) -> None:
    (place.parent / "other").write_bytes(b"x")
    place.symlink_to(place.parent / "other")


def make_hard_link(place: Path) -> None:
    (place.parent / "other").write_bytes(b"x")
    os.link(place.parent / "other", place)


def make_socket(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(place))


@pytest.mark.parametrize("make", [make_symlink, make_hard_link, os.mkfifo, os.mkdir, make_socket])
def test_anything_else_is_refused_without_waiting(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "file")
    assert reason(tmp_path) == "NotRegular"


def test_a_missing_file_and_a_swapped_folder(tmp_path: Path) -> None:
    assert reason(tmp_path) == "NoPredictions"
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_bytes(b"x")
    (tmp_path / "out").symlink_to(tmp_path / "real")
    assert reason(tmp_path / "out") == "NotRegular"


def test_a_sparse_terabyte_is_refused_by_its_size(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        file.truncate(10**12)
    assert reason(tmp_path) == "Size"
