"""Runs for MLflow, written by its own package into a database file; `mlflow ui` shows it.

A database, since MLflow writes its folders of text files for old stores only. Parameters are text there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from seedbed.errors import AlreadyExists
from seedbed.export.content import TrackedRun
from seedbed.export.extras import tracker

DATABASE = "mlflow.db"
_AT_ONCE = 100  # of parameters, tags or metrics: a limit of MLflow's


def export_mlflow(runs: Iterable[TrackedRun], project: str, facts: Mapping[str, str], into: Path) -> None:
    """Write the runs as one MLflow experiment of the database in `into`.

    Raises:
        InvalidInput: the package is missing.
        AlreadyExists: the database has an experiment of that name.
    """
    mlflow = tracker("mlflow")
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{(into / DATABASE).absolute()}")
    if client.get_experiment_by_name(project) is not None:
        raise AlreadyExists(f"{into / DATABASE} has {project} already: name another folder")
    experiment = client.create_experiment(project, artifact_location=(into / "artifacts").absolute().as_uri())
    for run in runs:
        _write(mlflow.entities, client, experiment, run, facts)


def _write(entities: Any, client: Any, experiment: str, run: TrackedRun, facts: Mapping[str, str]) -> None:
    opened = client.create_run(experiment, start_time=round(1000 * run.started_at), run_name=run.name)
    told, at = {**facts, **run.facts, "group": run.group}, round(1000 * run.finished_at)
    parameters = [entities.Param(name, str(value)) for name, value in run.config.items()]
    tags = [entities.RunTag(name, value) for name, value in told.items()]
    metrics = [entities.Metric(name, value, at, 0) for name, value in run.metrics.items()]
    for epoch, ended, values in run.steps():
        ms = round(1000 * ended)
        metrics += [entities.Metric(name, value, ms, epoch) for name, value in values.items()]
    for kind, written in (("params", parameters), ("tags", tags), ("metrics", metrics)):
        for part in _parts(written):
            client.log_batch(opened.info.run_id, **{kind: part})
    client.set_terminated(opened.info.run_id, "FINISHED" if run.scored else "FAILED", end_time=at)


def _parts(written: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(written), _AT_ONCE):
        yield written[start : start + _AT_ONCE]
