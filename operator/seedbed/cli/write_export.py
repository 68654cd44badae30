"""Reads the runs of a goal or an Experiment, wherever they are kept, and has a tracker's files written."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from seedbed.api import Experiment, ResearchGoal
from seedbed.cli.documents import Documents
from seedbed.cli.find import experiments_of
from seedbed.cli.write_report import read_diagnostics, read_results, require_records
from seedbed.engine.naming import artifacts_prefix
from seedbed.errors import NotFound
from seedbed.export.content import TrackedRun, tracked_run, verdict_facts
from seedbed.export.mlflow import export_mlflow
from seedbed.export.wandb import export_wandb
from seedbed.local.folder import replace_file, storage
from seedbed_runner.contract.events import EVENTS
from seedbed_runner.contract.records import RunResult

Runs = list[tuple[Experiment, RunResult]]
HINTS = {
    "tensorboard": "tensorboard --logdir {into}",
    "wandb": "wandb sync --sync-all {into}/wandb, to upload them",
    "mlflow": "mlflow ui --backend-store-uri sqlite:///{into}/mlflow.db",
}


def write_export(documents: Documents, resource: ResearchGoal | Experiment, tracker: str, into: Path) -> int:
    """Write every recorded run for a tracker into a folder; how many.

    Raises:
        NotFound: there is no recorded run, the store that has them is not named, or there is none with an
            event file for TensorBoard.
        InvalidInput: the tracker's package is missing.
        AlreadyExists: the folder has the same already.
        StorageFailed: a record is damaged, or the folder can't be written.
    """
    goal = resource if isinstance(resource, ResearchGoal) else None
    experiments = experiments_of(documents, goal) if goal else [resource]
    runs: Runs = [
        (each, result)
        for each in experiments
        if isinstance(each, Experiment)
        for result in read_results(documents, each)
    ]
    require_records(documents, resource.metadata.name, runs)
    if not runs:
        raise NotFound(f"{resource.metadata.name} has no recorded run in {documents.place} yet")
    with storage(into):
        into.mkdir(parents=True, exist_ok=True)
    if tracker == "tensorboard":
        return _copy_events(documents, runs, into)
    facts: Mapping[str, str] = verdict_facts(goal) if goal else {}
    write = {"wandb": export_wandb, "mlflow": export_mlflow}[tracker]
    write(_tracked(documents, runs), resource.metadata.name, facts, into)
    return len(runs)


def _tracked(documents: Documents, runs: Runs) -> Iterator[TrackedRun]:
    for experiment, result in runs:
        yield tracked_run(experiment, result, read_diagnostics(documents, experiment, result))


def _copy_events(documents: Documents, runs: Runs, into: Path) -> int:
    """The event file of each run that has one, a folder a run."""
    copied = 0
    for experiment, result in runs:
        data = documents.artifact(f"{artifacts_prefix(experiment, result)}/{EVENTS}")
        if data is not None:
            folder = into / experiment.metadata.name / f"s{result.seed}"
            with storage(folder):
                folder.mkdir(parents=True, exist_ok=True)
            replace_file(folder / EVENTS, data)
            copied += 1
    if not copied:
        raise NotFound("none of these runs has an event file: they were recorded before runs had one")
    return copied
