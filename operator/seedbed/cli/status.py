"""`research-agent status`: how far one goal or Experiment is, in a few lines."""

import json
from typing import TYPE_CHECKING

import click

from seedbed.cli.options import example, json_option, name_argument, place_options

if TYPE_CHECKING:
    from seedbed.api import Experiment, ResearchGoal


@click.command("status", epilog=example("research-agent status digits"))
@name_argument
@json_option
@place_options
def command(name: str | None, as_json: bool, folder: str | None, namespace: str | None) -> None:
    """Say how far a goal is, and whether a process works on it. `show` tells everything."""
    from seedbed.api import ResearchGoal
    from seedbed.cli.documents import open_documents
    from seedbed.cli.find import find

    documents = open_documents(folder, namespace)
    found = find(documents, name)
    if as_json:
        click.echo(json.dumps(found.document(), indent=1))
        return
    lines = goal_lines(found) if isinstance(found, ResearchGoal) else experiment_lines(found)
    click.echo("\n".join(lines))
    unfinished = (
        not found.status.finished if isinstance(found, ResearchGoal) else found.status.phase == "Running"
    )
    if unfinished and (worker := documents.worker()):
        click.echo(f"{worker} works in {documents.place}")
    elif unfinished and (idle := documents.idle(found)):
        click.echo(idle)


def goal_lines(goal: "ResearchGoal") -> list[str]:
    """Phase, verdict, best candidate, budget."""
    from seedbed.api.asked import asked

    status, spec = goal.status, goal.spec
    used = status.budget.used
    suspended = " (suspended)" if spec.suspend and status.phase != "Suspended" else ""
    wanted = f"{asked(goal)} on {spec.dataset.name}"
    lines = [f"{goal.metadata.name}: {status.phase}{suspended}: {wanted}"]
    if status.verdict is not None:
        lines.append(status.verdict.message)
    lines += [
        condition.message
        for condition in status.conditions
        if condition.status != "True" and condition.message
    ]
    if best := status.best:
        code = f", code, {best.assurance}" if best.assurance else ""
        mean = f"validation mean {best.mean:.4f} over {best.n} (not corrected for selection{code})"
        lines.append(f"best: {best.experiment}, {mean}")
    lines.append(
        f"spent: {used.experiments} of {spec.budget.experiments} experiments, "
        f"{used.confirmations} of {spec.budget.confirmations} confirmations, "
        f"{used.failures} of {spec.budget.failures} failures"
    )
    return lines


def experiment_lines(experiment: "Experiment") -> list[str]:
    """Phase, mean, and how many runs are scored."""
    status, spec = experiment.status, experiment.spec
    scored = sum(run.phase == "Scored" for run in status.runs)
    done = f"{scored} of {len(spec.seeds)} seeds scored on {spec.dataset.name}"
    lines = [f"{experiment.metadata.name}: {status.phase}: {done}"]
    if found := status.aggregate:
        said = f"mean {experiment.metric_in_words} {found.mean:.4f} over {found.n}, {found.diverged} diverged"
        lines.append(f"{said}; {status.assurance}" if status.assurance else said)
    return lines + ([status.message] if status.message else [])
