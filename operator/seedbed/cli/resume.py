"""`research-agent resume`: go on with what was stopped, suspended, or out of budget."""

from typing import Any

import click

from seedbed.cli.options import driving_options, example, name_argument, namespace_option
from seedbed.errors import InvalidInput

PARTS = {
    "experiments": int,
    "confirmations": int,
    "failures": int,
    "parallel": int,
    "gpu_hours": float,
    "tokens": int,
    "deadline": str,
}


def _budget_options(command: Any) -> Any:
    for part, kind in reversed(PARTS.items()):
        help_text = f"Raise `budget.{part}`." if part != "gpu_hours" else "Raise `budget.gpuHours`."
        command = click.option(f"--{part.replace('_', '-')}", part, type=kind, help=help_text)(command)
    return command


@click.command("resume", epilog=example("research-agent resume digits --experiments 40"))
@name_argument
@_budget_options
@driving_options
@namespace_option
def command(
    name: str | None, folder: str | None, namespace: str | None, cores: int | None, device: str | None,
    allow_unsealed: bool | None, plain: bool, no_report: bool, data: str | None, offline: bool | None,
    allow_unverified: bool | None, **raised: Any,
) -> None:  # fmt: skip
    """Go on with a goal or an Experiment: after Ctrl-C, `suspend`, a crash, or with a larger budget.

    No run that was recorded is run again, and attempts and alpha are carried on. In a cluster this changes
    the goal and returns; the operator does the rest.
    """
    from seedbed.api import ResearchGoal
    from seedbed.cli.documents import open_documents
    from seedbed.cli.drive import Manner, drive
    from seedbed.cli.find import find
    from seedbed.cli.take_over import go_on
    from seedbed.local.settings import read_settings

    here: dict[str, Any] = {
        "cores": cores, "device": device, "allow_unsealed": allow_unsealed, "data": data, "offline": offline,
        "allow_unverified": allow_unverified,
    }  # fmt: skip
    if namespace is not None:
        _refuse_driving(**here, plain=plain or None, no_report=no_report or None)
    documents = open_documents(folder, namespace)
    there = found = find(documents, name)
    changes = {part: value for part, value in raised.items() if value is not None}
    if isinstance(found, ResearchGoal):
        found = found.model_copy(update={"spec": found.spec.model_copy(update=_update(found, changes))})
    elif changes:
        raise InvalidInput(f"{found.metadata.name} is an Experiment: it has no budget to raise")
    elif found.spec.goal is not None:
        raise InvalidInput(f"{found.metadata.name} belongs to the goal {found.spec.goal}: resume that one")
    if namespace is not None:
        if not isinstance(there, ResearchGoal) or not isinstance(found, ResearchGoal):
            raise InvalidInput(f"{there.metadata.name} is an Experiment: in a cluster it goes on by itself")
        click.echo(go_on(documents, there, found))
        return
    settings = read_settings(folder=folder, **here)
    raise click.exceptions.Exit(drive(settings, [found], Manner(plain, not no_report)))


def _refuse_driving(**options: Any) -> None:
    for option, value in options.items():
        if value is not None:
            flag = f"--{option.replace('_', '-')}"
            raise InvalidInput(f"`{flag}` is for runs on this machine, and not for `--namespace`")


def _update(goal: Any, changes: dict[str, Any]) -> dict[str, Any]:
    """What changes in a goal's specification, checked as a manifest's would be."""
    from seedbed.api.explain import explain

    budget = goal.spec.budget.model_copy(update=changes)
    document = goal.document()
    document["spec"]["budget"] = budget.document()
    document["metadata"] = {"name": goal.metadata.name}
    if problems := explain(document):
        raise InvalidInput("; ".join(problems))
    return {"budget": budget, "suspend": False}
