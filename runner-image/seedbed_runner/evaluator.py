"""`quick_evaluate_once`: one configuration, a number of seeds fixed beforehand, in the caller's own process.

The same data split, loop and metrics as the runs of a goal, without folders and processes around them: for
notebooks, scripts and `quick-evaluator`. Nothing is sealed and nothing is searched, so what it says of a
target is one fixed-n test, never a claim after a search.
"""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import torch

from seedbed_runner import metrics
from seedbed_runner.child import choose_device
from seedbed_runner.contract.metrics import METRICS
from seedbed_runner.data import Floats, Ints, Source, load
from seedbed_runner.errors import BadInput, ModelFailure, RunnerError
from seedbed_runner.fingerprint import fingerprint
from seedbed_runner.fixed_test import Summary, lower_bound, summarise
from seedbed_runner.loop import predict, train_model
from seedbed_runner.models.defaults import default_layers
from seedbed_runner.randomness import deterministic, fresh_model, streams
from seedbed_runner.reinitialise import ModelOrFactory, model_builder
from seedbed_runner.split import divide

__all__ = ["QuickEvalConfig", "QuickEvalResult", "RunnerError", "SeedResult", "quick_evaluate_once"]

_OPTIMIZERS, _SCHEDULES = ("SGD", "Adam", "AdamW"), ("Constant", "Cosine", "OneCycle")
_DEVICES = ("auto", "cpu", "cuda")


@dataclass(frozen=True)
class QuickEvalConfig:
    """What to evaluate on, how to train, and what to compare with.

    Attributes:
        dataset_name: digits, iris, wine, breast_cancer or synthetic.
        num_seeds: how many seeds, fixed beforehand: `first_seed`, `first_seed` + 1, …
        target_accuracy: what `goal_achieved` is about; None: no target.
        subset_size: train on at most so many rows, the same ones for every seed; None: on all.
        epochs, batch_size, optimizer, learning_rate, weight_decay, schedule, label_smoothing: how to train.
        first_seed: of the first run.
        threads: of each run; another number gives other bits.
        device: `auto` takes CUDA where there is one.
        dataset: further fields of a manifest's `spec.dataset` (`split`, `synthetic`).
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
    first_seed: int = 0
    threads: int = 1
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
            "first_seed": 0,
            "subset_size": 2,
        }
        for name, minimum in least.items():
            value = getattr(self, name)
            if name == "subset_size" and value is None:
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

    def training(self) -> dict[str, Any]:
        """As the training loop reads it."""
        return {
            "epochs": self.epochs,
            "batchSize": self.batch_size,
            "labelSmoothing": self.label_smoothing,
            "precision": "float32",
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
        return {**self.dataset, "name": self.dataset_name, "split": split}


@dataclass(frozen=True)
class SeedResult:
    """One seed: every metric on the validation split, or why there is none."""

    seed: int
    metrics: dict[str, float] = field(default_factory=dict)
    train_seconds: float = 0.0
    diverged: bool = False
    failure: str | None = None


@dataclass(frozen=True)
class QuickEvalResult:
    """What the seeds say.

    Attributes:
        aggregated: a `Summary` (mean, std, ci_95, n, values) of `val_accuracy`, `val_balanced_accuracy` and
            `val_f1_macro`.
        goal_achieved: whether the one-sided 95 % lower bound of the mean accuracy, over this fixed number of
            seeds, reaches the target; None without a target or with a single seed.
        statement: that in words.
        lower_bound: the bound.
        seeds: every seed by itself.
        parameters: trainable ones.
        validation_items: how many rows were scored.
        seconds: of the whole evaluation.
        fingerprint: what the bits depend on.
    """

    aggregated: dict[str, Summary]
    goal_achieved: bool | None
    statement: str
    lower_bound: float | None
    seeds: tuple[SeedResult, ...]
    parameters: int
    validation_items: int
    seconds: float
    config: QuickEvalConfig
    fingerprint: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class _Data:
    """Train rows and validation rows, ready for training."""

    source: Source
    inputs: torch.Tensor
    labels: torch.Tensor
    validation_inputs: Floats
    validation_labels: Ints


def quick_evaluate_once(
    model_or_factory: ModelOrFactory | None = None,
    config: QuickEvalConfig | None = None,
    progress: Callable[[SeedResult], None] = lambda result: None,
) -> QuickEvalResult:
    """Train one configuration with several seeds and say how good it is on the validation split.

    It runs in the caller's process, one seed after the other: code in the model can do what the caller can,
    and the result is as trustworthy as that code. torch's random state and settings are as before afterwards.

    Args:
        model_or_factory: see `reinitialise.model_builder`; None takes that of `models.defaults`. A module
            instance is a pattern: each seed trains a copy with every layer initialised anew by its own
            `reset_parameters` (an initialisation of your own in `__init__` is lost: give a function to keep
            it), and the instance itself is left alone.
        config: what to evaluate on, and how.
        progress: called after each seed.

    Returns:
        `aggregated["val_accuracy"]` with mean, std, ci_95, n and the value of each seed; `goal_achieved`.

    Raises:
        BadInput: an unknown dataset, or a model that can't be built anew for each seed.
        ModelFailure: every seed failed.
    """
    config, started = config or QuickEvalConfig(), time.monotonic()
    data, device = _load(config), choose_device(config.device)
    model = {"layers": default_layers(data.source.kind)} if model_or_factory is None else model_or_factory
    build = model_builder(model, data.validation_inputs.shape[1:], data.source.classes)
    results, parameters = [], 0
    with deterministic(config.threads):
        for seed in range(config.first_seed, config.first_seed + config.num_seeds):
            result, parameters = _evaluate_seed(build, data, config, seed, device)
            results.append(result)
            progress(result)
    if all(result.failure for result in results):
        raise ModelFailure("Crash", f"every seed failed: {results[0].failure}")
    return _conclude(results, parameters, data, config, time.monotonic() - started)


def _load(config: QuickEvalConfig) -> _Data:
    source = load(config.data())
    divided = divide(source, config.data()["split"])
    inputs, labels = divided.inputs, divided.labels
    rows = slice(None)
    if config.subset_size is not None and config.subset_size < len(labels["train"]):
        order = np.random.default_rng(config.data()["split"]["seed"]).permutation(len(labels["train"]))
        rows = np.sort(order[: config.subset_size])  # type: ignore[assignment]
    return _Data(
        source,
        torch.from_numpy(inputs["train"][rows]),
        torch.from_numpy(labels["train"][rows]),
        inputs["validation"],
        labels["validation"],
    )


def _evaluate_seed(
    build: Callable[[], torch.nn.Module],
    data: _Data,
    config: QuickEvalConfig,
    seed: int,
    device: torch.device,
) -> tuple[SeedResult, int]:
    drawn, training = streams(seed), config.training()
    model = fresh_model(build, drawn)
    parameters = sum(weights.numel() for weights in model.parameters() if weights.requires_grad)
    started = time.monotonic()
    try:
        _check_output(model, data, device)
        train_model(model, data.inputs, data.labels, training, drawn, device)
        logits = predict(model, data.validation_inputs, device, training["precision"])
        if not torch.isfinite(logits).all():
            raise ModelFailure("NonFinite", "predicted values are not finite")
    except ModelFailure as error:
        return SeedResult(seed, train_seconds=time.monotonic() - started, failure=str(error)), parameters
    values = metrics.compute(data.validation_labels, logits.numpy())
    chance = metrics.chance(data.validation_labels)["accuracy"]
    seconds = time.monotonic() - started
    return SeedResult(
        seed, values, seconds, diverged=METRICS["accuracy"].diverged(values["accuracy"], chance)
    ), parameters


def _check_output(model: torch.nn.Module, data: _Data, device: torch.device) -> None:
    """Run two rows through a new model, so that a wrong size is a sentence and not torch's own words.

    Raises:
        BadInput: the model does not take such rows, or does not give one number a class.
    """
    rows = data.validation_inputs[:2]
    try:
        given = tuple(predict(model.to(device), rows, device, "float32").shape)
    except RuntimeError as error:
        shape = "×".join(map(str, rows.shape[1:]))
        said = str(error).splitlines()[0]
        raise BadInput(f"the model does not take rows of shape {shape}: {said}") from error
    if given != (len(rows), data.source.classes):
        raise BadInput(
            f"the model gives {given} for {len(rows)} rows, but {data.source.classes} classes were due"
        )


def _conclude(
    results: list[SeedResult], parameters: int, data: _Data, config: QuickEvalConfig, seconds: float
) -> QuickEvalResult:
    scored = [result for result in results if not result.failure]
    aggregated = {
        f"val_{name}": summarise([result.metrics[name] for result in scored]) for name in scored[0].metrics
    }
    items = len(data.validation_labels)
    bound = lower_bound(aggregated["val_accuracy"]["values"], METRICS["accuracy"].resolution(items))
    achieved = None
    if config.target_accuracy is not None and (bound is not None or len(scored) < len(results)):
        achieved = len(scored) == len(results) and bound is not None and bound >= config.target_accuracy
    return QuickEvalResult(
        aggregated=aggregated,
        goal_achieved=achieved,
        statement=_statement(config, results, bound, achieved),
        lower_bound=bound,
        seeds=tuple(results),
        parameters=parameters,
        validation_items=items,
        seconds=seconds,
        config=config,
        fingerprint=fingerprint(config.threads, config.device),
    )


def _statement(
    config: QuickEvalConfig, results: list[SeedResult], bound: float | None, achieved: bool | None
) -> str:
    """What the test says, in a sentence that can't be mistaken for a claim after a search."""
    target, failed = config.target_accuracy, [result.seed for result in results if result.failure]
    if target is None:
        return "no target was given, so nothing is tested"
    if failed:
        return f"not achieved: seed {failed[0]} failed ({len(failed)} of {len(results)} seeds did)"
    if bound is None:
        return "one seed can't tell a mean: run at least 2, better 5"
    verb = "reaches" if achieved else "does not reach"
    return (
        f"one test with {len(results)} seeds fixed beforehand: the 95 % lower bound of the mean validation "
        f"accuracy, {bound:.4f}, {verb} {target:g}; not a claim after a search"
    )
