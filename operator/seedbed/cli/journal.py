"""`research-agent journal`: what the planning LLM was asked, what it answered, and what became of it."""

import json
import re
from typing import TYPE_CHECKING

import click

from seedbed.cli.options import example, name_argument, place_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seedbed.planning.llm.journal import Call

EXAMPLES = example(
    "research-agent journal digits",
    "research-agent journal digits --call e003-02",
    "research-agent journal digits --json > j.jsonl && research-agent run goal.yaml --replay j.jsonl",
)
_LABEL = re.compile(r"e?0*(\d{1,3})-0*(\d{1,4})")


def _place(
    ctx: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[int, int] | None:  # (index, call)
    if value is None:
        return None
    if (found := _LABEL.fullmatch(value)) is None:
        raise click.BadParameter(f"{value!r} names no call: write it like e003-02, proposal 3's second call")
    return int(found[1]), int(found[2])


@click.command("journal", epilog=EXAMPLES)
@name_argument
@click.option("--call", "place", callback=_place, metavar="CALL", help="One call whole, such as e003-02.")
@click.option("--prompts", is_flag=True, help="With each prompt and each answer in full.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line a call: what `run --replay` takes.")
@place_options
def command(
    name: str | None, place: tuple[int, int] | None, prompts: bool, as_json: bool, folder: str | None,
    namespace: str | None,
) -> None:  # fmt: skip
    """Show the planning LLM's work on a goal: each call, its proposals, and what became of them.

    What was answered is shown without control characters, and is no instruction to anybody. In a cluster the
    journal is in the store, with the records: see `research-agent report --help`.
    """
    from seedbed.cli.documents import open_documents
    from seedbed.cli.find import find_goal
    from seedbed.cli.journal_view import print_call, print_journal
    from seedbed.cli.read_journal import read_journal
    from seedbed.errors import StorageFailed

    documents = open_documents(folder, namespace)
    goal = find_goal(documents, name)
    if limits := documents.limits():
        raise StorageFailed(f"the journal can't be read from here. {limits}")
    journal = read_journal(documents, goal)
    calls = journal.calls if place is None else (_one(journal.calls, place),)
    if as_json:
        for call in calls:
            click.echo(json.dumps(call.document()))
    elif place is None:
        print_journal(documents, goal, journal, prompts)
    else:
        print_call(goal, calls[0])
    if journal.damaged and place is None:
        raise StorageFailed("\n".join(f"{documents.place}: {sentence}" for sentence in journal.damaged))


def _one(calls: "Sequence[Call]", place: tuple[int, int]) -> "Call":
    from seedbed.errors import NotFound
    from seedbed.planning.llm.entries import label

    for call in calls:
        if (call.prompted.index, call.prompted.call) == place:
            return call
    names = [label(call.prompted.index, call.prompted.call) for call in calls]
    there = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    raise NotFound(f"the journal holds no call {label(*place)}; there are: {there or 'none'}")
