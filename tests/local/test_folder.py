import errno
import os
import subprocess
import sys
import time

import pytest

from seedbed.errors import FolderBusy, StorageFailed
from seedbed.local.folder import Folder, create_file, replace_file, storage


def test_one_process_at_a_time(tmp_path):
    folder = Folder(tmp_path / "runs")
    with folder.controlling():
        assert folder.holder() == os.getpid()
        with pytest.raises(FolderBusy, match=f"process {os.getpid()} works in .*runs already"):
            with Folder(tmp_path / "runs").controlling():
                pass
    assert folder.holder() is None


def test_the_lock_dies_with_its_holder(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from seedbed.local.folder import Folder\n"
        "with Folder(Path(sys.argv[1])).controlling(): print('in', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "in\n"
    with pytest.raises(FolderBusy, match=f"process {holder.pid} "), Folder(tmp_path).controlling():
        pass
    holder.kill()
    holder.communicate()
    with Folder(tmp_path).controlling():
        pass


def test_it_tells_when_a_goal_was_last_worked_on(tmp_path):
    folder = Folder(tmp_path)
    folder.create()
    assert folder.last_heartbeat("g") is None
    folder.heartbeat("g")
    assert folder.last_heartbeat("g") == pytest.approx(time.time(), abs=5)
    folder.heartbeat("other")
    then = time.time() - 500
    os.utime(folder.heartbeats / "g", (then, then))
    assert folder.last_heartbeat("g") == pytest.approx(then, abs=1)


def test_leftovers_of_runs_are_removed_at_the_start(tmp_path):
    folder = Folder(tmp_path)
    folder.create()
    (folder.work / "old-run" / "out").mkdir(parents=True)
    (folder.work / "old-run" / "request.json").write_text("{}")
    with folder.controlling():
        assert list(folder.work.iterdir()) == []


def test_an_error_of_the_work_itself_is_not_blamed_on_the_folder(tmp_path):
    with pytest.raises(BrokenPipeError), Folder(tmp_path).controlling():
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")


def test_files_are_created_once(tmp_path):
    target = tmp_path / "a" / "b.json"
    assert create_file(target, b"first") is True
    assert create_file(target, b"second") is False
    assert target.read_bytes() == b"first"
    replace_file(target, b"third")
    assert target.read_bytes() == b"third"
    assert [path.name for path in target.parent.iterdir()] == ["b.json"]


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match="file.*: not a directory"):
        Folder(tmp_path / "file" / "runs").create()


def test_a_full_disk_is_a_sentence(tmp_path):
    with pytest.raises(StorageFailed, match="the disk that holds .* is full: free some space"):
        with storage(tmp_path):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_nothing_is_lost_when_the_disk_is_full(tmp_path, monkeypatch):
    target = tmp_path / "status.json"
    replace_file(target, b"old")

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFailed):
        replace_file(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["status.json"]
