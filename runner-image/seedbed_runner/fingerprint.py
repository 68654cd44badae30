"""What the bits of a run depend on besides its request: equal fingerprints promise equal numbers.

Made by the trusted side (the supervisor, once its child is dead; the evaluator), never by the child.
"""

import os
import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch

from seedbed_runner.contract.hashing import PREPARED_FORMAT

TRAINING_VERSION = 1  # raise it when the loop, the streams or the models give other numbers for a request
_PINS = ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA")


def fingerprint(threads: int, device: str) -> dict[str, str]:
    """Versions, processor, threads and device.

    Args:
        threads: intra-op threads of the training process.
        device: as asked for: `auto` counts as CUDA where there is one.
    """
    found = {
        "seedbed_runner": f"training {TRAINING_VERSION}, data {PREPARED_FORMAT}",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "system": platform.system(),
        "machine": platform.machine(),
        "cpu": _processor(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": str(threads),
        "device": "cpu",
    }
    found |= {name: os.environ[name] for name in _PINS if name in os.environ}
    if device != "cpu" and torch.cuda.is_available():
        cudnn: Any = torch.backends.cudnn
        found |= {
            "device": torch.cuda.get_device_name(0),
            "cuda": str(torch.version.cuda),
            "cudnn": str(cudnn.version()),
        }
    return found


def _processor() -> str:
    """The processor's name: libraries choose their kernels by it too."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())
