"""`status` of a goal: what became of it so far, and the evidence that its verdict rests on."""

from typing import Annotated, Literal

from pydantic import Field

from seedbed.api.common import (
    MAX_EXPERIMENTS,
    MAX_SEEDS,
    Condition,
    Count,
    InShort,
    Model,
    Name,
    Seconds,
)
from seedbed.api.integrity import Integrity
from seedbed.api.objective import MetricName

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
    assurance: Annotated[str, Field(max_length=32)] | None = Field(
        default=None, description="The weakest of its runs, where the model is code; else its code is ours."
    )
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
    also: Annotated[list[OtherLook], Field(max_length=4)] = Field(default_factory=list)
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
    assurance: Annotated[str, Field(max_length=32)] | None = None
    in_short: InShort = None


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
    also: Annotated[list[OtherClaim], Field(max_length=4)] = Field(default_factory=list)
    alpha: float = Field(description="Spent on this attempt.")
    alpha_spent: float = Field(description="Spent on all attempts so far.")
    confidence: float
    diverged: Count
    divergence_bound: float = Field(description="Upper bound on the rate of diverged seeds.")
    validation_mean: float
    gap: float = Field(description="Mean on validation less mean on test, of the same candidate.")
    assurance: str
    in_short: InShort = None


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


class Planning(Model):
    """The planning LLM's work on a proposal: each call is claimed here before it is made, and made once.

    `through` is the last proposal that is there, or in the answer of the call; `index` the one that was asked
    for. `Asking`: a call is under way. `Waiting`: another one follows at `retryAt`. `Proposed`: its answer
    holds the proposals from `index` to `through`. `Fallback`: the search planner proposes `index`. `Stopped`:
    the model has nothing more to try. `Ended`: there is no usable answer, and nobody else to ask.
    """

    index: Annotated[int, Field(ge=1, le=MAX_EXPERIMENTS)]
    call: Annotated[int, Field(ge=1)] = Field(default=1, description="Calls for it, this one counted.")
    turn: Literal["First", "Repair"] = "First"
    state: Literal["Asking", "Waiting", "Proposed", "Fallback", "Stopped", "Ended"] = "Asking"
    batch: Annotated[int, Field(ge=1, le=32)] = Field(default=1, description="How many it may propose.")
    through: Count = 0
    holder: Annotated[str, Field(max_length=253)] | None = Field(default=None, description="Who calls.")
    expires: str | None = Field(default=None, description="When the call is lost without an answer.")
    reserved: Count = Field(default=0, description="Tokens set aside for the call under way.")
    tokens: Count = Field(default=0, description="What the calls for `index` have cost.")
    failures: Count = Field(default=0, description="Calls for `index` in a row that brought no answer.")
    retry_at: str | None = None
    capability: dict[str, str] = Field(
        default_factory=dict, description="What the server turned out to be able to do."
    )
    reason: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="Why the last answer could not be used, or none came."
    )
    message: Annotated[str, Field(max_length=400)] | None = None


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
    metric: MetricName | None = Field(
        default=None, description="What is judged: the metric that the goal names, or else the data's own."
    )
    dataset: DatasetStatus | None = None
    baseline: BaselineStatus | None = None
    open: dict[str, int] = Field(
        default_factory=dict, description="How many of an experiment's seeds, in their order, may run."
    )
    experiments: Annotated[list[ExperimentLine], Field(max_length=MAX_EXPERIMENTS)] = Field(
        default_factory=list
    )
    attempts: Annotated[list[Attempt], Field(max_length=10)] = Field(default_factory=list)
    integrity: Annotated[list[Integrity], Field(max_length=16)] = Field(default_factory=list)
    planning: Planning | None = None
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
