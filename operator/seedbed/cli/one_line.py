"""The goal in one line: `research-agent --goal "…" --num-seeds 3`.

The sentence becomes a manifest, which is run in a folder of its own, `./research-agent-NAME`, and written
there before anything else. When the goal is decided the folder holds the report, every record, and the
weights of the best candidate; what can be made again (prepared data, the other candidates' weights) is
removed unless `--keep` is given. Whatever happens, the same line, or `resume`, goes on with it.
"""

import re
import shutil
from dataclasses import dataclass, field
from typing import Any

import click
import yaml

from seedbed.api import ResearchGoal
from seedbed.api.asked import asked
from seedbed.api.documents import parse_manifest
from seedbed.cli import exits
from seedbed.cli.documents import MANIFEST, FolderDocuments
from seedbed.cli.drive import Manner, drive
from seedbed.cli.find import experiments_of
from seedbed.cli.sentence import dataset_called, dataset_from
from seedbed.cli.servers import require_servers
from seedbed.cli.target import target_from
from seedbed.engine.naming import owner_prefix
from seedbed.errors import InvalidInput
from seedbed.local.folder import Folder, create_file, replace_file, storage
from seedbed.local.settings import read_settings

BULKY = ("weights.safetensors", "predictions.bin")


@dataclass(frozen=True)
class OneLine:
    """The options as they were given."""

    goal: str | None
    num_seeds: int | None = None
    dataset: str | None = None
    target_accuracy: float | None = None
    max_iter: int | None = None
    name: str | None = None
    keep: bool = False
    folder: str | None = None
    verbose: bool = False
    data: str | None = None
    offline: bool | None = None
    allow_unverified: bool | None = None
    llm_base_url: str | None = None
    llm_model: str | None = None
    llm_api_key: str | None = field(default=None, repr=False)

    @property
    def sources(self) -> dict[str, Any]:
        """The options that say where data come from, as `read_settings` takes them."""
        return {name: getattr(self, name) for name in ("data", "offline", "allow_unverified")}

    @property
    def llm(self) -> dict[str, Any]:
        """The options of the model server, as `read_settings` takes them. Only this process knows the key."""
        return {name: getattr(self, name) for name in ("llm_base_url", "llm_model", "llm_api_key")}


def run_one_line(line: OneLine) -> int:
    """Run a goal in one line to its verdict; the exit code.

    Raises:
        InvalidInput: the sentence or an option says too little, or something wrong.
    """
    goal = goal_of(line)
    name = goal.metadata.name
    settings = read_settings(folder=line.folder or f"research-agent-{name}", **line.sources, **line.llm)
    require_servers([goal], settings)
    text = yaml.safe_dump(manifest_of(line), sort_keys=False).encode()
    click.echo(_announcement(goal))
    create_file(settings.folder / MANIFEST, text)  # first, so that a kill leaves it
    code = drive(settings, [goal], Manner(line.verbose))
    replace_file(settings.folder / MANIFEST, text)  # now that the goal there is known to be this one
    if code != exits.INTERRUPTED:
        if not line.keep and line.folder is None:
            slim(FolderDocuments(Folder(settings.folder)), name)
        click.echo(f"kept: {settings.folder}")
    return code


def goal_of(line: OneLine) -> ResearchGoal:
    """The goal that a line asks for, checked as a manifest is."""
    manifest = yaml.safe_dump(manifest_of(line)).encode()
    goal = parse_manifest(manifest, "the goal")[0]
    assert isinstance(goal, ResearchGoal)
    return goal


def manifest_of(line: OneLine) -> dict[str, Any]:
    """The manifest's document."""
    if line.goal is None:
        raise InvalidInput(
            'give the goal as a sentence: `--goal "Design a CNN for digits with >97% accuracy"`'
        )
    if line.num_seeds is not None and not 1 <= line.num_seeds <= 5:
        raise InvalidInput(
            f"`--num-seeds` is {line.num_seeds} but a candidate is explored with 1 to 5 seeds; "
            "a confirmation adds 4, 6, 9 or 12 fresh ones by itself"
        )
    dataset = dataset_called(line.dataset) if line.dataset else dataset_from(line.goal)
    target = target_from(line.goal) if line.target_accuracy is None else _target(line.target_accuracy)
    asks = any(given is not None for given in line.llm.values())
    return {
        "apiVersion": "seedbed.dev/v1alpha1",
        "kind": "ResearchGoal",
        "metadata": {"name": line.name or _name_of(dataset)},
        "spec": {
            "goal": line.goal,
            "dataset": {"name": dataset},
            "objective": {"metric": "accuracy", "target": target},
            "seeds": {"explore": 2 if line.num_seeds is None else line.num_seeds},
            **({"planner": {"type": "LLM"}} if asks else {}),
            "budget": {"experiments": _experiments(line.max_iter)},
        },
    }


def _name_of(dataset: str) -> str:
    """A resource's name: lower-case letters, digits and dashes, at most forty."""
    return re.sub(r"[^a-z0-9]+", "-", dataset.lower()).strip("-")[:40].rstrip("-")


def _target(given: float) -> float:
    if 0 <= given <= 1:
        return given
    hint = f": did you mean {given / 100:g}?" if 1 < given <= 100 else ""
    raise InvalidInput(f"`--target-accuracy` is {given:g} but an accuracy is between 0 and 1{hint}")


def _experiments(given: int | None) -> int:
    if given is None:
        return 20
    if 1 <= given <= 200:
        return given
    raise InvalidInput(f"`--max-iter` is {given} but a search takes 1 to 200 candidates")


def _announcement(goal: ResearchGoal) -> str:
    spec = goal.spec
    return (
        f"read as: {asked(goal)} on {spec.dataset.name}; at most "
        f"{spec.budget.experiments} candidates with {spec.seeds.explore} seeds each; "
        "a confirmation adds 4, 6, 9 or 12 fresh seeds"
    )


def slim(store: FolderDocuments, name: str) -> None:
    """Remove what can be made again: prepared data, and the weights of all but the best candidate."""
    goal = store.read(ResearchGoal, name)
    if goal is None:
        return
    store.keep_card(goal)
    status, artifacts = goal.status, store.artifacts
    best = {status.claim.experiment} if status.claim else {status.best.experiment} if status.best else set()
    kept = {each.metadata.name for each in experiments_of(store, goal)} & best
    with storage(store.folder.root):
        for folder in (store.folder.datasets, store.folder.work):
            shutil.rmtree(folder, ignore_errors=True)
        for path in artifacts.path(f"{owner_prefix(goal)}/runs").glob("*/s*/a*/*"):
            experiment = path.parts[-4].rpartition("-")[0]  # runs/<experiment>-<hash>/s<seed>/a<attempt>-…
            if path.name in BULKY and experiment not in kept:
                path.unlink()
