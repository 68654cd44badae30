"""`research-agent propose`: what a goal's planner is asked next, and what it answers, without running it."""

import json
from typing import TYPE_CHECKING

import click

from seedbed.cli.exits import ENVIRONMENT
from seedbed.cli.options import example, folder_option, json_option

if TYPE_CHECKING:
    from rich.console import Console

    from seedbed.cli.proposing import Consulted
    from seedbed.planning.llm.journal import Replied

EXAMPLES = example(
    "research-agent propose goal.yaml --dry-run", "research-agent propose my-digits --prompt-only"
)
EXIT_CODES = """\b
Exit codes:
  0  there is a proposal, or the model has a reason to stop
  1  the model gave no usable answer
  2  bad input, or the goal's model server is not set up"""


@click.command("propose", epilog=f"{EXAMPLES}\n\n{EXIT_CODES}")
@click.argument("what", required=False, metavar="[GOAL|MANIFEST]")
@click.option("--dry-run", is_flag=True, help="Said for clearness: with or without it, nothing is run.")
@click.option("--prompt-only", is_flag=True, help="Call no model: only show what it would be sent.")
@folder_option
@json_option
def command(what: str | None, dry_run: bool, prompt_only: bool, folder: str | None, as_json: bool) -> None:
    """Ask a goal's planner for its next proposal, and show prompt and answer. Nothing of it is stored or run.

    For a goal of the folder it is what comes after its last proposal; for a manifest, the first one. A call
    costs what a call costs, and is charged to no goal's budget. The data are prepared if they are not yet.
    """
    from seedbed.cli.proposing import consult, document, goal_and_documents
    from seedbed.local.settings import read_settings

    goal, documents = goal_and_documents(what, folder)
    consulted = consult(goal, documents, read_settings(folder=folder), call=not prompt_only)
    if as_json:
        click.echo(json.dumps(document(consulted), indent=1))
    else:
        _print(consulted)
    if consulted.replies and consulted.replies[-1].outcome in ("Failed", "Invalid"):
        raise click.exceptions.Exit(ENVIRONMENT)


def _print(consulted: "Consulted") -> None:
    from rich.console import Console

    console = Console(highlight=False)
    _print_prompt(console, consulted)
    for reply in consulted.replies:
        _print_reply(console, reply)
    for number, proposal in enumerate(consulted.proposals, consulted.request.index):
        import yaml

        written = proposal.document()
        written = {key: value for key, value in written.items() if value and key not in ("memo", "tokens")}
        _head(console, f"proposal {number}")
        _body(console, yaml.safe_dump(written, sort_keys=False, allow_unicode=True, width=console.width))
    name, planner = consulted.goal.metadata.name, consulted.goal.spec.planner.type
    asked = f"asked {consulted.asked}" if consulted.asked else "no model was asked"
    _body(console, f"{name}, planner {planner}: {asked}; nothing was stored, nothing was run")


def _print_prompt(console: "Console", consulted: "Consulted") -> None:
    from seedbed.planning.llm.consult import answer_tokens

    prompt = consulted.prompt
    if prompt is None:
        return
    for message in prompt.messages:
        _head(console, message["role"])
        _body(console, message["content"])
    most = answer_tokens(consulted.goal.spec.planner.tokens_per_call)
    _head(console, "size")
    _body(console, f"prompt at most {prompt.tokens:,} tokens, answer at most {most:,} tokens")
    _body(console, f"cut for length: {'; '.join(prompt.cut) or 'nothing'}")


def _print_reply(console: "Console", reply: "Replied") -> None:
    from seedbed.report.text import clean, duration

    _head(console, f"answer {reply.call} · {reply.outcome} · {duration(reply.latency)}")
    if reply.text:
        _body(console, "".join(letter for letter in reply.text if letter.isprintable() or letter in "\n\t"))
    if reply.outcome == "Failed":
        _body(console, f"{reply.reason}: {reply.message}; what to do: {reply.advice}")
    for problem in reply.problems:
        _body(console, f"- {problem}")
    if reply.outcome == "Invalid":
        _body(console, "a search would ask once more, with these sentences")
    if reply.stop:
        _body(console, f"it stops: {clean(reply.stop)}")
    bound = "at most " if reply.estimated else ""
    _body(console, f"{bound}{reply.prompt_tokens:,} + {reply.completion_tokens:,} tokens")


def _head(console: "Console", title: str) -> None:
    console.rule(title, align="left", style="dim")


def _body(console: "Console", text: str) -> None:
    from rich.text import Text

    console.print(Text(text.rstrip()), soft_wrap=True)
