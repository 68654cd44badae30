"""`research-agent list`: the goals of a folder or namespace, and the Experiments that stand alone in it."""

import json
from typing import TYPE_CHECKING, Any

import click

from seedbed.cli.options import example, json_option, place_options

if TYPE_CHECKING:
    from seedbed.api import Experiment, ResearchGoal


@click.command("list", epilog=example("research-agent list --folder seedbed-runs"))
@json_option
@place_options
def command(as_json: bool, folder: str | None, namespace: str | None) -> None:
    """List the goals in the folder or namespace, and Experiments that belong to none."""
    from seedbed.api import Experiment, ResearchGoal
    from seedbed.cli.documents import open_documents

    documents = open_documents(folder, namespace)
    rows = [goal_row(goal) for goal in documents.read_all(ResearchGoal)]
    rows += [experiment_row(each) for each in documents.read_all(Experiment) if each.spec.goal is None]
    if as_json:
        click.echo(json.dumps(rows, indent=1))
    elif rows:
        click.echo(as_table(rows))
    else:
        click.echo(f"there is nothing in {documents.place} yet: {documents.beginning}")


def goal_row(goal: "ResearchGoal") -> dict[str, Any]:
    """One line of the list."""
    spec, status = goal.spec, goal.status
    return {
        "name": goal.metadata.name,
        "kind": "goal",
        "phase": status.phase,
        "dataset": spec.dataset.name,
        "metric": goal.objective.named_metric,
        "target": goal.target,
        "best": status.claim.mean if status.claim else status.best.mean if status.best else None,
        "experiments": f"{status.budget.used.experiments}/{spec.budget.experiments}",
    }


def experiment_row(experiment: "Experiment") -> dict[str, Any]:
    """The same of an Experiment that stands alone."""
    spec, status = experiment.spec, experiment.status
    return {
        "name": experiment.metadata.name,
        "kind": "experiment",
        "phase": status.phase,
        "dataset": spec.dataset.name,
        "metric": experiment.metric,
        "target": None,
        "best": status.aggregate.mean if status.aggregate else None,
        "experiments": None,
    }


def as_table(rows: list[dict[str, Any]]) -> str:
    """Columns as wide as they must be."""
    cells = [list(rows[0])] + [[_cell(value) for value in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in cells]
    return "\n".join(line.rstrip() for line in lines)


def _cell(value: Any) -> str:
    return "–" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
