"""The warm parent as a launcher sees it: a real process, real training."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seedbed_runner.contract.records import RunResult

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the warm parent needs Linux's /proc"),
]
FOREVER = {"training": {"epochs": 10_000}, "deadline_seconds": 60.0}


def record(root: Path) -> RunResult:
    return RunResult.from_json((root / "kept" / "result.json").read_bytes())


def artifacts(root: Path) -> Path:
    """The files that the record vouches for."""
    return root / "kept" / record(root).artifacts


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def tree(pid: int) -> set[int]:
    found = {pid}
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found |= {below for child in task.read_text().split() for below in tree(int(child))}
    return found


def wait_until(condition: Any, seconds: float = 10) -> None:
    patience = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < patience, "it took too long"
        time.sleep(0.005)


def test_a_run_is_recorded_bit_for_bit_the_same_each_time(warm: Any, digits: Any, tmp_path: Path) -> None:
    roots = [tmp_path / name for name in ("first", "again", "other")]
    for root, seed in zip(roots, (3, 3, 4), strict=True):
        assert warm.run(root, digits, seed=seed)["class"] == "Recorded"
    first, again, other = map(record, roots)
    assert first.outcome == "Scored" and first.hashes == again.hashes and first.score == again.score
    assert first.fingerprint == again.fingerprint
    assert first.hashes["predictions"] != other.hashes["predictions"]
    assert first.hashes["weights"] != other.hashes["weights"]


def test_another_number_of_threads_shows_in_the_fingerprint(warm: Any, digits: Any, tmp_path: Path) -> None:
    for name, threads in (("one", 1), ("two", 2), ("again", 2)):
        assert warm.run(tmp_path / name, digits, threads=threads)["class"] == "Recorded"
    one, two, again = (record(tmp_path / name) for name in ("one", "two", "again"))
    assert one.fingerprint != two.fingerprint == again.fingerprint
    assert two.hashes == again.hashes


def test_the_separate_commands_give_the_same_bits(
    warm: Any, digits: Any, asking: Any, tmp_path: Path
) -> None:
    request, work = asking(digits.card, seed=3), tmp_path / "work"
    warm.run(tmp_path / "forked", digits, seed=3)
    work.mkdir()
    (work / "request.json").write_bytes(request.to_json())
    places = {"fetch": ["--prepared", digits.folder], "train": []}
    places["score"] = ["--prepared", digits.folder, "--destination", tmp_path / "apart" / "kept"]
    for step, more in places.items():
        command = [sys.executable, "-I", "-m", "seedbed_runner", step, "--work", work, *more]
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        if step == "train":
            _assert_no_label(work, digits.folder)
    forked, apart = record(tmp_path / "forked"), record(tmp_path / "apart")
    assert forked.hashes == apart.hashes and forked.metrics == apart.metrics
    assert forked.fingerprint == apart.fingerprint and forked.parameters == apart.parameters


def _assert_no_label(work: Path, prepared: Path) -> None:
    """The whole work folder, after training and before scoring."""
    sealed = [np.load(path) for path in (prepared / "sealed").glob("*.npy")]
    canaries = [labels.astype(kind).tobytes()[:64] for labels in sealed for kind in ("i8", "i4", "u1")]
    files = [path.read_bytes() for path in work.rglob("*") if path.is_file()]
    assert len(files) >= 9 and not any(canary in data for canary in canaries for data in files)


def test_a_run_starts_fast(warm: Any, digits: Any, tmp_path: Path) -> None:
    delays = []
    for number in range(3):
        begun = time.time()
        warm.run(tmp_path / str(number), digits)
        told = json.loads((artifacts(tmp_path / str(number)) / "diagnostics.json").read_bytes())
        delays.append(told["training_started_at"] - begun)
    assert min(delays) < 0.3


def test_what_optimizers_of_code_import_is_loaded_before(warm: Any, iris: Any, tmp_path: Path) -> None:
    tells = """
def build_model(input_shape, num_classes):
    import sys
    raise ValueError(f"the compiler is loaded: {'torch._dynamo' in sys.modules}")
"""
    assert warm.run(tmp_path, iris, model={"source": tells})["class"] == "Recorded"
    failure = record(tmp_path).failure
    assert failure is not None and "the compiler is loaded: True" in failure.message


def test_an_exploration_is_scored_on_validation_and_a_confirmation_on_test(
    warm: Any, digits: Any, tmp_path: Path
) -> None:
    for purpose, split in (("Explore", "validation"), ("Confirm", "test")):
        warm.run(tmp_path / split, digits, purpose=purpose)
        result, labels = record(tmp_path / split), np.load(digits.folder / "sealed" / f"{split}_labels.npy")
        logits = np.fromfile(artifacts(tmp_path / split) / "predictions.bin", "<f4").reshape(359, 10)
        assert result.split == split and result.score == (logits.argmax(1) == labels).mean()


def test_good_numbers_on_digits(warm: Any, digits: Any, tmp_path: Path) -> None:
    norm = {"type": "BatchNorm2d"}
    cnn = [
        {"type": "Conv2d", "out_channels": 32, "kernel_size": 3, "padding": "same"}, norm, {"type": "ReLU"},
        {"type": "MaxPool2d", "kernel_size": 2},
        {"type": "Conv2d", "out_channels": 64, "kernel_size": 3, "padding": "same"}, norm, {"type": "ReLU"},
        {"type": "MaxPool2d", "kernel_size": 2}, {"type": "Flatten"},
        {"type": "Linear", "out_features": "classes"},
    ]  # fmt: skip
    training = {"epochs": 15, "optimizer": {"lr": 0.003}}
    assert warm.run(tmp_path, digits, layers=cnn, training=training)["class"] == "Recorded"
    result = record(tmp_path)
    assert (result.score or 0) > 0.97 and result.train_seconds < 20
    # 32·9 + 32, 2·32, 64·32·9 + 64, 2·64, 256·10 + 10
    assert result.parameters == 320 + 64 + 18_496 + 128 + 2_570


def test_many_at_once(warm: Any, iris: Any, asking: Any, tmp_path: Path) -> None:
    for number in range(6):
        root = tmp_path / str(number)
        request = asking(iris.card, seed=number)
        warm.start(str(number), root / "work", iris.folder, root / "kept", request)
    events = [warm.hear() for _ in range(12)]
    ended = [event for event in events if event["event"] == "ended"]
    assert {event["id"] for event in ended} == set("012345")
    assert {event["class"] for event in ended} == {"Recorded"}
    assert len({record(tmp_path / str(n)).hashes["predictions"] for n in range(6)}) == 6


def test_a_stop_leaves_neither_a_process_nor_a_record(
    warm: Any, iris: Any, asking: Any, tmp_path: Path
) -> None:
    warm.start("x", tmp_path / "work", iris.folder, tmp_path / "kept", asking(iris.card, **FOREVER))
    started = warm.hear()
    wait_until(lambda: len(tree(started["pid"])) == 2)
    pids = tree(started["pid"])
    warm.send(cmd="stop", id="x")
    ended = warm.hear()
    assert (ended["id"], ended["class"], ended["reason"]) == ("x", "Infrastructure", "Stopped")
    assert not any(map(alive, pids)) and not (tmp_path / "kept").exists()


def test_a_stop_right_after_the_start_is_not_lost(warm: Any, iris: Any, asking: Any, tmp_path: Path) -> None:
    warm.start("x", tmp_path / "work", iris.folder, tmp_path / "kept", asking(iris.card, **FOREVER))
    warm.send(cmd="stop", id="x")
    assert [warm.hear()["event"], warm.hear()["reason"]] == ["started", "Stopped"]
    warm.send(cmd="stop", id="nobody")  # not there any more: nothing to say


def test_a_runs_process_that_is_killed_takes_its_child_along(
    warm: Any, iris: Any, asking: Any, tmp_path: Path
) -> None:
    warm.start("x", tmp_path / "work", iris.folder, tmp_path / "kept", asking(iris.card, **FOREVER))
    started = warm.hear()
    wait_until(lambda: len(tree(started["pid"])) == 2)
    pids = tree(started["pid"])
    os.kill(started["pid"], signal.SIGKILL)
    ended = warm.hear()
    assert (ended["class"], ended["reason"]) == ("Infrastructure", "Killed")
    assert not any(map(alive, pids)) and not (tmp_path / "kept").exists()


@pytest.mark.parametrize("end", ["kill", "terminate", "close"])
def test_nothing_outlives_the_warm_parent(
    another_warm: Any, iris: Any, asking: Any, tmp_path: Path, end: str
) -> None:
    warm = another_warm()
    for number in range(2):
        root = tmp_path / str(number)
        warm.start(str(number), root / "work", iris.folder, root / "kept", asking(iris.card, **FOREVER))
    wait_until(lambda: len(tree(warm.process.pid)) == 5)
    pids = tree(warm.process.pid)
    getattr(warm.process if end != "close" else warm, end)()
    if end != "close":
        warm.process.wait(timeout=10)
        warm.process.stdin.close()
        warm.process.stdout.close()
    wait_until(lambda: not any(map(alive, pids)))


def test_a_recorded_run_is_not_run_again(warm: Any, iris: Any, tmp_path: Path) -> None:
    warm.run(tmp_path, iris)
    before = record(tmp_path)
    assert warm.run(tmp_path, iris, attempt=2)["class"] == "Recorded"
    assert record(tmp_path) == before


def test_a_model_failure_is_recorded(warm: Any, iris: Any, tmp_path: Path) -> None:
    assert warm.run(tmp_path, iris, layers=[{"type": "Linear", "out_features": 5}])["class"] == "Recorded"
    result = record(tmp_path)
    assert result.outcome == "Failed" and result.failure is not None and result.failure.reason == "Shape"
    assert (artifacts(tmp_path) / "log.txt").read_text().startswith("the last layer gives 5")


def test_a_deadline_is_recorded(warm: Any, iris: Any, tmp_path: Path) -> None:
    assert warm.run(tmp_path, iris, training={"epochs": 10_000}, deadline_seconds=1.0)["class"] == "Recorded"
    result = record(tmp_path)
    assert result.failure is not None and result.failure.reason == "Deadline"
    assert 1 <= result.train_seconds < 3


def test_other_data_are_infrastructure(warm: Any, iris: Any, tmp_path: Path) -> None:
    ended = warm.run(tmp_path, iris, data_hash="sha256:" + "0" * 64)
    assert (ended["class"], ended["reason"]) == ("Infrastructure", "DataChanged")
    assert not (tmp_path / "kept").exists()


def test_a_missing_request_is_infrastructure(warm: Any, iris: Any, tmp_path: Path) -> None:
    warm.send(cmd="start", id="x", work=str(tmp_path), prepared=str(iris.folder), destination=str(tmp_path))
    assert warm.hear()["event"] == "started"
    ended = warm.hear()
    assert (ended["reason"], "request.json" in ended["message"]) == ("BadRequest", True)


def test_a_full_disk_is_infrastructure(
    warm: Any, digits: Any, asking: Any, tmp_path: Path, small_disk: Any
) -> None:
    place = small_disk(800_000)  # the data fit, a million weights don't
    big = [{"type": "Flatten"}, {"type": "Linear", "out_features": 4000}]
    request = asking(digits.card, layers=[*big, {"type": "Linear", "out_features": "classes"}])
    warm.start("x", place / "work", digits.folder, tmp_path / "kept", request)
    assert warm.hear()["event"] == "started"
    ended = warm.hear()
    assert (ended["class"], ended["reason"]) == ("Infrastructure", "DiskFull")
    assert "disk" in ended["message"] and not (tmp_path / "kept").exists()


def test_without_torch_it_says_what_to_install(tmp_path: Path) -> None:
    blocked = (
        "import sys; sys.modules['torch'] = None; from seedbed_runner import warm; sys.exit(warm.main())"
    )
    done = subprocess.run([sys.executable, "-I", "-c", blocked], capture_output=True, text=True, input="")
    assert done.returncode == 1 and done.stdout.count("\n") == 1
    assert '"event": "failed"' in done.stdout and "install seedbed[runner]" in done.stdout


def test_more_than_one_thread_is_refused() -> None:
    threaded = (
        "import sys, threading, time; from seedbed_runner import warm; "
        "threading.Thread(target=time.sleep, args=(30,), daemon=True).start(); sys.exit(warm.main())"
    )
    single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-I", "-c", threaded],
        capture_output=True,
        text=True,
        input="",
        env=os.environ | single,
    )
    assert done.returncode == 1 and "2 threads instead of one" in done.stdout


def test_the_ready_event(warm: Any) -> None:
    assert warm.ready["event"] == "ready" and warm.ready["pid"] == warm.process.pid
    assert warm.ready["import_seconds"] > 0
    assert len(os.listdir(f"/proc/{warm.process.pid}/task")) == 1
