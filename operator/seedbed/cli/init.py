"""`research-agent init`: a manifest to begin with."""

import string
from pathlib import Path

import click

from seedbed.cli.options import example
from seedbed.cli.sentence import dataset_called
from seedbed.errors import AlreadyExists, InvalidInput

MANIFEST = string.Template("""\
# What is to be reached.
#   research-agent validate $file
#   research-agent run $file
apiVersion: seedbed.dev/v1alpha1
kind: ResearchGoal
metadata:
  name: $name                # at most 40 lower-case letters, digits and dashes
spec:
  # For people and the planner. What is enforced is in the fields below.
  goal: $goal
  dataset:
    name: $dataset           # one of: $choices
    split: {seed: 0, test: 0.2, validation: 0.2, stratify: true}
  objective:
    metric: accuracy         # or balanced_accuracy, f1_macro, log_loss
    target: $target          # must be below 1 by more than one test item
    confidence: 0.95         # of the claim, over the whole search
  # constraints:
  #   - {metric: parameters, max: 200000}
  seeds:
    explore: 2               # seeds of each candidate, scored on the validation split
    confirm: 12              # fresh seeds at most of a confirmation, on the sealed test split
  # planner: {type: LLM}     # a language model proposes: docs/planner.md
  budget:
    experiments: 20          # candidates; a confirmation is none
    parallel: 2              # candidates at once
    confirmations: 5         # attempts to confirm, each spends a share of alpha
    failures: 5              # failed candidates until the search ends
    deadline: 1h             # working time of the whole goal; pauses don't count
  deadlines: {run: 20m}      # of one run
  approval: Automatic        # or Manual: every proposal waits for `research-agent approve`
""")


@click.command("init", epilog=example("research-agent init wine.yaml --dataset wine --target 0.9"))
@click.argument("file", default="goal.yaml", type=click.Path(dir_okay=False))
@click.option("--dataset", default="digits", show_default=True, help="The data to learn from.")
@click.option("--target", type=float, default=0.97, show_default=True, help="The accuracy to reach.")
@click.option("--name", help="The goal's name.  [default: my-DATASET]")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(file: str, dataset: str, target: float, name: str | None, force: bool) -> None:
    """Write a commented manifest to begin with; FILE is goal.yaml if not given."""
    from seedbed.api.documents import parse_manifest
    from seedbed.local.folder import replace_file

    path = Path(file)
    text = starter(file, dataset_called(dataset), target, name)
    parse_manifest(text.encode(), "the manifest")
    if path.exists() and not force:
        raise AlreadyExists(f"{file} is there already: give another file, or --force to write over it")
    if not path.parent.is_dir():
        raise InvalidInput(f"{path.parent} is no folder")
    replace_file(path, text.encode())
    click.echo(f"wrote {file}; run it with: research-agent run {file}")


def starter(file: str, dataset: str, target: float, name: str | None) -> str:
    """The manifest's text."""
    from seedbed_runner.contract.datasets import dataset_names

    return MANIFEST.substitute(
        file=file,
        name=name or f"my-{dataset.replace('_', '-')}",  # unlike an example's: one folder takes both
        goal=f"Classify {dataset.replace('_', ' ')} with a small network",
        dataset=dataset,
        choices=", ".join(dataset_names()),
        target=f"{target:g}",
    )
