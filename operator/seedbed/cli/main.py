"""`research-agent`: the entry point, with its commands in a table and the one-line form beside them."""

from typing import Any

import click

from seedbed.cli import exits
from seedbed.cli.group import LazyGroup
from seedbed.cli.options import example, source_options

COMMANDS = {
    "run": ("seedbed.cli.run", "Run a manifest, live, to its verdict."),
    "init": ("seedbed.cli.init", "Write a commented manifest to begin with."),
    "validate": ("seedbed.cli.validate", "Explain every mistake in a manifest."),
    "propose": ("seedbed.cli.propose", "Show what the planner is asked next, and its answer."),
    "list": ("seedbed.cli.listing", "List what is in the folder, or in a namespace."),
    "status": ("seedbed.cli.status", "Say how far a goal is, in a few lines."),
    "show": ("seedbed.cli.show", "Show everything about a goal, down to each run."),
    "report": ("seedbed.cli.report", "Write a goal's report, as Markdown and as a page."),
    "export": ("seedbed.cli.export", "Write runs for TensorBoard, W&B or MLflow, offline."),
    "journal": ("seedbed.cli.journal", "Show what the planning LLM was asked and answered."),
    "compare": ("seedbed.cli.compare", "Say which of several Experiments is better."),
    "datasets": ("seedbed.cli.datasets", "List, describe, fetch and check datasets."),
    "plan-seeds": ("seedbed.cli.plan_seeds", "Say what seeds can show, before any are spent."),
    "doctor": ("seedbed.cli.doctor", "Say what this machine can seal, train on and reach."),
    "verify": ("seedbed.cli.verify", "Make recorded runs again, and compare every bit."),
    "ledger": ("seedbed.cli.ledger", "Show what each test split has been used for."),
    "resume": ("seedbed.cli.resume", "Go on after Ctrl-C, `stop`, a crash, or with a larger budget."),
    "submit": ("seedbed.cli.submit", "Give a manifest to a cluster's operator."),
    "suspend": ("seedbed.cli.suspend", "Suspend a goal, wherever it runs."),
    "stop": ("seedbed.cli.stop", "The same as `suspend`."),
    "approve": ("seedbed.cli.approve", "Let proposals of a goal with `approval: Manual` run."),
    "purge": ("seedbed.cli.purge", "Remove a goal with all that it made."),
}


EXAMPLES = example(
    "research-agent init && research-agent run goal.yaml",
    'research-agent --goal "Design a CNN for digits with >97% accuracy" --num-seeds 3',
)


@click.group(
    cls=LazyGroup, lazy=COMMANDS, invoke_without_command=True, epilog=f"{EXAMPLES}\n\n{exits.IN_WORDS}",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)  # fmt: skip
@click.option("--goal", metavar="SENTENCE", help="The goal in one sentence, with its dataset and target.")
@click.option(
    "--num-seeds",
    type=int,
    metavar="N",
    help="Seeds of each candidate, 1 to 5. A confirmation adds 4, 6, 9 or 12 fresh ones.",
)
@click.option("--dataset", metavar="NAME", help="The dataset, if the sentence does not name it.")
@click.option(
    "--target-accuracy", type=float, metavar="X", help="The target, such as 0.97, if the sentence does not."
)
@click.option("--max-iter", type=int, metavar="N", help="Candidates at most.  [default: 20]")
@click.option("--name", metavar="NAME", help="The goal's name.  [default: the dataset's]")
@click.option(
    "--keep",
    is_flag=True,
    help="Keep prepared data and all weights. Without it the data and the weights of all candidates but the "
    "best are deleted at the end.",
)
@click.option(
    "--folder", metavar="DIR", help="Work there, and keep everything.  [default: ./research-agent-NAME]"
)
@click.option("--verbose", is_flag=True, help="One line an event instead of the live picture.")
@source_options
@click.option(
    "--llm-base-url", metavar="URL", help="Have a language model propose: the address of its server, to /v1."
)
@click.option("--llm-model", metavar="NAME", help="The model to ask there.")
@click.option(
    "--llm-api-key", metavar="KEY", help="Its key. `ps` shows it: $SEEDBED_LLM_API_KEY does the same unseen."
)
@click.version_option(package_name="seedbed")
@click.pass_context
def main(ctx: click.Context, /, **given: Any) -> None:
    """Reach a goal by experiments, and claim it only when fresh seeds on sealed data say so.

    A manifest says what is asked; a planner proposes networks, each is trained over several seeds, and a
    statistical procedure decides. Begin with a manifest, or with one line.
    The options below are those of the one line; every command has its own (`research-agent run --help`).
    """
    used = [f"--{name.replace('_', '-')}" for name, value in given.items() if value not in (None, False)]
    if ctx.invoked_subcommand is not None:
        if used:
            raise click.UsageError(
                f"{used[0]} before a command is for the one line without one: put it behind it"
            )
        return
    if not used:
        click.echo(ctx.get_help())
        return
    from seedbed.cli.one_line import OneLine, run_one_line

    raise click.exceptions.Exit(run_one_line(OneLine(**given)))
