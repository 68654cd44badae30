"""`Experiment`: one configuration, immutable, and its runs, one a seed."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from seedbed.api.common import MAX_SEEDS, Condition, Count, InShort, Metadata, Model, Name, Seconds
from seedbed.api.dataset import Dataset
from seedbed.api.goal import ArtifactsSpec, Deadlines, Resources
from seedbed.api.objective import MetricName, required
from seedbed.api.training import ModelSpec, Training

Seed = Annotated[int, Field(ge=0, le=2**53 - 1)]


class ExperimentSpec(Model):
    """One configuration and the seeds to run it with; everything that is needed to run it again.

    `goal`, `index` and `attempt` are set when a goal made it; people may apply an Experiment by itself.
    """

    goal: Name | None = None
    index: Annotated[int, Field(ge=1, le=200)] | None = Field(
        default=None, description="The proposal's number."
    )
    attempt: Annotated[int, Field(ge=1, le=10)] | None = Field(
        default=None, description="Confirm: the attempt."
    )
    purpose: Literal["Explore", "Confirm", "Control"] = Field(
        default="Explore",
        description="Scored on validation, on test, or on validation after training on permuted labels.",
    )
    dataset: Dataset
    data_hash: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")] | None = Field(
        default=None, description="Content hash that the prepared data must have."
    )
    named_metric: MetricName | None = Field(
        default=None, alias="metric", description="If left out, the data's own."
    )
    also: Annotated[list[MetricName], Field(max_length=3)] = Field(
        default_factory=list, description="Further metrics whose scores the status is to hold."
    )
    latency: bool = Field(default=False, description="Measure how long each trained model takes for one row.")
    model: ModelSpec
    training: Training = Training()
    seeds: Annotated[list[Seed], Field(min_length=1, max_length=MAX_SEEDS)]
    threads: Annotated[int, Field(ge=1, le=64)] = 1
    device: Literal["auto", "cpu", "cuda"] = "auto"
    deadlines: Deadlines = Deadlines()
    resources: Resources = Resources()
    profile: Name = "default"
    image: Annotated[str, Field(max_length=512)] | None = None
    artifacts: ArtifactsSpec = ArtifactsSpec()
    hypothesis: Annotated[str, Field(max_length=1000)] = ""
    parent: Annotated[int, Field(ge=1, le=200)] | None = Field(
        default=None, description="Index it was changed from."
    )
    change: Annotated[str, Field(max_length=500)] = ""
    expected_effect: Annotated[str, Field(max_length=500)] = ""
    tokens: Count = Field(default=0, description="What its proposal cost.")
    approved: bool = True

    @property
    def metric(self) -> str:
        """The metric's name.

        Raises:
            ValueError: none is named, and the data's own is not filled in.
        """
        return required(self.named_metric)

    @field_validator("seeds")
    @classmethod
    def _distinct(cls, value: list[int]) -> list[int]:
        if len(set(value)) < len(value):
            raise ValueError("the same seed twice: each run needs a seed of its own")
        return value


RunPhase = Literal["Waiting", "Running", "Scored", "Failed", "Missing"]
RUN_ENDED = frozenset({"Scored", "Failed", "Missing"})


class RunStatus(Model):
    """One run: a seed's latest attempt and its outcome.

    `failures` counts infrastructure failures; `Missing` is a seed that kept failing for such reasons.
    """

    seed: Seed
    attempt: Count = 0
    phase: RunPhase = "Waiting"
    reason: Annotated[str, Field(max_length=64)] | None = None
    message: Annotated[str, Field(max_length=240)] | None = None
    failures: Count = 0
    retry_at: str | None = None
    score: float | None = None
    also: dict[str, float] = Field(
        default_factory=dict, description="Scores of the further metrics, and the latency."
    )
    item_variances: dict[str, float] = Field(
        default_factory=dict, description="On the test split: what one item brings to each metric's variance."
    )
    hardware: Annotated[str, Field(max_length=240)] | None = Field(
        default=None, description="On what the latency was measured, where it was."
    )
    diverged: bool = False
    parameters: Count | None = None
    assurance: Annotated[str, Field(max_length=32)] | None = None
    unsound: Annotated[str, Field(max_length=240)] | None = Field(
        default=None, description="What in its record contradicts itself or the data's card."
    )
    seconds: Seconds = 0.0
    spent_seconds: Seconds = Field(
        default=0.0, description="Running time of attempts that ended without a record."
    )

    @property
    def ended(self) -> bool:
        """Whether this run will change no more."""
        return self.phase in RUN_ENDED


class Aggregate(Model):
    """Over the scored runs: mean of all, the t interval, and how many diverged."""

    n: Count
    mean: float
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    diverged: Count = 0
    converged_mean: float | None = None
    converged_low: float | None = None
    converged_high: float | None = None
    in_short: InShort = None


class ExperimentStatus(Model):
    """What became of an experiment so far."""

    phase: Literal[
        "Pending", "Running", "Suspended", "Completed", "Dropped", "Failed", "Superseded", "Refused"
    ] = "Pending"
    observed_generation: int = 0
    message: Annotated[str, Field(max_length=1024)] | None = None
    metric: MetricName | None = Field(default=None, description="The data's own, where the spec names none.")
    conditions: Annotated[list[Condition], Field(max_length=8)] = Field(default_factory=list)
    runs: Annotated[list[RunStatus], Field(max_length=MAX_SEEDS)] = Field(default_factory=list)
    aggregate: Aggregate | None = None
    assurance: str | None = None


class Experiment(Model):
    """One configuration and its runs."""

    api_version: Literal["seedbed.dev/v1alpha1"] = "seedbed.dev/v1alpha1"
    kind: Literal["Experiment"] = "Experiment"
    metadata: Metadata
    spec: ExperimentSpec
    status: ExperimentStatus = ExperimentStatus()

    @property
    def metric(self) -> str | None:
        """What its runs are scored by; None while it names none and its data are not known."""
        return self.spec.named_metric or self.status.metric

    @property
    def metric_in_words(self) -> str:
        """The same for people."""
        return self.metric or "the data's own metric"
