"""`quick_evaluate_once`: one configuration, a number of seeds fixed beforehand, in the caller's own process.

The same data split, loop and metrics as the runs of a goal, without folders and processes around them: for
notebooks, scripts and `quick-evaluator`. Nothing is sealed and nothing is searched, so what it says of a
target is one fixed-n test, never a claim after a search.
"""

import math
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from seedbed_runner import metrics
from seedbed_runner.atonce import at_once, can_fork, cores
from seedbed_runner.augmentations import AUGMENTATIONS, named
from seedbed_runner.batches import in_own_unit, reader, scaled_values
from seedbed_runner.child import choose_device
from seedbed_runner.contract.metrics import DEFAULT_METRIC, METRICS, Metric, commonest_mistakes
from seedbed_runner.contract.records import ClassScores
from seedbed_runner.costs import Costs, costs
from seedbed_runner.data import Inputs, Labels, Source, load
from seedbed_runner.errors import BadInput, ModelFailure, RunnerError
from seedbed_runner.fingerprint import fingerprint
from seedbed_runner.fixed_test import Summary, lower_bound, summarise
from seedbed_runner.loop import predict, train_model
from seedbed_runner.models.defaults import default_layers
from seedbed_runner.randomness import deterministic, fresh_model, streams
from seedbed_runner.reinitialise import ModelOrFactory, model_builder
from seedbed_runner.split import Division, divide

__all__ = ["QuickEvalConfig", "QuickEvalResult", "RunnerError", "SeedResult", "quick_evaluate_once"]

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
        aggregated: a `Summary` (mean, std, ci_95, n, values) of every metric, such as `val_accuracy`.
        metric: the one that the target is about.
        goal_achieved: whether the one-sided 95 % bound of the metric's mean, over this fixed number of seeds,
            reaches the target; None without a target or with a single seed.
        statement: that in words.
        lower_bound: the bound; for a metric that is to be small, the upper one.
        seeds: every seed by itself.
        parameters: trainable ones.
        validation_items: how many rows were scored.
        costs: of the first seed's model, if `measure_costs`: arithmetic, latency, throughput.
        peak_memory_bytes: the largest resident size, of this process or of one that it forked.
        workers: how many seeds ran at once.
        seconds: of the whole evaluation.
        fingerprint: what the bits depend on.
        by_class: how well each class is told from the others, over the rows of all seeds together; of the 50
            with the least F1 where there are more. Empty for a regression, as the next.
        mistakes: (true class, predicted class, rows) of the ten commonest, over all seeds.
        class_names: one a class, or none.
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
    metric: str = "accuracy"
    costs: Costs | None = None
    peak_memory_bytes: int = 0
    workers: int = 1
    by_class: tuple[ClassScores, ...] = ()
    mistakes: tuple[tuple[int, int, int], ...] = ()
    class_names: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class _Data:
    """Train rows and validation rows, ready for training, and what is known of them."""

    source: Source
    divided: Division
    metric: str
    by_chance: dict[str, float]
    inputs: torch.Tensor
    labels: torch.Tensor

    @property
    def validation_inputs(self) -> Inputs:
        return self.divided.inputs["validation"]

    @property
    def validation_labels(self) -> Labels:
        return self.divided.labels["validation"]


@dataclass(frozen=True)
class _Seed:
    """What a seed's process tells."""

    result: SeedResult
    parameters: int
    costs: Costs | None = None
    predicted: NDArray[np.int64] | None = None  # classes (validation rows); None for a regression


def quick_evaluate_once(
    model_or_factory: ModelOrFactory | None = None,
    config: QuickEvalConfig | None = None,
    progress: Callable[[SeedResult], None] = lambda result: None,
) -> QuickEvalResult:
    """Train one configuration with several seeds and say how good it is on the validation split.

    Seeds run at once over the cores, in forks of the caller's process, or one after the other on a GPU: code
    in the model can do what the caller can, and the result is as trustworthy as that code. torch's random
    state and settings are as before afterwards.

    Args:
        model_or_factory: see `reinitialise.model_builder`; None takes that of `models.defaults`. A module
            instance is a pattern: each seed trains a copy with every layer initialised anew by its own
            `reset_parameters` (an initialisation of your own in `__init__` is lost: give a function to keep
            it), and the instance itself is left alone.
        config: what to evaluate on, and how.
        progress: called after each seed, in their order.

    Returns:
        `aggregated["val_accuracy"]` with mean, std, ci_95, n and the value of each seed; `goal_achieved`.

    Raises:
        BadInput: an unknown dataset, a metric that does not apply to it, or a model that can't be built anew
            for each seed.
        ModelFailure: every seed failed.
    """
    config, started = config or QuickEvalConfig(), time.monotonic()
    data, device = _load(config), choose_device(config.device)
    model = {"layers": default_layers(data.source.kind)} if model_or_factory is None else model_or_factory
    shape = data.validation_inputs.shape[1:]
    build = model_builder(model, shape, data.source.classes, data.divided.vocabulary)
    workers = _workers(config, device)
    seeds = range(config.first_seed, config.first_seed + config.num_seeds)
    told: list[_Seed] = []
    with deterministic(config.threads):
        if workers > 1:  # a model that does not fit is told once, and built anew by every fork
            _check_output(fresh_model(build, streams(config.first_seed)), data, device)
        for seed in at_once(partial(_evaluate_seed, build, data, config, device), seeds, workers):
            told.append(seed)
            progress(seed.result)
    if all(seed.result.failure for seed in told):
        raise ModelFailure("Crash", f"every seed failed: {told[0].result.failure}")
    return _conclude(told, data, config, workers, time.monotonic() - started)


def _workers(config: QuickEvalConfig, device: torch.device) -> int:
    if device.type != "cpu" or not can_fork():
        return 1
    return min(config.num_seeds, config.workers or max(1, cores() // config.threads))


def _load(config: QuickEvalConfig) -> _Data:
    source = load(config.data())
    divided = divide(source, config.data()["split"])
    labels = divided.labels["train"]
    rows: Any = slice(None)
    if config.subset_size is not None and config.subset_size < len(labels):
        order = np.random.default_rng(config.data()["split"]["seed"]).permutation(len(labels))
        rows = np.sort(order[: config.subset_size])
    return _Data(
        source,
        divided,
        _metric(config, source, divided),
        metrics.chance(divided.labels["validation"]),
        torch.from_numpy(divided.inputs["train"][rows]),
        scaled_values(torch.from_numpy(labels[rows]), divided.target),
    )


def _metric(config: QuickEvalConfig, source: Source, divided: Division) -> str:
    """The metric that a target is about.

    Raises:
        BadInput: these data have no value of it.
    """
    own = "accuracy" if config.target_accuracy is not None else source.metric
    name = config.metric or own or DEFAULT_METRIC[source.task]
    if METRICS[name].task != source.task:
        others = ", ".join(other for other, metric in METRICS.items() if metric.task == source.task)
        raise BadInput(f"{name} is a metric of {METRICS[name].task}, these data are for one of: {others}")
    refused = metrics.refusals({"validation": divided.labels["validation"]}, source.classes)
    if name in refused:
        raise BadInput(refused[name])
    return name


def _evaluate_seed(
    build: Callable[[], torch.nn.Module],
    data: _Data,
    config: QuickEvalConfig,
    device: torch.device,
    seed: int,
) -> _Seed:
    drawn, training, read = streams(seed), config.training(), reader(data.divided.scaling, device)
    torch.set_num_threads(config.threads)
    model = fresh_model(build, drawn)
    parameters = sum(weights.numel() for weights in model.parameters() if weights.requires_grad)
    started = time.monotonic()
    try:
        _check_output(model, data, device)
        augment = named(config.augment, data.validation_inputs.shape[1:])
        train_model(model, data.inputs, data.labels, training, drawn, device, augment=augment, read=read)
        predicted = predict(model, data.validation_inputs, device, training["precision"], read)
        if not torch.isfinite(predicted).all():
            raise ModelFailure("NonFinite", "predicted values are not finite")
    except ModelFailure as error:
        seconds = time.monotonic() - started
        return _Seed(SeedResult(seed, train_seconds=seconds, failure=str(error)), parameters)
    values = metrics.compute(data.validation_labels, in_own_unit(predicted, data.divided.target).numpy())
    diverged = metrics.diverged(values, data.metric, data.by_chance)
    result = SeedResult(seed, values, time.monotonic() - started, diverged)
    classes = predicted.argmax(dim=1).numpy() if data.source.task == "classification" else None
    if seed != config.first_seed or not config.measure_costs:
        return _Seed(result, parameters, predicted=classes)
    return _Seed(result, parameters, costs(model, data.validation_inputs, device, read), classes)


def _check_output(model: torch.nn.Module, data: _Data, device: torch.device) -> None:
    """Run two rows through a new model, so that a wrong size is a sentence and not torch's own words.

    Raises:
        BadInput: the model does not take such rows, or does not give one number a class.
    """
    rows, read = data.validation_inputs[:2], reader(data.divided.scaling, device)
    try:
        given = tuple(predict(model.to(device), rows, device, "float32", read).shape)
    except RuntimeError as error:
        shape = "×".join(map(str, rows.shape[1:]))
        said = str(error).splitlines()[0]
        raise BadInput(f"the model does not take rows of shape {shape}: {said}") from error
    if given != (len(rows), data.source.classes):
        regression = data.source.task == "regression"
        due = "one value a row was" if regression else f"{data.source.classes} classes were"
        raise BadInput(f"the model gives {given} for {len(rows)} rows, but {due} due")


def _conclude(
    told: list[_Seed], data: _Data, config: QuickEvalConfig, workers: int, seconds: float
) -> QuickEvalResult:
    results = [seed.result for seed in told]
    scored = [result for result in results if not result.failure]
    aggregated = {
        f"val_{name}": summarise([result.metrics[name] for result in scored]) for name in scored[0].metrics
    }
    items, metric = len(data.validation_labels), METRICS[data.metric]
    sign = 1 if metric.direction == "Maximize" else -1
    values = [sign * value for value in aggregated[f"val_{metric.name}"]["values"]]
    turned = lower_bound(values, metric.resolution(items))
    bound = None if turned is None else sign * turned
    achieved = None
    if config.wanted is not None and (bound is not None or len(scored) < len(results)):
        reached = bound is not None and metric.reaches(bound, config.wanted)
        achieved = len(scored) == len(results) and reached
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
    peaks = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return QuickEvalResult(
        aggregated=aggregated,
        goal_achieved=achieved,
        statement=_statement(config, metric, results, bound, achieved),
        lower_bound=bound,
        seeds=tuple(results),
        parameters=told[-1].parameters,
        validation_items=items,
        seconds=seconds,
        config=config,
        fingerprint=fingerprint(config.threads, config.device),
        metric=metric.name,
        costs=told[0].costs,
        peak_memory_bytes=max(peaks) * unit,
        workers=workers,
        **_told_apart(told, data),
    )


def _told_apart(told: list[_Seed], data: _Data) -> dict[str, Any]:
    """How well the classes are told apart, over the rows of all seeds together."""
    predicted = [seed.predicted for seed in told if seed.predicted is not None]
    if not predicted:
        return {}
    labels = np.tile(data.validation_labels.astype(np.int64), len(predicted))
    taken = np.concatenate(predicted)
    counts = metrics.confusion(labels, taken, data.source.classes)
    return {
        "by_class": tuple(metrics.by_class(labels, taken, data.source.classes)),
        "mistakes": tuple(commonest_mistakes(counts)),
        "class_names": tuple(data.source.class_names),
    }


def _statement(
    config: QuickEvalConfig,
    metric: Metric,
    results: list[SeedResult],
    bound: float | None,
    achieved: bool | None,
) -> str:
    """What the test says, in a sentence that can't be mistaken for a claim after a search."""
    target, failed = config.wanted, [result.seed for result in results if result.failure]
    if target is None:
        return "no target was given, so nothing is tested"
    if failed:
        return f"not achieved: seed {failed[0]} failed ({len(failed)} of {len(results)} seeds did)"
    if bound is None:
        return "one seed can't tell a mean: run at least 2, better 5"
    verb = "reaches" if achieved else "does not reach"
    side = "lower" if metric.direction == "Maximize" else "upper"
    return (
        f"one test with {len(results)} seeds fixed beforehand: the 95 % {side} bound of the mean validation "
        f"{metric.name.replace('_', ' ')}, {bound:.4f}, {verb} {target:g}; not a claim after a search"
    )
