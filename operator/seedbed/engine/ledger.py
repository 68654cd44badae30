"""The test set's ledger: what is entered of each use of a test split, and under which key.

A use is one Experiment that is scored on a test split: an attempt of a goal, or somebody's own with `purpose:
Confirm`. Its entries say how many of its runs have begun (written before they start, since each may come to a
score), and how many were scored once none of them runs any more. What an entry says determines its key, and
it is written unless it is there: writers read nothing and wait for nobody, none can overwrite another's
entry, and one that died in between writes the same one again. No score is in it.

    <namespace>/ledger/<source hash>/<goal>-<uid>/<experiment>-<configuration>/004-begun.json
                                                                               004-scored-003.json
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from seedbed.api import Experiment, ExperimentStatus, ResearchGoal
from seedbed.api.dataset import DataSplit
from seedbed.api.progress import DatasetStatus
from seedbed.engine.naming import configuration_hash, owner_prefix
from seedbed_runner.contract.records import Card, Record


@dataclass(frozen=True)
class Entry(Record):
    """One statement about one use of a test split.

    Attributes:
        source_hash: of the data before they were split.
        data_hash: of the data as they were split.
        dataset: its name in the manifest.
        split: how the data were split, in words.
        owner: name and UID of the goal, or of the Experiment that stands alone.
        goal: the goal's name; None for an Experiment that stands alone.
        experiment: the Experiment that is scored.
        attempt: number of the goal's attempt.
        configuration: hash of model, training and data.
        alpha: the attempt's share of α; 0 for an Experiment that stands alone.
        begun: how many of its runs have been started, each of which may come to a score.
        scored: how many of them did; None while some may be under way.
        at: when this was written, in seconds since the epoch.
    """

    source_hash: str
    data_hash: str
    dataset: str
    split: str
    owner: str
    goal: str | None
    experiment: str
    attempt: int | None
    configuration: str
    alpha: float
    begun: int
    scored: int | None
    at: float

    @property
    def use(self) -> str:
        """What it is about: `<owner>/<experiment>-<configuration>`."""
        return f"{self.owner}/{self.experiment}-{self.configuration[7:15]}"


def ledger_prefix(namespace: str, source_hash: str | None = None) -> str:
    """Where the entries about one source, or about all of them, are kept."""
    everything = f"{namespace}/ledger"
    return everything if source_hash is None else f"{everything}/{source_hash.removeprefix('sha256:')}"


def entry_key(namespace: str, entry: Entry) -> str:
    """Where an entry is kept; of one use the last key says most."""
    state = "begun" if entry.scored is None else f"scored-{entry.scored:03d}"
    return f"{ledger_prefix(namespace, entry.source_hash)}/{entry.use}/{entry.begun:03d}-{state}.json"


def telling(keys: Iterable[str]) -> list[str]:
    """Of each use the last key and the last one that says what was scored: the others say no more."""
    found = []
    for _, group in groupby(sorted(keys), key=lambda key: key.rpartition("/")[0]):
        of_use = list(group)
        scored = [key for key in of_use if "-scored-" in key.rpartition("/")[2]]
        found += sorted({of_use[-1], *scored[-1:]})
    return found


def begun(status: ExperimentStatus) -> int:
    """How many runs have been started, or were adopted from their records."""
    return sum(run.attempt > 0 for run in status.runs)


def build_entry(
    goal: ResearchGoal | None,
    experiment: Experiment,
    data: DatasetStatus | Card,
    status: ExperimentStatus,
    scored: int | None,
    now: float,
) -> Entry:
    """What is to be entered before `status` becomes the experiment's."""
    name, spec = experiment.metadata.name, experiment.spec
    attempts = goal.status.attempts if goal is not None else []
    return Entry(
        source_hash=data.source_hash,
        data_hash=data.data_hash,
        dataset=spec.dataset.name,
        split=split_in_words(spec.dataset.split),
        owner=owner_prefix(experiment).partition("/")[2],
        goal=spec.goal,
        experiment=name,
        attempt=spec.attempt,
        configuration=configuration_hash(experiment),
        alpha=next((each.alpha for each in attempts if each.experiment == name), 0.0),
        begun=begun(status),
        scored=scored,
        at=now,
    )


def split_in_words(split: DataSplit) -> str:
    """`seed 0, test 0.2, validation 0.2, stratified`."""
    shares = f"seed {split.seed}, test {split.test:g}, validation {split.validation:g}"
    return f"{shares}, {'' if split.stratify else 'not '}stratified"
