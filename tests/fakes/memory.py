"""A world in memory, as cruel as a test wants it: runs end in any order, the controller dies anywhere.

Scores come from a function of (experiment's quality, seed), so that what ought to be independent of timing
can be told from what is. `Crash` is raised between two actions when the world's patience is over; everything
that the store, the artifacts and the launcher hold outlives it (runs under way do not, if the test says so).
"""

import hashlib
import random
from dataclasses import dataclass, field

from fakes.asking import NoCalls, PlayedModel
from seedbed.api import Experiment, ResearchGoal
from seedbed.api.training import ModelSpec, Training
from seedbed.engine.naming import result_key
from seedbed.engine.observation import Preparation, RunObservation
from seedbed.errors import AlreadyExists, Conflict, NotFound
from seedbed.planning.contract import Proposal
from seedbed.world import Profile, World
from seedbed_runner.contract.records import Card, Failure, RunResult

HASH = "sha256:" + "0" * 64


class Crash(BaseException):
    """The controller was killed."""


def card(test=1000, validation=1000, **update):
    values = dict(
        key="0123456789abcdef", name="digits", title="Digits", kind="tabular", input_shape=[4], classes=2,
        sizes={"train": 1000, "validation": validation, "test": test}, chance=0.5, imbalance=1.0,
        baselines={
            "majority": {"accuracy": 0.5, "balanced_accuracy": 0.5, "f1_macro": 0.3, "log_loss": 0.69},
            "linear": {"accuracy": 0.8, "f1_macro": 0.8, "log_loss": 0.4},
        },
        duplicates_removed=0,
        source_hash=HASH, data_hash=HASH, leakable=False, versions={},
    )  # fmt: skip
    return Card(**(values | update))


def goal(name="g", **spec):
    body = {"goal": "a test", "dataset": {"name": "digits"}, "objective": {"target": 0.9}} | spec
    body["objective"] = {"metric": "accuracy"} | body["objective"]
    return ResearchGoal.model_validate(
        {
            "apiVersion": "seedbed.dev/v1alpha1",
            "kind": "ResearchGoal",
            "metadata": {"name": name},
            "spec": body,
        }
    )


def gauss(*key):
    """A standard normal number that depends on the key alone."""
    digest = hashlib.sha256(repr(key).encode()).digest()
    return random.Random(int.from_bytes(digest[:8], "big")).gauss(0, 1)


@dataclass
class MemoryStore:
    resources: dict = field(default_factory=dict)
    version: int = 0
    patches: int = 0

    def _put(self, resource, **metadata):
        self.version += 1
        meta = resource.metadata.model_copy(update={"resource_version": str(self.version), **metadata})
        stored = resource.model_copy(update={"metadata": meta})
        self.resources[type(resource), meta.name] = stored
        return stored

    async def get(self, kind, name):
        return self.resources.get((kind, name))

    async def list_all(self, kind):
        return [r for (k, _), r in sorted(self.resources.items(), key=lambda item: item[0][1]) if k is kind]

    async def create(self, resource):
        if (type(resource), resource.metadata.name) in self.resources:
            raise AlreadyExists(resource.metadata.name)
        return self._put(resource, uid=f"uid-{resource.metadata.name}")

    async def patch_status(self, resource, status):
        there = self.resources.get((type(resource), resource.metadata.name))
        if there is None:
            raise NotFound(resource.metadata.name)
        if there.metadata.resource_version != resource.metadata.resource_version:
            raise Conflict(resource.metadata.name)
        self.patches += 1
        checked = type(status).model_validate(status.model_dump(mode="json", by_alias=True))
        assert checked == status, "a status must survive its own document"
        return self._put(there.model_copy(update={"status": status}))

    def change_spec(self, kind, name, **update):
        there = self.resources[kind, name]
        spec = there.spec.model_copy(update=update)
        self._put(there.model_copy(update={"spec": spec}), generation=there.metadata.generation + 1)

    def delete(self, kind, name):
        self.resources.pop((kind, name), None)


@dataclass
class MemoryArtifacts:
    data: dict = field(default_factory=dict)

    async def get(self, key):
        return self.data.get(key)

    async def put(self, key, data):
        return self.data.setdefault(key, data) is data


class MemoryPlanner:
    """Proposal k's quality depends on the history that it sees: another history, another search."""

    def __init__(self, quality=lambda request, noise: 0.88 + 0.01 * request.index + 0.02 * noise):
        self.quality = quality
        self.calls = []

    def propose(self, request):
        self.calls.append(request.index)
        seen = tuple((tried.line.outcome, tried.line.mean) for tried in request.history)
        quality = self.quality(request, gauss("proposal", request.index, seen))
        return Proposal(
            hypothesis=f"quality {quality:.6f}",
            model=ModelSpec(layers=[{"type": "Linear", "out_features": "classes"}]),
            training=Training(),
            memo={"quality": quality},
        )


class MemoryLauncher:
    """Runs that end when the test says so. `fate(experiment, seed, attempt)` may fail one.

    `also` says by how much another metric's score exceeds the first one's; `item_variance` is of all.
    `latency(seed)` is in milliseconds, `processor(seed)` what the run was on.
    """

    def __init__(
        self, artifacts, card=None, sd=0.01, fate=None, parameters=100, assurance="trusted-code", also=None,
        item_variance=0.1, latency=None, processor=lambda seed: "a CPU",
    ):  # fmt: skip
        self.artifacts, self.card, self.sd = artifacts, card or globals()["card"](), sd
        self.also, self.item_variance = also or {}, item_variance
        self.fate = fate or (lambda experiment, seed, attempt: None)
        self.parameters, self.assurance = parameters, assurance
        self.assurance_of_code = "none"
        self.latency, self.processor = latency, processor
        self.prepared = False
        self.live, self.ended, self.trained = {}, {}, []

    async def prepare(self, resource):
        self.prepared = True

    async def observe_preparation(self, resource):
        return Preparation("Ready", self.card) if self.prepared else Preparation("Absent")

    async def start(self, experiment, request):
        key = (experiment.metadata.name, request.seed)
        if key not in self.live:
            self.live[key] = (experiment, request)

    async def stop(self, experiment, seed):
        self.live.pop((experiment.metadata.name, seed), None)

    async def observe(self, experiment):
        name = experiment.metadata.name
        seen = {
            s: RunObservation(r.attempt, "Running", since=self.clock())
            for (n, s), (_, r) in self.live.items()
            if n == name
        }
        return {s: o for (n, s), o in self.ended.items() if n == name and s not in seen} | seen

    def score(self, experiment, seed):
        quality = float(experiment.spec.hypothesis.split()[1])
        return quality + self.sd * gauss("run", experiment.spec.index, experiment.spec.purpose, seed)

    def control_score(self, experiment, seed):
        """At chance: every candidate is honest unless a test says otherwise."""
        return self.card.chance - abs(self.sd * gauss("control", experiment.spec.index, seed))

    def end(self, key):
        """One run under way comes to its end."""
        experiment, request = self.live.pop(key)
        result_at = result_key(experiment, request.seed)
        fate = self.fate(experiment, request.seed, request.attempt)
        if fate in ("Infrastructure", "Model"):
            self.ended[key] = RunObservation(request.attempt, "Ended", failure=fate, reason=f"{fate}Trouble")
            return
        self.trained.append((experiment.metadata.name, request.seed))
        failed = Failure("Crash", "it broke") if fate == "Crash" else None
        diverged = fate == "Diverged"
        scored = self.control_score if request.purpose == "Control" else self.score
        score = None if failed else 0.5 if diverged else scored(experiment, request.seed)
        also = {} if score is None else {name: score + more for name, more in self.also.items()}
        assurance = self.assurance_of_code if "source" in request.model else self.assurance
        result = RunResult(
            run_uid=request.run_uid, experiment=request.experiment, experiment_hash=request.experiment_hash,
            seed=request.seed, attempt=request.attempt, purpose=request.purpose, split=request.split,
            outcome="Failed" if failed else "Scored", metric=request.metric, data_hash=request.data_hash,
            assurance=assurance, started_at=self.clock() - 1.0, finished_at=self.clock(), score=score,
            metrics={} if failed else {request.metric: score} | also, items=self.card.sizes[request.split],
            failure=failed, diverged=diverged, parameters=self.parameters, train_seconds=1.0,
            artifacts=f"a{request.attempt}",
            repredicted=request.purpose == "Confirm" and "source" in request.model,
            fingerprint={"device": "cpu", "cpu": self.processor(request.seed)},
            latency_ms=self.latency(request.seed) if request.latency and not failed else None,
            item_variances=dict.fromkeys((request.metric, *self.also), self.item_variance),
        )  # fmt: skip
        assert result_at not in self.artifacts.data, "a recorded run was trained again"
        self.artifacts.data[result_at] = result.to_json()
        self.ended[key] = RunObservation(request.attempt, "Ended")


class MemoryWorld:
    """Store, artifacts, launcher, planner and a clock, with a driver that interleaves at random."""

    def __init__(self, goal, planner=None, answer=None, **launcher):
        self.store, self.artifacts = MemoryStore(), MemoryArtifacts()
        self.launcher = MemoryLauncher(self.artifacts, **launcher)
        self.launcher.clock = self.clock
        self.planner = planner or MemoryPlanner()
        self.store._put(goal, uid="uid-goal")
        self.calls = PlayedModel(self.artifacts, self.clock, answer) if answer else NoCalls()
        self.name = goal.metadata.name
        self.now = 1_000_000.0

    def clock(self):
        return self.now

    @property
    def world(self):
        return World(
            self.store,
            self.launcher,
            self.planner,
            self.calls,
            lambda resource: self.artifacts,
            lambda resource: Profile(),
        )

    @property
    def goal(self):
        return self.store.resources[ResearchGoal, self.name]

    def experiments(self):
        return [
            r
            for (kind, _), r in sorted(self.store.resources.items(), key=lambda i: i[0][1])
            if kind is Experiment
        ]
