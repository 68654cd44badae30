"""The hash of the runner's own code: what the bits of a run depend on besides its request and fingerprint.

Taken when this module is imported, which the warm parent does before it forks: so it is of the code that the
runs have loaded. It stands beside the fingerprint in a record and not in it: equal fingerprints of two
releases promise equal numbers, and `research-agent verify` says whether they kept the promise.
"""

from pathlib import Path

from seedbed_runner.contract.hashing import content_hash
from seedbed_runner.prepared import file_hash


def code_hash(root: Path) -> str:
    """The content hash of every Python file below `root`, by its path."""
    return content_hash({str(path.relative_to(root)): file_hash(path) for path in root.rglob("*.py")})


CODE_HASH = code_hash(Path(__file__).parent)
