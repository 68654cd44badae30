"""Pickles that hold numbers and names only: those of a user's own files are read no other way.

Unpickling can run any code, with the rights of `prepare`; torchvision unpickles what CIFAR's files hold. The
published ones are known by their checksums; others pass here first.
"""

import pickle
from pathlib import Path
from typing import Any

from seedbed_runner.errors import BadInput

# What arrays and strings of Python 2 and 3 are rebuilt with.
_PLAIN = {
    ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.numeric", "_frombuffer"), ("numpy.core.numeric", "_frombuffer"),
    ("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode"),
}  # fmt: skip


class _Plain(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Called by pickle for each function or class that a file asks for."""
        if (module, name) not in _PLAIN:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return super().find_class(module, name)


def require_plain(path: Path) -> None:
    """Read a pickle without running anything of its own.

    Raises:
        BadInput: it is no pickle, or asks for more than arrays and text.
    """
    try:
        with path.open("rb") as file:
            _Plain(file, encoding="latin1").load()
    except (
        pickle.UnpicklingError,
        ValueError,
        EOFError,
        AttributeError,
        IndexError,
        KeyError,
        TypeError,
    ) as error:
        raise BadInput(f"{path} is not a pickle of arrays and text only: {error}") from error
