from pathlib import Path
from typing import Any

import pytest

from seedbed_runner.workfolder import make_empty


def test_a_folder_is_made_and_emptied(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "out"
    make_empty(folder)
    (folder / "file").touch()
    (folder / "below").mkdir()
    (folder / "below" / "file").touch()
    (folder / "link").symlink_to(tmp_path)
    make_empty(folder)
    assert folder.is_dir() and not list(folder.iterdir()) and tmp_path.exists()


@pytest.mark.parametrize("planted", ["link", "file"])
def test_what_was_put_in_its_place_is_not_followed(tmp_path: Path, planted: str) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "out"
    elsewhere.mkdir()
    (elsewhere / "precious").touch()
    folder.symlink_to(elsewhere) if planted == "link" else folder.touch()
    make_empty(folder)
    assert folder.is_dir() and not folder.is_symlink() and (elsewhere / "precious").exists()


def test_a_mount_point_stays(small_disk: Any) -> None:
    place = small_disk(64 * 1024)
    (place / "file").touch()
    make_empty(place)
    assert place.is_mount() and not list(place.iterdir())
