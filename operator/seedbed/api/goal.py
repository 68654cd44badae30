"""`ResearchGoal`: what is asked, and within which budget."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from seedbed.api.common import MAX_EXPERIMENTS, MAX_SEEDS, Duration, Memory, Metadata, Model, Name
from seedbed.api.dataset import Dataset
from seedbed.api.integrity import IntegritySpec
from seedbed.api.objective import Objective
from seedbed.api.progress import GoalStatus


class Constraint(Model):
    """A bound on something other than the objective.

    A candidate with more `parameters` is not nominated. The mean of `latency_ms` over the seeds of a
    confirmation is tested as a further target is, at the same looks.
    """

    metric: Literal["parameters", "latency_ms"] = Field(
        description="parameters: trainable ones. latency_ms: of one row by itself, in milliseconds."
    )
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
    """Who proposes the experiments; all but `type` is for LLM."""

    type: Literal["Search", "LLM"] = "Search"
    provider: Name = Field(default="default", description="A model server that the cluster's admin set up.")
    model: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="One of the provider's models; its first one if left out."
    )
    code: bool = Field(
        default=False,
        description="Let it write PyTorch code, not only layers. Such models run sealed in, or where "
        "unsealed code is allowed; without the seal no claim is made of them.",
    )
    fallback: Literal["Search", "None"] = Field(
        default="Search",
        description="Who proposes where the model gave no usable answer or the tokens are spent: the search "
        "planner, or nobody, which ends the search.",
    )
    tokens_per_call: Annotated[int, Field(ge=16_000, le=1_000_000)] = Field(
        default=24_000,
        description="The most that one call may cost, prompt and answer together; reserved before it.",
    )
    timeout: Duration = Field(default="5m", description="Of one call.")


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

    @property
    def latencies(self) -> list[Constraint]:
        """The bound on the latency, if there is one."""
        return [each for each in self.constraints if each.metric == "latency_ms"]

    @model_validator(mode="after")
    def _one_latency(self) -> "GoalSpec":
        if len(self.latencies) > 1:
            raise ValueError("`constraints` bounds latency_ms twice: keep the smaller bound")
        return self

    @model_validator(mode="after")
    def _few_seeds(self) -> "GoalSpec":
        if self.objective.test == "Mean" and self.seeds.confirm > 12:
            raise ValueError(
                f"`seeds.confirm` is {self.seeds.confirm} but a mean is looked at with 12 seeds at most: "
                "write 4 to 12"
            )
        return self


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
    def objective(self) -> Objective:
        """`spec.objective`; where it names no metric, by the data's own once the status says which."""
        asked, own = self.spec.objective, self.status.metric
        return asked if own is None else asked.by(own)

    @property
    def target(self) -> float | None:
        """What the metric must reach; None while the baseline that it follows from is not known."""
        baseline = self.status.baseline
        return baseline.target if baseline is not None else self.spec.objective.target
