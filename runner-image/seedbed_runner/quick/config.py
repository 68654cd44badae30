"""What `quick_evaluate_once` is asked: checked when it is made, and read without torch."""

import math
from dataclasses import dataclass, field
from typing import Any, Literal

from seedbed_runner.contract.augmentations import AUGMENTATIONS
from seedbed_runner.contract.metrics import METRICS
from seedbed_runner.errors import BadInput

_OPTIMIZERS, _SCHEDULES = ("SGD", "Adam", "AdamW"), ("Constant", "Cosine", "OneCycle")
_DEVICES = ("auto", "cpu", "cuda")
_SYNTHETIC = {
    "kind": "tabular", "samples": 2000, "classes": 2, "features": 16, "size": 8, "bayesAccuracy": 0.95,
    "seed": 0,
}  # fmt: skip


@dataclass(frozen=True)
class QuickEvalConfig:
    """What to evaluate on, how to train, and what to compare with.

    Attributes:
        dataset_name: as `spec.dataset.name`: digits, synthetic, cifar10, table:NAME, …
        num_seeds: how many seeds, fixed beforehand: `first_seed`, `first_seed` + 1, …
        target_accuracy: what `goal_achieved` is about; None: no target, or `target`.
        metric: what a target is about and what is shown first; None: the dataset's own, else accuracy, or R²
            for a regression.
        target: of `metric`, for others than accuracy.
        subset_size: train on at most so many rows, the same ones for every seed; None: on all.
        epochs, batch_size, optimizer, learning_rate, weight_decay, schedule, label_smoothing: how to train.
        augment: changes of each batch of images, as `spec.training.augment` names them.
        class_weights: `Balanced`: each class counts alike in the loss.
        first_seed: of the first run.
        threads: of each run; another number gives other bits.
        workers: how many seeds at once, a process each, on a CPU; None: as many as there are cores.
        device: `auto` takes CUDA where there is one.
        measure_costs: measure what the first seed's model costs to use, which takes a second.
        dataset: further fields of a manifest's `spec.dataset` (`split`, `synthetic`, `target`, …).
    """

    dataset_name: str = "digits"
    num_seeds: int = 5
    target_accuracy: float | None = None
    subset_size: int | None = None
    epochs: int = 20
    batch_size: int = 64
    optimizer: Literal["SGD", "Adam", "AdamW"] = "AdamW"
    learning_rate: float = 0.003
    weight_decay: float = 0.01
    schedule: Literal["Constant", "Cosine", "OneCycle"] = "Cosine"
    label_smoothing: float = 0.0
    metric: str | None = None
    target: float | None = None
    augment: tuple[str, ...] = ()
    class_weights: Literal["Balanced"] | None = None
    first_seed: int = 0
    threads: int = 1
    workers: int | None = None
    measure_costs: bool = False
    device: Literal["auto", "cpu", "cuda"] = "auto"
    dataset: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what can't be run.

        Raises:
            BadInput: a value is out of its range.
        """
        least = {
            "num_seeds": 1,
            "epochs": 1,
            "batch_size": 1,
            "threads": 1,
            "workers": 1,
            "first_seed": 0,
            "subset_size": 2,
        }
        for name, minimum in least.items():
            value = getattr(self, name)
            if name in ("subset_size", "workers") and value is None:
                continue
            if type(value) is not int or value < minimum:
                raise BadInput(f"`{name}` is {value!r} but must be a whole number, at least {minimum}")
        if not 0 < self.learning_rate < math.inf:
            raise BadInput(f"`learning_rate` is {self.learning_rate} but must be above 0")
        for name, kinds in (("optimizer", _OPTIMIZERS), ("schedule", _SCHEDULES), ("device", _DEVICES)):
            if getattr(self, name) not in kinds:
                raise BadInput(f"`{name}` is {getattr(self, name)!r} but must be {' or '.join(kinds)}")
        target = self.target_accuracy
        if target is not None and not 0 <= target < 1:
            hint = f"; did you mean {target / 100:g}?" if 1 < target <= 100 else ""
            raise BadInput(f"`target_accuracy` is {target:g} but must be in [0, 1){hint}")
        if self.metric is not None and self.metric not in METRICS:
            raise BadInput(f"{self.metric!r} is no metric; there are: {', '.join(METRICS)}")
        if target is not None and (self.target is not None or self.metric not in (None, "accuracy")):
            raise BadInput("`target_accuracy` is for accuracy alone: give `target` for another metric")
        for name in self.augment:
            if name not in AUGMENTATIONS:
                raise BadInput(f"`augment` names {name!r}; there are: {', '.join(AUGMENTATIONS)}")

    @property
    def wanted(self) -> float | None:
        """The target, whatever its metric."""
        return self.target if self.target_accuracy is None else self.target_accuracy

    def training(self) -> dict[str, Any]:
        """As the training loop reads it."""
        return {
            "epochs": self.epochs,
            "batchSize": self.batch_size,
            "labelSmoothing": self.label_smoothing,
            "precision": "float32",
            "classWeights": self.class_weights,
            "optimizer": {
                "type": self.optimizer,
                "lr": self.learning_rate,
                "weightDecay": self.weight_decay,
                "momentum": 0.9,
            },
            "schedule": {"type": self.schedule, "warmupEpochs": 0, "stepEpochs": 10, "gamma": 0.1},
        }

    def data(self) -> dict[str, Any]:
        """As `data.load` reads it."""
        split = {"seed": 0, "test": 0.2, "validation": 0.2, "stratify": True} | self.dataset.get("split", {})
        found = {**self.dataset, "name": self.dataset_name, "split": split}
        if self.dataset_name == "synthetic":
            found["synthetic"] = _SYNTHETIC | self.dataset.get("synthetic", {})
        return found
