"""Which datasets there are: one file each in `seedbed_runner/data`, found by name without importing it."""

from pathlib import Path

_FOLDER = Path(__file__).parent.parent / "data"


def dataset_names() -> list[str]:
    """The names that `spec.dataset.name` takes, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("[a-z]*.py"))
