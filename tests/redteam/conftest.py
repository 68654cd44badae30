import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from redteam import attacks
from runner.conftest import Prepared, asking, compiler, digits, iris, make_request, prepared  # noqa: F401
from seedbed_runner.contract.records import RunResult

SECRET = "canary-4f1d-of-the-store"


@dataclass
class Fought:
    """What became of one run."""

    ended: dict[str, str]
    root: Path
    log: str
    seconds: float

    @property
    def record(self) -> RunResult:
        return RunResult.from_json((self.root / "kept" / "result.json").read_bytes())

    @property
    def reason(self) -> str:
        """Why it failed; `Scored` where it did not."""
        if self.ended["class"] != "Recorded":
            return f"{self.ended['class']} {self.ended['reason']}: {self.ended['message']}"
        return self.record.failure.reason if self.record.failure else "Scored"

    @property
    def message(self) -> str:
        return self.record.failure.message if self.record.failure else ""

    def tried(self, number: str) -> dict[str, str]:
        """What became of the attacks whose name begins with this number."""
        words = (line.split(" ", 2) for line in self.log.splitlines() if line[:5] in ("PAYS ", "FAILS"))
        return {
            name: f"{verdict} {rest}" for verdict, name, rest in words if name.startswith(f"try_{number}")
        }

    def pays(self, number: str = "") -> set[str]:
        """The names of those attacks of this number that paid."""
        tried = self.tried(number)
        assert tried, f"attack {number} was not tried: {self.reason} {self.ended} {self.log}"
        return {name for name, said in tried.items() if said.startswith("PAYS")}


@dataclass
class Arena:
    """A running `arena.py`."""

    process: "subprocess.Popen[str]"
    data: Prepared
    root: Path
    count: int = 0
    places: dict[str, Any] = field(default_factory=dict)

    def fight(self, text: Callable[..., str], name: str, sealed: bool = True, **more: Any) -> Fought:
        """One run of an attack's text, filled in with what this machine has."""
        self.count += 1
        root, data = self.root / f"{self.count}-{name}", more.pop("data", self.data)
        limits, sweeps = more.pop("limits", {}), more.pop("sweeps", True)
        fields = ("deadline_seconds", "memory_bytes", "model", "training", "threads", "purpose", "metric")
        changes = {"deadline_seconds": 30.0, "training": {"epochs": 1}}
        changes |= {key: more.pop(key) for key in fields if key in more}
        work, labels = root / "work", data.folder / "sealed" / "validation_labels.npy"
        work.mkdir(parents=True)
        places = self.places | {"LABELS": labels, "OUT": work / "out", "DATA": work / "data"} | more
        if "model" not in changes:
            changes["model"] = {"source": text(name, **places)}
        demand = "none" if not sealed else "sealed"
        request = make_request(data.card, demand=demand, **changes)
        (work / "request.json").write_bytes(request.to_json())
        command = {
            "work": str(work), "prepared": str(data.folder), "destination": str(root / "kept"),
            "labels": str(labels), "sealed": sealed, "limits": limits, "sweeps": sweeps,
        }  # fmt: skip
        started = time.monotonic()
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        ended = json.loads(self.process.stdout.readline())
        log = next(root.rglob("log.txt")).read_text()
        return Fought(ended, root, log, time.monotonic() - started)


@pytest.fixture(scope="session")
def arena(iris: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:  # noqa: F811
    single = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    root = tmp_path_factory.mktemp("arena")
    home = root / "home"
    (home / ".aws").mkdir(parents=True)
    (home / ".aws" / "credentials").write_text(SECRET)
    (root / "token").write_text(SECRET)
    (root / "other").mkdir()
    (root / "other" / "predictions.bin").write_bytes(b"of another run")
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "arena.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=single | {"PATH": os.environ["PATH"], "HOME": str(home), "AWS_SECRET_ACCESS_KEY": SECRET},
    )
    with ExitStack() as stack:
        places = {
            "OTHER": root / "other" / "predictions.bin", "TOKEN": root / "token", "HOME": home, "CACHE": home,
            "SHM": "/dev/shm", "PROGRAM": "/bin/true",
            "LOADER": "/lib64/ld-linux-x86-64.so.2", **listeners(root, stack),
        }  # fmt: skip
        yield Arena(process, iris, root, places=places)
        assert process.stdin is not None and process.stdout is not None
        process.stdin.close()
        process.stdout.close()
        assert process.wait(10) == 0


def listeners(root: Path, stack: ExitStack) -> dict[str, Any]:
    """Something that listens on each kind of address."""
    tcp, udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
    unix, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    name = f"redteam-{os.getpid()}"
    for one, address in (
        (tcp, ("127.0.0.1", 0)),
        (udp, ("127.0.0.1", 0)),
        (unix, str(root / "daemon.sock")),
        (abstract, f"\0{name}"),
    ):
        stack.enter_context(one)
        one.bind(address)
        if one is not udp:
            one.listen()
    return {
        "PORT": tcp.getsockname()[1], "UDP": udp.getsockname()[1], "SOCKET": unix.getsockname(),
        "ABSTRACT": name,
    }  # fmt: skip


@pytest.fixture(scope="session")
def tried(arena: Arena) -> Callable[[str], tuple[Fought, Fought]]:
    """All attacks of a file, once without the seal and once with it."""
    known: dict[str, tuple[Fought, Fought]] = {}

    def fight(name: str) -> tuple[Fought, Fought]:
        if name not in known:
            known[name] = (
                arena.fight(attacks.source, name, sealed=False),
                arena.fight(attacks.source, name, sealed=True),
            )
        return known[name]

    return fight
