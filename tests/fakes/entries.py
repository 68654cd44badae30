"""Entries of the test set's ledger, made by hand."""

from fakes.memory import HASH
from seedbed.engine.ledger import Entry


def entry(begun=4, scored=None, **update):
    values = dict(
        source_hash=HASH, data_hash=HASH, dataset="digits", split="seed 0", owner="g-1", goal="g",
        experiment="g-c1", attempt=1, configuration="sha256:abcdef01" + "2" * 56, alpha=0.03, begun=begun,
        scored=scored, at=1.0,
    )  # fmt: skip
    return Entry(**(values | update))
