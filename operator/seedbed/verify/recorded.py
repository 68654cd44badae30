"""The recorded runs of a place: what a store holds of them, and what their Experiments say of them, if known.

Where a record lies says whose it is (`<root>/<namespace>/<owner>/runs/<experiment>-<hash>/s<seed>`), and so
where the prepared data are: nothing but the store is needed to find everything.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from seedbed.api import Experiment
from seedbed.engine.naming import run_prefix
from seedbed.verify.records import RESULT, Records
from seedbed_runner.contract.records import InvalidRecord, RunResult
from seedbed_runner.contract.stores import full_key

_PLACE = re.compile(
    r"^(?:(?P<root>.*)/)?(?P<uid>(?P<namespace>[^/]+)/(?P<owner>[^/]+)/runs/"
    r"(?P<experiment>[^/]+)-[0-9a-f]{8}/s(?P<seed>\d+))$"
)


@dataclass(frozen=True)
class Recorded:
    """One run of a store.

    Attributes:
        place: key of the run's folder.
        root: what comes before the namespace in it.
        uid: what comes after the root: the record must name it as its `run_uid`.
        owner: folder of the goal, or of an Experiment that stands alone: its name and its UID.
        data: bytes of the record; None: an Experiment tells of a run whose record is gone.
        stated: the score in the Experiment's status, if that is known.
    """

    place: str
    root: str
    uid: str
    namespace: str
    owner: str
    experiment: str
    seed: int
    data: bytes | None
    stated: float | None = None

    @cached_property
    def record(self) -> RunResult | None:
        """The record, if it can be read."""
        try:
            return RunResult.from_json(self.data) if self.data is not None else None
        except InvalidRecord:
            return None


def recorded_runs(records: Records, place: str) -> list[Recorded]:
    """Every record below a place, by experiment and seed."""
    places = [key.removesuffix(f"/{RESULT}") for key in records.results(place)]
    return _sorted(_at(each, records.read(f"{each}/{RESULT}")) for each in places if _PLACE.match(each))


def with_experiments(
    runs: Sequence[Recorded], experiments: Sequence[Experiment], root: str
) -> list[Recorded]:
    """The same with what Experiments say of their runs, and with the runs whose records are gone."""
    stated = {
        full_key(root, run_prefix(experiment, run.seed)): run.score
        for experiment in experiments
        for run in experiment.status.runs
        if run.phase in ("Scored", "Failed")
    }
    there = {run.place for run in runs}
    gone = [_at(place, None) for place in stated if place not in there]
    return _sorted(replace(run, stated=stated.get(run.place)) for run in (*runs, *gone))


def _at(place: str, data: bytes | None) -> Recorded:
    parts = _PLACE.match(place)
    assert parts is not None, place
    return Recorded(
        place=place,
        root=parts["root"] or "",
        uid=parts["uid"],
        namespace=parts["namespace"],
        owner=parts["owner"],
        experiment=parts["experiment"],
        seed=int(parts["seed"]),
        data=data,
    )


def _sorted(runs: Iterable[Recorded]) -> list[Recorded]:
    return sorted(runs, key=lambda run: (run.owner, run.experiment, run.seed))
