"""A real Prometheus for tests: it scrapes one operator every second, and evaluates rules as often."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest


def program(name: str) -> str:
    """Where `prometheus` or `promtool` is; the test is skipped where it is not, but never in CI."""
    found = shutil.which(name)
    if found is None and not os.environ.get("CI"):
        pytest.skip(f"{name} is not on the PATH: install Prometheus")
    assert found, f"{name} is not on the PATH"
    return found


@dataclass(frozen=True)
class Prometheus:
    """One that runs; `url` is where it is asked."""

    url: str

    def ask(self, path: str, **parameters: Any) -> Any:
        """The data of an answer of its API; what it says when it refuses is raised."""
        try:
            with urlopen(f"{self.url}/api/v1/{path}?{urlencode(parameters)}", timeout=10) as answer:
                return json.load(answer)["data"]
        except HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from None

    def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Labels and value of each series now."""
        found = self.ask("query", query=expression)["result"]
        return [(series["metric"], float(series["value"][1])) for series in found]

    def query_range(self, expression: str, start: float, end: float, step: float) -> list[Any]:
        """Labels and points (seconds since the epoch, value) of each series."""
        found = self.ask("query_range", query=expression, start=start, end=end, step=step)["result"]
        return [
            (series["metric"], [(at, float(value)) for at, value in series["values"]]) for series in found
        ]

    def firing(self) -> dict[str, Any]:
        """The alerts that fire, by name."""
        alerts = self.ask("alerts")["alerts"]
        return {alert["labels"]["alertname"]: alert for alert in alerts if alert["state"] == "firing"}

    def healthy(self) -> bool:
        """Whether its target answers."""
        return [target["health"] for target in self.ask("targets")["activeTargets"]] == ["up"]


@contextmanager
def scraping(folder: Path, target: str, rules: str = "") -> Iterator[Prometheus]:
    """Prometheus with its data in `folder`, scraping `target` (host:port), with rules as text."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.yaml").write_text(rules)
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [{"job_name": "seedbed", "static_configs": [{"targets": [target]}]}],
    }
    (folder / "config.json").write_text(json.dumps(config))  # JSON is YAML
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [program("prometheus"), f"--config.file={folder / 'config.json'}"]
    command += [f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address={address}"]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        prometheus = Prometheus(f"http://{address}")
        _wait(prometheus, process, folder / "prometheus.log")
        yield prometheus
    finally:
        process.kill()
        process.wait()


def _wait(prometheus: Prometheus, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until it has scraped its target."""
    for _ in range(200):
        assert process.poll() is None, log.read_text()
        try:
            urlopen(f"{prometheus.url}/-/ready", timeout=10).close()
            if prometheus.healthy():
                return
        except (URLError, ConnectionError):
            pass  # it does not listen, or is not ready yet
        time.sleep(0.1)
    raise AssertionError(f"Prometheus did not reach its target in 20 s:\n{log.read_text()}")
