"""Attacks 51 to 59: on what a machine has only so much of; and 47, which ends its run as well."""

import os
import signal
from typing import Any

import pytest

from redteam.attacks import ending

pytestmark = pytest.mark.slow
GIB = 2**30


def pays(fought: Any) -> bool:
    return any(line.startswith("PAYS") for line in fought.log.splitlines())


@pytest.mark.parametrize("name", ["call_32_bits", "call_x32"])
def test_47_calls_of_other_modes(arena: Any, name: str) -> None:
    assert pays(arena.fight(ending, name, sealed=False))
    fought = arena.fight(ending, name)
    assert not pays(fought) and fought.reason == "Forbidden" and "another processor mode" in fought.message


def test_51_forks_10000(arena: Any) -> None:
    assert pays(arena.fight(ending, "fork_without_end", sealed=False, COUNT=5))
    fought = arena.fight(ending, "fork_without_end", COUNT=10_000)
    assert not pays(fought) and fought.reason == "Processes"
    assert "`os.fork()` started a process" in fought.message and "line " in fought.message


def test_51_forks_where_the_filter_is_missing(arena: Any) -> None:
    more = {"limits": {"threads": 20}, "memory_bytes": 2**36}  # forks' shared pages count for each
    fought = arena.fight(ending, "fork_without_end", sealed=False, COUNT=10_000, **more)
    assert fought.reason == "Processes" and "21 are allowed" in fought.message


def test_51_threads(arena: Any) -> None:
    assert pays(arena.fight(ending, "thread_without_end", sealed=False, COUNT=2, deadline_seconds=2))
    fought = arena.fight(ending, "thread_without_end", COUNT=2_000)  # their stacks may be too much before
    assert fought.reason in ("Processes", "OutOfMemory") and fought.seconds < 10


def test_52_allocates_a_terabyte(arena: Any) -> None:
    assert pays(arena.fight(ending, "reserve_memory", sealed=False, BYTES=8 * GIB, memory_bytes=GIB))
    for size in (8 * GIB, 1024 * GIB):
        fought = arena.fight(ending, "reserve_memory", BYTES=size, memory_bytes=GIB)
        assert not pays(fought) and fought.reason == "OutOfMemory"


def test_52_takes_memory_bit_by_bit(arena: Any) -> None:
    fought = arena.fight(ending, "take_memory", memory_bytes=GIB)
    assert fought.reason == "OutOfMemory" and fought.seconds < 10
    assert fought.record.peak_memory_bytes < 4 * GIB


def test_53_a_million_small_files(arena: Any) -> None:
    assert pays(arena.fight(ending, "many_files", sealed=False, COUNT=2_000, limits={"entries": 10_000}))
    fought = arena.fight(ending, "many_files", COUNT=10**6)
    assert fought.reason == "Disk" and "more than 1000 files" in fought.message


def test_53_fills_the_disk(arena: Any) -> None:
    assert pays(arena.fight(ending, "much_on_disk", sealed=False, COUNT=24))
    fought = arena.fight(ending, "much_on_disk", COUNT=10**6, limits={"disk_bytes": 16 * 2**20})
    assert fought.reason == "Disk" and "16 are allowed" in fought.message


@pytest.mark.parametrize("name", ["nameless_file", "removed_file"])
def test_53_files_that_no_count_would_find(arena: Any, name: str) -> None:
    assert pays(arena.fight(ending, name, sealed=False))
    assert not pays(arena.fight(ending, name))


def test_54_a_sparse_terabyte(arena: Any) -> None:
    assert pays(arena.fight(ending, "sparse_file", sealed=False))
    fought = arena.fight(ending, "sparse_file")
    assert not pays(fought) and fought.reason == "Size" and "truncate" in fought.message


def test_55_a_fifo_as_predictions(arena: Any) -> None:
    before = arena.fight(ending, "fifo_as_predictions", sealed=False)
    assert pays(before) and before.reason == "NotRegular" and before.seconds < 5
    fought = arena.fight(ending, "fifo_as_predictions")
    assert not pays(fought) and fought.reason == "Forbidden" and "os.mkfifo" in fought.message


def test_56_sleeps_for_ever(arena: Any) -> None:
    fought = arena.fight(ending, "sleep_for_ever", deadline_seconds=1.0)
    assert pays(fought) and fought.reason == "Deadline"
    assert 1.9 < fought.record.train_seconds < 5  # it was asked to end, and did not


def test_57_a_daemon_outlives_the_run(arena: Any) -> None:
    before = arena.fight(ending, "leave_a_daemon", sealed=False, sweeps=False)
    daemon = int(before.log.split("PAYS ")[1].split()[0])
    os.kill(daemon, signal.SIGKILL)
    swept = arena.fight(ending, "leave_a_daemon", sealed=False)
    with pytest.raises(ProcessLookupError):
        os.kill(int(swept.log.split("PAYS ")[1].split()[0]), 0)
    fought = arena.fight(ending, "leave_a_daemon")
    assert not pays(fought) and fought.reason == "Processes"


def test_58_prints_a_gigabyte(arena: Any) -> None:
    fought = arena.fight(ending, "print_without_end", COUNT=1024)
    assert fought.reason == "Scored" and len(fought.log) < 1_001_000


def test_59_workers_of_a_loader(arena: Any) -> None:
    fought = arena.fight(ending, "load_with_workers")
    assert not pays(fought) and fought.reason in ("Forbidden", "Processes") and fought.seconds < 20
    assert "DataLoader(" in fought.message
