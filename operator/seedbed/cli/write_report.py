"""A goal's report from what is kept of it in the folder: for `report`, and after every run."""

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.documents import read_manifest
from seedbed.cli.find import artifacts_of, experiments_of
from seedbed.cli.hints import resume_command
from seedbed.engine.naming import owner_prefix, proposal_key, result_key, run_prefix
from seedbed.errors import InvalidManifest, StorageFailed
from seedbed.local.artifacts import FolderArtifacts
from seedbed.local.folder import create_file, replace_file, storage
from seedbed.local.store import FolderStore
from seedbed.planning.contract import Proposal
from seedbed.report import build_report, render_html, render_markdown
from seedbed_runner.contract.hashing import dataset_key
from seedbed_runner.contract.records import Card, InvalidRecord, RunResult

MANIFEST = "goal.yaml"  # of the one goal of a folder that the one-line form made
RENDERERS = {"md": render_markdown, "html": render_html}


def write_report(
    store: FolderStore, goal: ResearchGoal, into: Path | None = None, formats: Sequence[str] = ("md", "html")
) -> list[Path]:
    """Write `report.md` and `report.html` into a folder, the goal's own place if none is given; their paths.

    Raises:
        StorageFailed: a record is damaged, or the folder can't be written.
    """
    artifacts, experiments = artifacts_of(store), experiments_of(store, goal)
    report = build_report(
        goal,
        experiments,
        _proposals(artifacts, goal),
        {each.metadata.name: _results(artifacts, each) for each in experiments},
        {each.metadata.name: _diagnostics(artifacts, each) for each in experiments},
        read_card(store, goal),
        resume_command(goal.metadata.name, store.folder.root),
    )
    into = into or _place(store, goal)
    with storage(into):
        into.mkdir(parents=True, exist_ok=True)
    paths = [into / f"report.{each}" for each in formats]
    for path, each in zip(paths, formats, strict=True):
        replace_file(path, RENDERERS[each](report).encode())
    return paths


def _place(store: FolderStore, goal: ResearchGoal) -> Path:
    """Beside its manifest in a folder of its own, as the one-line form makes; else among its artifacts."""
    manifest = store.folder.root / MANIFEST
    with contextlib.suppress(InvalidManifest):  # there is none, or it is about something else
        if [each.metadata.name for each in read_manifest(manifest)] == [goal.metadata.name]:
            return store.folder.root
    return artifacts_of(store).path(owner_prefix(goal))


def _proposals(artifacts: FolderArtifacts, goal: ResearchGoal) -> dict[int, Proposal]:
    """Every stored proposal; they are numbered without gaps."""
    found: dict[int, Proposal] = {}
    while (data := artifacts.read(proposal_key(goal, len(found) + 1))) is not None:
        found[len(found) + 1] = Proposal.model_validate_json(data)
    return found


def _results(artifacts: FolderArtifacts, experiment: Experiment) -> list[RunResult]:
    found = []
    for seed in experiment.spec.seeds:
        key = result_key(experiment, seed)
        if (data := artifacts.read(key)) is not None:
            try:
                found.append(RunResult.from_json(data))
            except InvalidRecord as error:
                raise StorageFailed(f"{artifacts.path(key)} is damaged: {error}") from error
    return found


def _diagnostics(artifacts: FolderArtifacts, experiment: Experiment) -> dict[int, Any]:
    """What runs said of themselves; the trainer wrote it, so that what is no JSON is no diagnostics."""
    found = {}
    for seed in experiment.spec.seeds:
        data = artifacts.read(f"{run_prefix(experiment, seed)}/diagnostics.json")
        with contextlib.suppress(ValueError, RecursionError):
            found[seed] = json.loads(data or b"")
    return found


def keep_card(store: FolderStore, goal: ResearchGoal) -> None:
    """Put the dataset's card among the goal's artifacts, where it outlives the prepared data."""
    if (card := read_card(store, goal)) is not None:
        create_file(artifacts_of(store).path(_card_key(goal)), card.to_json())


def read_card(store: FolderStore, goal: ResearchGoal) -> Card | None:
    """The card of the prepared dataset, or the one that was kept of it."""
    prepared = store.folder.datasets / dataset_key(goal.spec.dataset.document()) / "public" / "card.json"
    for path in (prepared, artifacts_of(store).path(_card_key(goal))):
        with storage(path):
            if path.exists():
                return Card.from_json(path.read_bytes())
    return None


def _card_key(goal: ResearchGoal) -> str:
    return f"{owner_prefix(goal)}/card.json"
