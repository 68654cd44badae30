import os

import pytest

from fakes.driving import drive
from fakes.keeping import keep, put
from fakes.memory import MemoryWorld, goal
from seedbed.cli.documents import FolderDocuments, open_folder
from seedbed.cli.find import experiments_of, find, find_experiment, find_goal
from seedbed.errors import NotFound, StorageFailed
from seedbed.local.folder import Folder


def test_the_only_goal_needs_no_name(tmp_path):
    store = keep(drive(MemoryWorld(goal(budget={"experiments": 1})), 0), tmp_path)
    assert find(store, None).metadata.name == find_goal(store, None).metadata.name == "g"
    assert find(store, "g-e001").kind == "Experiment"
    assert [e.metadata.name for e in experiments_of(store, find_goal(store, "g"))] == ["g-e001"]


def test_several_have_to_be_named(tmp_path):
    put(tmp_path, goal("one"))
    store = put(tmp_path, goal("two"))
    with pytest.raises(NotFound, match="there are several in .*, name one of: one, two"):
        find(store, None)


def test_an_empty_folder_says_how_to_begin(tmp_path):
    with pytest.raises(NotFound, match="there is nothing in .* yet: begin with `research-agent init`"):
        find_goal(FolderDocuments(Folder(tmp_path / "none")), None)


def test_a_near_match_is_offered(tmp_path):
    store = put(tmp_path, goal("digits"))
    with pytest.raises(NotFound, match="there is no digit in .*; did you mean digits?"):
        find(store, "digit")
    with pytest.raises(NotFound, match="there is no xyz in .*; there are: digits"):
        find_goal(store, "xyz")


def test_an_experiment_is_no_goal(tmp_path):
    store = keep(drive(MemoryWorld(goal(budget={"experiments": 1})), 0), tmp_path)
    with pytest.raises(
        NotFound, match="g-e001 is an Experiment, and this command is for goals; there are: g"
    ):
        find_goal(store, "g-e001")


def test_a_goal_is_no_experiment(tmp_path):
    store = keep(drive(MemoryWorld(goal(budget={"experiments": 1})), 0), tmp_path)
    assert find_experiment(store, "g-e001").metadata.name == "g-e001"
    with pytest.raises(NotFound, match="g is a goal, and this command is for Experiments; it made: g-e001"):
        find_experiment(store, "g")


def test_working_time_ends_when_a_goal_was_last_worked_on(tmp_path):
    store = put(tmp_path, goal())
    with store.folder.controlling():
        store.folder.heartbeat("g")
    os.utime(tmp_path / "heartbeats" / "g", (500.0, 500.0))
    assert store.last_instant("g") == 500.0
    assert store.last_instant("never") > 1_000_000_000


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match="file: not a directory"):
        open_folder(str(tmp_path / "file"))
