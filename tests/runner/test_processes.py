import os
import resource
import signal
import sys
import time
from pathlib import Path

import pytest

from seedbed_runner import processes

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"),
]


def sleeper() -> int:
    if pid := os.fork():
        return pid
    time.sleep(60)
    os._exit(0)


def test_children_and_descendants_are_found(tmp_path: Path) -> None:
    if (child := os.fork()) == 0:
        (tmp_path / "grandchild").write_text(str(sleeper()))
        time.sleep(60)
        os._exit(0)
    while not (tmp_path / "grandchild").exists() or not (tmp_path / "grandchild").read_text():
        time.sleep(0.001)
    grandchild = int((tmp_path / "grandchild").read_text())
    assert child in processes.children() and grandchild not in processes.children()
    assert processes.descendants(child) == {grandchild}
    processes.become_subreaper()
    os.kill(child, signal.SIGKILL)
    processes.sweep(spare=processes.children() - {child})
    assert not {child, grandchild} & processes.children()


def test_sweep_spares_those_it_is_told_to() -> None:
    before = processes.children()
    spared, other = sleeper(), sleeper()
    processes.sweep(spare=before | {spared})
    assert processes.children() - before == {spared} and other not in processes.children()
    processes.sweep(spare=before)
    assert processes.children() == before


def test_resident_memory_is_the_kernels_number() -> None:
    line = next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmRSS"))
    told = processes.resident_bytes([os.getpid()])
    assert told == pytest.approx(int(line.split()[1]) * 1024, rel=0.05)
    assert told <= resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 * 1.05
    assert processes.resident_bytes([2**30]) == 0  # nobody has that number


def test_a_signal_to_who_is_gone_is_nothing() -> None:
    pid = sleeper()
    processes.sweep(spare=processes.children() - {pid})
    processes.signal_all([pid], signal.SIGKILL)
    processes.kill_group(pid)
