"""A goal's report from what is kept of it in the folder: for `report`, and after every run."""

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seedbed.api import Experiment, ResearchGoal
from seedbed.cli.find import artifacts_of, experiments_of
from seedbed.engine.naming import owner_prefix, proposal_key, result_key, run_prefix
from seedbed.errors import StorageFailed
from seedbed.local.artifacts import FolderArtifacts
from seedbed.local.folder import replace_file, storage
from seedbed.local.store import FolderStore
from seedbed.planning.contract import Proposal
from seedbed.report import build_report, render_html, render_markdown
from seedbed_runner.contract.hashing import dataset_key
from seedbed_runner.contract.records import Card, InvalidRecord, RunResult

RENDERERS = {"md": render_markdown, "html": render_html}


def write_report(
    store: FolderStore, goal: ResearchGoal, into: Path | None = None, formats: Sequence[str] = ("md", "html")
) -> list[Path]:
    """Write `report.md` and `report.html` into a folder, the goal's artifacts if none is given; their paths.

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
        _card(store, goal),
    )
    into = into or artifacts.path(owner_prefix(goal))
    with storage(into):
        into.mkdir(parents=True, exist_ok=True)
    paths = [into / f"report.{each}" for each in formats]
    for path, each in zip(paths, formats, strict=True):
        replace_file(path, RENDERERS[each](report).encode())
    return paths


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


def _card(store: FolderStore, goal: ResearchGoal) -> Card | None:
    path = store.folder.datasets / dataset_key(goal.spec.dataset.document()) / "public" / "card.json"
    with storage(path):
        return Card.from_json(path.read_bytes()) if path.exists() else None
