"""A goal's report from what is kept of it: for `report`, and after every run."""

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seedbed.api import Experiment, ResearchGoal
from seedbed.cli.documents import Documents
from seedbed.cli.find import experiments_of
from seedbed.cli.read_journal import read_journal, read_proposals
from seedbed.cli.read_ledger import read_ledger
from seedbed.engine.ledger import Entry, ledger_prefix
from seedbed.engine.naming import artifacts_prefix, result_key
from seedbed.errors import NotFound, StorageFailed
from seedbed.local.folder import replace_file, storage
from seedbed.report import TREE_FILE, build_report, render_html, render_markdown, render_tree
from seedbed_runner.contract.records import InvalidRecord, RunResult

RENDERERS = {"md": render_markdown, "html": render_html}


def write_report(
    documents: Documents,
    goal: ResearchGoal,
    into: Path | None = None,
    formats: Sequence[str] = ("md", "html"),
) -> list[Path]:
    """Write `report.md` and `report.html` into a folder, the goal's own place if none is given; their paths.

    A picture that the Markdown shows is written beside it.

    Raises:
        StorageFailed: a record is damaged, or the folder can't be written.
    """
    experiments = experiments_of(documents, goal)
    results = {each.metadata.name: read_results(documents, each) for each in experiments}
    report = build_report(
        goal,
        experiments,
        read_proposals(documents, goal),
        results,
        {
            each.metadata.name: _diagnostics(documents, each, results[each.metadata.name])
            for each in experiments
        },
        documents.card(goal),
        documents.limits(),
        documents.line("resume", goal.metadata.name),
        _ledger(documents, goal),
        read_journal(documents, goal),
    )
    into = into or documents.reports(goal)
    with storage(into):
        into.mkdir(parents=True, exist_ok=True)
    paths = [into / f"report.{each}" for each in formats]
    for path, each in zip(paths, formats, strict=True):
        replace_file(path, RENDERERS[each](report).encode())
    if "md" in formats and report.experiments:
        replace_file(into / TREE_FILE, render_tree(report).encode())
    return paths


def _ledger(documents: Documents, goal: ResearchGoal) -> list[Entry]:
    """What is entered of the source of the goal's data, once they are known."""
    data = goal.status.dataset
    if data is None:
        return []
    return read_ledger(documents, ledger_prefix(goal.metadata.namespace, data.source_hash))


def require_records(documents: Documents, name: str, results: Sequence[object]) -> None:
    """Refuse to go on without records where a store that nobody named has them.

    Raises:
        NotFound: says how to name it.
    """
    if not results and documents.limits():
        raise NotFound(
            f"the records of {name} are in its store: name that by SEEDBED_S3_BUCKET, "
            "with credentials of your own"
        )


def read_results(documents: Documents, experiment: Experiment) -> list[RunResult]:
    """The records of an experiment's runs, in the order of their seeds.

    Raises:
        StorageFailed: one is damaged.
    """
    found = []
    for seed in experiment.spec.seeds:
        key = result_key(experiment, seed)
        if (data := documents.artifact(key)) is not None:
            try:
                found.append(RunResult.from_json(data))
            except InvalidRecord as error:
                raise StorageFailed(f"{key} in {documents.place} is damaged: {error}") from error
    return found


def _diagnostics(documents: Documents, experiment: Experiment, results: list[RunResult]) -> dict[int, Any]:
    """What runs said of themselves, by seed, where they said anything."""
    found = {result.seed: read_diagnostics(documents, experiment, result) for result in results}
    return {seed: said for seed, said in found.items() if said is not None}


def read_diagnostics(documents: Documents, experiment: Experiment, result: RunResult) -> Any:
    """What a run said of itself; the trainer wrote it, so that what is no JSON is no diagnostics: None."""
    data = documents.artifact(f"{artifacts_prefix(experiment, result)}/diagnostics.json")
    with contextlib.suppress(ValueError, RecursionError):
        return json.loads(data or b"")
    return None
