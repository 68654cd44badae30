"""`research-agent ledger`: what each test split has been used for, over all goals, removed ones included."""

import json
from typing import TYPE_CHECKING, Any

import click

from seedbed.cli.options import example, json_option, place_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from seedbed.engine.usage import SourceUsage, Usage

SHORTEST = 6  # digits of a hash


@click.command(
    "ledger", epilog=example("research-agent ledger digits", "research-agent ledger --namespace research")
)
@click.argument("source", required=False, metavar="[DATASET|SOURCE HASH]")
@json_option
@place_options
def command(source: str | None, as_json: bool, folder: str | None, namespace: str | None) -> None:
    """Show what each test split has been used for: runs scored, configurations, attempts, α, by whom.

    Splits of the same rows stand together. What a goal did stays when the goal is purged. In a cluster the
    ledger is in the store, with the records: see `research-agent report --help`.
    """
    from seedbed.cli.documents import open_documents
    from seedbed.cli.read_ledger import read_ledger
    from seedbed.engine.ledger import ledger_prefix
    from seedbed.engine.usage import by_source
    from seedbed.errors import StorageFailed

    documents = open_documents(folder, namespace)
    if limits := documents.limits():
        raise StorageFailed(f"the ledger can't be read from here. {limits}")
    entries = [
        entry for each in documents.namespaces() for entry in read_ledger(documents, ledger_prefix(each))
    ]
    found = _asked(by_source(entries), source, documents.place)
    if as_json:
        click.echo(json.dumps([_document(each) for each in found], indent=1))
    elif found:
        _print(found)
    else:
        click.echo(f"no test split has been used in {documents.place} yet")


def _asked(sources: "Sequence[SourceUsage]", name: str | None, place: str) -> "list[SourceUsage]":
    """Those of a dataset, or the one whose hash begins so; without a name all.

    Raises:
        NotFound: nothing is entered of it.
    """
    from seedbed.errors import NotFound

    if name is None:
        return list(sources)
    digits = name.removeprefix("sha256:")
    by_hash = len(digits) >= SHORTEST
    found = [
        each
        for each in sources
        if any(split.dataset == name for split in each.splits)
        or (by_hash and each.source_hash.startswith(f"sha256:{digits}"))
    ]
    if not found:
        there = ", ".join(sorted({each.dataset for each in sources})) or "none"
        raise NotFound(f"no use of {name[:80]!r} is entered in {place}; datasets whose uses are: {there}")
    return found


def _document(source: "SourceUsage") -> dict[str, Any]:
    splits = [
        {"dataHash": each.data_hash, "dataset": each.dataset, "split": each.split, **_usage(each.usage)}
        for each in source.splits
    ]
    return {"sourceHash": source.source_hash, "dataset": source.dataset, **_usage(source.usage)} | {
        "splits": splits
    }


def _usage(usage: "Usage") -> dict[str, Any]:
    from dataclasses import asdict

    from seedbed.engine.instants import to_text

    return asdict(usage) | {"last": to_text(usage.last)}


def _print(sources: "Sequence[SourceUsage]") -> None:
    from rich.console import Console
    from rich.text import Text

    from seedbed.report.text import clean, count

    console = Console(highlight=False)
    for source in sources:
        title = f"{clean(source.dataset, 128)}, source {source.source_hash[7:19]}"
        console.print(Text(title, style="bold"))
        console.print(_table(source))
        if len(source.splits) > 1:
            tried = f"{count(len(source.splits), 'split')} of this source were tried: they share its rows"
            console.print(Text(tried, style="yellow"))
        console.print()
    if any(source.usage.pending for source in sources):
        console.print("evaluations “a to b”: runs were started of which nothing has been entered since")


def _table(source: "SourceUsage") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    table.add_column("split", ratio=2)
    table.add_column("data", no_wrap=True)
    for column in ("evaluations", "configs", "attempts", "α"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("used by", ratio=1)
    for split in source.splits:
        table.add_row(Text(split.split), split.data_hash[7:15], *_cells(split.usage))
    if len(source.splits) > 1:
        table.add_row(Text("all splits"), "", *_cells(source.usage), style="bold")
    return table


def _cells(usage: "Usage") -> tuple[Any, ...]:
    from rich.text import Text

    from seedbed.report.testset import evaluations_in_words, users_in_words

    numbers = evaluations_in_words(usage), str(usage.configurations), str(usage.attempts)
    return (*numbers, f"{usage.alpha:.4f}", Text(users_in_words(usage)))
