"""The operator's own process, as it is installed, and what it costs by the kernel's and its own account."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from prometheus_client.parser import text_string_to_metric_families
from watching import NotMeasured

MIB = 2**20
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """What a process took so far: CPU in seconds, memory in bytes (resident: now, and at most)."""

    cpu: float
    resident: int
    peak: int


class OperatorProcess:
    """A running operator; `log` is what it wrote."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path, metrics: int) -> None:
        self._process, self._metrics, self.log = process, metrics, log
        self.started = time.time()

    def cost(self) -> Cost:
        """From /proc: of this process alone, not of the store or of the benchmark."""
        own = Path(f"/proc/{self._process.pid}")
        fields = (own / "stat").read_text().rpartition(")")[2].split()
        sizes = dict(line.split(":", 1) for line in (own / "status").read_text().splitlines())
        resident, peak = (int(sizes[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
        return Cost((int(fields[11]) + int(fields[12])) / TICK, resident, peak)

    def requests(self) -> dict[str, float]:
        """Requests to the API server so far, by method and resource, as it counts them itself."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._metrics}/metrics", timeout=10) as answer:
            families = text_string_to_metric_families(answer.read().decode())
        found: dict[str, float] = {}
        for family in families:
            for sample in family.samples:
                if sample.name == "seedbed_api_requests_total":
                    what = f"{sample.labels['method']} {sample.labels['resource']}"
                    found[what] = found.get(what, 0.0) + sample.value
        return found

    async def until_said(self, words: str, patience: float = 300.0) -> float:
        """Wait until its log holds the words; how many seconds after its start that was.

        Raises:
            NotMeasured: it ended before, or never said so.
        """
        while words not in (said := self.log.read_text()):
            if self._process.poll() is not None or time.time() - self.started > patience:
                raise NotMeasured(f"the operator never said {words!r}:\n{said[-3000:]}")
            await asyncio.sleep(0.1)
        return time.time() - self.started

    def end(self) -> None:
        """As Kubernetes would: SIGTERM, and after a while SIGKILL."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(40)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def operating(folder: Path, settings: dict[str, Any], ports: tuple[int, int]) -> Iterator[OperatorProcess]:
    """The operator under these settings; liveness and metrics at these ports."""
    file, log = folder / "config.yaml", folder / f"operator-{time.time_ns()}.log"
    file.write_text(yaml.safe_dump(settings | {"metrics": {"port": ports[1]}}))
    environment = os.environ | {
        "SEEDBED_CONFIG": str(file),
        "SEEDBED_LIVENESS": f"http://127.0.0.1:{ports[0]}/healthz",
        "POD_NAME": "benchmark",
    }
    with log.open("wb") as written:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("seedbed-operator")],
            stdout=written, stderr=subprocess.STDOUT, env=environment, start_new_session=True,
        )  # fmt: skip
    operator = OperatorProcess(process, log, ports[1])
    try:
        yield operator
    finally:
        operator.end()
