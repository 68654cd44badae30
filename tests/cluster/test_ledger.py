"""The test set's ledger in a real store: several operators at once, and a reader in between."""

import asyncio

import pytest

from fakes.entries import entry
from seedbed.cli.namespaces import NamespaceDocuments
from seedbed.cli.read_ledger import read_ledger
from seedbed.cluster.artifacts import S3Artifacts
from seedbed.cluster.profiles import StoreSettings
from seedbed.engine.ledger import entry_key, ledger_prefix
from seedbed.engine.usage import by_source

pytestmark = pytest.mark.slow


@pytest.fixture
def documents(seaweed, monkeypatch):
    """As a person sees the namespace whose credentials are in the environment."""
    environment = seaweed.environment(SEEDBED_S3_PREFIX="team/a")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return NamespaceDocuments("default")


def test_operators_side_by_side_lose_and_double_nothing(seaweed, documents):
    def operator():
        return S3Artifacts(StoreSettings(endpoint=seaweed.endpoint, bucket=seaweed.bucket, prefix="team/a"))

    async def write(artifacts, uses):
        wrote = 0
        for use in uses:
            for made in (entry(4, None, owner=f"g-{use}"), entry(4, 4, owner=f"g-{use}")):
                wrote += await artifacts.put(entry_key("default", made), made.to_json())
        return wrote

    async def together():
        return await asyncio.gather(*(write(operator(), range(first, first + 8)) for first in (0, 4, 4, 8)))

    assert documents.keys("default/ledger") == []
    assert sum(asyncio.run(together())) == 2 * 16, "an entry was written twice"
    (source,) = by_source(read_ledger(documents, ledger_prefix("default")))
    assert (source.usage.evaluations, source.usage.pending, len(source.usage.goals)) == (64, 0, 16)
    assert len(documents.keys(ledger_prefix("default", source.source_hash))) == 32
    assert read_ledger(documents, ledger_prefix("defaul")) == []
