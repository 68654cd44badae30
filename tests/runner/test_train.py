import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.seal import unsealed
from seedbed_runner import train as module
from seedbed_runner.contract.records import RunRequest
from seedbed_runner.errors import Infrastructure
from seedbed_runner.train import supervise
from seedbed_runner.workfolder import TrainRecord

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="subreapers and /proc are Linux's"),
    pytest.mark.filterwarnings(
        "ignore:.*multi-threaded.*:DeprecationWarning"
    ),  # the tests' own process forks
]
Body = Callable[[Path, RunRequest], int]


@pytest.fixture
def trained(
    iris: Any, asking: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., TrainRecord]:
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.1)

    def run(body: Body, **changes: Any) -> TrainRecord:
        return supervise(tmp_path, asking(iris.card, **changes), body)

    return run


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def test_a_child_that_ends_well(trained: Any, tmp_path: Path) -> None:
    def body(work: Path, request: RunRequest) -> int:
        print("hello")
        print("trouble", file=sys.stderr)
        (work / "out" / "predictions.bin").write_bytes(b"x")
        time.sleep(0.05)
        return 0

    record = trained(body)
    assert record.failure is None and 0.05 <= record.seconds < 5
    assert record.finished_at - record.started_at == pytest.approx(record.seconds, abs=1)
    assert record.peak_memory_bytes > 1_000_000 and record.fingerprint["threads"] == "1"
    assert (tmp_path / "log.txt").read_text() == "hello\ntrouble\n"
    assert TrainRecord.from_json(record.to_json()) == record


def test_predictions_of_an_earlier_attempt_are_gone(trained: Any, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "predictions.bin").write_bytes(b"stale")
    assert trained(lambda work, request: 0).failure is None
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("code", [0, 1, 7, 255])
def test_an_exit_before_predicting(trained: Any, code: int) -> None:
    def body(work: Path, request: RunRequest) -> int:
        os._exit(code)

    failure = trained(body).failure
    if code == 0:  # the scorer will find that there is nothing
        assert failure is None
    else:
        assert failure.reason == "NoPredictions" and f"code {code}" in failure.message


def test_an_exception_that_is_nobodys_is_in_the_log(trained: Any, tmp_path: Path) -> None:
    def body(work: Path, request: RunRequest) -> int:
        raise SystemExit("gone")

    assert trained(body).failure.reason == "NoPredictions"
    assert "SystemExit: gone" in (tmp_path / "log.txt").read_text()


def test_the_deadline_holds_against_a_child_that_ignores_sigterm(trained: Any) -> None:
    def body(work: Path, request: RunRequest) -> int:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(1)

    record = trained(body, deadline_seconds=0.2)
    assert record.failure.reason == "Deadline" and record.failure.message == "training took longer than 0.2 s"
    assert 0.2 <= record.seconds < 3


def test_memory_is_bounded(trained: Any) -> None:
    before = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    def body(work: Path, request: RunRequest) -> int:
        held = bytearray(b"x") * 1_000_000_000
        time.sleep(20)
        return len(held)

    record = trained(body, memory_bytes=before + 50_000_000)
    assert record.failure.reason == "OutOfMemory" and "are allowed" in record.failure.message
    assert record.seconds < 10


def test_nothing_that_the_child_started_is_left(
    trained: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsealed(monkeypatch)  # a sealed child can start nothing

    def body(work: Path, request: RunRequest) -> int:
        for number in range(3):
            if os.fork() == 0:
                os.setsid()
                (work / f"pid{number}").write_text(str(os.getpid()))
                if os.fork() == 0:
                    (work / f"pid{number}b").write_text(str(os.getpid()))
                time.sleep(60)
        while len(list(work.glob("pid*"))) < 6:
            time.sleep(0.001)
        return 0

    assert trained(body).failure is None
    pids = [int(path.read_text()) for path in tmp_path.glob("pid*")]
    assert len(pids) == 6 and not any(map(alive, pids))


def test_other_children_of_the_supervisor_are_spared(trained: Any) -> None:
    if (bystander := os.fork()) == 0:
        time.sleep(60)
        os._exit(0)
    trained(lambda work, request: 0)
    assert alive(bystander)
    os.kill(bystander, signal.SIGKILL)
    os.waitpid(bystander, 0)


def test_the_child_inherits_no_descriptor(trained: Any, tmp_path: Path) -> None:
    secret = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(secret, True)

    def body(work: Path, request: RunRequest) -> int:
        with (work / "out" / "open").open("w") as file:
            json.dump([number for number in range(1024) if is_open(number)], file)
        return 0

    trained(body)
    os.close(secret)
    assert json.loads((tmp_path / "out" / "open").read_text()) == [0, 1, 2, 3]  # 3 is the file itself


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_ended_from_outside_is_no_result(
    trained: Any, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsealed(monkeypatch)  # a sealed child can't make its end look like that

    def body(work: Path, request: RunRequest) -> int:
        os.kill(os.getpid(), number)
        time.sleep(60)
        return 0

    with pytest.raises(Infrastructure, match=f"from outside by {number.name}") as caught:
        trained(body)
    assert caught.value.reason == "Killed"


def test_a_kill_by_the_kernel_for_memory_is_a_result(trained: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = iter([4, 5])
    monkeypatch.setattr(module.processes, "kernel_kills", lambda: next(counts))
    unsealed(monkeypatch)

    def body(work: Path, request: RunRequest) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return 0

    assert trained(body).failure.reason == "OutOfMemory"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_sealed_child_can_t_feign_an_end_from_outside(trained: Any, number: signal.Signals) -> None:
    def by_kill(work: Path, request: RunRequest) -> int:
        os.kill(os.getpid(), number)
        return 0

    def by_thread(work: Path, request: RunRequest) -> int:
        signal.pthread_kill(threading.get_ident(), number)
        return 0

    def by_processor_time(work: Path, request: RunRequest) -> int:
        resource.setrlimit(resource.RLIMIT_CPU, (0, 0))
        while True:
            pass

    for body in (by_kill, by_thread, by_processor_time):
        assert trained(body).failure.reason == "NoPredictions"


def test_a_crash_by_a_signal_is_a_result(trained: Any) -> None:
    def body(work: Path, request: RunRequest) -> int:
        os.abort()

    failure = trained(body).failure
    assert failure.reason == "Crash" and failure.message == "the training process died of SIGABRT"


def test_a_flood_of_output_is_cut(trained: Any, tmp_path: Path) -> None:
    def body(work: Path, request: RunRequest) -> int:
        for _ in range(400):
            os.write(1, b"x" * 50_000)
        return 0

    assert trained(body).failure is None
    assert (tmp_path / "log.txt").stat().st_size < 1_001_000


@pytest.mark.parametrize(
    ("told", "reason", "message"),
    [
        ({"reason": "NonFinite", "message": "nan"}, "NonFinite", "nan"),
        ({"reason": "Achieved", "message": "\x1b[2Jgoal\nreached"}, "Crash", "[2Jgoal reached"),
        ({"reason": "Crash"}, "NoPredictions", "training exited with code 3 before predicting"),
    ],
)
def test_what_a_child_tells_is_text(trained: Any, told: dict[str, str], reason: str, message: str) -> None:
    def body(work: Path, request: RunRequest) -> int:
        (work / "out" / "failure.json").write_text(json.dumps(told))
        return 3

    failure = trained(body).failure
    assert (failure.reason, failure.message) == (reason, message)


def test_a_full_disk_that_is_not_full_is_the_models_own(trained: Any) -> None:
    assert trained(lambda work, request: 28).failure.reason == "Disk"


def test_a_full_disk_is_infrastructure(trained: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    full = os.statvfs_result([4096, 4096, 10, 0, 0, 10, 0, 0, 0, 255])
    monkeypatch.setattr(module.os, "statvfs", lambda path: full)
    with pytest.raises(Infrastructure) as caught:
        trained(lambda work, request: 28)
    assert caught.value.reason == "DiskFull"


def test_the_child_dies_with_its_supervisor(trained: Any, tmp_path: Path) -> None:
    def body(work: Path, request: RunRequest) -> int:
        (work / "out" / "pid").write_text(str(os.getpid()))
        time.sleep(60)
        return 0

    if (supervisor := os.fork()) == 0:
        try:
            trained(body)
        finally:
            os._exit(0)
    told = tmp_path / "out" / "pid"
    while not told.exists() or not told.read_text():
        time.sleep(0.005)
    os.kill(supervisor, signal.SIGKILL)
    os.waitpid(supervisor, 0)
    child, patience = int(told.read_text()), time.monotonic() + 5
    while alive(child) and time.monotonic() < patience:
        time.sleep(0.005)
    assert not alive(child)
