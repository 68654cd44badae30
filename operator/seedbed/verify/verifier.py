"""Verifies recorded runs on this machine: check, train again, compare; several at a time.

Everything happens in a temporary folder of its own. The steps are the runner's, forked by a warm parent as
for any run; what is compared here are records and raw predictions, so that no label ever comes this way.
"""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from seedbed.api import Experiment
from seedbed.api.unsealed import MEANING
from seedbed.errors import LauncherFailed
from seedbed.local.machine import missing_seal
from seedbed.reconcile.requests import build_request
from seedbed.verify.data import PreparedData
from seedbed.verify.judging import judge
from seedbed.verify.outcome import Difference, Outcome, Verdict
from seedbed.verify.recorded import Recorded
from seedbed.verify.records import RESULT, Records
from seedbed.verify.steps import Steps
from seedbed_runner.contract.records import Assurance, InvalidRecord, RunRequest, RunResult
from seedbed_runner.contract.verification import CHECK, RECORDED, Check, Finding, Subject

REQUEST, PREDICTIONS = "request.json", "predictions.bin"
_FILES = (REQUEST, PREDICTIONS, "weights.safetensors")


class Verifier:
    """Verifies runs of one store."""

    def __init__(
        self,
        records: Records,
        experiments: Sequence[Experiment],
        others: Sequence[Recorded],
        temporary: Path,
        at_once: int,
        allow_unsealed: bool = False,
    ) -> None:
        """Starts nothing yet.

        Args:
            records: the store.
            experiments: those that are still there: they know what a record without a request was asked.
            others: all records of the same goals: the spread between seeds is estimated from them.
            temporary: an empty folder.
            at_once: how many runs to train at a time.
            allow_unsealed: whether code that a model is made of may run where it can't be sealed in.
        """
        self._allow_unsealed = allow_unsealed
        self._experiments = {each.metadata.name: each for each in experiments}
        self._records, self._others, self._temporary, self._at_once = records, others, temporary, at_once
        self._data = PreparedData(records, self._experiments, temporary / "datasets")

    async def verify(self, runs: Sequence[Recorded], told: Callable[[Outcome], None]) -> list[Outcome]:
        """The outcomes in the order of `runs`; `told` hears of each as it comes."""
        self._steps = Steps(self._at_once)
        try:
            await self._steps.open()
            return list(await asyncio.gather(*(self._tell(run, told) for run in runs)))
        except LauncherFailed as error:  # torch is missing: that is an answer
            return [_ends(run, "CannotRun", Finding("version", str(error))) for run in runs]
        finally:
            await self._steps.close()

    async def _tell(self, run: Recorded, told: Callable[[Outcome], None]) -> Outcome:
        work = self._temporary / run.uid.replace("/", ":")
        try:
            outcome = await self._verify(run, work)
        except LauncherFailed as error:
            outcome = _ends(run, "CannotRun", Finding("machine", str(error)))
        shutil.rmtree(work, ignore_errors=True)
        told(outcome)
        return outcome

    async def _verify(self, run: Recorded, work: Path) -> Outcome:
        if run.data is None:
            gone = f"{self._records.where(run.place)}/{RESULT} is gone"
            return _ends(run, "CannotRun", Finding("record", gone))
        if wrong := _where_it_lies(run):
            return _ends(run, "Different", *wrong)
        try:
            request = await asyncio.to_thread(self._bring, run, work)
        except InvalidRecord as error:
            subject: Subject = "request" if run.record else "record"
            return _ends(run, "Different", Finding(subject, str(error)))
        if request is None:
            said = f"there is no {REQUEST} beside its files, and its Experiment is not here"
            return _ends(run, "CannotRun", Finding("request", said))
        data = await self._data.of(run, request.dataset_key)
        check = await self._check(work, data.folder)
        remarks = (*check.remarks, *data.remarks)
        if check.different:
            return replace(_ends(run, "Different", *check.different), remarks=remarks)
        if check.missing:
            return replace(_ends(run, "CannotRun", *check.missing), remarks=remarks)
        if "source" in request.model and (refused := await asyncio.to_thread(self._refused)) is not None:
            return replace(_ends(run, "CannotRun", Finding("code", refused)), remarks=remarks)
        return replace(await self._again(run, request, work, data.folder), remarks=remarks)

    def _bring(self, run: Recorded, work: Path) -> RunRequest | None:
        """Copy what the store holds of the run into `work`; its request, if that is known.

        Raises:
            InvalidRecord: the record or the request is none.
        """
        record = RunResult.from_json(run.data or b"")
        recorded = work / RECORDED
        recorded.mkdir(parents=True)
        (recorded / RESULT).write_bytes(run.data or b"")
        for name in _FILES:
            self._records.bring(f"{run.place}/{record.artifacts}/{name}", recorded / name)
        kept = recorded / REQUEST
        if not kept.exists() and (experiment := self._experiments.get(run.experiment)) is not None:
            asked = build_request(experiment, run.seed, record.attempt, record.data_hash)
            kept.write_bytes(asked.to_json())
        return RunRequest.from_json(kept.read_bytes()) if kept.exists() else None

    def _refused(self) -> str | None:
        """Why code may not run here, in words; None if it may."""
        if self._allow_unsealed or (lacking := missing_seal()) is None:
            return None
        return (
            f"its model is code that this machine can't seal in ({lacking}): {MEANING}; if you accept that "
            "here, add `--allow-unsealed`"
        )

    async def _check(self, work: Path, prepared: Path) -> Check:
        if (trouble := await self._steps.carry_out("check", work, prepared, work)) is not None:
            return Check(missing=[Finding("machine", trouble)])
        return Check.from_json((work / CHECK).read_bytes())

    async def _again(self, run: Recorded, request: RunRequest, work: Path, prepared: Path) -> Outcome:
        """Train it again, score it, and compare."""
        folder, destination = work / "run", work / "kept"
        record = RunResult.from_json(run.data or b"")
        folder.mkdir()
        demand: Assurance = "none" if self._allow_unsealed else _demand(request)
        pinned = replace(_pinned(request, record), demand=demand, declared="")
        (folder / REQUEST).write_bytes(pinned.to_json())
        if (trouble := await self._steps.carry_out("run", folder, prepared, destination)) is not None:
            return _ends(run, "CannotRun", Finding("machine", trouble))
        again = RunResult.from_json((destination / RESULT).read_bytes())
        then, now = work / RECORDED / PREDICTIONS, destination / again.artifacts / PREDICTIONS
        others = [run.record for run in self._others if run.record is not None]
        return judge(record, again, _difference(then, now, record.items), others)


def _demand(request: RunRequest) -> Assurance:
    return "sealed" if "source" in request.model else "trusted-code"


def _ends(run: Recorded, verdict: Verdict, *findings: Finding) -> Outcome:
    score = run.record.score if run.record else None
    return Outcome(run.experiment, run.seed, verdict, findings, score=score)


def _where_it_lies(run: Recorded) -> list[Finding]:
    """The record is of the run in whose place it lies, and has the score that its Experiment tells of."""
    record, found = run.record, []
    if record is None:
        return []
    if record.run_uid != run.uid:
        found.append(Finding("record", f"{RESULT} is of the run {record.run_uid}, but lies in {run.uid}"))
    if "/" in record.artifacts or record.artifacts.startswith("."):
        found.append(Finding("record", f"{RESULT}: `artifacts` is {record.artifacts!r}, which is no folder"))
    if run.stated is not None and run.stated != record.score:
        said = f"{RESULT}: `score` is {record.score}, but its Experiment's status says {run.stated}"
        found.append(Finding("record", said))
    return found


def _pinned(request: RunRequest, record: RunResult) -> RunRequest:
    """The request, with `auto` replaced by the kind of device that it meant where the record was made."""
    if request.device != "auto" or record.outcome == "Failed":
        return request
    was_cpu = record.fingerprint.get("device", "cpu") == "cpu"
    return replace(request, device="cpu" if was_cpu else "cuda")


def _difference(then: Path, now: Path, items: int) -> Difference | None:
    """Of two buffers of logits (items × classes); None if one is not there."""
    if not (then.exists() and now.exists()):
        return None
    old, new = (np.fromfile(path, dtype="<f4").reshape(items, -1) for path in (then, now))
    otherwise = int((old.argmax(axis=1) != new.argmax(axis=1)).sum())
    return Difference(items, otherwise, float(np.abs(old - new).max()))
