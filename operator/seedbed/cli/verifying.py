"""What `verify` is about: the recorded runs of a goal or Experiment, or of a prefix; and the work itself."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from seedbed.api import Experiment, ResearchGoal
from seedbed.cli.documents import Documents, FolderDocuments, open_documents
from seedbed.cli.find import experiments_of, find
from seedbed.engine.naming import owner_prefix
from seedbed.errors import InvalidInput, NotFound
from seedbed.local.launcher import available_cores
from seedbed.local.settings import Settings, read_settings
from seedbed.verify.chosen import chosen, named
from seedbed.verify.outcome import Outcome
from seedbed.verify.recorded import Recorded, recorded_runs, with_experiments
from seedbed.verify.records import FolderRecords, Records, open_prefix
from seedbed.verify.verifier import Verifier
from seedbed_runner.contract.stores import full_key


@dataclass(frozen=True)
class Scope:
    """The runs that may be verified, with all that is known of them.

    Attributes:
        records: the store.
        runs: what may be chosen.
        others: every run of the same goals.
        experiments: those that are there as resources.
        decided: the experiment that decided, where a status names one.
    """

    records: Records
    runs: list[Recorded]
    others: list[Recorded]
    experiments: list[Experiment]
    decided: str | None = None


def look_in(prefix: str, name: str | None) -> Scope:
    """The records below a prefix, of one goal or Experiment if one is named.

    Raises:
        NotFound: there are none.
    """
    records, place = open_prefix(prefix)
    runs = recorded_runs(records, place)
    if not runs:
        raise NotFound(f"there are no records of runs below {prefix}")
    return Scope(records, runs if name is None else named(runs, name), runs, [])


def scope_of(folder: str | None, namespace: str | None, name: str | None) -> Scope:
    """The records of a goal or Experiment of a folder or namespace.

    Raises:
        NotFound: there is no such resource, or it has no records.
        InvalidInput: the namespace's store is not named.
    """
    documents = open_documents(folder, namespace)
    found = find(documents, name)
    experiments = experiments_of(documents, found) if isinstance(found, ResearchGoal) else [found]
    records, root = _store(documents)
    others = recorded_runs(records, full_key(root, owner_prefix(found)))
    runs = with_experiments(others, experiments, root)
    if isinstance(found, Experiment):
        runs = [run for run in runs if run.experiment == found.metadata.name]
    if not runs:
        raise NotFound(f"there is no record of {found.metadata.name} in {documents.place} yet")
    return Scope(records, runs, others, experiments, _decided(found))


def _store(documents: Documents) -> tuple[Records, str]:
    """Where the artifacts are, and their root there."""
    if isinstance(documents, FolderDocuments):
        return FolderRecords(), str(documents.artifacts.root.resolve())
    from seedbed.cli.namespaces import NamespaceDocuments
    from seedbed.verify.bucket import BucketRecords

    assert isinstance(documents, NamespaceDocuments)
    if documents.artifacts is None:
        raise InvalidInput(
            "the records of runs are in the store: name it by SEEDBED_S3_BUCKET, with credentials of your own"
        )
    settings = documents.artifacts.settings
    return BucketRecords(settings), settings.prefix


def _decided(found: ResearchGoal | Experiment) -> str | None:
    if isinstance(found, Experiment):
        return found.metadata.name
    status = found.status
    if status.claim is not None:
        return status.claim.experiment
    return status.best.experiment if status.best and not status.attempts else None


def verify(
    scope: Scope, seed: int | None, everything: bool, experiment: str | None, quiet: bool,
    allow_unsealed: bool | None = None,
) -> list[Outcome]:  # fmt: skip
    """Verify what is asked for, with a line of progress on stderr unless `quiet`.

    `allow_unsealed`: whether models that are code may run here; None: what the settings say.

    Raises:
        NotFound: there is no such run.
    """
    runs = chosen(scope.runs, seed=seed, everything=everything, experiment=experiment, decided=scope.decided)
    columns = (TextColumn("making again"), MofNCompleteColumn(), TextColumn("runs"), TimeElapsedColumn())
    console = Console(stderr=True)
    with (
        TemporaryDirectory(prefix="verify-") as temporary,
        Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar,
    ):
        task = bar.add_task("", total=len(runs))
        settings = read_settings(allow_unsealed=allow_unsealed)
        return _work(scope, runs, Path(temporary).resolve(), settings, lambda outcome: bar.advance(task))


def _work(
    scope: Scope, runs: Sequence[Recorded], temporary: Path, settings: Settings,
    told: Callable[[Outcome], None],
) -> list[Outcome]:  # fmt: skip
    at_once = settings.cores or available_cores()

    async def work() -> list[Outcome]:
        verifier = Verifier(
            scope.records, scope.experiments, scope.others, temporary, at_once, settings.allow_unsealed
        )
        return await verifier.verify(runs, told)

    return asyncio.run(work())
