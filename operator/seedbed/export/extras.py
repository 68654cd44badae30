"""The packages of other trackers, which are extras: imported when they are asked for, and told if missing."""

import importlib
import os
from typing import Any

from seedbed.errors import InvalidInput

# Before the import: neither package may tell its makers that it is used.
_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "WANDB_ERROR_REPORTING": "false",
    "WANDB_MODE": "offline",
}


def tracker(package: str) -> Any:
    """A tracker's package.

    Raises:
        InvalidInput: it is not installed; says how to.
    """
    os.environ.update(_QUIET)
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise InvalidInput(
            f"exporting to {package} needs its package ({error}): pip install 'seedbed[{package}]'"
        ) from error
