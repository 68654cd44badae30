"""Makes, trains and asks the models of an evaluation: the half with torch. `once` is its only caller."""

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from seedbed_runner.augmentations import named
from seedbed_runner.batches import in_own_unit, reader, scaled_values
from seedbed_runner.child import choose_device
from seedbed_runner.costs import Costs, costs
from seedbed_runner.errors import BadInput, ModelFailure
from seedbed_runner.fingerprint import fingerprint
from seedbed_runner.loop import predict, train_model
from seedbed_runner.models.defaults import default_layers
from seedbed_runner.quick.atonce import at_once, can_fork, cores
from seedbed_runner.quick.config import QuickEvalConfig
from seedbed_runner.quick.halves import Judging, Rows
from seedbed_runner.quick.result import QuickEvalResult, SeedResult
from seedbed_runner.randomness import deterministic, fresh_model, streams
from seedbed_runner.reinitialise import ModelOrFactory, model_builder


@dataclass(frozen=True)
class _Seed:
    """What a seed's process tells; `predicted` as `Judging.score` takes it, None where it failed."""

    seed: int
    seconds: float
    parameters: int
    predicted: NDArray[np.float32] | None = None
    failure: str | None = None
    costs: Costs | None = None


def evaluate(
    judge: Judging,
    model_or_factory: ModelOrFactory | None,
    config: QuickEvalConfig,
    progress: Callable[[SeedResult], None],
) -> QuickEvalResult:
    """As `quick_evaluate_once`, which see."""
    started, device = time.monotonic(), choose_device(config.device)
    rows = judge.rows()
    model = {"layers": default_layers(rows.kind)} if model_or_factory is None else model_or_factory
    build = model_builder(model, rows.validation.shape[1:], rows.classes, rows.vocabulary)
    workers = _workers(config, device)
    seeds = range(config.first_seed, config.first_seed + config.num_seeds)
    told: list[_Seed] = []
    results: list[SeedResult] = []
    with deterministic(config.threads):
        if workers > 1:  # a model that does not fit is told once, and built anew by every fork
            _check_output(fresh_model(build, streams(config.first_seed)), rows, device)
        for seed in at_once(partial(_train_seed, build, rows, config, device), seeds, workers):
            told.append(seed)
            results.append(_scored(seed, judge))
            progress(results[-1])
    if all(result.failure for result in results):
        raise ModelFailure("Crash", f"every seed failed: {results[0].failure}")
    return QuickEvalResult(
        **judge.conclude(results),
        seeds=tuple(results),
        parameters=told[-1].parameters,
        costs=told[0].costs,
        config=config,
        fingerprint=fingerprint(config.threads, config.device),
        peak_memory_bytes=_peak_memory(),
        workers=workers,
        seconds=time.monotonic() - started,
    )


def _workers(config: QuickEvalConfig, device: torch.device) -> int:
    if device.type != "cpu" or not can_fork():
        return 1
    return min(config.num_seeds, config.workers or max(1, cores() // config.threads))


def _scored(seed: _Seed, judge: Judging) -> SeedResult:
    if seed.predicted is None:
        return SeedResult(seed.seed, train_seconds=seed.seconds, failure=seed.failure)
    return judge.score(seed.seed, seed.predicted, seed.seconds)


def _train_seed(
    build: Callable[[], torch.nn.Module],
    rows: Rows,
    config: QuickEvalConfig,
    device: torch.device,
    seed: int,
) -> _Seed:
    drawn, training, read = streams(seed), config.training(), reader(rows.scaling, device)
    torch.set_num_threads(config.threads)
    model = fresh_model(build, drawn)
    parameters = sum(weights.numel() for weights in model.parameters() if weights.requires_grad)
    inputs, labels = torch.from_numpy(rows.inputs), scaled_values(torch.from_numpy(rows.labels), rows.target)
    started = time.monotonic()
    try:
        _check_output(model, rows, device)
        augment = named(config.augment, rows.validation.shape[1:])
        train_model(model, inputs, labels, training, drawn, device, augment=augment, read=read)
        predicted = predict(model, rows.validation, device, training["precision"], read)
        if not torch.isfinite(predicted).all():
            raise ModelFailure("NonFinite", "predicted values are not finite")
    except ModelFailure as error:
        return _Seed(seed, time.monotonic() - started, parameters, failure=str(error))
    seconds, own = time.monotonic() - started, in_own_unit(predicted, rows.target).numpy()
    if seed != config.first_seed or not config.measure_costs:
        return _Seed(seed, seconds, parameters, own)
    return _Seed(seed, seconds, parameters, own, costs=costs(model, rows.validation, device, read))


def _check_output(model: torch.nn.Module, data: Rows, device: torch.device) -> None:
    """Run two rows through a new model, so that a wrong size is a sentence and not torch's own words.

    Raises:
        BadInput: the model does not take such rows, or does not give one number a class.
    """
    rows, read = data.validation[:2], reader(data.scaling, device)
    try:
        given = tuple(predict(model.to(device), rows, device, "float32", read).shape)
    except RuntimeError as error:
        shape = "×".join(map(str, rows.shape[1:]))
        said = str(error).splitlines()[0]
        raise BadInput(f"the model does not take rows of shape {shape}: {said}") from error
    if given != (len(rows), data.classes):
        regression = data.labels.dtype.kind == "f"
        due = "one value a row was" if regression else f"{data.classes} classes were"
        raise BadInput(f"the model gives {given} for {len(rows)} rows, but {due} due")


def _peak_memory() -> int:
    """Bytes: the largest resident size of this process, or of one that it forked."""
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
    peaks = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(peaks) * unit
