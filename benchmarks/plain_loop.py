"""The loop that one would write by hand: what `benchmarks/evaluator.py` holds the evaluator against.

Batches are rows of tensors in memory, by index; one thread; the same rows, model, epochs, batch size and
optimizer as the evaluator's, and torch's own cosine schedule.
"""

import multiprocessing
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from seedbed import QuickEvalConfig
from seedbed_runner.data import Source, load
from seedbed_runner.models import build_model
from seedbed_runner.models.defaults import default_layers
from seedbed_runner.scaling import Scaling
from seedbed_runner.split import Division, divide

Wrapper = Callable[[torch.nn.Module], torch.nn.Module]


def as_it_is(model: torch.nn.Module) -> torch.nn.Module:
    """The model."""
    return model


def train_by_hand(asked: QuickEvalConfig, wrapped: Wrapper = as_it_is, workers: int = 1) -> list[float]:
    """Accuracy on the validation split of each seed; `wrapped` may look on at the model.

    With `workers` the seeds run in a pool of so many forks.
    """
    torch.set_num_threads(1)
    source = load(asked.data())
    divided = divide(source, asked.data()["split"])
    train = partial(_train, source, divided, asked, wrapped)
    if workers == 1:
        return [train(seed) for seed in range(asked.num_seeds)]
    _Forked.train = train
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        return pool.map(_in_a_fork, range(asked.num_seeds), chunksize=1)


class _Forked:
    """What the forks find."""

    train: Callable[[int], float]


def _in_a_fork(seed: int) -> float:
    return _Forked.train(seed)


def _train(source: Source, divided: Division, asked: QuickEvalConfig, wrapped: Wrapper, seed: int) -> float:
    device = torch.device("cpu" if asked.device == "auto" else asked.device)
    rows = np.arange(len(divided.labels["train"]))[: asked.subset_size]
    inputs = torch.from_numpy(divided.inputs["train"][rows]).to(device)
    labels = torch.from_numpy(divided.labels["train"][rows]).to(device)
    validation = torch.from_numpy(divided.inputs["validation"]).to(device)
    truth = torch.from_numpy(divided.labels["validation"]).to(device)
    layers = {"layers": default_layers(source.kind)}
    read = pixels(divided.scaling, device) if divided.scaling else lambda batch: batch
    torch.manual_seed(seed)
    model = wrapped(build_model(layers, inputs.shape[1:], source.classes, divided.vocabulary)).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=asked.learning_rate, weight_decay=asked.weight_decay)
    steps = -(-len(labels) // asked.batch_size) * asked.epochs
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(asked.epochs):
        model.train()
        for batch in torch.randperm(len(labels), device=device).split(asked.batch_size):
            loss = cross_entropy(model(read(inputs[batch])), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    model.eval()
    with torch.inference_mode():
        guessed = torch.cat([model(read(part)).argmax(1) for part in validation.split(512)])
    return (guessed == truth).float().mean().item()


def pixels(scaling: Scaling, device: torch.device) -> Callable[[torch.Tensor], torch.Tensor]:
    """Bytes to numbers of mean 0 and deviation 1 a channel."""
    mean, deviation = (
        torch.tensor(values, dtype=torch.float32, device=device).reshape(1, -1, 1, 1)
        for values in (scaling.mean, scaling.deviation)
    )
    return lambda batch: (batch.float() - mean) / deviation
