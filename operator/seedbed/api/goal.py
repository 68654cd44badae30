"""`ResearchGoal`: what is asked, within which budget, and what became of it."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from seedbed.api.common import Condition, Count, Duration, Memory, Metadata, Model, Name, Seconds
from seedbed.api.dataset import Dataset
from seedbed.api.integrity import Integrity, IntegritySpec
from seedbed_runner.contract.metrics import METRICS, Direction, Metric

MAX_EXPERIMENTS = 200
MAX_SEEDS = 100


def known_metric(name: str) -> str:
    """The name of a metric.

    Raises:
        ValueError: there is no such metric.
    """
    if name not in METRICS:
        raise ValueError(f"{name!r} is no metric; there are: {', '.join(METRICS)}")
    return name


MetricName = Annotated[
    str, Field(max_length=64, json_schema_extra={"enum": list(METRICS)}), AfterValidator(known_metric)
]
PriorSd = Annotated[
    float,
    Field(gt=0, le=1, description="Standard deviation over seeds that is assumed until enough runs tell it."),
]


def _within_bounds(metric: Metric, target: float) -> None:
    low, high = sorted((metric.worst, metric.bound))
    if not low <= target <= high:
        hint = f"; did you mean {target / 100:g}?" if high == 1 and 10 <= target <= 100 else ""
        raise ValueError(f"`target` is {target:g} but {metric.name} must be in [{low:g}, {high:g}]{hint}")


class Target(Model):
    """A further metric that must reach a target of its own, at the same look."""

    metric: MetricName
    target: float
    prior_sd: PriorSd = 0.01

    @model_validator(mode="after")
    def _reachable(self) -> "Target":
        _within_bounds(METRICS[self.metric], self.target)
        return self


class Improvement(Model):
    """How much better than a baseline, an Experiment on the same data with 10 test scores or more.

    Its scores are frozen when the search begins.
    """

    over: Name = Field(description="Name of the baseline, an Experiment with purpose Confirm.")
    by: Annotated[float, Field(ge=0, le=10)] = Field(
        description="Relative: 0.02 asks for 2 % more than the baseline's mean (2 % less for Minimize)."
    )


class Objective(Model):
    """What must be reached, and with which confidence it is claimed."""

    metric: MetricName = "accuracy"
    direction: Direction = "Maximize"
    target: float | None = Field(default=None, description="What the mean must reach; or `improvement`.")
    improvement: Improvement | None = None
    also: Annotated[list[Target], Field(max_length=3)] = Field(
        default_factory=list, description="Further targets: all must be reached at the same look."
    )
    confidence: Annotated[float, Field(ge=0.5, le=0.999)] = 0.95
    estimand: Literal["Benchmark", "Population"] = Field(
        default="Benchmark",
        description="Benchmark: the mean over training randomness on this split of the data. "
        "Population: the same on new items too, of which the test split is a sample.",
    )
    test: Literal["Mean", "Reliability"] = Field(
        default="Mean",
        description="Mean: the mean over seeds reaches the target. "
        "Reliability: a share of at least `rate` of all seeds does, each by itself.",
    )
    rate: Annotated[float, Field(ge=0.5, le=0.99)] = Field(
        default=0.9, description="Reliability: the share of seeds."
    )
    prior_sd: PriorSd = 0.01
    ceiling: float | None = Field(
        default=None, description="No model can be better than this (label noise): a mean beyond it blocks."
    )

    @property
    def plain(self) -> bool:
        """Whether it is one target of a mean on this split: what power is known of."""
        alone = not self.also and self.improvement is None
        return alone and self.test == "Mean" and self.estimand == "Benchmark"

    @model_validator(mode="after")
    def _makes_sense(self) -> "Objective":
        metric = METRICS[self.metric]
        if self.direction != metric.direction:
            raise ValueError(
                f"`direction` is {self.direction} but a better {metric.name} is "
                f"{'larger' if metric.direction == 'Maximize' else 'smaller'}: write {metric.direction}"
            )
        if (self.target is None) == (self.improvement is None):
            raise ValueError("give exactly one of target and improvement")
        if self.target is not None:
            _within_bounds(metric, self.target)
        names = [self.metric, *(each.metric for each in self.also)]
        if len(set(names)) < len(names):
            raise ValueError("`also` is to name further metrics, each once, and not that of the objective")
        self._compatible()
        return self

    def _compatible(self) -> None:
        """What has no test that is right."""
        if self.test == "Reliability" and self.estimand == "Population":
            raise ValueError(
                "`test` is Reliability, which speaks of seeds on this split: the estimand must be Benchmark"
            )
        if self.improvement is not None and (self.test == "Reliability" or self.estimand == "Population"):
            raise ValueError(
                "`improvement` is a difference of means on this split: write test: Mean, estimand: Benchmark"
            )
        self._below_the_ceiling()

    def _below_the_ceiling(self) -> None:
        if self.ceiling is None:
            return
        metric = METRICS[self.metric]
        if not metric.by_class:
            raise ValueError(
                f"`ceiling` is for metrics that count items, which {self.metric} does not: leave it out"
            )
        least = metric.worst if self.target is None else self.target
        if not least <= self.ceiling <= metric.bound:
            raise ValueError(
                f"`ceiling` is {self.ceiling:g} but no goal can be reached unless it is in "
                f"[{least:g}, {metric.bound:g}], from the target to the metric's bound"
            )


class Constraint(Model):
    """A bound on something other than the objective; a candidate that breaks it is not nominated."""

    metric: Literal["parameters"]
    max: Annotated[float, Field(gt=0)]


class Seeds(Model):
    """How many seeds: of an exploration, and at most of a confirmation (looks at 4, 6, 9 and 12).

    A confirmation of Reliability takes more: as many as must reach the target one after the other.
    """

    explore: Annotated[int, Field(ge=1, le=5)] = 2
    confirm: Annotated[int, Field(ge=4, le=MAX_SEEDS)] = 12
    root: Annotated[int, Field(ge=0, le=10**6)] = Field(
        default=0,
        description="Moves every seed of the goal: another root repeats the search with other luck.",
    )


class PlannerSpec(Model):
    """Who proposes the experiments."""

    type: Literal["Search", "LLM"] = "Search"
    provider: Name | None = None
    model: Annotated[str, Field(max_length=128)] | None = None
    tokens_per_proposal: Annotated[int, Field(ge=1)] = Field(
        default=16_000, description="LLM: tokens that are reserved before a proposal is asked for."
    )


class Budget(Model):
    """What may be spent. Reserved before it is spent; raising it continues a goal."""

    experiments: Annotated[int, Field(ge=1, le=MAX_EXPERIMENTS)] = Field(
        default=20, description="Explorations; confirmations don't count."
    )
    parallel: Annotated[int, Field(ge=1, le=32)] = Field(default=2, description="Experiments at once.")
    confirmations: Annotated[int, Field(ge=1, le=10)] = Field(
        default=5, description="Attempts to confirm; each spends a share of alpha."
    )
    failures: Annotated[int, Field(ge=1, le=MAX_EXPERIMENTS)] = Field(
        default=5, description="Failed experiments until the search ends."
    )
    gpu_hours: Annotated[float, Field(ge=0)] = Field(
        default=10.0, description="GPUs of a run times its running time, summed."
    )
    tokens: Annotated[int, Field(ge=0)] = Field(default=200_000, description="Tokens of the planning LLM.")
    deadline: Duration = Field(
        default="6h", description="Working time of the whole goal; pauses don't count."
    )


class Deadlines(Model):
    """Limits of one run."""

    start: Duration = Field(default="30m", description="Waiting to start.")
    run: Duration = Field(default="20m", description="Running.")


class Resources(Model):
    """What one run gets; capped by the profile."""

    gpus: Annotated[int, Field(ge=0, le=1)] = 0
    cpu: Annotated[float, Field(gt=0, le=256)] = 1.0
    memory: Memory = "2Gi"


class ArtifactsSpec(Model):
    """Where results are kept: a store that the cluster's admin owns (a folder on a laptop)."""

    store: Name = "default"


class GoalSpec(Model):
    """What is asked."""

    goal: Annotated[str, Field(min_length=1, max_length=2000)] = Field(
        description="For people and the planner. What is enforced is in the other fields."
    )
    dataset: Dataset
    objective: Objective
    constraints: Annotated[list[Constraint], Field(max_length=8)] = Field(default_factory=list)
    seeds: Seeds = Seeds()
    planner: PlannerSpec = PlannerSpec()
    integrity: IntegritySpec = IntegritySpec()
    budget: Budget = Budget()
    deadlines: Deadlines = Deadlines()
    resources: Resources = Resources()
    profile: Name = "default"
    artifacts: ArtifactsSpec = ArtifactsSpec()
    approval: Literal["Automatic", "Manual"] = "Automatic"
    suspend: bool = False
    ttl_after_finished: Duration | None = None

    @model_validator(mode="after")
    def _few_seeds(self) -> "GoalSpec":
        if self.objective.test == "Mean" and self.seeds.confirm > 12:
            raise ValueError(
                f"`seeds.confirm` is {self.seeds.confirm} but a mean is looked at with 12 seeds at most: "
                "write 4 to 12"
            )
        return self


Outcome = Literal[
    "Dropped", "NotNominated", "Failed", "SeedMissing", "ConstraintBroken", "Blocked", "ConfirmationFailed",
    "Confirmed",
]  # fmt: skip


class ExperimentLine(Model):
    """One settled experiment, kept on the goal so that an Experiment deleted by hand loses nothing.

    `scores` are the exploration's validation scores in the order of their seeds; `diverged` counts those at
    chance; `runs` and `gpu_seconds` are what the whole experiment spent.
    """

    index: Annotated[int, Field(ge=1, le=MAX_EXPERIMENTS)]
    name: Name
    outcome: Outcome
    reason: Annotated[str, Field(max_length=64)] | None = None
    message: Annotated[str, Field(max_length=240)] | None = None
    scores: Annotated[list[float], Field(max_length=5)] = Field(default_factory=list)
    also: dict[str, list[float]] = Field(
        default_factory=dict, description="The same for each further metric of the objective."
    )
    diverged: Annotated[list[bool], Field(max_length=5)] = Field(default_factory=list)
    merit: float | None = Field(
        default=None,
        description="How far the mean is beyond its target, in prior standard deviations: of several "
        "targets the least. Candidates are ranked by it.",
    )
    mean: float | None = None
    sd: float | None = None
    n: Count = 0
    parameters: Count | None = None
    runs: Count = 0
    seconds: Seconds = 0.0
    gpu_seconds: Seconds = 0.0
    tokens: Count = 0


class Looked(Model):
    """One target at one look: means and bounds in the metric's unit, larger statistics are better."""

    mean: float
    sd: float
    statistic: float
    critical: float
    bound: float


class OtherLook(Looked):
    """A further target at a look, and whether it passed."""

    metric: str
    passed: bool


class Look(Looked):
    """One look of a confirmation, at the first `n` seeds in the order of their index.

    `decision` is that of all targets together.
    """

    n: Count
    also: Annotated[list[OtherLook], Field(max_length=3)] = Field(default_factory=list)
    decision: Literal["Achieved", "Futile", "Continue", "NotReached"]


class Reliability(Model):
    """How an attempt at a reliability stands: so many seeds in a row, of those that must be.

    `bound` is the share of seeds that all of them would show; `worst` is the worst score so far.
    """

    needed: Count
    passed: Count
    used: Count
    worst: float | None = None
    bound: float
    decision: Literal["Achieved", "Failed", "Continue"]


class Attempt(Model):
    """One confirmation: a frozen candidate on fresh seeds and the sealed test split."""

    attempt: Annotated[int, Field(ge=1, le=10)]
    index: Annotated[int, Field(ge=1, le=MAX_EXPERIMENTS)]
    experiment: Name
    alpha: float
    target: float
    last_chance: bool = False
    outcome: Literal["Open", "Achieved", "Failed", "SeedMissing", "Interrupted"] = "Open"
    reason: Annotated[str, Field(max_length=64)] | None = None
    message: Annotated[str, Field(max_length=240)] | None = None
    looks: Annotated[list[Look], Field(max_length=4)] = Field(default_factory=list)
    reliability: Reliability | None = None
    scores: Annotated[list[float], Field(max_length=MAX_SEEDS)] = Field(default_factory=list)
    diverged: Count = 0
    runs: Count = 0
    seconds: Seconds = 0.0
    gpu_seconds: Seconds = 0.0


class Best(Model):
    """The best candidate so far by its exploration: not corrected for selection."""

    index: Count
    experiment: Name
    mean: float
    sd: float | None = None
    n: Count
    low: float | None = None
    high: float | None = None


class Counts(Model):
    """How many of what; explorations by outcome, runs over everything that settled."""

    experiments: Count = 0
    dropped: Count = 0
    failed: Count = 0
    confirmations: Count = 0
    runs: Count = 0


class Spending(Model):
    """A part of the budget, spent or reserved."""

    experiments: Count = 0
    confirmations: Count = 0
    failures: Count = 0
    gpu_hours: Seconds = 0.0
    tokens: Count = 0


class BudgetStatus(Model):
    """What is spent, and what is set aside for work that has begun or must stay possible."""

    used: Spending = Spending()
    reserved: Spending = Spending()


class OtherClaim(Model):
    """A further target that was reached at the same look."""

    metric: str
    target: float
    mean: float
    sd: float
    bound: float


class Claim(Model):
    """The statement that the goal is reached, with its evidence (STATISTICS section 2.7)."""

    statement: Annotated[str, Field(max_length=1024)]
    estimand: str
    test: Literal["Mean", "Reliability"] = "Mean"
    metric: str
    target: float
    attempt: Count
    experiment: Name
    index: Count
    n: Count
    mean: float
    sd: float
    bound: float = Field(
        description="The bound that decided: on the mean (an upper one for Minimize), or for Reliability on "
        "the share of seeds that reach the target."
    )
    low: float | None = Field(
        default=None, description="The repeated confidence interval's lower end; none for Reliability."
    )
    high: float | None = None
    also: Annotated[list[OtherClaim], Field(max_length=3)] = Field(default_factory=list)
    alpha: float = Field(description="Spent on this attempt.")
    alpha_spent: float = Field(description="Spent on all attempts so far.")
    confidence: float
    diverged: Count
    divergence_bound: float = Field(description="Upper bound on the rate of diverged seeds.")
    validation_mean: float
    gap: float = Field(description="Mean on validation less mean on test, of the same candidate.")
    assurance: str


class Verdict(Model):
    """How the goal ended. NotAchieved means not shown, never impossible."""

    verdict: Literal["Achieved", "NotAchieved", "Inconclusive"]
    reason: Annotated[str, Field(max_length=64)]
    message: Annotated[str, Field(max_length=1024)]


class Decision(Model):
    """One of the last few decisions, for people."""

    time: str
    message: Annotated[str, Field(max_length=240)]


class DatasetStatus(Model):
    """The prepared dataset that this goal is decided on."""

    key: str
    data_hash: str
    source_hash: str
    sizes: dict[str, int]
    chance: float
    baselines: dict[str, float] = Field(
        default_factory=dict, description="The objective's metric on validation."
    )
    overlap: dict[str, int] = Field(
        default_factory=dict, description="Rows of a split that an earlier split holds too."
    )


class BaselineStatus(Model):
    """The frozen baseline of a goal that asks for an improvement, and the target that follows from it."""

    experiment: Name
    uid: str
    scores: Annotated[list[float], Field(max_length=MAX_SEEDS)]
    n: Count
    mean: float
    sd: float
    target: float


Phase = Literal[
    "Pending", "Preparing", "Searching", "Confirming", "Suspended", "Achieved", "NotAchieved", "Inconclusive",
    "Refused", "Failed",
]  # fmt: skip
FINISHED = frozenset({"Achieved", "NotAchieved", "Inconclusive", "Refused", "Failed"})


class GoalStatus(Model):
    """What became of a goal so far."""

    phase: Phase = "Pending"
    observed_generation: int = 0
    conditions: Annotated[list[Condition], Field(max_length=8)] = Field(default_factory=list)
    start_time: str | None = None
    finish_time: str | None = None
    paused_since: str | None = None
    paused_seconds: Seconds = 0.0
    dataset: DatasetStatus | None = None
    baseline: BaselineStatus | None = None
    open: dict[str, int] = Field(
        default_factory=dict, description="How many of an experiment's seeds, in their order, may run."
    )
    experiments: Annotated[list[ExperimentLine], Field(max_length=MAX_EXPERIMENTS)] = Field(
        default_factory=list
    )
    attempts: Annotated[list[Attempt], Field(max_length=10)] = Field(default_factory=list)
    integrity: Annotated[list[Integrity], Field(max_length=15)] = Field(default_factory=list)
    best: Best | None = None
    counts: Counts = Counts()
    budget: BudgetStatus = BudgetStatus()
    claim: Claim | None = None
    verdict: Verdict | None = None
    decisions: Annotated[list[Decision], Field(max_length=8)] = Field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Nothing is left to decide, unless a budget is raised."""
        return self.phase in FINISHED


class GoalMetadata(Metadata):
    """Metadata of a goal: 40 characters, so that the names made of it fit 63."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", min_length=1, max_length=40)]


class ResearchGoal(Model):
    """What is asked, and what became of it."""

    api_version: Literal["seedbed.dev/v1alpha1"] = "seedbed.dev/v1alpha1"
    kind: Literal["ResearchGoal"] = "ResearchGoal"
    metadata: GoalMetadata
    spec: GoalSpec
    status: GoalStatus = GoalStatus()

    @property
    def target(self) -> float | None:
        """What the metric must reach; None while the baseline that it follows from is not known."""
        baseline = self.status.baseline
        return baseline.target if baseline is not None else self.spec.objective.target
