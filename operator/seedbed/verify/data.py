"""The prepared data of a recorded run: found in its store, or prepared again where it is known how."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname
from typing import Any

from seedbed.api import Experiment
from seedbed.local.preparing import prepare
from seedbed.verify.recorded import Recorded
from seedbed.verify.records import Records
from seedbed_runner.contract.hashing import dataset_key
from seedbed_runner.contract.records import Card, InvalidRecord
from seedbed_runner.contract.stores import dataset_prefix, full_key


@dataclass(frozen=True)
class Found:
    """A dataset's folder, which is not there if none was found; what is to be said of it, in sentences."""

    folder: Path
    remarks: tuple[str, ...] = ()


class PreparedData:
    """Prepared datasets, each brought to this machine once; the folder that they are copied to is given."""

    def __init__(self, records: Records, experiments: Mapping[str, Experiment], into: Path) -> None:
        self._records, self._experiments, self._into = records, experiments, into
        self._found: dict[tuple[str, str], asyncio.Task[Found]] = {}

    async def of(self, run: Recorded, key: str) -> Found:
        """The dataset with this key; its files are still to be checked."""
        place = (full_key(run.root, run.namespace), key)
        if place not in self._found:
            into = self._into / str(len(self._found))
            self._found[place] = asyncio.create_task(self._bring(run, key, into))
        return await self._found[place]

    async def _bring(self, run: Recorded, key: str, into: Path) -> Found:
        # A bucket has `<namespace>/datasets` beside the goals; a folder has `datasets` beside `artifacts`.
        in_bucket = full_key(run.root, dataset_prefix(run.namespace, key))
        for place in (in_bucket, full_key(dirname(run.root), f"datasets/{key}")):
            if (found := await asyncio.to_thread(self._records.prepared, place, into)) is not None:
                return Found(found)
        dataset = self._document(run, key)
        if dataset is None:
            return Found(into / key, (f"nothing here says how the data {key} were prepared",))
        return Found(into / key, (await _prepare(dataset, into),))

    def _document(self, run: Recorded, key: str) -> dict[str, Any] | None:
        """`spec.dataset` of these data: as the Experiment has it, or a card that outlived them."""
        if (experiment := self._experiments.get(run.experiment)) is not None:
            return experiment.spec.dataset.document()
        data = self._records.read(full_key(run.root, f"{run.namespace}/{run.owner}/card.json"))
        try:
            card = Card.from_json(data or b"")
        except InvalidRecord:
            return None
        return card.dataset if dataset_key(card.dataset) == key else None


async def _prepare(dataset: dict[str, Any], into: Path) -> str:
    """Prepare a dataset; how that went, in a sentence."""
    problem = await prepare(dataset, into)
    if problem is None:
        return "its prepared data were gone: they were prepared again"
    return f"its data can't be prepared again: {problem}"
