"""The environment of whatever runs model code: an allow-list, from the very start of the process.

A process can read the environment that its memory began with, whatever it removes later. So a step that was
started with more than this starts anew with less.
"""

import os
import sys

ALLOWED = (
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_HOME",
    "CUDA_VISIBLE_DEVICES",
    "NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES", "CUBLAS_WORKSPACE_CONFIG", "ATEN_CPU_CAPABILITY",
    "ONEDNN_MAX_CPU_ISA", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "PYTHONHASHSEED",
    "PYTHONDONTWRITEBYTECODE",
)  # fmt: skip
_STARTED_CLEAN = "seedbed_started_clean"
# A pool of threads would not survive a fork, and its size changes what is computed.
SINGLE_THREADED = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def start_clean() -> None:
    """Execute this very command again with the allowed environment, unless that is what it has.

    Once only: some systems put variables of their own into every new process.
    """
    due = {name: os.environ[name] for name in ALLOWED if name in os.environ} | SINGLE_THREADED
    if due != dict(os.environ) and _STARTED_CLEAN not in sys._xoptions:
        os.execve(sys.executable, [sys.executable, "-X", _STARTED_CLEAN, *sys.orig_argv[1:]], due)
