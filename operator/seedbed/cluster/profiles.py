"""What the cluster's admin decides about runs and stores; resources name them, never what is in them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from seedbed.api.common import Memory, Model, Name, memory_bytes


def _positive(quantity: str) -> str:
    if memory_bytes(quantity) < 2**20:
        raise ValueError(f"{quantity} is less than a mebibyte: write an amount such as 512Mi or 2Gi")
    return quantity


Text = Annotated[str, Field(max_length=253)]
Image = Annotated[str, Field(min_length=1, max_length=512)]
Amount = Annotated[Memory, AfterValidator(_positive)]
Cpu = Annotated[float, Field(gt=0, le=256)]


class Toleration(Model):
    """A taint that a profile's pods accept, as Kubernetes writes it."""

    key: Text = ""
    operator: Literal["Exists", "Equal"] = "Equal"
    value: Text = ""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    toleration_seconds: Annotated[int, Field(ge=0)] | None = None


class Storage(Model):
    """Sizes of a run's volumes on its node; a run that writes more is ended."""

    work: Amount = Field(default="256Mi", description="Log and records of the trusted steps.")
    data: Amount = Field(default="2Gi", description="Train split and unlabelled inputs.")
    out: Amount = Field(default="1Gi", description="What training writes: predictions and weights.")


class PrepareResources(Model):
    """What the preparation of a dataset gets; `storage` holds it before it is uploaded."""

    cpu: Cpu = 1.0
    memory: Amount = "2Gi"
    storage: Amount = "4Gi"


class RunProfile(Model):
    """How runs run: image, device, caps on what a resource may ask for, and where its pods may be.

    `earlier_images` may still be run by Experiments that were made with them: put the old image here when
    `image` changes while goals are under way.
    """

    image: Image
    earlier_images: Annotated[list[Image], Field(max_length=16)] = Field(default_factory=list)
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    image_pull_secrets: Annotated[list[Text], Field(max_length=8)] = Field(default_factory=list)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    allow_unsealed: bool = Field(
        default=False, description="Run models that are code on nodes that can't seal them in, too."
    )
    runtime_class_seals: bool = Field(
        default=False, description="The runtime class (gVisor, Kata) is the seal of models that are code."
    )
    max_cpu: Cpu = 8.0
    max_memory: Amount = "32Gi"
    max_gpus: Annotated[int, Field(ge=0, le=16)] = 1
    node_selector: dict[str, str] = Field(default_factory=dict)
    tolerations: Annotated[list[Toleration], Field(max_length=32)] = Field(default_factory=list)
    runtime_class: Text | None = None
    priority_class: Text | None = None
    queue: Name | None = Field(default=None, description="The Kueue LocalQueue of a goal's namespace.")
    storage: Storage = Storage()
    prepare: PrepareResources = PrepareResources()

    @model_validator(mode="after")
    def _names_what_seals(self) -> "RunProfile":
        if self.runtime_class_seals and not self.runtime_class:
            raise ValueError(
                "runtimeClassSeals is true, but there is no runtimeClass: name the one that seals"
            )
        return self


class StoreSettings(Model):
    """An S3 bucket; the operator's own keys are in its environment, those of runs in `secret`.

    `secret` is a Secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in every namespace with goals.
    """

    endpoint: Annotated[str, Field(pattern=r"^https?://[^/]+/?$", max_length=512)] | None = Field(
        default=None, description="None: AWS itself."
    )
    bucket: Annotated[str, Field(min_length=3, max_length=63)]
    prefix: Annotated[str, Field(pattern=r"^([^/]+(/[^/]+)*)?$", max_length=512)] = ""
    region: Annotated[str, Field(min_length=1, max_length=64)] = "us-east-1"
    secret: Text | None = "seedbed-s3"
