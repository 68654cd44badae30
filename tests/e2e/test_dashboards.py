"""The dashboards after a goal on the cluster: no panel is empty.

With $SEEDBED_TEST_IMAGES the pictures of docs/monitoring.md are written to that folder.
"""

import os
import re
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from e2e.conftest import RELEASE, ROOT, until
from fakes.drawing import draw
from fakes.grafana import BOARDS, empty_panels
from fakes.prometheus import scraping

pytestmark = [pytest.mark.slow, pytest.mark.cluster]


@contextmanager
def forwarded(namespace, folder):
    """The port of the operator's metrics, as one of this machine's: host:port."""
    command = ["kubectl", "-n", namespace, "port-forward", f"deploy/{RELEASE}", ":metrics"]
    with (folder / "forward.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        said = until(lambda: re.search(r"127.0.0.1:\d+", (folder / "forward.log").read_text()), 20)
        yield said[0]
    finally:
        process.kill()
        process.wait()


def test_every_panel_has_data_after_a_goal(installed, tmp_path):
    start = time.time()
    with forwarded(installed.namespace, tmp_path) as target, scraping(tmp_path, target) as prometheus:
        installed.apply(ROOT / "examples/digits.yaml")
        installed.finished("digits")
        until(lambda: prometheus.query("seedbed_goals_finished_total"), 30)
        until(lambda: not empty_panels(prometheus, installed.namespace), 30)
        if folder := os.environ.get("SEEDBED_TEST_IMAGES"):
            for board in BOARDS:
                draw(board, prometheus, start, time.time(), Path(folder) / f"dashboard-{board}.png")
