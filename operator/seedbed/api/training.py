"""`spec.model` and `spec.training` of an Experiment: what is trained, and how."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from seedbed.api.common import Model
from seedbed_runner.contract.augmentations import Augmentation
from seedbed_runner.contract.source import MAX_BYTES


class Torchvision(Model):
    """One of torchvision's classifiers by name, from random weights; its stem is fitted to the channels."""

    name: Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9_]+$")]


class ModelSpec(Model):
    """What is trained: exactly one of `layers`, `torchvision` and `source`."""

    layers: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=64)] | None = Field(
        default=None, description="A sequence of layers; input sizes are inferred from the data."
    )
    torchvision: Torchvision | None = None
    source: Annotated[str, Field(min_length=1, max_length=MAX_BYTES)] | None = Field(
        default=None,
        description="A Python module with build_model(input_shape, num_classes). It runs sealed in, or "
        "where unsealed code is allowed; without the seal no claim is made of it.",
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(way is not None for way in (self.layers, self.torchvision, self.source)) != 1:
            raise ValueError("give exactly one of `layers`, `torchvision` and `source`")
        return self


class Optimizer(Model):
    """The optimizer and its settings; `momentum` is for SGD only."""

    type: Literal["SGD", "Adam", "AdamW"] = "AdamW"
    lr: Annotated[float, Field(gt=0, le=10)] = 0.001
    weight_decay: Annotated[float, Field(ge=0, le=10)] = 0.0
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9


class Schedule(Model):
    """How the learning rate moves, by optimizer step: after a linear warm-up, constant, cosine or steps."""

    type: Literal["Constant", "Cosine", "OneCycle", "Step"] = "Cosine"
    warmup_epochs: Annotated[int, Field(ge=0, le=1000)] = 0
    step_epochs: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=10, description="Step: epochs between drops."
    )
    gamma: Annotated[float, Field(gt=0, le=1)] = Field(default=0.1, description="Step: factor of each drop.")


class EarlyStopping(Model):
    """Stop when a slice of the train split no longer improves; the best weights are restored.

    Off when the slice would have fewer than 200 items.
    """

    patience: Annotated[int, Field(ge=1, le=1000)] = 5
    fraction: Annotated[float, Field(gt=0, le=0.5)] = 0.2
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


class Training(Model):
    """How the model is trained; the loss is cross-entropy, or squared error for a regression."""

    optimizer: Optimizer = Optimizer()
    schedule: Schedule = Schedule()
    epochs: Annotated[int, Field(ge=1, le=10_000)] = 20
    batch_size: Annotated[int, Field(ge=1, le=65_536)] = 64
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    class_weights: Literal["Balanced"] | None = Field(
        default=None, description="Balanced: each class counts alike in the loss, however rare it is."
    )
    augment: Annotated[list[Augmentation], Field(min_length=1, max_length=4)] | None = Field(
        default=None,
        description="What is done to each training batch of images, in this order: Flip (mirrored), Crop "
        "(moved), Cutout (a hole), Jitter (another light).",
    )
    clip_norm: Annotated[float, Field(gt=0, le=1e6)] | None = Field(
        default=None, description="Clip gradients to this norm."
    )
    early_stopping: EarlyStopping | None = None
    precision: Literal["float32", "bfloat16", "float16"] = Field(
        default="float32", description="float16 needs CUDA; bfloat16 runs under autocast."
    )
