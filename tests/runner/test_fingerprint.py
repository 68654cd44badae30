import os
import platform
import subprocess
import sys

import pytest
import torch

from seedbed_runner.fingerprint import fingerprint


def test_threads_versions_and_processor_are_told() -> None:
    one, two = fingerprint(1, "cpu"), fingerprint(2, "cpu")
    assert one["threads"] == "1" and one != two
    assert one["torch"] == torch.__version__ and one["python"] == platform.python_version()
    assert one["device"] == "cpu" and one["cpu_capability"] == torch.backends.cpu.get_cpu_capability()


def test_pins_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "ONEDNN_MAX_CPU_ISA" not in fingerprint(1, "cpu")
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    assert fingerprint(1, "cpu")["ONEDNN_MAX_CPU_ISA"] == "AVX2"


@pytest.mark.slow
def test_another_cpu_capability_shows() -> None:
    probe = (
        "from seedbed_runner.fingerprint import fingerprint; print(fingerprint(1, 'cpu')['cpu_capability'])"
    )
    environment = os.environ | {"ATEN_CPU_CAPABILITY": "default"}
    done = subprocess.run(
        [sys.executable, "-c", probe], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() in ("DEFAULT", "NO AVX")
