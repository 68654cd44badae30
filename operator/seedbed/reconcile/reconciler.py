"""One reconcile per kind: take a name, read everything again, decide, act in the order of the decision.

Called by each world's own loop (a work queue on the cluster, the foreground process on a laptop). It keeps
nothing between calls: a crash at any point is repaired by the next one.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from seedbed.api import Experiment, ResearchGoal
from seedbed.engine.actions import (
    Ask,
    Confirm,
    Control,
    Decision,
    PatchExperiment,
    PatchGoal,
    PrepareDataset,
    Propose,
    RecordFailure,
    StartRun,
    StopRun,
)
from seedbed.engine.directive import directive_for
from seedbed.engine.experiment import ExperimentState, by_own_metric, decide_experiment
from seedbed.engine.goal import GoalState, decide_goal
from seedbed.engine.naming import configuration_hash, proposal_key, result_key, run_prefix
from seedbed.engine.observation import CallObservation, Preparation, RunObservation
from seedbed.errors import AlreadyExists, Conflict, StorageFailed
from seedbed.planning.contract import Proposal, ProposalRequest
from seedbed.reconcile.answered import answered_proposal
from seedbed.reconcile.entering import enter
from seedbed.reconcile.requests import build_experiment, build_proposal_request, build_request
from seedbed.reconcile.witness import NOBODY, Witness
from seedbed.world import World
from seedbed_runner.contract.records import Card, Failure, InvalidRecord, RunResult


class Reconciler:
    """Drives the resources of one world towards what the engine decides."""

    def __init__(
        self, world: World, clock: Callable[[], float] = time.time, witness: Witness = NOBODY
    ) -> None:
        self.world, self.clock, self.witness = world, clock, witness

    async def goal(self, name: str) -> float | None:
        """Reconcile a goal; when to look again at the latest.

        Raises:
            Conflict: the goal changed in between; call again.
            PlannerFailed: there is no usable proposal.
        """
        goal = await self.world.store.get(ResearchGoal, name)
        if goal is None:
            return None
        # 1. observe
        preparation = await self.world.launcher.observe_preparation(goal)
        experiments = await self.experiments_of(goal)
        baseline = await self._baseline(goal)
        call = await self._call(goal)
        # 2. decide
        decision = decide_goal(
            GoalState(goal, preparation, experiments, self.clock(), baseline, call, self.world.calls.holder)
        )
        # 3. act
        card = preparation.card
        requests = await self._requests(goal, decision, card)
        for action in decision.actions:
            if isinstance(action, PrepareDataset):
                await self.world.launcher.prepare(goal)
            elif isinstance(action, PatchGoal):
                goal = await self.world.store.patch_status(goal, action.status)
            elif isinstance(action, Ask):
                await self.world.calls.start(goal, requests[action])
            elif isinstance(action, Propose | Control | Confirm) and card is not None:
                await self._make_experiment(goal, action, card)
        return decision.look_again_at

    async def _requests(
        self, goal: ResearchGoal, decision: Decision, card: Card | None
    ) -> dict[Ask, ProposalRequest]:
        """What is to be asked of a model, made before it is claimed: tokens are set aside with the claim."""
        asks = [each for each in decision.actions if isinstance(each, Ask)]
        if not asks or card is None:
            return {}
        claims = next(each.status for each in decision.actions if isinstance(each, PatchGoal))
        claimed = goal.model_copy(update={"status": claims})
        return {each: await self._proposal_request(claimed, each, card) for each in asks}

    async def _call(self, goal: ResearchGoal) -> CallObservation | None:
        """The call to the planning LLM that is claimed, if there is one."""
        planning = goal.status.planning
        if planning is None or planning.state != "Asking" or goal.status.finished:
            return None
        return await self.world.calls.observe(goal)

    async def _baseline(self, goal: ResearchGoal) -> Experiment | None:
        """The Experiment that the goal asks for an improvement over, as long as it has to be looked at."""
        improvement = goal.spec.objective.improvement
        if improvement is None or goal.status.baseline is not None or goal.status.finished:
            return None
        return await self.world.store.get(Experiment, improvement.over)

    async def experiments_of(self, goal: ResearchGoal) -> dict[str, Experiment]:
        """The experiments that this very goal made, by name; those of a namesake before it are not."""
        found = await self.world.store.list_all(Experiment)
        uid = goal.metadata.uid
        return {e.metadata.name: e for e in found if any(o.uid == uid for o in e.metadata.owner_references)}

    async def experiment(self, name: str) -> float | None:
        """Reconcile an experiment; when to look again at the latest.

        Raises:
            Conflict: the experiment changed in between; call again.
            StorageFailed: a run's record can't be read.
        """
        experiment = await self.world.store.get(Experiment, name)
        if experiment is None:
            return None
        # 1. observe
        goal = (
            await self.world.store.get(ResearchGoal, experiment.spec.goal) if experiment.spec.goal else None
        )
        preparation = await self.world.launcher.observe_preparation(experiment)
        runs = await self.world.launcher.observe(experiment)
        self.witness.observed(experiment, runs)
        # Strictly after what was seen: a run that ended has left its record by then.
        read = _not_alive(experiment, runs)
        records = await self._records(experiment, read)
        # 2. decide
        directive = directive_for(goal, experiment)
        state = ExperimentState(experiment, directive, preparation, records, runs, self.clock())
        decision = decide_experiment(state)
        # Nothing is started or failed unread: beside a live attempt an earlier one may have left a record.
        concerned = {each.seed for each in decision.actions if isinstance(each, StartRun | RecordFailure)}
        if unread := concerned - set(read):
            records |= await self._records(experiment, sorted(unread))
            decision = decide_experiment(replace(state, records=records))
        # 3. act
        await self._act(goal, experiment, preparation, records, decision)
        return decision.look_again_at

    async def _act(
        self, goal: ResearchGoal | None, experiment: Experiment, preparation: Preparation,
        records: Mapping[int, RunResult], decision: Decision,
    ) -> None:  # fmt: skip
        for action in decision.actions:
            if isinstance(action, PrepareDataset):
                await self.world.launcher.prepare(experiment)
            elif isinstance(action, RecordFailure):
                await self._record_failure(by_own_metric(experiment, preparation.card), action)
            elif isinstance(action, StopRun):
                await self.world.launcher.stop(experiment, action.seed)
            elif isinstance(action, PatchExperiment):
                await self._enter(goal, experiment, preparation, action)
                experiment = await self.world.store.patch_status(experiment, action.status)
                ended = {run.seed for run in experiment.status.runs if run.ended}
                self.witness.recorded(experiment, {seed: records[seed] for seed in ended & records.keys()})
        if preparation.card is not None:
            # Strictly after the status that names the attempts; one that can't be started keeps none back.
            starts = [each for each in decision.actions if isinstance(each, StartRun)]
            judged = by_own_metric(experiment, preparation.card)
            await _all(self._start(judged, each, preparation.card) for each in starts)

    async def _enter(
        self, goal: ResearchGoal | None, experiment: Experiment, preparation: Preparation,
        change: PatchExperiment,
    ) -> None:  # fmt: skip
        """Have the test set's ledger say what the status is about to say."""
        artifacts, card = self.world.artifacts_of(experiment), preparation.card
        await enter(artifacts, goal, experiment, change.status, card, self._records, self.clock())

    async def _start(self, experiment: Experiment, start: StartRun, card: Card) -> None:
        data_hash = experiment.spec.data_hash or card.data_hash
        request = build_request(
            experiment, start.seed, start.attempt, data_hash, self.world.profile_of(experiment)
        )
        await self.world.launcher.start(experiment, request)

    async def _records(self, experiment: Experiment, seeds: Sequence[int]) -> dict[int, RunResult]:
        """The records that these runs have left."""
        artifacts = self.world.artifacts_of(experiment)
        keys = [result_key(experiment, seed) for seed in seeds]
        found = await asyncio.gather(*map(artifacts.get, keys))
        return {
            seed: _read_record(experiment, seed, key, data)
            for seed, key, data in zip(seeds, keys, found, strict=True)
            if data is not None
        }

    async def _record_failure(self, experiment: Experiment, action: RecordFailure) -> None:
        spec, now = experiment.spec, self.clock()
        result = RunResult(
            run_uid=run_prefix(experiment, action.seed),
            experiment=experiment.metadata.name,
            experiment_hash=configuration_hash(experiment),
            seed=action.seed,
            attempt=action.attempt,
            purpose=spec.purpose,
            split="test" if spec.purpose == "Confirm" else "validation",
            outcome="Failed",
            metric=spec.metric,
            data_hash=spec.data_hash or "",
            assurance="none",
            started_at=now,
            finished_at=now,
            failure=Failure(action.reason, action.message),
            train_seconds=action.seconds,
            image=spec.image,
        )
        if not await self.world.artifacts_of(experiment).put(
            result_key(experiment, action.seed), result.to_json()
        ):
            raise Conflict(f"seed {action.seed} of {experiment.metadata.name} was recorded in the meantime")

    async def _make_experiment(
        self, goal: ResearchGoal, action: Propose | Control | Confirm, card: Card
    ) -> None:
        if isinstance(action, Propose):
            proposal = await self._propose(goal, action, card)
        else:
            proposal = await self._stored_proposal(goal, action.index)
        experiment = build_experiment(goal, action, proposal, card, self.world.profile_of(goal))
        try:
            await self.world.store.create(experiment)
        except AlreadyExists as error:
            there = await self.world.store.get(Experiment, experiment.metadata.name)
            owners = there.metadata.owner_references if there else []
            if not any(owner.uid == goal.metadata.uid for owner in owners):
                raise AlreadyExists(
                    f"an Experiment named {experiment.metadata.name} is there that goal {goal.metadata.name} "
                    "did not make: delete it, or give the goal another name"
                ) from error

    async def _propose(self, goal: ResearchGoal, action: Propose, card: Card) -> Proposal:
        """The stored proposal, or a new one: stored before anything is made of it, the first one wins."""
        key = proposal_key(goal, action.index)
        artifacts = self.world.artifacts_of(goal)
        if await artifacts.get(key) is None:
            if action.search:
                request = await self._proposal_request(goal, action, card)
                proposal = await asyncio.to_thread(self.world.planner.propose, request)
            else:
                proposal = await answered_proposal(goal, action.index, artifacts)
            proposal = proposal.model_copy(update={"tokens": action.tokens})
            await artifacts.put(key, proposal.model_dump_json(by_alias=True, indent=1).encode())
        return await self._stored_proposal(goal, action.index)

    async def _proposal_request(
        self, goal: ResearchGoal, action: Ask | Propose, card: Card
    ) -> ProposalRequest:
        proposals = [await self._stored_proposal(goal, index) for index in range(1, action.index)]
        return build_proposal_request(goal, action.visible, card, proposals)

    async def _stored_proposal(self, goal: ResearchGoal, index: int) -> Proposal:
        key = proposal_key(goal, index)
        data = await self.world.artifacts_of(goal).get(key)
        if data is None:
            raise StorageFailed(
                f"proposal {index} of goal {goal.metadata.name} is missing: {key} was removed"
            )
        return Proposal.model_validate_json(data)


async def _all(work: Iterable[Awaitable[None]]) -> None:
    """Do all of it at once; what went wrong is raised when nothing of it is under way any more."""
    for outcome in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


def _not_alive(experiment: Experiment, runs: Mapping[int, RunObservation]) -> list[int]:
    """The runs that may have left a record unknown to the status; a live one has still to write it."""
    over = {run.seed for run in experiment.status.runs if run.ended}
    alive = {seed for seed, seen in runs.items() if seen.phase != "Ended"}
    return [seed for seed in experiment.spec.seeds if seed not in over | alive]


def _read_record(experiment: Experiment, seed: int, key: str, data: bytes) -> RunResult:
    try:
        result = RunResult.from_json(data)
    except InvalidRecord as error:
        raise StorageFailed(f"{key} is damaged: {error}; remove it to have the run made again") from error
    if (result.run_uid, result.experiment_hash, result.seed) != (
        run_prefix(experiment, seed), configuration_hash(experiment), seed,
    ):  # fmt: skip
        raise StorageFailed(
            f"{key} belongs to another run ({result.run_uid}); remove it to have this run made"
        )
    return result
