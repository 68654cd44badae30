"""Which datasets there are: one file each in `seedbed_runner/data`, found by name without importing it."""

from pathlib import Path

from seedbed_runner.contract.layers.check import near

_FOLDER = Path(__file__).parent.parent / "data"


def dataset_names() -> list[str]:
    """The names that `spec.dataset.name` takes, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("[a-z]*.py"))


def unknown_dataset(name: str) -> str:
    """The sentence for a name that no dataset has, wherever it was typed: near matches, then the choices."""
    names = dataset_names()
    hint = near(name, names)
    there_are = f"{hint} There are" if hint else "; there are"
    return f"there is no dataset {name[:40]!r}{there_are}: {', '.join(names)}"
