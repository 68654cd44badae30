import asyncio

import pytest

from seedbed.errors import StorageFailed
from seedbed.local.artifacts import FolderArtifacts


def test_the_first_one_wins(tmp_path):
    artifacts = FolderArtifacts(tmp_path)
    assert asyncio.run(artifacts.get("a/b")) is None
    assert asyncio.run(artifacts.put("a/b", b"one")) is True
    assert asyncio.run(artifacts.put("a/b", b"two")) is False
    assert asyncio.run(artifacts.get("a/b")) == b"one"


def test_a_prefix_is_removed_whole_and_others_stay(tmp_path):
    artifacts = FolderArtifacts(tmp_path)
    for key in ("default/a/1", "default/a/2", "default/b/1"):
        asyncio.run(artifacts.put(key, b""))
    artifacts.remove("default/a")
    artifacts.remove("default/a")
    assert artifacts.read("default/a/1") is None and artifacts.read("default/b/1") == b""


def test_the_keys_below_a_prefix(tmp_path):
    artifacts = FolderArtifacts(tmp_path / "artifacts")
    assert artifacts.keys("default") == []
    for key in ("default/a/2", "default/a/1/x", "default/ab/1", "other/a/1"):
        asyncio.run(artifacts.put(key, b""))
    (tmp_path / "artifacts/default/a/.2.half").touch()  # a write that was cut short
    assert artifacts.keys("default/a") == ["default/a/1/x", "default/a/2"]


@pytest.mark.parametrize("key", ["../outside", "a/../../outside", "/etc/passwd"])
def test_a_key_stays_inside(tmp_path, key):
    with pytest.raises(StorageFailed, match="leads out of"):
        asyncio.run(FolderArtifacts(tmp_path / "artifacts").put(key, b""))
