"""The operator as a process of its own with played runs (`played_operator`), and waiting for what it does."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

TESTS = Path(__file__).parents[1]


class Process:
    """One operator process; what it logs is in `log`, what its runs leave in `kept`."""

    def __init__(self, namespace, folder, identity="operator", module="fakes.played_operator"):
        self.log, self.kept = folder / f"{identity}-{uuid.uuid4().hex[:4]}.log", folder / "kept"
        self._written = self.log.open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, namespace, str(self.kept), identity],
            stdout=self._written, stderr=subprocess.STDOUT, env=os.environ | {"PYTHONPATH": str(TESTS)},
        )  # fmt: skip

    def said(self, words):
        return words in self.log.read_text()

    def metrics(self):
        """Where its metrics are served, once they are: host:port."""
        port = until(lambda: re.search(r"metrics on port (\d+)", self.log.read_text()))
        return f"127.0.0.1:{port[1]}"

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(40)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._written.close()


@contextlib.contextmanager
def operator(*arguments, **options):
    process = Process(*arguments, **options)
    try:
        yield process
    except BaseException:
        print(process.log.read_text())
        raise
    finally:
        process.kill()


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.2)
    raise AssertionError("it did not come to that")
