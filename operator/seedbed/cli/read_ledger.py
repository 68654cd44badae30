"""Reads the test set's ledger where documents are kept: for `ledger` and for reports."""

from concurrent.futures import ThreadPoolExecutor

from seedbed.cli.documents import Documents
from seedbed.engine.ledger import Entry, entry_key, telling
from seedbed.errors import StorageFailed
from seedbed_runner.contract.records import InvalidRecord

AT_ONCE = 8  # a store takes its time for each


def read_ledger(documents: Documents, prefix: str) -> list[Entry]:
    """The entries below a prefix of the ledger that say what is known, at most two of each use.

    Raises:
        StorageFailed: an entry is damaged, or can't be read.
    """
    keys = telling(documents.keys(prefix))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        found = list(threads.map(documents.artifact, keys))
    return [_entry(documents, key, data) for key, data in zip(keys, found, strict=True)]


def _entry(documents: Documents, key: str, data: bytes | None) -> Entry:
    try:
        entry = Entry.from_json(data or b"")
    except InvalidRecord as error:
        raise StorageFailed(f"{key} in {documents.place} is damaged: {error}; put it back") from error
    if entry_key(key.partition("/")[0], entry) != key:
        raise StorageFailed(f"{key} in {documents.place} is the entry of another use: put its own back")
    return entry
