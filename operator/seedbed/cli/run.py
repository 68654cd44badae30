"""`research-agent run`: manifests to verdicts."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seedbed.cli.options import driving_options, example

if TYPE_CHECKING:
    from seedbed.api import Experiment, ResearchGoal
    from seedbed.planning.llm.replay import Recorded


@click.command("run", epilog=example("research-agent run examples/digits.yaml"))
@click.argument("manifests", nargs=-1, required=True, metavar="MANIFEST...")
@click.option("--name", help="Another name than the manifest's (one resource only).")
@click.option(
    "--replay",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Plan with the answers of a recorded journal instead of a model: `research-agent journal --json`.",
)
@driving_options
def command(
    manifests: tuple[str, ...], name: str | None, replay: Path | None, folder: str | None, cores: int | None,
    device: str | None, allow_unsealed: bool | None, plain: bool, no_report: bool, **sources: Any,
) -> None:  # fmt: skip
    """Run what manifests ask for, live, to the verdict; `-` reads one from standard input.

    A goal that is there already with the same specification goes on where it stopped, or its verdict is
    shown. A manifest may raise its budget, suspend it, or change its approval.
    """
    from seedbed.cli.manifests import read, renamed

    resources = [each for manifest in manifests for each in read(manifest)]
    if name is not None:
        resources = [renamed(resources, name)]
    recorded = _recorded(replay, resources) if replay is not None else None

    from seedbed.cli.drive import Manner, drive
    from seedbed.local.settings import read_settings

    settings = read_settings(
        folder=folder, cores=cores, device=device, allow_unsealed=allow_unsealed, **sources
    )
    raise click.exceptions.Exit(drive(settings, resources, Manner(plain, not no_report, recorded)))


def _recorded(path: Path, resources: "Sequence[ResearchGoal | Experiment]") -> "Recorded":
    """The journal that one goal is planned with.

    Raises:
        InvalidInput: it is none, or there is no such goal.
    """
    from seedbed.api import ResearchGoal
    from seedbed.errors import InvalidInput
    from seedbed.planning.llm.replay import read_recorded

    goals = [each for each in resources if isinstance(each, ResearchGoal)]
    if len(goals) != 1 or goals[0].spec.planner.type != "LLM":
        raise InvalidInput(
            f"`--replay {path}` is for one goal with `planner: {{type: LLM}}`: give one such manifest"
        )
    return read_recorded(path)
