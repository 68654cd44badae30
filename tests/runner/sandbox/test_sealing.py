import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.seal import unsealed
from seedbed_runner.errors import Infrastructure
from seedbed_runner.sandbox import Policy, Seal, SealFailed, gate, landlock, places, probe, seal, sealing
from seedbed_runner.train import supervise

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux's"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"),
]
SOURCE = {"source": "x = 1"}


def in_fork(body: Callable[[], object]) -> str:
    """What `body` returns or raises in a fork, as text."""
    readable, writable = os.pipe()
    if (pid := os.fork()) == 0:
        try:
            said = str(body())
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writable, said.encode())
        os._exit(0)
    os.close(writable)
    os.waitpid(pid, 0)
    with open(readable) as told:
        return told.read()


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    for name in ("data", "out", "out/tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "x").write_text("given")
    (tmp_path / "secret").write_text("labels")
    return Policy((tmp_path / "data",), tmp_path / "out", tmp_path / "out" / "tmp")


@pytest.fixture
def ran(iris: Any, asking: Any, tmp_path: Path) -> Callable[..., Any]:
    def run(**changes: Any) -> Any:
        return supervise(tmp_path, asking(iris.card, **changes), lambda work, request: 0)

    return run


def test_a_machine_says_what_it_can_seal() -> None:
    found = probe()
    assert found.level == ("none", "limited", "sealed")[bool(landlock.version()) + found.seccomp]
    assert set(found.document()) >= {"landlock", "seccomp", "files", "fileBytes"}


def test_an_unprivileged_user_can_be_sealed() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    places.common()  # this Python may lie in root's own folder

    def body() -> str:
        os.setgroups([])
        os.setgid(65_534)
        os.setuid(65_534)
        return probe().level

    assert in_fork(body) == probe().level


def test_what_was_given_can_be_read_and_nothing_else(policy: Policy, tmp_path: Path) -> None:
    def body() -> list[str]:
        seal(policy)
        found = [(tmp_path / "data" / "x").read_text()]
        (tmp_path / "out" / "made").write_text("made")
        for path in (tmp_path / "secret", Path("/etc/passwd"), Path("/proc/self/status")):
            try:
                found.append(path.read_text())
            except PermissionError:
                found.append("refused")
        return found

    assert in_fork(body) == "['given', 'refused', 'refused', 'refused']"
    assert (tmp_path / "out" / "made").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("abi", [1, 2, 3, 4, 5, 6, 7])
def test_each_version_of_landlock_is_asked_for_what_it_knows(
    policy: Policy, tmp_path: Path, abi: int
) -> None:
    if abi > landlock.version():
        pytest.skip(f"this kernel has version {landlock.version()}")

    def body() -> str:
        sealing.landlock.version = lambda: abi  # type: ignore[attr-defined]
        found = seal(policy)
        try:
            return (tmp_path / "secret").read_text()
        except PermissionError:
            return f"refused by version {found.landlock}"

    assert in_fork(body) == f"refused by version {abi}"


def test_32_a_thread_older_than_landlock_is_not_bound_so_the_seal_refuses(
    policy: Policy, tmp_path: Path
) -> None:
    def works_without() -> str:
        read: list[str] = []
        sealed = threading.Event()

        def older() -> None:
            sealed.wait()
            read.append((tmp_path / "secret").read_text())

        thread = threading.Thread(target=older)
        thread.start()
        sealing.processes.threads = lambda pid=None: 1  # type: ignore[attr-defined]
        try:
            sealing._give_up_privileges()
            landlock.restrict([], landlock.version())
        finally:
            sealed.set()
            thread.join()
        return read[0]

    def with_it() -> str:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        return str(seal(policy))

    assert in_fork(works_without) == "labels"
    assert in_fork(with_it) == "SealFailed: the process has 2 threads: a seal would bind one of them only"


def test_what_is_lacking_is_said_and_refused_below_the_demand(
    ran: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    record = ran(model=SOURCE, demand="limited")
    assert record.assurance == "limited" and record.seal["landlock"].startswith("none: this kernel")
    assert record.seal["seccomp"] == "filtered"
    with pytest.raises(
        Infrastructure, match="must be sealed, but would be limited here: this kernel"
    ) as caught:
        ran(model=SOURCE, demand="sealed")
    assert caught.value.reason == "NotSealed"
    assert ran(demand="trusted-code").assurance == "trusted-code"
    declared = ran(model=SOURCE, demand="sealed", declared="gvisor")
    assert (declared.assurance, declared.seal["declared"]) == ("sealed", "gvisor")
    monkeypatch.setattr(sealing.seccomp, "missing", lambda: "no filter for this machine")
    assert ran(model=SOURCE).assurance == "none"
    with pytest.raises(Infrastructure, match="must be limited, but would be none here"):
        ran(model=SOURCE, demand="limited")


def test_a_refused_child_runs_nothing(
    iris: Any, asking: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsealed(monkeypatch)
    with pytest.raises(Infrastructure):
        supervise(
            tmp_path,
            asking(iris.card, model=SOURCE, demand="sealed"),
            lambda work, request: (work / "out" / "ran").write_text("x"),
        )
    assert not (tmp_path / "out" / "ran").exists()


@pytest.mark.parametrize(
    ("claimed", "words"),
    [
        (Seal(7, True, {}, {}), "should have .*, but has"),
        (None, "ended while it sealed itself"),
    ],
)
def test_the_supervisor_looks_for_itself(
    ran: Any, monkeypatch: pytest.MonkeyPatch, claimed: Seal | None, words: str
) -> None:
    def lie(policy: Policy) -> Seal:
        return claimed or os._exit(0)

    monkeypatch.setattr(gate, "seal", lie)
    with pytest.raises(Infrastructure, match=words) as caught:
        ran(demand="sealed")
    assert caught.value.reason == "SealFailed"


def test_a_seal_that_fails_is_told(ran: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(policy: Policy) -> Seal:
        raise SealFailed("the process could not be sealed: no rule")

    monkeypatch.setattr(gate, "seal", fail)
    with pytest.raises(Infrastructure, match="could not be sealed: no rule"):
        ran()


@pytest.mark.slow
def test_what_training_imports_at_need_can_be_imported(policy: Policy) -> None:
    script = (
        "import sys, torch; from pathlib import Path; from seedbed_runner.sandbox import Policy, seal\n"
        "out = Path(sys.argv[1]); seal(Policy((), out, out / 'tmp'))\n"
        "import torch._dynamo, torch._inductor, seedbed_runner.models.classifiers as classifiers\n"
        "print(classifiers.torchvision_models().resnet18(num_classes=3).fc.out_features)\n"
    )
    single = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, str(policy.write)], capture_output=True, text=True, env=single
    )
    assert (done.stdout, done.returncode) == ("3\n", 0), done.stderr
