"""Where data of `seedbed_runner.sources` came from, as a card records it."""

from collections.abc import Iterable
from pathlib import Path

from seedbed_runner.data.source import Provenance
from seedbed_runner.prepared import file_hash
from seedbed_runner.sources.cache import Origin

MOST_FILES = 50  # that are listed one by one


def provenance(origin: Origin) -> Provenance:
    """The same in a card's terms."""
    return Provenance(origin.source, origin.revision or None, dict(origin.files))


def of_files(root: Path, files: Iterable[Path]) -> Provenance:
    """Of files of one's own; of many, only the hash of the data is kept, which the card has anyway."""
    listed = list(files)
    hashed = {str(path.relative_to(root)): file_hash(path) for path in listed[:MOST_FILES]}
    return Provenance(str(root), checksums=hashed if len(listed) <= MOST_FILES else {})
